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
    const builders = node.output.map(
      ({ type }) => new ColumnBuilder(type.definition.representation, { capacity: rows.length }),
    );
    // Row by row, as nextval() counts.
    for (const row of rows) {
      for (let index = 0; index < builders.length; index++) {
        builders[index].push(evaluateExpression(row[index], parameters, environment));
      }
    }
    yield { rowCount: rows.length, columns: builders.map((builder) => builder.finish()) };
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
