import type {
  AdvisoryKey,
  AdvisoryLocking,
  AdvisoryLockState,
  AdvisoryMode,
  AdvisoryOwner,
  AdvisoryScope,
} from '../../catalog/advisory-locking.ts';
import type { LockWait } from '../../catalog/table-locking.ts';
import type { Timers } from '../../platform/timers.ts';
import { waitInLine } from './lock-wait.ts';
import type { WaitGraph } from './wait-graph.ts';

/** How often an owner has taken a lock, by scope and mode. */
type Hold = Record<AdvisoryScope, Record<AdvisoryMode, number>>;

interface Waiter {
  readonly owner: AdvisoryOwner;
  readonly mode: AdvisoryMode;
  readonly scope: AdvisoryScope;
  readonly grant: () => void;
}

interface Lock {
  readonly key: AdvisoryKey;
  readonly holders: Map<AdvisoryOwner, Hold>;
  /** First come, first served. */
  readonly waiters: Waiter[];
}

/** A lock of a transaction, to be given up when the transaction goes back behind it. */
interface Taken {
  readonly lock: Lock;
  readonly mode: AdvisoryMode;
}

/** The advisory locks of an instance. */
export class AdvisoryLocks implements AdvisoryLocking {
  readonly #timers: Timers;
  readonly #graph: WaitGraph;
  readonly #locks = new Map<string, Lock>();
  readonly #held = new Map<AdvisoryOwner, Set<Lock>>();
  /** What transactions have taken, in that order. */
  readonly #taken = new Map<AdvisoryOwner, Taken[]>();

  /** `graph`: shared with locks of other kinds, so that circles through several kinds are found. */
  constructor(timers: Timers, graph: WaitGraph) {
    this.#timers = timers;
    this.#graph = graph;
  }

  tryAcquire(key: AdvisoryKey, owner: AdvisoryOwner, mode: AdvisoryMode, scope: AdvisoryScope): boolean {
    const lock = this.#lockOf(key);
    const isFree = blockersOf(lock, { owner, mode }, lock.waiters).next().done === true;
    if (isFree) this.#give(lock, owner, mode, scope);
    else this.#forgetIfUnused(lock);
    return isFree;
  }

