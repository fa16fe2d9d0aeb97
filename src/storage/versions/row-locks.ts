import type { LockWait } from '../../catalog/table-locking.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Timers } from '../../platform/timers.ts';
import { waitInLine } from './lock-wait.ts';
import type { WaitGraph } from './wait-graph.ts';

/**
 * What a transaction is about to do with a row of a plain table. Readers take no locks.
 *
 *                  key share  share  no key update  update
 *   key share          –        –          –           ×      the row that a foreign key refers to
 *   share              –        –          ×           ×
 *   no key update      –        ×          ×           ×      UPDATE that leaves the columns of unique keys as they are
 *   update             ×        ×          ×           ×      DELETE, UPDATE of a key
 */
export type RowLockMode = 'key share' | 'share' | 'no key update' | 'update';

/** How a row lock is waited for: in line, not at all (55P03), or by leaving the row out. */
export interface RowLockWait extends LockWait {
  readonly policy?: 'wait' | 'nowait' | 'skip' | undefined;
}

const BIT = { 'key share': 1, share: 2, 'no key update': 4, update: 8 } as const;
const CONFLICTS = { 'key share': 8, share: 4 | 8, 'no key update': 2 | 4 | 8, update: 1 | 2 | 4 | 8 } as const;
/** Modes that keep out all that the mode would keep out. */
const COVERING = { 'key share': 1 | 2 | 4 | 8, share: 2 | 4 | 8, 'no key update': 4 | 8, update: 8 } as const;

/** The lock of a row that one owner has and nobody waits for: one object for all such rows of his. */
interface SoleHold {
  readonly owner: object;
  readonly held: number;
}

interface Waiter {
  readonly owner: object;
  readonly mode: RowLockMode;
  readonly grant: () => void;
}

interface SharedLock {
  /** The modes of each owner, as a set of bits. */
  readonly holders: Map<object, number>;
  /** First come, first served; but who has a lock of the row already goes before those that have none. */
  readonly waiters: Waiter[];
}

/** Of the rows of one table. */
interface Locks {
  readonly byRow: Map<number, SoleHold | SharedLock>;
  /** How many of them are more than the lock of one owner. */
  sharedCount: number;
}

/**
 * Locks of rows, named by table and row id, which a transaction keeps until it ends; ROLLBACK TO gives up none. About 50
 * bytes for a row that nobody else wants.
 */
export class RowLocks {
  readonly #timers: Timers;
  readonly #graph: WaitGraph;
  readonly #tables = new Map<number, Locks>();
  /** By owner and table the rows that he has locked. */
  readonly #held = new Map<object, Map<number, number[]>>();
  readonly #soleHolds = new Map<object, SoleHold[]>();

  /** `graph`: shared with locks of other kinds. */
  constructor(timers: Timers, graph: WaitGraph) {
    this.#timers = timers;
    this.#graph = graph;
  }

