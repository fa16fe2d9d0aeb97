import { ALL_TIME, type ScanRequest, type SeriesPredicate } from '../../src/catalog/scan-request.ts';
import type { ScanCounters, Snapshot, Table } from '../../src/catalog/table.ts';
import type { Batch } from '../../src/columnar/batch.ts';
import { valueAt } from '../../src/columnar/column.ts';
import { columnOf } from '../../src/columnar/column-builder.ts';
import type { Database } from '../../src/database/database.ts';
import type { IngestBatch, IngestFieldType } from '../../src/database/ingest-batch.ts';
import { Instance, type InstanceOptions } from '../../src/database/instance.ts';
import type { NewTable } from '../../src/database/new-table.ts';
import type { Transaction } from '../../src/database/transaction.ts';
import { rowNameColumns } from '../../src/storage/undeclared-columns.ts';
import { sqlType, typeByName } from '../../src/types/type-registry.ts';
import type { Value } from '../../src/types/value.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';

export const HOUR = 3_600_000_000;
export const DAY = 24 * HOUR;

/** An instance on a disk in memory, with small files and caches. */
export function openScratch(
  fileSystem: MemoryFileSystem = new MemoryFileSystem(),
  options: Partial<InstanceOptions> = {},
): Promise<Instance> {
  return Instance.open({
    directory: '/data',
    fileSystem,
    logFileBytes: 256 * 1024,
    cacheBytes: 4 << 20,
    reserveBytes: 0,
    ...options,
  });
}

export function databaseOf(instance: Instance): Database {
  return instance.database('tidewire')!;
}

/** A line of line protocol, taken apart. */
export interface Point {
  readonly tags?: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, Value>>;
  readonly time: number;
  readonly nanoseconds?: number;
}

/** What an HTTP door would hand over: one batch for one measurement. `types` names fields that are not floats. */
export function batchOf(
  tableName: string,
  points: readonly Point[],
  types: Readonly<Record<string, IngestFieldType>> = {},
): IngestBatch {
  const tagNames = [...new Set(points.flatMap((point) => Object.keys(point.tags ?? {})))];
  const fieldNames = [...new Set(points.flatMap((point) => Object.keys(point.fields)))];
  const series: (string | null)[][] = [];
  const known = new Map<string, number>();
  const seriesOfRow = new Uint32Array(points.length);
  for (const [row, point] of points.entries()) {
    const tuple = tagNames.map((name) => point.tags?.[name] ?? null);
    const key = JSON.stringify(tuple);
    if (!known.has(key)) known.set(key, series.push(tuple) - 1);
    seriesOfRow[row] = known.get(key)!;
  }
  const hasNanoseconds = points.some((point) => point.nanoseconds !== undefined);
  return {
    tableName,
    rowCount: points.length,
    tagNames,
    series,
    seriesOfRow,
    times: Float64Array.from(points, (point) => point.time),
    remainders: hasNanoseconds ? Uint16Array.from(points, (point) => point.nanoseconds ?? 0) : undefined,
    fields: fieldNames.map((name) => {
      const type = types[name] ?? 'float';
      const representation =
        type === 'string' ? 'text' : type === 'boolean' ? 'boolean' : type === 'unsigned' ? 'value' : 'int64';
      return {
        name,
        type,
        firstRow: points.findIndex((point) => point.fields[name] !== undefined),
        column: columnOf(
          representation,
          points.map((point) => point.fields[name] ?? null),
        ),
      };
    }),
  };
}

export function typeNamed(name: string) {
  return sqlType(typeByName(name)!);
}

/** PRIMARY KEY over the columns at these positions. */
export function primaryKey(tableName: string, columns: readonly number[]): NewTable['keys'][number] {
  return {
    name: `${tableName}_pkey`,
    isPrimary: true,
    columns,
    nullsNotDistinct: false,
    isDeferrable: false,
    isInitiallyDeferred: false,
  };
}

