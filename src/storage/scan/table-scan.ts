import type { ScanRequest } from '../../catalog/scan-request.ts';
import type { Morsel, Run, ScanControl, ScanCounters, TableScan } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { BatchStream } from '../../columnar/batch.ts';
import { invariant } from '../../errors/invariant.ts';
import { type DeletedView, hides } from '../deletes/deleted-names.ts';
import type { SeriesIndex } from '../index/series-index.ts';
import type { Memtable } from '../memtable/memtable.ts';
import { filterPermutation, type SortPermutation } from '../memtable/sort-permutation.ts';
import { mergesVersions, partitionOf } from '../table-identity.ts';
import type { StoredSnapshot } from '../versions/stored-snapshot.ts';
import { lowerBound, memtablesOf, type PartitionLayers, type TableLayers } from '../versions/table-layers.ts';
import type { TableWrites, WriteSetView } from '../versions/write-set.ts';
import type { BatchReader } from './batch-reader.ts';
import { readMemtableRuns } from './memtable-runs.ts';
import { readMergedRuns } from './merged-runs.ts';
import { LOCAL_SERIES, type OutputColumn, outputColumns, TagSource } from './output-columns.ts';
import { planRuns } from './plan-runs.ts';
import { MemtableScanSource, type ScanSource, SegmentScanSource } from './run-directory.ts';
import { readSegmentRuns } from './segment-runs.ts';
import { TimeBounds } from './time-bounds.ts';

/** Runs per morsel: small enough to plan in one turn, large enough that a unit of small series is read once. */
const MAX_MORSEL_RUNS = 4096;

/** What all ways of reading runs work with. */
export interface ScanParts {
  readonly table: TableDescriptor;
  readonly request: ScanRequest;
  readonly bounds: TimeBounds;
  readonly outputs: readonly OutputColumn[];
  readonly mergesVersions: boolean;
  readonly counters: ScanCounters;
}

/** One scan of a table: which runs it needs, and their rows. */
export class StoredTableScan implements TableScan {
  readonly counters: ScanCounters = { seriesScanned: 0, unitsRead: 0, unitsSkipped: 0, soleRows: 0, mergedRows: 0 };
  readonly #snapshot: StoredSnapshot;
  readonly #parts: ScanParts;
  readonly #layers: TableLayers | undefined;
  readonly #own: ReturnType<WriteSetView['tables']['get']>;
  /** The table's series that are there for good; others come, and may go again, while the scan is under way. */
  readonly #published: PublishedSeries | undefined;
  /** By partition, once it was planned. */
  readonly #sources = new Map<number, readonly ScanSource[]>();
  #seriesIds: Iterable<number> | undefined;
  #isSelected = false;

