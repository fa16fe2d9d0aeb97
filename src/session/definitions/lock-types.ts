import { permissionDenied } from '../../catalog/access/access-control.ts';
import { systemTarget, typeTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import { ObjectClass } from '../../catalog/catalog-object.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { typeByOid } from '../../types/type-registry.ts';
import type { DefinitionRun } from './definition-run.ts';

/**
 * Keeps the enum types of new columns from being dropped or altered before these are there to be seen. Rejects with 42501
 * for a type that the role may not use.
 */
export async function lockTypes(run: DefinitionRun, columns: readonly { readonly type: SqlType }[]): Promise<void> {
  for (const { type } of columns) {
    const oid = type.definition.elementOid || type.definition.oid;
    requireTypeUsage(run, oid);
    if (run.catalog.enumByOid(oid) !== undefined) await run.lock(oid, 'share');
  }
}

function requireTypeUsage(run: DefinitionRun, oid: number): void {
  if (run.identity.isSuperuser) return;
  const found = run.catalog.enumByOid(oid);
  const name =
    found === undefined ? (typeByOid(oid)?.sqlName ?? String(oid)) : run.shownName(found.schemaName, found.name, oid);
  const target = found === undefined ? systemTarget('type', ObjectClass.Type, oid, name) : typeTarget(found);
  if (!run.access.has(run.roleOid, target, Privilege.Usage)) throw permissionDenied({ word: 'type', name });
}