  /** Whether the owner keeps out all that the mode would keep out. */
  isHeldBy(tableOid: number, rowId: number, owner: object, mode: RowLockMode): boolean {
    return (heldBy(this.#tables.get(tableOid)?.byRow.get(rowId), owner) & COVERING[mode]) !== 0;
  }

  /**
   * Takes the lock if no holder is in the way. Who gets along with the holders passes those in line, as in PostgreSQL: an
   * insert that refers to a row does not have to wait because somebody waits to delete it.
   */
  tryAcquire(tableOid: number, rowId: number, owner: object, mode: RowLockMode): boolean {
    const locks = this.#locksOf(tableOid);
    const lock = locks.byRow.get(rowId);
    if (lock === undefined) {
      locks.byRow.set(rowId, this.#soleHold(owner, BIT[mode]));
      this.#noteHeld(tableOid, rowId, owner);
      return true;
    }
    const held = heldBy(lock, owner);
    if ((held & COVERING[mode]) !== 0) return true;
    if (!('holders' in lock)) {
      if (lock.owner === owner) {
        locks.byRow.set(rowId, this.#soleHold(owner, held | BIT[mode]));
        return true;
      }
      if ((lock.held & CONFLICTS[mode]) !== 0) return false;
    } else if (!isFree(lock, { owner, mode }, [])) return false;
    this.#give(shared(locks, rowId, lock), { tableOid, rowId, owner, mode });
    return true;
  }

  /**
   * Waits in line for a lock that `tryAcquire` has refused. Throws or rejects with 40P01 where waiting would never end,
   * 55P03 when the time is up, or what `control` throws; the owner keeps the locks that it has.
   */
  acquire(tableOid: number, rowId: number, owner: object, mode: RowLockMode, wait: LockWait): Promise<void> {
    const locks = this.#locksOf(tableOid);
    const lock = shared(locks, rowId, locks.byRow.get(rowId));
    const place = waitersAhead(lock, owner).length;
    const asked: { waiter?: Waiter } = {};
    this.#graph.begin(owner, () => {
      const at = asked.waiter === undefined ? place : lock.waiters.indexOf(asked.waiter);
      return blockersOf(lock, { owner, mode }, lock.waiters.slice(0, at));
    });
    return waitInLine(this.#timers, wait, (grant) => {
      const waiter: Waiter = {
        owner,
        mode,
        grant: () => {
          this.#graph.end(owner);
          grant();
        },
      };
      asked.waiter = waiter;
      lock.waiters.splice(place, 0, waiter);
      return () => {
        lock.waiters.splice(lock.waiters.indexOf(waiter), 1);
        this.#graph.end(owner);
        this.#moveUp(tableOid, rowId, lock);
      };
    });
  }

  /** Whether there are rows of the table that more than one owner has to do with. */
  hasShared(tableOid: number): boolean {
    return (this.#tables.get(tableOid)?.sharedCount ?? 0) > 0;
  }

  /**
   * `owner` has replaced a row by another: the locks that others have of the old one, which let him do so, are of the new
   * one as well.
   */
  carryOver(tableOid: number, rowId: number, newRowId: number, owner: object): void {
    const locks = this.#locksOf(tableOid);
    const lock = locks.byRow.get(rowId);
    if (lock === undefined || !('holders' in lock)) return;
    for (const [holder, held] of lock.holders) {
      if (holder === owner) continue;
      const target = shared(locks, newRowId, locks.byRow.get(newRowId));
      const before = target.holders.get(holder);
      target.holders.set(holder, (before ?? 0) | held);
      if (before === undefined) this.#noteHeld(tableOid, newRowId, holder);
    }
  }

  /** Gives up every lock of the owner; those that wait move up. */
  releaseAll(owner: object): void {
    const tables = this.#held.get(owner);
    if (tables === undefined) return;
    this.#held.delete(owner);
    this.#soleHolds.delete(owner);
    for (const [tableOid, rowIds] of tables) {
      const locks = this.#tables.get(tableOid)!;
      // Of many rows that nobody else has to do with, none has to be looked for.
      if (locks.sharedCount === 0 && locks.byRow.size === rowIds.length) {
        this.#tables.delete(tableOid);
        continue;
      }
      for (const rowId of rowIds) {
        const lock = locks.byRow.get(rowId)!;
        if ('holders' in lock) {
          lock.holders.delete(owner);
          this.#moveUp(tableOid, rowId, lock);
        } else locks.byRow.delete(rowId);
      }
      if (locks.byRow.size === 0) this.#tables.delete(tableOid);
    }
  }

  /** Grants what nothing stands in the way of any more. */
  #moveUp(tableOid: number, rowId: number, lock: SharedLock): void {
    for (let index = 0; index < lock.waiters.length; ) {
      const waiter = lock.waiters[index]!;
      if (!isFree(lock, waiter, lock.waiters.slice(0, index))) {
        index++;
        continue;
      }
      lock.waiters.splice(index, 1);
      this.#give(lock, { tableOid, rowId, owner: waiter.owner, mode: waiter.mode });
      waiter.grant();
    }
    if (lock.holders.size > 0 || lock.waiters.length > 0) return;
    const locks = this.#tables.get(tableOid);
    if (locks?.byRow.delete(rowId) === true) locks.sharedCount--;
  }

  #give(
    lock: SharedLock,
    { tableOid, rowId, owner, mode }: { tableOid: number; rowId: number; owner: object; mode: RowLockMode },
  ): void {
    const held = lock.holders.get(owner);
    lock.holders.set(owner, (held ?? 0) | BIT[mode]);
    if (held === undefined) this.#noteHeld(tableOid, rowId, owner);
  }

