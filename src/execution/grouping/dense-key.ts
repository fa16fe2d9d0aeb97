import type { Column } from '../../columnar/column.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { date } from '../../types/date.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { oid } from '../../types/oid.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import { KeyEncoder, NULL_KEY_HIGH } from '../key-encoder.ts';
import { keyDoubles } from './key-doubles.ts';

/** The code of NULL; values have codes from 1 on. */
export const NULL_CODE = 0;
/** Of a value without a code, where none may be added. */
export const UNKNOWN_CODE = -1;

const MIN_SPAN = 16;
/** A range that grows becomes this much wider than it has to: a few values more do not move everything again. */
const SLACK = 1.25;
/** Types of integers that are kept as doubles. Values of an enum may lie between two integers. */
const INTEGERS: readonly TypeDefinition[] = [int2, int4, oid, date];
/** Of the codes of integers each fits in 32 bits. */
const MAX_INTEGER = 2 ** 30;
/** Doubles with more decimals are seldom few. */
const MAX_SCALE = 10_000;

/** Codes of a dictionary never change. */
const CODED: CodeLayout = { base: 0, scale: 1 };

/** How codes stand for values. */
export interface CodeLayout {
  /** Code c ≥ 1 is the value `(base + c - 1) / scale`. */
  readonly base: number;
  readonly scale: number;
}

/** One key of a dense index: gives each of its values a small number. */
export interface DenseKey {
  /** Codes are below this. */
  readonly size: number;
  /** Another one once codes given out before stand for something else. */
  readonly layout: CodeLayout;
  readonly sizeBytes: number;
  /** All values of the type are integers, of which neighbours have neighbouring codes. */
  readonly areIntegers: boolean;
  /**
   * Writes the codes of the first `rowCount` rows, adding those of new values. False where a value can have none, or the
   * codes would reach `maxSize`.
   */
  encode(column: Column, rowCount: number, codes: Int32Array, maxSize: number): boolean;
  /**
   * What is to be taken from each number of the column to have its code, where `bounds` show that all are integers that
   * have one; undefined where they do not. Room is made for them.
   */
  distance?(column: Column, bounds: UnitStatistics | undefined, maxSize: number): number | undefined;
  /** Adds nothing: values without a code get UNKNOWN_CODE. */
  find(column: Column, rowCount: number, codes: Int32Array): void;
  /** The values of codes, as `layout` has them. */
  decode(codes: Int32Array): Column;
  /** No value is added any more. */
  close(): void;
}

/** Gives codes of one layout those of another one, which has all their values. */
export function recode(codes: Int32Array, count: number, from: CodeLayout, to: CodeLayout): void {
  const factor = to.scale / from.scale;
  for (let index = 0; index < count; index++) {
    const code = codes[index];
    if (code !== NULL_CODE) codes[index] = (from.base + code - 1) * factor - to.base + 1;
  }
}

/** undefined: values of the type have no small numbers. */
export function denseKeyOf(type: SqlType): DenseKey | undefined {
  switch (type.definition.representation) {
    case 'float64':
    case 'int64':
      return new DecimalKey(type.definition);
    case 'text':
    case 'boolean':
      return new CodedKey(type);
    default:
      return undefined;
  }
}

/**
 * Integers of 32 bits, and doubles that are such an integer divided by a power of ten, as measurements are: of two decimals
 * 19.99 is 1999. The code is the distance from the least integer, and one.
 */
class DecimalKey implements DenseKey {
  readonly #type: TypeDefinition;
  readonly areIntegers: boolean;
  #layout: CodeLayout = { base: 0, scale: 1 };
  #span = 0;

  constructor(type: TypeDefinition) {
    this.#type = type;
    this.areIntegers = type.representation === 'int64' || INTEGERS.includes(type);
  }

  get size(): number {
    return this.#span + 1;
  }

  get layout(): CodeLayout {
    return this.#layout;
  }

  get sizeBytes(): number {
    return 0;
  }

