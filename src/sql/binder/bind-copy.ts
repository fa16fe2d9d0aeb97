import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { sqlType, typeByName } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import { columnsUsed } from '../expression/walk-expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import { columnOutput, storedColumns } from './assign-column.ts';
import type { BindContext } from './bind-context.ts';
import { bindCondition } from './bind-expression.ts';
import type { RowsPlan } from './bound-statement.ts';
import { defaultOf } from './column-default.ts';
import { hasGeneratedColumns, withGenerated } from './generated-columns.ts';
import { findByName } from './resolve-column.ts';
import { scopeOf } from './scope.ts';
import { StatementBinding } from './statement-binding.ts';

/** What is made of the rows of a COPY FROM before they are written. */
export interface BoundCopyFrom {
  /** Visible columns of the table, by their places among them, in the order of the data. */
  readonly places: readonly number[];
  /**
   * Reads the columns of the data, with `takesDefaults` one boolean more for each (whether its default is asked for), and
   * the number of the row. Gives the visible columns of the table and the number of the row. undefined: the data has all
   * columns, and nothing else is to be done than to put them in their order.
   */
  readonly plan: RowsPlan | undefined;
}

/**
 * The columns that a COPY names, those that can be copied when it names none. Throws 42703, 42701, and 42P10 for a column
 * that is computed.
 */
export function copyColumns(table: TableDescriptor, names: readonly string[] | undefined): readonly ColumnDescriptor[] {
  const columns = storedColumns(table);
  if (names === undefined) return columns.filter(({ generated }) => generated === undefined);
  const chosen: ColumnDescriptor[] = [];
  for (const name of names) {
    const [column] = findByName(columns, name);
    if (column === undefined) {
      throw new SqlError(SqlState.UndefinedColumn, `column "${name}" of relation "${table.name}" does not exist`);
    }
    if (column.generated !== undefined) {
      throw new SqlError(SqlState.InvalidColumnReference, `column "${column.name}" is a generated column`, {
        detail: 'Generated columns cannot be used in COPY.',
      });
    }
    if (chosen.includes(column)) {
      throw new SqlError(SqlState.DuplicateColumn, `column "${name}" specified more than once`);
    }
    chosen.push(column);
  }
  return chosen;
}

/** Values for the columns that the data lacks, WHERE, generated columns. Throws what binding throws. */
export function bindCopyFrom(
  context: BindContext,
  table: TableDescriptor,
  columns: readonly ColumnDescriptor[],
  { where, takesDefaults }: { readonly where: SyntaxExpression | undefined; readonly takesDefaults: boolean },
): BoundCopyFrom {
  const visible = storedColumns(table);
  const places = columns.map((column) => visible.indexOf(column));
  const isPlain = columns.length === visible.length && where === undefined && !takesDefaults;
  if (isPlain) return { places, plan: undefined };
  const binding = new StatementBinding(context);
  const id = binding.nextCommonTable();
  const input = dataPlan(table, columns, { id, takesDefaults });
  const rowNumberAt = input.output.length - 1;
  const expressions = visible.map((column): Expression => {
    const at = columns.indexOf(column);
    const missing = (): Expression => defaultOf(binding, table, column);
    if (at < 0) return missing();
    const given: Expression = { kind: 'column', index: at, type: column.type };
    if (!takesDefaults) return given;
    const isAsked: Expression = { kind: 'column', index: columns.length + at, type: booleanType };
    return { kind: 'case', branches: [{ when: isAsked, then: missing() }], otherwise: given, type: column.type };
  });
  const rowNumber: Expression = { kind: 'column', index: rowNumberAt, type: rowNumberType };
  let plan: LogicalPlan = {
    kind: 'project',
    input,
    expressions: [...expressions, rowNumber],
    output: [...visible.map((column) => columnOutput(table, column)), rowNumberOutput],
  };
  if (where !== undefined) {
    plan = { kind: 'filter', input: plan, condition: bindWhere(binding, table, where), output: plan.output };
  }
  if (hasGeneratedColumns(table)) plan = withGenerated(context, table, plan, 0);
  return { places, plan: { id, source: plan } };
}

const booleanType = sqlType(typeByName('bool')!);
const rowNumberType = sqlType(typeByName('float8')!);
const rowNumberOutput: OutputColumn = { name: '?column?', type: rowNumberType, tableOid: 0, columnNumber: 0 };

function dataPlan(
  table: TableDescriptor,
  columns: readonly ColumnDescriptor[],
  { id, takesDefaults }: { readonly id: number; readonly takesDefaults: boolean },
): LogicalPlan {
  const marks = takesDefaults ? columns.map((): OutputColumn => ({ ...rowNumberOutput, type: booleanType })) : [];
  const output = [...columns.map((column) => columnOutput(table, column)), ...marks, rowNumberOutput];
  return { kind: 'cte-scan', id, name: table.name, columns: [...output.keys()], output };
}

function bindWhere(binding: StatementBinding, table: TableDescriptor, where: SyntaxExpression): Expression {
  const visible = storedColumns(table);
  const scope = scopeOf({
    name: table.name,
    table,
    isAliased: false,
    columns: visible.map(({ name, type, number }, index) => ({
      name,
      expression: { kind: 'column', index, type },
      relationName: table.name,
      tableOid: table.oid,
      columnNumber: number,
      isHidden: false,
    })),
  });
  const condition = bindCondition(
    { binding, scope, clause: 'COPY FROM WHERE conditions', aggregates: undefined },
    where,
    'WHERE',
  );
  const generated = columnsUsed(condition).find((at) => visible[at].generated !== undefined);
  if (generated === undefined) return condition;
  throw new SqlError(
    SqlState.InvalidColumnReference,
    'generated columns are not supported in COPY FROM WHERE conditions',
    { detail: `Column "${visible[generated].name}" is a generated column.` },
  );
}
