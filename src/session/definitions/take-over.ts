import { ObjectClass } from '../../catalog/catalog-object.ts';
import type { IndexDescriptor } from '../../catalog/index-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { addIndex } from '../../database/schema-change/indexes.ts';
import { invariant } from '../../errors/invariant.ts';
import { notSupported } from '../../errors/sql-error.ts';
import type { LikedTable } from '../../sql/binder/bind-like.ts';
import { chooseIndexName } from './create-index.ts';
import type { DefinitionRun } from './definition-run.ts';
import { constraintOfIndex, constraintsOf } from './schema-object.ts';

/** What LIKE takes over once the new table is there: indexes that are no constraints, and comments. */
export async function takeOver(run: DefinitionRun, tableOid: number, liked: readonly LikedTable[]): Promise<void> {
  let hasIndexes = false;
  for (const { source, includes } of liked) {
    if (includes.has('comments')) copyComments(run, source, run.table(tableOid));
    if (!includes.has('indexes')) continue;
    for (const index of source.indexes) {
      if (constraintOfIndex(source, index.oid) !== undefined) continue;
      const copy = addCopy(run, source, run.table(tableOid), index);
      if (includes.has('comments')) copyComment(run, ObjectClass.Relation, [index.oid, 0], [copy.oid, 0]);
      hasIndexes = true;
    }
  }
  if (hasIndexes) await run.transaction.buildIndexes(tableOid, run.scope.control);
}

function addCopy(
  run: DefinitionRun,
  source: TableDescriptor,
  table: TableDescriptor,
  index: IndexDescriptor,
): IndexDescriptor {
  if (table.timeSeries !== undefined) throw notSupported('LIKE … INCLUDING INDEXES in a time-series table');
  const columns = index.columns.map((column) => ({
    ...column,
    columnNumber: sameColumn(source, table, column.columnNumber).number,
  }));
  const same = (number: number): number => sameColumn(source, table, number).number;
  const { includedColumns, predicate } = index;
  const numbers = [...columns.map(({ columnNumber }) => columnNumber), ...(includedColumns ?? []).map(same)];
  const names = numbers.map((number) => columnOf(table, number).name);
  const copy: IndexDescriptor = {
    ...index,
    oid: run.transaction.takeOid(),
    name: chooseIndexName(run, table, names),
    columns,
    ...(includedColumns === undefined ? {} : { includedColumns: includedColumns.map(same) }),
    ...(predicate === undefined
      ? {}
      : { predicate: { ...predicate, columnNumbers: predicate.columnNumbers.map(same) } }),
  };
  run.transaction.schema.alterTable(addIndex(table, copy));
  return copy;
}

function copyComments(run: DefinitionRun, source: TableDescriptor, table: TableDescriptor): void {
  for (const { number } of source.columns) {
    if (number < 1) continue;
    const place = [table.oid, sameColumn(source, table, number).number] as const;
    copyComment(run, ObjectClass.Relation, [source.oid, number], place);
  }
  for (const constraint of constraintsOf(source)) {
    const copy = constraintsOf(table).find(({ name, kind }) => kind === 'check' && name === constraint.name);
    if (copy !== undefined) copyComment(run, ObjectClass.Constraint, [constraint.oid, 0], [copy.oid, 0]);
  }
}

type Place = readonly [objectOid: number, subId: number];

function copyComment(run: DefinitionRun, classOid: number, [fromOid, fromSub]: Place, [toOid, toSub]: Place): void {
  const comment = run.catalog.comment({ classOid, objectOid: fromOid, subId: fromSub });
  if (comment !== undefined) run.transaction.comments.set({ classOid, objectOid: toOid, subId: toSub }, comment.text);
}

/** The column of the new table that was taken over from the source's. */
function sameColumn(source: TableDescriptor, table: TableDescriptor, number: number): ColumnDescriptor {
  const { name } = columnOf(source, number);
  const column = table.columns.find((candidate) => candidate.name === name);
  invariant(column !== undefined, 'LIKE takes over all columns');
  return column;
}

function columnOf(table: TableDescriptor, number: number): ColumnDescriptor {
  const column = table.columns.find((candidate) => candidate.number === number);
  invariant(column !== undefined, 'an index has columns of its table');
  return column;
}
