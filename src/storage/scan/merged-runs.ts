import type { Run, ScanControl, ScanSpan, SpanReader } from '../../catalog/table.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { MissingColumns } from '../missing-value.ts';
import { timeKeyOf } from '../time-key.ts';
import { AssembledSpan, timesWithin } from './assembled-span.ts';
import { type MergedPoints, VersionMerger } from './merge-stretches.ts';
import { sourceOf } from './open-spans.ts';
import { fieldOf } from './output-columns.ts';
import type { ScanSource } from './run-directory.ts';
import { memtableStretches, type StretchSource, segmentStretches } from './stretch.ts';
import type { ScanParts } from './table-scan.ts';

/** A series and its rows, the newest piece first. */
export interface MergedSeries {
  readonly seriesId: number;
  readonly pieces: readonly StretchSource[];
}

/** Runs whose points may have several versions, or whose pieces overlap: all columns are read, and rows merged by time. */
export function readMergedRuns(
  parts: ScanParts,
  sources: readonly ScanSource[],
  runs: readonly Run[],
  control: ScanControl,
): SpanReader {
  return readMergedSeries(parts, control, function* (numbers) {
    for (const { seriesId, pieces } of runs) {
      const opened = pieces.map((piece) =>
        openPiece(parts, sourceOf(sources, piece.source), { ...piece, seriesId }, numbers),
      );
      yield { seriesId, pieces: opened };
    }
  });
}

/** The same of whatever rows, of which `open` gives the columns of these numbers. */
export function readMergedSeries(
  parts: ScanParts,
  control: ScanControl,
  open: (numbers: readonly number[]) => Iterable<MergedSeries>,
): SpanReader {
  const fields = parts.outputs.flatMap((output) => fieldOf(output) ?? []);
  const numbers = fields.map((field) => field.number);
  const merger = new VersionMerger(
    fields.map((field) => field.type.representation),
    parts.mergesVersions,
  );
  const spans = mergedSpans(parts, { series: open(numbers), numbers, merger, control });
  return {
    next: async () => {
      const step = await spans.next();
      return step.done === true ? undefined : step.value;
    },
    close: () => {
      void spans.return(undefined);
      merger.close();
    },
  };
}

async function* mergedSpans(
  parts: ScanParts,
  from: {
    series: Iterable<MergedSeries>;
    numbers: readonly number[];
    merger: VersionMerger;
    control: ScanControl;
  },
): AsyncGenerator<ScanSpan, void, undefined> {
  const { series, numbers, merger, control } = from;
  for (const { seriesId, pieces } of series) {
    for await (const points of merger.addRun(seriesId, pieces)) yield* toSpans(parts, numbers, points);
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  for (const points of merger.finish()) yield* toSpans(parts, numbers, points);
}

function openPiece(
  { table, bounds, counters, mergesVersions }: ScanParts,
  source: ScanSource,
  rows: { from: number; to: number; seriesId: number },
  numbers: readonly number[],
): StretchSource {
  if (source.kind === 'memtable') {
    const { times, fractions } = source.permutation;
    const to = bounds.endRow(times, fractions, rows.from, rows.to);
    const from = bounds.firstRow(times, fractions, rows.from, to);
    return memtableStretches(source, { from, to }, numbers, MissingColumns.of(table));
  }
  const { reader } = source;
  const isWanted = (unit: number): boolean => {
    // All versions of a point have its time: by time alone, even merged runs are pruned.
    const statistics = reader.statistics(reader.header.sortColumnNumber, unit);
    const isOverlapping =
      statistics.kind !== 'int64' || bounds.overlaps(timeKeyOf(statistics.min).time, timeKeyOf(statistics.max).time);
    if (isOverlapping) counters.unitsRead += numbers.length + 1;
    else counters.unitsSkipped += numbers.length + 1;
    return isOverlapping;
  };
  const own = source.hidesByName(rows.seriesId)
    ? { view: source.ownDeletes!, seriesId: rows.seriesId, hasRowIds: !mergesVersions }
    : undefined;
  const hidden = source.dead.length === 0 && own === undefined ? undefined : { dead: source.dead, own };
  return segmentStretches(reader, rows, numbers, isWanted, { hidden, missing: MissingColumns.of(table) });
}

/** The points within the bounds: segments give whole units. */
function* toSpans(parts: ScanParts, numbers: readonly number[], points: MergedPoints): Generator<ScanSpan> {
  const { bounds, counters } = parts;
  counters.mergedRows += points.versionCount;
  const kept = new Uint32Array(points.rowCount);
  const seriesIds: number[] = [];
  const ends: number[] = [];
  let keptCount = 0;
  let from = 0;
  for (let index = 0; index < points.seriesIds.length; index++) {
    const to = points.seriesEnds[index]!;
    const first = bounds.firstRow(points.times, points.fractions, from, to);
    const end = bounds.endRow(points.times, points.fractions, first, to);
    for (let row = first; row < end; row++) kept[keptCount++] = row;
    if (end > first) {
      seriesIds.push(points.seriesIds[index]!);
      ends.push(keptCount);
    }
    from = to;
  }
  if (keptCount === 0) return;
  const isWhole = keptCount === points.rowCount;
  const rows = kept.subarray(0, keptCount);
  const times = isWhole ? points.times : Float64Array.from(rows, (row) => points.times[row]);
  const keptParts = {
    rowCount: keptCount,
    schemaVersion: Number.POSITIVE_INFINITY,
    spans: { seriesIds, ends },
    field: (number: number) => {
      const column = points.columns[numbers.indexOf(number)]!;
      return isWhole ? column : gatherColumn(column, kept, keptCount);
    },
    keys: () => ({
      times,
      fractions: isWhole ? points.fractions : Uint32Array.from(rows, (row) => points.fractions[row]),
    }),
    time: undefined,
  };
  yield new AssembledSpan(parts, keptParts, timesWithin(times, ends));
}
