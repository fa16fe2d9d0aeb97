/** Rows of a memtable in the order (series, time, fraction, arrival). */
export interface SortPermutation {
  /** How many rows of the memtable, from its first, are sorted. */
  readonly rowCount: number;
  /** Row numbers in sorted order. */
  readonly rows: Uint32Array;
  /** Keys of `rows`, in the same order. */
  readonly times: Float64Array;
  readonly fractions: Uint32Array | undefined;
  /** One run per series: run i holds `rows[runStarts[i]]` to `rows[runStarts[i + 1] - 1]`; ascending series ids. */
  readonly runSeries: Uint32Array;
  readonly runStarts: Uint32Array;
  /** Per run 1 where some point stands more than once. */
  readonly runHasEqualKeys: Uint8Array;
}

/** Rows to be sorted; the first has number `firstRow`. */
export interface UnsortedRows {
  readonly firstRow: number;
  readonly seriesIds: Uint32Array;
  readonly times: Float64Array;
  readonly fractions: Uint32Array | undefined;
}

/** A key of series id and row number must stay an exact double. */
const MAX_KEYED_ROWS = 2 ** 21;

/** Sorts by series in two passes, then the runs which time does not already order. */
export function sortRows(unsorted: UnsortedRows): SortPermutation {
  const { seriesIds, firstRow } = unsorted;
  const rowCount = seriesIds.length;
  const rows = new Uint32Array(rowCount);
  const { runSeries, runStarts } = groupBySeries(seriesIds, rows);
  const times = new Float64Array(rowCount);
  for (let index = 0; index < rowCount; index++) times[index] = unsorted.times[rows[index]];
  let fractions: Uint32Array | undefined;
  if (unsorted.fractions !== undefined) {
    fractions = new Uint32Array(rowCount);
    for (let index = 0; index < rowCount; index++) fractions[index] = unsorted.fractions[rows[index]];
  }
  if (firstRow > 0) for (let index = 0; index < rowCount; index++) rows[index] += firstRow;
  for (let run = 0; run < runSeries.length; run++) {
    sortRun(rows, times, fractions, runStarts[run], runStarts[run + 1]);
  }
  return {
    rowCount: firstRow + rowCount,
    rows,
    times,
    fractions,
    runSeries,
    runStarts,
    runHasEqualKeys: equalKeyFlags(times, fractions, runStarts),
  };
}

/** The permutation of all rows, when `older` has the first ones sorted and `tail` those that came after. */
export function mergePermutations(older: SortPermutation, tail: SortPermutation): SortPermutation {
  if (older.rows.length === 0) return tail;
  const rowCount = older.rows.length + tail.rows.length;
  const rows = new Uint32Array(rowCount);
  const times = new Float64Array(rowCount);
  const hasFractions = older.fractions !== undefined || tail.fractions !== undefined;
  const fractions = hasFractions ? new Uint32Array(rowCount) : undefined;
  const runSeries = new Uint32Array(older.runSeries.length + tail.runSeries.length);
  const runStarts = new Uint32Array(runSeries.length + 1);
  const runHasEqualKeys = new Uint8Array(runSeries.length);
  let runCount = 0;
  let at = 0;
  let left = 0;
  let right = 0;
  const copy = (from: SortPermutation, start: number, end: number): void => {
    rows.set(from.rows.subarray(start, end), at);
    times.set(from.times.subarray(start, end), at);
    if (from.fractions !== undefined) fractions!.set(from.fractions.subarray(start, end), at);
    at += end - start;
  };
  while (left < older.runSeries.length || right < tail.runSeries.length) {
    const leftSeries = left < older.runSeries.length ? older.runSeries[left] : Number.POSITIVE_INFINITY;
    const rightSeries = right < tail.runSeries.length ? tail.runSeries[right] : Number.POSITIVE_INFINITY;
    const start = at;
    runSeries[runCount] = Math.min(leftSeries, rightSeries);
    runStarts[runCount] = start;
    if (leftSeries <= rightSeries) {
      copy(older, older.runStarts[left], older.runStarts[left + 1]);
      runHasEqualKeys[runCount] = older.runHasEqualKeys[left];
      left++;
    }
    if (rightSeries <= leftSeries) {
      copy(tail, tail.runStarts[right], tail.runStarts[right + 1]);
      if (leftSeries === rightSeries) {
        sortRun(rows, times, fractions, start, at);
        runHasEqualKeys[runCount] = hasEqualKeys(times, fractions, start, at) ? 1 : 0;
      } else runHasEqualKeys[runCount] = tail.runHasEqualKeys[right];
      right++;
    }
    runCount++;
  }
  runStarts[runCount] = at;
  return {
    rowCount: tail.rowCount,
    rows,
    times,
    fractions,
    runSeries: runSeries.subarray(0, runCount),
    runStarts: runStarts.subarray(0, runCount + 1),
    runHasEqualKeys: runHasEqualKeys.subarray(0, runCount),
  };
}

