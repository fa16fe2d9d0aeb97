import type { Value } from '../types/value.ts';
import type { Dictionary } from './dictionary.ts';

/**
 * Which rows hold a value: one byte a row, 1 = value, 0 = NULL; `undefined` = no NULLs. Bytes rather than bits, since
 * loops in JS read them without shifts; on disk they are bits.
 */
export type Validity = Uint8Array | undefined;

/** double precision, real, the integers up to 2^53, dates and instants; what stands at a NULL is undefined. */
export interface NumberColumn {
  readonly kind: 'number';
  readonly values: Float64Array;
  readonly validity: Validity;
}

/** 64-bit integers of which some pass ±2^53: two's complement, high and low words apart. */
export interface WideColumn {
  readonly kind: 'wide';
  readonly high: Int32Array;
  readonly low: Uint32Array;
  readonly validity: Validity;
}

/** 1 = true, 0 = false. */
export interface BooleanColumn {
  readonly kind: 'boolean';
  readonly values: Uint8Array;
  readonly validity: Validity;
}

/** Text as codes of a dictionary that many batches may share. */
export interface DictionaryColumn {
  readonly kind: 'dictionary';
  readonly codes: Uint32Array;
  readonly dictionary: Dictionary;
  readonly validity: Validity;
}

/** Text as UTF-8: value i is `bytes[offsets[i] .. offsets[i + 1])`. */
export interface BytesColumn {
  readonly kind: 'bytes';
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  readonly validity: Validity;
}

/** Anything else (numeric, interval, arrays, text made by expressions) as JS values. */
export interface ValueColumn {
  readonly kind: 'value';
  readonly values: readonly Value[];
  readonly validity: Validity;
}

/** Numbers without a NULL: what fast paths are for. */
export function isPlainNumbers(column: Column): column is NumberColumn {
  return column.kind === 'number' && column.validity === undefined;
}

export type Column = NumberColumn | WideColumn | BooleanColumn | DictionaryColumn | BytesColumn | ValueColumn;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The 64-bit integer at `row` in its canonical scalar form (see `Int64`). */
export function wideAt(column: WideColumn, row: number): number | bigint {
  const high = column.high[row];
  const low = column.low[row];
  const approximate = high * 4294967296 + low;
  if (approximate >= -9007199254740992 && approximate <= 9007199254740992) {
    // The double may have been rounded to exactly ±2^53: only then are the words asked.
    if (Math.abs(approximate) < 9007199254740992) return approximate;
    const exact = (BigInt(high) << 32n) | BigInt(low);
    return exact === BigInt(approximate) ? approximate : exact;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

/** The string at `row`, decoded from UTF-8. */
export function textOf(column: BytesColumn, row: number): string {
  return utf8.decode(column.bytes.subarray(column.offsets[row], column.offsets[row + 1]));
}

/** The value at `row` as a scalar; for rows that are few, since it may allocate. */
export function valueAt(column: Column, row: number): Value {
  if (column.validity !== undefined && column.validity[row] === 0) return null;
  switch (column.kind) {
    case 'number':
      return column.values[row];
    case 'wide':
      return wideAt(column, row);
    case 'boolean':
      return column.values[row] === 1;
    case 'dictionary':
      return column.dictionary.string(column.codes[row]);
    case 'bytes':
      return textOf(column, row);
    case 'value':
      return column.values[row];
  }
}
