import type { Run, ScanControl, SpanReader } from '../../catalog/table.ts';
import { MissingColumns } from '../missing-value.ts';
import { findCommonKeys, openKeys, type TakeCommonKey } from './key-cursor.ts';
import { readMemtableRuns } from './memtable-runs.ts';
import { type MergedSeries, readMergedSeries } from './merged-runs.ts';
import { sourceOf } from './open-spans.ts';
import type { MemtableScanSource, ScanSource } from './run-directory.ts';
import { isDecisive, SearchedPiece } from './searched-piece.ts';
import { readSegmentRuns } from './segment-runs.ts';
import { pickRows, type SortedRows } from './sorted-rows.ts';
import { chainSpans } from './span-chain.ts';
import { memtableStretches, pickedStretches, type StretchSource } from './stretch.ts';
import type { ScanParts } from './table-scan.ts';
import { readWholeRuns } from './whole-runs.ts';

/** Less than any fraction of a time. */
const BEFORE_ALL = -1;

/** What some runs have in one layer. */
interface LayerRows {
  readonly runs: Run[];
  /** Rows that do not stand for themselves. */
  readonly hidden: number[];
}

/** A series with such points, and where they stand: the newest layer first. */
interface RepeatedPoints {
  readonly seriesId: number;
  readonly pieces: readonly SearchedPiece[];
}

/**
 * Runs whose points may have several versions, in no order: each layer is read like a sole one, with its statistics, less
 * the rows that do not stand for themselves. Which these are, a search for keys in common tells.
 *
 *     memtable            x   f     p
 *     segment     ────────────○─────●─────
 *
 *     x   the point stands nowhere else: a row like any other
 *     f ○ the newer version has all that is asked for: the older one is left out
 *     p ● the newer one has only some of it: both are left out, and merged apart
 */
export function readLayersApart(
  parts: ScanParts,
  from: { readonly sources: readonly ScanSource[]; readonly runs: readonly Run[]; readonly hasWholeRuns: boolean },
  control: ScanControl,
): SpanReader {
  const { sources, runs, hasWholeRuns } = from;
  const layers = new Map<ScanSource, LayerRows>();
  const points: RepeatedPoints[] = [];
  const search = async (): Promise<void> => {
    for (const { seriesId, pieces } of runs) {
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
      const searched = pieces.map((piece) => new SearchedPiece(sourceOf(sources, piece.source), piece));
      const pending = searchPieces(parts, searched, control);
      if (pending !== undefined) await pending;
      for (const { source, piece, hidden } of searched) {
        const layer = layers.get(source) ?? { runs: [], hidden: [] };
        layers.set(source, layer);
        layer.runs.push({ seriesId, isSole: true, pieces: [piece] });
        for (const row of hidden) layer.hidden.push(row);
      }
      if (searched.some(({ repeated }) => repeated.length > 0)) points.push({ seriesId, pieces: searched });
    }
  };
  // The oldest layer first, and what is merged last.
  let next = sources.length;
  const open = (): SpanReader | undefined => {
    while (next > 0) {
      const source = sources[--next]!;
      const layer = layers.get(source);
      if (layer !== undefined) return openLayer(parts, source, layer, hasWholeRuns);
    }
    if (next < 0 || points.length === 0) return undefined;
    next = -1;
    return readMergedSeries(parts, control, (numbers) => versionsOf(parts, points, numbers));
  };
  const spans = chainSpans(open);
  let isSearched = false;
  return {
    next() {
      if (isSearched) return spans.next();
      isSearched = true;
      return search().then(() => spans.next());
    },
    close: () => spans.close(),
  };
}

/** Finds the rows within the bounds whose points stand in another piece as well, or once more in the same one. */
function searchPieces(
  parts: ScanParts,
  pieces: readonly SearchedPiece[],
  control: ScanControl,
): Promise<void> | undefined {
  for (const piece of pieces) searchEqualKeys(parts, piece);
  const pairs = pieces.flatMap((newer, index) => pieces.slice(index + 1).map((older) => [newer, older] as const));
  const searchFrom = (first: number): Promise<void> | undefined => {
    for (let index = first; index < pairs.length; index++) {
      const pending = searchPair(parts, ...pairs[index], control);
      if (pending !== undefined) return pending.then(() => searchFrom(index + 1));
    }
    for (const piece of pieces) piece.finish();
    return undefined;
  };
  return searchFrom(0);
}