/** `columns` as 'name type' or 'name type not null'; the first time column, and tags by name. */
export function newTable(
  name: string,
  columns: readonly string[],
  options: { time?: string; tags?: readonly string[]; key?: readonly string[] } = {},
): NewTable {
  const parsed = columns.map((column) => {
    const [columnName, typeName, ...rest] = column.split(' ');
    return { name: columnName!, type: typeNamed(typeName!), isNotNull: rest.join(' ') === 'not null' };
  });
  const positionOf = (columnName: string) => parsed.findIndex((column) => column.name === columnName);
  return {
    schemaName: 'public',
    name,
    columns: parsed,
    timeSeries:
      options.time === undefined
        ? undefined
        : {
            timeColumn: positionOf(options.time),
            tagColumns: (options.tags ?? []).map(positionOf),
            partitionMicros: DAY,
          },
    keys: options.key === undefined ? [] : [primaryKey(name, options.key.map(positionOf))],
    checks: [],
    foreignKeys: [],
    ownerOid: 10,
  };
}

/** Rows of a table as a statement of the transaction finds them: their names, and their values in table order. */
export interface FoundRows {
  /** The table as it was, and the LSN of the snapshot that showed them. */
  readonly table: Table;
  readonly lsn: number;
  readonly names: readonly (readonly Value[])[];
  readonly rows: readonly (readonly Value[])[];
}

/** What an UPDATE or DELETE does first: takes the lock, then a snapshot, and finds the rows for which `filter` is true. */
export async function findRows(
  transaction: Transaction,
  tableName: string,
  filter: (row: Record<string, Value>) => boolean = () => true,
  request: Partial<ScanRequest> = {},
): Promise<FoundRows> {
  await transaction.lockForWrite(tableNamed(transaction, tableName).descriptor.oid);
  const table = tableNamed(transaction, tableName);
  // Beyond 2262 it cannot be asked for.
  const columns = table.descriptor.columns.filter(({ name }) => name !== 'time_ns');
  const places = columns.map((column) => table.descriptor.columns.indexOf(column));
  const nameAt = rowNameColumns(table.descriptor).map((at) => places.indexOf(at));
  const snapshot = transaction.snapshot();
  const names: Value[][] = [];
  const rows: Value[][] = [];
  const tableScan = table.scan(
    { columns: places, timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [], ...request },
    snapshot,
  );
  for (const morsel of tableScan.morsels()) {
    for await (const batch of tableScan.read(morsel, patience)) {
      for (let row = 0; row < batch.rowCount; row++) {
        const values = batch.columns.map((column) => valueAt(column, row));
        if (!filter(Object.fromEntries(columns.map(({ name }, at) => [name, values[at]!])))) continue;
        names.push(nameAt.map((at) => values[at]!));
        rows.push(values.filter((_, at) => columns[at]!.isHidden !== true));
      }
    }
  }
  snapshot.release();
  return { table, lsn: snapshot.lsn, names, rows };
}

export function namesBatch(table: Table, names: readonly (readonly Value[])[]): Batch {
  return {
    rowCount: names.length,
    columns: rowNameColumns(table.descriptor).map((at, index) =>
      columnOf(
        table.descriptor.columns[at]!.type.definition.representation,
        names.map((name) => name[index]!),
      ),
    ),
  };
}

/** DELETE … WHERE; returns how many rows there were. */
export async function deleteWhere(
  transaction: Transaction,
  tableName: string,
  filter?: (row: Record<string, Value>) => boolean,
): Promise<number> {
  const { names } = await findRows(transaction, tableName, filter);
  const table = tableNamed(transaction, tableName);
  return transaction.delete(table.descriptor.oid, namesBatch(table, names));
}

/** UPDATE … SET … WHERE, `change` giving the columns that are set. */
export async function updateWhere(
  transaction: Transaction,
  tableName: string,
  change: (row: Record<string, Value>) => Record<string, Value>,
  filter?: (row: Record<string, Value>) => boolean,
): Promise<number> {
  const { names, rows } = await findRows(transaction, tableName, filter);
  const table = tableNamed(transaction, tableName);
  const visible = table.descriptor.columns.filter((column) => column.isHidden !== true);
  const changed = rows.map((row) => {
    const values = Object.fromEntries(visible.map(({ name }, at) => [name, row[at]!]));
    const set = { ...values, ...change(values) };
    return visible.map(({ name }) => set[name] ?? null);
  });
  return transaction.update(table.descriptor.oid, namesBatch(table, names), rowsOf(table, changed));
}

