import type { Morsel, Run, RunPiece } from '../../catalog/table.ts';
import { timeKeyOf } from '../time-key.ts';
import { sourceOf } from './open-spans.ts';
import { type PlannedRun, planRuns } from './plan-runs.ts';
import type { ScanSource } from './run-directory.ts';
import type { ScanLayers } from './scan-layers.ts';
import type { ScanParts } from './table-scan.ts';
import type { TimeBounds } from './time-bounds.ts';

const UNIT_ROWS = 1024;
/** More runs than this are not sorted by their times. */
const MAX_SORTED_RUNS = 65_536;
/** Runs that are planned, or given at once, before others get a turn. */
const MAX_MORSEL_RUNS = 4096;
/** By how much more each round takes of the runs than the one before. */
const ROUND_GROWTH = 4;

/**
 * The runs of a scan newest first: partition by partition, within one the ends of the runs that reach furthest, first a
 * unit of each, then more. Whoever has seen enough of them raises the lower bound, and what lies before it is not given
 * any more: of a day of many series, the last units of a few. Where the bound is known beforehand, runs come as they are
 * found.
 */
export function* newestFirst(
  currentParts: () => ScanParts,
  layers: ScanLayers,
  seriesIds: Uint32Array | undefined,
  { isBoundKnown }: { readonly isBoundKnown: boolean },
): Generator<Morsel, void, undefined> {
  for (let place = layers.partitions.length - 1; place >= 0; place--) {
    const partition = layers.partitions[place]!;
    // Rows of earlier partitions are before those of this one.
    if ((partition + 1) * layers.partitionMicros <= currentParts().bounds.from.time) return;
    const sources = layers.sourcesOf(partition);
    const planned = plan(currentParts, sources, seriesIds);
    if (isBoundKnown) yield* asFound(currentParts, partition, sources, planned);
    else yield* sorted(currentParts, partition, sources, planned);
  }
}

/** Runs as they are planned; undefined whenever others should get a turn. */
function* plan(
  currentParts: () => ScanParts,
  sources: readonly ScanSource[],
  seriesIds: Uint32Array | undefined,
): Generator<PlannedRun | undefined, void, undefined> {
  const { counters, bounds, mergesVersions } = currentParts();
  let lastSeries = -1;
  let untilTurn = MAX_MORSEL_RUNS;
  for (const run of planRuns(sources, seriesIds, bounds, mergesVersions)) {
    if (run.seriesId !== lastSeries) {
      counters.seriesScanned++;
      lastSeries = run.seriesId;
    }
    yield run;
    if (--untilTurn > 0) continue;
    yield undefined;
    untilTurn = MAX_MORSEL_RUNS;
  }
}

/** Few rows are within the bounds: more and more runs at once, until the bound is where no row of the layers is. */
function* asFound(
  currentParts: () => ScanParts,
  partition: number,
  sources: readonly ScanSource[],
  planned: Iterable<PlannedRun | undefined>,
): Generator<Morsel, void, undefined> {
  let last = Number.NEGATIVE_INFINITY;
  for (const source of sources) last = Math.max(last, source.latest);
  let group: PlannedRun[] = [];
  let groupSize = 1;
  for (const run of planned) {
    if (run !== undefined) {
      if (currentParts().bounds.overlaps(Number.NEGATIVE_INFINITY, run.lastTime)) group.push(run);
      if (group.length < groupSize) continue;
      groupSize = Math.min(groupSize * 2, MAX_MORSEL_RUNS);
    }
    yield { partition, runs: group };
    group = [];
    if (!currentParts().bounds.overlaps(Number.NEGATIVE_INFINITY, last)) return;
  }
  if (group.length > 0) yield { partition, runs: group };
}

function* sorted(
  currentParts: () => ScanParts,
  partition: number,
  sources: readonly ScanSource[],
  planned: Iterable<PlannedRun | undefined>,
): Generator<Morsel, void, undefined> {
  const runs: PlannedRun[] = [];
  for (const run of planned) {
    if (run === undefined) yield { partition, runs: [] };
    else runs.push(run);
  }
  yield* rounds(currentParts, partition, sources, runs);
}

/** What is left of a run: of a sole one its first rows, of another its rows before `to`. */
interface Rest {
  readonly run: PlannedRun;
  readonly to: number;
}

