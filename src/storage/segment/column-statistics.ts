import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Validity } from '../../columnar/column.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { unreachable } from '../../errors/invariant.ts';
import { int64FromParts } from '../../types/int64.ts';
import type { Int64 } from '../../types/value.ts';
import { UNIT_ROWS } from '../codec/column-codec.ts';
import {
  canonical,
  type IntegerArray,
  readCountArray,
  readIntegerArray,
  readNumberArray,
  writeIntegerArray,
  writeNumberArray,
} from './footer-arrays.ts';
import { joinStatistics } from './join-statistics.ts';

const HAS_NAN = 1;
const HAS_INFINITY = 2;
const IS_WIDE = 4;
const MAX_EXACT = 9007199254740992;
const TWO_POW_32 = 4294967296;

export type StatisticsKind = UnitStatistics['kind'];

/**
 * The statistics of a column, unit by unit, on their way to the footer. Each field is an array of its own, which packs
 * as well as the data does:
 *
 *   all        | null counts |
 *   boolean    | true counts |
 *   float64    | flags | mins | maxs | sums | firsts | lasts | first rows | last rows, from the end |     all numbers
 *   int64      the same, with mins to lasts as integers
 *
 *   flags: 1 a NaN, 2 an infinity, 4 wide. A unit without values has NaN (float64) or 0 (int64) in place of values.
 */
export class StatisticsBuilder {
  readonly #kind: StatisticsKind;
  readonly #nullCounts: number[] = [];
  readonly #trueCounts: number[] = [];
  readonly #flags: number[] = [];
  readonly #mins: (number | bigint)[] = [];
  readonly #maxs: (number | bigint)[] = [];
  readonly #sums: (number | bigint)[] = [];
  readonly #firsts: (number | bigint)[] = [];
  readonly #lasts: (number | bigint)[] = [];
  readonly #firstRows: number[] = [];
  readonly #lastRows: number[] = [];

  constructor(kind: StatisticsKind) {
    this.#kind = kind;
  }

  addCounts(nullCount: number): void {
    this.#nullCounts.push(nullCount);
  }

  addBooleans(values: Uint8Array, nullCount: number): void {
    let trueCount = 0;
    for (let row = 0; row < values.length; row++) trueCount += values[row];
    this.#nullCounts.push(nullCount);
    this.#trueCounts.push(trueCount);
  }

  /** `values` are those that are not NULL; `validity` tells their rows. */
  addNumbers(values: Float64Array, validity: Validity, nullCount: number): void {
    let min = Number.NaN;
    let max = Number.NaN;
    let sum = 0;
    let flags = 0;
    for (let row = 0; row < values.length; row++) {
      const value = values[row];
      sum += value;
      if (Number.isNaN(value)) {
        flags |= HAS_NAN;
        continue;
      }
      // Negated, so that the first value replaces the NaN.
      if (!(value >= min)) min = value;
      if (!(value <= max)) max = value;
    }
    if (min === Number.NEGATIVE_INFINITY || max === Number.POSITIVE_INFINITY) flags |= HAS_INFINITY;
    const first = values.length > 0 ? values[0] : Number.NaN;
    const last = values.length > 0 ? values[values.length - 1] : Number.NaN;
    this.#add(flags, { min, max, sum, first, last }, validity, nullCount);
  }

