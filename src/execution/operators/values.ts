import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { hasSubquery } from '../../sql/expression/walk-expression.ts';
import type { OutputColumn } from '../../sql/plan/plan-node.ts';
import type { LiteralRows, ValuesNode } from '../../sql/plan/values-node.ts';
import type { Value } from '../../types/value.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { settle } from '../subquery/settle.ts';

const BATCH_ROWS = 1024;

/** VALUES, and the one empty row of a SELECT without FROM. */
export async function* values(node: ValuesNode, context: ExecutionContext): BatchStream {
  const { output, moreRows } = node;
  // What is wrong with a literal is said before anything is done with the rows before it.
  const more = moreRows === undefined ? [] : await literalBatches(moreRows, output, context);
  for (let from = 0; from < node.rows.length; from += BATCH_ROWS) {
    const rows = node.rows.slice(from, from + BATCH_ROWS);
    const builders = buildersOf(output, rows.length);
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
  for (const [at, batch] of more.entries()) {
    // Who has got a batch is the only one to hold it.
    more[at] = EMPTY;
    yield batch;
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}

const EMPTY: Batch = { rowCount: 0, columns: [] };
/** Rows that are bound in one go. */
const BOUND_ROWS = 256;

/** All rows, which take less memory than the text that they were written in, and its tree. */
async function literalBatches(
  rows: LiteralRows,
  output: readonly OutputColumn[],
  context: ExecutionContext,
): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (let from = 0; from < rows.rowCount; from += BATCH_ROWS) {
    const to = Math.min(from + BATCH_ROWS, rows.rowCount);
    const builders = buildersOf(output, to - from);
    for (let at = from; at < to; at += BOUND_ROWS) {
      for (const row of rows.bind(at, Math.min(at + BOUND_ROWS, to))) {
        for (let index = 0; index < builders.length; index++) builders[index].push(literalValue(row[index], context));
      }
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    batches.push({ rowCount: to - from, columns: builders.map((builder) => builder.finish()) });
  }
  return batches;
}

/** Of a cast over a constant the value at once: compiling it would take far longer than calling it. */
function literalValue(expression: Expression, context: ExecutionContext): Value {
  if (expression.kind === 'constant') return expression.value;
  if (expression.kind === 'relabel') return literalValue(expression.argument, context);
  if (expression.kind !== 'call' || expression.function.handlesNull === true) {
    return evaluateExpression(expression, context);
  }
  const operands: Value[] = [];
  for (const argument of expression.arguments) {
    if (argument.kind !== 'constant') return evaluateExpression(expression, context);
    if (argument.value === null) return null;
    operands.push(argument.value);
  }
  try {
    const { evaluate, usesEnvironment } = expression.function;
    return usesEnvironment === true ? evaluate(context.environment, ...operands) : evaluate(...operands);
  } catch (error) {
    // Raised once more where it gets its position.
    if (error instanceof SqlError) return evaluateExpression(expression, context);
    throw error;
  }
}

function buildersOf(output: readonly OutputColumn[], capacity: number): ColumnBuilder[] {
  return output.map(({ type }) => new ColumnBuilder(type.definition.representation, { capacity }));
}
