import type { Column } from '../../columnar/column.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';
import { floatOverflow } from '../operators/float-arithmetic.ts';
import { doublesOf } from './float-sum.ts';
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
class FloatVarianceAccumulator implements Accumulator {
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
      if (counts[state] === 0) continue;
      const group = groups[state];
      const countBefore = this.#counts[group];
      const count = countBefore + counts[state];
      if (countBefore === 0) this.#deviations[group] = deviations[state];
      else {
        const distance = this.#sums[group] / countBefore - sums[state] / counts[state];
        this.#deviations[group] += deviations[state] + (countBefore * counts[state] * distance * distance) / count;
      }
      this.#sums[group] += sums[state];
      this.#counts[group] = count;
    }
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
