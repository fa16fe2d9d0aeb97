import type { CatalogVersion } from '../../storage/versions/catalog-version.ts';

/** The catalog with tables whose next columns get numbers from those on (`WriteSet.firstColumnNumbers`). */
export function withFirstNumbers(catalog: CatalogVersion, firstNumbers: ReadonlyMap<number, number>): CatalogVersion {
  const puts = [];
  for (const [oid, nextColumnNumber] of firstNumbers) {
    const table = catalog.tableByOid(oid);
    if (table === undefined || table.nextColumnNumber >= nextColumnNumber) continue;
    puts.push({ kind: 'put', table: { ...table, nextColumnNumber } } as const);
  }
  return catalog.with(puts);
}
