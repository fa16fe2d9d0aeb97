import type { CatalogSource } from './catalog-source.ts';
import { SystemTable } from './system-table.ts';

/** How sequences count. */
export function pgSequence(source: CatalogSource): SystemTable {
  return new SystemTable(
    {
      oid: 2224,
      name: 'pg_sequence',
      rowTypeOid: 10105,
      columns: [
        ['seqrelid', 'oid'],
        ['seqtypid', 'oid'],
        ['seqstart', 'int8'],
        ['seqincrement', 'int8'],
        ['seqmax', 'int8'],
        ['seqmin', 'int8'],
        ['seqcache', 'int8'],
        ['seqcycle', 'bool'],
      ],
    },
    function* () {
      for (const { oid, type, start, increment, max, min, cache, isCycled } of source.catalog().sequences()) {
        yield [oid, type.oid, start, increment, max, min, cache, isCycled];
      }
    },
  );
}
