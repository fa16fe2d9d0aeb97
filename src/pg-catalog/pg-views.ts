import type { CatalogSource } from './catalog-source.ts';
import { SystemTable } from './system-table.ts';

/** Views, with their queries as the session is shown them. */
export function pgViews(source: CatalogSource): SystemTable {
  return new SystemTable(
    {
      oid: 12028,
      name: 'pg_views',
      rowTypeOid: 12030,
      isView: true,
      columns: [
        ['schemaname', 'name', 'null'],
        ['viewname', 'name', 'null'],
        ['viewowner', 'name', 'null'],
        ['definition', 'text', 'null'],
      ],
    },
    function* () {
      const owners = new Map([...source.roles()].map(({ oid, name }) => [oid, name]));
      for (const view of source.catalog().views()) {
        yield [view.schemaName, view.name, owners.get(view.ownerOid) ?? null, source.viewDefinition(view)];
      }
    },
  );
}
