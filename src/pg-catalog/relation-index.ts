import type { IndexColumn, IndexPredicate } from '../catalog/index-descriptor.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';

/** An index as the catalog shows it: kept in memory, or what the order of a time-series table's rows answers. */
export interface RelationIndex {
  readonly oid: number;
  readonly name: string;
  readonly method: 'btree' | 'hash';
  readonly columns: readonly IndexColumn[];
  readonly isUnique: boolean;
  readonly isPrimary: boolean;
  readonly nullsNotDistinct: boolean;
  readonly includedColumns?: readonly number[];
  readonly predicate?: IndexPredicate;
  /** Checked at the end of each statement at the latest. */
  readonly isImmediate: boolean;
}

/** The indexes of a table, that of a time-series table's key among them. */
export function indexesOf({ indexes, constraints, uniqueKey }: TableDescriptor): RelationIndex[] {
  const shown = indexes.map((index): RelationIndex => {
    const key = constraints.find((constraint) => constraint.kind === 'key' && constraint.indexOid === index.oid);
    const isKey = key?.kind === 'key';
    return { ...index, isPrimary: isKey && key.isPrimary, isImmediate: !(isKey && key.isDeferrable) };
  });
  if (uniqueKey === undefined) return shown;
  const { indexOid, name, isPrimary, columnNumbers, nullsNotDistinct } = uniqueKey;
  const columns = columnNumbers.map((columnNumber) => ({ columnNumber, isDescending: false, nullsFirst: false }));
  return [
    {
      oid: indexOid,
      name,
      method: 'btree',
      columns,
      isUnique: true,
      isPrimary,
      nullsNotDistinct,
      isImmediate: true,
    },
    ...shown,
  ];
}
