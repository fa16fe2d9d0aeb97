import type { Column } from '../../columnar/column.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { kernels } from '../../kernels/numeric-kernels.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Accumulator, AggregateFunction, RunAccumulator, RunSegments } from '../function-definition.ts';
import { floatOverflow } from '../operators/float-arithmetic.ts';
import { areSmall, doublesOf } from './float-sum.ts';
import { grownFloat64, liveRows, numberColumn, numbersOf } from './group-arrays.ts';

/** Sample statistics divide by n - 1, those of the population by n; deviations are roots of variances. */
export interface Statistic {
  readonly isSample: boolean;
  readonly isDeviation: boolean;
}

export const statistics: Readonly<Record<string, Statistic>> = {
  variance: { isSample: true, isDeviation: false },
  var_samp: { isSample: true, isDeviation: false },
  var_pop: { isSample: false, isDeviation: false },
  stddev: { isSample: true, isDeviation: true },
  stddev_samp: { isSample: true, isDeviation: true },
  stddev_pop: { isSample: false, isDeviation: true },
};

/**
 * Variance of floats after Youngs and Cramer, as in PostgreSQL: count, sum and the sum of squared deviations, which
 * does not lose its digits where values lie close together. Any NaN or infinity makes the result NaN.
 */
class FloatVarianceAccumulator implements Accumulator, RunAccumulator {
  readonly runs = this;
  readonly #statistic: Statistic;
  #counts: Float64Array = new Float64Array(0);
  #sums: Float64Array = new Float64Array(0);
  #deviations: Float64Array = new Float64Array(0);

  constructor(statistic: Statistic) {
    this.#statistic = statistic;
  }

  get sizeBytes(): number {
    return this.#counts.byteLength * 3;
  }

