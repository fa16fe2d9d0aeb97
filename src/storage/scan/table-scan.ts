import type { ScanRequest } from '../../catalog/scan-request.ts';
import type {
  Morsel,
  MorselExtent,
  Run,
  ScanControl,
  ScanCounters,
  ScanShare,
  SpanOptions,
  SpanReader,
  TableScan,
} from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { BatchStream } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { type DeletedView, hides } from '../deletes/deleted-names.ts';
import type { Memtable } from '../memtable/memtable.ts';
import { filterPermutation, type SortPermutation } from '../memtable/sort-permutation.ts';
import type { StoredSegment } from '../stored-segment.ts';
import { mergesVersions, partitionOf } from '../table-identity.ts';
import type { StoredSnapshot } from '../versions/stored-snapshot.ts';
import { lowerBound, memtablesOf, type PartitionLayers, type TableLayers } from '../versions/table-layers.ts';
import type { WriteSetView } from '../versions/write-set.ts';
import { planLastRows } from './last-row-plan.ts';
import { newestFirst } from './newest-first.ts';
import { newestTime } from './newest-time.ts';
import { openReader, openSpans, readerOf } from './open-spans.ts';
import { LOCAL_SERIES, type OutputColumn, outputColumns, TagSource } from './output-columns.ts';
import { planRuns } from './plan-runs.ts';
import { readTails } from './read-tails.ts';
import { MemtableScanSource, type ScanSource, SegmentScanSource } from './run-directory.ts';
import type { ScanLayers } from './scan-layers.ts';
import { cutMorsel, extentOfRuns, placeOf, StoredShare } from './scan-shares.ts';
import { searchLastRows } from './search-last-row.ts';
import { localIds, type PublishedSeries, SeriesSelection } from './series-selection.ts';
import { batchesOf } from './span-batches.ts';
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
  #parts: ScanParts;
  readonly #layers: TableLayers | undefined;
  readonly #own: ReturnType<WriteSetView['tables']['get']>;
  readonly #published: PublishedSeries | undefined;
  readonly #selection: SeriesSelection;
  /** By partition, once it was planned. */
  readonly #sources = new Map<number, readonly ScanSource[]>();
  readonly #ownSourceCounts = new Map<number, number>();
  /** The lower bound of a scan in order is where as many rows lie as are wanted. */
  #isBoundKnown = false;

  constructor(table: TableDescriptor, request: ScanRequest, snapshot: StoredSnapshot) {
    this.#snapshot = snapshot;
    this.#layers = snapshot.layersOf(table.oid);
    this.#own = snapshot.overlay?.tables.get(table.oid);
    const store = this.#layers?.store;
    const series = store?.series;
    this.#published = store && { series: store.series, count: store.publishedSeriesCount };
    const local = this.#own?.writes.series;
    this.#selection = new SeriesSelection(table, request, this.counters, {
      published: this.#published,
      writes: this.#own?.writes,
    });
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

  prepare(control: ScanControl): Promise<void> {
    return this.#selection.prepare(control);
  }

  needNewest(rowCount: number): void {
    const time = newestTime(this.#parts, this.#scanLayers(), this.#selection.ids(), rowCount, {
      isKnown: (id) => this.#own === undefined && this.#layers!.store.series.lastRows.isKnown(id, this.#snapshot.lsn),
    });
    if (time === undefined) return;
    this.skipBefore(time, { isInclusive: true });
    this.#isBoundKnown = true;
  }

  skipBefore(time: number, { isInclusive }: { readonly isInclusive: boolean }): void {
    const from = { time, fraction: isInclusive ? 0 : Number.POSITIVE_INFINITY };
    this.#parts = { ...this.#parts, bounds: this.#parts.bounds.within(from, this.#parts.bounds.to) };
  }

  *morsels(): Generator<Morsel, void, undefined> {
    if (this.#parts.bounds.isEmpty) return;
    const seriesIds = this.#selection.ids();
    const { lastPerSeries, order } = this.#parts.request;
    if (lastPerSeries === true) {
      yield* planLastRows(this.#parts, this.#scanLayers(), seriesIds);
      return;
    }
    if (order === 'newest-first') {
      const options = { isBoundKnown: this.#isBoundKnown };
      yield* newestFirst(() => this.#parts, this.#scanLayers(), seriesIds, options);
      return;
    }
    const partitions = this.#partitions();
    const { hasLatestPartitionFirst, isUnordered = false } = this.#parts.request;
    if (hasLatestPartitionFirst === true) partitions.reverse();
    const options = { keepsDead: true, isUnordered };
    for (const partition of partitions) {
      const sources = this.#sourcesOf(partition);
      // A series may have a piece in each of several layers: by layer, neighbouring series share units and batches.
      const runsByReader = new Map<ScanSource | 'merged', Run[]>();
      let lastSeries = -1;
      for (const run of planRuns(sources, seriesIds, this.#parts.bounds, this.#parts.mergesVersions, options)) {
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
    if (this.#parts.request.lastPerSeries === true) {
      yield* this.#readLast(morsel, control);
      return;
    }
    const reader = batchesOf(this.spans(morsel, control), this.#parts.outputs.length);
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

  spans({ runs, partition, ...range }: Morsel, control: ScanControl, options: SpanOptions = {}): SpanReader {
    const sources = runs.length === 0 ? [] : this.#sourcesOf(partition);
    return openSpans(within(this.#parts, range), runs, sources, { ...options, control });
  }

  extentOf({ partition, runs }: Morsel): MorselExtent {
    return extentOfRuns(runs, this.#sourcesOf(partition));
  }

  cut(morsel: Morsel, maxRows: number): readonly Morsel[] {
    return cutMorsel(morsel, this.#sourcesOf(morsel.partition), maxRows);
  }

  shareOf(morsels: readonly Morsel[]): ScanShare {
    const sourcesOf = (partition: number): readonly ScanSource[] => this.#sourcesOf(partition);
    return new StoredShare(this.#parts, morsels, sourcesOf);
  }

  seriesColumns(seriesIds: readonly number[]): (Column | undefined)[] {
    const ends = seriesIds.map((_, index) => index + 1);
    return this.#parts.outputs.map((output) =>
      output.kind === 'tag' ? output.tag.column({ seriesIds, ends }, seriesIds.length) : undefined,
    );
  }

  async *#readLast({ partition, runs, lastOf }: Morsel, control: ScanControl): BatchStream {
    const searched = [...(lastOf ?? [])];
    if (runs.length > 0) yield* readTails(this.#parts, this.#sourcesOf(partition), runs, { control, searched });
    if (searched.length === 0) return;
    yield* searchLastRows(this.#parts, this.#scanLayers(), { partition, seriesIds: searched }, control);
  }

  #scanLayers(): ScanLayers {
    const lastRows = this.#layers?.store.series.lastRows;
    const isTruncated = this.#own?.isTruncated === true;
    return {
      partitions: this.#partitions(),
      partitionMicros: this.#parts.table.timeSeries!.partitionMicros,
      sourcesOf: (partition) => this.#sourcesOf(partition),
      ownSourceCount: (partition) => {
        this.#sourcesOf(partition);
        return this.#ownSourceCounts.get(partition) ?? 0;
      },
      seriesCount: this.#published?.count ?? 0,
      boundOf: (id) => (isTruncated ? Number.NEGATIVE_INFINITY : lastRows!.bound(id)),
      open: (parts, sources, runs, control) => {
        const spans = openReader(parts, readerOf(runs[0]!, sources), { sources, runs, control });
        return batchesOf(spans, parts.outputs.length);
      },
    };
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
    for (const { partition } of this.#own?.staged ?? []) {
      if (partition >= first && partition <= last) partitions.add(partition);
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
    this.#addStaged(partition, sources);
    this.#ownSourceCounts.set(partition, sources.length);
    const layers =
      this.#own?.isTruncated === true
        ? undefined
        : this.#layers?.partitions[lowerBound(this.#layers.partitions, partition)];
    if (layers?.partition === partition) this.#addLayers(layers, sources);
    this.#sources.set(partition, sources);
    return sources;
  }

  /** What the reader's own transaction has staged; in a table that it has made, only it knows the series. */
  #addStaged(partition: number, sources: ScanSource[]): void {
    const seriesOffset = this.#published === undefined ? LOCAL_SERIES : 0;
    for (const { partition: place, segment } of this.#own?.staged.slice().reverse() ?? []) {
      if (place !== partition) continue;
      const { clearedRows, rows } = segment.deletes.deadAt(this.#own!.stamp);
      if (clearedRows > 0) continue;
      sources.push(new SegmentScanSource(segment.id, segment.reader, rows, undefined, { seriesOffset }));
    }
  }

  /** Newest first: segments of large transactions stand among the memtables. */
  #addLayers(layers: PartitionLayers, sources: ScanSource[]): void {
    const memtables = memtablesOf(layers);
    const { segments } = layers;
    let segment = segments.length;
    for (let memtable = memtables.length; memtable > 0; ) {
      const { rowCount, firstLsn } = memtables[memtable - 1]!;
      // One that is empty has no place among them: rows may come that are younger than all.
      if (rowCount > 0 && segment > 0 && segments[segment - 1]!.entry.minLsn > firstLsn) {
        this.#addSegment(segments[--segment]!, sources);
      } else this.#addMemtable(memtables[--memtable]!, sources);
    }
    while (segment > 0) this.#addSegment(segments[--segment]!, sources);
  }

  #addMemtable(memtable: Memtable, sources: ScanSource[]): void {
    const { lsn } = this.#snapshot;
    const deleted = this.#own?.deleted;
    const rowCount = memtable.rowCountAt(lsn);
    if (rowCount === 0 || !this.#parts.bounds.overlaps(memtable.minTime, memtable.maxTime)) return;
    let permutation = memtable.livePermutation(rowCount, lsn);
    if (deleted !== undefined) permutation = withoutNames(memtable, permutation, deleted);
    if (permutation.rows.length === 0) return;
    sources.push(new MemtableScanSource(-1 - sources.length, memtable, permutation));
  }

  #addSegment(segment: StoredSegment, sources: ScanSource[]): void {
    const { lsn } = this.#snapshot;
    // Of a commit with segments of its own that is not published yet, or came after the snapshot.
    if (segment.entry.minLsn > lsn) return;
    const { clearedRows, rows } = segment.deletes.deadAt(lsn);
    // Rows of a segment are cleared all at once.
    if (clearedRows > 0) return;
    const place = this.#own === undefined ? placeOf(segment.entry) : undefined;
    sources.push(new SegmentScanSource(segment.id, segment.reader, rows, this.#own?.deleted, { place }));
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

/** With the bounds of a morsel that has its own. */
export function within(
  parts: ScanParts,
  { from, to }: { readonly from?: number | undefined; readonly to?: number | undefined },
): ScanParts {
  if (from === undefined && to === undefined) return parts;
  const bounds = parts.bounds.within(
    { time: from ?? Number.NEGATIVE_INFINITY, fraction: 0 },
    { time: to ?? Number.POSITIVE_INFINITY, fraction: 0 },
  );
  return { ...parts, bounds };
}
