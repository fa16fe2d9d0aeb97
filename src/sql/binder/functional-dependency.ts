import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { ColumnExpression, Expression } from '../expression/expression.ts';
import type { BoundGrouping } from './bind-grouping.ts';
import type { Relation, Scope } from './scope.ts';

/**
 * Whether the rows of a group all have the same value in `column`: the primary key of its table is grouped by (in every
 * grouping set).
 */
export function dependsOnKeys(scope: Scope, column: ColumnExpression, { keys, common }: BoundGrouping): boolean {
  const relation = relationOf(scope, column);
  if (relation?.table === undefined) return false;
  const primaryKey = primaryKeyOf(relation.table);
  if (primaryKey === undefined) return false;
  return primaryKey.every((number) =>
    relation.columns.some(
      ({ columnNumber, expression }) =>
        columnNumber === number && common.some((key) => isSameColumn(keys[key], expression)),
    ),
  );
}

function relationOf(scope: Scope, column: ColumnExpression): Relation | undefined {
  return scope.relations.find((relation) =>
    relation.columns.some(({ expression }) => isSameColumn(expression, column)),
  );
}

function isSameColumn(left: Expression, right: Expression): boolean {
  return left.kind === 'column' && right.kind === 'column' && left.index === right.index;
}

/** The column numbers of the primary key; undefined where there is none, or where it is checked late. */
function primaryKeyOf({ uniqueKey, constraints }: TableDescriptor): readonly number[] | undefined {
  if (uniqueKey?.isPrimary === true) return uniqueKey.columnNumbers;
  for (const constraint of constraints) {
    if (constraint.kind === 'key' && constraint.isPrimary && !constraint.isDeferrable) return constraint.columnNumbers;
  }
  return undefined;
}
