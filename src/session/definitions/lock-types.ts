import type { SqlType } from '../../types/type-definition.ts';
import type { DefinitionRun } from './definition-run.ts';

/** Keeps the enum types of new columns from being dropped or altered before these are there to be seen. */
export async function lockTypes(run: DefinitionRun, columns: readonly { readonly type: SqlType }[]): Promise<void> {
  for (const { type } of columns) {
    if (run.catalog.enumByOid(type.definition.oid) !== undefined) await run.lock(type.definition.oid, 'share');
  }
}
