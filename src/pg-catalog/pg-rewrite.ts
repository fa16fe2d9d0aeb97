import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';
import { defaultOid } from './pg-attrdef.ts';

/** The rule that makes a view of a relation: the only kind that there is. */
export function* pgRewriteRows(source: CatalogSource): Iterable<Value[]> {
  for (const { oid, query } of source.catalog().views()) {
    yield [ruleOid(oid), '_RETURN', oid, '1', 'O', true, '<>', query];
  }
}

/** Rules are part of their views here; the number, which no column's default has, only tells them apart. */
export function ruleOid(viewOid: number): number {
  return defaultOid(viewOid, 0);
}
