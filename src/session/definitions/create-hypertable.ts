import { ObjectClass } from '../../catalog/catalog-object.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Column } from '../../columnar/column.ts';
import { columnOf } from '../../columnar/column-builder.ts';
import type { NewTable } from '../../database/new-table.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { evaluateExpression } from '../../execution/evaluate-constant.ts';
import { executePlan } from '../../execution/execute-plan.ts';
import { storedColumns } from '../../sql/binder/assign-column.ts';
import type { DefinedColumn } from '../../sql/binder/bind-column-definitions.ts';
import { type BoundTimeSeries, bindTimeSeries, checkTimeSeriesKeys } from '../../sql/binder/bind-time-series.ts';
import type { BoundCreateHypertable } from '../../sql/binder/bound-statement.ts';
import { DEFAULT_PARTITION_MICROS, partitionOfInterval } from '../../sql/binder/table-options.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { Interval } from '../../types/interval.ts';
import { SqlRecord } from '../../types/sql-record.ts';
import type { Value } from '../../types/value.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { DefinitionRun } from './definition-run.ts';
import { dependentsOf } from './dependents.ts';
import { restatingViews } from './restate-views.ts';
import { scanOf } from './scan-of.ts';
import { constraintsOf } from './schema-object.ts';

const COMMAND = 'create_hypertable()';

/**
 * Makes a time-series table of a plain one: a new table takes the place of the old one and all of its rows, under the same
 * name. What a key has beside the time are the tags.
 */
export async function createHypertable(bound: BoundCreateHypertable, scope: StatementScope): Promise<CommandResult> {
  const { block } = scope;
  const transaction = block.current();
  block.noteQuery();
  block.requireWritable(COMMAND);
  const mark = transaction.markStatement();
  try {
    const run = new DefinitionRun(scope, COMMAND);
    let result: { readonly table: TableDescriptor; readonly isCreated: boolean } | undefined;
    await restatingViews(run, async () => {
      result = await create(run, readArguments(bound, scope));
      return COMMAND;
    });
    if (result === undefined) throw new Error('a hypertable was made or was there');
    return { tag: 'SELECT 1', rows: [{ rowCount: 1, columns: resultRow(bound, result.table, result.isCreated) }] };
  } catch (error) {
    transaction.rollbackStatement(mark);
    throw error;
  } finally {
    transaction.releaseMark(mark);
  }
}

function resultRow(
  { fields, columns }: BoundCreateHypertable,
  table: TableDescriptor,
  isCreated: boolean,
): readonly Column[] {
  const byName: Readonly<Record<string, Value>> = {
    hypertable_id: table.oid,
    schema_name: table.schemaName,
    table_name: table.name,
    created: isCreated,
  };
  const values = fields.map(({ name }) => byName[name]);
  if (columns.length === 1) return [columnOf('value', [new SqlRecord(fields, values)])];
  return columns.map(({ type }, at) => columnOf(type.definition.representation, [values[at]]));
}

interface Arguments {
  readonly relationOid: number;
  readonly timeColumn: string;
  readonly partitionMicros: number;
  readonly ifNotExists: boolean;
  readonly migrateData: boolean;
}

/** Throws 22023 for what must not be NULL and for chunks of no length, 0A000 for what makes a difference elsewhere. */
function readArguments(bound: BoundCreateHypertable, scope: StatementScope): Arguments {
  const context = { parameters: scope.parameters, environment: scope.environment.functions() };
  const evaluated = (expression: Expression | undefined): Value =>
    expression === undefined ? null : evaluateExpression(expression, context);
  for (const { name, value, position } of bound.refused) {
    if (evaluated(value) === null) continue;
    throw notSupported(
      `the argument "${name}" of create_hypertable`,
      position,
      'Rows are partitioned by time; within a partition they lie series by series.',
    );
  }
  const relationOid = evaluated(bound.relation) as number | null;
  const timeColumn = evaluated(bound.timeColumn) as string | null;
  if (relationOid === null) throw invalid('relation cannot be NULL');
  if (timeColumn === null) throw invalid('partition column cannot be NULL');
  return {
    relationOid,
    timeColumn,
    partitionMicros: partitionMicros(evaluated(bound.partition)),
    ifNotExists: evaluated(bound.ifNotExists) === true,
    migrateData: evaluated(bound.migrateData) === true,
  };
}

function partitionMicros(value: Value): number {
  if (value === null) return DEFAULT_PARTITION_MICROS;
  const micros = value instanceof Interval ? partitionOfInterval(value) : Number(value);
  if (Number.isSafeInteger(micros) && micros > 0) return micros;
  throw invalid('invalid interval: must be greater than 0');
}

function invalid(message: string): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, message);
}

