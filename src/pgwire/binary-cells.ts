import type { BooleanColumn, Column, NumberColumn, WideColumn } from '../columnar/column.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { BinaryCells, type CellWriter } from './cell-writer.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** The writer for a column in binary format, other than plain text. */
export function binaryCells(column: Column, type: TypeDefinition): CellWriter {
  if (column.kind === 'boolean') return new BooleanCells(column);
  // A timetz is packed into 64 bits here, and longer on the wire.
  if (column.kind === 'wide' && type.name !== 'timetz') return new WideCells(column);
  if (column.kind !== 'number') return new BinaryCells(column, type);
  switch (type.name) {
    case 'int2':
      return new Int16Cells(column);
    case 'int4':
    case 'oid':
    case 'xid':
      return new Int32Cells(column);
    case 'int8':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return new Int64Cells(column);
    case 'float4':
      return new Float32Cells(column);
    case 'float8':
      return new Float64Cells(column);
    default:
      return new BinaryCells(column, type);
  }
}

class BooleanCells implements CellWriter {
  readonly #values: Uint8Array;

  constructor(column: BooleanColumn) {
    this.#values = column.values;
  }

  write(row: number, out: OutputBuffer): void {
    out.int32(1);
    out.uint8(this.#values[row]!);
  }
}

/** 64-bit integers and instants; the marks of ±infinity are the same on the wire. */
class WideCells implements CellWriter {
  readonly #column: WideColumn;

  constructor(column: WideColumn) {
    this.#column = column;
  }

  write(row: number, out: OutputBuffer): void {
    out.int32(8);
    out.int32(this.#column.high[row]!);
    out.int32(this.#column.low[row]!);
  }
}

abstract class NumberCells implements CellWriter {
  protected readonly values: Float64Array;

  constructor(column: NumberColumn) {
    this.values = column.values;
  }

  abstract write(row: number, out: OutputBuffer): void;
}

class Int16Cells extends NumberCells {
  write(row: number, out: OutputBuffer): void {
    out.int32(2);
    out.int16(this.values[row]!);
  }
}

class Int32Cells extends NumberCells {
  write(row: number, out: OutputBuffer): void {
    out.int32(4);
    out.int32(this.values[row]!);
  }
}

class Int64Cells extends NumberCells {
  write(row: number, out: OutputBuffer): void {
    const value = this.values[row]!;
    out.int32(8);
    if (value === Number.POSITIVE_INFINITY) {
      out.int32(0x7fffffff);
      out.int32(-1);
    } else if (value === Number.NEGATIVE_INFINITY) {
      out.int32(-0x80000000);
      out.int32(0);
    } else {
      out.int32(Math.floor(value / 4_294_967_296));
      out.int32(value >>> 0);
    }
  }
}

class Float32Cells extends NumberCells {
  write(row: number, out: OutputBuffer): void {
    out.int32(4);
    out.reserve(4);
    out.view.setFloat32(out.length, this.values[row]!);
    out.length += 4;
  }
}

class Float64Cells extends NumberCells {
  write(row: number, out: OutputBuffer): void {
    out.int32(8);
    out.reserve(8);
    out.view.setFloat64(out.length, this.values[row]!);
    out.length += 8;
  }
}
