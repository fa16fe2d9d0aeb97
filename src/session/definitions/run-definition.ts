import { unreachable } from '../../errors/invariant.ts';
import type { DefinitionStatement } from '../../sql/syntax/definition-ast.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { alterTable } from './alter-table.ts';
import { comment } from './comment-statement.ts';
import { createIndex } from './create-index.ts';
import { createTable } from './create-table.ts';
import { DefinitionRun } from './definition-run.ts';
import { runDrop } from './drop-statement.ts';
import { addEnumValue, changeEnumOwner, createEnum, renameEnumValue } from './enum-statements.ts';
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
      return runDrop(run, statement);
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
    default:
      return unreachable(statement);
  }
}
