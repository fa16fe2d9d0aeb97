import type { Column } from '../columnar/column.ts';
import { ColumnBuilder } from '../columnar/column-builder.ts';
import { unreachable } from '../errors/invariant.ts';
import type { TimeZone } from '../types/time-zone.ts';
import type { SqlType, TypeContext } from '../types/type-definition.ts';
import { type CellBlock, NULL_CELL } from './cell-block.ts';
import type { CellFailures } from './cell-failures.ts';
import type { CellReader } from './cell-reader.ts';
import { parseCell } from './parsed-cells.ts';
import { readDate, readDouble, readInstant, readInteger } from './read-cell.ts';

/** How the bytes of a cell are read where they have their usual form; NaN sends it the long way. */
export const NumberForm = { Integer: 0, Double: 1, Timestamp: 2, Timestamptz: 3, Date: 4, Boolean: 5 } as const;
export type NumberForm = (typeof NumberForm)[keyof typeof NumberForm];

export interface NumberType {
  readonly form: NumberForm;
  readonly min: number;
  readonly max: number;
}

const INTEGERS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  int2: [-32768, 32767],
  int4: [-2147483648, 2147483647],
  int8: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  oid: [0, 4294967295],
};

/** undefined: the type is not one whose bytes are read here. */
export function numberForm({ definition, typmod }: SqlType): NumberType | undefined {
  const { name } = definition;
  const range = Object.hasOwn(INTEGERS, name) ? INTEGERS[name] : undefined;
  if (range !== undefined) return { form: NumberForm.Integer, min: range[0], max: range[1] };
  const any = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
  if (name === 'float8') return { form: NumberForm.Double, ...any };
  if (name === 'timestamptz' && typmod < 0) return { form: NumberForm.Timestamptz, ...any };
  if (name === 'timestamp' && typmod < 0) return { form: NumberForm.Timestamp, ...any };
  if (name === 'date') return { form: NumberForm.Date, ...any };
  return name === 'bool' ? { form: NumberForm.Boolean, ...any } : undefined;
}

/** Numbers, dates, instants and booleans, read from their bytes. */
export class NumberCells implements CellReader {
  readonly number: NumberType;
  readonly #type: SqlType;
  readonly #context: TypeContext;
  /** Used again for each block: who keeps rows copies them. */
  #values = new Float64Array(0);

  constructor(number: NumberType, type: SqlType, context: TypeContext) {
    this.number = number;
    this.#type = type;
    this.#context = context;
  }

  read(block: CellBlock, column: number, failures: CellFailures): Column {
    const { form } = this.number;
    const { width, starts, ends, rowCount } = block;
    const zone = this.#context.timeZone;
    if (this.#values.length < rowCount) this.#values = new Float64Array(block.maxRows);
    const values = this.#values.subarray(0, rowCount);
    let validity: Uint8Array | undefined;
    for (let row = 0, cell = column; row < rowCount && row < failures.rowLimit; row++, cell += width) {
      const start = starts[cell];
      const end = ends[cell];
      if (end <= NULL_CELL) {
        validity ??= new Uint8Array(rowCount).fill(1);
        validity[row] = 0;
        continue;
      }
      let value = readUsual(block, start, end, this.number, zone);
      if (Number.isNaN(value)) {
        const parsed = parseCell(block, cell, this.#type, this.#context, failures, { row, column });
        if (typeof parsed === 'bigint') return this.#readWide(block, column, failures, { values, validity, row });
        value = Number(parsed);
      }
      values[row] = value;
    }
    if (form !== NumberForm.Boolean) return { kind: 'number', values, validity };
    return { kind: 'boolean', values: Uint8Array.from(values), validity };
  }

  /** The value of a cell that is not NULL, booleans as numbers; null, and a failure noted, when it is none of its type. */
  valueAt(
    block: CellBlock,
    cell: number,
    failures: CellFailures,
    place: { readonly row: number; readonly column: number },
  ): number | bigint | null {
    const usual = readUsual(block, block.starts[cell], block.ends[cell], this.number, this.#context.timeZone);
    if (!Number.isNaN(usual)) return usual;
    const parsed = parseCell(block, cell, this.#type, this.#context, failures, place);
    return parsed === null || typeof parsed === 'bigint' ? parsed : Number(parsed);
  }

  /** From `row` on some value passes ±2^53. */
  #readWide(
    block: CellBlock,
    column: number,
    failures: CellFailures,
    {
      values,
      validity,
      row: from,
    }: { readonly values: Float64Array; readonly validity: Uint8Array | undefined; readonly row: number },
  ): Column {
    const { width, ends, rowCount } = block;
    const builder = new ColumnBuilder('int64', { capacity: rowCount });
    for (let row = 0, cell = column; row < rowCount; row++, cell += width) {
      if (row >= failures.rowLimit || ends[cell] <= NULL_CELL || validity?.[row] === 0) builder.pushNull();
      else if (row < from) builder.push(values[row]);
      else builder.push(parseCell(block, cell, this.#type, this.#context, failures, { row, column }));
    }
    return builder.finish();
  }
}

/** NaN: not in its usual form. */
function readUsual(
  { bytes, buffer }: CellBlock,
  start: number,
  end: number,
  { form, min, max }: NumberType,
  zone: TimeZone,
): number {
  switch (form) {
    case NumberForm.Integer: {
      const value = readInteger(bytes, start, end);
      return value < min || value > max ? Number.NaN : value;
    }
    case NumberForm.Double:
      return readDouble(bytes, buffer, start, end);
    case NumberForm.Timestamp:
      return readInstant(bytes, start, end, undefined);
    case NumberForm.Timestamptz:
      return readInstant(bytes, start, end, zone);
    case NumberForm.Date:
      return readDate(bytes, start, end);
    case NumberForm.Boolean:
      return end - start !== 1 ? Number.NaN : bytes[start] === 0x74 ? 1 : bytes[start] === 0x66 ? 0 : Number.NaN;
    default:
      return unreachable(form);
  }
}
