import type { CatalogSource } from './catalog-source.ts';
import { SystemTable } from './system-table.ts';

/** Schemas. */
export function pgNamespace(source: CatalogSource): SystemTable {
  return new SystemTable(
    {
      oid: 2615,
      name: 'pg_namespace',
      rowTypeOid: 10014,
      columns: [
        ['oid', 'oid'],
        ['nspname', 'name'],
        ['nspowner', 'oid'],
        ['nspacl', '_aclitem', 'null'],
      ],
    },
    function* () {
      for (const schema of source.catalog().schemas()) yield [schema.oid, schema.name, schema.ownerOid, null];
    },
  );
}
