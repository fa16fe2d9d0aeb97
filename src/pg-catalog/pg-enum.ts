import type { CatalogSource } from './catalog-source.ts';
import { SystemTable } from './system-table.ts';

/** Labels of enum types. */
export function pgEnum(source: CatalogSource): SystemTable {
  return new SystemTable(
    {
      oid: 3501,
      name: 'pg_enum',
      rowTypeOid: 10045,
      columns: [
        ['oid', 'oid'],
        ['enumtypid', 'oid'],
        ['enumsortorder', 'float4'],
        ['enumlabel', 'name'],
      ],
    },
    function* () {
      for (const { oid, labels } of source.catalog().enums()) {
        for (const label of labels) yield [label.oid, oid, Math.fround(label.sortOrder), label.name];
      }
    },
  );
}
