import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';

/** How sequences count. */
export function* pgSequenceRows(source: CatalogSource): Iterable<Value[]> {
  for (const { oid, type, start, increment, max, min, cache, isCycled } of source.catalog().sequences()) {
    yield [oid, type.oid, start, increment, max, min, cache, isCycled];
  }
}
