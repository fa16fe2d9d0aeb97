import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';

/** Who stands in the way of an owner that waits, at the moment of asking. */
export type Blockers = () => Iterable<object>;

/**
 * Who waits for whom, over locks of every kind. A circle can only come about when somebody begins to wait, and then it
 * leads through him: so it is looked for there and never again.
 */
export class WaitGraph {
  /** An owner waits for one lock at a time. */
  readonly #waiting = new Map<object, Blockers>();

  /** Throws 40P01 where waiting would never end; otherwise the owner waits until `end`. */
  begin(owner: object, blockers: Blockers): void {
    const seen = new Set<object>();
    const pending = [...blockers()];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next === owner) throw deadlock();
      if (seen.has(next)) continue;
      seen.add(next);
      const further = this.#waiting.get(next);
      if (further !== undefined) pending.push(...further());
    }
    this.#waiting.set(owner, blockers);
  }

  /** Who stands in the way of the owner; nobody when it does not wait. */
  blockersOf(owner: object): Iterable<object> {
    return this.#waiting.get(owner)?.() ?? [];
  }

  end(owner: object): void {
    this.#waiting.delete(owner);
  }
}

function deadlock(): SqlError {
  return new SqlError(SqlState.DeadlockDetected, 'deadlock detected', {
    detail: 'Each of several transactions waits for something that another of them has locked.',
    hint: 'Run the transaction again, or let all transactions lock in the same order.',
  });
}
