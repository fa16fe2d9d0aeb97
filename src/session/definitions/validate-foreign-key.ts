import type { ForeignKeyConstraint } from '../../catalog/constraint-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { valueAt } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import { executePlan } from '../../execution/execute-plan.ts';
import { applyOperator } from '../../sql/binder/bind-operator.ts';
import type { StatementBinding } from '../../sql/binder/statement-binding.ts';
import { boolType } from '../../sql/binder/well-known-types.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { optimize } from '../../sql/optimizer/optimize.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { ScanNode } from '../../sql/plan/scan-node.ts';
import { missingReference, mixedNulls } from '../constraints/check-references.ts';
import { type ForeignKey, foreignKeyByOid } from '../constraints/foreign-keys.ts';
import type { DefinitionRun } from './definition-run.ts';
import { scanOf } from './scan-of.ts';

/** Throws 23503 for a row that refers to none. Both tables are locked by the caller. */
export async function validateForeignKey(
  run: DefinitionRun,
  table: TableDescriptor,
  constraint: ForeignKeyConstraint,
): Promise<void> {
  const key = foreignKeyByOid(run.catalog, table.oid, constraint.oid);
  invariant(key !== undefined, 'a foreign key that is validated is there');
  const { child, childColumns } = key;
  if (constraint.match === 'full' && childColumns.length > 1) {
    const mixed = await firstRow(run, [child], mixedRows(child, childColumns));
    if (mixed !== undefined) throw mixedNulls(key);
  }
  const lonely = await firstRow(run, [child, key.parent], lonelyRows(run.binding(), key));
  if (lonely === undefined) return;
  const values = childColumns.map((_, at) => valueAt(lonely[at], 0));
  throw missingReference(key, values, run.bindContext().typeContext);
}

/** Rows whose key is whole and stands in no row of the other table. */
function lonelyRows(
  binding: StatementBinding,
  { child: table, childColumns: columns, parent, parentColumns: keys }: ForeignKey,
): LogicalPlan {
  const rows = scanColumns(table, columns);
  const left: LogicalPlan = {
    kind: 'filter',
    input: rows,
    condition: allOf(columns.map((column, at) => nullTest(at, column, true))),
    output: rows.output,
  };
  const right = scanColumns(parent, keys);
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
  const input = scanColumns(table, columns);
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

function scanColumns(table: TableDescriptor, columns: readonly ColumnDescriptor[]): ScanNode {
  return scanOf(
    table,
    columns.map((column) => table.columns.indexOf(column)),
  );
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