/** The permutation of the first `rowCount` rows alone: what an older snapshot sees of a memtable that has grown. */
export function prefixPermutation(permutation: SortPermutation, rowCount: number): SortPermutation {
  const isLeftOut = new Uint8Array(permutation.rowCount).fill(1, rowCount);
  return { ...filterPermutation(permutation, isLeftOut), rowCount };
}

/** The permutation without the rows whose flag is 1. */
export function filterPermutation(permutation: SortPermutation, isLeftOut: Uint8Array): SortPermutation {
  let kept = 0;
  for (let index = 0; index < permutation.rows.length; index++) if (isLeftOut[permutation.rows[index]] === 0) kept++;
  const rows = new Uint32Array(kept);
  const times = new Float64Array(kept);
  const fractions = permutation.fractions === undefined ? undefined : new Uint32Array(kept);
  const runSeries = new Uint32Array(permutation.runSeries.length);
  const runStarts = new Uint32Array(runSeries.length + 1);
  let runCount = 0;
  let at = 0;
  for (let run = 0; run < runSeries.length; run++) {
    const start = at;
    for (let index = permutation.runStarts[run]; index < permutation.runStarts[run + 1]; index++) {
      if (isLeftOut[permutation.rows[index]] === 1) continue;
      rows[at] = permutation.rows[index];
      times[at] = permutation.times[index];
      if (fractions !== undefined) fractions[at] = permutation.fractions![index];
      at++;
    }
    if (at === start) continue;
    runSeries[runCount] = permutation.runSeries[run];
    runStarts[runCount++] = start;
  }
  runStarts[runCount] = at;
  const starts = runStarts.subarray(0, runCount + 1);
  return {
    rowCount: permutation.rowCount,
    rows,
    times,
    fractions,
    runSeries: runSeries.subarray(0, runCount),
    runStarts: starts,
    runHasEqualKeys: equalKeyFlags(times, fractions, starts),
  };
}

/** Writes 0 … n-1 into `rows`, ordered by series and within a series as they came; returns the runs. */
function groupBySeries(seriesIds: Uint32Array, rows: Uint32Array): { runSeries: Uint32Array; runStarts: Uint32Array } {
  const rowCount = seriesIds.length;
  if (rowCount === 0) return { runSeries: new Uint32Array(0), runStarts: new Uint32Array(1) };
  let min = seriesIds[0];
  let max = min;
  for (let row = 1; row < rowCount; row++) {
    const id = seriesIds[row];
    if (id < min) min = id;
    else if (id > max) max = id;
  }
  const range = max - min + 1;
  if (range > Math.max(4096, rowCount * 4) && rowCount < MAX_KEYED_ROWS) return groupSparsely(seriesIds, rows, min);
  const ends = new Uint32Array(range);
  for (let row = 0; row < rowCount; row++) ends[seriesIds[row] - min]++;
  let runCount = 0;
  for (let id = 0; id < range; id++) if (ends[id] > 0) runCount++;
  const runSeries = new Uint32Array(runCount);
  const runStarts = new Uint32Array(runCount + 1);
  let start = 0;
  let run = 0;
  for (let id = 0; id < range; id++) {
    const count = ends[id];
    if (count === 0) continue;
    runSeries[run] = id + min;
    runStarts[run++] = start;
    ends[id] = start;
    start += count;
  }
  runStarts[run] = start;
  for (let row = 0; row < rowCount; row++) rows[ends[seriesIds[row] - min]++] = row;
  return { runSeries, runStarts };
}

