import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import type { ForeignKeyConstraint } from '../../catalog/constraint-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';

/** A reference from one table, the child, to another, the parent, or to itself. */
export interface ForeignKey {
  readonly constraint: ForeignKeyConstraint;
  readonly child: TableDescriptor;
  readonly parent: TableDescriptor;
  /** The columns that refer and those that they refer to, pair by pair. */
  readonly childColumns: readonly ColumnDescriptor[];
  readonly parentColumns: readonly ColumnDescriptor[];
}

/** By the OID of the parent. Catalogs never change: each is gone through once. */
const byParent = new WeakMap<CatalogReader, ReadonlyMap<number, readonly ForeignKey[]>>();

const none: readonly ForeignKey[] = [];

/** What the table refers to, in the order in which the constraints were made. */
export function foreignKeysOf(catalog: CatalogReader, table: TableDescriptor): readonly ForeignKey[] {
  if (table.constraints.every((constraint) => constraint.kind !== 'foreign-key')) return none;
  return table.constraints.flatMap((constraint) => {
    if (constraint.kind !== 'foreign-key') return [];
    const parent = catalog.tableByOid(constraint.referencedTableOid);
    return parent === undefined ? [] : [foreignKey(constraint, table, parent)];
  });
}

/** What refers to the table, in the order in which the constraints were made. */
export function foreignKeysTo(catalog: CatalogReader, table: TableDescriptor): readonly ForeignKey[] {
  let known = byParent.get(catalog);
  if (known === undefined) {
    known = collect(catalog);
    byParent.set(catalog, known);
  }
  return known.get(table.oid) ?? none;
}

/** The foreign key of an OID; undefined once it was dropped. */
export function foreignKeyByOid(catalog: CatalogReader, childOid: number, oid: number): ForeignKey | undefined {
  const child = catalog.tableByOid(childOid);
  if (child === undefined) return undefined;
  return foreignKeysOf(catalog, child).find((key) => key.constraint.oid === oid);
}

export function typesOf(columns: readonly ColumnDescriptor[]): readonly TypeDefinition[] {
  return columns.map((column) => column.type.definition);
}

function collect(catalog: CatalogReader): ReadonlyMap<number, readonly ForeignKey[]> {
  const found = new Map<number, ForeignKey[]>();
  for (const child of catalog.tables()) {
    for (const key of foreignKeysOf(catalog, child)) {
      const siblings = found.get(key.parent.oid);
      if (siblings === undefined) found.set(key.parent.oid, [key]);
      else siblings.push(key);
    }
  }
  for (const keys of found.values()) keys.sort((left, right) => left.constraint.oid - right.constraint.oid);
  return found;
}

function foreignKey(constraint: ForeignKeyConstraint, child: TableDescriptor, parent: TableDescriptor): ForeignKey {
  return {
    constraint,
    child,
    parent,
    childColumns: columnsNumbered(child, constraint.columnNumbers),
    parentColumns: columnsNumbered(parent, constraint.referencedColumnNumbers),
  };
}

/** The columns of these numbers, in their order, which the table has. */
export function columnsNumbered(table: TableDescriptor, numbers: readonly number[]): readonly ColumnDescriptor[] {
  return numbers.map((number) => {
    const column = table.columns.find((candidate) => candidate.number === number);
    invariant(column !== undefined, 'a foreign key goes with its columns');
    return column;
  });
}
