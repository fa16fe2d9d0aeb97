import type { Relation } from './scope.ts';

/**
 * All relations that a query has taken up so far, whether or not an expression can see them, and those of the queries
 * around it. Messages look here for what somebody may have meant, in the order in which PostgreSQL does.
 */
export class RangeTable {
  readonly outer: RangeTable | undefined;
  readonly #relations: Relation[] = [];

  constructor(outer?: RangeTable) {
    this.outer = outer;
  }

  get size(): number {
    return this.#relations.length;
  }

  add(relation: Relation): void {
    this.#relations.push(relation);
  }

  /** From the innermost query outward, in each as they were taken up. */
  *all(): Generator<Relation> {
    yield* this.#relations;
    if (this.outer !== undefined) yield* this.outer.all();
  }
}
