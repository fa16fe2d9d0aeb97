import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { kernels } from '../../kernels/numeric-kernels.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { toInt64 } from '../../types/int64.ts';
import { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import {
  type Accumulator,
  type AggregateFunction,
  type RowAccumulator,
  type RunAccumulator,
  type RunSegments,
  SHORT_SEGMENT,
} from '../function-definition.ts';
import { averageOf } from './average.ts';
import { ExactSums } from './exact-sums.ts';
import { integerSumFrames } from './frame-integer-sums.ts';
import { grownFloat64, liveRows, numberColumn, numbersOf } from './group-arrays.ts';
import { addRowSums } from './row-sums.ts';

const MAX_EXACT = 2 ** 53;
/** Rows are added in plain doubles where so many spans of them stay exact: the sums are then moved seldom enough. */
const MIN_OPEN_SPANS = 8;

/** What becomes of an exact sum and the number of its addends; of one within ±2^53 without the help of bigint. */
interface Finish {
  small(total: number, count: number): Value;
  large(total: bigint, count: number): Value;
}

/** sum and avg over integers, exact whatever their number; NULL for groups without values. */
class IntegerSumAccumulator implements Accumulator, RunAccumulator {
  readonly runs = this;
  readonly rows: RowAccumulator = {
    accepts: (input, bounds, rowCount) => largestOf(input, bounds) * rowCount * MIN_OPEN_SPANS <= MAX_EXACT,
    add: (input, groups, rowCount, bounds) => this.#addRows(input, groups, rowCount, bounds),
    resultsOf: (from, to) => this.#resultsOf(from, to),
  };
  readonly #resultType: TypeDefinition;
  readonly #finish: Finish;
  readonly #sums = new ExactSums();
  #counts: Float64Array = new Float64Array(0);
  /** What rows have brought since they were last moved to the exact sums; none of them passes `#openBound`. */
  #openSums: Float64Array = new Float64Array(0);
  #openBound = 0;

  constructor(resultType: TypeDefinition, finish: Finish) {
    this.#resultType = resultType;
    this.#finish = finish;
  }

  get sizeBytes(): number {
    return this.#sums.sizeBytes + this.#counts.byteLength + this.#openSums.byteLength;
  }

  reserve(groupCount: number): void {
    this.#sums.reserve(groupCount);
    this.#counts = grownFloat64(this.#counts, groupCount);
    if (this.#openSums.length > 0) this.#openSums = grownFloat64(this.#openSums, this.#counts.length);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const live = liveRows(input!.validity, filter, rowCount);
    this.#sums.addColumn(input!, live, groups, rowCount, this.#counts);
  }

  /** Only where the sum of a run is exact as a double. */
  accepts(input: Column | undefined, bounds: UnitStatistics | undefined): boolean {
    return input?.kind === 'number' && largestOf(input, bounds) * input.values.length <= MAX_EXACT;
  }

  add(input: Column | undefined, { from, to, groups, start, end, base }: RunSegments, live?: Uint8Array): void {
    if (input?.kind !== 'number') throw new TypeError('small integers are a column of numbers');
    const { values } = input;
    for (let at = start; at < end; at++) {
      const group = groups[at] - base;
      const first = from[at];
      const last = to[at];
      if (live !== undefined) {
        this.#sums.add(group, kernels.sumSelected(values, live, first, last));
        this.#counts[group] += kernels.countSelected(live, first, last);
      } else {
        let sum = 0;
        if (last - first >= SHORT_SEGMENT) sum = kernels.sum(values, first, last);
        else for (let row = first; row < last; row++) sum += values[row];
        this.#sums.add(group, sum);
        this.#counts[group] += last - first;
      }
    }
  }

  acceptsStatistics(statistics: UnitStatistics | undefined): boolean {
    return statistics?.kind === 'int64' || statistics?.kind === 'float64';
  }

  addStatistics(statistics: UnitStatistics | undefined, rowCount: number, group: number): void {
    if (statistics?.kind !== 'int64' && statistics?.kind !== 'float64') return;
    const count = rowCount - statistics.nullCount;
    if (count > 0) this.#sums.add(group, statistics.sum);
    this.#counts[group] += count;
  }

  partialStates(groupCount: number): readonly Column[] {
    this.#closeSums();
    return [numberColumn(this.#counts, groupCount), ...this.#sums.partialStates(groupCount)];
  }

  merge([counts, ...sums]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    const stateCounts = numbersOf(counts);
    for (let state = 0; state < stateCount; state++) this.#counts[groups[state]] += stateCounts[state];
    this.#sums.merge(sums, groups, stateCount);
  }

  results(groupCount: number): Column {
    return this.#resultsOf(0, groupCount);
  }

  #addRows(input: Column | undefined, groups: Uint32Array, rowCount: number, bounds: UnitStatistics | undefined): void {
    if (input?.kind !== 'number') throw new TypeError('small integers are a column of numbers');
    if (this.#openSums.length < this.#counts.length) {
      this.#openSums = grownFloat64(this.#openSums, this.#counts.length);
    }
    const bound = largestOf(input, bounds) * rowCount;
    if (this.#openBound + bound > MAX_EXACT) this.#closeSums();
    this.#openBound += bound;
    addRowSums(input.values, groups, rowCount, this.#openSums, this.#counts);
  }

  /** Moves what rows have brought to the exact sums. What stands for group 0 means nothing. */
  #closeSums(): void {
    if (this.#openBound === 0) return;
    const open = this.#openSums;
    for (let group = 1; group < open.length; group++) if (open[group] !== 0) this.#sums.add(group, open[group]);
    open.fill(0);
    this.#openBound = 0;
  }

  #resultsOf(from: number, to: number): Column {
    this.#closeSums();
    const builder = new ColumnBuilder(this.#resultType.representation, { capacity: to - from });
    for (let group = from; group < to; group++) {
      const count = this.#counts[group];
      if (count === 0) builder.pushNull();
      else {
        const small = this.#sums.smallTotal(group);
        builder.push(
          small === undefined ? this.#finish.large(this.#sums.total(group), count) : this.#finish.small(small, count),
        );
      }
    }
    return builder.finish();
  }
}

/** No value of the column is further from 0; Infinity where that is not known. */
function largestOf(input: Column | undefined, bounds: UnitStatistics | undefined): number {
  if (input?.kind !== 'number' || (bounds?.kind !== 'int64' && bounds?.kind !== 'float64')) {
    return Number.POSITIVE_INFINITY;
  }
  const { min, max } = bounds;
  if (typeof min !== 'number' || typeof max !== 'number') return Number.POSITIVE_INFINITY;
  // Without a value both are NaN.
  return Number.isNaN(min) ? 0 : Math.max(-min, max);
}

const asBigint: Finish = { small: (total) => total, large: toInt64 };
const asNumeric: Finish = {
  small: (total) => Numeric.of(BigInt(total), 0),
  large: (total) => Numeric.of(total, 0),
};
const average: Finish = {
  small: averageOf,
  large: (total, count) => Numeric.of(total, 0).divide(Numeric.fromInt64(count)),
};

function aggregate(
  name: string,
  oid: number,
  argumentType: TypeDefinition,
  resultType: TypeDefinition,
  finish: Finish,
): AggregateFunction {
  const createAccumulator = () => new IntegerSumAccumulator(resultType, finish);
  return {
    kind: 'aggregate',
    name,
    oid,
    argumentTypes: [argumentType],
    resultType,
    ignoresOrder: true,
    createAccumulator,
    aggregateFrames: (input) => integerSumFrames(input, resultType.representation, finish.small),
  };
}

export const integerSumAggregates: readonly AggregateFunction[] = [
  aggregate('sum', 2107, int8, numeric, asNumeric),
  aggregate('sum', 2108, int4, int8, asBigint),
  aggregate('sum', 2109, int2, int8, asBigint),
  aggregate('avg', 2100, int8, numeric, average),
  aggregate('avg', 2101, int4, numeric, average),
  aggregate('avg', 2102, int2, numeric, average),
];
