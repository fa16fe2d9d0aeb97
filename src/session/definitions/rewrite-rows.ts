import type { CheckConstraint } from '../../catalog/constraint-descriptor.ts';
import { KeyViolation } from '../../catalog/key-violation.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch, BatchStream } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { SqlError, type SqlErrorFields } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { executePlan } from '../../execution/execute-plan.ts';
import { nullOf, storedColumns } from '../../sql/binder/assign-column.ts';
import { bindStoredExpression } from '../../sql/binder/stored-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { columnsUsed, remapColumns } from '../../sql/expression/walk-expression.ts';
import { constantFailure } from '../../sql/optimizer/constant-computation.ts';
import { foldConstants } from '../../sql/optimizer/rules/fold-constants.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { OutputColumn } from '../../sql/plan/plan-node.ts';
import type { ScanNode } from '../../sql/plan/scan-node.ts';
import { scanOf } from './scan-of.ts';
import type { TableAlteration } from './table-alteration.ts';

/** Nanoseconds beyond the microseconds of a time-series table's rows. */
const REMAINDER_COLUMN = 'tidewire.remainder';

/** Gives all rows their new values, under the table as it will be. */
export async function rewriteRows(alteration: TableAlteration): Promise<void> {
  const { run, table } = alteration;
  const all = new Set(storedColumns(table).keys());
  try {
    await withNewRows(alteration, all, { isRewritten: true }, (rows) => run.transaction.replaceRows(table, rows));
    const { control, settings } = run.scope;
    await run.transaction.checkKeys({ control, lockTimeoutMs: settings.lockTimeoutMs });
  } catch (error) {
    throw asIndexBuild(error);
  }
}

/** Two rows that have come to have one key: to PostgreSQL, which writes the rows first, the index cannot be made. */
function asIndexBuild(error: unknown): unknown {
  return error instanceof KeyViolation ? error.asIndexBuild() : error;
}

/** Throws 23502 and 23514 for a row that the table as it will be must not have. */
export async function verifyRows(alteration: TableAlteration): Promise<void> {
  const { table, run, notNull } = alteration;
  const needed = new Set<number>();
  for (const [at, column] of storedColumns(table).entries()) if (notNull.has(column.number)) needed.add(at);
  for (const { expression } of boundChecks(alteration)) for (const at of columnsUsed(expression)) needed.add(at);
  await withNewRows(alteration, needed, { isRewritten: false }, async (rows) => {
    for await (const _ of rows) await run.scope.control.yieldIfDue();
  });
}

/**
 * Hands on the rows as they will be, a column per visible column of the table as far as it is `needed`, each row verified
 * before. Rows of a time-series table keep their nanoseconds when they are rewritten.
 */
async function withNewRows(
  alteration: TableAlteration,
  needed: ReadonlySet<number>,
  { isRewritten }: { readonly isRewritten: boolean },
  use: (rows: BatchStream) => Promise<void>,
): Promise<void> {
  const { run, before, table } = alteration;
  const { environment, control } = run.scope;
  const visible = storedColumns(table);
  const row = visible.map((column, at) => (needed.has(at) ? newValue(alteration, column) : nullOf(column)));
  const remainder = before.columns.findIndex(({ name }) => isRewritten && name === REMAINDER_COLUMN);
  if (remainder >= 0) row.push({ kind: 'column', index: remainder, type: before.columns[remainder].type });
  const newRows = projection(scanOf(before, columnsUsed(...row)), row);
  const checks = boundChecks(alteration);
  const plan =
    checks.length === 0
      ? newRows
      : {
          kind: 'project' as const,
          input: newRows,
          expressions: [
            ...row.map(({ type }, index): Expression => ({ kind: 'column', index, type })),
            ...checks.map(({ expression }) => expression),
          ],
          output: [...newRows.output, ...checks.map(({ expression }) => unnamed(expression))],
        };
  // What is constant in a check or a new value fails without a row as well.
  const failure = constantFailure(foldConstants(plan, environment), environment);
  if (failure !== undefined) throw failure;
  const snapshot = run.transaction.newestSnapshot();
  try {
    const context = environment.execution({ snapshot, tables: [before], parameters: [], control });
    await use(verified(executePlan(plan, context), alteration, checks, row.length));
  } finally {
    snapshot.release();
  }
}

