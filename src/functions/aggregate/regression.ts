import type { Column } from '../../columnar/column.ts';
import { float8 } from '../../types/float8.ts';
import { int8 } from '../../types/int8.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';
import { floatOverflow } from '../operators/float-arithmetic.ts';
import { doublesOf } from './float-sum.ts';
import { grownFloat64, liveRows, numberColumn, numbersOf } from './group-arrays.ts';

/** Where each sum of a group stands among its six. */
const COUNT = 0;
const X = 1;
const XX = 2;
const Y = 3;
const YY = 4;
const XY = 5;
const SUMS = 6;

/** What is asked about a group: a number, or null where it is not defined. `at` is where the group's sums begin. */
type Finish = (sums: Float64Array, at: number) => number | null;

/**
 * Statistics of pairs (y, x) after Youngs and Cramer, as in PostgreSQL: count, both sums, and the sums of squared
 * deviations and of their product. Pairs with a NULL do not count.
 */
class RegressionAccumulator implements Accumulator {
  readonly #finish: Finish;
  readonly #countsOnly: boolean;
  #sums: Float64Array = new Float64Array(0);

  /** `countsOnly`: the sums may be anything, and never overflow. */
  constructor(finish: Finish, { countsOnly = false } = {}) {
    this.#finish = finish;
    this.#countsOnly = countsOnly;
  }

  get sizeBytes(): number {
    return this.#sums.byteLength;
  }

  reserve(groupCount: number): void {
    this.#sums = grownFloat64(this.#sums, groupCount * SUMS);
  }

  update([ys, xs]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const live = liveRows(xs!.validity, liveRows(ys!.validity, filter, rowCount), rowCount);
    const y = doublesOf(ys!, rowCount);
    const x = doublesOf(xs!, rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (live === undefined || live[row] !== 0) this.#add(groups[row] * SUMS, x[row], y[row]);
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    return Array.from({ length: SUMS }, (_, sum) =>
      numberColumn(
        Float64Array.from({ length: groupCount }, (_, group) => this.#sums[group * SUMS + sum]),
        groupCount,
      ),
    );
  }

  merge(states: readonly Column[], groups: Uint32Array, stateCount: number): void {
    const columns = states.map(numbersOf);
    const other = new Float64Array(SUMS);
    for (let state = 0; state < stateCount; state++) {
      for (let sum = 0; sum < SUMS; sum++) other[sum] = columns[sum][state];
      this.#merge(groups[state] * SUMS, other);
    }
  }

  results(groupCount: number): Column {
    const values = new Float64Array(groupCount);
    const validity = new Uint8Array(groupCount);
    for (let group = 0; group < groupCount; group++) {
      const result = this.#finish(this.#sums, group * SUMS);
      if (result === null) continue;
      values[group] = result;
      validity[group] = 1;
    }
    return { kind: 'number', values, validity: validity.includes(0) ? validity : undefined };
  }

  #add(at: number, x: number, y: number): void {
    const sums = this.#sums;
    if (this.#countsOnly) {
      sums[at + COUNT] += 1;
      return;
    }
    const countBefore = sums[at + COUNT];
    const count = countBefore + 1;
    const sumX = sums[at + X] + x;
    const sumY = sums[at + Y] + y;
    if (countBefore > 0) {
      const distanceX = x * count - sumX;
      const distanceY = y * count - sumY;
      const scale = 1 / (count * countBefore);
      sums[at + XX] += distanceX * distanceX * scale;
      sums[at + YY] += distanceY * distanceY * scale;
      sums[at + XY] += distanceX * distanceY * scale;
      if (isInfinite(sumX) || isInfinite(sumY) || this.#hasInfiniteDeviation(at))
        this.#settleOverflow(at, x, y, sumX, sumY);
    } else {
      // What is not finite must not look as if it did not vary.
      if (!Number.isFinite(x)) sums[at + XX] = sums[at + XY] = Number.NaN;
      if (!Number.isFinite(y)) sums[at + YY] = sums[at + XY] = Number.NaN;
    }
    sums[at + COUNT] = count;
    sums[at + X] = sumX;
    sums[at + Y] = sumY;
  }

  #hasInfiniteDeviation(at: number): boolean {
    const sums = this.#sums;
    return isInfinite(sums[at + XX]) || isInfinite(sums[at + YY]) || isInfinite(sums[at + XY]);
  }

  /** Throws 22003 where finite values led to something infinite; deviations of infinite values become NaN. */
  #settleOverflow(at: number, x: number, y: number, sumX: number, sumY: number): void {
    const sums = this.#sums;
    const isFiniteX = !isInfinite(sums[at + X]) && !isInfinite(x);
    const isFiniteY = !isInfinite(sums[at + Y]) && !isInfinite(y);
    if (
      ((isInfinite(sumX) || isInfinite(sums[at + XX])) && isFiniteX) ||
      ((isInfinite(sumY) || isInfinite(sums[at + YY])) && isFiniteY) ||
      (isInfinite(sums[at + XY]) && isFiniteX && isFiniteY)
    ) {
      throw floatOverflow();
    }
    for (const sum of [XX, YY, XY]) if (isInfinite(sums[at + sum])) sums[at + sum] = Number.NaN;
  }