async function create(
  run: DefinitionRun,
  { relationOid, timeColumn, partitionMicros, ifNotExists, migrateData }: Arguments,
): Promise<{ readonly table: TableDescriptor; readonly isCreated: boolean }> {
  const before = run.catalog.tableByOid(relationOid);
  if (before !== undefined) run.requireOwnRelation({ kind: 'table', table: before });
  await run.lock(relationOid, 'exclusive');
  const table = run.catalog.tableByOid(relationOid);
  if (table === undefined || table.kind === 'system-table') {
    throw new SqlError(SqlState.WrongObjectType, 'only tables can be made hypertables');
  }
  if (table.timeSeries !== undefined) {
    const message = `table "${table.name}" is already a hypertable`;
    if (!ifNotExists) throw new SqlError(SqlState.HypertableExists, message);
    run.notice(`${message}, skipping`, { code: SqlState.HypertableExists });
    return { table, isCreated: false };
  }
  const timeSeries = bindHypertable(table, timeColumn, partitionMicros);
  refuseDependents(run, table);
  const hasRows = await hasRowsIn(run, table);
  if (hasRows && !migrateData) {
    throw new SqlError(SqlState.FeatureNotSupported, `table "${table.name}" is not empty`, {
      hint: "You can migrate data by specifying 'migrate_data => true' when calling this function.",
    });
  }
  if (!storedColumns(table)[timeSeries.timeColumn].isNotNull) {
    run.notice(`adding not-null constraint to column "${timeColumn}"`, {
      detail: 'Dimensions cannot have NULL values.',
    });
  }
  const created = await replace(run, table, newTable(table, timeSeries), hasRows);
  return { table: created, isCreated: true };
}

/** Throws 42703, 42804, 42701 and 0A000 for tables that cannot be time-series tables by this column. */
function bindHypertable(table: TableDescriptor, timeColumn: string, partitionMicros: number): BoundTimeSeries {
  const columns = storedColumns(table);
  const timeAt = columns.findIndex(({ name }) => name === timeColumn);
  const keys = keysOf(table);
  const tags = timeAt < 0 ? [] : (keys[0]?.columns ?? []).filter((at) => at !== timeAt).map((at) => columns[at].name);
  const defined = columns.map(
    ({ name, type, isNotNull, identity }): DefinedColumn => ({
      name,
      type,
      isNotNull,
      default: undefined,
      isSerial: false,
      identity: identity === undefined ? undefined : { kind: 'identity', mode: identity, options: [], position: 0 },
      position: 0,
    }),
  );
  const bound = bindTimeSeries(
    {
      time: { value: timeColumn, position: 0 },
      tags: { value: tags, position: 0 },
      partition: undefined,
      partitionMicros,
      fieldConflict: undefined,
      orderBy: undefined,
      hypertable: undefined,
    },
    defined,
  );
  if (bound === undefined) throw new Error('a time column makes a time-series table');
  if (keys[0] !== undefined && !keys[0].columns.includes(timeAt)) {
    throw notSupported(
      `a unique key without the column "${timeColumn}"`,
      0,
      'Rows of a time-series table are identified by their tags and their time.',
    );
  }
  checkTimeSeriesKeys(
    keys.map((key) => ({ ...key, position: 0 })),
    bound,
    columns,
  );
  const generated = columns.find((column) => column.generated !== undefined);
  if (generated !== undefined) throw notSupported('a generated column of a time-series table', 0);
  return bound;
}

function keysOf(table: TableDescriptor): NewTable['keys'] {
  const columns = storedColumns(table);
  return table.constraints.flatMap((constraint) => {
    if (constraint.kind !== 'key') return [];
    const { name, isPrimary, columnNumbers, isDeferrable, isInitiallyDeferred, indexOid } = constraint;
    return [
      {
        name,
        isPrimary,
        columns: columnNumbers.map((number) => columns.findIndex((column) => column.number === number)),
        nullsNotDistinct: table.indexes.find(({ oid }) => oid === indexOid)?.nullsNotDistinct === true,
        isDeferrable,
        isInitiallyDeferred,
      },
    ];
  });
}

/** Throws 0A000 for what would have to follow the table to where it goes, or that a time-series table cannot have. */
function refuseDependents(run: DefinitionRun, table: TableDescriptor): void {
  const isForeign = table.constraints.some(({ kind }) => kind === 'foreign-key');
  if (isForeign) throw notSupported('a foreign key of a time-series table', 0);
  const ownIndexes = new Set(constraintsOf(table).map(({ indexOid }) => indexOid));
  const index = table.indexes.find(({ oid }) => !ownIndexes.has(oid));
  if (index !== undefined) {
    throw notSupported(
      `create_hypertable of a table with the index "${index.name}"`,
      0,
      'Drop the index, and make it again afterwards if you need it.',
    );
  }
  const dependent = dependentsOf(run, { kind: 'table', table }).find(({ goesAlong }) => !goesAlong);
  if (dependent !== undefined) {
    throw notSupported(
      `create_hypertable of a table that views or foreign keys depend on`,
      0,
      'Call create_hypertable before they are made.',
    );
  }
}