/** What a column has in a row: a value of its own, what it had before, or what rows from before have in a new column. */
function newValue({ before, newValues, missing }: TableAlteration, column: ColumnDescriptor): Expression {
  const given = newValues.get(column.number);
  if (given !== undefined) return given;
  const at = before.columns.findIndex(({ number }) => number === column.number);
  if (at >= 0) return { kind: 'column', index: at, type: column.type };
  return { kind: 'constant', value: missing.get(column.number) ?? null, type: column.type };
}

function projection(input: ScanNode, row: readonly Expression[]): LogicalPlan {
  const expressions = row.map((value) => remapColumns(value, (at) => input.columns.indexOf(at)));
  return { kind: 'project', input, expressions, output: expressions.map(unnamed) };
}

function unnamed({ type }: Expression): OutputColumn {
  return { name: '?column?', type, tableOid: 0, columnNumber: 0 };
}

interface BoundCheck {
  readonly name: string;
  readonly expression: Expression;
}

function boundChecks({ run, table, checks }: TableAlteration): BoundCheck[] {
  const context = run.bindContext();
  return table.constraints
    .filter((constraint): constraint is CheckConstraint => constraint.kind === 'check' && checks.has(constraint.oid))
    .map(({ name, expression }) => ({ name, expression: bindStoredExpression(context, expression, table) }));
}

/** The first `width` columns of the rows, which must be NOT NULL where they are to be; the checks stand behind them. */
async function* verified(
  rows: BatchStream,
  { run, table, notNull }: TableAlteration,
  checks: readonly BoundCheck[],
  width: number,
): BatchStream {
  const required = [...storedColumns(table).entries()].filter(([, column]) => notNull.has(column.number));
  for await (const batch of rows) {
    let firstRow = batch.rowCount;
    let violation: (() => SqlError) | undefined;
    const note = (row: number, error: () => SqlError): void => {
      if (row < 0 || row >= firstRow) return;
      firstRow = row;
      violation = error;
    };
    for (const [at, { name }] of required) {
      note(firstNull(batch.columns[at], batch.rowCount), () => containsNulls(table, name));
    }
    for (const [at, { name }] of checks.entries()) {
      note(firstFalse(batch.columns[width + at], batch.rowCount), () => isViolated(table, name));
    }
    if (violation !== undefined) throw violation();
    yield checks.length === 0 ? batch : firstColumns(batch, width);
    const turn = run.scope.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}

function firstColumns(batch: Batch, count: number): Batch {
  return { rowCount: batch.rowCount, columns: batch.columns.slice(0, count) };
}

function firstNull({ validity }: Column, rowCount: number): number {
  if (validity === undefined) return -1;
  const row = validity.indexOf(0);
  return row < rowCount ? row : -1;
}

/** NULL is as good as true. */
function firstFalse(column: Column, rowCount: number): number {
  if (column.kind !== 'boolean') return -1;
  const { values, validity } = column;
  for (let row = 0; row < rowCount; row++) {
    if (values[row] === 0 && (validity === undefined || validity[row] === 1)) return row;
  }
  return -1;
}

function containsNulls(table: TableDescriptor, columnName: string): SqlError {
  return new SqlError(
    SqlState.NotNullViolation,
    `column "${columnName}" of relation "${table.name}" contains null values`,
    { ...tableFields(table), columnName },
  );
}

function isViolated(table: TableDescriptor, constraintName: string): SqlError {
  return new SqlError(
    SqlState.CheckViolation,
    `check constraint "${constraintName}" of relation "${table.name}" is violated by some row`,
    { ...tableFields(table), constraintName },
  );
}

function tableFields({ schemaName, name }: TableDescriptor): SqlErrorFields {
  return { schemaName, tableName: name };
}