  #noteHeld(tableOid: number, rowId: number, owner: object): void {
    let tables = this.#held.get(owner);
    if (tables === undefined) {
      tables = new Map();
      this.#held.set(owner, tables);
    }
    const rowIds = tables.get(tableOid);
    if (rowIds === undefined) tables.set(tableOid, [rowId]);
    else rowIds.push(rowId);
  }

  #soleHold(owner: object, held: number): SoleHold {
    let holds = this.#soleHolds.get(owner);
    if (holds === undefined) {
      holds = [];
      this.#soleHolds.set(owner, holds);
    }
    const known = holds.find((hold) => hold.held === held);
    if (known !== undefined) return known;
    const hold = { owner, held };
    holds.push(hold);
    return hold;
  }

  #locksOf(tableOid: number): Locks {
    let locks = this.#tables.get(tableOid);
    if (locks === undefined) {
      locks = { byRow: new Map(), sharedCount: 0 };
      this.#tables.set(tableOid, locks);
    }
    return locks;
  }
}

export function rowLockNotAvailable(table: { readonly name: string }): SqlError {
  return new SqlError(SqlState.LockNotAvailable, `could not obtain lock on row in relation "${table.name}"`);
}

/** The lock as one that several may hold or wait for. */
function shared(locks: Locks, rowId: number, lock: SoleHold | SharedLock | undefined): SharedLock {
  if (lock !== undefined && 'holders' in lock) return lock;
  const holders = new Map<object, number>();
  if (lock !== undefined) holders.set(lock.owner, lock.held);
  const made: SharedLock = { holders, waiters: [] };
  locks.byRow.set(rowId, made);
  locks.sharedCount++;
  return made;
}

function heldBy(lock: SoleHold | SharedLock | undefined, owner: object): number {
  if (lock === undefined) return 0;
  if ('holders' in lock) return lock.holders.get(owner) ?? 0;
  return lock.owner === owner ? lock.held : 0;
}

/** Those in line that the owner would stand behind. */
function waitersAhead({ holders, waiters }: SharedLock, owner: object): readonly Waiter[] {
  if (!holders.has(owner)) return waiters;
  const place = waiters.findIndex((waiter) => !holders.has(waiter.owner));
  return place < 0 ? waiters : waiters.slice(0, place);
}

type Wanted = Pick<Waiter, 'owner' | 'mode'>;

function isFree(lock: SharedLock, wanted: Wanted, ahead: readonly Waiter[]): boolean {
  return blockersOf(lock, wanted, ahead).next().done === true;
}

/** Others that hold, or wait earlier for, what the mode conflicts with. */
function* blockersOf(
  { holders }: SharedLock,
  { owner, mode }: Wanted,
  ahead: readonly Waiter[],
): Generator<object, void, undefined> {
  const conflicts = CONFLICTS[mode];
  for (const [holder, held] of holders) if (holder !== owner && (held & conflicts) !== 0) yield holder;
  for (const waiter of ahead) if (waiter.owner !== owner && (BIT[waiter.mode] & conflicts) !== 0) yield waiter.owner;
}
