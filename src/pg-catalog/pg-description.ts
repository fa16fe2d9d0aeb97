import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';

/** Comments. */
export function* pgDescriptionRows(source: CatalogSource): Iterable<Value[]> {
  for (const { objectOid, classOid, subId, text } of source.catalog().comments()) {
    yield [objectOid, classOid, subId, text];
  }
}
