import { unreachable } from '../../errors/invariant.ts';
import type { DefinitionStatement } from '../../sql/syntax/definition-ast.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { alterTable } from './alter-table.ts';
import { createIndex } from './create-index.ts';
import { createTable } from './create-table.ts';
import { DefinitionRun } from './definition-run.ts';
import { runDrop } from './drop-statement.ts';
import { addEnumValue, changeEnumOwner, createEnum, renameEnumValue } from './enum-statements.ts';
import { rename } from './rename.ts';
import { alterSequence, createSequence } from './sequence-statements.ts';

/** CREATE, ALTER and DROP. What one of them has done before it fails is taken back. */
export async function runDefinition(statement: DefinitionStatement, scope: StatementScope): Promise<CommandResult> {
  const { block } = scope;
  const transaction = block.current();
  block.noteQuery();
  const command = commandOf(statement);
  block.requireWritable(command);
  const mark = transaction.markStatement();
  try {
    return {
      tag: await perform(statement, new DefinitionRun(scope, statement.kind === 'rename' ? undefined : command)),
    };
  } catch (error) {
    transaction.rollbackStatement(mark);
    throw error;
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
    case 'change-type-owner':
      return changeEnumOwner(run, statement);
    case 'drop':
      return runDrop(run, statement);
    default:
      return unreachable(statement);
  }
}

/** What is refused in a read-only transaction. */
function commandOf(statement: DefinitionStatement): string {
  switch (statement.kind) {
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
    case 'change-type-owner':
      return 'ALTER TYPE';
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
