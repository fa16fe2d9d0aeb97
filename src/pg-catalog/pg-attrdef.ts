import type { StoredView } from '../catalog/catalog-object.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { CatalogSource } from './catalog-source.ts';
import { partMaker, type RelationPart } from './relation-part.ts';

/** A table has fewer columns: so each default has a number of its own. */
const COLUMNS_PER_TABLE = 2048;

const tablePart = partMaker(function* ({ oid, columns }: TableDescriptor) {
  for (const { number, default: value, generated } of columns) {
    const expression = value ?? generated;
    if (expression !== undefined) yield [defaultOid(oid, number), oid, number, expression];
  }
});

const viewPart = partMaker(function* ({ oid, columns }: StoredView) {
  for (const [at, { default: expression }] of columns.entries()) {
    if (expression !== undefined) yield [defaultOid(oid, at + 1), oid, at + 1, expression];
  }
});

/** Defaults of columns. */
export function* pgAttrdefParts(source: CatalogSource): Iterable<RelationPart> {
  for (const table of source.catalog().tables()) if (table.kind !== 'system-table') yield tablePart(table);
  for (const view of source.catalog().views()) yield viewPart(view);
}

/** Defaults are part of their columns here; the number only tells them apart. */
export function defaultOid(tableOid: number, columnNumber: number): number {
  return (tableOid * COLUMNS_PER_TABLE + columnNumber) % 2 ** 32;
}
