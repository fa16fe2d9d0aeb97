import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { JoinNode } from '../../sql/plan/join-nodes.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { ScanNode } from '../../sql/plan/scan-node.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { join } from './join.ts';

/**
 * A join whose right side is asked by an index for the rows that each batch of the left side needs. Should the left side
 * turn out larger than was reckoned with, the rest of it is joined to the right side as a whole.
 */
export async function* lookupJoin(
  left: BatchStream,
  node: JoinNode,
  context: ExecutionContext,
  run: (plan: LogicalPlan) => BatchStream,
): BatchStream {
  const { lookup, right, equalities } = node;
  invariant(lookup !== undefined && right.kind === 'scan', 'rows of a table are looked up');
  const key = equalities[lookup.equality].left;
  const evaluator = new ColumnEvaluator(key, context);
  let keyCount = 0;
  try {
    for (;;) {
      const { value: batch, done } = await left.next();
      if (done === true) return;
      const values = distinctValues(evaluator.evaluate(batch), batch.rowCount, key.type);
      keyCount += values.length;
      if (keyCount > lookup.maxKeys) {
        yield* join(followedBy(batch, left), run(right), node, context);
        return;
      }
      yield* join(only(batch), run(scanFor(right, lookup, values)), node, context);
    }
  } finally {
    await left.return();
  }
}

function scanFor(scan: ScanNode, { index }: NonNullable<JoinNode['lookup']>, values: readonly Expression[]): ScanNode {
  return { ...scan, index: { index, equalTo: [{ kind: 'values', values }], conditions: [] } };
}

function distinctValues(column: Column, rowCount: number, type: SqlType): Expression[] {
  const values: Expression[] = [];
  const seen = new Set<unknown>();
  for (let row = 0; row < rowCount; row++) {
    const value = valueAt(column, row);
    if (value === null) continue;
    const key = type.definition.hashKey(value);
    if (seen.has(key)) continue;
    seen.add(key);
    values.push({ kind: 'constant', value, type });
  }
  return values;
}

async function* only(batch: Batch): BatchStream {
  yield batch;
}

async function* followedBy(batch: Batch, rest: BatchStream): BatchStream {
  yield batch;
  yield* rest;
}