/** Few rows spread over a wide range of ids: sorts them as numbers (id, row) instead of counting per id. */
function groupSparsely(
  seriesIds: Uint32Array,
  rows: Uint32Array,
  min: number,
): { runSeries: Uint32Array; runStarts: Uint32Array } {
  const rowCount = seriesIds.length;
  const keys = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) keys[row] = (seriesIds[row] - min) * MAX_KEYED_ROWS + row;
  keys.sort();
  const runSeries = new Uint32Array(rowCount);
  const runStarts = new Uint32Array(rowCount + 1);
  let runCount = 0;
  let previous = -1;
  for (let index = 0; index < rowCount; index++) {
    const id = Math.floor(keys[index] / MAX_KEYED_ROWS);
    rows[index] = keys[index] - id * MAX_KEYED_ROWS;
    if (id === previous) continue;
    previous = id;
    runSeries[runCount] = id + min;
    runStarts[runCount++] = index;
  }
  runStarts[runCount] = rowCount;
  return { runSeries: runSeries.slice(0, runCount), runStarts: runStarts.slice(0, runCount + 1) };
}

/**
 * Sorts one run by time, stably. Natural merge sort: data that is late comes as a few ascending streams, which are found
 * and merged; nothing is done when there is only one.
 */
function sortRun(
  rows: Uint32Array,
  times: Float64Array,
  fractions: Uint32Array | undefined,
  start: number,
  end: number,
): void {
  let bounds = ascendingBounds(times, fractions, start, end);
  if (bounds.length <= 2) return;
  const length = end - start;
  let source = {
    rows: rows.slice(start, end),
    times: times.slice(start, end),
    fractions: fractions?.slice(start, end),
  };
  let target = {
    rows: new Uint32Array(length),
    times: new Float64Array(length),
    fractions: fractions === undefined ? undefined : new Uint32Array(length),
  };
  while (bounds.length > 2) {
    const merged = [0];
    for (let index = 0; index + 1 < bounds.length; index += 2) {
      const middle = bounds[index + 1];
      const last = index + 2 < bounds.length ? bounds[index + 2] : middle;
      mergeStreams(source, target, bounds[index], middle, last);
      merged.push(last);
    }
    bounds = merged;
    [source, target] = [target, source];
  }
  rows.set(source.rows, start);
  times.set(source.times, start);
  if (source.fractions !== undefined) fractions!.set(source.fractions, start);
}

/** Where ascending streams start within the run, relative to its start; last the run's length. */
function ascendingBounds(
  times: Float64Array,
  fractions: Uint32Array | undefined,
  start: number,
  end: number,
): number[] {
  const bounds = [0];
  for (let index = start + 1; index < end; index++) {
    const time = times[index];
    const previous = times[index - 1];
    if (time > previous) continue;
    if (time < previous || (fractions !== undefined && fractions[index] < fractions[index - 1])) {
      bounds.push(index - start);
    }
  }
  bounds.push(end - start);
  return bounds;
}

interface KeyedRows {
  readonly rows: Uint32Array;
  readonly times: Float64Array;
  readonly fractions: Uint32Array | undefined;
}

function mergeStreams(source: KeyedRows, target: KeyedRows, start: number, middle: number, end: number): void {
  const { times, fractions } = source;
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    let takesRight = left === middle;
    if (!takesRight && right < end) {
      const difference = times[right] - times[left];
      takesRight =
        difference < 0 || (difference === 0 && fractions !== undefined && fractions[right] < fractions[left]);
    }
    const from = takesRight ? right++ : left++;
    target.rows[at] = source.rows[from];
    target.times[at] = times[from];
    if (fractions !== undefined) target.fractions![at] = fractions[from];
  }
}

function equalKeyFlags(times: Float64Array, fractions: Uint32Array | undefined, runStarts: Uint32Array): Uint8Array {
  const flags = new Uint8Array(runStarts.length - 1);
  for (let run = 0; run < flags.length; run++) {
    if (hasEqualKeys(times, fractions, runStarts[run], runStarts[run + 1])) flags[run] = 1;
  }
  return flags;
}

function hasEqualKeys(times: Float64Array, fractions: Uint32Array | undefined, start: number, end: number): boolean {
  for (let index = start + 1; index < end; index++) {
    if (times[index] === times[index - 1]) {
      if (fractions === undefined || fractions[index] === fractions[index - 1]) return true;
    }
  }
  return false;
}
