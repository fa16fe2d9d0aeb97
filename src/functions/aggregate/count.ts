import type { Column } from '../../columnar/column.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { kernels } from '../../kernels/numeric-kernels.ts';
import { int8 } from '../../types/int8.ts';
import { any } from '../../types/pseudo-types.ts';
import type {
  Accumulator,
  AggregateFunction,
  RowAccumulator,
  RunAccumulator,
  RunSegments,
} from '../function-definition.ts';
import { countFrames } from './frame-counts.ts';
import { grownFloat64, liveRows, numberColumn, numbersOf } from './group-arrays.ts';
import { addRowCounts } from './row-sums.ts';

/** count(*) and count(value): rows, or rows with a value, per group. */
class CountAccumulator implements Accumulator, RunAccumulator {
  readonly runs = this;
  readonly rows: RowAccumulator = {
    accepts: () => true,
    add: (_, groups, rowCount) => addRowCounts(groups, rowCount, this.#counts),
    resultsOf: (from, to) => ({ kind: 'number', values: this.#counts.slice(from, to), validity: undefined }),
  };
  readonly #isStar: boolean;
  #counts: Float64Array = new Float64Array(0);

  constructor(isStar: boolean) {
    this.#isStar = isStar;
  }

  get sizeBytes(): number {
    return this.#counts.byteLength;
  }

  reserve(groupCount: number): void {
    this.#counts = grownFloat64(this.#counts, groupCount);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const counts = this.#counts;
    const live = liveRows(input?.validity, filter, rowCount);
    let row = 0;
    while (row < rowCount) {
      const group = groups[row];
      let count = 0;
      if (live === undefined) {
        const start = row;
        while (row < rowCount && groups[row] === group) row++;
        count = row - start;
      } else {
        while (row < rowCount && groups[row] === group) count += live[row++] === 0 ? 0 : 1;
      }
      counts[group] += count;
    }
  }

  accepts(): boolean {
    return true;
  }

  add(_input: Column | undefined, { from, to, groups, start, end, base }: RunSegments, live?: Uint8Array): void {
    const counts = this.#counts;
    for (let at = start; at < end; at++) {
      counts[groups[at] - base] +=
        live === undefined ? to[at] - from[at] : kernels.countSelected(live, from[at], to[at]);
    }
  }

  acceptsStatistics(statistics: UnitStatistics | undefined): boolean {
    return this.#isStar || statistics !== undefined;
  }

  addStatistics(statistics: UnitStatistics | undefined, rowCount: number, group: number): void {
    this.#counts[group] += this.#isStar ? rowCount : rowCount - statistics!.nullCount;
  }

  partialStates(groupCount: number): readonly Column[] {
    return [numberColumn(this.#counts, groupCount)];
  }

  merge([states]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    const counts = numbersOf(states);
    for (let state = 0; state < stateCount; state++) this.#counts[groups[state]] += counts[state];
  }

  results(groupCount: number): Column {
    return numberColumn(this.#counts, groupCount);
  }
}

export const countAggregates: readonly AggregateFunction[] = [
  {
    kind: 'aggregate',
    name: 'count',
    oid: 2803,
    argumentTypes: [],
    resultType: int8,
    isStar: true,
    ignoresOrder: true,
    aggregateFrames: countFrames,
    createAccumulator: () => new CountAccumulator(true),
  },
  {
    kind: 'aggregate',
    name: 'count',
    oid: 2147,
    argumentTypes: [any],
    resultType: int8,
    ignoresOrder: true,
    aggregateFrames: countFrames,
    createAccumulator: () => new CountAccumulator(false),
  },
];
