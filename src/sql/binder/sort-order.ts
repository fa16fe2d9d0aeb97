import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { resolveOperator } from '../../functions/resolve-overload.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { SortKey } from '../plan/sort-nodes.ts';
import type { OrderItem } from '../syntax/query-ast.ts';
import { operatorError } from './bind-operator.ts';
import { writtenStartOf } from './expression-position.ts';

/**
 * Which way an item of ORDER BY sorts values of `type`. Throws 42883 for types without an order, 42809 for an operator
 * behind USING that is not one of an order.
 */
export function sortOrderOf(item: OrderItem, type: SqlType): Pick<SortKey, 'isDescending' | 'nullsFirst'> {
  if (!type.definition.isComparable) {
    throw new SqlError(
      SqlState.UndefinedFunction,
      `could not identify an ordering operator for type ${type.definition.sqlName}`,
      { position: writtenStartOf(item.expression), hint: 'Use an explicit ordering operator or modify the query.' },
    );
  }
  const isDescending = item.using === undefined ? item.direction === 'desc' : isGreater(item.using, type);
  return { isDescending, nullsFirst: item.nulls === 'default' ? isDescending : item.nulls === 'first' };
}

function isGreater({ name, position }: NonNullable<OrderItem['using']>, { definition }: SqlType): boolean {
  if (name === '<' || name === '>') return name === '>';
  const found = resolveOperator(name, definition, definition);
  if (typeof found === 'string') throw operatorError(found, name, definition, definition, position);
  throw new SqlError(SqlState.WrongObjectType, `operator ${name} is not a valid ordering operator`, {
    position,
    hint: 'Ordering operators must be "<" or ">" members of btree operator families.',
  });
}

/** Throws 42883 for a key of GROUP BY, DISTINCT or PARTITION BY whose values cannot be told apart. */
export function checkEquality(type: SqlType, position: number): void {
  const { definition } = type;
  if (definition.isComparable) return;
  throw new SqlError(
    SqlState.UndefinedFunction,
    `could not identify an equality operator for type ${definition.sqlName}`,
    { position },
  );
}
