import { CorruptionError } from '../errors/corruption-error.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { errorCode } from '../platform/file-system.ts';
import type { SegmentEntry } from './checkpoint/manifest-content.ts';
import type { SegmentObject } from './seams/segment-store.ts';
import { SegmentReader } from './segment/segment-reader.ts';
import type { StorageParts } from './storage-parts.ts';

/** A segment that the manifest names, open for reading; or a damaged one, whose rows cannot be read. */
export class StoredSegment {
  readonly entry: SegmentEntry;
  /** Names it within one run of the server. */
  readonly id: number;
  readonly #object: SegmentObject | undefined;
  readonly #reader: SegmentReader | undefined;
  readonly #damage: Error | undefined;

  private constructor(
    entry: SegmentEntry,
    content: { object: SegmentObject; reader: SegmentReader } | { damage: Error },
  ) {
    this.entry = entry;
    this.id = StoredSegment.#nextId++;
    if ('damage' in content) this.#damage = content.damage;
    else {
      this.#object = content.object;
      this.#reader = content.reader;
    }
  }

  static #nextId = 1;

  /** A damaged or missing file does not keep the server from starting: it is reported, and reading it is an error. */
  static async open(
    parts: Pick<StorageParts, 'segments' | 'cache' | 'report'>,
    entry: SegmentEntry,
  ): Promise<StoredSegment> {
    let object: SegmentObject | undefined;
    try {
      object = await parts.segments.open(entry.name);
      if (object.sizeBytes !== entry.sizeBytes) {
        throw new CorruptionError(`segment ${entry.name}: ${object.sizeBytes} bytes instead of ${entry.sizeBytes}`);
      }
      return new StoredSegment(entry, { object, reader: await SegmentReader.open(object, entry.name, parts) });
    } catch (error) {
      await object?.close();
      if (!(error instanceof CorruptionError) && errorCode(error) !== 'ENOENT') throw error;
      parts.report('error', 'a segment is damaged; its rows cannot be read', {
        segment: entry.name,
        error: (error as Error).message,
      });
      return new StoredSegment(entry, { damage: error as Error });
    }
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