/** A memtable has a row for each time that a point was written. */
function searchEqualKeys({ outputs }: ScanParts, piece: SearchedPiece): void {
  const { source } = piece;
  if (source.kind !== 'memtable') return;
  const { times, fractions } = source.permutation;
  const { from, to } = piece.piece;
  for (let row = from + 1; row < to; row++) {
    if (times[row] !== times[row - 1]) continue;
    if (fractions !== undefined && fractions[row] !== fractions[row - 1]) continue;
    const start = row - 1;
    while (row + 1 < to && times[row + 1] === times[start] && fractions?.[row + 1] === fractions?.[start]) row++;
    if (isDecisive(source, row, outputs)) piece.supersede(start, row);
    else piece.repeat(start, row + 1);
  }
}

function searchPair(
  { bounds, counters, outputs }: ScanParts,
  newer: SearchedPiece,
  older: SearchedPiece,
  control: ScanControl,
): Promise<void> | undefined {
  const first = Math.max(newer.firstTime, older.firstTime, bounds.from.time);
  const last = Math.min(newer.lastTime, older.lastTime, bounds.to.time);
  if (first > last) return undefined;
  const newerKeys = openKeys(newer.source, newer.piece, counters);
  const olderKeys = openKeys(older.source, older.piece, counters);
  const close = (): void => {
    newerKeys.close();
    olderKeys.close();
  };
  const take: TakeCommonKey = (newerFrom, newerTo, olderFrom, olderTo) => {
    if (!newer.isLive(newerTo - 1)) return;
    if (isDecisive(newer.source, newerTo - 1, outputs)) older.supersede(olderFrom, olderTo);
    else {
      newer.repeat(newerFrom, newerTo);
      older.repeat(olderFrom, olderTo);
    }
  };
  const search = { lastTime: last, take, control };
  const start = (): Promise<void> | undefined => {
    const pending = newerKeys.seek(first, BEFORE_ALL) ?? olderKeys.seek(first, BEFORE_ALL);
    return pending === undefined ? findCommonKeys(newerKeys, olderKeys, search) : pending.then(start);
  };
  let pending: Promise<void> | undefined;
  try {
    pending = start();
  } finally {
    if (pending === undefined) close();
  }
  return pending?.finally(close);
}

function openLayer(
  parts: ScanParts,
  source: ScanSource,
  { runs, hidden }: LayerRows,
  hasWholeRuns: boolean,
): SpanReader {
  if (source.kind === 'memtable') {
    const visible = hidden.length === 0 ? { rows: source, runs } : withoutHidden(source, runs, hidden);
    return readMemtableRuns(parts, visible.rows, visible.runs);
  }
  const dead = hidden.length === 0 ? source.dead : union(source.dead, hidden);
  return hasWholeRuns ? readWholeRuns(parts, source, runs, dead) : readSegmentRuns(parts, source, runs, dead);
}

/** `hidden` are in the order of the runs. */
function withoutHidden(
  { memtable, permutation }: MemtableScanSource,
  runs: readonly Run[],
  hidden: readonly number[],
): { readonly rows: SortedRows; readonly runs: readonly Run[] } {
  const places = new Uint32Array(runs.reduce((count, { pieces: [{ from, to }] }) => count + to - from, 0));
  const visible: Run[] = [];
  let count = 0;
  let next = 0;
  for (const { seriesId, isSole, pieces } of runs) {
    const [{ source, from, to }] = pieces;
    const start = count;
    for (let row = from; row < to; row++) {
      if (next < hidden.length && hidden[next] === row) next++;
      else places[count++] = row;
    }
    if (count > start) visible.push({ seriesId, isSole, pieces: [{ source, from: start, to: count }] });
  }
  return { rows: { memtable, permutation: pickRows(permutation, places, count) }, runs: visible };
}

/** Both ascend, and have nothing in common. */
function union(left: Uint32Array, right: readonly number[]): Uint32Array {
  const both = new Uint32Array(left.length + right.length);
  let at = 0;
  let next = 0;
  for (let index = 0; index < both.length; index++) {
    both[index] = next === right.length || left[at] < right[next] ? left[at++] : right[next++];
  }
  return both;
}

/** The versions of the points, layer by layer. */
function* versionsOf(
  { table }: ScanParts,
  points: readonly RepeatedPoints[],
  numbers: readonly number[],
): Generator<MergedSeries> {
  const missing = MissingColumns.of(table);
  for (const { seriesId, pieces } of points) {
    const opened: StretchSource[] = [];
    for (const { source, repeated } of pieces) {
      if (repeated.length === 0) continue;
      const rows = Uint32Array.from(repeated);
      if (source.kind === 'segment') opened.push(pickedStretches(source.reader, rows, numbers, missing));
      else {
        const permutation = pickRows(source.permutation, rows, rows.length);
        const all = { from: 0, to: rows.length };
        opened.push(memtableStretches({ memtable: source.memtable, permutation }, all, numbers, missing));
      }
    }
    yield { seriesId, pieces: opened };
  }
}
