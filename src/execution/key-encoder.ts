import type { Column, DictionaryColumn } from '../columnar/column.ts';
import { textOf, wideAt } from '../columnar/column.ts';
import { ColumnBuilder } from '../columnar/column-builder.ts';
import { Dictionary } from '../columnar/dictionary.ts';
import { KeyNumbers } from '../columnar/key-numbers.ts';
import { unreachable } from '../errors/invariant.ts';
import type { SqlType } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';

/**
 * Equality keys as pairs of 32-bit words, so that grouping, joining and DISTINCT compare integers whatever the type:
 *
 *   numbers     the bits of the double; -0 as 0, every NaN as one NaN
 *   text        low = code in this encoder's own dictionary
 *   booleans    low = 0 or 1
 *   int64 past ±2^53, other values   high = MARK_INTERNED, low = number of the interned value
 *   NULL        high = MARK_NULL
 *   not taken up once the encoder was closed   high = MARK_UNKNOWN
 *
 * The marks are NaN payloads, which no number uses. Keys of one encoder are equal exactly when the values are.
 */
const MARK_NULL = 0x7ffa0000;
const MARK_INTERNED = 0x7ff90000;
const MARK_UNKNOWN = 0x7ffb0000;
const NAN_HIGH = 0x7ff80000;

const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** Gives the values of one column such keys, and the values back. */
export class KeyEncoder {
  readonly type: SqlType;
  readonly #dictionary = new Dictionary();
  /** Of types whose equal values may be different strings: the first one of each code, which is the one shown. */
  readonly #firstTexts: string[] = [];
  readonly #interned: Value[] = [];
  readonly #internedByKey = new KeyNumbers();
  /** Of types with several strings for a value: what `decode` shows, as far as it has been asked for. */
  #shownTexts: Dictionary | undefined;
  /** Codes of foreign dictionaries → codes of ours and one more; 0 = not looked up yet, or unknown. */
  readonly #remaps = new WeakMap<Dictionary, Int32Array>();

  #isClosed = false;

  constructor(type: SqlType) {
    this.type = type;
  }

  /** No value is taken up any more: those that are new get keys that equal no other's, and cost no memory. */
  close(): void {
    this.#isClosed = true;
  }

  /** Bytes that the interned values and strings roughly hold. */
  get sizeBytes(): number {
    return this.#dictionary.sizeBytes + this.#interned.length * 128;
  }

  /** Writes the key words of the first `rowCount` rows. */
  encode(column: Column, rowCount: number, low: Int32Array, high: Int32Array): void {
    switch (column.kind) {
      case 'number':
        encodeNumbers(column.values, rowCount, low, high);
        break;
      case 'boolean':
        for (let row = 0; row < rowCount; row++) low[row] = column.values[row];
        high.fill(0, 0, rowCount);
        break;
      case 'dictionary': {
        const remap = this.#remapOf(column.dictionary);
        const { codes, dictionary, validity } = column;
        for (let row = 0; row < rowCount; row++) {
          if (validity !== undefined && validity[row] === 0) continue;
          const code = codes[row];
          let own = remap[code] - 1;
          if (own < 0) {
            own = this.#codeOf(dictionary.string(code));
            remap[code] = own + 1;
          }
          low[row] = own;
        }
        high.fill(0, 0, rowCount);
        if (this.#isClosed) for (let row = 0; row < rowCount; row++) if (low[row] < 0) high[row] = MARK_UNKNOWN;
        break;
      }
      case 'wide':
        for (let row = 0; row < rowCount; row++) {
          if (column.validity === undefined || column.validity[row] === 1)
            this.#encodeValue(wideAt(column, row), row, low, high);
        }
        break;
      case 'bytes':
      case 'value': {
        const isText = this.type.definition.representation === 'text';
        for (let row = 0; row < rowCount; row++) {
          if (column.validity !== undefined && column.validity[row] === 0) continue;
          const value = column.kind === 'bytes' ? textOf(column, row) : column.values[row];
          if (isText) {
            low[row] = this.#codeOf(value as string);
            high[row] = low[row] < 0 ? MARK_UNKNOWN : 0;
          } else this.#encodeValue(value, row, low, high);
        }
        break;
      }
      default:
        unreachable(column);
    }
    const { validity } = column;
    if (validity === undefined) return;
    for (let row = 0; row < rowCount; row++) {
      if (validity[row] === 1) continue;
      low[row] = 0;
      high[row] = MARK_NULL;
    }
  }

  /**
   * Of text by itself: writes the code of each row's string and one, 0 for NULL. Strings that are new are taken up. Returns
   * how many there are.
   */
  encodeCodes({ codes, dictionary, validity }: DictionaryColumn, rowCount: number, own: Int32Array): number {
    const remap = this.#remapOf(dictionary);
    for (let row = 0; row < rowCount; ) {
      row =
        validity === undefined
          ? mapCodes(codes, remap, row, rowCount, own)
          : mapValid(codes, validity, remap, row, rowCount, own);
      if (row < rowCount) remap[codes[row]] = this.#codeOf(dictionary.string(codes[row])) + 1;
    }
    return this.#dictionary.size;
  }

  /** The values that keys stand for, as a column. */
  decode(low: Int32Array, high: Int32Array, count: number): Column {
    const { representation } = this.type.definition;
    if (representation === 'text') return this.#decodeText(low, high, count);
    const builder = new ColumnBuilder(representation, { capacity: count });
    for (let index = 0; index < count; index++) {
      if (high[index] === MARK_NULL) builder.pushNull();
      else if (high[index] === MARK_INTERNED) builder.push(this.#interned[low[index]]);
      else if (representation === 'boolean') builder.push(low[index] === 1);
      else {
        words[LOW] = low[index];
        words[HIGH] = high[index];
        builder.push(double[0]);
      }
    }
    return builder.finish();
  }

  #decodeText(low: Int32Array, high: Int32Array, count: number): Column {
    const codes = new Uint32Array(count);
    let validity: Uint8Array | undefined;
    for (let index = 0; index < count; index++) {
      if (high[index] === MARK_NULL) {
        validity ??= new Uint8Array(count).fill(1);
        validity[index] = 0;
      } else codes[index] = low[index];
    }
    const isLoose = this.type.definition.hasLooseEquality === true;
    return { kind: 'dictionary', codes, dictionary: isLoose ? this.#firstDictionary() : this.#dictionary, validity };
  }

  /** First strings differ from each other as their values do, so that they get the codes of these. */
  #firstDictionary(): Dictionary {
    this.#shownTexts ??= new Dictionary();
    for (let code = this.#shownTexts.size; code < this.#firstTexts.length; code++) {
      this.#shownTexts.codeOf(this.#firstTexts[code]);
    }
    return this.#shownTexts;
  }

  /** char(n) is equal without the spaces that fill it up, jsonb without the zeros at the end of its numbers. */
  #codeOf(value: string): number {
    const { definition } = this.type;
    if (this.#isClosed) {
      return this.#dictionary.find(
        definition.hasLooseEquality === true ? (definition.hashKey(value) as string) : value,
      );
    }
    if (definition.hasLooseEquality !== true) return this.#dictionary.codeOf(value);
    const code = this.#dictionary.codeOf(definition.hashKey(value) as string);
    if (code === this.#firstTexts.length) this.#firstTexts.push(value);
    return code;
  }

