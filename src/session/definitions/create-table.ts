import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { DefinedColumn } from '../../sql/binder/bind-column-definitions.ts';
import { bindCreateTable } from '../../sql/binder/bind-create-table.ts';
import { bindSequence } from '../../sql/binder/bind-sequence.ts';
import { NameChooser } from '../../sql/binder/choose-name.ts';
import { creationSchema } from '../../sql/binder/creation-schema.ts';
import { relationNamed } from '../../sql/binder/find-relation.ts';
import { nextvalDefault, storeDefault } from '../../sql/binder/stored-expression.ts';
import type { CreateTableStatement } from '../../sql/syntax/definition-ast.ts';
import { addForeignKey } from './add-foreign-key.ts';
import type { DefinitionRun } from './definition-run.ts';
import { lockTypes } from './lock-types.ts';

export async function createTable(run: DefinitionRun, statement: CreateTableStatement): Promise<string> {
  const { relation, persistence } = statement;
  const schemaName = creationSchema(run.bindContext(), relation);
  if (relationNamed(run.catalog, schemaName, relation.name) !== undefined && statement.ifNotExists) {
    run.notice(`relation "${relation.name}" already exists, skipping`, { code: SqlState.DuplicateTable });
    return 'CREATE TABLE';
  }
  const bound = bindCreateTable(run.binding(), schemaName, statement);
  await lockTypes(run, bound.columns);
  const { transaction } = run;
  const sequenceOids = new Map([...bound.sequenceNames.keys()].map((at) => [at, transaction.takeOid()]));
  const table = transaction.createTable({
    schemaName,
    name: relation.name,
    ownerOid: run.roleOid,
    persistence,
    columns: bound.columns.map((column, at) => ({
      name: column.name,
      type: column.type,
      isNotNull: column.isNotNull,
      ...columnDefault(run, column, sequenceOids.get(at)),
    })),
    timeSeries: bound.timeSeries,
    fieldConflict: bound.fieldConflict,
    keys: bound.keys.map(({ position, ...key }) => key),
    checks: bound.checks,
    foreignKeys: [],
  });
  for (const [at, oid] of sequenceOids) {
    const name = bound.sequenceNames.get(at) ?? '';
    createColumnSequence(run, { table, column: bound.columns[at], columnNumber: table.columns[at].number, oid, name });
  }
  for (const foreignKey of bound.foreignKeys) {
    const names = new NameChooser(run.catalog, schemaName);
    const added = await addForeignKey(run, run.table(table.oid), foreignKey, { names, isValid: true });
    transaction.alterTable(added.table);
  }
  return 'CREATE TABLE';
}

/** What the catalog keeps of a column's DEFAULT or identity. */
export function columnDefault(
  run: DefinitionRun,
  column: DefinedColumn,
  sequenceOid: number | undefined,
): { readonly default?: string; readonly identity?: 'always' | 'by default' } {
  if (column.identity !== undefined) return { identity: column.identity.mode };
  if (column.isSerial && sequenceOid !== undefined) return { default: nextvalDefault(sequenceOid) };
  if (column.default === undefined) return {};
  const stored = storeDefault(run.bindContext(), column.default, column);
  return stored === undefined ? {} : { default: stored };
}

interface ColumnSequence {
  readonly table: TableDescriptor;
  readonly column: DefinedColumn;
  readonly columnNumber: number;
  readonly oid: number;
  readonly name: string;
}

/** The sequence of a serial or identity column. Throws 42P07 where its name is taken. */
export function createColumnSequence(
  run: DefinitionRun,
  { table, column, columnNumber, oid, name }: ColumnSequence,
): void {
  const { identity, type } = column;
  const { counting, restart } = bindSequence(run.binding(), identity?.options ?? [], {
    type: type.definition,
    isIdentity: identity !== undefined,
  });
  if (relationNamed(run.catalog, table.schemaName, name) !== undefined) {
    throw new SqlError(SqlState.DuplicateTable, `relation "${name}" already exists`);
  }
  const sequence = run.transaction.createSequence({
    oid,
    schemaOid: table.schemaOid,
    schemaName: table.schemaName,
    name,
    ownerOid: table.ownerOid,
    ...counting,
    owner: { tableOid: table.oid, columnNumber, kind: identity === undefined ? 'owned' : 'identity' },
  });
  if (restart !== undefined) run.transaction.alterSequence(sequence, { lastValue: restart, isCalled: false });
}
