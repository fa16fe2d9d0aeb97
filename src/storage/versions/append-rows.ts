import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch, RowRepeats } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { valueAt } from '../../columnar/column.ts';
import { constantColumn } from '../../columnar/column-builder.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { int4 } from '../../types/int4.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import { storedType } from '../../types/stored-type.ts';
import type { RowNames } from '../deletes/row-names.ts';
import type { TagTuples } from '../index/series-index.ts';
import type { BlockColumn, RowBlock } from '../memtable/row-block.ts';
import { WRITER } from '../segment/hidden-columns.ts';
import { mergesVersions, PLAIN_PARTITION, visibleColumns } from '../table-identity.ts';
import type { TableStore } from '../table-store.ts';
import { nanosecondsOf, type TimeKeys } from '../time-key.ts';
import { splitByPartition } from './split-by-partition.ts';
import { storedTimeKeys } from './stored-time.ts';
import type { TableWrites, WriteSet } from './write-set.ts';

/** PostgreSQL shortens the values of a failing row to this. */
const MAX_DETAIL_CHARACTERS = 64;

/**
 * Puts full rows into a write set: one column per visible column of the table, in table order; columns that the table
 * has got since are NULL. Throws 23502 for a NULL in a NOT NULL column, 22008 for an infinite time. Keys are checked by
 * `KeyCheck`, afterwards. `replaced`: the rows that these take the place of, whose remainders they keep where the time is
 * the same.
 */
export function appendRows(
  writeSet: WriteSet,
  descriptor: TableDescriptor,
  store: TableStore | undefined,
  batch: Batch,
  replaced?: RowNames,
): TableWrites {
  // Columns that came while the rows were being made, or while the transaction waited for room, stand at the end.
  const columns = visibleColumns(descriptor).slice(0, batch.columns.length);
  invariant(batch.columns.length === columns.length, 'rows have no more columns than the table');
  checkNotNull(descriptor, columns, batch);
  const writes = writeSet.openTable(descriptor, store);
  const fields: BlockColumn[] = [];
  for (const [index, { number, type, role }] of columns.entries()) {
    if (role === 'field') {
      fields.push({ number, type: storedType(type.definition), column: batch.columns[index]! });
    }
  }
  const { timeSeries } = descriptor;
  if (timeSeries === undefined) {
    fields.push(writerColumn(writeSet, batch.rowCount));
    writeSet.append(writes, plainBlock(writes, batch.rowCount, fields));
    return writes;
  }
  const timeAt = columns.findIndex(({ number }) => number === timeSeries.timeColumnNumber);
  const newKeys = storedTimeKeys(descriptor, batch.columns[timeAt]!, batch.rowCount);
  const keys = replaced === undefined ? newKeys : withRemainders(newKeys, replaced);
  const seriesIds = localSeries(writes, columns, batch);
  const hasRowIds = !mergesVersions(descriptor);
  for (const block of blocks(descriptor, keys, seriesIds, fields)) {
    writeSet.append(writes, hasRowIds ? { ...block, rowIds: writes.takeRowIds(block.rowCount) } : block);
  }
  return writes;
}

/** SQL knows microseconds: a row whose time it did not change stays where it was to the nanosecond. */
function withRemainders({ times, fractions }: TimeKeys, replaced: RowNames): TimeKeys {
  if (replaced.fractions === undefined) return { times, fractions };
  const kept = fractions?.slice() ?? new Uint32Array(times.length);
  for (let row = 0; row < times.length; row++) {
    const before = replaced.fractions[row];
    const micros = before - nanosecondsOf(before);
    if (replaced.times[row] === times[row] && micros === kept[row]) kept[row] = before;
  }
  return { times, fractions: kept };
}

/** The bits of the transaction's number, which the log keeps in four bytes so. */
function writerColumn(writeSet: WriteSet, rowCount: number): BlockColumn {
  return { number: WRITER, type: int4, column: constantColumn('float64', writeSet.transactionNumber | 0, rowCount) };
}

function plainBlock(writes: TableWrites, rowCount: number, columns: readonly BlockColumn[]): RowBlock {
  const rowIds = writes.takeRowIds(rowCount);
  return {
    partition: PLAIN_PARTITION,
    rowCount,
    seriesIds: new Uint32Array(rowCount),
    times: rowIds,
    fractions: undefined,
    rowIds,
    isPartial: false,
    columns,
  };
}

