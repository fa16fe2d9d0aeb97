import { schemaTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import { ObjectClass, type StoredExtension } from '../../catalog/catalog-object.ts';
import type { SchemaDescriptor } from '../../catalog/catalog-reader.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { type AvailableExtension, availableExtension } from '../../functions/extensions/extension-list.ts';
import { quoteIdentifier } from '../../functions/scalar/quoting.ts';
import { creationSchema } from '../../sql/binder/creation-schema.ts';
import type {
  AlterExtensionStatement,
  CreateExtensionStatement,
  DropStatement,
} from '../../sql/syntax/definition-ast.ts';
import type { DefinitionRun } from './definition-run.ts';
import { storedTables } from './schema-object.ts';

/**
 * CREATE EXTENSION: what it brings is part of the server and there anyway; the database has it listed from now on. Throws
 * 0A000 for one that there is none of.
 */
export async function createExtension(run: DefinitionRun, statement: CreateExtensionStatement): Promise<string> {
  const { name, ifNotExists } = statement;
  // One at a time: that two make the same would show nowhere.
  await run.lock(ObjectClass.Extension, 'exclusive');
  const available = availableExtension(name);
  if (available?.isBuiltIn === true || findExtension(run, name) !== undefined) {
    const message = `extension "${name}" already exists`;
    if (!ifNotExists) throw new SqlError(SqlState.DuplicateObject, message);
    run.notice(`${message}, skipping`, { code: SqlState.DuplicateObject });
    return 'CREATE EXTENSION';
  }
  if (available === undefined) throw notAvailable(name);
  const release = statement.release ?? available.release;
  if (release !== available.release) {
    throw new SqlError(
      SqlState.InvalidParameterValue,
      `extension "${name}" has no installation script nor update path for version "${release}"`,
    );
  }
  requireMayCreate(run, available);
  const schema = await schemaFor(run, statement);
  const { access } = run.transaction;
  const oid = run.transaction.takeOid();
  access.put({ kind: 'extension', oid, name, ownerOid: run.roleOid, schemaOid: schema.oid, release });
  run.transaction.comments.set({ classOid: ObjectClass.Extension, objectOid: oid, subId: 0 }, available.comment);
  return 'CREATE EXTENSION';
}

/** ALTER EXTENSION … UPDATE: there is the one version. */
export function alterExtension(run: DefinitionRun, statement: AlterExtensionStatement): string {
  const { name, release: wanted } = statement;
  const available = availableExtension(name);
  const found = findExtension(run, name);
  if (found === undefined && available?.isBuiltIn !== true) throw undefinedExtension(name);
  if (found !== undefined) requireOwn(run, found);
  const release = found?.release ?? available?.release ?? '';
  if (wanted !== undefined && wanted !== release) {
    throw new SqlError(
      SqlState.InvalidParameterValue,
      `extension "${name}" has no update path from version "${release}" to version "${wanted}"`,
    );
  }
  run.notice(`version "${release}" of extension "${name}" is already installed`);
  return 'ALTER EXTENSION';
}

/** DROP EXTENSION. Throws 2BP01 where something is made of its functions. */
export async function dropExtensions(run: DefinitionRun, statement: DropStatement): Promise<string> {
  await run.lock(ObjectClass.Extension, 'exclusive');
  const doomed = new Set<StoredExtension>();
  for (const { name } of statement.names) {
    const found = findExtension(run, name);
    if (found !== undefined) {
      requireOwn(run, found);
      doomed.add(found);
    } else if (availableExtension(name)?.isBuiltIn === true) {
      throw new SqlError(
        SqlState.DependentObjectsStillExist,
        `cannot drop extension ${name} because it is required by the database system`,
      );
    } else if (statement.ifExists) run.notice(`extension "${name}" does not exist, skipping`);
    else throw undefinedExtension(name);
  }
  for (const extension of doomed) {
    const users = usersOf(run, extension);
    if (users.length > 0) {
      if (statement.isCascade) throw notSupported('DROP EXTENSION … CASCADE with objects that depend on it');
      throw inTheWay(`extension ${extension.name}`, users);
    }
    removeExtension(run, extension);
  }
  return 'DROP EXTENSION';
}

/** What is in a schema that is to go. Throws 2BP01 unless CASCADE was said. */
export function dropExtensionsIn(run: DefinitionRun, schema: SchemaDescriptor, isCascade: boolean): void {
  const found = [...run.transaction.catalog().extensions()].filter(({ schemaOid }) => schemaOid === schema.oid);
  const shown = `schema ${quoteIdentifier(schema.name)}`;
  if (found.length > 0 && !isCascade) {
    throw inTheWay(
      shown,
      found.map(({ name }) => `extension ${name} depends on ${shown}`),
    );
  }
  for (const extension of found) {
    run.notice(`drop cascades to extension ${extension.name}`);
    removeExtension(run, extension);
  }
}

/** The extension that COMMENT ON names. Throws 42704, 42501. */
export function commentedExtension(run: DefinitionRun, name: string): StoredExtension {
  const found = findExtension(run, name);
  if (found === undefined) throw undefinedExtension(name);
  requireOwn(run, found);
  return found;
}

function findExtension(run: DefinitionRun, name: string): StoredExtension | undefined {
  for (const extension of run.transaction.catalog().extensions()) if (extension.name === name) return extension;
  return undefined;
}

function removeExtension(run: DefinitionRun, extension: StoredExtension): void {
  run.transaction.comments.set({ classOid: ObjectClass.Extension, objectOid: extension.oid, subId: 0 }, undefined);
  run.transaction.access.drop(extension);
}

async function schemaFor(run: DefinitionRun, { name, schema }: CreateExtensionStatement): Promise<SchemaDescriptor> {
  const written = { database: undefined, schema: undefined, name, position: 0 };
  return run.lockSchema(schema ?? creationSchema(run.bindContext(), written), 'share');
}

function requireMayCreate(run: DefinitionRun, { name, isTrusted }: AvailableExtension): void {
  if (run.identity.isSuperuser) return;
  const database = run.identity.shared.databaseByOid(run.scope.block.database.oid);
  const mayCreate = isTrusted && database !== undefined && run.mayOnDatabase(Privilege.Create);
  if (mayCreate) return;
  throw new SqlError(SqlState.InsufficientPrivilege, `permission denied to create extension "${name}"`, {
    hint: isTrusted
      ? 'Must have CREATE privilege on current database to create this extension.'
      : 'Must be superuser to create this extension.',
  });
}

function requireOwn(run: DefinitionRun, { oid, name, ownerOid }: StoredExtension): void {
  const target = { ...schemaTarget({ oid, name, ownerOid }), word: 'extension' };
  run.access.requireOwner(run.roleOid, target);
}

/** Defaults, CHECKs and views are kept as text, in which functions have their own names. */
function usersOf(run: DefinitionRun, { name }: StoredExtension): readonly string[] {
  const functions = availableExtension(name)?.functions ?? [];
  // The server has those without the extension too, in PostgreSQL as well.
  const own = functions.filter((candidate) => candidate !== 'gen_random_uuid');
  if (own.length === 0) return [];
  const calls = new RegExp(`\\b(${own.join('|')})\\(`);
  const lines: string[] = [];
  for (const table of storedTables(run.catalog)) {
    const shown = `table ${run.shownName(table.schemaName, table.name, table.oid)}`;
    for (const column of table.columns) {
      const called = calls.exec(column.default ?? '')?.[1];
      if (called !== undefined) {
        lines.push(
          `default value for column ${quoteIdentifier(column.name)} of ${shown} depends on function ${called}`,
        );
      }
    }
    for (const constraint of table.constraints) {
      const called = constraint.kind === 'check' ? calls.exec(constraint.expression)?.[1] : undefined;
      if (called !== undefined) {
        lines.push(`constraint ${quoteIdentifier(constraint.name)} on ${shown} depends on function ${called}`);
      }
    }
  }
  for (const view of run.transaction.catalog().views()) {
    const called = calls.exec(view.query)?.[1];
    if (called !== undefined) {
      lines.push(`view ${run.shownName(view.schemaName, view.name, view.oid)} depends on function ${called}`);
    }
  }
  return lines;
}

function inTheWay(shown: string, lines: readonly string[]): SqlError {
  return new SqlError(SqlState.DependentObjectsStillExist, `cannot drop ${shown} because other objects depend on it`, {
    detail: lines.join('\n'),
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
  });
}

function undefinedExtension(name: string): SqlError {
  return new SqlError(SqlState.UndefinedObject, `extension "${name}" does not exist`);
}

function notAvailable(name: string): SqlError {
  return new SqlError(SqlState.FeatureNotSupported, `extension "${name}" is not available`, {
    detail: `Could not open extension control file "/usr/share/postgresql/15/extension/${name}.control": No such file or directory.`,
    hint: 'The extension must first be installed on the system where PostgreSQL is running.',
  });
}
