import type { SqlType } from '../../types/type-definition.ts';
import type { DefinitionRun } from './definition-run.ts';

/** Keeps the enum types of new columns from being dropped or altered before these are there to be seen. */
export async function lockTypes(run: DefinitionRun, columns: readonly { readonly type: SqlType }[]): Promise<void> {
  for (const { type } of columns) {
    const oid = type.definition.elementOid || type.definition.oid;
    if (run.catalog.enumByOid(oid) !== undefined) await run.lock(oid, 'share');
  }
}
