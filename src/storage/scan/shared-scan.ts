import type { ScanRequest } from '../../catalog/scan-request.ts';
import type {
  Morsel,
  ScanControl,
  ScanCounters,
  SpanOptions,
  SpanReader,
  Table,
  TableScan,
} from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { BatchStream } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { constantColumn } from '../../columnar/column-builder.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { columnOf } from '../../columnar/portable-column.ts';
import { invariant } from '../../errors/invariant.ts';
import type { UnitCache } from '../cache/unit-cache.ts';
import type { SegmentObject, SegmentStore } from '../seams/segment-store.ts';
import { SegmentReader } from '../segment/segment-reader.ts';
import { mergesVersions } from '../table-identity.ts';
import { openSpans } from './open-spans.ts';
import { type OutputColumn, outputColumns, type SeriesSpans, type TagValues } from './output-columns.ts';
import { type ScanSource, SegmentScanSource } from './run-directory.ts';
import { type PortableShare, type SharedSegment, unpackMorsel } from './scan-shares.ts';
import { batchesOf } from './span-batches.ts';
import { type ScanParts, within } from './table-scan.ts';
import { TimeBounds } from './time-bounds.ts';

/** Segments that nobody has asked for so long are closed: their files may be gone, and keep their bytes until then. */
const IDLE_MS = 30_000;
/** Beyond so many open ones, those that have waited longest are closed at once. */
const MAX_OPEN = 512;

interface OpenSegment {
  readonly opening: Promise<{ readonly object: SegmentObject; readonly reader: SegmentReader }>;
  lastUsed: number;
  userCount: number;
}

/** The segments that a thread has open to read shares of other threads' scans. */
export class SharedSegments {
  readonly #store: SegmentStore;
  readonly #cache: UnitCache;
  /** By their ids, in the order in which they were asked for last. */
  readonly #open = new Map<number, OpenSegment>();

  constructor(store: SegmentStore, cache: UnitCache) {
    this.#store = store;
    this.#cache = cache;
  }

  /** Opens what a share needs. To be closed by `close` of the result. */
  async openShare(share: PortableShare): Promise<OpenShare> {
    const used: OpenSegment[] = [];
    const close = (): void => {
      for (const segment of used) segment.userCount--;
      void this.#closeIdle();
    };
    try {
      const sources: ScanSource[] = [];
      for (const place of share.segments) {
        const segment = this.#segment(place);
        segment.userCount++;
        used.push(segment);
        const { reader } = await segment.opening;
        sources.push(new SegmentScanSource(place.id, reader, place.dead, undefined));
      }
      return { share, sources, close };
    } catch (error) {
      close();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const id of [...this.#open.keys()]) await this.#close(id);
  }

  #segment(place: SharedSegment): OpenSegment {
    const known = this.#open.get(place.id);
    const segment = known ?? { opening: this.#openSegment(place), lastUsed: 0, userCount: 0 };
    this.#open.delete(place.id);
    this.#open.set(place.id, segment);
    segment.lastUsed = performance.now();
    return segment;
  }

  async #openSegment({
    id,
    name,
    file,
    offset,
    sizeBytes,
    directory,
  }: SharedSegment): Promise<Awaited<OpenSegment['opening']>> {
    try {
      const object = await this.#store.open(file);
      try {
        const reader = await SegmentReader.open(object, name, { cache: this.#cache, offset, sizeBytes, directory });
        return { object, reader };
      } catch (error) {
        await object.close();
        throw error;
      }
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  async #closeIdle(): Promise<void> {
    const limit = performance.now() - IDLE_MS;
    for (const [id, { lastUsed, userCount }] of this.#open) {
      if (lastUsed > limit && this.#open.size <= MAX_OPEN) return;
      if (userCount === 0) await this.#close(id);
    }
  }

  async #close(id: number): Promise<void> {
    const segment = this.#open.get(id);
    this.#open.delete(id);
    try {
      const opened = await segment?.opening;
      opened?.reader.close();
      await opened?.object.close();
    } catch {
      // It never was open.
    }
  }
}

export interface OpenShare {
  readonly share: PortableShare;
  readonly sources: readonly ScanSource[];
  close(): void;
}

/** A share of another thread's scan as a table: it has the rows of the share and no others, whatever is asked for. */
export class SharedTable implements Table {
  readonly descriptor: TableDescriptor;
  readonly #opened: OpenShare;

  constructor(descriptor: TableDescriptor, opened: OpenShare) {
    this.descriptor = descriptor;
    this.#opened = opened;
  }

  /** Which series and which times are wanted was decided where the scan is: of the request, columns and field ranges count. */
  scan(request: ScanRequest): SharedScan {
    return new SharedScan(this.descriptor, request, this.#opened);
  }
}

class SharedScan implements TableScan {
  readonly counters: ScanCounters = { seriesScanned: 0, unitsRead: 0, unitsSkipped: 0, soleRows: 0, mergedRows: 0 };
  readonly #parts: ScanParts;
  readonly #opened: OpenShare;

  constructor(table: TableDescriptor, request: ScanRequest, opened: OpenShare) {
    const { share } = opened;
    this.#opened = opened;
    const places = new Map<number, number>();
    for (let index = 0; index < share.seriesIds.length; index++) places.set(share.seriesIds[index], index);
    const outputs = outputColumns(table, request.columns, (number) => {
      const place = request.columns.findIndex((position) => table.columns[position].number === number);
      const portable = share.tags[place];
      invariant(portable !== undefined, 'a share has the tags that are asked for');
      return new SharedTag(columnOf(portable), places);
    });
    this.#parts = {
      table,
      request,
      bounds: new TimeBounds({ from: share.from, to: share.to }),
      outputs,
      mergesVersions: mergesVersions(table),
      counters: this.counters,
    };
  }

  *morsels(): Generator<Morsel, void, undefined> {
    for (const packed of this.#opened.share.morsels) yield unpackMorsel(packed);
  }

  async *read(morsel: Morsel, control: ScanControl): BatchStream {
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

  spans({ runs, from, to }: Morsel, control: ScanControl, options: SpanOptions = {}): SpanReader {
    return openSpans(within(this.#parts, { from, to }), runs, this.#opened.sources, { ...options, control });
  }

  seriesColumns(seriesIds: readonly number[]): (Column | undefined)[] {
    const ends = seriesIds.map((_, index) => index + 1);
    return this.#parts.outputs.map((output: OutputColumn) =>
      output.kind === 'tag' ? output.tag.column({ seriesIds, ends }, seriesIds.length) : undefined,
    );
  }
}

/** The values of a tag of the series of a share. */
class SharedTag implements TagValues {
  readonly #values: Column;
  readonly #places: ReadonlyMap<number, number>;

  constructor(values: Column, places: ReadonlyMap<number, number>) {
    this.#values = values;
    this.#places = places;
  }

  column({ seriesIds, ends }: SeriesSpans, rowCount: number): Column {
    if (rowCount === 0) return constantColumn('text', null, 0);
    const rows = new Uint32Array(rowCount);
    let from = 0;
    for (let index = 0; index < seriesIds.length; index++) {
      const place = this.#places.get(seriesIds[index]);
      invariant(place !== undefined, 'a share has the series of its runs');
      rows.fill(place, from, ends[index]);
      from = ends[index];
    }
    return gatherColumn(this.#values, rows, rowCount);
  }
}
