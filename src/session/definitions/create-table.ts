import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { DefinedColumn } from '../../sql/binder/bind-column-definitions.ts';
import { bindCreateTable } from '../../sql/binder/bind-create-table.ts';
import { NameChooser } from '../../sql/binder/choose-name.ts';
import { relationNamed } from '../../sql/binder/find-relation.ts';
import {
  nextvalDefault,
  type StoredColumn,
  storeDefault,
  storeGeneration,
} from '../../sql/binder/stored-expression.ts';
import type { CreateTableStatement, OnCommit, Persistence } from '../../sql/syntax/table-definition-ast.ts';
import { addForeignKey } from './add-foreign-key.ts';
import { createColumnSequence } from './column-sequence.ts';
import type { DefinitionRun } from './definition-run.ts';
import { lockTypes } from './lock-types.ts';
import { takeOver } from './take-over.ts';

export async function createTable(run: DefinitionRun, statement: CreateTableStatement): Promise<string> {
  const { relation, onCommit } = statement;
  const { schemaName, persistence } = await run.place(relation, statement.persistence, {
    errorPosition: relation.position,
  });
  checkOnCommit(persistence, onCommit);
  if (relationNamed(run.catalog, schemaName, relation.name) !== undefined && statement.ifNotExists) {
    run.notice(`relation "${relation.name}" already exists, skipping`, { code: SqlState.DuplicateTable });
    return 'CREATE TABLE';
  }
  const bound = bindCreateTable(run.binding(), schemaName, statement);
  await lockTypes(run, bound.columns);
  const { transaction } = run;
  const sequenceOids = new Map([...bound.sequenceNames.keys()].map((at) => [at, transaction.takeOid()]));
  const table = transaction.schema.createTable({
    schemaName,
    name: relation.name,
    ownerOid: run.roleOid,
    persistence,
    ...(onCommit === undefined || onCommit === 'preserve rows' ? {} : { onCommit }),
    columns: bound.columns.map((column, at) => ({
      name: column.name,
      type: column.type,
      isNotNull: column.isNotNull,
      collation: column.collation,
      ...columnDefault(run, column, sequenceOids.get(at)),
      ...columnGeneration(run, column, { name: relation.name, columns: bound.columns }),
    })),
    timeSeries: bound.timeSeries,
    fieldConflict: bound.fieldConflict,
    keys: bound.keys.map(({ position, ...key }) => key),
    checks: bound.checks,
    foreignKeys: [],
  });
  for (const [at, oid] of sequenceOids) {
    const name = bound.sequenceNames.get(at) ?? '';
    const { type, identity } = bound.columns[at];
    const kind = identity === undefined ? 'owned' : 'identity';
    const owner = { tableOid: table.oid, columnNumber: table.columns[at].number, kind } as const;
    await createColumnSequence(run, { table, oid, name, type, identity, owner });
  }
  await takeOver(run, table.oid, bound.likes);
  for (const foreignKey of bound.foreignKeys) {
    const names = new NameChooser(run.catalog, schemaName);
    const added = await addForeignKey(run, run.table(table.oid), foreignKey, { names, isValid: true });
    transaction.schema.alterTable(added.table);
  }
  return 'CREATE TABLE';
}

/** Throws 42P16. */
export function checkOnCommit(persistence: Persistence, onCommit: OnCommit | undefined): void {
  if (onCommit === undefined || persistence === 'temporary') return;
  throw new SqlError(SqlState.InvalidTableDefinition, 'ON COMMIT can only be used on temporary tables');
}

/** What the catalog keeps of GENERATED ALWAYS AS. `table`: with all its columns. */
export function columnGeneration(
  run: DefinitionRun,
  column: DefinedColumn,
  { name, columns }: { readonly name: string; readonly columns: readonly (StoredColumn & Partial<DefinedColumn>)[] },
): { readonly generated?: string } {
  if (column.storedGeneration !== undefined) return { generated: column.storedGeneration };
  if (column.generation === undefined) return {};
  const isGenerated = (other: Partial<DefinedColumn>): boolean =>
    other.generation !== undefined || other.storedGeneration !== undefined;
  const all = columns.map((other) => ({ name: other.name, type: other.type, isGenerated: isGenerated(other) }));
  return { generated: storeGeneration(run.bindContext(), column.generation, column, { name, columns: all }) };
}

/** What the catalog keeps of a column's DEFAULT or identity. */
export function columnDefault(
  run: DefinitionRun,
  column: DefinedColumn,
  sequenceOid: number | undefined,
): { readonly default?: string; readonly identity?: 'always' | 'by default' } {
  if (column.identity !== undefined) return { identity: column.identity.mode };
  if (column.isSerial && sequenceOid !== undefined) return { default: nextvalDefault(sequenceOid) };
  if (column.storedDefault !== undefined) return { default: column.storedDefault };
  if (column.default === undefined) return {};
  const stored = storeDefault(run.bindContext(), column.default, column);
  return stored === undefined ? {} : { default: stored };
}
