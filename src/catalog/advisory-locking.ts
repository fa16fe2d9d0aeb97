import type { LockWait } from './table-locking.ts';

/** What an advisory lock stands for, in pg_locks' terms: `subId` 1 is one bigint in two halves, 2 are two integers. */
export interface AdvisoryKey {
  readonly databaseOid: number;
  readonly classId: number;
  readonly objectId: number;
  readonly subId: 1 | 2;
}

export type AdvisoryMode = 'shared' | 'exclusive';
/** When a lock ends by itself. */
export type AdvisoryScope = 'session' | 'transaction';

/** Who has locks or waits for them. */
export interface AdvisoryOwner {
  readonly processId: number;
  /** As whom the owner waits for locks of other kinds; undefined: for none at present. */
  readonly waitsAs: () => object | undefined;
}

export interface AdvisoryLockState {
  readonly key: AdvisoryKey;
  readonly processId: number;
  readonly mode: AdvisoryMode;
  readonly isGranted: boolean;
}

/**
 * Locks on numbers that mean something to applications alone (PostgreSQL: "Explicit Locking", advisory locks). Those of
 * a session are counted and last until they are given up as often, or the session ends; those of a transaction end with
 * it. Owners never stand in their own way.
 */
export interface AdvisoryLocking {
  /** Takes the lock unless it would have to wait. */
  tryAcquire(key: AdvisoryKey, owner: AdvisoryOwner, mode: AdvisoryMode, scope: AdvisoryScope): boolean;
  /** Resolves when the owner has the lock. Rejects with 40P01, 55P03, or what `control` throws. */
  acquire(
    key: AdvisoryKey,
    owner: AdvisoryOwner,
    mode: AdvisoryMode,
    scope: AdvisoryScope,
    wait: LockWait,
  ): Promise<void>;
  /** Gives up a lock of the session once; false when there is none. */
  release(key: AdvisoryKey, owner: AdvisoryOwner, mode: AdvisoryMode): boolean;
  /** Gives up all locks of the session, however often they were taken. */
  releaseSession(owner: AdvisoryOwner): void;
  /** Where `releaseTransaction` can go back to. */
  mark(owner: AdvisoryOwner): number;
  /** Gives up what the transaction has taken since a mark; 0: all. */
  releaseTransaction(owner: AdvisoryOwner, mark: number): void;
  /** All of them, for pg_locks. */
  states(): Iterable<AdvisoryLockState>;
}
