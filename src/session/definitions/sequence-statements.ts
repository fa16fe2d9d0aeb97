import type { SequenceDescriptor, SequenceOwner } from '../../catalog/sequence-descriptor.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { storedColumns } from '../../sql/binder/assign-column.ts';
import { bindSequence } from '../../sql/binder/bind-sequence.ts';
import { type FoundRelation, findRelation, relationNamed, undefinedRelation } from '../../sql/binder/find-relation.ts';
import { nameAsWritten } from '../../sql/binder/find-table.ts';
import type { AlterSequenceStatement, CreateSequenceStatement } from '../../sql/syntax/definition-ast.ts';
import { int8 } from '../../types/int8.ts';
import type { DefinitionRun } from './definition-run.ts';

export async function createSequence(run: DefinitionRun, statement: CreateSequenceStatement): Promise<string> {
  const { relation } = statement;
  const { schemaName, persistence } = await run.place(relation, statement.persistence);
  if (relationNamed(run.catalog, schemaName, relation.name) !== undefined) {
    const message = `relation "${relation.name}" already exists`;
    if (!statement.ifNotExists) throw new SqlError(SqlState.DuplicateTable, message);
    run.notice(`${message}, skipping`, { code: SqlState.DuplicateTable });
    return 'CREATE SEQUENCE';
  }
  if (persistence === 'unlogged') throw notSupported('an unlogged sequence', relation.position);
  const { counting, restart, ownedBy } = bindSequence(run.binding(), statement.options, {
    type: int8,
    isIdentity: false,
  });
  const sequence = run.transaction.sequences.create({
    oid: run.transaction.takeOid(),
    schemaOid: run.schema(schemaName).oid,
    schemaName,
    name: relation.name,
    ownerOid: run.roleOid,
    ...counting,
    owner: undefined,
    ...(persistence === 'temporary' ? { isTemporary: true } : {}),
  });
  const owner = ownedBy === undefined ? undefined : await findOwner(run, sequence, ownedBy);
  if (owner !== undefined || restart !== undefined) {
    run.transaction.sequences.alter(
      { ...sequence, owner },
      restart === undefined ? undefined : { lastValue: restart, isCalled: false },
    );
  }
  return 'CREATE SEQUENCE';
}

export async function alterSequence(run: DefinitionRun, statement: AlterSequenceStatement): Promise<string> {
  const { relation } = statement;
  const found = await run.findLocked(relation, 'exclusive', (candidate) => sequenceOf(candidate, relation.name).oid);
  if (found === undefined) {
    if (!statement.ifExists) throw undefinedRelation(run.bindContext(), relation);
    run.notice(`relation "${nameAsWritten(relation)}" does not exist, skipping`);
    return 'ALTER SEQUENCE';
  }
  const sequence = sequenceOf(found, relation.name);
  await changeSequence(run, sequence, statement.options, { isIdentity: false });
  return 'ALTER SEQUENCE';
}

/** Options of ALTER SEQUENCE, or of SET on an identity column. */
export async function changeSequence(
  run: DefinitionRun,
  sequence: SequenceDescriptor,
  options: AlterSequenceStatement['options'],
  { isIdentity }: { readonly isIdentity: boolean },
): Promise<void> {
  const state = run.transaction.sequences.state(sequence.oid);
  const { counting, restart, ownedBy } = bindSequence(run.binding(), options, {
    counting: sequence,
    lastValue: state.lastValue,
    type: sequence.type,
    isIdentity,
  });
  if (ownedBy !== undefined && sequence.owner?.kind === 'identity') {
    throw new SqlError(SqlState.FeatureNotSupported, 'cannot change ownership of identity sequence', {
      detail: `Sequence "${sequence.name}" is linked to table "${run.table(sequence.owner.tableOid).name}".`,
    });
  }
  const owner = ownedBy === undefined ? sequence.owner : await findOwner(run, sequence, ownedBy);
  run.transaction.sequences.alter(
    { ...sequence, ...counting, owner },
    restart === undefined ? undefined : { lastValue: restart, isCalled: false },
  );
}

function sequenceOf(relation: FoundRelation, name: string): SequenceDescriptor {
  if (relation.kind === 'sequence') return relation.sequence;
  throw new SqlError(SqlState.WrongObjectType, `"${name}" is not a sequence`);
}

/** OWNED BY table.column, or NONE. */
export async function findOwner(
  run: DefinitionRun,
  sequence: Pick<SequenceDescriptor, 'ownerOid' | 'schemaOid'>,
  parts: readonly string[],
): Promise<SequenceOwner | undefined> {
  const [columnName = '', tableName, schema, database] = parts.toReversed();
  if (tableName === undefined) {
    if (columnName === 'none') return undefined;
    throw new SqlError(SqlState.SyntaxError, 'invalid OWNED BY option', {
      hint: 'Specify OWNED BY table.column or OWNED BY NONE.',
    });
  }
  const name = { database, schema, name: tableName, position: 0 };
  const found = findRelation(run.bindContext(), name);
  if (found === undefined) throw undefinedRelation(run.bindContext(), name);
  if (found.kind !== 'table' || found.table.kind === 'system-table') {
    const detail = found.kind === 'table' ? undefined : `This operation is not supported for ${PLURALS[found.kind]}.`;
    throw new SqlError(SqlState.WrongObjectType, `sequence cannot be owned by relation "${tableName}"`, { detail });
  }
  await run.lock(found.table.oid, 'share');
  const table = run.table(found.table.oid);
  if (table.ownerOid !== sequence.ownerOid) {
    throw new SqlError(SqlState.ObjectNotInPrerequisiteState, 'sequence must have same owner as table it is linked to');
  }
  if (table.schemaOid !== sequence.schemaOid) {
    throw new SqlError(
      SqlState.ObjectNotInPrerequisiteState,
      'sequence must be in same schema as table it is linked to',
    );
  }
  const column = storedColumns(table).find((candidate) => candidate.name === columnName);
  if (column === undefined) {
    throw new SqlError(SqlState.UndefinedColumn, `column "${columnName}" of relation "${table.name}" does not exist`);
  }
  return { tableOid: table.oid, columnNumber: column.number, kind: 'owned' };
}

const PLURALS = { index: 'indexes', sequence: 'sequences', view: 'views' } as const;
