import type { CatalogSource } from './catalog-source.ts';
import { defaultOid } from './pg-attrdef.ts';
import { SystemTable } from './system-table.ts';

/** The rule that makes a view of a relation: the only kind that there is. */
export function pgRewrite(source: CatalogSource): SystemTable {
  return new SystemTable(
    {
      oid: 2618,
      name: 'pg_rewrite',
      rowTypeOid: 10035,
      columns: [
        ['oid', 'oid'],
        ['rulename', 'name'],
        ['ev_class', 'oid'],
        ['ev_type', 'char'],
        ['ev_enabled', 'char'],
        ['is_instead', 'bool'],
        ['ev_qual', 'pg_node_tree'],
        ['ev_action', 'pg_node_tree'],
      ],
    },
    function* () {
      for (const { oid, query } of source.catalog().views()) {
        yield [ruleOid(oid), '_RETURN', oid, '1', 'O', true, '<>', query];
      }
    },
  );
}

/** Rules are part of their views here; the number, which no column's default has, only tells them apart. */
export function ruleOid(viewOid: number): number {
  return defaultOid(viewOid, 0);
}
