import type { IndexDescriptor } from '../../catalog/index-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';

/** CREATE INDEX. Whether the name is free is found out by `alterTable`. Throws 0A000 for a unique one on a time-series table. */
export function addIndex(table: TableDescriptor, index: IndexDescriptor): TableDescriptor {
  if (table.timeSeries !== undefined && index.isUnique) {
    throw notSupported('a unique index on a time-series table', 0, 'Declare the key when the table is created.');
  }
  return { ...table, indexes: [...table.indexes, index] };
}

/** DROP INDEX. Throws 2BP01 for one that a constraint needs. */
export function dropIndex(table: TableDescriptor, indexOid: number): TableDescriptor {
  const constraint = [
    ...(table.uniqueKey === undefined ? [] : [{ name: table.uniqueKey.name, indexOid: table.uniqueKey.indexOid }]),
    ...table.constraints.filter((candidate) => candidate.kind === 'key'),
  ].find((candidate) => candidate.indexOid === indexOid);
  if (constraint !== undefined) {
    const described = `constraint ${constraint.name} on table ${table.name}`;
    throw new SqlError(
      SqlState.DependentObjectsStillExist,
      `cannot drop index ${constraint.name} because ${described} requires it`,
      { hint: `You can drop ${described} instead.` },
    );
  }
  return { ...table, indexes: table.indexes.filter(({ oid }) => oid !== indexOid) };
}

/** The numbers of all columns without which the index would not be what it is. */
export function columnsOfIndex({ columns, includedColumns = [], predicate }: IndexDescriptor): number[] {
  return [...columns.map(({ columnNumber }) => columnNumber), ...includedColumns, ...(predicate?.columnNumbers ?? [])];
}

/** The table with the predicates of its indexes written anew. */
export function withPredicates(table: TableDescriptor, rewrite: (expression: string) => string): TableDescriptor {
  const indexes = table.indexes.map((index) => {
    const { predicate } = index;
    if (predicate === undefined) return index;
    return { ...index, predicate: { ...predicate, expression: rewrite(predicate.expression) } };
  });
  return { ...table, indexes };
}
