import type { Run, SpanReader } from '../../catalog/table.ts';
import { AssembledSpan, timesWithin } from './assembled-span.ts';
import type { RowOrder, SortedRows } from './sorted-rows.ts';
import type { ScanParts } from './table-scan.ts';

const SPAN_ROWS = 1024;

/** Sole runs of one memtable: rows are gathered in sorted order, many small series to a span. */
export function readMemtableRuns(
  scan: ScanParts,
  { memtable, permutation }: SortedRows,
  runs: readonly Run[],
): SpanReader {
  let index = 0;
  // Where to go on within the run at `index`; 0 = at its beginning.
  let at = 0;
  return {
    next() {
      const seriesIds: number[] = [];
      const ends: number[] = [];
      // Consecutive runs lie next to each other in the permutation unless the time range cuts them.
      const places: { from: number; to: number }[] = [];
      let rowCount = 0;
      while (index < runs.length && rowCount < SPAN_ROWS) {
        const run = runs[index]!;
        const piece = run.pieces[0]!;
        const from = Math.max(piece.from, at);
        const to = Math.min(piece.to, from + SPAN_ROWS - rowCount);
        rowCount += to - from;
        seriesIds.push(run.seriesId);
        ends.push(rowCount);
        const last = places.at(-1);
        if (last?.to === from) last.to = to;
        else places.push({ from, to });
        if (to === piece.to) {
          index++;
          at = 0;
        } else at = to;
      }
      if (rowCount === 0) return undefined;
      const { rows, times, fractions } = gathered(permutation, places, rowCount);
      scan.counters.soleRows += rowCount;
      const parts = {
        rowCount,
        schemaVersion: memtable.schemaVersion,
        spans: { seriesIds, ends },
        field: (number: number) => memtable.gather(number, rows, 0, rowCount),
        keys: () => ({ times, fractions }),
        time: undefined,
      };
      return new AssembledSpan(scan, parts, timesWithin(times, ends));
    },
    close() {},
  };
}

function gathered(permutation: RowOrder, places: readonly { from: number; to: number }[], rowCount: number): RowOrder {
  if (places.length === 1) {
    const { from, to } = places[0]!;
    return {
      rows: permutation.rows.subarray(from, to),
      times: permutation.times.subarray(from, to),
      fractions: permutation.fractions?.subarray(from, to),
    };
  }
  const rows = new Uint32Array(rowCount);
  const times = new Float64Array(rowCount);
  const fractions = permutation.fractions === undefined ? undefined : new Uint32Array(rowCount);
  let row = 0;
  for (const { from, to } of places) {
    rows.set(permutation.rows.subarray(from, to), row);
    times.set(permutation.times.subarray(from, to), row);
    fractions?.set(permutation.fractions!.subarray(from, to), row);
    row += to - from;
  }
  return { rows, times, fractions };
}
