import { type Column, valueAt } from '../../columnar/column.ts';
import type { Float64Statistics, UnitStatistics } from '../../columnar/unit-statistics.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type {
  Accumulator,
  AggregateFunction,
  RowAccumulator,
  RunAccumulator,
  RunSegments,
} from '../function-definition.ts';
import { floatOverflow } from '../operators/float-arithmetic.ts';
import { floatSumFrames } from './frame-float-sums.ts';
import { areScattered, grownFloat64, liveRows, numberColumn, numbersOf, seenGroups } from './group-arrays.ts';
import { addRowSums } from './row-sums.ts';
import { addRunSums } from './run-sums.ts';

/**
 * sum and avg of floats. NaN and infinities pass through as addition has it; a sum of finite values that leaves the
 * range throws 22003. Sums of real are kept to 24 bits at each step, as PostgreSQL keeps them.
 */
class FloatSumAccumulator implements Accumulator, RunAccumulator {
  readonly #isAverage: boolean;
  readonly #isReal: boolean;
  #sums: Float64Array = new Float64Array(0);
  #counts: Float64Array = new Float64Array(0);
  readonly rows: RowAccumulator = {
    accepts: (input, bounds) => this.accepts(input, bounds),
    add: (input, groups, rowCount) => {
      addRowSums(doublesOf(input!, rowCount), groups, rowCount, this.#sums, this.#counts);
    },
    resultsOf: (from, to) => this.#resultsOf(from, to),
  };
  /** PostgreSQL's avg keeps squared deviations as well, which overflow first: followed once values are that large. */
  #deviations: Float64Array | undefined;

  constructor(options: { readonly isAverage: boolean; readonly isReal: boolean }) {
    this.#isAverage = options.isAverage;
    this.#isReal = options.isReal;
  }

  get sizeBytes(): number {
    return this.#sums.byteLength + this.#counts.byteLength;
  }

  get runs(): RunAccumulator {
    return this;
  }

  reserve(groupCount: number): void {
    const known = this.#sums.length;
    this.#sums = grownFloat64(this.#sums, groupCount);
    // PostgreSQL's sum begins with the first value, so that of -0 alone is -0; its avg begins with 0.
    if (!this.#isAverage) this.#sums.fill(-0, known);
    this.#counts = grownFloat64(this.#counts, groupCount);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const values = doublesOf(input!, rowCount);
    const live = liveRows(input!.validity, filter, rowCount);
    if (areScattered(groups, rowCount) && !this.#isReal && this.#deviations === undefined) {
      if (!hasLargeValue(values, live, 0, rowCount) && !hasInfinity(values, rowCount)) {
        this.#scatter(values, live, groups, rowCount);
        return;
      }
    }
    let row = 0;
    while (row < rowCount) {
      const group = groups[row];
      const start = row;
      while (row < rowCount && groups[row] === group) row++;
      if (this.#isAverage && (this.#deviations !== undefined || hasLargeValue(values, live, start, row))) {
        this.#addLarge(values, live, group, start, row);
      } else if (this.#isReal) this.#addReals(values, live, group, start, row);
      else if (live === undefined) this.#addAll(values, group, start, row);
      else this.#addLive(values, live, group, start, row);
    }
  }

  /** Only values that no sum of them and no square can overflow are added without a look at each. */
  accepts(input: Column | undefined, bounds: UnitStatistics | undefined): boolean {
    return input?.kind === 'number' && !this.#isReal && this.#deviations === undefined && areSmall(bounds);
  }

  add(input: Column | undefined, segments: RunSegments, live: Uint8Array | undefined): void {
    if (input?.kind !== 'number') throw new TypeError('floats are a column of numbers');
    addRunSums(input.values, segments, live, this.#sums, this.#counts);
  }

  acceptsStatistics(statistics: UnitStatistics | undefined): boolean {
    if (this.#isReal || this.#deviations !== undefined || !areSmall(statistics)) return false;
    // Of nothing but -0 the sum is -0, which the statistics do not tell.
    return statistics.sum !== 0 || !Object.is(statistics.first, -0);
  }

  addStatistics(statistics: UnitStatistics | undefined, rowCount: number, group: number): void {
    if (statistics?.kind !== 'float64' || statistics.nullCount === rowCount) return;
    this.#sums[group] += statistics.sum;
    this.#counts[group] += rowCount - statistics.nullCount;
  }

  partialStates(groupCount: number): readonly Column[] {
    const states = [numberColumn(this.#counts, groupCount), numberColumn(this.#sums, groupCount)];
    if (this.#deviations === undefined) return states;
    return [...states, numberColumn(grownFloat64(this.#deviations, groupCount), groupCount)];
  }

  merge([counts, sums, deviations]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    const stateCounts = numbersOf(counts);
    const stateSums = numbersOf(sums);
    const followsDeviations = deviations !== undefined || this.#deviations !== undefined;
    const stateDeviations = deviations === undefined ? undefined : numbersOf(deviations);
    for (let state = 0; state < stateCount; state++) {
      const group = groups[state];
      if (stateCounts[state] === 0) continue;
      if (followsDeviations) {
        this.#mergeDeviation(group, stateCounts[state], stateSums[state], stateDeviations?.[state] ?? 0);
      }
      this.#sums[group] = checkedSum(this.#sums[group], stateSums[state], this.#isReal);
      this.#counts[group] += stateCounts[state];
    }
  }

  results(groupCount: number): Column {
    return this.#resultsOf(0, groupCount);
  }

  #resultsOf(from: number, to: number): Column {
    const counts = this.#counts.subarray(from, to);
    const values = this.#sums.slice(from, to);
    if (this.#isAverage) for (let index = 0; index < values.length; index++) values[index] /= counts[index];
    return { kind: 'number', values, validity: seenGroups(counts, to - from) };
  }

  /** Values of which no sum overflows, and of which hardly two neighbours are of one group. */
  #scatter(values: Float64Array, live: Uint8Array | undefined, groups: Uint32Array, rowCount: number): void {
    const sums = this.#sums;
    const counts = this.#counts;
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const group = groups[row];
      sums[group] += values[row];
      counts[group]++;
    }
  }

  #addAll(values: Float64Array, group: number, from: number, to: number): void {
    let sum = this.#sums[group];
    for (let row = from; row < to; row++) sum += values[row];
    this.#store(sum, values, undefined, group, from, to);
    this.#counts[group] += to - from;
  }

  #addLive(values: Float64Array, live: Uint8Array, group: number, from: number, to: number): void {
    let sum = this.#sums[group];
    let count = 0;
    for (let row = from; row < to; row++) {
      if (live[row] === 0) continue;
      sum += values[row];
      count++;
    }
    this.#store(sum, values, live, group, from, to);
    this.#counts[group] += count;
  }

  #addReals(values: Float64Array, live: Uint8Array | undefined, group: number, from: number, to: number): void {
    let sum = this.#sums[group];
    let count = 0;
    for (let row = from; row < to; row++) {
      if (live !== undefined && live[row] === 0) continue;
      sum = checkedSum(sum, values[row], true);
      count++;
    }
    this.#sums[group] = sum;
    this.#counts[group] += count;
  }

  #addLarge(values: Float64Array, live: Uint8Array | undefined, group: number, from: number, to: number): void {
    this.#deviations = grownFloat64(this.#deviations ?? new Float64Array(0), this.#counts.length);
    let sum = this.#sums[group];
    let count = this.#counts[group];
    let deviation = this.#deviations[group];
    for (let row = from; row < to; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const value = values[row];
      const before = sum;
      sum += value;
      count++;
      if (count > 1) {
        const distance = value * count - sum;
        deviation += (distance * distance) / (count * (count - 1));
      } else if (!Number.isFinite(value)) deviation = Number.NaN;
      if (Math.abs(sum) === Number.POSITIVE_INFINITY || deviation === Number.POSITIVE_INFINITY) {
        if (Math.abs(before) !== Number.POSITIVE_INFINITY && Math.abs(value) !== Number.POSITIVE_INFINITY) {
          throw floatOverflow();
        }
        deviation = Number.NaN;
      }
    }
    this.#sums[group] = sum;
    this.#counts[group] = count;
    this.#deviations[group] = deviation;
  }

  /** As PostgreSQL combines them, before the sums are added. */
  #mergeDeviation(group: number, count: number, sum: number, deviation: number): void {
    this.#deviations = grownFloat64(this.#deviations ?? new Float64Array(0), this.#counts.length);
    const own = this.#counts[group];
    if (own === 0) {
      this.#deviations[group] = deviation;
      return;
    }
    const areFinite = Number.isFinite(this.#sums[group]) && Number.isFinite(sum);
    const distance = this.#sums[group] / own - sum / count;
    const joined = this.#deviations[group] + deviation + (own * count * distance * distance) / (own + count);
    if (areFinite && joined === Number.POSITIVE_INFINITY) throw floatOverflow();
    this.#deviations[group] = areFinite ? joined : Number.NaN;
  }

  /** A sum that became infinite is added up again step by step: only finite operands make that an overflow. */
  #store(
    sum: number,
    values: Float64Array,
    live: Uint8Array | undefined,
    group: number,
    from: number,
    to: number,
  ): void {
    if (!Number.isFinite(sum)) {
      let checked = this.#sums[group];
      for (let row = from; row < to; row++) {
        if (live === undefined || live[row] !== 0) checked = checkedSum(checked, values[row], false);
      }
    }
    this.#sums[group] = sum;
  }
}

/** Squares of smaller values stay in range however many there are. */
const LARGE_VALUE = 1e140;

/** What stands at NULLs counts as well: that only costs time. */
function hasInfinity(values: Float64Array, rowCount: number): boolean {
  // The difference of an infinity, or of NaN, with itself is not 0.
  let sum = 0;
  for (let row = 0; row < rowCount; row++) sum += values[row] - values[row];
  return sum !== 0;
}

/** Of a unit without values too. */
export function areSmall(statistics: UnitStatistics | undefined): statistics is Float64Statistics {
  if (statistics?.kind !== 'float64' || statistics.hasNaN || statistics.hasInfinity) return false;
  return !(statistics.max > LARGE_VALUE || statistics.min < -LARGE_VALUE);
}

export function hasLargeValue(values: Float64Array, live: Uint8Array | undefined, from: number, to: number): boolean {
  for (let row = from; row < to; row++) {
    const value = values[row];
    if ((value > LARGE_VALUE || value < -LARGE_VALUE) && (live === undefined || live[row] !== 0)) return true;
  }
  return false;
}

function checkedSum(left: number, right: number, isReal: boolean): number {
  const sum = isReal ? Math.fround(left + right) : left + right;
  if (Math.abs(sum) === Number.POSITIVE_INFINITY && Number.isFinite(left) && Number.isFinite(right)) {
    throw floatOverflow();
  }
  return sum;
}

/** A column of floats always is a number column; other forms are read row by row. */
export function doublesOf(column: Column, rowCount: number): Float64Array {
  if (column.kind === 'number') return column.values;
  const values = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) values[row] = Number(valueAt(column, row));
  return values;
}

function aggregate(
  name: 'sum' | 'avg',
  oid: number,
  argumentType: TypeDefinition,
  resultType: TypeDefinition,
): AggregateFunction {
  const options = { isAverage: name === 'avg', isReal: resultType === float4 };
  const createAccumulator = () => new FloatSumAccumulator(options);
  return {
    kind: 'aggregate',
    name,
    oid,
    argumentTypes: [argumentType],
    resultType,
    createAccumulator,
    aggregateFrames: (input) => floatSumFrames(input, options),
  };
}

export const floatSumAggregates: readonly AggregateFunction[] = [
  aggregate('sum', 2110, float4, float4),
  aggregate('sum', 2111, float8, float8),
  aggregate('avg', 2104, float4, float8),
  aggregate('avg', 2105, float8, float8),
];
