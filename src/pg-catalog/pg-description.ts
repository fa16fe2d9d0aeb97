import type { CatalogSource } from './catalog-source.ts';
import { SystemTable } from './system-table.ts';

/** Comments. */
export function pgDescription(source: CatalogSource): SystemTable {
  return new SystemTable(
    {
      oid: 2609,
      name: 'pg_description',
      rowTypeOid: 10041,
      columns: [
        ['objoid', 'oid'],
        ['classoid', 'oid'],
        ['objsubid', 'int4'],
        ['description', 'text'],
      ],
    },
    function* () {
      for (const { objectOid, classOid, subId, text } of source.catalog().comments()) {
        yield [objectOid, classOid, subId, text];
      }
    },
  );
}
