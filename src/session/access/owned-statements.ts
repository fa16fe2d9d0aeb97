import {
  databaseTarget,
  schemaTarget,
  sequenceTarget,
  tableTarget,
  typeTarget,
  viewTarget,
} from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import { isReservedRoleName } from '../../catalog/access/role.ts';
import { setOwner } from '../../database/schema-change/table-properties.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { ChangeOwnerStatement } from '../../sql/syntax/definition-ast.ts';
import type { DropOwnedStatement, ReassignOwnedStatement } from '../../sql/syntax/role-ast.ts';
import type { DefinitionRun } from '../definitions/definition-run.ts';
import { dropObjects } from '../definitions/drop-objects.ts';
import type { SchemaObject } from '../definitions/schema-object.ts';
import { revokeAllFrom } from './grant-statements.ts';
import { objectsOwnedBy } from './role-dependents.ts';

/** DROP OWNED: what roles own in this database goes, and what they were granted. */
export async function dropOwned(run: DefinitionRun, { roles, isCascade }: DropOwnedStatement): Promise<string> {
  const oids = new Set(roles.map((role) => run.role(role)));
  requireRights(run, oids, 'permission denied to drop objects', 'drop objects owned by');
  revokeAllFrom(run, oids);
  const objects: SchemaObject[] = [];
  for (const oid of oids) objects.push(...objectsOwnedBy(run.transaction.catalog(), oid));
  for (const object of objects) await lockObject(run, object);
  if (objects.length > 0) await dropObjects(run, objects, { isCascade });
  return 'DROP OWNED';
}

/** REASSIGN OWNED: what roles own in this database, and the databases that they own. */
export async function reassignOwned(run: DefinitionRun, { roles, newOwner }: ReassignOwnedStatement): Promise<string> {
  const oids = new Set(roles.map((role) => run.role(role)));
  requireRights(run, oids, 'permission denied to reassign objects', 'reassign ownership of objects owned by');
  const ownerOid = run.role(newOwner);
  if (!run.access.hasRightsOf(run.roleOid, ownerOid)) {
    throw new SqlError(SqlState.InsufficientPrivilege, 'permission denied to reassign objects');
  }
  for (const oid of oids) {
    for (const object of [...objectsOwnedBy(run.transaction.catalog(), oid)]) {
      await lockObject(run, object);
      giveTo(run, object, ownerOid);
    }
    for (const database of [...run.identity.shared.databases()]) {
      if (database.ownerOid === oid) changeOwnerOfDatabase(run, database.oid, ownerOid);
    }
  }
  return 'REASSIGN OWNED';
}

/** ALTER DATABASE … OWNER TO. Throws 3D000, 42501. */
export function changeDatabaseOwner(run: DefinitionRun, { name, owner }: ChangeOwnerStatement): string {
  const database = run.identity.shared.database(name.name);
  if (database === undefined) {
    throw new SqlError(SqlState.InvalidCatalogName, `database "${name.name}" does not exist`);
  }
  const ownerOid = run.role(owner);
  if (ownerOid !== database.ownerOid) {
    run.access.requireOwner(run.roleOid, databaseTarget(database));
    run.access.requireMember(run.roleOid, ownerOid);
    const { current } = run.identity;
    if (!current.isSuperuser && !current.canCreateDatabase) {
      throw new SqlError(SqlState.InsufficientPrivilege, 'permission denied to change owner of database');
    }
    changeOwnerOfDatabase(run, database.oid, ownerOid);
  }
  return 'ALTER DATABASE';
}

/** What whoever gives away an object must be, and the new owner must have. Throws 42501. */
export function requireMayGive(
  run: DefinitionRun,
  newOwnerOid: number,
  schema: { readonly oid: number; readonly name: string; readonly ownerOid: number } | undefined,
): void {
  if (run.identity.isSuperuser) return;
  run.access.requireMember(run.roleOid, newOwnerOid);
  if (schema !== undefined) run.access.require(newOwnerOid, schemaTarget(schema), Privilege.Create);
}

function changeOwnerOfDatabase(run: DefinitionRun, oid: number, ownerOid: number): void {
  const { shared } = run.identity;
  const database = shared.databaseByOid(oid);
  if (database === undefined) return;
  run.transaction.access.put({ ...database, ownerOid });
  run.transaction.access.moveDatabaseAcl(oid, { before: database.ownerOid, after: ownerOid });
}

function requireRights(run: DefinitionRun, oids: ReadonlySet<number>, message: string, doing: string): void {
  for (const oid of oids) {
    const role = run.identity.shared.role(oid);
    if (!run.access.hasRightsOf(run.roleOid, oid)) throw new SqlError(SqlState.InsufficientPrivilege, message);
    if (oid !== BOOTSTRAP_OID && !isReservedRoleName(role?.name ?? '')) continue;
    throw new SqlError(
      SqlState.DependentObjectsStillExist,
      `cannot ${doing} role ${role?.name} because they are required by the database system`,
    );
  }
}

const BOOTSTRAP_OID = 10;

async function lockObject(run: DefinitionRun, object: SchemaObject): Promise<void> {
  await run.lock(targetOf(object).objectOid, 'exclusive');
}

function targetOf(object: SchemaObject) {
  switch (object.kind) {
    case 'schema':
      return schemaTarget(object.schema);
    case 'view':
      return viewTarget(object.view);
    case 'sequence':
      return sequenceTarget(object.sequence);
    case 'type':
      return typeTarget(object.enum);
    default:
      return tableTarget(object.table);
  }
}

function giveTo({ transaction, catalog }: DefinitionRun, object: SchemaObject, ownerOid: number): void {
  switch (object.kind) {
    case 'schema':
      transaction.schema.alterSchema({ oid: object.schema.oid, name: object.schema.name, ownerOid });
      break;
    case 'view':
      transaction.schema.alterView({ ...object.view, ownerOid });
      break;
    case 'sequence':
      transaction.sequences.alter({ ...object.sequence, ownerOid });
      break;
    case 'type':
      transaction.schema.alterEnum({ ...object.enum, ownerOid });
      break;
    default: {
      const { oid } = object.table;
      transaction.schema.alterTable(setOwner(object.table, ownerOid));
      for (const sequence of [...catalog.sequences()]) {
        if (sequence.owner?.tableOid === oid) transaction.sequences.alter({ ...sequence, ownerOid });
      }
    }
  }
}
