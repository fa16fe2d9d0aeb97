import type { CatalogSource } from './catalog-source.ts';
import { SystemTable } from './system-table.ts';

/** Roles, with the password blanked as in PostgreSQL's view. */
export function pgRoles(source: CatalogSource): SystemTable {
  return new SystemTable(
    {
      oid: 12000,
      name: 'pg_roles',
      rowTypeOid: 12002,
      isView: true,
      columns: [
        ['rolname', 'name', 'null'],
        ['rolsuper', 'bool', 'null'],
        ['rolinherit', 'bool', 'null'],
        ['rolcreaterole', 'bool', 'null'],
        ['rolcreatedb', 'bool', 'null'],
        ['rolcanlogin', 'bool', 'null'],
        ['rolreplication', 'bool', 'null'],
        ['rolconnlimit', 'int4', 'null'],
        ['rolpassword', 'text', 'null'],
        ['rolvaliduntil', 'timestamptz', 'null'],
        ['rolbypassrls', 'bool', 'null'],
        ['rolconfig', '_text', 'null'],
        ['oid', 'oid', 'null'],
      ],
    },
    function* () {
      for (const { oid, name, isSuperuser, canLogin } of source.roles()) {
        yield [
          name,
          isSuperuser,
          true,
          isSuperuser,
          isSuperuser,
          canLogin,
          isSuperuser,
          -1,
          '********',
          null,
          isSuperuser,
          null,
          oid,
        ];
      }
    },
  );
}
