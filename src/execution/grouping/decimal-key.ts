import { type Column, wideAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { date } from '../../types/date.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { oid } from '../../types/oid.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';
import { type CodeLayout, codeWithin, MIN_SPAN, NULL_CODE, UNKNOWN_CODE, wholeOf } from './code-layout.ts';
import type { DenseKey } from './dense-key.ts';
import { type KeyDoubles, keyDoubles } from './key-doubles.ts';

/** A range that grows becomes this much wider than it has to: a few values more do not move everything again. */
const SLACK = 1.25;
/** Types of integers that are kept as doubles. Values of an enum may lie between two integers. */
const INTEGERS: readonly TypeDefinition[] = [int2, int4, oid, date];
/** Of the codes of integers each fits in 32 bits. */
const MAX_INTEGER = 2 ** 30;
/** Doubles with more decimals are seldom few. */
const MAX_SCALE = 10_000;

/** So many values may lie outside of the range of all others. */
const MAX_STRAYS = 64;
/** So large a share of the values has to be of a scale. */
const USUAL_SHARE = 15 / 16;

/**
 * Integers of 32 bits, and doubles that are such an integer divided by a power of ten, as measurements are: of two decimals
 * 19.99 is 1999. The code is the distance from the least integer, and one.
 */
export class DecimalKey implements DenseKey {
  readonly #type: TypeDefinition;
  readonly areIntegers: boolean;
  #layout: CodeLayout = { base: 0, scale: 1, span: 0, strays: [] };
  /** The place of each stray among those of the layout. */
  readonly #strayPlaces = new Map<Int64, number>();

  constructor(type: TypeDefinition) {
    this.#type = type;
    this.areIntegers = type.representation === 'int64' || INTEGERS.includes(type);
  }

  get size(): number {
    return this.#layout.span + 1 + this.#room;
  }

  /** Codes that are kept for strays. */
  get #room(): number {
    return this.#strayPlaces.size === 0 ? 0 : MAX_STRAYS;
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
    if (doubles === undefined) return false;
    const { values, beyond } = doubles;
    const { validity } = column;
    if (beyond === undefined) {
      if (this.#write(values, validity, rowCount, codes)) return true;
      for (let { scale } = this.#layout; scale <= MAX_SCALE; scale *= 10) {
        const range = rangeOf(values, validity, rowCount, scale);
        if (range === undefined) continue;
        if (!this.#widen(range, scale, maxSize)) break;
        return this.#write(values, validity, rowCount, codes);
      }
    }
    return this.#writeSome(column, doubles, rowCount, codes, maxSize);
  }

  find(column: Column, rowCount: number, codes: Int32Array): void {
    const doubles = keyDoubles(column, this.#type, rowCount);
    const { validity } = column;
    for (let row = 0; row < rowCount; row++) {
      if (validity !== undefined && validity[row] === 0) codes[row] = NULL_CODE;
      else codes[row] = doubles === undefined ? UNKNOWN_CODE : this.#codeAt(column, doubles, row);
    }
  }

  #codeAt(column: Column, { values, beyond }: KeyDoubles, row: number): number {
    const isBeyond = beyond?.[row] === 1;
    const code = isBeyond ? NULL_CODE : codeWithin(values[row], this.#layout);
    if (code !== NULL_CODE) return code;
    const place = this.#strayPlaces.get(isBeyond && column.kind === 'wide' ? wideAt(column, row) : values[row]);
    return place === undefined ? UNKNOWN_CODE : this.#layout.span + 1 + place;
  }

  decode(codes: Int32Array): Column {
    const { base, scale, span } = this.#layout;
    const values = new Float64Array(codes.length);
    let validity: Uint8Array | undefined;
    for (let index = 0; index < codes.length; index++) {
      if (codes[index] > span) return this.#decodeAny(codes);
      if (codes[index] === NULL_CODE) {
        validity ??= new Uint8Array(codes.length).fill(1);
        validity[index] = 0;
      } else values[index] = (base + (codes[index] - 1)) / scale;
    }
    return { kind: 'number', values, validity };
  }

  #decodeAny(codes: Int32Array): Column {
    const { base, scale, span, strays } = this.#layout;
    const builder = new ColumnBuilder(this.#type.representation, { capacity: codes.length });
    for (const code of codes) {
      if (code === NULL_CODE) builder.pushNull();
      else builder.push(code > span ? strays[code - span - 1] : (base + (code - 1)) / scale);
    }
    return builder.finish();
  }

  close(): void {}

  /** Whether every value within the bounds has a code, if need be after making room for them. */
  #covers(bounds: UnitStatistics | undefined, maxSize: number): boolean {
    if (bounds?.kind !== 'int64' && bounds?.kind !== 'float64') return false;
    const { min, max } = bounds;
    if (typeof min !== 'number' || typeof max !== 'number' || !(max - min < maxSize)) return false;
    // A code is found in 32 bits.
    if (min < -MAX_INTEGER || max > MAX_INTEGER) return false;
    const { base, scale, span } = this.#layout;
    if (scale !== 1) return false;
    if (min >= base && max < base + span) return true;
    return this.#widen({ least: min, greatest: max }, 1, maxSize);
  }

  /** False at the first value that has no code. */
  #write(values: Float64Array, validity: Uint8Array | undefined, rowCount: number, codes: Int32Array): boolean {
    const { base, scale, span } = this.#layout;
    if (validity !== undefined) return writeValid(values, validity, rowCount, codes, this.#layout);
    if (scale !== 1) return writeDecimals(values, rowCount, codes, this.#layout);
    for (let row = 0; row < rowCount; row++) {
      const value = values[row];
      const whole = value | 0;
      const distance = whole - base;
      if (whole !== value || distance < 0 || distance >= span) return false;
      codes[row] = distance + 1;
    }
    return true;
  }

  /** The same with codes of their own for what few values lie far from all others. */
  #writeSome(column: Column, doubles: KeyDoubles, rowCount: number, codes: Int32Array, maxSize: number): boolean {
    const { validity } = column;
    const { values, beyond } = doubles;
    const scale = usualScale(values, validity, rowCount, this.#layout.scale);
    const wholes: number[] = [];
    for (let row = 0; row < rowCount; row++) {
      if ((validity !== undefined && validity[row] === 0) || beyond?.[row] === 1) continue;
      const whole = wholeOf(values[row], scale);
      if (whole / scale === values[row] && codeWithin(values[row], this.#layout) === NULL_CODE) wholes.push(whole);
    }
    this.#widenAround(wholes, scale, maxSize - MAX_STRAYS);
    for (let row = 0; row < rowCount; row++) {
      if (validity !== undefined && validity[row] === 0) {
        codes[row] = NULL_CODE;
        continue;
      }
      let code = this.#codeAt(column, doubles, row);
      if (code === UNKNOWN_CODE) {
        if (this.#strayPlaces.size === MAX_STRAYS) return false;
        this.#addStray(column.kind === 'wide' && beyond?.[row] === 1 ? wideAt(column, row) : values[row]);
        code = this.#codeAt(column, doubles, row);
      }
      codes[row] = code;
    }
    return true;
  }

  #addStray(value: Int64): void {
    const { strays } = this.#layout;
    this.#strayPlaces.set(value, strays.length);
    this.#layout = { ...this.#layout, strays: [...strays, value] };
  }

  /** Makes room for as many of the integers as may be: those that are furthest off are left out first. */
  #widenAround(wholes: number[], scale: number, maxSize: number): void {
    const sorted = Float64Array.from(new Set(wholes)).sort();
    const { base, span, scale: knownScale } = this.#layout;
    const center = span > 0 ? (base + span / 2) * (scale / knownScale) : sorted[sorted.length >>> 1];
    let from = 0;
    for (let to = sorted.length; from < to; ) {
      if (this.#widen({ least: sorted[from], greatest: sorted[to - 1] }, scale, maxSize)) return;
      if (sorted[to - 1] - center > center - sorted[from]) to--;
      else from++;
    }
  }

  /** Makes room for a range of integers, with some to spare on the side where it was missing. */
  #widen({ least, greatest }: WholeRange, scale: number, maxSize: number): boolean {
    const maxSpan = maxSize - 1 - this.#room;
    const known = this.#layout;
    const isFirst = known.span === 0;
    const factor = scale / known.scale;
    const knownBase = known.base * factor;
    const base = isFirst ? least : Math.min(knownBase, least);
    const end = isFirst ? greatest + 1 : Math.max(knownBase + (known.span - 1) * factor + 1, greatest + 1);
    const needed = end - base;
    if (needed > maxSpan) return false;
    const span = Math.min(Math.max(isFirst ? needed : Math.ceil(needed * SLACK), MIN_SPAN), maxSpan);
    this.#layout = { base: !isFirst && base < knownBase ? end - span : base, scale, span, strays: known.strays };
    return true;
  }
}

interface WholeRange {
  readonly least: number;
  readonly greatest: number;
}

/** The first scale from `known` on that most values are of; without one, that. */
function usualScale(values: Float64Array, validity: Uint8Array | undefined, rowCount: number, known: number): number {
  for (let scale = known; scale <= MAX_SCALE; scale *= 10) {
    let count = 0;
    let ofScale = 0;
    for (let row = 0; row < rowCount; row++) {
      if (validity !== undefined && validity[row] === 0) continue;
      count++;
      if (wholeOf(values[row], scale) / scale === values[row]) ofScale++;
    }
    if (ofScale >= count * USUAL_SHARE) return scale;
  }
  return known;
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
  { base, scale, span }: CodeLayout,
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
  { base, scale, span }: CodeLayout,
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
