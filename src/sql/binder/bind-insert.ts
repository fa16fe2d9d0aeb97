import { tableTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { xid } from '../../types/oid.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { elementTypeOf, sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import { someExpression } from '../expression/walk-expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { LiteralRows } from '../plan/values-node.ts';
import type { ConflictClause, InsertStatement } from '../syntax/data-modification-ast.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import type { Query, Target } from '../syntax/query-ast.ts';
import { assignColumn, rowOutput, storedColumns, targetColumn } from './assign-column.ts';
import { arbitersOf, bindConflictTarget, bindConflictUpdate, excludedRelation } from './bind-conflict.ts';
import { bindOperand } from './bind-expression.ts';
import { bindTable } from './bind-from.ts';
import { bindQuery } from './bind-query.ts';
import { checkRowLengths } from './bind-values.ts';
import type { BoundInsert, RowsPlan } from './bound-statement.ts';
import { defaultOf, nonDefaultValue } from './column-default.ts';
import { constantContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';
import { requireWritableTable } from './find-table.ts';
import { hasGeneratedColumns, withGenerated } from './generated-columns.ts';
import type { RelationAccess } from './relation-access.ts';
import type { Scope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';
import { hiddenOfNewRow, WrittenRows, withReturning } from './written-rows.ts';

/** A column that values are given for; the position is where it was named, 0 when the list was left out. */
interface InsertTarget {
  readonly column: ColumnDescriptor;
  readonly position: number;
}

/** INSERT of rows or of a query's result. Columns that are not named get their defaults. */
export function bindInsert(binding: StatementBinding, statement: InsertStatement): BoundInsert {
  const { onConflict } = statement;
  binding.requireUsage(statement.relation);
  const table = requireWritableTable(binding.context, statement.relation, 'insert');
  const use = binding.use(tableTarget(table), Privilege.Insert, statement.relation.schema);
  const given = bindSource(binding, table, statement, use);
  const source = hasGeneratedColumns(table) ? withGenerated(binding.context, table, given, 0) : given;
  if (onConflict !== undefined) return bindUpsert(binding, table, source, { ...statement, onConflict }, use);
  if (statement.returning === undefined) return { kind: 'insert', table, source, returning: undefined };
  const { relation, alias, position } = statement;
  const { scope } = bindTable(binding, { kind: 'table', relation, alias, position }, use);
  const row = source.output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  const rows = new WrittenRows(binding.context, table, source, {
    names: [],
    row,
    hidden: hiddenOfNewRow(table),
    beside: [],
  });
  const items = rows.bindReturning(binding, scope, statement.returning, { isTimeKept: false });
  return { kind: 'insert', table, ...withReturning(rows.plan, row.length, items) };
}

/** INSERT … ON CONFLICT. */
function bindUpsert(
  binding: StatementBinding,
  table: TableDescriptor,
  source: LogicalPlan,
  { relation, alias, position, returning, onConflict }: InsertStatement & { readonly onConflict: ConflictClause },
  use: RelationAccess,
): BoundInsert {
  const { scope } = bindTable(binding, { kind: 'table', relation, alias, position }, use);
  if (onConflict.assignments.length > 0) binding.rangeTable.add(excludedRelation(table, use));
  const target = bindConflictTarget(binding, table, scope, onConflict.target);
  const isUpdate = onConflict.assignments.length > 0;
  const update = isUpdate ? bindConflictUpdate(binding, table, scope, onConflict, use) : undefined;
  const shown = returning === undefined ? undefined : bindWritten(binding, table, scope, returning);
  const arbiterOids = arbitersOf(table, target);
  const how = !target.isGiven ? 'none' : target.constraint === undefined ? 'columns' : 'constraint';
  return {
    kind: 'insert',
    table,
    source,
    onConflict: { arbiterOids, target: how, update, returning: shown?.plan },
    returning: shown?.returning,
  };
}

/**
 * RETURNING over new rows that are there when it is executed. Behind the columns of each stands its xmax: 0, or where it is in the
 * place of another one, who has locked that.
 */
function bindWritten(
  binding: StatementBinding,
  table: TableDescriptor,
  scope: Scope,
  returning: readonly Target[],
): { readonly plan: RowsPlan; readonly returning: readonly OutputColumn[] } {
  const id = binding.nextCommonTable();
  const stored = rowOutput(table);
  const xmax: Expression = { kind: 'column', index: stored.length, type: sqlType(xid) };
  const output = [...stored, { name: '?column?', type: xmax.type, tableOid: 0, columnNumber: 0 }];
  const written: LogicalPlan = { kind: 'cte-scan', id, name: table.name, columns: [...output.keys()], output };
  const row = stored.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  const rows = new WrittenRows(binding.context, table, written, {
    names: [],
    row,
    hidden: hiddenOfNewRow(table, { xmax }),
    beside: [],
  });
  const items = rows.bindReturning(binding, scope, returning, { isTimeKept: false });
  const result = withReturning(rows.plan, 0, items);
  return { plan: { id, source: result.source }, returning: result.returning };
}

function bindSource(
  binding: StatementBinding,
  table: TableDescriptor,
  statement: InsertStatement,
  use: RelationAccess,
): LogicalPlan {
  const targets = bindTargets(table, statement);
  for (const { column } of targets) use.noteInserted(column.number);
  const { source, overriding, relation, alias, position } = statement;
  // The table is known to messages alone.
  binding.rangeTable.add(bindTable(binding, { kind: 'table', relation, alias, position }, use).scope.relations[0]);
  if (source === undefined) return rowsPlan(binding, table, { targets: [], rows: [[]], overriding });
  const isPlainValues =
    source.kind === 'select' &&
    source.values !== undefined &&
    source.orderBy.length === 0 &&
    source.limit === undefined &&
    source.offset === undefined;
  return isPlainValues
    ? bindRows(binding, table, {
        targets,
        rows: source.values,
        overriding,
        isLiteral: source.hasLiteralRows === true,
      })
    : bindQuerySource(binding, table, {
        targets,
        source,
        overriding,
        hasColumnList: statement.columns !== undefined,
      });
}

function bindTargets(table: TableDescriptor, statement: InsertStatement): InsertTarget[] {
  if (statement.columns === undefined) return storedColumns(table).map((column) => ({ column, position: 0 }));
  const seen = new Set<ColumnDescriptor>();
  return statement.columns.map(({ name, steps, position }) => {
    const column = targetColumn(table, name, position, { ofInsert: true });
    if (steps.length > 0) throw partOfColumn(column, position);
    if (seen.has(column)) {
      throw new SqlError(SqlState.DuplicateColumn, `column "${name}" specified more than once`, { position });
    }
    seen.add(column);
    return { column, position };
  });
}

interface GivenRows<Item> {
  readonly targets: readonly InsertTarget[];
  /** An item for each of the first targets. */
  readonly rows: readonly (readonly Item[])[];
  readonly overriding: InsertStatement['overriding'];
}

/** VALUES lists: each item takes the type of its column directly. */
function bindRows(
  binding: StatementBinding,
  table: TableDescriptor,
  { targets, rows, overriding, isLiteral }: GivenRows<SyntaxExpression> & { readonly isLiteral: boolean },
): LogicalPlan {
  if (!isLiteral) checkRowLengths(rows);
  checkWidth(
    targets,
    rows[0] ?? [],
    targets.some((target) => target.position > 0),
  );
  const context = constantContext(binding, 'VALUES');
  const bindRow = (row: readonly SyntaxExpression[]): (Expression | undefined)[] =>
    row.map((item, at) => {
      const { column } = targets[at];
      return item.kind === 'default' ? undefined : assignColumn(binding, column, bindOperand(context, item));
    });
  const planOf = (some: readonly (readonly SyntaxExpression[])[]): LogicalPlan =>
    rowsPlan(binding, table, { targets: targets.slice(0, rows[0]?.length ?? 0), rows: some.map(bindRow), overriding });
  if (!isLiteral || binding.keepsForm) return planOf(rows);
  // What such a literal means depends on when it is read.
  if (targets.some(({ column }) => isMoving(column.type))) binding.forbidCaching();
  const bind = (from: number, to: number) => valuesOf(planOf(rows.slice(from + 1, to + 1)));
  return withRows(planOf([rows[0]]), { rowCount: rows.length - 1, bind });
}

/** Whether texts like 'today' and names of relations are values of the type. */
function isMoving({ definition }: SqlType): boolean {
  return 'DR'.includes(definition.category) || definition.name.startsWith('reg');
}

/** The rows of what `rowsPlan` makes. */
function valuesOf(plan: LogicalPlan): readonly (readonly Expression[])[] {
  const values = plan.kind === 'project' ? plan.input : plan;
  invariant(values.kind === 'values', 'rows of literals are values');
  return values.rows;
}

function withRows(plan: LogicalPlan, moreRows: LiteralRows): LogicalPlan {
  if (plan.kind === 'project') return { ...plan, input: withRows(plan.input, moreRows) };
  invariant(plan.kind === 'values', 'rows of literals are values');
  return { ...plan, moreRows };
}

/**
 * The table's full rows: the given values at their columns, undefined where DEFAULT is written, and defaults elsewhere.
 * Those that are no constants are computed over all rows at once.
 */
function rowsPlan(
  binding: StatementBinding,
  table: TableDescriptor,
  { targets, rows, overriding }: GivenRows<Expression | undefined>,
): LogicalPlan {
  const columns = storedColumns(table);
  const sources = columns.map((column) => {
    const source = targets.findIndex((target) => target.column === column);
    const isGiven = source >= 0 && rows.some((row) => row[source] !== undefined);
    return isGiven && takesValues(column, overriding) ? source : -1;
  });
  const defaults = columns.map((column) => defaultOf(binding, table, column));
  const output = rowOutput(table);
  const values = (places: readonly number[]): readonly (readonly Expression[])[] =>
    rows.map((row) => places.map((at) => (sources[at] < 0 ? undefined : row[sources[at]]) ?? defaults[at]));
  // nextval() in a value and in a default count in the order of the columns.
  const isCounting = rows.some((row) => row.some((value) => value !== undefined && someExpression(value, countsCalls)));
  const computed = columns.map((_, at) => !isCounting && sources[at] < 0 && defaults[at].kind !== 'constant');
  if (!computed.includes(true)) return { kind: 'values', rows: values([...columns.keys()]), output };
  const given = [...columns.keys()].filter((at) => !computed[at]);
  return {
    kind: 'project',
    input: { kind: 'values', rows: values(given), output: given.map((at) => output[at]) },
    expressions: columns.map(({ type }, at) =>
      computed[at] ? defaults[at] : { kind: 'column', index: given.indexOf(at), type },
    ),
    output,
  };
}

function countsCalls(expression: Expression): boolean {
  return expression.kind === 'call' && expression.function.countsCalls === true;
}

/** Whether the values that the statement gives go into the column. Throws 428C9 where it counts by itself. */
function takesValues(column: ColumnDescriptor, overriding: InsertStatement['overriding']): boolean {
  if (column.generated !== undefined) throw nonDefaultValue(column);
  if (column.identity === undefined) return true;
  if (overriding === 'user') return false;
  if (column.identity === 'always' && overriding !== 'system') throw nonDefaultValue(column);
  return true;
}

interface GivenQuery {
  readonly targets: readonly InsertTarget[];
  readonly source: Query;
  readonly overriding: InsertStatement['overriding'];
  readonly hasColumnList: boolean;
}

function bindQuerySource(
  binding: StatementBinding,
  table: TableDescriptor,
  { targets, source, overriding, hasColumnList }: GivenQuery,
): LogicalPlan {
  let syntax: readonly (SyntaxExpression | undefined)[] = [];
  const input = bindQuery(binding, source, {
    wantedTypes: targets.map((target) => target.column.type),
    noteSyntax: (columns) => {
      syntax = columns;
    },
  });
  if (input.output.length > targets.length) throw tooManyExpressions(syntax[targets.length]);
  if (hasColumnList && input.output.length < targets.length) throw tooManyTargets(targets, input.output.length);
  const assigned = storedColumns(table).map((column) => {
    const at = targets.findIndex((target) => target.column === column);
    const given = input.output[at];
    if (given === undefined) return undefined;
    return assignColumn(binding, column, {
      expression: { kind: 'column', index: at, type: given.type },
      syntax: syntax[at],
    });
  });
  const expressions = storedColumns(table).map((column, at) => {
    const value = assigned[at];
    return value !== undefined && takesValues(column, overriding) ? value : defaultOf(binding, table, column);
  });
  return { kind: 'project', input, expressions, output: rowOutput(table) };
}

function checkWidth(targets: readonly InsertTarget[], row: readonly SyntaxExpression[], hasColumnList: boolean): void {
  if (row.length > targets.length) throw tooManyExpressions(row[targets.length]);
  if (hasColumnList && row.length < targets.length) throw tooManyTargets(targets, row.length);
}

/** INSERT fills columns as a whole. Throws 42804 for one that has no parts. */
function partOfColumn({ type: { definition } }: ColumnDescriptor, position: number): SqlError {
  if (elementTypeOf(definition) !== undefined || definition.name === 'jsonb') {
    return notSupported('INSERT into a part of a column', position);
  }
  return new SqlError(
    SqlState.DatatypeMismatch,
    `cannot subscript type ${definition.sqlName} because it does not support subscripting`,
    { position },
  );
}

function tooManyExpressions(extra: SyntaxExpression | undefined): SqlError {
  return new SqlError(SqlState.SyntaxError, 'INSERT has more expressions than target columns', {
    position: startOf(extra),
  });
}

function tooManyTargets(targets: readonly InsertTarget[], given: number): SqlError {
  return new SqlError(SqlState.SyntaxError, 'INSERT has more target columns than expressions', {
    position: targets[given]?.position,
  });
}
