import type { Lsn } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import { toInt64 } from '../../types/int64.ts';
import type { CompactionRecord } from '../checkpoint/checkpoint-writer.ts';
import type { PartitionEntry, SegmentEntry } from '../checkpoint/manifest-content.ts';
import { DeleteVector } from '../deletes/delete-vector.ts';
import { type DeletesEntry, writeDeletesObject } from '../deletes/deletes-object.ts';
import type { EngineState } from '../engine-state.ts';
import type { ObjectTarget } from '../packs/object-target.ts';
import { fileOf, type StoredObject } from '../packs/pack-place.ts';
import type { SegmentHeader } from '../segment/segment-column.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import type { SegmentSink, WrittenSegment } from '../segment/segment-writer.ts';
import type { StorageParts } from '../storage-parts.ts';
import { StoredSegment } from '../stored-segment.ts';
import { mergesVersions } from '../table-identity.ts';
import type { TableStore } from '../table-store.ts';
import { findPartition, type PartitionLayers, withPartition } from '../versions/table-layers.ts';
import { CompactionAbandoned, type CompactionPace } from './compaction-pace.ts';
import { LateDeletes } from './late-deletes.ts';
import { type MergedColumns, mergeLayout } from './merge-layout.ts';
import { type MergeInput, mergeSegments } from './merge-segments.ts';
import { portableMerge } from './portable-merge.ts';
import { inputError } from './unreadable-input.ts';

/** What all inputs and columns of a merge together may hold of encoded bytes. */
const READ_AHEAD_BYTES = 32 << 20;
const MAX_READ_AHEAD_BYTES = 256 << 10;
const MIN_READ_AHEAD_BYTES = 8 << 10;

type MergeHeader = Omit<SegmentHeader, 'columns' | 'sortColumnNumber'>;

interface MergeParts {
  readonly layout: MergedColumns;
  /** Per input, rows to leave out. */
  readonly dead: readonly Uint32Array[];
  readonly pace: CompactionPace;
}

/**
 * One merge of neighbouring segments of a partition. What is deleted in them up to `lsn` is left out; everything later
 * stands in their delete vectors, by their rows, and is brought over before the result takes their place:
 *
 *   write ─► open ─►│ no flush of the partition from here on ─► prepare ─► the manifest's edit ─► install │
 *
 * Snapshots that were taken before go on with the inputs, whose files stay as long.
 */
export class Compaction {
  readonly store: TableStore;
  readonly partition: number;
  readonly inputs: readonly StoredSegment[];
  /** `mergedUpTo` when the merge began. */
  readonly lsn: Lsn;
  /** Objects that were made. */
  readonly written: StoredObject[] = [];
  readonly #state: EngineState;
  readonly #parts: StorageParts;
  readonly #table: TableDescriptor;
  readonly #isOldest: boolean;
  #entry: SegmentEntry | undefined;
  #result: StoredSegment | undefined;
  #late: LateDeletes | undefined;
  #storedDeletes: DeletesEntry | undefined;

  constructor(
    { state, parts }: { state: EngineState; parts: StorageParts },
    store: TableStore,
    { partition, inputs }: { readonly partition: number; readonly inputs: readonly StoredSegment[] },
  ) {
    this.store = store;
    this.partition = partition;
    this.#state = state;
    this.#parts = parts;
    const table = state.databases.get(store.databaseOid)?.published.tableByOid(store.oid);
    if (table === undefined) throw new CompactionAbandoned('the table is gone');
    this.#table = table;
    this.inputs = inputs;
    this.#isOldest = this.#placeOf(this.#layers()) === 0;
    this.assertCurrent();
    this.lsn = mergedUpTo({ state, parts }, store, partition);
  }

  get result(): StoredSegment | undefined {
    return this.#result;
  }

