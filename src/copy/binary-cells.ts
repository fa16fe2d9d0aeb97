import type { Column } from '../columnar/column.ts';
import { ColumnBuilder } from '../columnar/column-builder.ts';
import { SqlError } from '../errors/sql-error.ts';
import { applyTypmod } from '../types/coerce-length.ts';
import type { SqlType, TypeContext } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import { type CellBlock, NULL_CELL } from './cell-block.ts';
import type { CellFailures } from './cell-failures.ts';
import type { CellReader } from './cell-reader.ts';

const TWO_POW_32 = 4294967296;

/** How many bytes a number of these types has. */
const NUMBER_BYTES: Readonly<Record<string, number>> = {
  int2: 2,
  int4: 4,
  int8: 8,
  float8: 8,
  timestamp: 8,
  timestamptz: 8,
};

/** The binary form of a type. */
export class BinaryCells implements CellReader {
  readonly #type: SqlType;
  readonly #context: TypeContext;
  readonly #numberBytes: number;

  constructor(type: SqlType, context: TypeContext) {
    this.#type = type;
    this.#context = context;
    const { name } = type.definition;
    this.#numberBytes = type.typmod < 0 && Object.hasOwn(NUMBER_BYTES, name) ? NUMBER_BYTES[name] : 0;
  }

  read(block: CellBlock, column: number, failures: CellFailures): Column {
    return (
      (this.#numberBytes > 0 ? this.#readNumbers(block, column, failures) : undefined) ??
      this.#readAny(block, column, failures)
    );
  }

  /** undefined: some cell is no plain number. */
  #readNumbers(block: CellBlock, column: number, failures: CellFailures): Column | undefined {
    const { width, starts, ends, view, rowCount } = block;
    const size = this.#numberBytes;
    const isDouble = this.#type.definition.name === 'float8';
    const values = new Float64Array(rowCount);
    let validity: Uint8Array | undefined;
    for (let row = 0, cell = column; row < rowCount && row < failures.rowLimit; row++, cell += width) {
      const start = starts[cell];
      if (ends[cell] === NULL_CELL) {
        validity ??= new Uint8Array(rowCount).fill(1);
        validity[row] = 0;
        continue;
      }
      if (ends[cell] - start !== size) return undefined;
      let value: number;
      if (isDouble) value = view.getFloat64(start);
      else if (size === 8) value = view.getInt32(start) * TWO_POW_32 + view.getUint32(start + 4);
      else value = size === 4 ? view.getInt32(start) : view.getInt16(start);
      // Also ±infinity of instants, and what is out of their range.
      if (size === 8 && !isDouble && Math.abs(value) >= Number.MAX_SAFE_INTEGER) return undefined;
      values[row] = value;
    }
    return { kind: 'number', values, validity };
  }

  #readAny(block: CellBlock, column: number, failures: CellFailures): Column {
    const { width, ends, rowCount } = block;
    const { representation } = this.#type.definition;
    const builder = new ColumnBuilder(representation, { capacity: rowCount, text: 'dictionary' });
    for (let row = 0, cell = column; row < rowCount; row++, cell += width) {
      if (row >= failures.rowLimit || ends[cell] === NULL_CELL) builder.pushNull();
      else builder.push(this.#value(block, cell, failures, { row, column }));
    }
    return builder.finish();
  }

  #value(
    block: CellBlock,
    cell: number,
    failures: CellFailures,
    place: { readonly row: number; readonly column: number },
  ): Value {
    try {
      // The value may outlive the block, whose bytes others will take the place of.
      const bytes = block.bytes.slice(block.starts[cell], block.ends[cell]);
      return applyTypmod(this.#type.definition.readBinary(bytes, this.#context), this.#type, false);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      failures.note({ ...place, error });
      return null;
    }
  }
}