  reserve(groupCount: number): void {
    this.#counts = grownFloat64(this.#counts, groupCount);
    this.#sums = grownFloat64(this.#sums, groupCount);
    this.#deviations = grownFloat64(this.#deviations, groupCount);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const values = doublesOf(input!, rowCount);
    const live = liveRows(input!.validity, filter, rowCount);
    let row = 0;
    while (row < rowCount) {
      const group = groups[row];
      let count = this.#counts[group];
      let sum = this.#sums[group];
      let deviation = this.#deviations[group];
      for (; row < rowCount && groups[row] === group; row++) {
        if (live !== undefined && live[row] === 0) continue;
        const value = values[row];
        const sumBefore = sum;
        count++;
        sum += value;
        if (count > 1) {
          const distance = value * count - sum;
          deviation += (distance * distance) / (count * (count - 1));
        } else if (!Number.isFinite(value)) deviation = Number.NaN;
        if (Math.abs(sum) === Number.POSITIVE_INFINITY || deviation === Number.POSITIVE_INFINITY) {
          if (Number.isFinite(sumBefore) && Number.isFinite(value)) throw floatOverflow();
          deviation = Number.NaN;
        }
      }
      this.#counts[group] = count;
      this.#sums[group] = sum;
      this.#deviations[group] = deviation;
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    return [this.#counts, this.#sums, this.#deviations].map((states) => numberColumn(states, groupCount));
  }

  merge(states: readonly Column[], groups: Uint32Array, stateCount: number): void {
    const [counts, sums, deviations] = [numbersOf(states[0]), numbersOf(states[1]), numbersOf(states[2])];
    for (let state = 0; state < stateCount; state++) {
      if (counts[state] > 0) this.#join(groups[state], counts[state], sums[state], deviations[state]);
    }
  }

  accepts(input: Column | undefined, bounds: UnitStatistics | undefined): boolean {
    return input?.kind === 'number' && areSmall(bounds);
  }

  /** The segment's own mean first, then the squares of distances from it: two passes over what lies in the cache. */
  add(input: Column | undefined, { from, to, groups, start, end, base }: RunSegments, live?: Uint8Array): void {
    if (input?.kind !== 'number') throw new TypeError('floats are a column of numbers');
    const { values } = input;
    for (let at = start; at < end; at++) {
      const first = from[at];
      const last = to[at];
      const count = live === undefined ? last - first : kernels.countSelected(live, first, last);
      if (count === 0) continue;
      const sum =
        live === undefined ? kernels.sum(values, first, last) : kernels.sumSelected(values, live, first, last);
      const mean = sum / count;
      const deviation =
        live === undefined
          ? squaredDistances(values, mean, first, last)
          : liveDistances(values, live, mean, first, last);
      this.#join(groups[at] - base, count, sum, deviation);
    }
  }

  /** The squares are not among them. */
  acceptsStatistics(statistics: UnitStatistics | undefined, rowCount: number): boolean {
    return statistics !== undefined && statistics.nullCount === rowCount;
  }

  addStatistics(): void {}

  /** Chan, Golub and LeVeque: Updating Formulae and a Pairwise Algorithm for Computing Sample Variances (1979). */
  #join(group: number, count: number, sum: number, deviation: number): void {
    const countBefore = this.#counts[group];
    const total = countBefore + count;
    if (countBefore === 0) this.#deviations[group] = deviation;
    else {
      const distance = this.#sums[group] / countBefore - sum / count;
      this.#deviations[group] += deviation + (countBefore * count * distance * distance) / total;
    }
    this.#sums[group] += sum;
    this.#counts[group] = total;
  }

  results(groupCount: number): Column {
    const { isSample, isDeviation } = this.#statistic;
    const values = new Float64Array(groupCount);
    const validity = new Uint8Array(groupCount);
    for (let group = 0; group < groupCount; group++) {
      const divisor = this.#counts[group] - (isSample ? 1 : 0);
      if (divisor <= 0) continue;
      const variance = this.#deviations[group] / divisor;
      values[group] = isDeviation ? Math.sqrt(variance) : variance;
      validity[group] = 1;
    }
    return { kind: 'number', values, validity };
  }
}

function squaredDistances(values: Float64Array, mean: number, from: number, to: number): number {
  let lane0 = 0;
  let lane1 = 0;
  let lane2 = 0;
  let lane3 = 0;
  let row = from;
  for (; row + 4 <= to; row += 4) {
    const distance0 = values[row] - mean;
    const distance1 = values[row + 1] - mean;
    const distance2 = values[row + 2] - mean;
    const distance3 = values[row + 3] - mean;
    lane0 += distance0 * distance0;
    lane1 += distance1 * distance1;
    lane2 += distance2 * distance2;
    lane3 += distance3 * distance3;
  }
  for (; row < to; row++) lane0 += (values[row] - mean) ** 2;
  return lane0 + lane1 + (lane2 + lane3);
}

function liveDistances(values: Float64Array, live: Uint8Array, mean: number, from: number, to: number): number {
  let deviation = 0;
  for (let row = from; row < to; row++) if (live[row] !== 0) deviation += (values[row] - mean) ** 2;
  return deviation;
}

function aggregates(type: TypeDefinition, oids: Readonly<Record<string, number>>): AggregateFunction[] {
  return Object.entries(oids).map(([name, oid]) => ({
    kind: 'aggregate',
    name,
    oid,
    argumentTypes: [type],
    resultType: float8,
    createAccumulator: () => new FloatVarianceAccumulator(statistics[name]!),
  }));
}

export const floatVarianceAggregates: readonly AggregateFunction[] = [
  ...aggregates(float8, {
    variance: 2152,
    var_samp: 2645,
    var_pop: 2722,
    stddev: 2158,
    stddev_samp: 2716,
    stddev_pop: 2728,
  }),
  ...aggregates(float4, {
    variance: 2151,
    var_samp: 2644,
    var_pop: 2721,
    stddev: 2157,
    stddev_samp: 2715,
    stddev_pop: 2727,
  }),
];
