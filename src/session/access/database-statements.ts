import { databaseTarget } from '../../catalog/access/access-target.ts';
import type { StoredDatabase } from '../../catalog/catalog-object.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type {
  AlterDatabaseStatement,
  CreateDatabaseStatement,
  DatabaseOptions,
  DropDatabaseStatement,
  RenameDatabaseStatement,
} from '../../sql/syntax/role-ast.ts';
import type { DefinitionRun } from '../definitions/definition-run.ts';
import { dropSharedParts } from './settings-statements.ts';

/** CREATE DATABASE: it is there, and empty, once the statement is durable. */
export function createDatabase(run: DefinitionRun, { name, options }: CreateDatabaseStatement): string {
  run.scope.block.requireNoBlock('CREATE DATABASE');
  const { shared } = run.identity;
  requireMayCreate(run, 'permission denied to create database');
  const ownerOid = options.owner === undefined ? run.roleOid : run.namedRole(options.owner).oid;
  run.access.requireMember(run.roleOid, ownerOid);
  if (shared.database(name) !== undefined) throw duplicate(name);
  run.transaction.access.put({
    kind: 'database',
    oid: run.transaction.takeOid(),
    name,
    ownerOid,
    connectionLimit: -1,
    allowsConnections: true,
    isTemplate: false,
    ...attributes(options),
  });
  return 'CREATE DATABASE';
}

export function alterDatabase(run: DefinitionRun, { name, options }: AlterDatabaseStatement): string {
  const database = databaseNamed(run, name);
  run.access.requireOwner(run.roleOid, databaseTarget(database));
  if (options.allowsConnections === false && isCurrent(run, database)) {
    throw new SqlError(SqlState.InvalidParameterValue, 'cannot disallow connections for current database');
  }
  run.transaction.access.put({ ...database, ...attributes(options) });
  return 'ALTER DATABASE';
}

export function renameDatabase(run: DefinitionRun, { name, newName }: RenameDatabaseStatement): string {
  const database = databaseNamed(run, name);
  run.access.requireOwner(run.roleOid, databaseTarget(database));
  requireMayCreate(run, 'permission denied to rename database');
  if (run.identity.shared.database(newName) !== undefined) throw duplicate(newName);
  if (isCurrent(run, database)) {
    throw new SqlError(SqlState.FeatureNotSupported, 'current database cannot be renamed');
  }
  requireNobodyIn(run, database);
  run.transaction.access.put({ ...database, name: newName });
  return 'ALTER DATABASE';
}

/** DROP DATABASE, with all that is in it. Throws 55006 while somebody is in it, unless FORCE was said. */
export async function dropDatabase(run: DefinitionRun, statement: DropDatabaseStatement): Promise<string> {
  const { name, ifExists, isForced } = statement;
  run.scope.block.requireNoBlock('DROP DATABASE');
  const database = run.identity.shared.database(name);
  if (database === undefined) {
    const message = `database "${name}" does not exist`;
    if (!ifExists) throw new SqlError(SqlState.InvalidCatalogName, message);
    run.notice(`${message}, skipping`);
    return 'DROP DATABASE';
  }
  run.access.requireOwner(run.roleOid, databaseTarget(database));
  if (database.isTemplate) throw new SqlError(SqlState.WrongObjectType, 'cannot drop a template database');
  if (isCurrent(run, database)) {
    throw new SqlError(SqlState.ObjectInUse, 'cannot drop the currently open database');
  }
  if (isForced) await run.scope.environment.sessionsOf.end(database.oid);
  requireNobodyIn(run, database);
  for (const acl of [run.identity.shared.databaseAcl(database.oid)]) if (acl) run.transaction.access.drop(acl);
  dropSharedParts(run, { databaseOid: database.oid });
  run.transaction.access.drop(database);
  return 'DROP DATABASE';
}

function attributes({ connectionLimit, allowsConnections, isTemplate }: DatabaseOptions): Partial<StoredDatabase> {
  if (connectionLimit !== undefined && connectionLimit < -1) {
    throw new SqlError(SqlState.InvalidParameterValue, `invalid connection limit: ${connectionLimit}`);
  }
  return {
    ...(connectionLimit === undefined ? {} : { connectionLimit }),
    ...(allowsConnections === undefined ? {} : { allowsConnections }),
    ...(isTemplate === undefined ? {} : { isTemplate }),
  };
}

function requireMayCreate(run: DefinitionRun, message: string): void {
  const { isSuperuser, canCreateDatabase } = run.identity.current;
  if (!isSuperuser && !canCreateDatabase) throw new SqlError(SqlState.InsufficientPrivilege, message);
}

function databaseNamed(run: DefinitionRun, name: string): StoredDatabase {
  const database = run.identity.shared.database(name);
  if (database !== undefined) return database;
  throw new SqlError(SqlState.InvalidCatalogName, `database "${name}" does not exist`);
}

function isCurrent(run: DefinitionRun, { oid }: StoredDatabase): boolean {
  return oid === run.scope.block.database.oid;
}

function requireNobodyIn(run: DefinitionRun, { oid, name }: StoredDatabase): void {
  const count = run.scope.environment.sessionsOf.count(oid);
  if (count === 0) return;
  throw new SqlError(SqlState.ObjectInUse, `database "${name}" is being accessed by other users`, {
    detail:
      count === 1
        ? 'There is 1 other session using the database.'
        : `There are ${count} other sessions using the database.`,
  });
}

function duplicate(name: string): SqlError {
  return new SqlError(SqlState.DuplicateDatabase, `database "${name}" already exists`);
}