function newTable(table: TableDescriptor, timeSeries: BoundTimeSeries): NewTable {
  const columns = storedColumns(table);
  return {
    schemaName: table.schemaName,
    name: table.name,
    ownerOid: table.ownerOid,
    persistence: table.persistence,
    onCommit: table.onCommit,
    columns: columns.map((column, at) => ({
      name: column.name,
      type: column.type,
      isNotNull: column.isNotNull || at === timeSeries.timeColumn,
      default: column.default,
      identity: column.identity,
    })),
    timeSeries,
    fieldConflict: table.fieldConflict,
    keys: keysOf(table),
    checks: table.constraints.flatMap((constraint) => {
      if (constraint.kind !== 'check') return [];
      const { name, expression, columnNumbers, isNoInherit } = constraint;
      const positions = columnNumbers.map((number) => columns.findIndex((column) => column.number === number));
      return [{ name, expression, columns: positions, ...(isNoInherit === undefined ? {} : { isNoInherit }) }];
    }),
    foreignKeys: [],
  };
}

/** Drops the table and makes the new one, which gets its rows, sequences, comments and rights. */
async function replace(
  run: DefinitionRun,
  table: TableDescriptor,
  definition: NewTable,
  hasRows: boolean,
): Promise<TableDescriptor> {
  const { transaction, scope } = run;
  const columns = storedColumns(table);
  const sequences = [...run.catalog.sequences()].filter(({ owner }) => owner?.tableOid === table.oid);
  const comments = columns.map(({ number }) => commentOf(run, table.oid, number));
  const comment = commentOf(run, table.oid, 0);
  const rights = [...run.transaction.catalog().acls()].filter(
    ({ classOid, objectOid }) => classOid === ObjectClass.Relation && objectOid === table.oid,
  );
  const snapshot = transaction.newestSnapshot();
  const plan = scanOf(
    table,
    columns.map((column) => table.columns.indexOf(column)),
  );
  const context = scope.environment.execution({ snapshot, tables: [table], parameters: [], control: scope.control });
  const rows = executePlan(plan, context);
  try {
    // A scan that has begun goes on although its table is dropped.
    let batch = hasRows ? await rows.next() : undefined;
    // Owned by nobody for a moment, they stay where the table goes.
    for (const sequence of sequences) transaction.sequences.alter({ ...sequence, owner: undefined });
    transaction.schema.dropTable(table.oid);
    const created = transaction.schema.createTable(definition);
    const newColumns = storedColumns(created);
    for (const sequence of sequences) {
      const { owner } = sequence;
      const at = columns.findIndex(({ number }) => number === owner?.columnNumber);
      if (owner === undefined || at < 0) continue;
      const columnNumber = newColumns[at].number;
      transaction.sequences.alter({ ...sequence, owner: { ...owner, tableOid: created.oid, columnNumber } });
    }
    const classOid = ObjectClass.Relation;
    transaction.access.dropAcls(({ objectOid }) => objectOid === created.oid);
    for (const { subId, items } of rights) {
      const at = columns.findIndex(({ number }) => number === subId);
      const place = { classOid, objectOid: created.oid, subId: subId === 0 ? 0 : newColumns[at]?.number };
      if (place.subId !== undefined) transaction.access.setAcl({ ...place, subId: place.subId }, items);
    }
    for (const [at, text] of [...comments.entries(), [-1, comment] as const]) {
      if (text === undefined) continue;
      const subId = at < 0 ? 0 : newColumns[at].number;
      transaction.comments.set({ classOid: ObjectClass.Relation, objectOid: created.oid, subId }, text);
    }
    if (hasRows) {
      run.notice('migrating data to chunks', {
        detail: 'Migration might take a while depending on the amount of data.',
      });
    }
    while (batch !== undefined && batch.done !== true) {
      requireTimes(table, definition, batch.value.columns, batch.value.rowCount);
      await transaction.append(created.oid, batch.value);
      const turn = scope.control.yieldIfDue();
      if (turn !== undefined) await turn;
      batch = await rows.next();
    }
    return run.table(created.oid);
  } finally {
    await rows.return();
    snapshot.release();
  }
}

function commentOf(run: DefinitionRun, objectOid: number, subId: number): string | undefined {
  return run.catalog.comment({ classOid: ObjectClass.Relation, objectOid, subId })?.text;
}

/** Throws 23502: the time may have been NULL before. */
function requireTimes(
  { schemaName, name: tableName }: TableDescriptor,
  { timeSeries, columns }: NewTable,
  values: readonly Column[],
  rowCount: number,
): void {
  if (timeSeries === undefined) return;
  const { validity } = values[timeSeries.timeColumn];
  if (validity === undefined || !validity.subarray(0, rowCount).includes(0)) return;
  const columnName = columns[timeSeries.timeColumn].name;
  throw new SqlError(
    SqlState.NotNullViolation,
    `column "${columnName}" of relation "${tableName}" contains null values`,
    { schemaName, tableName, columnName },
  );
}

async function hasRowsIn(run: DefinitionRun, table: TableDescriptor): Promise<boolean> {
  const { scope, transaction } = run;
  const snapshot = transaction.newestSnapshot();
  try {
    const context = scope.environment.execution({ snapshot, tables: [table], parameters: [], control: scope.control });
    for await (const { rowCount } of executePlan(scanOf(table, []), context)) if (rowCount > 0) return true;
    return false;
  } finally {
    snapshot.release();
  }
}
