import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { float8 } from '../../types/float8.ts';
import { int4 } from '../../types/int4.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';
import { bucketOf } from '../scalar/width-bucket.ts';
import { liveRows, numbersOf } from './group-arrays.ts';

const INT4_MAX = 2_147_483_647;
/** An array of more elements would not be an answer that anyone reads. */
const MAX_BUCKETS = 1_000_000;

/**
 * How many values fall into each of some buckets of one width, with one more below and one more above them. Rows with a
 * NULL do not count; groups without other rows give NULL.
 */
class HistogramAccumulator implements Accumulator {
  readonly #counts: (Float64Array | undefined)[] = [];
  #bucketCount = 0;

  get sizeBytes(): number {
    return this.#counts.length * 16 + this.#bucketCount * 8;
  }

  reserve(groupCount: number): void {
    while (this.#counts.length < groupCount) this.#counts.push(undefined);
  }

  update(inputs: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const [values, lows, highs, counts] = inputs.map(numbersOf);
    let live = filter;
    for (const { validity } of inputs) live = liveRows(validity, live, rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const low = lows[row];
      const high = highs[row];
      if (low > high) {
        throw new SqlError(SqlState.InvalidParameterValue, 'lower bound cannot exceed upper bound');
      }
      const bucket = bucketOf(values[row], low, high, counts[row]);
      this.#add(this.#countsOf(groups[row], counts[row] + 2), bucket, 1);
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    return [this.results(groupCount)];
  }

  merge([states]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    for (let state = 0; state < stateCount; state++) {
      const array = valueAt(states!, state) as SqlArray | null;
      if (array === null) continue;
      const counts = this.#countsOf(groups[state], array.elements.length);
      for (const [bucket, count] of array.elements.entries()) this.#add(counts, bucket, count as number);
    }
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder('value', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      const counts = this.#counts[group];
      builder.push(counts === undefined ? null : new SqlArray(Array.from(counts)));
    }
    return builder.finish();
  }

  #countsOf(group: number, length: number): Float64Array {
    let counts = this.#counts[group];
    if (counts === undefined) {
      if (length > MAX_BUCKETS) {
        throw new SqlError(SqlState.ProgramLimitExceeded, `a histogram has at most ${MAX_BUCKETS - 2} buckets`);
      }
      counts = new Float64Array(length);
      this.#counts[group] = counts;
      this.#bucketCount += length;
    }
    if (counts.length !== length) {
      throw new SqlError(SqlState.InvalidParameterValue, 'number of buckets must not change between calls');
    }
    return counts;
  }

  #add(counts: Float64Array, bucket: number, count: number): void {
    counts[bucket] += count;
    if (counts[bucket] > INT4_MAX) {
      throw new SqlError(SqlState.NumericValueOutOfRange, 'overflow in histogram');
    }
  }
}

export const histogramAggregates: readonly AggregateFunction[] = [
  {
    kind: 'aggregate',
    name: 'histogram',
    oid: 9204,
    argumentTypes: [float8, float8, float8, int4],
    resultType: arrayTypeOf(int4) ?? int4,
    ignoresOrder: true,
    createAccumulator: () => new HistogramAccumulator(),
  },
];
