import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { constantColumn } from '../../columnar/column-builder.ts';
import { invariant, unreachable } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { SlotBinding, SubqueryExpression } from '../../sql/expression/expression.ts';
import { makeArray, makeNestedArray } from '../../sql/expression/expression-runtime.ts';
import { planOf } from '../../sql/plan/plan-of.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import type { Value } from '../../types/value.ts';
import type { ExecutionContext } from '../execution-context.ts';
import type { RunPlan } from './subquery-runtime.ts';

/** What an array of results takes of the statement's memory, an element. */
const ELEMENT_BYTES = 64;

/** The rows of a subquery for one combination of inputs. */
export function openSubquery(
  expression: SubqueryExpression,
  run: RunPlan,
  context: ExecutionContext,
  inputs: readonly Value[],
): BatchStream {
  const values = inputs.slice(expression.left.length);
  return run(planOf(expression), { ...context, slots: slotsOf(expression.bindings, values) });
}

/** Slots with values in the order of `bindings`. */
export function slotsOf(
  bindings: readonly SlotBinding[],
  values: readonly Value[],
  around: readonly Value[] = [],
): Value[] {
  const slots = [...around];
  bindings.forEach(({ slot }, at) => {
    slots[slot] = values[at];
  });
  return slots;
}

/** The result of a subquery of any form but ANY and ALL. Throws 21000 for a second row where one is meant. */
export async function runSubquery(
  expression: SubqueryExpression,
  run: RunPlan,
  context: ExecutionContext,
  inputs: readonly Value[],
): Promise<Value> {
  const rows = openSubquery(expression, run, context, inputs);
  try {
    switch (expression.form) {
      case 'exists':
        return await hasRow(rows);
      case 'array':
        return await arrayOf(rows, expression, context);
      case 'scalar':
        return await singleRow(rows, ([column]) => valueAt(column, 0), null);
      case 'row':
        return await singleRow(rows, (columns) => compareRow(expression, context, inputs, columns), null);
      case 'any':
      case 'all':
        return invariant(false, 'compared rows have a class of their own') as never;
      default:
        return unreachable(expression.form);
    }
  } finally {
    await rows.return();
  }
}

async function hasRow(rows: BatchStream): Promise<boolean> {
  for await (const batch of rows) if (batch.rowCount > 0) return true;
  return false;
}

async function arrayOf(rows: BatchStream, { plan }: SubqueryExpression, context: ExecutionContext): Promise<Value> {
  const isNested = plan.output[0].type.definition.category === 'A';
  const elements: Value[] = [];
  let reservedBytes = 0;
  for await (const batch of rows) {
    const [column] = batch.columns;
    context.memory.reserve(batch.rowCount * ELEMENT_BYTES);
    reservedBytes += batch.rowCount * ELEMENT_BYTES;
    for (let row = 0; row < batch.rowCount; row++) elements.push(valueAt(column, row));
  }
  context.memory.release(reservedBytes);
  return isNested ? nestedArray(elements) : makeArray(elements);
}

/** Arrays as elements make a dimension more. */
function nestedArray(elements: readonly Value[]): Value {
  if (elements.includes(null)) {
    throw new SqlError(SqlState.NullValueNotAllowed, 'cannot accumulate null arrays');
  }
  const arrays = elements as readonly SqlArray[];
  if (arrays.some((array) => array.isEmpty)) {
    throw new SqlError(SqlState.ArraySubscriptError, 'cannot accumulate empty arrays');
  }
  const shape = String(arrays[0]?.dimensions);
  if (arrays.some(({ dimensions }) => String(dimensions) !== shape)) {
    throw new SqlError(SqlState.ArraySubscriptError, 'cannot accumulate arrays of different dimensionality');
  }
  return makeNestedArray(arrays);
}

async function singleRow(
  rows: BatchStream,
  read: (columns: readonly Column[]) => Value,
  whenNone: Value,
): Promise<Value> {
  let value = whenNone;
  let rowCount = 0;
  for await (const batch of rows) {
    if (batch.rowCount === 0) continue;
    rowCount += batch.rowCount;
    if (rowCount > 1) throw moreThanOneRow();
    // A batch is valid until the next one is asked for.
    value = read(batch.columns);
  }
  return value;
}

/** 21000. */
export function moreThanOneRow(): SqlError {
  return new SqlError(SqlState.CardinalityViolation, 'more than one row returned by a subquery used as an expression');
}

function compareRow(
  expression: SubqueryExpression,
  context: ExecutionContext,
  inputs: readonly Value[],
  columns: readonly Column[],
): Value {
  const { comparison } = expression;
  invariant(comparison !== undefined, 'a row is compared');
  const batch: Batch = { rowCount: 1, columns: [...leftColumns(expression, inputs, 1), ...columns] };
  return valueAt(new ColumnEvaluator(comparison, context).evaluate(batch), 0);
}

/** The values of `left`, for as many rows as they are compared with. */
export function leftColumns({ left }: SubqueryExpression, inputs: readonly Value[], rowCount: number): Column[] {
  return left.map(({ type }, at) => constantColumn(type.definition.representation, inputs[at], rowCount));
}
