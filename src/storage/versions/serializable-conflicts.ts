import type { Lsn } from '../../catalog/table.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';

/** What a transaction has written: by table the keys of rows, or all of it. */
export type WrittenRows = ReadonlyMap<number, 'all' | ReadonlySet<string>>;

export const NOTHING_WRITTEN: WrittenRows = new Map();
const NEVER = Number.POSITIVE_INFINITY;

/** What is known of a SERIALIZABLE transaction: what it has read, and once it commits, what it has written. */
export class SerializableReads {
  /** It sees the commits up to here. */
  readonly snapshotLsn: Lsn;
  readonly isReadOnly: boolean;
  /** OIDs of tables that it has read as a whole. */
  readonly tables = new Set<number>();
  /** By table: keys that it has looked up, whether there was such a row or not. */
  readonly keys = new Map<number, Set<string>>();
  /** When it began and ended, among all that did. */
  readonly beganAt: number;
  endedAt = NEVER;
  written = NOTHING_WRITTEN;
  /** Its place among commits, if it wrote anything. */
  commitLsn: Lsn = NEVER;
  hasCommitted = false;
  /** The first commit, before its own, that has overwritten what it read without its seeing it. */
  firstOverwriter: Lsn = NEVER;

  constructor(snapshotLsn: Lsn, beganAt: number, isReadOnly: boolean) {
    this.snapshotLsn = snapshotLsn;
    this.beganAt = beganAt;
    this.isReadOnly = isReadOnly;
  }

  get hasWritten(): boolean {
    return this.written.size > 0;
  }

  noteKey(tableOid: number, key: string): void {
    const known = this.keys.get(tableOid);
    if (known === undefined) this.keys.set(tableOid, new Set([key]));
    else known.add(key);
  }

  /** Whether some of what it has read is among what was written. */
  meets(written: WrittenRows): boolean {
    for (const [tableOid, rows] of written) {
      if (this.tables.has(tableOid)) return true;
      const keys = this.keys.get(tableOid);
      if (keys === undefined) continue;
      if (rows === 'all' || haveCommon(keys, rows)) return true;
    }
    return false;
  }
}

/**
 * Serializable snapshot isolation (Cahill, Röhm, Fekete 2008; Ports and Grittner 2012). Where R has read what W, which it
 * does not see, has written, R must come before W in any serial order: R ─► W. Every circle of transactions under snapshot
 * isolation has somewhere
 *
 *   first ─► pivot ─► last
 *
 * of which `last` has committed before the other two (it may be `first` itself); if `first` has written nothing, `last` has
 * committed even before the snapshot of `first`. Who commits looks whether it would complete such a thing, as its pivot or
 * as its first, and is refused if so. Nothing is found out before the commit, when all that was read and written is known.
 *
 * Reads are noted by key where a row is looked up by it, else by table: what others write to other rows of it counts as
 * well then, and may fail a transaction that could have been let through.
 */
export class SerializableConflicts {
  /** Those that run, and those that have committed as long as one of the former does not see them. */
  readonly #known = new Set<SerializableReads>();
  readonly #publishedLsn: () => Lsn;
  #ticks = 0;

  /** `publishedLsn`: what the next snapshot sees. */
  constructor(publishedLsn: () => Lsn) {
    this.#publishedLsn = publishedLsn;
  }

  /** How many transactions are remembered. */
  get size(): number {
    return this.#known.size;
  }

