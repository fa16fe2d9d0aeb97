import type { AdvisoryKey, AdvisoryLocking, AdvisoryMode, AdvisoryOwner } from '../catalog/advisory-locking.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { StatementControl } from '../execution/statement-control.ts';
import type { AdvisoryLockFacts, AdvisoryLockName } from '../functions/environment.ts';
import { type NoticeSink, warning } from './notice.ts';

export interface SessionAdvisoryLocksOptions {
  readonly locks: AdvisoryLocking;
  readonly databaseOid: number;
  readonly processId: number;
  /** The transaction that runs, as which the session waits. */
  readonly transaction: () => object | undefined;
  readonly lockTimeoutMs: () => number;
  readonly notice: NoticeSink;
}

const LOCK_TYPES: Readonly<Record<AdvisoryMode, string>> = { exclusive: 'ExclusiveLock', shared: 'ShareLock' };

/** The advisory locks of one session. */
export class SessionAdvisoryLocks {
  readonly #options: SessionAdvisoryLocksOptions;
  readonly #owner: AdvisoryOwner;

  constructor(options: SessionAdvisoryLocksOptions) {
    this.#options = options;
    this.#owner = { processId: options.processId, waitsAs: options.transaction };
  }

  /** What functions of a statement see; it waits for a lock, before its next row, where a function cannot. */
  facts(control: StatementControl): AdvisoryLockFacts {
    const { locks, lockTimeoutMs } = this.#options;
    const owner = this.#owner;
    return {
      lock: (name, mode, scope) => {
        const key = this.#key(name);
        // Behind what the statement waits for already it has to stand in line: locks are taken in the order of the calls.
        if (!control.owesAnything && locks.tryAcquire(key, owner, mode, scope)) return;
        control.oweWait(() => locks.acquire(key, owner, mode, scope, { control, lockTimeoutMs: lockTimeoutMs() }));
      },
      tryLock: (name, mode, scope) => locks.tryAcquire(this.#key(name), owner, mode, scope),
      unlock: (name, mode) => this.#unlock(name, mode),
      unlockAll: () => locks.releaseSession(owner),
    };
  }

  isOwner(owner: object): boolean {
    return owner === this.#owner;
  }

  /** Where `releaseTransaction` can go back to. */
  mark(): number {
    return this.#options.locks.mark(this.#owner);
  }

  /** The transaction has ended, or gone back to a mark. */
  releaseTransaction(mark = 0): void {
    this.#options.locks.releaseTransaction(this.#owner, mark);
  }

  /** DISCARD ALL, and the end of the session. */
  releaseSession(): void {
    this.#options.locks.releaseSession(this.#owner);
  }

  #unlock(name: AdvisoryLockName, mode: AdvisoryMode): boolean {
    const isReleased = this.#options.locks.release(this.#key(name), this.#owner, mode);
    if (!isReleased) {
      this.#options.notice(warning(SqlState.Warning, `you don't own a lock of type ${LOCK_TYPES[mode]}`));
    }
    return isReleased;
  }

  #key(name: AdvisoryLockName): AdvisoryKey {
    return { databaseOid: this.#options.databaseOid, ...name };
  }
}