  #merge(at: number, other: Float64Array): void {
    const sums = this.#sums;
    const otherCount = other[COUNT];
    if (otherCount === 0) return;
    const ownCount = sums[at + COUNT];
    if (ownCount === 0) {
      sums.set(other, at);
      return;
    }
    const count = ownCount + otherCount;
    const distanceX = sums[at + X] / ownCount - other[X] / otherCount;
    const distanceY = sums[at + Y] / ownCount - other[Y] / otherCount;
    const weight = ownCount * otherCount;
    sums[at + XX] += other[XX] + (weight * distanceX * distanceX) / count;
    sums[at + YY] += other[YY] + (weight * distanceY * distanceY) / count;
    sums[at + XY] += other[XY] + (weight * distanceX * distanceY) / count;
    sums[at + X] += other[X];
    sums[at + Y] += other[Y];
    sums[at + COUNT] = count;
  }
}

function isInfinite(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}

/** NULL for groups of fewer pairs. */
function of(fewest: number, finish: Finish): Finish {
  return (sums, at) => (sums[at + COUNT] < fewest ? null : finish(sums, at));
}

const finishes: Readonly<Record<string, Finish>> = {
  regr_sxx: of(1, (sums, at) => sums[at + XX]),
  regr_syy: of(1, (sums, at) => sums[at + YY]),
  regr_sxy: of(1, (sums, at) => sums[at + XY]),
  regr_avgx: of(1, (sums, at) => sums[at + X] / sums[at + COUNT]),
  regr_avgy: of(1, (sums, at) => sums[at + Y] / sums[at + COUNT]),
  covar_pop: of(1, (sums, at) => sums[at + XY] / sums[at + COUNT]),
  covar_samp: of(2, (sums, at) => sums[at + XY] / (sums[at + COUNT] - 1)),
  corr: of(1, (sums, at) => {
    if (sums[at + XX] === 0 || sums[at + YY] === 0) return null;
    return sums[at + XY] / Math.sqrt(sums[at + XX] * sums[at + YY]);
  }),
  regr_r2: of(1, (sums, at) => {
    if (sums[at + XX] === 0) return null;
    if (sums[at + YY] === 0) return 1;
    return (sums[at + XY] * sums[at + XY]) / (sums[at + XX] * sums[at + YY]);
  }),
  regr_slope: of(1, (sums, at) => (sums[at + XX] === 0 ? null : sums[at + XY] / sums[at + XX])),
  regr_intercept: of(1, (sums, at) => {
    if (sums[at + XX] === 0) return null;
    return (sums[at + Y] - (sums[at + X] * sums[at + XY]) / sums[at + XX]) / sums[at + COUNT];
  }),
};

const oids: Readonly<Record<string, number>> = {
  regr_sxx: 2819,
  regr_syy: 2820,
  regr_sxy: 2821,
  regr_avgx: 2822,
  regr_avgy: 2823,
  regr_r2: 2824,
  regr_slope: 2825,
  regr_intercept: 2826,
  covar_pop: 2827,
  covar_samp: 2828,
  corr: 2829,
};

export const regressionAggregates: readonly AggregateFunction[] = [
  {
    kind: 'aggregate',
    name: 'regr_count',
    oid: 2818,
    argumentTypes: [float8, float8],
    resultType: int8,
    createAccumulator: () => new RegressionAccumulator((sums, at) => sums[at + COUNT], { countsOnly: true }),
  },
  ...Object.entries(oids).map(
    ([name, oid]): AggregateFunction => ({
      kind: 'aggregate',
      name,
      oid,
      argumentTypes: [float8, float8],
      resultType: float8,
      createAccumulator: () => new RegressionAccumulator(finishes[name]!),
    }),
  ),
];