  begin(snapshotLsn: Lsn, { isReadOnly }: { readonly isReadOnly: boolean }): SerializableReads {
    const reads = new SerializableReads(snapshotLsn, this.#ticks++, isReadOnly);
    this.#known.add(reads);
    return reads;
  }

  /**
   * To be called in the turn in which the commit is appended at `commitLsn`, or behind a gate that lets no other commit
   * through until then. From here on it counts as committed; call `abort` if it comes to nothing. Throws 40001.
   */
  commit(own: SerializableReads, written: WrittenRows, commitLsn: Lsn): void {
    own.firstOverwriter = this.verify(own, written, 'during commit attempt');
    own.written = written;
    own.commitLsn = own.hasWritten ? commitLsn : NEVER;
    own.hasCommitted = true;
    own.endedAt = this.#ticks++;
    this.#forget();
  }

  /**
   * Throws 40001 if the transaction, having read and written so much, cannot commit any more. Returns the first commit that
   * has overwritten what it read.
   */
  verify(own: SerializableReads, written: WrittenRows, moment: 'during write' | 'during commit attempt'): Lsn {
    const hasWritten = written.size > 0;
    let firstOverwriter = NEVER;
    for (const other of this.#known) {
      if (other === own || !other.hasCommitted || !other.hasWritten) continue;
      if (other.commitLsn <= own.snapshotLsn || !own.meets(other.written)) continue;
      // own ─► other, which may be a pivot.
      firstOverwriter = Math.min(firstOverwriter, other.commitLsn);
      const isDangerous = hasWritten ? other.firstOverwriter < NEVER : other.firstOverwriter <= own.snapshotLsn;
      if (isDangerous) throw serializationFailure(`Canceled on conflict out to pivot, ${moment}.`);
    }
    if (!hasWritten || firstOverwriter === NEVER) return firstOverwriter;
    for (const other of this.#known) {
      if (other === own || !other.hasCommitted || !other.meets(written)) continue;
      // other ─► own ─► somebody: own is a pivot if they have run at the same time.
      if (other.hasWritten ? other.commitLsn <= own.snapshotLsn : other.endedAt < own.beganAt) continue;
      const isDangerous = firstOverwriter <= (other.hasWritten ? other.commitLsn : other.snapshotLsn);
      if (isDangerous) throw serializationFailure(`Canceled on identification as a pivot, ${moment}.`);
    }
    return firstOverwriter;
  }

  /** It has been rolled back, or its commit came to nothing; no error for one that is forgotten. */
  abort(own: SerializableReads): void {
    own.endedAt = Math.min(own.endedAt, this.#ticks++);
    own.hasCommitted = false;
    this.#known.delete(own);
    this.#forget();
  }

  /** The transactions that may yet make a snapshot unsafe: what it reads could then be of no serial order. */
  writersBeside(own: SerializableReads): readonly SerializableReads[] {
    return [...this.#known].filter((other) => other !== own && !other.isReadOnly && !other.hasCommitted);
  }

  /** Once all `writersBeside` have ended: whether none of them is a pivot between the snapshot and what it sees. */
  isSafe(own: SerializableReads, writers: readonly SerializableReads[]): boolean {
    return writers.every((writer) => !writer.hasCommitted || writer.firstOverwriter > own.snapshotLsn);
  }

  /** What no transaction that runs, or is to come, can have run beside. */
  #forget(): void {
    let oldestLsn = this.#publishedLsn();
    let oldestTick = NEVER;
    for (const { hasCommitted, snapshotLsn, beganAt } of this.#known) {
      if (hasCommitted) continue;
      oldestLsn = Math.min(oldestLsn, snapshotLsn);
      oldestTick = Math.min(oldestTick, beganAt);
    }
    for (const reads of this.#known) {
      if (!reads.hasCommitted) continue;
      if (reads.hasWritten ? reads.commitLsn <= oldestLsn : reads.endedAt < oldestTick) this.#known.delete(reads);
    }
  }
}

function haveCommon(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  const [fewer, more] = left.size < right.size ? [left, right] : [right, left];
  for (const key of fewer) if (more.has(key)) return true;
  return false;
}

function serializationFailure(reason: string): SqlError {
  return new SqlError(
    SqlState.SerializationFailure,
    'could not serialize access due to read/write dependencies among transactions',
    { detail: `Reason code: ${reason}`, hint: 'The transaction might succeed if retried.' },
  );
}
