import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan, OutputColumn, ValuesNode } from '../plan/logical-plan.ts';
import type { SelectStatement, SyntaxExpression } from '../syntax/ast.ts';
import { bindOperand } from './bind-expression.ts';
import { bindLimit } from './bind-limit.ts';
import { keepFirst } from './bind-select.ts';
import { bindSortKeys } from './bind-sort.ts';
import { coerce } from './coerce.ts';
import { coerceToCommon, commonTypeOf } from './common-type.ts';
import { constantContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';
import { type ScopeColumn, scopeOf } from './scope.ts';
import { outputColumnOf, SelectList } from './select-list.ts';
import type { StatementBinding } from './statement-binding.ts';
import { isUnknown } from './well-known-types.ts';

const RELATION_NAME = '*VALUES*';

/** VALUES as a query: columns column1, column2 …, each of the type that all its items can become. */
export function bindValues(
  binding: StatementBinding,
  statement: SelectStatement,
  wantedTypes: readonly SqlType[] = [],
): LogicalPlan {
  const rows = statement.values ?? [];
  checkRowLengths(rows);
  const plan = valuesNode(binding, rows, wantedTypes);
  if (statement.orderBy.length === 0 && statement.limit === undefined && statement.offset === undefined) return plan;
  const columns = plan.output.map(
    (column, index): ScopeColumn => ({
      name: column.name,
      expression: { kind: 'column', index, type: column.type },
      relationName: RELATION_NAME,
      tableOid: 0,
      columnNumber: 0,
      isHidden: false,
    }),
  );
  const scope = scopeOf({ name: RELATION_NAME, table: undefined, isAliased: true, columns });
  const context = { binding, scope, clause: 'ORDER BY', aggregates: undefined } as const;
  const star = { kind: 'star', qualifier: [], position: 0 } as const;
  const list = new SelectList(context, [{ alias: undefined, expression: star, position: 0 }]);
  const keys = bindSortKeys(context, statement.orderBy, list);
  const offset = bindLimit(binding, scope, statement.offset, 'OFFSET');
  const count = bindLimit(binding, scope, statement.limit, 'LIMIT');
  const output = list.items.map(outputColumnOf);
  const expressions = list.items.map((item) => item.expression);
  let ordered: LogicalPlan = { kind: 'project', input: plan, expressions, output };
  if (keys.length > 0) ordered = { kind: 'sort', input: ordered, keys, output };
  if (offset !== undefined || count !== undefined) ordered = { kind: 'limit', input: ordered, offset, count, output };
  return keepFirst(ordered, list.visibleCount);
}

/** Throws 42601 at the first list that is not as long as the first one. */
export function checkRowLengths(rows: readonly (readonly SyntaxExpression[])[]): void {
  const width = rows[0]?.length ?? 0;
  const odd = rows.find((row) => row.length !== width);
  if (odd === undefined) return;
  throw new SqlError(SqlState.SyntaxError, 'VALUES lists must all be the same length', { position: startOf(odd[0]) });
}

function valuesNode(
  binding: StatementBinding,
  rows: readonly (readonly SyntaxExpression[])[],
  wantedTypes: readonly SqlType[],
): ValuesNode {
  const context = constantContext(binding, 'VALUES');
  const operands = rows.map((row) => row.map((item) => bindOperand(context, item)));
  const columns: Expression[][] = [];
  const output: OutputColumn[] = [];
  for (let column = 0; column < (rows[0]?.length ?? 0); column++) {
    const items = operands.map((row) => row[column]);
    const wanted = wantedTypes[column];
    const areUntyped = items.every((item) => isUnknown(item.expression.type));
    const type = areUntyped && wanted !== undefined ? wanted : commonTypeOf(items, 'VALUES');
    columns.push(
      areUntyped && wanted !== undefined
        ? items.map((item) => coerce(binding, item, type, 'assignment') ?? item.expression)
        : coerceToCommon(binding, items, type, 'VALUES'),
    );
    output.push({ name: `column${column + 1}`, type, tableOid: 0, columnNumber: 0 });
  }
  return { kind: 'values', rows: rows.map((_, row) => columns.map((column) => column[row])), output };
}
