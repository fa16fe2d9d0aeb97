import { SystemTable } from './system-table.ts';

/** Access methods. Clients join it to learn how a relation is stored; to them our tables are heaps. */
export function pgAm(): SystemTable {
  return new SystemTable(
    {
      oid: 2601,
      name: 'pg_am',
      rowTypeOid: 10015,
      columns: [
        ['oid', 'oid'],
        ['amname', 'name'],
        ['amhandler', 'regproc'],
        ['amtype', 'char'],
      ],
    },
    () => [
      [HEAP_OID, 'heap', 0, 't'],
      [BTREE_OID, 'btree', 0, 'i'],
      [HASH_OID, 'hash', 0, 'i'],
    ],
  );
}

export const HEAP_OID = 2;
export const BTREE_OID = 403;
export const HASH_OID = 405;
