import type { ConstraintDescriptor } from '../../catalog/constraint-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { assertColumnNameFree, columnOf, withColumn } from './find-column.ts';
import { withPredicates } from './indexes.ts';
import { assertConstraintNameFree } from './new-constraint.ts';

/**
 * The table with another name for a column. CHECKs and generation expressions are kept as SQL: `rewrite` gives the text of an expression
 * over the table with the name replaced. Throws 42701.
 */
export function renameColumn(
  table: TableDescriptor,
  columnNumber: number,
  name: string,
  rewrite: (expression: string) => string,
): TableDescriptor {
  const column = columnOf(table, columnNumber);
  assertColumnNameFree(table, name);
  const constraints = table.constraints.map(
    (constraint): ConstraintDescriptor =>
      constraint.kind === 'check' && constraint.columnNumbers.includes(columnNumber)
        ? { ...constraint, expression: rewrite(constraint.expression) }
        : constraint,
  );
  const renamed = withColumn(table, { ...column, name });
  const columns = renamed.columns.map((other) =>
    other.generated === undefined ? other : { ...other, generated: rewrite(other.generated) },
  );
  return withPredicates({ ...renamed, columns, constraints }, rewrite);
}

/** Whether the name is free is found out by `alterTable`. */
export function renameTable(table: TableDescriptor, name: string): TableDescriptor {
  return { ...table, name };
}

/** A key's index has the name of the constraint, and goes with it. Throws 42710. */
export function renameConstraint(table: TableDescriptor, constraintOid: number, name: string): TableDescriptor {
  assertConstraintNameFree(table, name);
  if (table.uniqueKey?.constraintOid === constraintOid) return { ...table, uniqueKey: { ...table.uniqueKey, name } };
  const renamed = table.constraints.find(({ oid }) => oid === constraintOid);
  const constraints = table.constraints.map(
    (constraint): ConstraintDescriptor => (constraint.oid === constraintOid ? { ...constraint, name } : constraint),
  );
  if (renamed?.kind !== 'key') return { ...table, constraints };
  return { ...table, constraints, indexes: withIndexName(table, renamed.indexOid, name) };
}

/** The constraint that an index keeps is renamed with it. Throws 42710. */
export function renameIndex(table: TableDescriptor, indexOid: number, name: string): TableDescriptor {
  if (table.uniqueKey?.indexOid === indexOid) return renameConstraint(table, table.uniqueKey.constraintOid, name);
  const constraint = table.constraints.find((candidate) => candidate.kind === 'key' && candidate.indexOid === indexOid);
  if (constraint !== undefined) return renameConstraint(table, constraint.oid, name);
  return { ...table, indexes: withIndexName(table, indexOid, name) };
}

function withIndexName(table: TableDescriptor, indexOid: number, name: string): TableDescriptor['indexes'] {
  return table.indexes.map((index) => (index.oid === indexOid ? { ...index, name } : index));
}
