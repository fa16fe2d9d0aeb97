import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';
import { squareRootToScale } from '../scalar/numeric-math.ts';
import { ExactSums } from './exact-sums.ts';
import { type Statistic, statistics } from './float-variance.ts';
import { grownFloat64, liveRows, numberColumn, numbersOf } from './group-arrays.ts';

/** The statistic of `count` values from their exact sum and sum of squares; NULL where it is not defined. */
function finish(statistic: Statistic, count: number, sum: Numeric, squares: Numeric): Numeric | null {
  const divisor = count - (statistic.isSample ? 1 : 0);
  if (divisor <= 0) return null;
  if (!sum.isFinite || !squares.isFinite) return Numeric.NaN;
  const n = Numeric.fromInt64(count);
  const spread = n.multiply(squares).subtract(sum.multiply(sum));
  if (spread.sign() <= 0) return Numeric.zero;
  const variance = spread.divide(n.multiply(Numeric.fromInt64(divisor)));
  return statistic.isDeviation ? squareRootToScale(variance, variance.scale) : variance;
}

/** Variance of integers, from exact sums. */
class IntegerVarianceAccumulator implements Accumulator {
  readonly #statistic: Statistic;
  readonly #sums = new ExactSums();
  readonly #squares = new ExactSums();
  #counts: Float64Array = new Float64Array(0);

  constructor(statistic: Statistic) {
    this.#statistic = statistic;
  }

  get sizeBytes(): number {
    return this.#sums.sizeBytes + this.#squares.sizeBytes + this.#counts.byteLength;
  }

  reserve(groupCount: number): void {
    this.#sums.reserve(groupCount);
    this.#squares.reserve(groupCount);
    this.#counts = grownFloat64(this.#counts, groupCount);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const live = liveRows(input!.validity, filter, rowCount);
    this.#sums.addColumn(input!, live, groups, rowCount, this.#counts);
    this.#squares.addSquares(input!, live, groups, rowCount);
  }

  partialStates(groupCount: number): readonly Column[] {
    return [
      numberColumn(this.#counts, groupCount),
      ...this.#sums.partialStates(groupCount),
      ...this.#squares.partialStates(groupCount),
    ];
  }

  merge(states: readonly Column[], groups: Uint32Array, stateCount: number): void {
    const counts = numbersOf(states[0]);
    for (let state = 0; state < stateCount; state++) this.#counts[groups[state]] += counts[state];
    this.#sums.merge(states.slice(1, 4), groups, stateCount);
    this.#squares.merge(states.slice(4), groups, stateCount);
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder('value', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      const sum = Numeric.of(this.#sums.total(group), 0);
      const squares = Numeric.of(this.#squares.total(group), 0);
      builder.push(finish(this.#statistic, this.#counts[group], sum, squares));
    }
    return builder.finish();
  }
}

/** Variance of numerics. Any NaN or infinity makes the result NaN. */
class NumericVarianceAccumulator implements Accumulator {
  readonly #statistic: Statistic;
  readonly #sums: Numeric[] = [];
  readonly #squares: Numeric[] = [];
  #counts: Float64Array = new Float64Array(0);

  constructor(statistic: Statistic) {
    this.#statistic = statistic;
  }

  get sizeBytes(): number {
    return this.#sums.length * 200 + this.#counts.byteLength;
  }

  reserve(groupCount: number): void {
    while (this.#sums.length < groupCount) {
      this.#sums.push(Numeric.zero);
      this.#squares.push(Numeric.zero);
    }
    this.#counts = grownFloat64(this.#counts, groupCount);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const live = liveRows(input!.validity, filter, rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const value = valueAt(input!, row) as Numeric;
      this.#add(groups[row], 1, value, value.multiply(value));
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    const textOf = (numerics: readonly Numeric[]): Column => {
      const builder = new ColumnBuilder('text', { capacity: groupCount });
      for (let group = 0; group < groupCount; group++) builder.push(numerics[group]!.toString());
      return builder.finish();
    };
    return [numberColumn(this.#counts, groupCount), textOf(this.#sums), textOf(this.#squares)];
  }

  merge([counts, sums, squares]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    const stateCounts = numbersOf(counts);
    const numericAt = (column: Column, row: number): Numeric => Numeric.parse(valueAt(column, row) as string);
    for (let state = 0; state < stateCount; state++) {
      this.#add(groups[state], stateCounts[state], numericAt(sums!, state), numericAt(squares!, state));
    }
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder('value', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      builder.push(finish(this.#statistic, this.#counts[group], this.#sums[group]!, this.#squares[group]!));
    }
    return builder.finish();
  }

  #add(group: number, count: number, sum: Numeric, squares: Numeric): void {
    this.#counts[group] += count;
    this.#sums[group] = this.#sums[group]!.add(sum);
    this.#squares[group] = this.#squares[group]!.add(squares);
  }
}

function aggregates(type: TypeDefinition, oids: Readonly<Record<string, number>>): AggregateFunction[] {
  const Variance = type === numeric ? NumericVarianceAccumulator : IntegerVarianceAccumulator;
  return Object.entries(oids).map(([name, oid]) => ({
    kind: 'aggregate',
    name,
    oid,
    argumentTypes: [type],
    resultType: numeric,
    ignoresOrder: true,
    createAccumulator: () => new Variance(statistics[name]!),
  }));
}

export const exactVarianceAggregates: readonly AggregateFunction[] = [
  ...aggregates(int2, {
    variance: 2150,
    var_samp: 2643,
    var_pop: 2720,
    stddev: 2156,
    stddev_samp: 2714,
    stddev_pop: 2726,
  }),
  ...aggregates(int4, {
    variance: 2149,
    var_samp: 2642,
    var_pop: 2719,
    stddev: 2155,
    stddev_samp: 2713,
    stddev_pop: 2725,
  }),
  ...aggregates(int8, {
    variance: 2148,
    var_samp: 2641,
    var_pop: 2718,
    stddev: 2154,
    stddev_samp: 2712,
    stddev_pop: 2724,
  }),
  ...aggregates(numeric, {
    variance: 2153,
    var_samp: 2646,
    var_pop: 2723,
    stddev: 2159,
    stddev_samp: 2717,
    stddev_pop: 2729,
  }),
];