  distance(column: Column, bounds: UnitStatistics | undefined, maxSize: number): number | undefined {
    if (column.kind !== 'number' || !this.areIntegers || !this.#covers(bounds, maxSize)) return undefined;
    return this.#layout.base - 1;
  }

  encode(column: Column, rowCount: number, codes: Int32Array, maxSize: number): boolean {
    const doubles = keyDoubles(column, this.#type, rowCount);
    if (doubles === undefined || doubles.beyond !== undefined) return false;
    const { values } = doubles;
    const { validity } = column;
    if (this.#write(values, validity, rowCount, codes)) return true;
    for (let { scale } = this.#layout; scale <= MAX_SCALE; scale *= 10) {
      const range = rangeOf(values, validity, rowCount, scale);
      if (range === undefined) continue;
      return this.#widen(range, scale, maxSize - 1) && this.#write(values, validity, rowCount, codes);
    }
    return false;
  }

  find(column: Column, rowCount: number, codes: Int32Array): void {
    const { values, beyond } = keyDoubles(column, this.#type, rowCount) ?? {};
    const { validity } = column;
    const { base, scale } = this.#layout;
    for (let row = 0; row < rowCount; row++) {
      if (validity !== undefined && validity[row] === 0) {
        codes[row] = NULL_CODE;
        continue;
      }
      const value = values === undefined || beyond?.[row] === 1 ? Number.NaN : values[row];
      const whole = wholeOf(value, scale);
      const distance = whole - base;
      codes[row] = whole / scale === value && distance >= 0 && distance < this.#span ? distance + 1 : UNKNOWN_CODE;
    }
  }

  decode(codes: Int32Array): Column {
    const { base, scale } = this.#layout;
    const values = new Float64Array(codes.length);
    let validity: Uint8Array | undefined;
    for (let index = 0; index < codes.length; index++) {
      if (codes[index] === NULL_CODE) {
        validity ??= new Uint8Array(codes.length).fill(1);
        validity[index] = 0;
      } else values[index] = (base + (codes[index] - 1)) / scale;
    }
    return { kind: 'number', values, validity };
  }

  close(): void {}

  /** Whether every value within the bounds has a code, if need be after making room for them. */
  #covers(bounds: UnitStatistics | undefined, maxSize: number): boolean {
    if (bounds?.kind !== 'int64' && bounds?.kind !== 'float64') return false;
    const { min, max } = bounds;
    if (typeof min !== 'number' || typeof max !== 'number' || !(max - min < maxSize)) return false;
    // A code is found in 32 bits.
    if (min < -MAX_INTEGER || max > MAX_INTEGER) return false;
    const { base, scale } = this.#layout;
    if (scale !== 1) return false;
    if (min >= base && max < base + this.#span) return true;
    return this.#widen({ least: min, greatest: max }, 1, maxSize - 1);
  }

  /** False at the first value that has no code. */
  #write(values: Float64Array, validity: Uint8Array | undefined, rowCount: number, codes: Int32Array): boolean {
    const { base, scale } = this.#layout;
    if (validity !== undefined) return writeValid(values, validity, rowCount, codes, this.#layout, this.#span);
    if (scale !== 1) return writeDecimals(values, rowCount, codes, this.#layout, this.#span);
    const span = this.#span;
    for (let row = 0; row < rowCount; row++) {
      const value = values[row];
      const whole = value | 0;
      const distance = whole - base;
      if (whole !== value || distance < 0 || distance >= span) return false;
      codes[row] = distance + 1;
    }
    return true;
  }

  /** Makes room for a range of integers, with some to spare on the side where it was missing. */
  #widen({ least, greatest }: WholeRange, scale: number, maxSpan: number): boolean {
    const isFirst = this.#span === 0;
    const factor = scale / this.#layout.scale;
    const knownBase = this.#layout.base * factor;
    const base = isFirst ? least : Math.min(knownBase, least);
    const end = isFirst ? greatest + 1 : Math.max(knownBase + (this.#span - 1) * factor + 1, greatest + 1);
    const needed = end - base;
    if (needed > maxSpan) return false;
    const span = Math.min(Math.max(isFirst ? needed : Math.ceil(needed * SLACK), MIN_SPAN), maxSpan);
    this.#layout = { base: !isFirst && base < knownBase ? end - span : base, scale };
    this.#span = span;
    return true;
  }
}

interface WholeRange {
  readonly least: number;
  readonly greatest: number;
}

/** The integer nearest to a value times `scale`; some other one where it has more than 32 bits. */
function wholeOf(value: number, scale: number): number {
  const scaled = value * scale;
  return (scaled < 0 ? scaled - 0.5 : scaled + 0.5) | 0;
}

/** undefined where some value is no integer of 32 bits divided by `scale`. There is one value at least. */
function rangeOf(
  values: Float64Array,
  validity: Uint8Array | undefined,
  rowCount: number,
  scale: number,
): WholeRange | undefined {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < rowCount; row++) {
    if (validity !== undefined && validity[row] === 0) continue;
    const whole = wholeOf(values[row], scale);
    if (whole / scale !== values[row]) return undefined;
    if (whole < least) least = whole;
    if (whole > greatest) greatest = whole;
  }
  return { least, greatest };
}

function writeDecimals(
  values: Float64Array,
  rowCount: number,
  codes: Int32Array,
  { base, scale }: CodeLayout,
  span: number,
): boolean {
  for (let row = 0; row < rowCount; row++) {
    const value = values[row];
    const whole = wholeOf(value, scale);
    const distance = whole - base;
    if (whole / scale !== value || distance < 0 || distance >= span) return false;
    codes[row] = distance + 1;
  }
  return true;
}

function writeValid(
  values: Float64Array,
  validity: Uint8Array,
  rowCount: number,
  codes: Int32Array,
  { base, scale }: CodeLayout,
  span: number,
): boolean {
  for (let row = 0; row < rowCount; row++) {
    if (validity[row] === 0) {
      codes[row] = NULL_CODE;
      continue;
    }
    const whole = wholeOf(values[row], scale);
    const distance = whole - base;
    if (whole / scale !== values[row] || distance < 0 || distance >= span) return false;
    codes[row] = distance + 1;
  }
  return true;
}

/** Booleans, and text by the codes of a dictionary of its own. */
class CodedKey implements DenseKey {
  readonly areIntegers = false;
  readonly #encoder: KeyEncoder;
  #size = MIN_SPAN;
  #high = new Int32Array(0);

  constructor(type: SqlType) {
    this.#encoder = new KeyEncoder(type);
  }

  get size(): number {
    return this.#size;
  }

  get layout(): CodeLayout {
    return CODED;
  }

  get sizeBytes(): number {
    return this.#encoder.sizeBytes;
  }

  encode(column: Column, rowCount: number, codes: Int32Array, maxSize: number): boolean {
    let greatest = 0;
    if (column.kind === 'dictionary') greatest = this.#encoder.encodeCodes(column, rowCount, codes);
    else {
      this.find(column, rowCount, codes);
      for (let row = 0; row < rowCount; row++) if (codes[row] > greatest) greatest = codes[row];
    }
    if (greatest < this.#size) return true;
    if (greatest >= maxSize) return false;
    this.#size = Math.min(Math.max(greatest + 1, this.#size * 2), maxSize);
    return true;
  }

  find(column: Column, rowCount: number, codes: Int32Array): void {
    if (this.#high.length < rowCount) this.#high = new Int32Array(rowCount);
    this.#encoder.encode(column, rowCount, codes, this.#high);
    // An encoder that is closed marks what it does not know by -1.
    for (let row = 0; row < rowCount; row++) codes[row] = codes[row] < 0 ? UNKNOWN_CODE : codes[row] + 1;
    const { validity } = column;
    if (validity === undefined) return;
    for (let row = 0; row < rowCount; row++) if (validity[row] === 0) codes[row] = NULL_CODE;
  }

  decode(codes: Int32Array): Column {
    const low = new Int32Array(codes.length);
    const high = new Int32Array(codes.length);
    for (let index = 0; index < codes.length; index++) {
      if (codes[index] === NULL_CODE) high[index] = NULL_KEY_HIGH;
      else low[index] = codes[index] - 1;
    }
    return this.#encoder.decode(low, high, codes.length);
  }

  close(): void {
    this.#encoder.close();
  }
}
