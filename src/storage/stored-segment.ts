import { CorruptionError } from '../errors/corruption-error.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { SegmentEntry } from './checkpoint/manifest-content.ts';
import { isDamage } from './damage.ts';
import { DeleteVector } from './deletes/delete-vector.ts';
import { type DeletesEntry, readDeletesObject } from './deletes/deletes-object.ts';
import type { SegmentObject } from './seams/segment-store.ts';
import { SegmentReader } from './segment/segment-reader.ts';
import type { StorageParts } from './storage-parts.ts';

/** A segment that the manifest names, open for reading; or a damaged one, whose rows cannot be read. */
export class StoredSegment {
  readonly entry: SegmentEntry;
  /** Names it within one run of the server. */
  readonly id: number;
  readonly deletes: DeleteVector;
  /** The object that holds the first of `deletes`. */
  storedDeletes: DeletesEntry | undefined;
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
      object = await parts.segments.open(entry.name);
      if (object.sizeBytes !== entry.sizeBytes) {
        throw new CorruptionError(`segment ${entry.name}: ${object.sizeBytes} bytes instead of ${entry.sizeBytes}`);
      }
      const reader = await SegmentReader.open(object, entry.name, parts);
      if (expected !== undefined) assertFits(reader, entry, expected);
      const deletes =
        entry.deletes === undefined
          ? new DeleteVector()
          : await readDeletesObject(parts.segments, entry.deletes, entry.rowCount);
      return new StoredSegment(entry, { object, reader, deletes });
    } catch (error) {
      await object?.close();
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
