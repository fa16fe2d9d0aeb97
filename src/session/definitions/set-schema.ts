import type { SchemaDescriptor } from '../../catalog/catalog-reader.ts';
import type { SequenceDescriptor } from '../../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { isTemporarySchema, TEMPORARY_ALIAS } from '../../catalog/temporary-schemas.ts';
import { setSchema as withSchema } from '../../database/schema-change/table-properties.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { isSystemSchema } from '../../sql/binder/creation-schema.ts';
import { type FoundRelation, lockOidOf, relationNamed, undefinedRelation } from '../../sql/binder/find-relation.ts';
import { nameAsWritten } from '../../sql/binder/find-table.ts';
import type { SetSchemaStatement } from '../../sql/syntax/definition-ast.ts';
import type { DefinitionRun } from './definition-run.ts';
import { lockedEnum } from './enum-statements.ts';
import { restateTables } from './restate-tables.ts';
import { moveView } from './view-statements.ts';

/** ALTER TABLE, SEQUENCE and TYPE … SET SCHEMA. */
export async function setSchema(run: DefinitionRun, statement: SetSchemaStatement): Promise<string> {
  const { object, name } = statement;
  const tag = `ALTER ${object.toUpperCase()}`;
  if (object === 'type') {
    const found = await lockedEnum(run, name);
    const target = await targetSchema(run, statement, found.schemaName);
    if (target.oid === found.schemaOid) return tag;
    if (run.catalog.userType(target.name, found.name) !== undefined || hasTable(run, target, found.name)) {
      throw new SqlError(SqlState.DuplicateObject, `type "${found.name}" already exists in schema "${target.name}"`);
    }
    const moved = { ...found, schemaOid: target.oid, schemaName: target.name };
    await restateTables(run, found.oid, () => run.transaction.schema.alterEnum(moved));
    return tag;
  }
  const found = await run.findLocked(name, 'exclusive', (candidate) => {
    checkKind(candidate, statement);
    return lockOidOf(candidate);
  });
  if (found === undefined) {
    if (!statement.ifExists) throw undefinedRelation(run.bindContext(), name);
    run.notice(`relation "${nameAsWritten(name)}" does not exist, skipping`);
    return tag;
  }
  if (found.kind === 'view') {
    moveView(run, found.view, await targetSchema(run, statement, found.view.schemaName));
    return tag;
  }
  const current = found.kind === 'sequence' ? found.sequence.schemaName : found.table.schemaName;
  const target = await targetSchema(run, statement, current);
  if (target.name === current) return tag;
  if (found.kind === 'sequence') moveSequence(run, found.sequence, target);
  else moveTable(run, found.table, target);
  return tag;
}

/** Throws 42809 for what is no such relation, 42501 for a system table. */
function checkKind(found: FoundRelation, { object, name }: SetSchemaStatement): void {
  if (found.kind === 'table' && found.table.kind === 'system-table') {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${name.name}" is a system catalog`);
  }
  if (object === 'sequence' && found.kind !== 'sequence') {
    throw new SqlError(SqlState.WrongObjectType, `"${name.name}" is not a sequence`);
  }
  if (found.kind !== 'index') return;
  throw new SqlError(SqlState.WrongObjectType, `cannot change schema of index "${name.name}"`, {
    hint: 'Change the schema of the table instead.',
  });
}

export async function targetSchema(
  run: DefinitionRun,
  { schema }: Pick<SetSchemaStatement, 'schema'>,
  current: string,
): Promise<SchemaDescriptor> {
  if (schema === TEMPORARY_ALIAS || isTemporarySchema(schema) || isTemporarySchema(current)) {
    throw new SqlError(SqlState.FeatureNotSupported, 'cannot move objects into or out of temporary schemas');
  }
  if (isSystemSchema(schema) && run.catalog.schema(schema) !== undefined) {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied for schema ${schema}`);
  }
  const target = await run.lockSchema(schema, 'share');
  run.requireCreate(target);
  return target;
}

function moveSequence(run: DefinitionRun, sequence: SequenceDescriptor, target: SchemaDescriptor): void {
  if (sequence.owner !== undefined) {
    throw new SqlError(SqlState.FeatureNotSupported, 'cannot move an owned sequence into another schema', {
      detail: `Sequence "${sequence.name}" is linked to table "${run.table(sequence.owner.tableOid).name}".`,
    });
  }
  requireFree(run, target, sequence.name);
  run.transaction.sequences.alter({ ...sequence, schemaOid: target.oid, schemaName: target.name });
}

/** Its indexes and the sequences of its columns go with it. */
function moveTable(run: DefinitionRun, table: TableDescriptor, target: SchemaDescriptor): void {
  const sequences = [...run.catalog.sequences()].filter(({ owner }) => owner?.tableOid === table.oid);
  requireFree(run, target, table.name);
  if (run.catalog.userType(target.name, table.name) !== undefined) {
    throw new SqlError(SqlState.DuplicateObject, `type "${table.name}" already exists in schema "${target.name}"`);
  }
  for (const index of table.indexes) requireFree(run, target, index.name);
  if (table.uniqueKey !== undefined) requireFree(run, target, table.uniqueKey.name);
  for (const sequence of sequences) requireFree(run, target, sequence.name);
  run.transaction.schema.alterTable(withSchema(table, target));
  for (const sequence of sequences) {
    run.transaction.sequences.alter({ ...sequence, schemaOid: target.oid, schemaName: target.name });
  }
}

function requireFree(run: DefinitionRun, { name: schemaName }: SchemaDescriptor, name: string): void {
  if (relationNamed(run.catalog, schemaName, name) === undefined) return;
  throw new SqlError(SqlState.DuplicateTable, `relation "${name}" already exists in schema "${schemaName}"`);
}

function hasTable(run: DefinitionRun, { name: schemaName }: SchemaDescriptor, name: string): boolean {
  return run.catalog.table(schemaName, name) !== undefined;
}
