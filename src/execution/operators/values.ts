import type { BatchStream } from '../../columnar/batch.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { hasSubquery } from '../../sql/expression/walk-expression.ts';
import type { ValuesNode } from '../../sql/plan/logical-plan.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { settle } from '../subquery/settle.ts';

const BATCH_ROWS = 1024;

/** VALUES, and the one empty row of a SELECT without FROM. */
export async function* values(node: ValuesNode, context: ExecutionContext): BatchStream {
  for (let from = 0; from < node.rows.length; from += BATCH_ROWS) {
    const rows = node.rows.slice(from, from + BATCH_ROWS);
    const builders = node.output.map(
      ({ type }) => new ColumnBuilder(type.definition.representation, { capacity: rows.length }),
    );
    // Row by row, as nextval() counts.
    for (const row of rows) {
      for (let index = 0; index < builders.length; index++) {
        const item = row[index];
        const evaluate = () => evaluateExpression(item, context);
        builders[index].push(hasSubquery(item) ? await settle(context, evaluate) : evaluate());
      }
    }
    yield { rowCount: rows.length, columns: builders.map((builder) => builder.finish()) };
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}
