import type { Morsel, Run } from '../../catalog/table.ts';
import { lowerBoundOf } from '../binary-search.ts';
import { partitionOf } from '../table-identity.ts';
import { LOCAL_SERIES } from './output-columns.ts';
import { advance } from './plan-runs.ts';
import type { ScanSource } from './run-directory.ts';
import type { ScanLayers } from './scan-layers.ts';
import type { ScanParts } from './table-scan.ts';

/** Series of a morsel. */
const MORSEL_SERIES = 1024;
/** Series that are sorted into partitions before others get a turn. */
const SERIES_PER_TURN = 262_144;

/**
 * Where the last row of each series is to be read, newest partitions first. The last-row entries tell the partition to
 * begin with, and the directories of its layers mostly the row: it is the last of the one layer that reaches furthest,
 * and a morsel names it as a run of one row. What is cut by the time range, may be deleted, or has several versions goes
 * into `lastOf` of a morsel, to be searched.
 */
export function* planLastRows(
  parts: ScanParts,
  layers: ScanLayers,
  selected: Uint32Array | undefined,
): Generator<Morsel, void, undefined> {
  const { partitions } = layers;
  const own = ownLastTimes(layers);
  const ids = selected ?? allIds(layers.seriesCount, own);
  const places = new Int32Array(ids.length);
  const counts = new Uint32Array(partitions.length + 1);
  const placeOf = placeFinder(parts, layers);
  for (let index = 0; index < ids.length; index++) {
    const id = ids[index];
    const committed = id < LOCAL_SERIES ? layers.boundOf(id) : Number.NEGATIVE_INFINITY;
    const place = placeOf(own === undefined ? committed : Math.max(committed, own.get(id) ?? committed));
    places[index] = place;
    if (place >= 0) counts[place + 1]++;
    if (index % SERIES_PER_TURN === SERIES_PER_TURN - 1) yield { partition: 0, runs: [] };
  }
  for (let place = 0; place < partitions.length; place++) counts[place + 1] += counts[place];
  const starts = counts.slice();
  const ordered = new Uint32Array(counts[partitions.length]);
  for (let index = 0; index < ids.length; index++)
    if (places[index] >= 0) ordered[counts[places[index]]++] = ids[index];

  for (let place = partitions.length - 1; place >= 0; place--) {
    const partition = partitions[place]!;
    if (starts[place] === starts[place + 1]) continue;
    const finder = new TailFinder(parts, layers.sourcesOf(partition));
    for (let from = starts[place]; from < starts[place + 1]; from += MORSEL_SERIES) {
      const runs: Run[] = [];
      const lastOf: number[] = [];
      for (const seriesId of ordered.subarray(from, Math.min(from + MORSEL_SERIES, starts[place + 1]))) {
        parts.counters.seriesScanned++;
        const run = finder.tailOf(seriesId);
        if (run === undefined) lastOf.push(seriesId);
        else runs.push(run);
      }
      if (runs.length > 0) yield { partition, runs };
      if (lastOf.length > 0) yield { partition, runs: [], lastOf };
    }
  }
}

/** From a bound of a series to the place of the newest partition that may have its last row; -1 when there is none. */
function placeFinder({ bounds }: ScanParts, { partitions, partitionMicros }: ScanLayers): (bound: number) => number {
  let knownPartition = Number.NaN;
  let knownPlace = -1;
  return (bound) => {
    if (bound < bounds.from.time || bound === Number.NEGATIVE_INFINITY) return -1;
    const partition = partitionOf(Math.min(bound, bounds.to.time), partitionMicros);
    if (partition !== knownPartition) {
      knownPartition = partition;
      knownPlace = partitions.length - 1;
      while (knownPlace >= 0 && partitions[knownPlace]! > partition) knownPlace--;
    }
    return knownPlace;
  };
}

/** Per series that the reader's own transaction has rows of, the time of the last; undefined without any. */
function ownLastTimes(layers: ScanLayers): ReadonlyMap<number, number> | undefined {
  let times: Map<number, number> | undefined;
  for (const partition of layers.partitions) {
    const count = layers.ownSourceCount(partition);
    for (const source of count === 0 ? [] : layers.sourcesOf(partition).slice(0, count)) {
      times ??= new Map();
      for (let run = 0; run < source.runCount; run++) {
        const id = source.seriesAt(run);
        times.set(id, Math.max(times.get(id) ?? Number.NEGATIVE_INFINITY, source.lastTime(run)));
      }
    }
  }
  return times;
}

function allIds(seriesCount: number, own: ReadonlyMap<number, number> | undefined): Uint32Array {
  const local = Uint32Array.from([...(own?.keys() ?? [])].filter((id) => id >= LOCAL_SERIES)).sort();
  const ids = new Uint32Array(seriesCount + local.length);
  for (let id = 0; id < seriesCount; id++) ids[id] = id;
  ids.set(local, seriesCount);
  return ids;
}

/** Finds last rows in one partition, of series with ascending ids. */
class TailFinder {
  readonly #parts: ScanParts;
  readonly #sources: readonly ScanSource[];
  readonly #cursors: Uint32Array;

  constructor(parts: ScanParts, sources: readonly ScanSource[]) {
    this.#parts = parts;
    this.#sources = sources;
    this.#cursors = new Uint32Array(sources.length);
  }

  /** The last row of a series as a run; undefined when it is not sure which one that is. */
  tailOf(seriesId: number): Run | undefined {
    let last = Number.NEGATIVE_INFINITY;
    let found: ScanSource | undefined;
    let foundRun = 0;
    for (let age = 0; age < this.#sources.length; age++) {
      const source = this.#sources[age]!;
      const run = advance(source, this.#cursors[age], seriesId);
      this.#cursors[age] = run;
      if (run === source.runCount || source.seriesAt(run) !== seriesId) continue;
      const time = source.lastTime(run);
      if (time === last) found = undefined;
      else if (time > last) {
        last = time;
        found = source;
        foundRun = run;
      }
    }
    const { from, to } = this.#parts.bounds;
    if (found === undefined || last >= to.time || last < from.time || (last === from.time && from.fraction > 0)) {
      return undefined;
    }
    const row = found.end(foundRun) - 1;
    if (found.kind === 'segment' ? isHidden(found, row, seriesId) : hasTwin(found, foundRun, row)) return undefined;
    return { seriesId, isSole: true, pieces: [{ source: found.id, from: row, to: row + 1 }] };
  }
}

function isHidden(source: Extract<ScanSource, { kind: 'segment' }>, row: number, seriesId: number): boolean {
  if (source.hidesByName(seriesId)) return true;
  const { dead } = source;
  return dead.length > 0 && dead[lowerBoundOf(dead, row)] === row;
}

/** Whether the row before it has the same key. */
function hasTwin(source: Extract<ScanSource, { kind: 'memtable' }>, run: number, row: number): boolean {
  const { times, fractions } = source.permutation;
  if (row === source.start(run) || times[row] !== times[row - 1]) return false;
  return fractions === undefined || fractions[row] === fractions[row - 1];
}
