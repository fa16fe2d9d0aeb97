import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { Dictionary } from '../../columnar/dictionary.ts';
import type { IngestField, IngestFieldType } from '../../database/ingest-batch.ts';
import type { Numeric } from '../../types/numeric.ts';
import type { Int64 } from '../../types/value.ts';

/** The values of one field of one table, as the lines of a request bring them. Rows that are not set are NULL. */
export class FieldValues {
  readonly name: string;
  /** `name=` as it stands in a line, to recognise the field without decoding it. */
  readonly keyBytes: Buffer;
  readonly type: IngestFieldType;
  readonly firstRow: number;
  #capacity: number;
  #numbers: Float64Array | undefined;
  #booleans: Uint8Array | undefined;
  #codes: Uint32Array | undefined;
  #dictionary: Dictionary | undefined;
  #unsigned: (Numeric | null)[] | undefined;
  /** Integers past ±2^53, by row. */
  readonly #wide = new Map<number, bigint>();
  #validity: Uint8Array;
  #setCount = 0;

  constructor(name: string, keyBytes: Buffer, type: IngestFieldType, options: { firstRow: number; capacity: number }) {
    this.name = name;
    this.keyBytes = keyBytes;
    this.type = type;
    this.firstRow = options.firstRow;
    this.#capacity = options.capacity;
    this.#validity = new Uint8Array(this.#capacity);
    if (type === 'float' || type === 'integer') this.#numbers = new Float64Array(this.#capacity);
    else if (type === 'boolean') this.#booleans = new Uint8Array(this.#capacity);
    else if (type === 'string') {
      this.#codes = new Uint32Array(this.#capacity);
      this.#dictionary = new Dictionary();
    } else this.#unsigned = [];
  }

  setNumber(row: number, value: number): void {
    this.#mark(row);
    (this.#numbers as Float64Array)[row] = value;
  }

  setInteger(row: number, value: Int64): void {
    if (typeof value === 'number') {
      this.setNumber(row, value);
      if (this.#wide.size > 0) this.#wide.delete(row);
    } else {
      this.#mark(row);
      this.#wide.set(row, value);
    }
  }

  setBoolean(row: number, value: boolean): void {
    this.#mark(row);
    (this.#booleans as Uint8Array)[row] = value ? 1 : 0;
  }

  setString(row: number, value: string): void {
    this.#mark(row);
    (this.#codes as Uint32Array)[row] = (this.#dictionary as Dictionary).codeOf(value);
  }

  setUnsigned(row: number, value: Numeric): void {
    this.#mark(row);
    const values = this.#unsigned as (Numeric | null)[];
    while (values.length < row) values.push(null);
    values[row] = value;
  }

  finish(rowCount: number): IngestField {
    this.#reserve(rowCount);
    const validity = this.#setCount === rowCount ? undefined : this.#validity.subarray(0, rowCount);
    return { name: this.name, type: this.type, firstRow: this.firstRow, column: this.#column(rowCount, validity) };
  }

  #column(rowCount: number, validity: Uint8Array | undefined): Column {
    if (this.#numbers !== undefined) {
      if (this.#wide.size > 0) return this.#wideColumn(rowCount, this.#numbers);
      return { kind: 'number', values: this.#numbers.subarray(0, rowCount), validity };
    }
    if (this.#booleans !== undefined)
      return { kind: 'boolean', values: this.#booleans.subarray(0, rowCount), validity };
    if (this.#codes !== undefined && this.#dictionary !== undefined) {
      return { kind: 'dictionary', codes: this.#codes.subarray(0, rowCount), dictionary: this.#dictionary, validity };
    }
    const values = this.#unsigned ?? [];
    while (values.length < rowCount) values.push(null);
    return { kind: 'value', values, validity };
  }

  #wideColumn(rowCount: number, numbers: Float64Array): Column {
    const builder = new ColumnBuilder('int64', { capacity: rowCount });
    for (let row = 0; row < rowCount; row++) {
      if (this.#validity[row] === 0) builder.pushNull();
      else builder.push(this.#wide.get(row) ?? numbers[row]);
    }
    return builder.finish();
  }

  #mark(row: number): void {
    if (row >= this.#capacity) this.#reserve(row + 1);
    if (this.#validity[row] === 0) {
      this.#validity[row] = 1;
      this.#setCount += 1;
    }
  }

  #reserve(rowCount: number): void {
    if (rowCount <= this.#capacity) return;
    this.#capacity = Math.max(rowCount, this.#capacity * 2);
    this.#validity = enlarged(this.#validity, new Uint8Array(this.#capacity));
    if (this.#numbers !== undefined) this.#numbers = enlarged(this.#numbers, new Float64Array(this.#capacity));
    if (this.#booleans !== undefined) this.#booleans = enlarged(this.#booleans, new Uint8Array(this.#capacity));
    if (this.#codes !== undefined) this.#codes = enlarged(this.#codes, new Uint32Array(this.#capacity));
  }
}

export function enlarged<T extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
