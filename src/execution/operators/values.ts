import type { BatchStream } from '../../columnar/batch.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import type { TableFunctionNode, ValuesNode } from '../../sql/plan/logical-plan.ts';
import type { Value } from '../../types/value.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';

const BATCH_ROWS = 1024;

/** VALUES, and the one empty row of a SELECT without FROM. */
export async function* values(node: ValuesNode, context: ExecutionContext): BatchStream {
  const { parameters, environment } = context;
  for (let from = 0; from < node.rows.length; from += BATCH_ROWS) {
    const rows = node.rows.slice(from, from + BATCH_ROWS);
    const columns = node.output.map(({ type }, index) => {
      const builder = new ColumnBuilder(type.definition.representation, { capacity: rows.length });
      for (const row of rows) builder.push(evaluateExpression(row[index], parameters, environment));
      return builder.finish();
    });
    yield { rowCount: rows.length, columns };
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}

/** A function in FROM. A NULL argument gives no rows. */
export async function* tableFunction(node: TableFunctionNode, context: ExecutionContext): BatchStream {
  const values: Value[] = [];
  for (const argument of node.arguments) {
    const value = evaluateExpression(argument, context.parameters, context.environment);
    if (value === null) return;
    values.push(value);
  }
  const { representation } = node.output[0].type.definition;
  let builder = new ColumnBuilder(representation, { capacity: BATCH_ROWS });
  for (const value of node.function.rows(values, context.environment)) {
    builder.push(value);
    if (builder.rowCount < BATCH_ROWS) continue;
    yield { rowCount: BATCH_ROWS, columns: [builder.finish()] };
    builder = new ColumnBuilder(representation, { capacity: BATCH_ROWS });
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  if (builder.rowCount > 0) yield { rowCount: builder.rowCount, columns: [builder.finish()] };
}