/** Rows as INSERT hands them over: a column for each visible column of the table. */
export function rowsOf(table: Table, rows: readonly (readonly Value[])[]): Batch {
  const columns = table.descriptor.columns.filter((column) => column.isHidden !== true);
  return {
    rowCount: rows.length,
    columns: columns.map(({ type }, index) =>
      columnOf(
        type.definition.representation,
        rows.map((row) => row[index] ?? null),
      ),
    ),
  };
}

export function tableNamed(transaction: Transaction, name: string): Table {
  const descriptor = transaction.catalog().table('public', name);
  if (descriptor === undefined) throw new Error(`there is no table ${name}`);
  return transaction.table(descriptor.oid)!;
}

/** A transaction that makes a table and is committed. */
export async function makeTable(database: Database, definition: NewTable): Promise<void> {
  const transaction = database.begin();
  transaction.schema.createTable(definition);
  await transaction.commit();
}

/** A transaction that inserts rows and is committed. */
export async function insert(database: Database, name: string, rows: readonly (readonly Value[])[]): Promise<void> {
  const transaction = database.begin();
  const table = tableNamed(transaction, name);
  try {
    await transaction.append(table.descriptor.oid, rowsOf(table, rows));
  } catch (error) {
    transaction.rollback();
    throw error;
  }
  await transaction.commit();
}

export const patience = { yieldIfDue: () => undefined };

export interface Scanned {
  readonly rows: Record<string, Value>[];
  readonly counters: ScanCounters;
}

/** All rows of a scan as objects by column name. */
export async function scan(
  table: Table,
  snapshot: Snapshot,
  request: Partial<ScanRequest> & { names?: readonly string[] } = {},
): Promise<Scanned> {
  const { columns } = table.descriptor;
  const visible = columns.filter((column) => column.isHidden !== true).map((column) => column.name);
  const names = request.names ?? visible;
  const tableScan = table.scan(
    {
      columns: names.map((name) => columns.findIndex((column) => column.name === name)),
      timeRange: request.timeRange ?? ALL_TIME,
      seriesPredicates: request.seriesPredicates ?? [],
      fieldRanges: request.fieldRanges ?? [],
      ...(request.index === undefined ? {} : { index: request.index }),
    },
    snapshot,
  );
  const rows: Record<string, Value>[] = [];
  for (const morsel of tableScan.morsels()) {
    for await (const batch of tableScan.read(morsel, patience)) {
      for (let row = 0; row < batch.rowCount; row++) {
        rows.push(Object.fromEntries(names.map((name, index) => [name, valueAt(batch.columns[index]!, row)])));
      }
    }
  }
  return { rows, counters: tableScan.counters };
}

/** The rows of a table as a new transaction sees them. */
export async function readTable(
  database: Database,
  name: string,
  request: Partial<ScanRequest> & { names?: readonly string[] } = {},
): Promise<Record<string, Value>[]> {
  const transaction = database.begin();
  const snapshot = transaction.snapshot();
  try {
    return (await scan(tableNamed(transaction, name), snapshot, request)).rows;
  } finally {
    snapshot.release();
    transaction.rollback();
  }
}

/** The disk as a killed process leaves it: everything written, and the lock of a process that is gone. */
export async function killed(fileSystem: MemoryFileSystem): Promise<MemoryFileSystem> {
  const left = fileSystem.clone();
  await left.remove('/data/tidewire.lock');
  return left;
}

/** A predicate `tag = value`, with the part that an index answers. */
export function tagEquals(table: Table, tagName: string, value: string | null): SeriesPredicate {
  const tagColumn = table.descriptor.columns.findIndex((column) => column.name === tagName);
  return {
    tagColumns: [tagColumn],
    select(series, selection) {
      let count = 0;
      for (let row = 0; row < series.rowCount; row++) {
        if (valueAt(series.columns[0]!, row) === value) selection[count++] = row;
      }
      return count;
    },
    equalTo: { tagColumn, values: [value] },
  };
}