  async acquire(
    key: AdvisoryKey,
    owner: AdvisoryOwner,
    mode: AdvisoryMode,
    scope: AdvisoryScope,
    wait: LockWait,
  ): Promise<void> {
    if (this.tryAcquire(key, owner, mode, scope)) return;
    const lock = this.#lockOf(key);
    const waitsAs = owner.waitsAs() ?? owner;
    const asked: { waiter?: Waiter } = {};
    this.#graph.begin(waitsAs, () => {
      const at = asked.waiter === undefined ? lock.waiters.length : lock.waiters.indexOf(asked.waiter);
      return waitersAs(blockersOf(lock, { owner, mode }, lock.waiters.slice(0, at)));
    });
    await waitInLine(this.#timers, wait, (grant) => {
      const waiter: Waiter = {
        owner,
        mode,
        scope,
        grant: () => {
          this.#graph.end(waitsAs);
          grant();
        },
      };
      asked.waiter = waiter;
      lock.waiters.push(waiter);
      return () => {
        lock.waiters.splice(lock.waiters.indexOf(waiter), 1);
        this.#graph.end(waitsAs);
        this.#moveUp(lock);
      };
    });
  }

  release(key: AdvisoryKey, owner: AdvisoryOwner, mode: AdvisoryMode): boolean {
    const lock = this.#locks.get(nameOf(key));
    const hold = lock?.holders.get(owner);
    if (lock === undefined || hold === undefined || hold.session[mode] === 0) return false;
    hold.session[mode]--;
    this.#settle(lock, owner);
    return true;
  }

  releaseSession(owner: AdvisoryOwner): void {
    for (const lock of [...(this.#held.get(owner) ?? [])]) {
      const hold = lock.holders.get(owner);
      if (hold === undefined) continue;
      hold.session = { shared: 0, exclusive: 0 };
      this.#settle(lock, owner);
    }
  }

  mark(owner: AdvisoryOwner): number {
    return this.#taken.get(owner)?.length ?? 0;
  }

  releaseTransaction(owner: AdvisoryOwner, mark: number): void {
    const taken = this.#taken.get(owner);
    if (taken === undefined) return;
    for (const { lock, mode } of taken.splice(mark)) {
      const hold = lock.holders.get(owner);
      if (hold === undefined) continue;
      hold.transaction[mode]--;
      this.#settle(lock, owner);
    }
    if (taken.length === 0) this.#taken.delete(owner);
  }

  *states(): Generator<AdvisoryLockState, void, undefined> {
    for (const { key, holders, waiters } of this.#locks.values()) {
      for (const [{ processId }, hold] of holders) {
        for (const mode of ['exclusive', 'shared'] as const) {
          if (countOf(hold, mode) > 0) yield { key, processId, mode, isGranted: true };
        }
      }
      for (const { owner, mode } of waiters) yield { key, processId: owner.processId, mode, isGranted: false };
    }
  }

  #lockOf(key: AdvisoryKey): Lock {
    const name = nameOf(key);
    let lock = this.#locks.get(name);
    if (lock === undefined) {
      lock = { key, holders: new Map(), waiters: [] };
      this.#locks.set(name, lock);
    }
    return lock;
  }

  #give(lock: Lock, owner: AdvisoryOwner, mode: AdvisoryMode, scope: AdvisoryScope): void {
    let hold = lock.holders.get(owner);
    if (hold === undefined) {
      hold = { session: { shared: 0, exclusive: 0 }, transaction: { shared: 0, exclusive: 0 } };
      lock.holders.set(owner, hold);
      const held = this.#held.get(owner);
      if (held === undefined) this.#held.set(owner, new Set([lock]));
      else held.add(lock);
    }
    hold[scope][mode]++;
    if (scope === 'session') return;
    const taken = this.#taken.get(owner);
    if (taken === undefined) this.#taken.set(owner, [{ lock, mode }]);
    else taken.push({ lock, mode });
  }

  /** The owner has given something up. */
  #settle(lock: Lock, owner: AdvisoryOwner): void {
    const hold = lock.holders.get(owner);
    if (hold !== undefined && countOf(hold, 'shared') + countOf(hold, 'exclusive') === 0) {
      lock.holders.delete(owner);
      const held = this.#held.get(owner);
      held?.delete(lock);
      if (held?.size === 0) this.#held.delete(owner);
    }
    this.#moveUp(lock);
  }

  /** Grants what nothing stands in the way of any more. */
  #moveUp(lock: Lock): void {
    for (let index = 0; index < lock.waiters.length; ) {
      const waiter = lock.waiters[index];
      if (blockersOf(lock, waiter, lock.waiters.slice(0, index)).next().done !== true) {
        index++;
        continue;
      }
      lock.waiters.splice(index, 1);
      this.#give(lock, waiter.owner, waiter.mode, waiter.scope);
      waiter.grant();
    }
    this.#forgetIfUnused(lock);
  }

  #forgetIfUnused(lock: Lock): void {
    if (lock.holders.size === 0 && lock.waiters.length === 0) this.#locks.delete(nameOf(lock.key));
  }
}

function nameOf({ databaseOid, classId, objectId, subId }: AdvisoryKey): string {
  return `${databaseOid}/${classId}/${objectId}/${subId}`;
}

function countOf(hold: Hold, mode: AdvisoryMode): number {
  return hold.session[mode] + hold.transaction[mode];
}

function* waitersAs(owners: Iterable<AdvisoryOwner>): Generator<object, void, undefined> {
  for (const owner of owners) yield owner.waitsAs() ?? owner;
}

/** Others that hold, or wait earlier for, what the mode conflicts with. Who has the lock already passes those in line. */
function* blockersOf(
  { holders }: Lock,
  { owner, mode }: { readonly owner: AdvisoryOwner; readonly mode: AdvisoryMode },
  ahead: readonly Waiter[],
): Generator<AdvisoryOwner, void, undefined> {
  for (const [holder, hold] of holders) {
    if (holder !== owner && (mode === 'exclusive' || countOf(hold, 'exclusive') > 0)) yield holder;
  }
  if (holders.has(owner)) return;
  for (const waiter of ahead) {
    if (waiter.owner !== owner && (mode === 'exclusive' || waiter.mode === 'exclusive')) yield waiter.owner;
  }
}