  #encodeValue(value: Value, row: number, low: Int32Array, high: Int32Array): void {
    if (typeof value === 'number') {
      setNumber(value, row, low, high);
      return;
    }
    const key = this.type.definition.hashKey(value);
    // The infinities of instants are marks in a wide column and doubles in a narrow one.
    if (typeof value === 'bigint' && typeof key === 'number') {
      setNumber(key, row, low, high);
      return;
    }
    let id = this.#internedByKey.get(key);
    if (id === undefined) {
      if (this.#isClosed) {
        low[row] = 0;
        high[row] = MARK_UNKNOWN;
        return;
      }
      id = this.#interned.length;
      this.#interned.push(value);
      this.#internedByKey.add(key, id);
    }
    low[row] = id;
    high[row] = MARK_INTERNED;
  }

  #remapOf(dictionary: Dictionary): Int32Array {
    let remap = this.#remaps.get(dictionary);
    if (remap === undefined || remap.length < dictionary.size) {
      const grown = new Int32Array(Math.max(dictionary.size, (remap?.length ?? 8) * 2));
      if (remap !== undefined) grown.set(remap);
      remap = grown;
      this.#remaps.set(dictionary, remap);
    }
    return remap;
  }
}

/** Looks codes up from row `from` on, up to the first one that is not known; returns its row, or `to`. */
function mapCodes(codes: Uint32Array, remap: Int32Array, from: number, to: number, own: Int32Array): number {
  for (let row = from; row < to; row++) {
    const known = remap[codes[row]];
    if (known === 0) return row;
    own[row] = known;
  }
  return to;
}

function mapValid(
  codes: Uint32Array,
  validity: Uint8Array,
  remap: Int32Array,
  from: number,
  to: number,
  own: Int32Array,
): number {
  for (let row = from; row < to; row++) {
    if (validity[row] === 0) {
      own[row] = 0;
      continue;
    }
    const known = remap[codes[row]];
    if (known === 0) return row;
    own[row] = known;
  }
  return to;
}

/** The high word of a NULL key, whose low word is 0. */
export const NULL_KEY_HIGH = MARK_NULL;

/** Whether a key word pair is NULL: joins drop such rows, grouping keeps them together. */
export function isNullKey(high: number): boolean {
  return high === MARK_NULL;
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

function setNumber(value: number, row: number, low: Int32Array, high: Int32Array): void {
  double[0] = value === 0 ? 0 : value;
  low[row] = words[LOW];
  high[row] = words[HIGH];
}

/** Writes the keys of the first `rowCount` numbers, none of which is NULL. */
export function encodeNumbers(values: Float64Array, rowCount: number, low: Int32Array, high: Int32Array): void {
  const bits = new Int32Array(values.buffer, values.byteOffset, rowCount * 2);
  for (let row = 0; row < rowCount; row++) {
    const value = values[row];
    if (value === 0) {
      low[row] = 0;
      high[row] = 0;
    } else if (value !== value) {
      low[row] = 0;
      high[row] = NAN_HIGH;
    } else {
      low[row] = bits[2 * row + LOW];
      high[row] = bits[2 * row + HIGH];
    }
  }
}
