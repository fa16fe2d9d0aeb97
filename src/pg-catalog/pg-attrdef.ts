import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';

/** A table has fewer columns: so each default has a number of its own. */
const COLUMNS_PER_TABLE = 2048;

/** Defaults of columns. */
export function* pgAttrdefRows(source: CatalogSource): Iterable<Value[]> {
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
}

/** Defaults are part of their columns here; the number only tells them apart. */
export function defaultOid(tableOid: number, columnNumber: number): number {
  return (tableOid * COLUMNS_PER_TABLE + columnNumber) % 2 ** 32;
}
