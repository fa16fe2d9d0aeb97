import type { DeletedView } from '../deletes/deleted-names.ts';
import type { Memtable } from '../memtable/memtable.ts';
import type { SortPermutation } from '../memtable/sort-permutation.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import { timeKeyOf } from '../time-key.ts';
import type { TimeBounds } from './time-bounds.ts';

/** Where the rows of a scan are: one layer of one partition, with its runs in order of their series ids. */
export type ScanSource = SegmentScanSource | MemtableScanSource;

export interface RunDirectory {
  /** `RunPiece.source` of its pieces. */
  readonly id: number;
  readonly runCount: number;
  seriesAt(run: number): number;
  /** Rows `start(run)` to `end(run)` of the source. */
  start(run: number): number;
  end(run: number): number;
  /** `TimeKeys.times` of the run's first and last row. */
  firstTime(run: number): number;
  lastTime(run: number): number;
  /** The run itself may hold several versions of a point. */
  hasEqualKeys(run: number): boolean;
  /** No row has `TimeKeys.times` beyond it. */
  readonly latest: number;
}

/** A segment's bytes: a file, or a part of one. */
export interface SegmentPlace {
  readonly name: string;
  readonly file: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

export class SegmentScanSource implements RunDirectory {
  readonly kind = 'segment';
  readonly id: number;
  readonly reader: SegmentReader;
  /** Rows that are deleted for the reader, ascending. */
  readonly dead: Uint32Array;
  /** What the reader's own transaction has deleted. */
  readonly ownDeletes: DeletedView | undefined;
  /** Where other threads find it; undefined: they cannot. */
  readonly place: SegmentPlace | undefined;
  readonly #seriesOffset: number;
  #range: { readonly first: number; readonly last: number } | undefined;

  /** `seriesOffset`: what is added to the ids in the segment, where these are known to a transaction alone. */
  constructor(
    id: number,
    reader: SegmentReader,
    dead: Uint32Array,
    ownDeletes: DeletedView | undefined,
    { seriesOffset = 0, place }: { seriesOffset?: number; place?: SegmentPlace | undefined } = {},
  ) {
    this.id = id;
    this.reader = reader;
    this.dead = dead;
    this.ownDeletes = ownDeletes;
    this.place = place;
    this.#seriesOffset = seriesOffset;
  }

  /** Whether rows of the series may be hidden by names, which have to be compared with them. */
  hidesByName(seriesId: number): boolean {
    return this.ownDeletes?.names.mayHaveSeries(seriesId) === true;
  }

  /** Whether all rows lie within the bounds. */
  isContainedIn(bounds: TimeBounds): boolean {
    if (bounds.isOpen) return true;
    const { first, last } = this.#rangeOfAll();
    return bounds.contains(first, last);
  }

  get latest(): number {
    return this.#rangeOfAll().last;
  }

  #rangeOfAll(): { readonly first: number; readonly last: number } {
    if (this.#range === undefined) {
      let first = Number.POSITIVE_INFINITY;
      let last = Number.NEGATIVE_INFINITY;
      for (let run = 0; run < this.runCount; run++) {
        first = Math.min(first, this.firstTime(run));
        last = Math.max(last, this.lastTime(run));
      }
      this.#range = { first, last };
    }
    return this.#range;
  }

  get runCount(): number {
    return this.reader.seriesIds.length;
  }

  seriesAt(run: number): number {
    return this.reader.seriesIds[run] + this.#seriesOffset;
  }

  start(run: number): number {
    return this.reader.seriesStarts[run];
  }

  end(run: number): number {
    return this.reader.seriesStarts[run + 1];
  }

  firstTime(run: number): number {
    const time = this.reader.firstTimes[run];
    return typeof time === 'number' ? time : timeKeyOf(time).time;
  }

  lastTime(run: number): number {
    const time = this.reader.lastTimes[run];
    return typeof time === 'number' ? time : timeKeyOf(time).time;
  }

  hasEqualKeys(): boolean {
    return false;
  }
}

export class MemtableScanSource implements RunDirectory {
  readonly kind = 'memtable';
  readonly id: number;
  readonly memtable: Memtable;
  readonly permutation: SortPermutation;
  /** Of a write set: per run, in ascending order of table-wide ids, the id and the place in the permutation. */
  readonly #ids: Float64Array | undefined;
  readonly #runs: Uint32Array | undefined;

  /** `idOf` translates the series ids of a write set. */
  constructor(id: number, memtable: Memtable, permutation: SortPermutation, idOf?: (localId: number) => number) {
    this.id = id;
    this.memtable = memtable;
    this.permutation = permutation;
    if (idOf === undefined) return;
    const ids = Float64Array.from(permutation.runSeries, idOf);
    this.#runs = Uint32Array.from(ids.keys()).sort((a, b) => ids[a] - ids[b]);
    this.#ids = ids;
  }

  get latest(): number {
    return this.memtable.maxTime;
  }

  get runCount(): number {
    return this.permutation.runSeries.length;
  }

  seriesAt(run: number): number {
    return this.#ids === undefined ? this.permutation.runSeries[run] : this.#ids[this.#place(run)];
  }

  start(run: number): number {
    return this.permutation.runStarts[this.#place(run)];
  }

  end(run: number): number {
    return this.permutation.runStarts[this.#place(run) + 1];
  }

  firstTime(run: number): number {
    return this.permutation.times[this.start(run)];
  }

  lastTime(run: number): number {
    return this.permutation.times[this.end(run) - 1];
  }

  hasEqualKeys(run: number): boolean {
    return this.permutation.runHasEqualKeys[this.#place(run)] === 1;
  }

  #place(run: number): number {
    return this.#runs === undefined ? run : this.#runs[run];
  }
}
