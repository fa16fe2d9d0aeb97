import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { JoinNode } from '../../sql/plan/join-nodes.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { KeyHasher } from '../spill/key-hash.ts';
import { RowPartitions } from '../spill/row-partitions.ts';
import type { SpillSpace } from '../spill/spill-space.ts';

/** Joins two sides of which the right one is small enough, or is parted once more. */
export type JoinSides = (left: BatchStream, right: BatchStream, level: number) => BatchStream;

/**
 * A hash join whose right side does not fit into memory: both sides go to disk, parted by the hashes of their keys, and
 * partition is joined with partition. Rows with equal keys meet in one, and a row without a partner has none in any other,
 * so that this holds for joins of every type.
 */
export async function* partitionedJoin(
  left: BatchStream,
  right: BatchStream,
  { node, level, space }: { readonly node: JoinNode; readonly level: number; readonly space: SpillSpace },
  context: ExecutionContext,
  joinSides: JoinSides,
): BatchStream {
  const sides: RowPartitions[] = [];
  const part = async (rows: BatchStream, plan: LogicalPlan, keys: readonly Expression[]): Promise<RowPartitions> => {
    const types = plan.output.map((column) => column.type);
    const partitions = new RowPartitions(types, space, level);
    sides.push(partitions);
    const evaluators = keys.map((key) => new ColumnEvaluator(key, context));
    const hasher = new KeyHasher(keys.map((key) => key.type.definition));
    let hashes = new Int32Array(1024);
    for await (const batch of rows) {
      if (hashes.length < batch.rowCount) hashes = new Int32Array(batch.rowCount);
      const columns = evaluators.map((evaluator) => evaluator.evaluate(batch));
      hasher.hash(columns, batch.rowCount, hashes);
      await partitions.add(batch, hashes);
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    await partitions.finish();
    return partitions;
  };
  try {
    const rights = await part(
      right,
      node.right,
      node.equalities.map((equality) => equality.right),
    );
    const lefts = await part(
      left,
      node.left,
      node.equalities.map((equality) => equality.left),
    );
    for (const [index, file] of lefts.files.entries()) {
      const other = rights.files[index];
      if (file === undefined && other === undefined) continue;
      yield* joinSides(file?.read() ?? noRows(), other?.read() ?? noRows(), level + 1);
    }
  } finally {
    for (const side of sides) await side.close();
  }
}

async function* noRows(): AsyncGenerator<Batch, void, undefined> {}
