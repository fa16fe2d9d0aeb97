import type { CatalogSource } from './catalog-source.ts';
import { SystemTable } from './system-table.ts';

/** A table has fewer columns: so each default has a number of its own. */
const COLUMNS_PER_TABLE = 2048;

/** Defaults of columns. */
export function pgAttrdef(source: CatalogSource): SystemTable {
  return new SystemTable(
    {
      oid: 2604,
      name: 'pg_attrdef',
      rowTypeOid: 10001,
      columns: [
        ['oid', 'oid'],
        ['adrelid', 'oid'],
        ['adnum', 'int2'],
        ['adbin', 'pg_node_tree'],
      ],
    },
    function* () {
      for (const { oid, columns } of source.catalog().tables()) {
        for (const { number, default: value, generated } of columns) {
          const expression = value ?? generated;
          if (expression !== undefined) yield [defaultOid(oid, number), oid, number, expression];
        }
      }
      for (const { oid, columns } of source.catalog().views()) {
        for (const [at, { default: expression }] of columns.entries()) {
          if (expression !== undefined) yield [defaultOid(oid, at + 1), oid, at + 1, expression];
        }
      }
    },
  );
}

/** Defaults are part of their columns here; the number only tells them apart. */
export function defaultOid(tableOid: number, columnNumber: number): number {
  return (tableOid * COLUMNS_PER_TABLE + columnNumber) % 2 ** 32;
}