function* rounds(
  currentParts: () => ScanParts,
  partition: number,
  sources: readonly ScanSource[],
  runs: readonly PlannedRun[],
): Generator<Morsel, void, undefined> {
  let rests: Rest[] = runs.map((run) => ({ run, to: Number.POSITIVE_INFINITY }));
  for (let units = 1; rests.length > 0; units *= ROUND_GROWTH) {
    if (rests.length <= MAX_SORTED_RUNS) rests.sort((a, b) => b.run.lastTime - a.run.lastTime);
    const left: Rest[] = [];
    let group: PlannedRun[] = [];
    let groupSize = 1;
    for (const { run, to } of rests) {
      if (!currentParts().bounds.overlaps(Number.NEGATIVE_INFINITY, run.lastTime)) continue;
      if (!run.isSole || run.pieces.length > 1) {
        const from = mergedCut(run.pieces, sources, units);
        const hasRest = from > Number.NEGATIVE_INFINITY && from < to;
        if (hasRest) left.push({ run: { ...run, lastTime: from }, to: from });
        yield { partition, runs: [run], from: hasRest ? from : Number.NEGATIVE_INFINITY, to };
        continue;
      }
      const { tail, head } = soleCut(run, sources, units, currentParts().bounds);
      if (head !== undefined) left.push({ run: head, to });
      if (tail === undefined) continue;
      group.push(tail);
      if (group.length < groupSize) continue;
      yield { partition, runs: inOrder(group) };
      group = [];
      groupSize = Math.min(groupSize * 2, MAX_MORSEL_RUNS);
    }
    if (group.length > 0) yield { partition, runs: inOrder(group) };
    rests = left;
  }
}

/** Readers go through a layer from its beginning. */
function inOrder(runs: PlannedRun[]): readonly Run[] {
  return runs.sort((a, b) => a.seriesId - b.seriesId || a.pieces[0]!.from - b.pieces[0]!.from);
}

/** The last units of a run in one piece, and what comes before them. In memory both end where the bounds do. */
function soleCut(
  run: PlannedRun,
  sources: readonly ScanSource[],
  units: number,
  bounds: TimeBounds,
): { readonly tail: PlannedRun | undefined; readonly head: PlannedRun | undefined } {
  const piece = run.pieces[0]!;
  const source = sourceOf(sources, piece.source);
  let { from } = piece;
  if (source.kind === 'memtable') {
    const { times, fractions } = source.permutation;
    from = bounds.firstRow(times, fractions, from, piece.to);
    if (from === piece.to) return { tail: undefined, head: undefined };
  }
  const part = (start: number, end: number) => [{ source: piece.source, from: start, to: end }];
  const row = cutRow({ ...piece, from }, source, units);
  if (row <= from) return { tail: { ...run, pieces: part(from, piece.to) }, head: undefined };
  return {
    tail: { ...run, pieces: part(row, piece.to) },
    head: { ...run, pieces: part(from, row), lastTime: latest(source, row - 1) },
  };
}

/** A time that a run in several pieces is to be cut at, so that some last units of one of them lie behind; or -Infinity. */
function mergedCut(pieces: readonly RunPiece[], sources: readonly ScanSource[], units: number): number {
  let time = Number.NEGATIVE_INFINITY;
  for (const piece of pieces) {
    const source = sourceOf(sources, piece.source);
    const row = cutRow(piece, source, units);
    if (row > piece.from) time = Math.max(time, earliest(source, row));
  }
  return time;
}

function cutRow({ from, to }: RunPiece, source: ScanSource, units: number): number {
  if (source.kind === 'memtable') return Math.max(to - units * UNIT_ROWS, from);
  const { reader } = source;
  return reader.unitStarts[Math.max(reader.unitOfRow(to - 1) - units + 1, 0)];
}

/** Of the row, or of some row in its unit before it. */
function earliest(source: ScanSource, row: number): number {
  if (source.kind === 'memtable') return source.permutation.times[row];
  const statistics = source.reader.statistics(source.reader.header.sortColumnNumber, source.reader.unitOfRow(row));
  return statistics.kind === 'int64' ? timeKeyOf(statistics.min).time : Number.NEGATIVE_INFINITY;
}

/** Of the row, or of some row in its unit behind it. */
function latest(source: ScanSource, row: number): number {
  if (source.kind === 'memtable') return source.permutation.times[row];
  const statistics = source.reader.statistics(source.reader.header.sortColumnNumber, source.reader.unitOfRow(row));
  return statistics.kind === 'int64' ? timeKeyOf(statistics.max).time : Number.POSITIVE_INFINITY;
}
