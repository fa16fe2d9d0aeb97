import type { StoredView } from '../../catalog/catalog-object.ts';
import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import { restateViewQuery } from '../../sql/binder/view-query.ts';
import type { DefinitionRun } from './definition-run.ts';

/** Carries out a change of the catalog, and writes the queries of views anew that name what has another name by then. */
export async function restatingViews(run: DefinitionRun, change: () => Promise<string>): Promise<string> {
  const before = run.bindContext();
  // The context looks the catalog up when it is first asked.
  const { catalog } = before;
  const tag = await change();
  const after = run.catalog;
  for (const view of [...after.views()]) {
    const known = catalog.viewByOid(view.oid);
    // One that has another text was written anew already.
    if (known === undefined || known.query !== view.query || !isRenamed(view, catalog, after)) continue;
    const { query, uses, typeOids } = restateViewQuery(before, known, after);
    run.transaction.schema.alterView({ ...view, query, uses, typeOids });
  }
  return tag;
}

function isRenamed(view: StoredView, before: CatalogReader, after: CatalogReader): boolean {
  return (
    view.uses.some(
      ({ oid, columnNumbers }) => namesOf(before, oid, columnNumbers) !== namesOf(after, oid, columnNumbers),
    ) || view.typeOids.some((oid) => typeNamesOf(before, oid) !== typeNamesOf(after, oid))
  );
}

/** No name holds a NUL. */
function namesOf(catalog: CatalogReader, oid: number, columnNumbers: readonly number[]): string {
  const table = catalog.tableByOid(oid);
  const view = table === undefined ? catalog.viewByOid(oid) : undefined;
  const columns = columnNumbers.map((number) =>
    table === undefined
      ? view?.columns[number - 1]?.name
      : table.columns.find((column) => column.number === number)?.name,
  );
  const found = table ?? view;
  return [found?.schemaName, found?.name, ...columns].join('\0');
}

function typeNamesOf(catalog: CatalogReader, oid: number): string {
  const found = catalog.enumByOid(oid);
  return [found?.schemaName, found?.name, ...(found?.labels.map(({ name }) => name) ?? [])].join('\0');
}
