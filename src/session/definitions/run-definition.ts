import { unreachable } from '../../errors/invariant.ts';
import type { DefinitionStatement } from '../../sql/syntax/definition-ast.ts';
import { alterDatabase, createDatabase, dropDatabase, renameDatabase } from '../access/database-statements.ts';
import { changeDefaultPrivileges, grantPrivileges } from '../access/grant-statements.ts';
import { grantRoles } from '../access/membership-statements.ts';
import { changeDatabaseOwner, dropOwned, reassignOwned } from '../access/owned-statements.ts';
import { alterRole, createRole, dropRoles, renameRole } from '../access/role-statements.ts';
import { alterSettings } from '../access/settings-statements.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { alterTable } from './alter-table.ts';
import { comment } from './comment-statement.ts';
import { createIndex } from './create-index.ts';
import { createTable } from './create-table.ts';
import { DefinitionRun } from './definition-run.ts';
import { runDrop } from './drop-statement.ts';
import { addEnumValue, changeEnumOwner, createEnum, renameEnumValue } from './enum-statements.ts';
import { alterExtension, createExtension, dropExtensions } from './extension-statements.ts';
import { rename } from './rename.ts';
import { restatingViews } from './restate-views.ts';
import { changeSchemaOwner, createSchema } from './schema-statements.ts';
import { alterSequence, createSequence } from './sequence-statements.ts';
import { setSchema } from './set-schema.ts';
import { alterView, createView } from './view-statements.ts';

/** CREATE, ALTER and DROP. What one of them has done before it fails is taken back. */
export async function runDefinition(statement: DefinitionStatement, scope: StatementScope): Promise<CommandResult> {
  const { block } = scope;
  const transaction = block.current();
  block.noteQuery();
  const command = commandOf(statement);
  block.requireWritable(command);
  const mark = transaction.markStatement();
  try {
    const run = new DefinitionRun(scope, statement.kind === 'rename' ? undefined : command);
    return { tag: await restatingViews(run, () => perform(statement, run)) };
  } catch (error) {
    transaction.rollbackStatement(mark);
    throw error;
  } finally {
    transaction.releaseMark(mark);
  }
}

/** Gives the command tag. */
async function perform(statement: DefinitionStatement, run: DefinitionRun): Promise<string> {
  switch (statement.kind) {
    case 'create-table':
      return createTable(run, statement);
    case 'alter-table':
      return alterTable(run, statement);
    case 'create-index':
      return createIndex(run, statement);
    case 'create-sequence':
      return createSequence(run, statement);
    case 'alter-sequence':
      return alterSequence(run, statement);
    case 'create-enum':
      return createEnum(run, statement);
    case 'add-enum-value':
      return addEnumValue(run, statement);
    case 'rename-enum-value':
      return renameEnumValue(run, statement);
    case 'rename':
      return rename(run, statement);
    case 'change-owner':
      if (statement.object === 'database') return changeDatabaseOwner(run, statement);
      return statement.object === 'type' ? changeEnumOwner(run, statement) : changeSchemaOwner(run, statement);
    case 'create-schema':
      return createSchema(run, statement, perform);
    case 'set-schema':
      return setSchema(run, statement);
    case 'comment':
      return comment(run, statement);
    case 'create-view':
      return createView(run, statement);
    case 'alter-view':
      return alterView(run, statement);
    case 'drop':
      return statement.object === 'extension' ? dropExtensions(run, statement) : runDrop(run, statement);
    case 'create-extension':
      return createExtension(run, statement);
    case 'alter-extension':
      return alterExtension(run, statement);
    case 'create-role':
      return createRole(run, statement);
    case 'alter-role':
      return alterRole(run, statement);
    case 'rename-role':
      return renameRole(run, statement);
    case 'drop-role':
      return dropRoles(run, statement);
    case 'grant-role':
      return grantRoles(run, statement);
    case 'grant':
      return grantPrivileges(run, statement);
    case 'default-privileges':
      return changeDefaultPrivileges(run, statement);
    case 'drop-owned':
      return dropOwned(run, statement);
    case 'reassign-owned':
      return reassignOwned(run, statement);
    case 'create-database':
      return createDatabase(run, statement);
    case 'alter-database':
      return alterDatabase(run, statement);
    case 'rename-database':
      return renameDatabase(run, statement);
    case 'drop-database':
      return dropDatabase(run, statement);
    case 'alter-settings':
      return alterSettings(run, statement);
    default:
      return unreachable(statement);
  }
}

/** What is refused in a read-only transaction. */
function commandOf(statement: DefinitionStatement): string {
  switch (statement.kind) {
    case 'create-view':
      return 'CREATE VIEW';
    case 'alter-view':
      return 'ALTER VIEW';
    case 'create-table':
      return 'CREATE TABLE';
    case 'create-index':
      return 'CREATE INDEX';
    case 'create-sequence':
      return 'CREATE SEQUENCE';
    case 'alter-sequence':
      return 'ALTER SEQUENCE';
    case 'create-enum':
      return 'CREATE TYPE';
    case 'add-enum-value':
    case 'rename-enum-value':
      return 'ALTER TYPE';
    case 'change-owner':
    case 'set-schema':
      return `ALTER ${statement.object.toUpperCase()}`;
    case 'create-schema':
      return 'CREATE SCHEMA';
    case 'comment':
      return 'COMMENT';
    case 'alter-table':
      return `ALTER ${statement.relationKind.toUpperCase()}`;
    case 'rename':
      return statement.object === 'column' || statement.object === 'constraint'
        ? 'ALTER TABLE'
        : `ALTER ${statement.object.toUpperCase()}`;
    case 'drop':
      return `DROP ${statement.object.toUpperCase()}`;
    case 'create-extension':
      return 'CREATE EXTENSION';
    case 'alter-extension':
      return 'ALTER EXTENSION';
    case 'create-role':
      return 'CREATE ROLE';
    case 'alter-role':
    case 'rename-role':
      return 'ALTER ROLE';
    case 'drop-role':
      return 'DROP ROLE';
    case 'grant-role':
      return statement.isGrant ? 'GRANT ROLE' : 'REVOKE ROLE';
    case 'grant':
      return statement.isGrant ? 'GRANT' : 'REVOKE';
    case 'default-privileges':
      return 'ALTER DEFAULT PRIVILEGES';
    case 'drop-owned':
      return 'DROP OWNED';
    case 'reassign-owned':
      return 'REASSIGN OWNED';
    case 'create-database':
      return 'CREATE DATABASE';
    case 'alter-database':
    case 'rename-database':
      return 'ALTER DATABASE';
    case 'drop-database':
      return 'DROP DATABASE';
    case 'alter-settings':
      return statement.of === 'role' ? 'ALTER ROLE' : 'ALTER DATABASE';
    default:
      return unreachable(statement);
  }
}
