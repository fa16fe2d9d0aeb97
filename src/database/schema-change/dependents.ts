import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';

/** Columns of an enum, as errors name what stands in the way of a DROP. */
export function enumDependents(catalog: CatalogReader, { oid, type }: EnumDescriptor): string[] {
  const dependents: string[] = [];
  for (const table of catalog.tables()) {
    for (const column of table.columns) {
      if (column.type.definition.oid !== oid) continue;
      dependents.push(`column ${column.name} of table ${table.name} depends on type ${type.sqlName}`);
    }
  }
  return dependents;
}
