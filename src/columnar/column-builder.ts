import { unreachable } from '../errors/invariant.ts';
import type { Representation } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import { type Column, type DictionaryColumn, valueAt, wideAt } from './column.ts';
import { Dictionary } from './dictionary.ts';

/** An object and its place in an array. */
const VALUE_BYTES = 64;

/**
 * Grows a column value by value, or column by column. Starts narrow: an int64 builder becomes wide when the first value
 * past ±2^53 arrives. Text is collected as dictionary codes while `text: 'dictionary'` is asked for, else as JS strings.
 */
export class ColumnBuilder {
  readonly #asDictionary: boolean;
  #rowCount = 0;
  #capacity: number;
  #numbers: Float64Array | undefined;
  #high: Int32Array | undefined;
  #low: Uint32Array | undefined;
  #booleans: Uint8Array | undefined;
  #codes: Uint32Array | undefined;
  #dictionary: Dictionary | undefined;
  #values: Value[] | undefined;
  #validity: Uint8Array | undefined;
  #textUnits = 0;

  constructor(representation: Representation, options: { capacity?: number; text?: 'dictionary' | 'values' } = {}) {
    this.#capacity = Math.max(options.capacity ?? 64, 1);
    this.#asDictionary = options.text === 'dictionary' && representation === 'text';
    switch (representation) {
      case 'float64':
      case 'int64':
        this.#numbers = new Float64Array(this.#capacity);
        break;
      case 'boolean':
        this.#booleans = new Uint8Array(this.#capacity);
        break;
      case 'text':
        if (this.#asDictionary) {
          this.#codes = new Uint32Array(this.#capacity);
          this.#dictionary = new Dictionary();
        } else this.#values = [];
        break;
      case 'value':
        this.#values = [];
        break;
      default:
        unreachable(representation);
    }
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  push(value: Value): void {
    if (value === null) {
      this.pushNull();
      return;
    }
    const row = this.#next();
    if (this.#validity !== undefined) this.#validity[row] = 1;
    if (this.#numbers !== undefined) {
      if (typeof value === 'bigint') this.#widen(row);
      else {
        this.#numbers[row] = value as number;
        return;
      }
    }
    if (this.#high !== undefined) this.#setWide(row, value as number | bigint);
    else if (this.#booleans !== undefined) this.#booleans[row] = value === true ? 1 : 0;
    else if (this.#codes !== undefined) this.#codes[row] = this.#dictionary!.codeOf(value as string);
    else {
      if (typeof value === 'string') this.#textUnits += value.length;
      this.#values!.push(value);
    }
  }

  pushNull(): void {
    const row = this.#next();
    if (this.#validity === undefined) {
      this.#validity = new Uint8Array(this.#capacity);
      this.#validity.fill(1, 0, row);
    }
    this.#validity[row] = 0;
    this.#values?.push(null);
  }

  /** Roughly what the values hold in memory, text by its length. */
  get sizeBytes(): number {
    const perRow =
      (this.#numbers === undefined ? 0 : 8) + (this.#high === undefined ? 0 : 8) + (this.#codes === undefined ? 1 : 4);
    const texts = this.#dictionary?.sizeBytes ?? this.#textUnits * 2 + (this.#values?.length ?? 0) * VALUE_BYTES;
    return this.#capacity * perRow + (this.#validity?.byteLength ?? 0) + texts;
  }

  /** Appends row `row` of `column`, which must have this builder's representation. */
  pushFrom(column: Column, row: number): void {
    if (column.kind === 'number' && this.#numbers !== undefined && column.validity === undefined) {
      const at = this.#next();
      if (this.#validity !== undefined) this.#validity[at] = 1;
      this.#numbers[at] = column.values[row];
      return;
    }
    this.push(valueAt(column, row));
  }

  /** Appends rows `from` to `to` (exclusive) of `column`. */
  pushRange(column: Column, from: number, to: number): void {
    const count = to - from;
    if (column.kind === 'number' && this.#numbers !== undefined) {
      this.#reserve(this.#rowCount + count);
      this.#numbers.set(column.values.subarray(from, to), this.#rowCount);
      this.#appendValidity(column.validity, from, to);
      this.#rowCount += count;
      return;
    }
    for (let row = from; row < to; row++) this.push(valueAt(column, row));
  }

  /** The column so far; the builder must not be used afterwards. */
  finish(): Column {
    const rowCount = this.#rowCount;
    const validity = this.#validity && upTo(this.#validity, rowCount);
    if (this.#numbers !== undefined) return { kind: 'number', values: upTo(this.#numbers, rowCount), validity };
    if (this.#high !== undefined) {
      return { kind: 'wide', high: upTo(this.#high, rowCount), low: upTo(this.#low!, rowCount), validity };
    }
    if (this.#booleans !== undefined) {
      return { kind: 'boolean', values: upTo(this.#booleans, rowCount), validity };
    }
    if (this.#codes !== undefined) {
      return {
        kind: 'dictionary',
        codes: upTo(this.#codes, rowCount),
        dictionary: this.#dictionary!,
        validity,
      } satisfies DictionaryColumn;
    }
    return { kind: 'value', values: this.#values!, validity };
  }

  #next(): number {
    const row = this.#rowCount;
    if (row === this.#capacity) this.#reserve(row + 1);
    this.#rowCount = row + 1;
    return row;
  }

  #reserve(rowCount: number): void {
    if (rowCount <= this.#capacity) return;
    const capacity = Math.max(rowCount, this.#capacity * 2);
    this.#capacity = capacity;
    if (this.#numbers !== undefined) this.#numbers = grown(this.#numbers, new Float64Array(capacity));
    if (this.#high !== undefined) this.#high = grown(this.#high, new Int32Array(capacity));
    if (this.#low !== undefined) this.#low = grown(this.#low, new Uint32Array(capacity));
    if (this.#booleans !== undefined) this.#booleans = grown(this.#booleans, new Uint8Array(capacity));
    if (this.#codes !== undefined) this.#codes = grown(this.#codes, new Uint32Array(capacity));
    if (this.#validity !== undefined) this.#validity = grown(this.#validity, new Uint8Array(capacity));
  }

  #appendValidity(validity: Uint8Array | undefined, from: number, to: number): void {
    if (validity === undefined) {
      this.#validity?.fill(1, this.#rowCount, this.#rowCount + to - from);
      return;
    }
    if (this.#validity === undefined) {
      this.#validity = new Uint8Array(this.#capacity);
      this.#validity.fill(1, 0, this.#rowCount);
    }
    this.#validity.set(validity.subarray(from, to), this.#rowCount);
  }

  #widen(upTo: number): void {
    this.#high = new Int32Array(this.#capacity);
    this.#low = new Uint32Array(this.#capacity);
    for (let row = 0; row < upTo; row++) {
      if (this.#validity === undefined || this.#validity[row] === 1) this.#setWide(row, this.#numbers![row]);
    }
    this.#numbers = undefined;
  }

  #setWide(row: number, value: number | bigint): void {
    writeWide(this.#high!, this.#low!, row, value);
  }
}

/** Instants of ±infinity have no place among wide integers: they take PostgreSQL's own marks, ±2^63. */
export function writeWide(high: Int32Array, low: Uint32Array, row: number, value: number | bigint): void {
  if (value === Number.POSITIVE_INFINITY) {
    high[row] = 0x7fffffff;
    low[row] = 0xffffffff;
  } else if (value === Number.NEGATIVE_INFINITY) {
    high[row] = -0x80000000;
    low[row] = 0;
  } else if (typeof value === 'number') {
    high[row] = Math.floor(value / 4294967296);
    low[row] = value >>> 0 === value ? value : Number(BigInt.asUintN(32, BigInt(value)));
  } else {
    high[row] = Number(BigInt.asIntN(32, value >> 32n));
    low[row] = Number(BigInt.asUintN(32, value));
  }
}

function grown<T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** A column of the given scalars. */
export function columnOf(representation: Representation, values: readonly Value[]): Column {
  const builder = new ColumnBuilder(representation, { capacity: values.length });
  for (const value of values) builder.push(value);
  return builder.finish();
}

/** `count` times the same value. */
export function constantColumn(representation: Representation, value: Value, count: number): Column {
  const builder = new ColumnBuilder(representation, { capacity: count, text: 'dictionary' });
  for (let row = 0; row < count; row++) builder.push(value);
  return builder.finish();
}

/** Whether rows of two columns hold the same value, NULLs being equal to each other. For tests and small data. */
export function sameAt(left: Column, leftRow: number, right: Column, rightRow: number): boolean {
  if (left.kind === 'wide' && right.kind === 'wide') {
    return Object.is(wideAt(left, leftRow), wideAt(right, rightRow));
  }
  return Object.is(valueAt(left, leftRow), valueAt(right, rightRow));
}

/** No view where all is wanted: it costs more than a short array does. */
function upTo<T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(values: T, count: number): T {
  return values.length === count ? values : (values.subarray(0, count) as T);
}