  /**
   * Throws CompactionAbandoned when the inputs are not what the partition consists of any more, or when all of their rows
   * are to go: the next flush takes them away.
   */
  assertCurrent(): void {
    if (this.#state.tables.get(this.store.oid) !== this.store) throw new CompactionAbandoned('the table is gone');
    if (this.#placeOf(this.#layers()) < 0) throw new CompactionAbandoned('the segments were replaced');
    const { deletes } = this.inputs[0]!;
    if (deletes.clearsAfter(Number.NEGATIVE_INFINITY).length > 0)
      throw new CompactionAbandoned('the table was emptied');
  }

  /** Writes the rows that are left, if any. Reads past the unit cache. */
  async write(target: ObjectTarget, pace: CompactionPace): Promise<void> {
    const dead = this.inputs.map(({ deletes }) => deletes.deadAt(this.lsn).rows);
    if (this.inputs.every(({ entry }, index) => entry.rowCount === dead[index]!.length)) return;
    const version = this.#state.layers.pin();
    try {
      this.#entry = await this.#writeMerged(target, dead, pace);
      this.written.push(this.#entry);
    } finally {
      this.#state.layers.unpin(version);
    }
  }

  /** Opens the result, which is durable by now. */
  async open(): Promise<void> {
    if (this.#entry === undefined) return;
    this.#result = await StoredSegment.openNew(this.#parts, this.#entry);
    const hasRowIds = !mergesVersions(this.#table);
    this.#late = new LateDeletes(this.inputs, this.#result, { lsn: this.lsn, hasRowIds });
  }

  async close(): Promise<void> {
    await this.#result?.close();
    this.#result = undefined;
  }

  /**
   * What the manifest is to learn, once the deletes that it knows of beside the inputs stand beside the result. Throws
   * CompactionAbandoned. No flush of the partition may run from here until `install`.
   */
  async prepare(target: ObjectTarget): Promise<CompactionRecord> {
    this.assertCurrent();
    this.#assertSameTable();
    const { appliedLsn, segments } = this.#manifestPartition();
    const names = this.inputs.map(({ entry }) => entry.name);
    const at = segments.findIndex(({ name }) => name === names[0]);
    if (at < 0 || names.some((name, index) => segments[at + index]?.name !== name)) {
      throw new CompactionAbandoned('the manifest does not have the segments yet');
    }
    // Rows that are older than a segment of a large commit may have been flushed since.
    if (this.#isOldest && (at > 0 || this.#placeOf(this.#layers()) > 0)) {
      throw new CompactionAbandoned('older rows have come');
    }
    let entry = this.#entry;
    if (entry !== undefined) {
      await this.#searchLateDeletes();
      const deletes = new DeleteVector();
      this.#late!.addTo(deletes, appliedLsn);
      if (deletes.count > 0) {
        const newName = () => this.#state.objectNames.newObject(this.store, 'deletes');
        this.#storedDeletes = await writeDeletesObject(target, newName, {
          deletes,
          upTo: appliedLsn,
          segmentRows: entry.rowCount,
        });
        this.written.push(this.#storedDeletes);
        entry = { ...entry, deletes: this.#storedDeletes };
      }
    }
    return { store: this.store, compaction: { partition: this.partition, inputs: names, segment: entry } };
  }

  /** A promise while deletes have to be looked up; then it is to be called again. `install` follows in the same turn. */
  mapDeletes(): Promise<void> | undefined {
    return this.#late?.search();
  }

  /** Puts the result into the place of the inputs; the manifest has it. False when the table was dropped meanwhile. */
  install(): boolean {
    if (this.#state.tables.get(this.store.oid) !== this.store) return false;
    const { layers } = this.#state;
    const found = this.#layers();
    const at = this.#placeOf(found);
    invariant(found !== undefined && at >= 0, 'nothing but a merge or a flush takes segments away');
    const result = this.#result;
    if (result !== undefined) {
      this.#late!.addTo(result.deletes, Number.POSITIVE_INFINITY);
      result.storedDeletes = this.#storedDeletes;
      result.mergedFrom = this.inputs;
    }
    const segments = [...found.segments];
    segments.splice(at, this.inputs.length, ...(result === undefined ? [] : [result]));
    layers.set(withPartition(layers.table(this.store.oid)!, { ...found, segments }));
    return true;
  }

  async #writeMerged(target: ObjectTarget, dead: readonly Uint32Array[], pace: CompactionPace): Promise<SegmentEntry> {
    const { timeSeries } = this.#table;
    const readers = this.inputs.map(({ reader }) => reader);
    const layout = mergeLayout(this.#table, readers, { isOldest: this.#isOldest });
    const minLsn = Math.min(...this.inputs.map(({ entry }) => entry.minLsn));
    const maxLsn = Math.max(...this.inputs.map(({ entry }) => entry.maxLsn));
    const header = {
      tableOid: this.#table.oid,
      // Not the table's: what rows lack of a column that somebody is just adding is still to be told.
      schemaVersion: Math.max(...readers.map(({ header: { schemaVersion } }) => schemaVersion)),
      partitionStart:
        timeSeries === undefined ? 0 : toInt64(BigInt(this.partition) * BigInt(timeSeries.partitionMicros)),
      minLsn,
      maxLsn,
    };
    const newName = () => this.#state.objectNames.newObject(this.store, 'segment');
    const { object, result } = await target.write(
      newName,
      (sink) =>
        this.#mergeElsewhere(sink, header, { layout, dead, pace }) ??
        this.#mergeHere(sink, header, { layout, dead, pace }),
    );
    return { ...object, ...result, minLsn, maxLsn };
  }

  /** In another thread, where one can take it: this one gives out names and leave to go on. */
  #mergeElsewhere(
    sink: SegmentSink,
    header: MergeHeader,
    { layout, dead, pace }: MergeParts,
  ): Promise<WrittenSegment> | undefined {
    const { encoders, segmentDirectory: directory } = this.#parts;
    if (encoders === undefined || directory === undefined) return undefined;
    const rowCount = this.inputs.reduce((sum, { entry }) => sum + entry.rowCount, 0);
    if (rowCount < encoders.minRows) return undefined;
    const inputs = this.inputs.map(({ entry }, index) => {
      const { name, sizeBytes, pack } = entry;
      return { name, file: fileOf(entry), offset: pack?.offset ?? 0, sizeBytes, dead: dead[index]! };
    });
    const merge = portableMerge(header, layout, { directory, inputs, readAheadBytes: this.#readAheadBytes() });
    return merge && encoders.merge(merge, sink, pace);
  }

  async #mergeHere(
    sink: SegmentSink,
    header: MergeHeader,
    { layout, dead, pace }: MergeParts,
  ): Promise<WrittenSegment> {
    const inputs: MergeInput[] = [];
    try {
      const readAheadBytes = this.#readAheadBytes();
      for (const [index, input] of this.inputs.entries()) {
        inputs.push({ reader: await openInput(input, readAheadBytes), dead: dead[index]! });
      }
      return await mergeSegments(sink, header, { inputs, layout, pace, encoders: this.#parts.encoders });
    } finally {
      for (const { reader } of inputs) reader.close();
    }
  }

  async #searchLateDeletes(): Promise<void> {
    for (let search = this.mapDeletes(); search !== undefined; search = this.mapDeletes()) await search;
  }

  #readAheadBytes(): number {
    const columnCount = this.inputs.reduce((count, { reader }) => count + reader.columns.length, 0);
    const share = Math.floor(READ_AHEAD_BYTES / columnCount);
    return Math.min(Math.max(share, MIN_READ_AHEAD_BYTES), MAX_READ_AHEAD_BYTES);
  }

  #layers(): PartitionLayers | undefined {
    const table = this.#state.layers.table(this.store.oid);
    return table === undefined ? undefined : findPartition(table, this.partition);
  }

  /** Where the inputs stand among the segments of the partition; -1 when they do not. */
  #placeOf(layers: PartitionLayers | undefined): number {
    const segments = layers?.segments ?? [];
    const at = segments.indexOf(this.inputs[0]!);
    return at >= 0 && this.inputs.every((input, index) => segments[at + index] === input) ? at : -1;
  }

  #manifestPartition(): PartitionEntry {
    const entry = manifestPartition(this.#parts, this.store, this.partition);
    if (entry === undefined) throw new CompactionAbandoned('the manifest does not have the segments yet');
    return entry;
  }

  /** Columns may have come and gone; rows may not have changed what they are. */
  #assertSameTable(): void {
    const now = this.store.newest;
    const isSame =
      mergesVersions(now) === mergesVersions(this.#table) &&
      this.#table.columns.every(({ number, type }) => {
        const column = now.columns.find((candidate) => candidate.number === number);
        return column === undefined || column.type.definition.oid === type.definition.oid;
      });
    if (!isSame) throw new CompactionAbandoned('the table was changed');
  }
}

async function openInput(input: StoredSegment, readAheadBytes: number): Promise<SegmentReader> {
  try {
    return await input.openUncached(readAheadBytes);
  } catch (error) {
    throw inputError(input.entry.name, error);
  }
}

/**
 * Deletes up to here are applied by a merge that begins now: those that are published. Where rows are not logged, an update
 * that is in memory alone may be lost, and then what it replaces has to be there: so those that are on disk.
 */
export function mergedUpTo(
  { state, parts }: { readonly state: EngineState; readonly parts: StorageParts },
  store: TableStore,
  partition: number,
): Lsn {
  if (parts.durability !== 'none') return state.publishedLsn;
  return manifestPartition(parts, store, partition)?.appliedLsn ?? 0;
}

function manifestPartition(
  { manifest }: StorageParts,
  { oid }: TableStore,
  partition: number,
): PartitionEntry | undefined {
  const table = manifest.content.tables.find(({ descriptor }) => descriptor.oid === oid);
  return table?.partitions.find((entry) => entry.partition === partition);
}
