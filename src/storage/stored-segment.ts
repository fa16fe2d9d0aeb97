import { CorruptionError } from '../errors/corruption-error.ts';
import { invariant } from '../errors/invariant.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { SegmentEntry } from './checkpoint/manifest-content.ts';
import { isDamage } from './damage.ts';
import { DeleteVector } from './deletes/delete-vector.ts';
import { type DeletesEntry, readDeletesObject } from './deletes/deletes-object.ts';
import { fileOf } from './packs/pack-place.ts';
import type { SegmentObject } from './seams/segment-store.ts';
import { SegmentReader } from './segment/segment-reader.ts';
import type { StorageParts } from './storage-parts.ts';

/** A segment that the manifest names, open for reading; or a damaged one, whose rows cannot be read. */
export class StoredSegment {
  readonly entry: SegmentEntry;
  /** Names it within one run of the server. */
  readonly id: number;
  readonly deletes: DeleteVector;
  /** The manifest names it. Until then, its commit's record does. */
  isNamed = true;
  /** The object that holds the first of `deletes`. */
  storedDeletes: DeletesEntry | undefined;
  /** What it was merged from, as long as a snapshot may be older than the merge. */
  mergedFrom: readonly StoredSegment[] = [];
  readonly #object: SegmentObject | undefined;
  readonly #reader: SegmentReader | undefined;
  readonly #damage: Error | undefined;

  private constructor(
    entry: SegmentEntry,
    content: { object: SegmentObject; reader: SegmentReader; deletes: DeleteVector } | { damage: Error },
  ) {
    this.entry = entry;
    this.storedDeletes = entry.deletes;
    this.deletes = 'deletes' in content ? content.deletes : new DeleteVector();
    this.id = StoredSegment.#nextId++;
    if ('damage' in content) this.#damage = content.damage;
    else {
      this.#object = content.object;
      this.#reader = content.reader;
    }
  }

  static #nextId = 1;

  /**
   * A damaged or missing file, be it of its deletes, does not keep the server from starting: it stays where it is and is reported, and reading
   * it is an error. `seriesCount`: how many series the table has, of which the segment may not have others.
   */
  static async open(
    parts: Pick<StorageParts, 'segments' | 'cache' | 'report'>,
    entry: SegmentEntry,
    expected?: { readonly tableOid: number; readonly seriesCount: number },
  ): Promise<StoredSegment> {
    let object: SegmentObject | undefined;
    try {
      object = await parts.segments.open(fileOf(entry));
      const { offset, sizeBytes } = entry.pack ?? { offset: 0, sizeBytes: entry.sizeBytes };
      const isWhole =
        entry.pack === undefined ? object.sizeBytes === sizeBytes : offset + sizeBytes <= object.sizeBytes;
      if (!isWhole || sizeBytes !== entry.sizeBytes) {
        throw new CorruptionError(`segment ${entry.name}: ${object.sizeBytes - offset} bytes instead of ${sizeBytes}`);
      }
      const reader = await SegmentReader.open(object, entry.name, { cache: parts.cache, offset, sizeBytes });
      if (expected !== undefined) assertFits(reader, entry, expected);
      const deletes =
        entry.deletes === undefined
          ? new DeleteVector()
          : await readDeletesObject(parts.segments, entry.deletes, entry.rowCount);
      return new StoredSegment(entry, { object, reader, deletes });
    } catch (error) {
      // Whether it is damage is for the first error to say.
      await object?.close().catch(() => {});
      if (!isDamage(error)) throw error;
      parts.report('error', 'a segment is damaged; its rows cannot be read', {
        segment: entry.name,
        error: error.message,
      });
      return new StoredSegment(entry, { damage: error });
    }
  }

  /** A segment that was just written. Throws where `open` would report: its rows are still in memory. */
  static async openNew(parts: Pick<StorageParts, 'segments' | 'cache'>, entry: SegmentEntry): Promise<StoredSegment> {
    const segment = await StoredSegment.open({ ...parts, report: () => {} }, entry);
    if (segment.#damage !== undefined) throw segment.#damage;
    return segment;
  }

  /** The same rows as a segment of a commit that names them. The file is closed by one of the two alone. */
  committed(entry: SegmentEntry, deletes: DeleteVector): StoredSegment {
    const content = this.#object === undefined || this.#reader === undefined ? undefined : this;
    const segment = new StoredSegment(
      entry,
      content === undefined
        ? { damage: this.#damage! }
        : { object: content.#object!, reader: content.#reader!, deletes },
    );
    segment.isNamed = false;
    return segment;
  }

  get isDamaged(): boolean {
    return this.#reader === undefined;
  }

  /** Throws SqlError XX001 when the segment is damaged. */
  get reader(): SegmentReader {
    if (this.#reader === undefined) {
      throw new SqlError(SqlState.DataCorrupted, `segment ${this.entry.name} is damaged`, {
        detail: this.#damage?.message,
      });
    }
    return this.#reader;
  }

  /**
   * Another reader, past the unit cache, for who reads all rows once; it reads so much of a column at a time. It is of
   * use until the segment is closed. Throws SqlError XX001 when the segment is damaged.
   */
  async openUncached(readAheadBytes: number): Promise<SegmentReader> {
    const { name } = this.reader;
    invariant(this.#object !== undefined, 'a segment that can be read is open');
    const { sizeBytes, pack } = this.entry;
    return SegmentReader.open(this.#object, name, { offset: pack?.offset ?? 0, sizeBytes, readAheadBytes });
  }

  async close(): Promise<void> {
    this.#reader?.close();
    await this.#object?.close();
  }
}

/** The footer against what the manifest says: all that can be verified of a segment without reading it. */
function assertFits(
  { header, rowCount, seriesIds }: SegmentReader,
  entry: SegmentEntry,
  { tableOid, seriesCount }: { readonly tableOid: number; readonly seriesCount: number },
): void {
  if (header.tableOid !== tableOid || rowCount !== entry.rowCount) {
    throw new CorruptionError(
      `segment ${entry.name}: ${rowCount} rows of table ${header.tableOid} instead of ${entry.rowCount} of ${tableOid}`,
    );
  }
  if (seriesIds.length > 0 && seriesIds[seriesIds.length - 1] >= seriesCount) {
    throw new CorruptionError(`segment ${entry.name} has series ${seriesIds[seriesIds.length - 1]}, which is unknown`);
  }
}
