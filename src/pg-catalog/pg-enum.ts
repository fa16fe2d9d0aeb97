import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';

/** Labels of enum types. */
export function* pgEnumRows(source: CatalogSource): Iterable<Value[]> {
  for (const { oid, labels } of source.catalog().enums()) {
    for (const label of labels) yield [label.oid, oid, Math.fround(label.sortOrder), label.name];
  }
}
