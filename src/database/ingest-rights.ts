import { AccessControl } from '../catalog/access/access-control.ts';
import { schemaTarget, tableTarget } from '../catalog/access/access-target.ts';
import { Privilege } from '../catalog/access/acl.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { EngineState } from '../storage/engine-state.ts';
import { mergesVersions } from '../storage/table-identity.ts';
import { sharedCatalogOf } from './shared-catalog-of.ts';

/** A table that line protocol writes to: as it was, and as it is to be. */
export interface IngestTarget {
  readonly before: TableDescriptor | undefined;
  readonly table: TableDescriptor;
}

/**
 * What a role may do by line protocol: write rows with INSERT, and UPDATE where a point that is there already is changed;
 * make tables with CREATE on the schema; add columns to those that it owns. Throws 42501.
 */
export function requireIngestRights(
  state: EngineState,
  databaseOid: number,
  roleOid: number,
  targets: Iterable<IngestTarget>,
): void {
  const catalog = state.databases.get(databaseOid)!.newest;
  const access = new AccessControl(sharedCatalogOf(state.shared.newest), catalog, databaseOid);
  if (access.isSuperuser(roleOid)) return;
  for (const { before, table } of targets) {
    const schema = catalog.schemaByOid(table.schemaOid);
    if (schema !== undefined) {
      access.require(roleOid, schemaTarget(schema), before === undefined ? Privilege.Create : Privilege.Usage);
    }
    if (before === undefined) continue;
    const target = tableTarget(before);
    access.require(roleOid, target, mergesVersions(before) ? Privilege.Insert | Privilege.Update : Privilege.Insert);
    if (before !== table) access.requireOwner(roleOid, target);
  }
}
