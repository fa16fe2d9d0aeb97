import type { ForeignKeyConstraint } from '../../catalog/constraint-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { valueAt } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { executePlan } from '../../execution/execute-plan.ts';
import { applyOperator } from '../../sql/binder/bind-operator.ts';
import type { StatementBinding } from '../../sql/binder/statement-binding.ts';
import { boolType } from '../../sql/binder/well-known-types.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { optimize } from '../../sql/optimizer/optimize.ts';
import type { LogicalPlan, ScanNode } from '../../sql/plan/logical-plan.ts';
import type { DefinitionRun } from './definition-run.ts';

/** Throws 23503 for a row that refers to none. Both tables are locked by the caller. */
export async function validateForeignKey(
  run: DefinitionRun,
  table: TableDescriptor,
  constraint: ForeignKeyConstraint,
): Promise<void> {
  const referenced = run.table(constraint.referencedTableOid);
  const columns = columnsOf(table, constraint.columnNumbers);
  const keys = columnsOf(referenced, constraint.referencedColumnNumbers);
  if (constraint.match === 'full' && columns.length > 1) {
    const mixed = await firstRow(run, [table], mixedRows(table, columns));
    if (mixed !== undefined) {
      throw violation(table, constraint, 'MATCH FULL does not allow mixing of null and nonnull key values.');
    }
  }
  const lonely = await firstRow(run, [table, referenced], lonelyRows(run.binding(), table, columns, referenced, keys));
  if (lonely === undefined) return;
  const { typeContext } = run.bindContext();
  const values = columns.map((column, at) => {
    const value = valueAt(lonely[at], 0);
    return value === null ? 'null' : column.type.definition.format(value, typeContext);
  });
  const names = columns.map(({ name }) => name).join(', ');
  throw violation(
    table,
    constraint,
    `Key (${names})=(${values.join(', ')}) is not present in table "${referenced.name}".`,
  );
}

function violation({ schemaName, name }: TableDescriptor, constraint: ForeignKeyConstraint, detail: string): SqlError {
  return new SqlError(
    SqlState.ForeignKeyViolation,
    `insert or update on table "${name}" violates foreign key constraint "${constraint.name}"`,
    { detail, schemaName, tableName: name, constraintName: constraint.name },
  );
}

function columnsOf(table: TableDescriptor, numbers: readonly number[]): ColumnDescriptor[] {
  return numbers.map((number) => {
    const column = table.columns.find((candidate) => candidate.number === number);
    invariant(column !== undefined, 'a constraint has columns of its table');
    return column;
  });
}

/** Rows whose key is whole and stands in no row of the other table. */
function lonelyRows(
  binding: StatementBinding,
  table: TableDescriptor,
  columns: readonly ColumnDescriptor[],
  referenced: TableDescriptor,
  keys: readonly ColumnDescriptor[],
): LogicalPlan {
  const left: LogicalPlan = {
    kind: 'filter',
    input: scanOf(table, columns),
    condition: allOf(columns.map((column, at) => nullTest(at, column, true))),
    output: scanOf(table, columns).output,
  };
  const right = scanOf(referenced, keys);
  const equalities = columns.map((column, at) =>
    applyOperator(
      binding,
      '=',
      { expression: reference(at, column), syntax: undefined },
      { expression: reference(columns.length + at, keys[at]), syntax: undefined },
      0,
    ),
  );
  const joined: LogicalPlan = {
    kind: 'join',
    type: 'left',
    left,
    right,
    equalities: [],
    condition: allOf(equalities),
    output: [...left.output, ...right.output],
  };
  const condition = nullTest(columns.length, keys[0], false);
  return { kind: 'filter', input: joined, condition, output: joined.output };
}

/** Rows whose key is NULL in a part. */
function mixedRows(table: TableDescriptor, columns: readonly ColumnDescriptor[]): LogicalPlan {
  const input = scanOf(table, columns);
  const someNull: Expression = {
    kind: 'or',
    arguments: columns.map((column, at) => nullTest(at, column, false)),
    type: boolType,
  };
  const someValue: Expression = {
    kind: 'or',
    arguments: columns.map((column, at) => nullTest(at, column, true)),
    type: boolType,
  };
  return { kind: 'filter', input, condition: allOf([someNull, someValue]), output: input.output };
}

async function firstRow(run: DefinitionRun, tables: readonly TableDescriptor[], plan: LogicalPlan) {
  const { environment, control } = run.scope;
  const snapshot = run.transaction.newestSnapshot();
  try {
    const context = environment.execution({ snapshot, tables, parameters: [], control });
    for await (const { rowCount, columns } of executePlan(optimize(plan), context)) {
      if (rowCount > 0) return columns;
      await control.yieldIfDue();
    }
    return undefined;
  } finally {
    snapshot.release();
  }
}

function scanOf(table: TableDescriptor, columns: readonly ColumnDescriptor[]): ScanNode {
  return {
    kind: 'scan',
    table,
    columns: columns.map((column) => table.columns.indexOf(column)),
    timeBounds: [],
    tagFilters: [],
    filters: [],
    output: columns.map(({ name, type, number }) => ({ name, type, tableOid: table.oid, columnNumber: number })),
  };
}

function reference(index: number, { type }: ColumnDescriptor): Expression {
  return { kind: 'column', index, type };
}

function nullTest(index: number, column: ColumnDescriptor, isNegated: boolean): Expression {
  return { kind: 'null-test', argument: reference(index, column), isNegated, type: boolType };
}

function allOf(conditions: readonly Expression[]): Expression {
  const [only] = conditions;
  return conditions.length === 1 ? only : { kind: 'and', arguments: conditions, type: boolType };
}