  /** Integers within ±2^53 and infinite instants. */
  addNarrow(values: Float64Array, validity: Validity, nullCount: number, hasSum: boolean): void {
    if (values.length === 0) {
      this.#add(0, { min: 0, max: 0, sum: 0, first: 0, last: 0 }, validity, nullCount);
      return;
    }
    let min = values[0];
    let max = values[0];
    let total = values[0];
    for (let row = 1; row < values.length; row++) {
      const value = values[row];
      total += value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const isInfinite = min === Number.NEGATIVE_INFINITY || max === Number.POSITIVE_INFINITY;
    const isExact = Math.max(Math.abs(min), Math.abs(max)) * values.length <= MAX_EXACT;
    const sum = !hasSum ? 0 : isExact ? total : wideSum(values);
    const edges = { min, max, sum, first: values[0], last: values[values.length - 1] };
    this.#add(isInfinite ? HAS_INFINITY : 0, edges, validity, nullCount);
  }

  /** 64-bit integers, at least one. Infinite instants are the marks ±2^63 among them. */
  addWide(high: Int32Array, low: Uint32Array, validity: Validity, nullCount: number, isInstant: boolean): void {
    let min = 0;
    let max = 0;
    let sumHigh = 0;
    let sumLow = 0;
    for (let row = 0; row < high.length; row++) {
      sumHigh += high[row];
      sumLow += low[row];
      if (high[row] < high[min] || (high[row] === high[min] && low[row] < low[min])) min = row;
      if (high[row] > high[max] || (high[row] === high[max] && low[row] > low[max])) max = row;
    }
    const at = (row: number): number | bigint => {
      if (isInstant && high[row] === 0x7fffffff && low[row] === 0xffffffff) return Number.POSITIVE_INFINITY;
      if (isInstant && high[row] === -0x80000000 && low[row] === 0) return Number.NEGATIVE_INFINITY;
      return int64FromParts(high[row], low[row]);
    };
    const sum = isInstant ? 0 : canonical(BigInt(sumHigh) * BigInt(TWO_POW_32) + BigInt(sumLow));
    const edges = { min: at(min), max: at(max), sum, first: at(0), last: at(high.length - 1) };
    const isInfinite = edges.min === Number.NEGATIVE_INFINITY || edges.max === Number.POSITIVE_INFINITY;
    this.#add(IS_WIDE | (isInfinite ? HAS_INFINITY : 0), edges, validity, nullCount);
  }

  write(writer: ByteWriter): void {
    writeNumberArray(this.#nullCounts, writer);
    switch (this.#kind) {
      case 'count':
        return;
      case 'boolean':
        writeNumberArray(this.#trueCounts, writer);
        return;
      case 'float64':
      case 'int64':
        writeNumberArray(this.#flags, writer);
        for (const edges of [this.#mins, this.#maxs, this.#sums, this.#firsts, this.#lasts]) {
          if (this.#kind === 'int64') writeIntegerArray(edges, writer);
          else writeNumberArray(edges as number[], writer);
        }
        writeNumberArray(this.#firstRows, writer);
        writeNumberArray(this.#lastRows, writer);
        return;
      default:
        unreachable(this.#kind);
    }
  }

  #add(
    flags: number,
    edges: { [edge in 'min' | 'max' | 'sum' | 'first' | 'last']: number | bigint },
    validity: Validity,
    nullCount: number,
  ): void {
    this.#nullCounts.push(nullCount);
    this.#flags.push(flags);
    this.#mins.push(edges.min);
    this.#maxs.push(edges.max);
    this.#sums.push(edges.sum);
    this.#firsts.push(edges.first);
    this.#lasts.push(edges.last);
    this.#firstRows.push(validity === undefined ? 0 : Math.max(validity.indexOf(1), 0));
    this.#lastRows.push(validity === undefined ? 0 : validity.length - 1 - Math.max(validity.lastIndexOf(1), 0));
  }
}

/** The sum where it may pass ±2^53. */
function wideSum(values: Float64Array): number | bigint {
  // Upper and lower parts add up exactly, each below 2^53.
  let sumHigh = 0;
  let sumLow = 0;
  for (let row = 0; row < values.length; row++) {
    const high = Math.floor(values[row] / TWO_POW_32);
    sumHigh += high;
    sumLow += values[row] - high * TWO_POW_32;
  }
  return canonical(BigInt(sumHigh) * BigInt(TWO_POW_32) + BigInt(sumLow));
}

/** The statistics of a column as the footer has them. */
export class ColumnStatistics {
  readonly kind: StatisticsKind;
  readonly nullCounts: Float64Array;
  readonly trueCounts: Float64Array | undefined;
  readonly #edges: Edges | undefined;
  /** By first unit: the statistics of several units together. */
  readonly #together = new Map<number, { readonly to: number; readonly statistics: UnitStatistics }>();

  constructor(
    kind: StatisticsKind,
    nullCounts: Float64Array,
    trueCounts: Float64Array | undefined,
    edges: Edges | undefined,
  ) {
    this.kind = kind;
    this.nullCounts = nullCounts;
    this.trueCounts = trueCounts;
    this.#edges = edges;
  }

  /** The reverse of `StatisticsBuilder.write`. */
  static read(reader: ByteReader, kind: StatisticsKind, unitCount: number): ColumnStatistics {
    const nullCounts = readCountArray(reader, unitCount, UNIT_ROWS);
    if (kind === 'count') return new ColumnStatistics(kind, nullCounts, undefined, undefined);
    if (kind === 'boolean') {
      return new ColumnStatistics(kind, nullCounts, readCountArray(reader, unitCount, UNIT_ROWS), undefined);
    }
    const flags = readCountArray(reader, unitCount, HAS_NAN | HAS_INFINITY | IS_WIDE);
    const readEdge = kind === 'int64' ? readIntegerArray : readNumberArray;
    const edges: Edges = {
      flags,
      mins: readEdge(reader, unitCount),
      maxs: readEdge(reader, unitCount),
      sums: readEdge(reader, unitCount),
      firsts: readEdge(reader, unitCount),
      lasts: readEdge(reader, unitCount),
      firstRows: readCountArray(reader, unitCount, UNIT_ROWS - 1),
      lastRows: readCountArray(reader, unitCount, UNIT_ROWS - 1),
    };
    return new ColumnStatistics(kind, nullCounts, undefined, edges);
  }

  /** Of the units `from` to `to` (exclusive) together; they are remembered, since runs are asked for again and again. */
  over(from: number, to: number, unitStarts: Uint32Array): UnitStatistics {
    const known = this.#together.get(from);
    if (known !== undefined && known.to === to) return known.statistics;
    let statistics = this.at(from, unitStarts[from + 1] - unitStarts[from]);
    for (let unit = from + 1; unit < to; unit++) {
      statistics = joinStatistics(statistics, this.at(unit, unitStarts[unit + 1] - unitStarts[unit]));
    }
    this.#together.set(from, { to, statistics });
    return statistics;
  }

  /** The least and the greatest value of a unit of numbers or integers that has values. */
  minOf(unit: number): Int64 {
    return this.#edges!.mins[unit];
  }

  maxOf(unit: number): Int64 {
    return this.#edges!.maxs[unit];
  }

  at(unit: number, rowCount: number): UnitStatistics {
    const nullCount = this.nullCounts[unit];
    // No spreads: these objects are made for each unit that a query meets.
    if (this.kind === 'count') return { kind: 'count', rowCount, nullCount };
    if (this.kind === 'boolean') return { kind: 'boolean', rowCount, nullCount, trueCount: this.trueCounts![unit] };
    const edges = this.#edges!;
    const flags = edges.flags[unit];
    const hasInfinity = (flags & HAS_INFINITY) !== 0;
    const hasValues = nullCount < rowCount;
    const firstRow = hasValues ? edges.firstRows[unit] : -1;
    const lastRow = hasValues ? rowCount - 1 - edges.lastRows[unit] : -1;
    if (this.kind === 'int64') {
      return {
        kind: 'int64',
        rowCount,
        nullCount,
        isWide: (flags & IS_WIDE) !== 0,
        hasInfinity,
        min: hasValues ? edges.mins[unit] : Number.NaN,
        max: hasValues ? edges.maxs[unit] : Number.NaN,
        sum: edges.sums[unit],
        first: hasValues ? edges.firsts[unit] : Number.NaN,
        last: hasValues ? edges.lasts[unit] : Number.NaN,
        firstRow,
        lastRow,
      };
    }
    return {
      kind: 'float64',
      rowCount,
      nullCount,
      hasNaN: (flags & HAS_NAN) !== 0,
      hasInfinity,
      min: edges.mins[unit] as number,
      max: edges.maxs[unit] as number,
      sum: edges.sums[unit] as number,
      first: edges.firsts[unit] as number,
      last: edges.lasts[unit] as number,
      firstRow,
      lastRow,
    };
  }
}

interface Edges {
  readonly flags: Float64Array;
  readonly mins: IntegerArray;
  readonly maxs: IntegerArray;
  readonly sums: IntegerArray;
  readonly firsts: IntegerArray;
  readonly lasts: IntegerArray;
  readonly firstRows: Float64Array;
  readonly lastRows: Float64Array;
}
