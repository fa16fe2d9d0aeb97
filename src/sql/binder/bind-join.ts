import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { FromItem, FromJoin } from '../syntax/from-ast.ts';
import type { Alias } from '../syntax/located.ts';
import { bindCondition } from './bind-expression.ts';
import { type BoundFrom, besides, bindFromItem, joinNode, lateralLevel, type Surroundings } from './bind-from.ts';
import { applyOperator } from './bind-operator.ts';
import type { Operand } from './coerce.ts';
import { coerceToCommon, commonTypeOf } from './common-type.ts';
import { findByName } from './resolve-column.ts';
import { withPresence } from './row-presence.ts';
import { isSystemNumber, joinScopes, type Relation, type Scope, type ScopeColumn } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';
import { boolType } from './well-known-types.ts';

/** JOIN … ON, USING, NATURAL and CROSS JOIN. */
export function bindJoin(binding: StatementBinding, item: FromJoin, around: Surroundings): BoundFrom {
  const isBarred = item.type === 'right' || item.type === 'full';
  const left = bindSide(binding, item.left, around, { isNullable: isBarred });
  const lateral = lateralLevel(binding, left.scope, around.lateral, {
    goesOnLeft: around.lateral !== around.outer,
    isBarred,
  });
  const beside: Surroundings = { ...around, lateral };
  const right = bindSide(binding, item.right, beside, { isNullable: item.type === 'left' || item.type === 'full' });
  const rightScope = besides(left, right);
  const type = item.type === 'cross' ? 'inner' : item.type;
  const merged = mergedNames(item, left.scope, rightScope);
  let scope = joinScopes(left.scope, rightScope);
  let condition: Expression | undefined;
  if (merged !== undefined) {
    [scope, condition] = mergeColumns(binding, { left: left.scope, right: rightScope, type }, merged, item.usingAlias);
  } else if (item.on !== undefined) {
    const visible: Scope = { ...scope, outer: around.outer };
    const context = { binding, scope: visible, clause: 'JOIN conditions', aggregates: undefined } as const;
    condition = bindCondition(context, item.on, 'JOIN/ON');
  }
  scope = withNullableSides(scope, left.scope.relations.length, type);
  const plan = joinNode(type, left.plan, right.plan, condition, lateral);
  return { plan, scope: item.alias === undefined ? withoutSystemColumns(scope) : underAlias(scope, item.alias) };
}

/** What PostgreSQL's tables have without declaring it answers to no bare name once they are joined. */
function withoutSystemColumns(scope: Scope): Scope {
  const columns = scope.columns.filter(({ isHidden, columnNumber }) => !isHidden || !isSystemNumber(columnNumber));
  return columns.length === scope.columns.length ? scope : { ...scope, columns };
}

/** One side, whose rows an outer join may make up. */
function bindSide(
  binding: StatementBinding,
  item: FromItem,
  around: Surroundings,
  { isNullable }: { readonly isNullable: boolean },
): BoundFrom {
  const bound = bindFromItem(binding, item, around);
  if (!isNullable) return bound;
  const marked = withPresence(bound, around.statement);
  if (marked !== bound) binding.record?.from.set(item, marked);
  return marked;
}

/** The sides whose rows an outer join may make up. */
function withNullableSides(scope: Scope, leftCount: number, type: 'inner' | 'left' | 'right' | 'full'): Scope {
  if (type === 'inner') return scope;
  const relations = scope.relations.map((relation, at) => {
    const isFilled = at < leftCount ? type !== 'left' : type !== 'right';
    return isFilled ? { ...relation, isNullable: true } : relation;
  });
  return { ...scope, relations };
}

/** The names that both sides are joined by: those of USING, or all common ones for NATURAL. */
function mergedNames(item: FromJoin, left: Scope, right: Scope): readonly string[] | undefined {
  if (!item.isNatural) return item.using;
  const rightNames = new Set(right.columns.filter((column) => !column.isHidden).map((column) => column.name));
  const names = left.columns.filter((column) => !column.isHidden && rightNames.has(column.name));
  return names.map((column) => column.name);
}

interface JoinedSides {
  readonly left: Scope;
  readonly right: Scope;
  readonly type: 'inner' | 'left' | 'right' | 'full';
}

/**
 * The merged columns come first, once; after them what is left of both sides. A merged column is the value of the side
 * that always has a row; after a FULL JOIN the first of both that is not NULL.
 */
function mergeColumns(
  binding: StatementBinding,
  { left, right, type: joinType }: JoinedSides,
  names: readonly string[],
  alias: Alias | undefined,
): [Scope, Expression | undefined] {
  const pairs: [Operand, Operand][] = [];
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
    for (const { access, columnNumber } of [leftColumn, rightColumn]) access?.noteRead(columnNumber);
    const operandOf = ({ expression }: ScopeColumn): Operand => ({ expression, syntax: undefined });
    const operands: [Operand, Operand] = [operandOf(leftColumn), operandOf(rightColumn)];
    const type = commonTypeOf(operands, 'JOIN/USING');
    const values = coerceToCommon(binding, operands, type, 'JOIN/USING');
    pairs.push(operands);
    const shown = joinType === 'right' ? 1 : 0;
    const expression: Expression = joinType === 'full' ? { kind: 'coalesce', arguments: values, type } : values[shown];
    const source = shown === 0 ? leftColumn : rightColumn;
    const isPlain = expression.kind === 'column';
    columns.push({
      ...source,
      name,
      expression,
      isHidden: false,
      ...(isPlain ? {} : { tableOid: 0, columnNumber: 0 }),
    });
    replaced.add(leftColumn).add(rightColumn);
  }
  // All columns are merged before the first is compared.
  const tests = pairs.map(([leftValue, rightValue]) => applyOperator(binding, '=', leftValue, rightValue, 0));
  const rest = [...left.columns, ...right.columns].filter((column) => !replaced.has(column));
  const relations: Relation[] = [...left.relations, ...right.relations];
  if (alias !== undefined) {
    checkAliasFree(relations, alias.name);
    relations.push({ name: alias.name, table: undefined, isAliased: true, isJoin: true, columns });
  }
  const scope: Scope = { relations, columns: [...columns, ...rest], outer: left.outer };
  if (tests.length <= 1) return [scope, tests[0]];
  return [scope, { kind: 'and', arguments: tests, type: boolType }];
}

function checkAliasFree(relations: readonly Relation[], name: string): void {
  if (!relations.some((relation) => relation.name === name)) return;
  throw new SqlError(SqlState.DuplicateAlias, `table name "${name}" specified more than once`);
}

/** `(a JOIN b …) AS name (columns)`: the names inside are gone. */
function underAlias(scope: Scope, alias: Alias): Scope {
  const shown = scope.columns.filter((column) => !column.isHidden);
  if (alias.columns.length > shown.length) {
    throw new SqlError(
      SqlState.InvalidColumnReference,
      `join expression "${alias.name}" has ${shown.length} columns available but ${alias.columns.length} columns specified`,
    );
  }
  const columns = shown.map(
    (column, at): ScopeColumn => ({ ...column, name: alias.columns[at] ?? column.name, relationName: alias.name }),
  );
  const relation: Relation = { name: alias.name, table: undefined, isAliased: true, isJoin: true, columns };
  return { relations: [relation], columns, outer: scope.outer };
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
