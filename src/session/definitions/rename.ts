import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { assertColumnNameFree } from '../../database/schema-change/find-column.ts';
import { renameColumn, renameConstraint, renameIndex, renameTable } from '../../database/schema-change/rename.ts';
import { unreachable } from '../../errors/invariant.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { storedColumns } from '../../sql/binder/assign-column.ts';
import { checkColumnName, isSystemColumn } from '../../sql/binder/bind-column-definitions.ts';
import {
  type FoundRelation,
  findEnum,
  findRelation,
  lockOidOf,
  relationNamed,
  undefinedRelation,
} from '../../sql/binder/find-relation.ts';
import { nameAsWritten } from '../../sql/binder/find-table.ts';
import { restateStoredExpression } from '../../sql/binder/stored-expression.ts';
import type { RenameStatement } from '../../sql/syntax/definition-ast.ts';
import type { DefinitionRun } from './definition-run.ts';
import { renameEnum, requireFreeTypeName } from './enum-statements.ts';
import { constraintsOf, describeObject } from './schema-object.ts';
import { renameSchema } from './schema-statements.ts';
import { renameView, renameViewColumn } from './view-statements.ts';

const TAGS: Readonly<Record<RenameStatement['object'], string>> = {
  table: 'ALTER TABLE',
  column: 'ALTER TABLE',
  constraint: 'ALTER TABLE',
  index: 'ALTER INDEX',
  schema: 'ALTER SCHEMA',
  sequence: 'ALTER SEQUENCE',
  type: 'ALTER TYPE',
  view: 'ALTER VIEW',
};

export async function rename(run: DefinitionRun, statement: RenameStatement): Promise<string> {
  const { object, relation, newName } = statement;
  const tag = TAGS[object];
  if (object === 'type') {
    requireNoRowType(run, statement);
    return renameEnum(run, relation, newName);
  }
  if (object === 'schema') {
    await renameSchema(run, relation.name, newName);
    return tag;
  }
  const found = await run.findLocked(relation, 'exclusive', (candidate) => {
    checkKind(candidate, statement);
    return lockOidOf(candidate);
  });
  if (found === undefined) {
    if (!statement.ifExists) throw undefinedRelation(run.bindContext(), relation);
    run.notice(`relation "${nameAsWritten(relation)}" does not exist, skipping`);
    return tag;
  }
  if (object === 'column' && found.kind === 'view') {
    renameViewColumn(run, found.view, statement.part ?? '', newName);
    return tag;
  }
  if (object === 'column' || object === 'constraint') {
    // `checkKind` has refused all but tables.
    if (found.kind === 'table') renamePart(run, found.table, statement);
    return tag;
  }
  renameRelation(run, found, newName);
  return tag;
}

/** Throws 42501 for a system table, 42809 where a sequence or a table is called for. */
function checkKind(found: FoundRelation, { object, relation }: RenameStatement): void {
  const { name } = relation;
  if (found.kind === 'table' && found.table.kind === 'system-table') {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${name}" is a system catalog`);
  }
  if (object === 'sequence' && found.kind !== 'sequence') {
    throw new SqlError(SqlState.WrongObjectType, `"${name}" is not a sequence`);
  }
  if (object === 'column' && found.kind === 'view') return;
  if ((object === 'column' || object === 'constraint') && found.kind !== 'table') {
    if (object === 'column' && found.kind === 'index') throw notSupported('renaming the columns of an index');
    throw object === 'constraint'
      ? new SqlError(SqlState.WrongObjectType, `"${name}" is not a table`)
      : new SqlError(SqlState.WrongObjectType, `cannot rename columns of relation "${name}"`, {
          detail: 'This operation is not supported for sequences.',
        });
  }
}

/** An index takes its constraint along. Tables, indexes and sequences share their names, tables and types theirs. */
function renameRelation(run: DefinitionRun, found: FoundRelation, newName: string): void {
  const { transaction } = run;
  if (found.kind === 'view') {
    renameView(run, found.view, newName);
    return;
  }
  const { schemaName } = found.kind === 'sequence' ? found.sequence : found.table;
  if (relationNamed(run.catalog, schemaName, newName) !== undefined) {
    throw new SqlError(SqlState.DuplicateTable, `relation "${newName}" already exists`);
  }
  switch (found.kind) {
    case 'table':
      requireFreeTypeName(run, schemaName, newName);
      transaction.schema.alterTable(renameTable(found.table, newName));
      break;
    case 'index':
      transaction.schema.alterTable(renameIndex(found.table, found.oid, newName));
      break;
    case 'sequence':
      transaction.sequences.alter({ ...found.sequence, name: newName });
      break;
    default:
      unreachable(found);
  }
}

function renamePart(run: DefinitionRun, table: TableDescriptor, { object, part = '', newName }: RenameStatement): void {
  if (object === 'constraint') {
    const constraint = constraintsOf(table).find(({ name }) => name === part);
    if (constraint === undefined) {
      throw new SqlError(SqlState.UndefinedObject, `constraint "${part}" for table "${table.name}" does not exist`);
    }
    const isTaken = constraint.indexOid !== undefined && relationNamed(run.catalog, table.schemaName, newName);
    const renamed = renameConstraint(table, constraint.oid, newName);
    if (isTaken) throw new SqlError(SqlState.DuplicateTable, `relation "${newName}" already exists`);
    run.transaction.schema.alterTable(renamed);
    return;
  }
  const columns = storedColumns(table);
  const column = columns.find(({ name }) => name === part);
  if (column === undefined) {
    if (table.columns.some(({ name }) => name === part) || isSystemColumn(part)) {
      throw new SqlError(SqlState.FeatureNotSupported, `cannot rename system column "${part}"`);
    }
    throw new SqlError(SqlState.UndefinedColumn, `column "${part}" does not exist`);
  }
  checkColumnName(newName);
  assertColumnNameFree(table, newName);
  if (table.isFromLineProtocol && column.role === 'time') {
    throw notSupported(`renaming the time column "${part}" of a table that line protocol made`);
  }
  const context = run.bindContext();
  const renamedColumns = columns.map((other) => (other === column ? { ...other, name: newName } : other));
  const restate = (text: string): string =>
    restateStoredExpression(text, { context, columns }, { catalog: context.catalog, columns: renamedColumns });
  run.transaction.schema.alterTable(renameColumn(table, column.number, newName, restate));
}

/** Throws 42809 for the row type of a table, which is renamed with its table. */
function requireNoRowType(run: DefinitionRun, { relation }: RenameStatement): void {
  const context = run.bindContext();
  if (findEnum(context, relation) !== undefined) return;
  const found = findRelation(context, relation);
  if (found?.kind !== 'table') return;
  const shown = describeObject(run, found).slice('table '.length);
  throw new SqlError(SqlState.WrongObjectType, `${shown} is a table's row type`, { hint: 'Use ALTER TABLE instead.' });
}
