import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Timers } from '../../platform/timers.ts';

/** How a lock is waited for. */
export interface LockWait {
  /** Throws when the statement that waits is cancelled. */
  readonly control?: { check(): void } | undefined;
  /** 0 or nothing: as long as it takes. */
  readonly lockTimeoutMs?: number | undefined;
}

interface Waiter {
  readonly owner: object;
  readonly grant: () => void;
}

interface TableLock {
  holder: object;
  /** First come, first served. */
  readonly waiters: Waiter[];
}

/** How often a waiting statement looks whether it is cancelled. */
const CHECK_MS = 20;

/**
 * The writers' locks of tables: who deletes or updates rows of a table holds its lock until the transaction ends, so that
 * two transactions never change the same row. Appends need none.
 */
export class TableLocks {
  readonly #timers: Timers;
  readonly #locks = new Map<number, TableLock>();
  /** The table that each waiting owner waits for. */
  readonly #waitsFor = new Map<object, number>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  isHeldBy(tableOid: number, owner: object): boolean {
    return this.#locks.get(tableOid)?.holder === owner;
  }

  /**
   * Undefined when the owner has the lock, else a promise of it. Throws or rejects with 40P01 where waiting would never
   * end, 55P03 when the time is up, or what `control` throws; the owner keeps the locks that it has.
   */
  acquire(tableOid: number, owner: object, wait: LockWait = {}): Promise<void> | undefined {
    const lock = this.#locks.get(tableOid);
    if (lock === undefined) {
      this.#locks.set(tableOid, { holder: owner, waiters: [] });
      return undefined;
    }
    if (lock.holder === owner) return undefined;
    this.#assertNoDeadlock(lock, owner);
    return this.#wait(lock, tableOid, owner, wait);
  }

  /** Hands every lock of the owner to the next in line. */
  releaseAll(owner: object): void {
    for (const [tableOid, lock] of this.#locks) {
      if (lock.holder !== owner) continue;
      const next = lock.waiters.shift();
      if (next === undefined) this.#locks.delete(tableOid);
      else {
        lock.holder = next.owner;
        next.grant();
      }
    }
  }

  /** Owners wait for one lock at a time, and all in a line for its holder: a circle is found by following holders. */
  #assertNoDeadlock(lock: TableLock, owner: object): void {
    for (let holder = lock.holder; ; ) {
      const wanted = this.#waitsFor.get(holder);
      if (wanted === undefined) return;
      holder = this.#locks.get(wanted)!.holder;
      if (holder !== owner) continue;
      throw new SqlError(SqlState.DeadlockDetected, 'deadlock detected', {
        detail: 'Each of several transactions waits for a table that another of them is changing.',
        hint: 'Run the transaction again, or let all transactions change tables in the same order.',
      });
    }
  }

  #wait(lock: TableLock, tableOid: number, owner: object, { control, lockTimeoutMs }: LockWait): Promise<void> {
    return new Promise((resolve, reject) => {
      let cancelTimeout: (() => void) | undefined;
      let cancelCheck: (() => void) | undefined;
      const end = (): void => {
        cancelTimeout?.();
        cancelCheck?.();
        this.#waitsFor.delete(owner);
      };
      const waiter: Waiter = {
        owner,
        grant: () => {
          end();
          resolve();
        },
      };
      const giveUp = (error: unknown): void => {
        lock.waiters.splice(lock.waiters.indexOf(waiter), 1);
        end();
        reject(error);
      };
      const check = (): void => {
        try {
          control?.check();
        } catch (error) {
          giveUp(error);
          return;
        }
        cancelCheck = this.#timers.after(CHECK_MS, check);
      };
      lock.waiters.push(waiter);
      this.#waitsFor.set(owner, tableOid);
      if (lockTimeoutMs !== undefined && lockTimeoutMs > 0) {
        cancelTimeout = this.#timers.after(lockTimeoutMs, () => {
          giveUp(new SqlError(SqlState.LockNotAvailable, 'canceling statement due to lock timeout'));
        });
      }
      if (control !== undefined) check();
    });
  }
}
