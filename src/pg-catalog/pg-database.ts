import type { CatalogSource } from './catalog-source.ts';
import { SystemTable } from './system-table.ts';

const UTF8 = 6;
const DEFAULT_TABLESPACE = 1663;

/** The databases of this instance, which all have UTF-8 and byte order. */
export function pgDatabase(source: CatalogSource): SystemTable {
  return new SystemTable(
    {
      oid: 1262,
      name: 'pg_database',
      rowTypeOid: 1248,
      columns: [
        ['oid', 'oid'],
        ['datname', 'name'],
        ['datdba', 'oid'],
        ['encoding', 'int4'],
        ['datlocprovider', 'char'],
        ['datistemplate', 'bool'],
        ['datallowconn', 'bool'],
        ['datconnlimit', 'int4'],
        ['datfrozenxid', 'xid'],
        ['datminmxid', 'xid'],
        ['dattablespace', 'oid'],
        ['datcollate', 'text'],
        ['datctype', 'text'],
        ['daticulocale', 'text', 'null'],
        ['datcollversion', 'text', 'null'],
        ['datacl', '_aclitem', 'null'],
      ],
    },
    function* () {
      for (const { oid, name, ownerOid } of source.databases()) {
        yield [
          oid,
          name,
          ownerOid,
          UTF8,
          'c',
          false,
          true,
          -1,
          0,
          0,
          DEFAULT_TABLESPACE,
          'C.UTF-8',
          'C.UTF-8',
          null,
          null,
          null,
        ];
      }
    },
  );
}
