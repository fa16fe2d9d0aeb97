import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import type { ConstraintDescriptor } from '../../catalog/constraint-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { addCheck, addForeignKey, addKey, type NewCheck, type NewForeignKey, type NewKey } from './new-constraint.ts';

export type NewConstraint =
  | ({ readonly kind: 'key' } & NewKey)
  | ({ readonly kind: 'check' } & NewCheck)
  | ({ readonly kind: 'foreign-key' } & NewForeignKey);

/**
 * ADD CONSTRAINT to a table that may have rows: whether they satisfy it is for the caller to find out. Throws what `addKey`,
 * `addCheck` and `addForeignKey` throw, and 0A000 for a key of a time-series table, by which its rows would be stored.
 */
export function addConstraint(
  table: TableDescriptor,
  constraint: NewConstraint,
  environment: { readonly catalog: CatalogReader; readonly takeOid: () => number },
): TableDescriptor {
  switch (constraint.kind) {
    case 'key': {
      const { kind: _, ...key } = constraint;
      if (table.timeSeries === undefined) return addKey(table, key, environment.takeOid);
      throw notSupported(
        'adding a key to a time-series table',
        0,
        'Declare the key when the table is created: its rows are stored by it.',
      );
    }
    case 'check': {
      const { kind: _, ...check } = constraint;
      return addCheck(table, check, environment.takeOid);
    }
    default: {
      const { kind: _, ...key } = constraint;
      return addForeignKey(table, key, environment);
    }
  }
}

/**
 * DROP CONSTRAINT: a key's index goes with it; columns of a primary key stay NOT NULL. Foreign keys that rely on a key are
 * for the caller to look for. Throws 0A000 for the key of a time-series table.
 */
export function dropConstraint(table: TableDescriptor, constraintOid: number): TableDescriptor {
  if (table.uniqueKey?.constraintOid === constraintOid) {
    throw notSupported('dropping the key of a time-series table', 0, 'Its rows are stored by it.');
  }
  const dropped = table.constraints.find(({ oid }) => oid === constraintOid);
  const indexOid = dropped?.kind === 'key' ? dropped.indexOid : undefined;
  return {
    ...table,
    constraints: table.constraints.filter(({ oid }) => oid !== constraintOid),
    indexes: table.indexes.filter(({ oid }) => oid !== indexOid),
  };
}

/** VALIDATE CONSTRAINT, once the caller has found every row to satisfy it. Throws 42809 for a key. */
export function validateConstraint(table: TableDescriptor, constraintOid: number): TableDescriptor {
  const constraints = table.constraints.map((constraint): ConstraintDescriptor => {
    if (constraint.oid !== constraintOid) return constraint;
    if (constraint.kind !== 'key') return { ...constraint, isValidated: true };
    throw new SqlError(
      SqlState.WrongObjectType,
      `constraint "${constraint.name}" of relation "${table.name}" is not a foreign key or check constraint`,
    );
  });
  return { ...table, constraints };
}
