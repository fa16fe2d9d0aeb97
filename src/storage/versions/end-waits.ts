import type { LockWait } from '../../catalog/table-locking.ts';
import type { Timers } from '../../platform/timers.ts';
import { waitInLine } from './lock-wait.ts';
import type { WaitGraph } from './wait-graph.ts';

/**
 * Waiting for another transaction to end, whatever comes of it: who wants a key that another one has just given to a row,
 * or has just taken from one, cannot know before whether he may have it.
 */
export class EndWaits {
  readonly #timers: Timers;
  readonly #graph: WaitGraph;
  /** By the owner that is waited for; first come, first called. */
  readonly #waiting = new Map<object, Set<() => void>>();

  /** `graph`: shared with locks. */
  constructor(timers: Timers, graph: WaitGraph) {
    this.#timers = timers;
    this.#graph = graph;
  }

  /** Resolves when `other` has ended. Rejects with 40P01, 55P03 and what `control` throws, as locks do. */
  waitFor(owner: object, other: object, wait: LockWait): Promise<void> {
    this.#graph.begin(owner, () => [other]);
    return waitInLine(this.#timers, wait, (grant) => {
      const wake = (): void => {
        this.#graph.end(owner);
        grant();
      };
      let wakes = this.#waiting.get(other);
      if (wakes === undefined) {
        wakes = new Set();
        this.#waiting.set(other, wakes);
      }
      wakes.add(wake);
      return () => {
        this.#graph.end(owner);
        wakes.delete(wake);
        if (wakes.size === 0) this.#waiting.delete(other);
      };
    });
  }

  /** The owner has ended: its effects are visible or gone, its locks are free. */
  noteEnd(owner: object): void {
    const wakes = this.#waiting.get(owner);
    if (wakes === undefined) return;
    this.#waiting.delete(owner);
    for (const wake of wakes) wake();
  }
}
