import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import { invariant } from '../errors/invariant.ts';
import type { Value } from '../types/value.ts';
import { vectorOf } from '../types/vector-types.ts';
import type { CatalogSource } from './catalog-source.ts';
import { operatorClassOid } from './operator-classes.ts';
import { BTREE_OID, HASH_OID } from './pg-am.ts';
import { physicalType } from './physical-type.ts';
import { indexesOf, type RelationIndex } from './relation-index.ts';
import { partMaker, type RelationPart } from './relation-part.ts';
import { allSystemRelations, type SystemRelation } from './system-relation.ts';

/** Bits of indoption. */
const DESCENDING = 1;
const NULLS_FIRST = 2;
const C_COLLATION = 950;
const METHODS = { btree: BTREE_OID, hash: HASH_OID } as const;

const systemPart = partMaker(function* ({ descriptor, indexes }: SystemRelation) {
  for (const index of indexes) yield indexRow(descriptor, { ...index, isImmediate: true });
});

const tablePart = partMaker(function* (table: TableDescriptor) {
  for (const index of indexesOf(table)) yield indexRow(table, index);
});

/** Indexes, beside what pg_class says of them. */
export function* pgIndexParts(source: CatalogSource): Iterable<RelationPart> {
  for (const relation of allSystemRelations()) yield systemPart(relation);
  for (const table of source.catalog().tables()) if (table.kind !== 'system-table') yield tablePart(table);
}

function indexRow(table: TableDescriptor, index: RelationIndex): Value[] {
  const { columns, includedColumns = [] } = index;
  const described = columns.map(({ columnNumber }) => columnOf(table, columnNumber));
  return [
    index.oid,
    table.oid,
    columns.length + includedColumns.length,
    columns.length,
    index.isUnique,
    index.nullsNotDistinct,
    index.isPrimary,
    false,
    index.isImmediate,
    false,
    true,
    false,
    true,
    true,
    false,
    vectorOf([...columns.map((column) => column.columnNumber), ...includedColumns]),
    vectorOf(columns.map(({ collation }, at) => collationOf(described[at], collation))),
    vectorOf(
      columns.map(({ operatorClass }, at) =>
        operatorClassOid(METHODS[index.method], described[at].type.definition, operatorClass),
      ),
    ),
    vectorOf(columns.map((column) => (column.isDescending ? DESCENDING : 0) + (column.nullsFirst ? NULLS_FIRST : 0))),
    null,
    index.predicate?.expression ?? null,
  ];
}

function collationOf({ type }: ColumnDescriptor, written: string | undefined): number {
  const own = physicalType(type.definition).collationOid;
  return own === 0 || written === undefined || written === 'default' ? own : C_COLLATION;
}

export function columnOf(table: TableDescriptor, number: number): ColumnDescriptor {
  const column = table.columns.find((candidate) => candidate.number === number);
  invariant(column !== undefined, 'an index has columns of its table');
  return column;
}
