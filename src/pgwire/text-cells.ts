import type { BooleanColumn, Column, NumberColumn } from '../columnar/column.ts';
import type { TypeContext, TypeDefinition } from '../types/type-definition.ts';
import { type CellWriter, FormattedCells, writeFormatted } from './cell-writer.ts';
import { NUMBER_BYTES, writeCommonDouble, writeInteger } from './decimal-text.ts';
import { INSTANT_BYTES, InstantWriter, writeTimeOfDay } from './instant-text.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** The writer for a column in text format, other than plain text. What has no hand-written way goes by `format`. */
export function textCells(column: Column, type: TypeDefinition, context: TypeContext): CellWriter {
  if (column.kind === 'boolean') return new BooleanCells(column);
  if (column.kind !== 'number') return new FormattedCells(column, type, context);
  switch (type.name) {
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
    case 'xid':
      return new IntegerCells(column);
    case 'float8':
      // Only the shortest form, which is the default, can be written without rounding to a number of digits.
      return context.extraFloatDigits > 0
        ? new DoubleCells(column, type, context)
        : new FormattedCells(column, type, context);
    case 'date':
    case 'timestamp':
    case 'timestamptz':
    case 'time':
      return type.name === 'time' || context.dateStyle.format === 'ISO'
        ? new InstantCells(column, type, context)
        : new FormattedCells(column, type, context);
    default:
      return new FormattedCells(column, type, context);
  }
}

class BooleanCells implements CellWriter {
  readonly #values: Uint8Array;

  constructor(column: BooleanColumn) {
    this.#values = column.values;
  }

  write(row: number, out: OutputBuffer): void {
    out.int32(1);
    out.uint8(this.#values[row] === 1 ? 0x74 : 0x66);
  }
}

class IntegerCells implements CellWriter {
  readonly #values: Float64Array;

  constructor(column: NumberColumn) {
    this.#values = column.values;
  }

  write(row: number, out: OutputBuffer): void {
    out.reserve(4 + NUMBER_BYTES);
    finishCell(out, writeInteger(out.bytes, out.length + 4, this.#values[row]!));
  }
}

class DoubleCells implements CellWriter {
  readonly #values: Float64Array;
  readonly #type: TypeDefinition;
  readonly #context: TypeContext;

  constructor(column: NumberColumn, type: TypeDefinition, context: TypeContext) {
    this.#values = column.values;
    this.#type = type;
    this.#context = context;
  }

  write(row: number, out: OutputBuffer): void {
    const value = this.#values[row]!;
    out.reserve(4 + NUMBER_BYTES);
    const end = writeCommonDouble(out.bytes, out.length + 4, value);
    if (end >= 0) finishCell(out, end);
    else writeFormatted(value, this.#type, this.#context, out);
  }
}

class InstantCells implements CellWriter {
  readonly #values: Float64Array;
  readonly #type: TypeDefinition;
  readonly #context: TypeContext;
  readonly #writer: InstantWriter;

  constructor(column: NumberColumn, type: TypeDefinition, context: TypeContext) {
    this.#values = column.values;
    this.#type = type;
    this.#context = context;
    this.#writer = new InstantWriter(type.name === 'timestamptz' ? context.timeZone : undefined);
  }

  write(row: number, out: OutputBuffer): void {
    const value = this.#values[row]!;
    out.reserve(4 + INSTANT_BYTES);
    const end = this.#writeValue(out.bytes, out.length + 4, value);
    if (end >= 0) finishCell(out, end);
    else writeFormatted(value, this.#type, this.#context, out);
  }

  #writeValue(bytes: Uint8Array, at: number, value: number): number {
    switch (this.#type.name) {
      case 'time':
        return writeTimeOfDay(bytes, at, value);
      case 'date':
        return this.#writer.writeDate(bytes, at, value);
      default:
        return this.#writer.writeInstant(bytes, at, value);
    }
  }
}

/** The value stands at `out.length + 4` and ends at `end`: its length word goes before it. */
function finishCell(out: OutputBuffer, end: number): void {
  out.view.setInt32(out.length, end - out.length - 4);
  out.length = end;
}