  constructor(table: TableDescriptor, request: ScanRequest, snapshot: StoredSnapshot) {
    this.#snapshot = snapshot;
    this.#layers = snapshot.layersOf(table.oid);
    this.#own = snapshot.overlay?.tables.get(table.oid);
    const store = this.#layers?.store;
    const series = store?.series;
    this.#published = store && { series: store.series, count: store.publishedSeriesCount };
    const local = this.#own?.writes.series;
    const isEmpty = series === undefined && local === undefined;
    this.#parts = {
      table,
      request,
      bounds: new TimeBounds(request.timeRange),
      // Without rows there is nothing that tags could be of.
      outputs: isEmpty
        ? []
        : outputColumns(table, request.columns, (number, type) => new TagSource(number, type, series, local)),
      mergesVersions: mergesVersions(table),
      counters: this.counters,
    };
  }

  *morsels(): Generator<Morsel, void, undefined> {
    if (this.#parts.bounds.isEmpty) return;
    const seriesIds = this.#selectSeries();
    for (const partition of this.#partitions()) {
      const sources = this.#sourcesOf(partition);
      // A series may have a piece in each of several layers: by layer, neighbouring series share units and batches.
      const runsByReader = new Map<ScanSource | 'merged', Run[]>();
      let lastSeries = -1;
      for (const run of planRuns(sources, seriesIds, this.#parts.bounds, this.#parts.mergesVersions)) {
        if (run.seriesId !== lastSeries) {
          this.counters.seriesScanned++;
          lastSeries = run.seriesId;
        }
        const reader = readerOf(run, sources);
        const runs = runsByReader.get(reader);
        if (runs === undefined) runsByReader.set(reader, [run]);
        else if (runs.push(run) === MAX_MORSEL_RUNS) {
          runsByReader.delete(reader);
          yield { partition, runs };
        }
      }
      for (const runs of runsByReader.values()) yield { partition, runs };
    }
  }

  async *read(morsel: Morsel, control: ScanControl): BatchStream {
    const sources = this.#sourcesOf(morsel.partition);
    const { runs } = morsel;
    for (let from = 0; from < runs.length; ) {
      const kind = readerOf(runs[from]!, sources);
      let to = from + 1;
      while (to < runs.length && readerOf(runs[to]!, sources) === kind) to++;
      const reader = this.#open(kind, sources, runs.slice(from, to), control);
      from = to;
      try {
        for (;;) {
          const turn = control.yieldIfDue();
          if (turn !== undefined) await turn;
          const pending = reader.next();
          const batch = pending instanceof Promise ? await pending : pending;
          if (batch === undefined) break;
          yield batch;
        }
      } finally {
        reader.close();
      }
    }
  }

  #open(
    kind: ScanSource | 'merged',
    sources: readonly ScanSource[],
    runs: readonly Run[],
    control: ScanControl,
  ): BatchReader {
    if (kind === 'merged') return readMergedRuns(this.#parts, sources, runs, control);
    if (kind.kind === 'segment') return readSegmentRuns(this.#parts, kind, runs);
    return readMemtableRuns(this.#parts, kind, runs);
  }

  /** Ids of the series that pass, ascending; undefined = all. Those of the own transaction alone come last. */
  #selectSeries(): Iterable<number> | undefined {
    if (this.#isSelected) return this.#seriesIds;
    this.#isSelected = true;
    const { seriesPredicates } = this.#parts.request;
    if (seriesPredicates.length === 0) return undefined;
    const numberAt = (position: number) => this.#parts.table.columns[position]!.number;
    const selected = this.#layers?.store.series.select(seriesPredicates, numberAt) ?? new Uint32Array(0);
    const ids = Array.from(selected);
    if (this.#own !== undefined) {
      const idOf = localIds(this.#own.writes, this.#published);
      for (const local of this.#own.writes.series.select(seriesPredicates, numberAt) ?? []) {
        const id = idOf(local);
        if (id >= LOCAL_SERIES) ids.push(id);
      }
    }
    this.#seriesIds = ids;
    return ids;
  }

  #partitions(): number[] {
    const partitions = new Set<number>();
    const { timeSeries } = this.#parts.table;
    const { from, to } = this.#parts.bounds;
    const first =
      timeSeries === undefined ? Number.NEGATIVE_INFINITY : partitionOf(from.time, timeSeries.partitionMicros);
    const last = timeSeries === undefined ? Number.POSITIVE_INFINITY : partitionOf(to.time, timeSeries.partitionMicros);
    const stored = this.#layers?.partitions ?? [];
    for (let index = lowerBound(stored, first); index < stored.length; index++) {
      const { partition } = stored[index]!;
      if (partition > last) break;
      partitions.add(partition);
    }
    for (const { memtable } of this.#own?.rows ?? []) {
      if (memtable.partition >= first && memtable.partition <= last) partitions.add(memtable.partition);
    }
    return [...partitions].sort((a, b) => a - b);
  }

  /** The layers of a partition that have rows for this snapshot, newest first. */
  #sourcesOf(partition: number): readonly ScanSource[] {
    const known = this.#sources.get(partition);
    if (known !== undefined) return known;
    const sources: ScanSource[] = [];
    for (const { memtable, rowCount } of this.#own?.rows ?? []) {
      if (memtable.partition !== partition) continue;
      const idOf = localIds(this.#own!.writes, this.#published);
      const permutation = memtable.livePermutation(rowCount, this.#own!.stamp);
      if (permutation.rows.length > 0) sources.push(new MemtableScanSource(-1, memtable, permutation, idOf));
    }
    const layers =
      this.#own?.isTruncated === true
        ? undefined
        : this.#layers?.partitions[lowerBound(this.#layers.partitions, partition)];
    if (layers?.partition === partition) this.#addLayers(layers, sources);
    this.#sources.set(partition, sources);
    return sources;
  }

  #addLayers(layers: PartitionLayers, sources: ScanSource[]): void {
    const { lsn } = this.#snapshot;
    const deleted = this.#own?.deleted;
    for (const memtable of memtablesOf(layers).slice().reverse()) {
      const rowCount = memtable.rowCountAt(lsn);
      if (rowCount === 0 || !this.#parts.bounds.overlaps(memtable.minTime, memtable.maxTime)) continue;
      let permutation = memtable.livePermutation(rowCount, lsn);
      if (deleted !== undefined) permutation = withoutNames(memtable, permutation, deleted);
      if (permutation.rows.length === 0) continue;
      sources.push(new MemtableScanSource(-1 - sources.length, memtable, permutation));
    }
    for (const segment of layers.segments.slice().reverse()) {
      const { clearedRows, rows } = segment.deletes.deadAt(lsn);
      // Rows of a segment are cleared all at once.
      if (clearedRows > 0) continue;
      sources.push(new SegmentScanSource(segment.id, segment.reader, rows, deleted));
    }
  }
}

/** The permutation without the rows that the reader's own transaction has deleted. */
function withoutNames(memtable: Memtable, permutation: SortPermutation, deleted: DeletedView): SortPermutation {
  const { runSeries, runStarts, rows, times, fractions } = permutation;
  let isDeleted: Uint8Array | undefined;
  for (let run = 0; run < runSeries.length; run++) {
    const seriesId = runSeries[run];
    if (!deleted.names.mayHaveSeries(seriesId)) continue;
    for (let index = runStarts[run]; index < runStarts[run + 1]; index++) {
      const fraction = fractions === undefined ? 0 : fractions[index];
      if (!hides(deleted, seriesId, times[index], fraction, memtable.rowIdAt(rows[index]))) continue;
      isDeleted ??= new Uint8Array(permutation.rowCount);
      isDeleted[rows[index]] = 1;
    }
  }
  return isDeleted === undefined ? permutation : filterPermutation(permutation, isDeleted);
}

/** Which reader takes a run: consecutive runs of one source are read together. */
function readerOf(run: Run, sources: readonly ScanSource[]): ScanSource | 'merged' {
  if (!run.isSole || run.pieces.length > 1) return 'merged';
  return sourceOf(sources, run.pieces[0]!.source);
}

export function sourceOf(sources: readonly ScanSource[], id: number): ScanSource {
  const source = sources.find((candidate) => candidate.id === id);
  invariant(source !== undefined, 'a run names a source of its partition');
  return source;
}

interface PublishedSeries {
  readonly series: SeriesIndex;
  readonly count: number;
}

/** From the series ids of a write set to those of the table, or ids from `LOCAL_SERIES` on where it has none. */
function localIds(writes: TableWrites, published: PublishedSeries | undefined): (localId: number) => number {
  if (published === undefined) return (localId) => LOCAL_SERIES + localId;
  if (writes.series.tagNumbers.length === 0) return (localId) => localId;
  const tuples = writes.series.tuplesFrom(0);
  return (localId) => {
    const known = published.series.find(tuples, localId);
    return known >= 0 && known < published.count ? known : LOCAL_SERIES + localId;
  };
}
