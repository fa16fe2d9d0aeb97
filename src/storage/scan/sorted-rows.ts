import type { Memtable } from '../memtable/memtable.ts';
import type { SortPermutation } from '../memtable/sort-permutation.ts';

/** Row numbers of a memtable in the order of their keys, and these. */
export type RowOrder = Pick<SortPermutation, 'rows' | 'times' | 'fractions'>;

/** Rows of a memtable as they are read. */
export interface SortedRows {
  readonly memtable: Memtable;
  readonly permutation: RowOrder;
}

/** What stands at the first `count` of `places`. */
export function pickRows({ rows, times, fractions }: RowOrder, places: Uint32Array, count: number): RowOrder {
  const pickedRows = new Uint32Array(count);
  const pickedTimes = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    pickedRows[index] = rows[places[index]];
    pickedTimes[index] = times[places[index]];
  }
  let pickedFractions: Uint32Array | undefined;
  if (fractions !== undefined) {
    pickedFractions = new Uint32Array(count);
    for (let index = 0; index < count; index++) pickedFractions[index] = fractions[places[index]];
  }
  return { rows: pickedRows, times: pickedTimes, fractions: pickedFractions };
}
