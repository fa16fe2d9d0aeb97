import { schemaTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import { setSchema as withSchema } from '../../database/schema-change/table-properties.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type {
  ChangeOwnerStatement,
  CreateSchemaStatement,
  DefinitionStatement,
  SchemaElement,
} from '../../sql/syntax/definition-ast.ts';
import type { DefinitionRun } from './definition-run.ts';
import { restateTables } from './restate-tables.ts';
import { storedTables } from './schema-object.ts';

/** `perform` carries out what is to be made in the schema. */
export async function createSchema(
  run: DefinitionRun,
  statement: CreateSchemaStatement,
  perform: (element: DefinitionStatement, run: DefinitionRun) => Promise<string>,
): Promise<string> {
  const { owner, elements } = statement;
  const ownerOid = owner === undefined ? run.roleOid : run.role(owner);
  const name = statement.name ?? owner?.name ?? run.scope.environment.role.name;
  run.requireOnDatabase(Privilege.Create);
  run.access.requireMember(run.roleOid, ownerOid);
  requireUnreserved(name);
  if (run.catalog.schema(name) !== undefined) {
    const message = `schema "${name}" already exists`;
    if (!statement.ifNotExists) throw new SqlError(SqlState.DuplicateSchema, message);
    run.notice(`${message}, skipping`, { code: SqlState.DuplicateSchema });
    return 'CREATE SCHEMA';
  }
  for (const element of elements) requireInSchema(element, name);
  run.transaction.schema.createSchema({ oid: run.transaction.takeOid(), name, ownerOid });
  await run.scope.environment.inSchema(name, async () => {
    for (const element of elements) {
      await perform({ ...element, relation: { ...element.relation, schema: name } }, run);
    }
  });
  return 'CREATE SCHEMA';
}

/** ALTER SCHEMA … RENAME: what is in it has its name too, and stored expressions name its types. */
export async function renameSchema(run: DefinitionRun, name: string, newName: string): Promise<void> {
  const schema = await run.lockSchema(name, 'exclusive');
  if (run.catalog.schema(newName) !== undefined) {
    throw new SqlError(SqlState.DuplicateSchema, `schema "${newName}" already exists`);
  }
  run.requireOwn(schemaTarget(schema));
  run.requireOnDatabase(Privilege.Create);
  requireUnreserved(newName);
  requireOwn(name);
  const { oid, ownerOid } = schema;
  const isInside = ({ schemaOid }: { readonly schemaOid: number }): boolean => schemaOid === oid;
  const tables = [...storedTables(run.catalog)].filter(isInside);
  for (const table of tables) await run.lock(table.oid, 'exclusive');
  const { transaction } = run;
  const renamed = transaction.schema.alterSchema({ oid, name: newName, ownerOid });
  for (const found of [...run.catalog.enums()].filter(isInside)) {
    await run.lock(found.oid, 'exclusive');
    await restateTables(run, found.oid, () => transaction.schema.alterEnum({ ...found, schemaName: newName }));
  }
  for (const sequence of [...run.catalog.sequences()].filter(isInside)) {
    transaction.sequences.alter({ ...sequence, schemaName: newName });
  }
  for (const view of [...run.catalog.views()].filter(isInside)) {
    await run.lock(view.oid, 'exclusive');
    transaction.schema.alterView({ ...view, schemaName: newName });
  }
  for (const table of tables) transaction.schema.alterTable(withSchema(run.table(table.oid), renamed));
}

export async function changeSchemaOwner(run: DefinitionRun, { name, owner }: ChangeOwnerStatement): Promise<string> {
  const schema = await run.lockSchema(name.name, 'exclusive');
  const ownerOid = run.role(owner);
  if (ownerOid !== schema.ownerOid) {
    requireOwn(schema.name);
    run.requireOwn(schemaTarget(schema));
    run.access.requireMember(run.roleOid, ownerOid);
    run.requireOnDatabase(Privilege.Create);
    run.transaction.schema.alterSchema({ oid: schema.oid, name: schema.name, ownerOid });
  }
  return 'ALTER SCHEMA';
}

/** Throws 42939. */
function requireUnreserved(name: string): void {
  if (!name.startsWith('pg_')) return;
  throw new SqlError(SqlState.ReservedName, `unacceptable schema name "${name}"`, {
    detail: 'The prefix "pg_" is reserved for system schemas.',
  });
}

/** Throws 42501 for the catalog's own, which PostgreSQL lets a superuser damage. */
function requireOwn(name: string): void {
  if (!name.startsWith('pg_') && name !== 'information_schema') return;
  throw new SqlError(SqlState.InsufficientPrivilege, `permission denied for schema ${name}`);
}

/** Throws 42P15. */
function requireInSchema({ relation }: SchemaElement, name: string): void {
  if (relation.schema === undefined || relation.schema === name) return;
  throw new SqlError(
    SqlState.InvalidSchemaDefinition,
    `CREATE specifies a schema (${relation.schema}) different from the one being created (${name})`,
  );
}
