import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { FromJoin } from '../syntax/ast.ts';
import { bindCondition } from './bind-expression.ts';
import { type BoundFrom, besides, bindFromItem, joinNode } from './bind-from.ts';
import { applyOperator } from './bind-operator.ts';
import { coerceToCommon, commonTypeOf } from './common-type.ts';
import { findByName } from './resolve-column.ts';
import { joinScopes, type Relation, type Scope, type ScopeColumn } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';
import { boolType } from './well-known-types.ts';

/** JOIN … ON, USING, NATURAL and CROSS JOIN. */
export function bindJoin(binding: StatementBinding, item: FromJoin, siblings: readonly Relation[]): BoundFrom {
  const left = bindFromItem(binding, item.left, siblings);
  const right = bindFromItem(binding, item.right, [...siblings, ...left.scope.relations]);
  const rightScope = besides(left, right);
  const merged = mergedNames(item, left.scope, rightScope);
  let scope = joinScopes(left.scope, rightScope);
  let condition: Expression | undefined;
  if (merged !== undefined) [scope, condition] = mergeColumns(binding, left.scope, rightScope, merged);
  else if (item.on !== undefined) {
    const visible: Scope = { ...scope, outside: siblings };
    const context = { binding, scope: visible, clause: 'JOIN conditions', aggregates: undefined } as const;
    condition = bindCondition(context, item.on, 'JOIN/ON');
  }
  const plan = joinNode(item.type === 'left' ? 'left' : 'inner', left.plan, right.plan, condition);
  return { plan, scope };
}

/** The names that both sides are joined by: those of USING, or all common ones for NATURAL. */
function mergedNames(item: FromJoin, left: Scope, right: Scope): readonly string[] | undefined {
  if (!item.isNatural) return item.using;
  const rightNames = new Set(right.columns.filter((column) => !column.isHidden).map((column) => column.name));
  const names = left.columns.filter((column) => !column.isHidden && rightNames.has(column.name));
  return names.map((column) => column.name);
}

/**
 * The merged columns come first, once; after them what is left of both sides. Since only inner and left joins exist, a
 * merged column is the left side's value.
 */
function mergeColumns(
  binding: StatementBinding,
  left: Scope,
  right: Scope,
  names: readonly string[],
): [Scope, Expression | undefined] {
  const tests: Expression[] = [];
  const columns: ScopeColumn[] = [];
  const replaced = new Set<ScopeColumn>();
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw new SqlError(SqlState.DuplicateColumn, `column name "${name}" appears more than once in USING clause`);
    }
    seen.add(name);
    const leftColumn = columnFor(left, name, 'left');
    const rightColumn = columnFor(right, name, 'right');
    const operands = [leftColumn, rightColumn].map((column) => ({ expression: column.expression, syntax: undefined }));
    const type = commonTypeOf(operands, 'JOIN/USING');
    const [value] = coerceToCommon(binding, operands, type, 'JOIN/USING');
    tests.push(applyOperator(binding, '=', operands[0], operands[1], 0));
    columns.push({ ...leftColumn, name, expression: value, isHidden: false });
    replaced.add(leftColumn).add(rightColumn);
  }
  const rest = [...left.columns, ...right.columns].filter((column) => !replaced.has(column));
  const scope: Scope = {
    relations: [...left.relations, ...right.relations],
    columns: [...columns, ...rest],
    outside: left.outside,
  };
  if (tests.length <= 1) return [scope, tests[0]];
  return [scope, { kind: 'and', arguments: tests, type: boolType }];
}

function columnFor(scope: Scope, name: string, side: 'left' | 'right'): ScopeColumn {
  const matches = findByName(
    scope.columns.filter((column) => !column.isHidden),
    name,
  );
  if (matches.length > 1) {
    throw new SqlError(
      SqlState.AmbiguousColumn,
      `common column name "${name}" appears more than once in ${side} table`,
    );
  }
  const [column] = matches;
  if (column !== undefined) return column;
  throw new SqlError(
    SqlState.UndefinedColumn,
    `column "${name}" specified in USING clause does not exist in ${side} table`,
  );
}
