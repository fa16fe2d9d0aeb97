import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { PlanCounters } from '../../execution/execute-plan.ts';
import { checkNameFree } from '../../sql/binder/bind-create-table.ts';
import { bindCreateTableAs } from '../../sql/binder/bind-create-table-as.ts';
import type { BoundCreateTableAs, BoundInsert } from '../../sql/binder/bound-statement.ts';
import { relationNamed } from '../../sql/binder/find-relation.ts';
import { checkOnCommit } from '../definitions/create-table.ts';
import { DefinitionRun } from '../definitions/definition-run.ts';
import { lockTypes } from '../definitions/lock-types.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { runModification } from './modify.ts';

/** CREATE TABLE … AS and SELECT … INTO. `tables`: those of the query. What is done before it fails is taken back. */
export async function createTableAs(
  bound: BoundCreateTableAs,
  tables: readonly TableDescriptor[],
  scope: StatementScope,
  counters?: PlanCounters,
): Promise<CommandResult> {
  const { block } = scope;
  const transaction = block.current();
  block.noteQuery();
  block.requireWritable(bound.statement.isSelectInto ? 'SELECT INTO' : 'CREATE TABLE AS');
  const mark = transaction.markStatement();
  try {
    const { statement, query } = bound;
    const table = await makeTable(bound, new DefinitionRun(scope, undefined));
    if (table === undefined || !statement.withData) return { tag: 'CREATE TABLE AS' };
    const insert: BoundInsert = {
      kind: 'insert',
      table,
      source: query.plan,
      returning: undefined,
      ...(query.with === undefined ? {} : { with: query.with }),
    };
    const { rowCount } = await runModification(insert, [...tables, table], scope, counters);
    return { tag: `SELECT ${rowCount}` };
  } catch (error) {
    transaction.rollbackStatement(mark);
    throw error;
  } finally {
    transaction.releaseMark(mark);
  }
}

/** Whether the table can be made, as far as its name goes; false: there is one already, and that is fine. Rejects with 42P07. */
export async function canCreateTable({ statement }: BoundCreateTableAs, scope: StatementScope): Promise<boolean> {
  const run = new DefinitionRun(scope, undefined);
  const { relation } = statement;
  const { schemaName } = await run.place(relation, statement.persistence);
  if (statement.ifNotExists && relationNamed(run.catalog, schemaName, relation.name) !== undefined) {
    run.notice(`relation "${relation.name}" already exists, skipping`, { code: SqlState.DuplicateTable });
    return false;
  }
  checkNameFree(run.bindContext(), schemaName, relation.name);
  return true;
}

/** undefined: there is one of the name already, and that is fine. */
async function makeTable(
  { statement, query }: BoundCreateTableAs,
  run: DefinitionRun,
): Promise<TableDescriptor | undefined> {
  const { relation, onCommit } = statement;
  const { schemaName, persistence } = await run.place(relation, statement.persistence);
  checkOnCommit(persistence, onCommit);
  if (statement.ifNotExists && relationNamed(run.catalog, schemaName, relation.name) !== undefined) {
    run.notice(`relation "${relation.name}" already exists, skipping`, { code: SqlState.DuplicateTable });
    return undefined;
  }
  const bound = bindCreateTableAs(statement, query.plan.output);
  checkNameFree(run.bindContext(), schemaName, relation.name);
  await lockTypes(run, bound.columns);
  return run.transaction.schema.createTable({
    schemaName,
    name: relation.name,
    ownerOid: run.roleOid,
    persistence,
    ...(onCommit === undefined || onCommit === 'preserve rows' ? {} : { onCommit }),
    columns: bound.columns.map(({ name, type, isNotNull }) => ({ name, type, isNotNull })),
    timeSeries: bound.timeSeries,
    fieldConflict: bound.fieldConflict,
    keys: [],
    checks: [],
    foreignKeys: [],
  });
}
