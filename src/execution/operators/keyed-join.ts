import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { valueAt } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import { makeArray } from '../../sql/expression/expression-runtime.ts';
import type { JoinNode } from '../../sql/plan/join-nodes.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { Value } from '../../types/value.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { RowStore } from '../row-store.ts';
import { slotsOf } from '../subquery/run-subquery.ts';
import { join } from './join.ts';

/** Rows of the left side that the right side runs for at once. */
const ROWS_AT_ONCE = 8192;

/** A join whose right side is asked for the keys of some rows of the left side at a time, and not asked for none. */
export async function* keyedJoin(
  left: BatchStream,
  node: JoinNode,
  context: ExecutionContext,
  run: (plan: LogicalPlan, within: ExecutionContext) => BatchStream,
): BatchStream {
  const { keys } = node;
  invariant(keys !== undefined, 'the right side is asked for keys');
  try {
    for (;;) {
      const kept = new KeptRows(node, context);
      try {
        const isLast = await kept.fill(left);
        if (kept.rowCount > 0) {
          const bindings = [keys];
          const slots = slotsOf(bindings, [makeArray(kept.keys)], context.slots);
          const right = kept.keys.length === 0 ? none() : run(node.right, { ...context, slots });
          yield* join(kept.rows(), right, node, context);
        }
        if (isLast) return;
      } finally {
        kept.release();
      }
    }
  } finally {
    await left.return();
  }
}

/** Rows of the left side, and what they ask for: no key twice, and no NULL. */
class KeptRows {
  readonly keys: Value[] = [];
  readonly #seen = new Set<unknown>();
  readonly #store: RowStore;
  readonly #evaluator: ColumnEvaluator;
  readonly #context: ExecutionContext;
  readonly #hashKey: (value: Exclude<Value, null>) => unknown;

  constructor({ left, keys }: JoinNode, context: ExecutionContext) {
    invariant(keys !== undefined, 'the right side is asked for keys');
    const { definition } = keys.value.type;
    this.#context = context;
    this.#evaluator = new ColumnEvaluator(keys.value, context);
    this.#hashKey = (value) => definition.hashKey(value);
    this.#store = new RowStore(
      left.output.map(({ type }) => type),
      context.memory,
    );
  }

  get rowCount(): number {
    return this.#store.rowCount;
  }

  /** True when there are no more rows. */
  async fill(left: BatchStream): Promise<boolean> {
    while (this.rowCount < ROWS_AT_ONCE) {
      const { value: batch, done } = await left.next();
      if (done === true) return true;
      this.#add(batch);
      const turn = this.#context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    return false;
  }

  async *rows(): BatchStream {
    yield* this.#store.batches();
  }

  release(): void {
    this.#store.release();
  }

  #add(batch: Batch): void {
    const column = this.#evaluator.evaluate(batch);
    for (let row = 0; row < batch.rowCount; row++) {
      const value = valueAt(column, row);
      if (value === null) continue;
      const key = this.#hashKey(value);
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      this.keys.push(value);
    }
    this.#store.append(batch);
  }
}

async function* none(): BatchStream {}
