import type { Column } from '../columnar/column.ts';
import { ColumnBuilder } from '../columnar/column-builder.ts';
import { SqlError } from '../errors/sql-error.ts';
import type { SqlType, TypeContext } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import { type CellBlock, NULL_CELL } from './cell-block.ts';
import type { CellFailures } from './cell-failures.ts';
import type { CellReader } from './cell-reader.ts';

/** Any type, by its input function. */
export class ParsedCells implements CellReader {
  readonly #type: SqlType;
  readonly #context: TypeContext;

  constructor(type: SqlType, context: TypeContext) {
    this.#type = type;
    this.#context = context;
  }

  read(block: CellBlock, column: number, failures: CellFailures): Column {
    const { width, ends, rowCount } = block;
    const builder = new ColumnBuilder(this.#type.definition.representation, { capacity: rowCount, text: 'dictionary' });
    for (let row = 0, cell = column; row < rowCount; row++, cell += width) {
      if (row >= failures.rowLimit || ends[cell] <= NULL_CELL) builder.pushNull();
      else builder.push(parseCell(block, cell, this.#type, this.#context, failures, { row, column }));
    }
    return builder.finish();
  }
}

/** The value of a cell; null, and a failure noted, when it has none. Throws what is no fault of the cell's. */
export function parseCell(
  block: CellBlock,
  cell: number,
  { definition, typmod }: SqlType,
  context: TypeContext,
  failures: CellFailures,
  place: { readonly row: number; readonly column: number },
): Value {
  try {
    return definition.parse(block.text(cell), context, typmod);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    failures.note({ ...place, error });
    return null;
  }
}
