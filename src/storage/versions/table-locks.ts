import type { LockWait, TableLockMode, TableLockState } from '../../catalog/table-locking.ts';
import type { Timers } from '../../platform/timers.ts';
import { waitInLine } from './lock-wait.ts';
import { WaitGraph } from './wait-graph.ts';

const BIT = { append: 1, write: 2, share: 4, exclusive: 8 } as const;
const CONFLICTS = {
  append: BIT.share | BIT.exclusive,
  write: BIT.write | BIT.share | BIT.exclusive,
  share: BIT.append | BIT.write | BIT.exclusive,
  exclusive: BIT.append | BIT.write | BIT.share | BIT.exclusive,
} as const;
/** Modes that are enough where the mode is asked for. Not SHARE to append: others may have that as well. */
const COVERING = {
  append: BIT.append | BIT.write | BIT.exclusive,
  write: BIT.write | BIT.exclusive,
  share: BIT.share | BIT.exclusive,
  exclusive: BIT.exclusive,
} as const;

const MODES: readonly TableLockMode[] = ['append', 'write', 'share', 'exclusive'];

interface Waiter {
  readonly owner: object;
  readonly mode: TableLockMode;
  readonly grant: () => void;
}

interface TableLock {
  /** The modes of each owner, as a set of bits. */
  readonly holders: Map<object, number>;
  /** First come, first served; but who has a lock of the table already goes before those that have none. */
  readonly waiters: Waiter[];
}

/**
 * Locks of tables, which a transaction keeps until it ends. Any OID can be locked: sequences and types have theirs too.
 */
export class TableLocks {
  readonly #timers: Timers;
  readonly #graph: WaitGraph;
  readonly #locks = new Map<number, TableLock>();
  /** What each owner has. */
  readonly #held = new Map<object, Set<number>>();

  /** `graph`: shared with locks of other kinds, so that circles through several kinds are found. */
  constructor(timers: Timers, graph: WaitGraph = new WaitGraph()) {
    this.#timers = timers;
    this.#graph = graph;
  }

  /** Whether the owner keeps out all that the mode would keep out. */
  isHeldBy(tableOid: number, owner: object, mode: TableLockMode): boolean {
    const held = this.#locks.get(tableOid)?.holders.get(owner) ?? 0;
    return (held & COVERING[mode]) !== 0;
  }

  /** Whether somebody has a lock that the mode conflicts with. */
  isBlocked(tableOid: number, mode: TableLockMode): boolean {
    const lock = this.#locks.get(tableOid);
    if (lock === undefined) return false;
    for (const held of lock.holders.values()) if ((held & CONFLICTS[mode]) !== 0) return true;
    return false;
  }

  /**
   * Undefined when the owner has the lock, else a promise of it. Throws or rejects with 40P01 where waiting would never
   * end, 55P03 when the time is up, or what `control` throws; the owner keeps the locks that it has.
   */
  acquire(tableOid: number, owner: object, mode: TableLockMode, wait: LockWait = {}): Promise<void> | undefined {
    let lock = this.#locks.get(tableOid);
    if (lock === undefined) {
      lock = { holders: new Map(), waiters: [] };
      this.#locks.set(tableOid, lock);
    }
    if (this.isHeldBy(tableOid, owner, mode)) return undefined;
    const isHolder = lock.holders.has(owner);
    const place = isHolder ? lock.waiters.findIndex((waiter) => !lock.holders.has(waiter.owner)) : -1;
    const ahead = place < 0 ? lock.waiters.slice() : lock.waiters.slice(0, place);
    if (blockersOf(lock, { owner, mode }, ahead).next().done === true) {
      this.#give(tableOid, lock, owner, mode);
      return undefined;
    }
    if (wait.refusal !== undefined) throw wait.refusal();
    return this.#wait(tableOid, lock, { owner, mode, place: ahead.length }, wait);
  }

  /** Who has or waits for which lock, and in which mode. */
  *states(): Generator<TableLockState, void, undefined> {
    for (const [tableOid, { holders, waiters }] of this.#locks) {
      for (const [owner, held] of holders) {
        for (const mode of MODES) if ((held & BIT[mode]) !== 0) yield { tableOid, owner, mode, isGranted: true };
      }
      for (const { owner, mode } of waiters) yield { tableOid, owner, mode, isGranted: false };
    }
  }

  /** Gives up every lock of the owner; those that wait move up. */
  releaseAll(owner: object): void {
    const oids = this.#held.get(owner);
    if (oids === undefined) return;
    this.#held.delete(owner);
    for (const oid of oids) {
      const lock = this.#locks.get(oid)!;
      lock.holders.delete(owner);
      this.#moveUp(oid, lock);
    }
  }

  #wait(
    tableOid: number,
    lock: TableLock,
    { owner, mode, place }: { owner: object; mode: TableLockMode; place: number },
    wait: LockWait,
  ): Promise<void> {
    const waiterOf = (grant: () => void): Waiter => ({
      owner,
      mode,
      grant: () => {
        this.#graph.end(owner);
        grant();
      },
    });
    const asked: { waiter?: Waiter } = {};
    this.#graph.begin(owner, () => {
      const at = asked.waiter === undefined ? place : lock.waiters.indexOf(asked.waiter);
      return blockersOf(lock, { owner, mode }, lock.waiters.slice(0, at));
    });
    return waitInLine(this.#timers, wait, (grant) => {
      const waiter = waiterOf(grant);
      asked.waiter = waiter;
      lock.waiters.splice(place, 0, waiter);
      return () => {
        lock.waiters.splice(lock.waiters.indexOf(waiter), 1);
        this.#graph.end(owner);
        this.#moveUp(tableOid, lock);
      };
    });
  }

  /** Grants what nothing stands in the way of any more. */
  #moveUp(tableOid: number, lock: TableLock): void {
    for (let index = 0; index < lock.waiters.length; ) {
      const waiter = lock.waiters[index]!;
      if (blockersOf(lock, waiter, lock.waiters.slice(0, index)).next().done !== true) {
        index++;
        continue;
      }
      lock.waiters.splice(index, 1);
      this.#give(tableOid, lock, waiter.owner, waiter.mode);
      waiter.grant();
    }
    if (lock.holders.size === 0 && lock.waiters.length === 0) this.#locks.delete(tableOid);
  }

  #give(tableOid: number, lock: TableLock, owner: object, mode: TableLockMode): void {
    lock.holders.set(owner, (lock.holders.get(owner) ?? 0) | BIT[mode]);
    const held = this.#held.get(owner);
    if (held === undefined) this.#held.set(owner, new Set([tableOid]));
    else held.add(tableOid);
  }
}

/** Others that hold, or wait earlier for, what the mode conflicts with. */
function* blockersOf(
  { holders }: TableLock,
  { owner, mode }: { readonly owner: object; readonly mode: TableLockMode },
  ahead: readonly Waiter[],
): Generator<object, void, undefined> {
  const conflicts = CONFLICTS[mode];
  for (const [holder, held] of holders) if (holder !== owner && (held & conflicts) !== 0) yield holder;
  for (const waiter of ahead) if (waiter.owner !== owner && (BIT[waiter.mode] & conflicts) !== 0) yield waiter.owner;
}
