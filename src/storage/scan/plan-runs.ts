import type { Run, RunPiece } from '../../catalog/table.ts';
import { lowerBoundOf } from '../binary-search.ts';
import type { ScanSource } from './run-directory.ts';
import type { TimeBounds } from './time-bounds.ts';

const NO_ROWS = new Uint32Array(0);

/** A run, and a time that none of its rows is newer than. */
export interface PlannedRun extends Run {
  readonly lastTime: number;
}

/** What a reader of runs can do with. */
export interface RunPlanOptions {
  /** Deleted rows within a run are left out as it is read; otherwise runs are cut at them. */
  readonly keepsDead?: boolean;
  /** Where each row is a point, each piece is a run of its own, the oldest first, whatever their times. */
  readonly isUnordered?: boolean;
}

/** One piece of a series while its runs are being found. */
interface Piece {
  /** Place of the source: 0 is the newest. */
  readonly age: number;
  readonly piece: RunPiece;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly hasEqualKeys: boolean;
  /** Rows that are to be left out: those at these positions of the source … */
  readonly dead: Uint32Array;
  /** … and those that only a comparison of keys can tell. */
  readonly isHiddenByName: boolean;
}

/**
 * The runs of one partition in order of series and time, as far as series and bounds ask for them. `sources` are in order
 * of age, newest first; `seriesIds`, ascending, undefined = all. Pieces which do not overlap in time are runs of their
 * own, and sole.
 */
export function* planRuns(
  sources: readonly ScanSource[],
  seriesIds: Iterable<number> | undefined,
  bounds: TimeBounds,
  mergesVersions: boolean,
  options: RunPlanOptions = {},
): Generator<PlannedRun> {
  const cursors = new Uint32Array(sources.length);
  const keepsDead = options.keepsDead === true;
  const areApart = options.isUnordered === true && !mergesVersions;
  for (const seriesId of seriesIds ?? allSeries(sources)) {
    const pieces: Piece[] = [];
    for (let age = 0; age < sources.length; age++) {
      const source = sources[age]!;
      const run = advance(source, cursors[age], seriesId);
      cursors[age] = run;
      if (run === source.runCount || source.seriesAt(run) !== seriesId) continue;
      const piece = pieceOf(source, run, age, bounds);
      if (piece !== undefined) pieces.push(piece);
    }
    if (pieces.length === 1) yield* runsOf(seriesId, pieces, mergesVersions, keepsDead);
    else if (areApart) {
      for (const piece of pieces.reverse()) yield* runsOf(seriesId, [piece], mergesVersions, keepsDead);
    } else if (pieces.length > 1) yield* clusters(seriesId, pieces, mergesVersions, keepsDead);
  }
}

/** The rows of one run that may lie within the bounds: exactly in memory, whole in segments, which `read` then cuts. */
function pieceOf(source: ScanSource, run: number, age: number, bounds: TimeBounds): Piece | undefined {
  const firstTime = source.firstTime(run);
  const lastTime = source.lastTime(run);
  if (!bounds.overlaps(firstTime, lastTime)) return undefined;
  let from = source.start(run);
  let to = source.end(run);
  if (source.kind === 'memtable' && !bounds.contains(firstTime, lastTime)) {
    const { times, fractions } = source.permutation;
    const end = to;
    to = bounds.endRow(times, fractions, from, end);
    from = bounds.firstRow(times, fractions, from, end);
    if (from >= to) return undefined;
  }
  const piece = { source: source.id, from, to };
  return {
    age,
    piece,
    firstTime,
    lastTime,
    hasEqualKeys: source.hasEqualKeys(run),
    dead: source.kind === 'segment' ? source.dead : NO_ROWS,
    isHiddenByName: source.kind === 'segment' && source.hidesByName(source.seriesAt(run)),
  };
}

/** Groups pieces that overlap in time, directly or through others. */
function* clusters(
  seriesId: number,
  pieces: Piece[],
  mergesVersions: boolean,
  keepsDead: boolean,
): Generator<PlannedRun> {
  pieces.sort((a, b) => a.firstTime - b.firstTime);
  let cluster: Piece[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const piece of pieces) {
    if (cluster.length > 0 && piece.firstTime > end) {
      yield* runsOf(seriesId, cluster, mergesVersions, keepsDead);
      cluster = [];
    }
    cluster.push(piece);
    end = Math.max(end, piece.lastTime);
  }
  yield* runsOf(seriesId, cluster, mergesVersions, keepsDead);
}

/**
 * The run that the pieces make up. A piece alone is cut at its deleted rows into runs without any, so that whatever unit
 * lies in one of them whole is what its statistics say; unless `keepsDead`.
 */
function* runsOf(
  seriesId: number,
  pieces: Piece[],
  mergesVersions: boolean,
  keepsDead: boolean,
): Generator<PlannedRun> {
  const first = pieces[0]!;
  if (pieces.length > 1 || first.isHiddenByName) {
    pieces.sort((a, b) => a.age - b.age);
    const isHidden = pieces.some((piece) => piece.isHiddenByName);
    const isSole = !mergesVersions && !isHidden;
    const lastTime = pieces.reduce((last, piece) => Math.max(last, piece.lastTime), first.lastTime);
    yield { seriesId, isSole, pieces: pieces.map(({ piece }) => piece), lastTime };
    return;
  }
  const isSole = !mergesVersions || !first.hasEqualKeys;
  const { lastTime } = first;
  const { source, to } = first.piece;
  let { from } = first.piece;
  if (keepsDead) {
    yield { seriesId, isSole, pieces: [{ source, from, to }], lastTime };
    return;
  }
  for (let index = lowerBoundOf(first.dead, from); index < first.dead.length && first.dead[index] < to; index++) {
    const dead = first.dead[index];
    if (dead > from) yield { seriesId, isSole, pieces: [{ source, from, to: dead }], lastTime };
    from = dead + 1;
  }
  if (from < to) yield { seriesId, isSole, pieces: [{ source, from, to }], lastTime };
}

/** The first run at or after `from` whose series is not before `seriesId`: a few steps ahead, then by halves. */
export function advance(source: ScanSource, from: number, seriesId: number): number {
  let step = 1;
  let low = from;
  let high = from;
  while (high < source.runCount && source.seriesAt(high) < seriesId) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  high = Math.min(high, source.runCount);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (source.seriesAt(middle) < seriesId) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Every series that some source has, ascending. */
function* allSeries(sources: readonly ScanSource[]): Generator<number> {
  const cursors = new Uint32Array(sources.length);
  for (;;) {
    let next = Number.POSITIVE_INFINITY;
    for (let index = 0; index < sources.length; index++) {
      const source = sources[index]!;
      if (cursors[index] < source.runCount) next = Math.min(next, source.seriesAt(cursors[index]));
    }
    if (next === Number.POSITIVE_INFINITY) return;
    for (let index = 0; index < sources.length; index++) {
      const source = sources[index]!;
      if (cursors[index] < source.runCount && source.seriesAt(cursors[index]) === next) cursors[index]++;
    }
    yield next;
  }
}
