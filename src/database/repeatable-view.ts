import type { IndexCondition } from '../catalog/scan-request.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import { NOTHING_WRITTEN, type SerializableReads } from '../storage/versions/serializable-conflicts.ts';
import type { StoredSnapshot } from '../storage/versions/stored-snapshot.ts';
import type { WriteSet } from '../storage/versions/write-set.ts';
import { noteRead, writtenRows } from './serializable-rows.ts';

/**
 * The one snapshot of a REPEATABLE READ transaction, taken when it first looks; of a SERIALIZABLE one also what it has
 * read, which must fit some order of all such transactions, one after the other.
 */
export class RepeatableView {
  readonly #engine: StorageEngine;
  readonly #databaseOid: number;
  readonly #isSerializable: boolean;
  readonly #isReadOnly: boolean;
  #snapshot: StoredSnapshot | undefined;
  /** undefined: it has not looked yet, or nobody asks. */
  #reads: SerializableReads | undefined;
  /** The snapshot is one that no transaction beside it can make inconsistent. */
  #isSafe = false;

  constructor(
    engine: StorageEngine,
    databaseOid: number,
    options: { readonly isSerializable: boolean; readonly isReadOnly: boolean },
  ) {
    this.#engine = engine;
    this.#databaseOid = databaseOid;
    this.#isSerializable = options.isSerializable;
    this.#isReadOnly = options.isReadOnly;
  }

  /** The transaction's own; statements release theirs, not this one. */
  snapshot(): StoredSnapshot {
    if (this.#snapshot === undefined) {
      this.#snapshot = this.#engine.snapshot(this.#databaseOid, undefined);
      if (this.notesReads) {
        this.#reads = this.#engine.serializable.begin(this.#snapshot.lsn, { isReadOnly: this.#isReadOnly });
      }
    }
    return this.#snapshot;
  }

  /** SERIALIZABLE transactions look for what others write of what they read. */
  get notesReads(): boolean {
    return this.#isSerializable && !this.#isSafe;
  }

  /** A statement reads a table, or the rows of it that `condition` asks for. */
  noteRead(table: TableDescriptor, condition: IndexCondition | undefined): void {
    if (!this.notesReads) return;
    this.snapshot();
    if (this.#reads !== undefined) noteRead(this.#reads, table, condition);
  }

  /** Waits for a snapshot after which it need not note what is read. `nap`: waits a moment; may throw. */
  async takeSafeSnapshot(nap: () => Promise<void>): Promise<void> {
    const { serializable } = this.#engine;
    for (;;) {
      this.snapshot();
      const reads = this.#reads;
      if (reads === undefined) return;
      const writers = serializable.writersBeside(reads);
      while (writers.some(({ endedAt }) => endedAt === Number.POSITIVE_INFINITY)) await nap();
      const isSafe = serializable.isSafe(reads, writers);
      serializable.abort(reads);
      this.#reads = undefined;
      if (isSafe) {
        this.#isSafe = true;
        return;
      }
      this.release();
    }
  }

  /** Throws 40001 if a commit would fail by what was read and written so far. */
  verify(writes: WriteSet): void {
    if (this.#reads === undefined) return;
    this.#engine.serializable.verify(this.#reads, writtenRows(writes, this.#reads), 'during write');
  }

  /** The transaction ends well, having written nothing. Throws 40001 where what was read fits no order. */
  commitReads(): void {
    if (this.#reads === undefined) return;
    this.#engine.serializable.commit(this.#reads, NOTHING_WRITTEN, this.#engine.logPositions.nextLsn);
    this.#reads = undefined;
  }

  /** The next LSN is that of the commit of `writes`, which may still come to nothing. Throws as `commitReads` does. */
  commitWrites(writes: WriteSet): void {
    if (!this.notesReads) return;
    const written = writtenRows(writes, this.#reads);
    if (written.size > 0) this.snapshot();
    if (this.#reads === undefined) return;
    this.#engine.serializable.commit(this.#reads, written, this.#engine.logPositions.nextLsn);
    if (written.size === 0) this.#reads = undefined;
  }

  /** The commit of `commitWrites` has not come to nothing. */
  noteCommitted(): void {
    this.#reads = undefined;
  }

  /** Nobody is to look for what it has read any more: no error if it has committed. */
  forgetReads(): void {
    if (this.#reads !== undefined) this.#engine.serializable.abort(this.#reads);
    this.#reads = undefined;
  }

  /** Lets go of what the snapshot pins. */
  release(): void {
    this.#snapshot?.release();
    this.#snapshot = undefined;
  }
}