function localSeries(writes: TableWrites, columns: readonly ColumnDescriptor[], batch: Batch): Uint32Array {
  const { series } = writes;
  if (series.tagNumbers.length === 0) return new Uint32Array(batch.rowCount);
  const places = series.tagNumbers.map((number) => columns.findIndex((column) => column.number === number));
  const { repeats } = batch;
  if (repeats !== undefined && places.every((index) => repeats.columns.includes(index))) {
    return repeatedSeries(writes, batch, places, repeats);
  }
  const seriesIds = new Uint32Array(batch.rowCount);
  const tags = places.map((index) => (index < 0 ? undefined : batch.columns[index]));
  const tuples = series.tuplesOfColumns(tags, batch.rowCount);
  const followers = new Int32Array(Math.min(series.size, batch.rowCount)).fill(-1);
  for (let row = 0; row < batch.rowCount; row++) {
    // Rows of one series often follow each other.
    if (row > 0 && isSameTuple(tuples, row)) {
      seriesIds[row] = seriesIds[row - 1];
      continue;
    }
    // Or the same series come in turn.
    const before = row === 0 ? -1 : seriesIds[row - 1];
    const guess = before >= 0 && before < followers.length ? followers[before] : -1;
    if (guess >= 0 && series.isTuple(guess, tuples, row)) {
      seriesIds[row] = guess;
      continue;
    }
    const known = series.find(tuples, row);
    seriesIds[row] = known >= 0 ? known : series.add(tuples, row);
    if (before >= 0 && before < followers.length) followers[before] = seriesIds[row];
  }
  return seriesIds;
}

/** Of rows that are known to have the same tags the first one is looked up. */
function repeatedSeries(
  writes: TableWrites,
  { rowCount, columns }: Batch,
  places: readonly number[],
  { groups, groupCount, source }: RowRepeats,
): Uint32Array {
  const { series } = writes;
  const before = writes.repeatedSeries;
  let ids = before?.source === source ? before.ids : new Int32Array(0);
  if (ids.length < groupCount) {
    const grown = new Int32Array(Math.max(groupCount, ids.length * 2)).fill(-1);
    grown.set(ids);
    ids = grown;
  }
  // One memory for all batches: a stream of rows leaves little to the garbage collector.
  const room =
    before !== undefined && before.seriesIds.length >= rowCount ? before.seriesIds : new Uint32Array(rowCount);
  writes.repeatedSeries = { source, ids, seriesIds: room };
  const seriesIds = room.subarray(0, rowCount);
  for (let row = 0; row < rowCount; row++) {
    const group = groups[row];
    let id = ids[group];
    if (id < 0) {
      const tuples = series.tuplesOf([places.map((index) => valueAt(columns[index]!, row))], series.tagNumbers);
      const known = series.find(tuples, 0);
      id = known >= 0 ? known : series.add(tuples, 0);
      ids[group] = id;
    }
    seriesIds[row] = id;
  }
  return seriesIds;
}

function isSameTuple(tuples: TagTuples, row: number): boolean {
  for (const codes of tuples) if (codes[row] !== codes[row - 1]) return false;
  return true;
}

/** One block per partition that the rows fall into. */
export function* blocks(
  descriptor: TableDescriptor,
  keys: TimeKeys,
  seriesIds: Uint32Array,
  columns: readonly BlockColumn[],
  isPartial = false,
): Generator<RowBlock> {
  const { times, fractions } = keys;
  for (const { partition, rows } of splitByPartition(times, descriptor.timeSeries!.partitionMicros)) {
    const base = { partition, rowIds: undefined, isPartial };
    if (rows === undefined) {
      yield { ...base, rowCount: times.length, seriesIds, times, fractions, columns };
      continue;
    }
    yield {
      ...base,
      rowCount: rows.length,
      seriesIds: gatherIds(seriesIds, rows),
      times: gatherTimes(times, rows),
      fractions: fractions === undefined ? undefined : gatherIds(fractions, rows),
      columns: columns.map(({ number, type, column }) => ({
        number,
        type,
        column: gatherColumn(column, rows, rows.length),
      })),
    };
  }
}

function gatherIds(values: Uint32Array, rows: Uint32Array): Uint32Array {
  const gathered = new Uint32Array(rows.length);
  for (let index = 0; index < rows.length; index++) gathered[index] = values[rows[index]];
  return gathered;
}

function gatherTimes(times: Float64Array, rows: Uint32Array): Float64Array {
  const gathered = new Float64Array(rows.length);
  for (let index = 0; index < rows.length; index++) gathered[index] = times[rows[index]];
  return gathered;
}

function checkNotNull(descriptor: TableDescriptor, columns: readonly ColumnDescriptor[], batch: Batch): void {
  for (const [index, column] of columns.entries()) {
    if (!column.isNotNull) continue;
    const row = firstNull(batch.columns[index]!, batch.rowCount);
    if (row < 0) continue;
    throw new SqlError(
      SqlState.NotNullViolation,
      `null value in column "${column.name}" of relation "${descriptor.name}" violates not-null constraint`,
      {
        detail: `Failing row contains (${describeRow(columns, batch, row)}).`,
        schemaName: descriptor.schemaName,
        tableName: descriptor.name,
        columnName: column.name,
      },
    );
  }
}

function firstNull(column: Column, rowCount: number): number {
  if (column.validity === undefined) return -1;
  const row = column.validity.indexOf(0);
  return row < rowCount ? row : -1;
}

function describeRow(columns: readonly ColumnDescriptor[], batch: Batch, row: number): string {
  return columns
    .map(({ type }, index) => {
      const value = valueAt(batch.columns[index]!, row);
      if (value === null) return 'null';
      const text = type.definition.format(value, neutralContext);
      return text.length > MAX_DETAIL_CHARACTERS ? `${text.slice(0, MAX_DETAIL_CHARACTERS)}...` : text;
    })
    .join(', ');
}
