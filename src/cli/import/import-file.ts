import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Batch } from '../../columnar/batch.ts';
import type { Database } from '../../database/database.ts';
import type { TypeContext } from '../../types/type-definition.ts';
import { sqlType, typeByName } from '../../types/type-registry.ts';
import { openCsv } from './csv-source.ts';
import { ImportError, type ImportSource } from './import-source.ts';
import { openParquet } from './parquet-source.ts';

const SUPERUSER_OID = 10;
const MICROS_PER_DAY = 86_400_000_000;
/** PostgreSQL's limits. */
const MAX_NAME_BYTES = 63;
const MAX_COLUMNS = 1600;

export interface ImportOptions {
  readonly table: string;
  readonly timeColumn: string;
  readonly tagColumns: readonly string[];
  readonly partitionMicros: number;
  /** Rows imported so far. What it throws ends the import, and nothing is stored. */
  readonly onProgress?: (rowCount: number) => void;
}

/** Opens a file by its ending. Throws ImportError when it cannot be read as what it claims to be. */
export async function openImportSource(path: string, context: TypeContext): Promise<ImportSource> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new ImportError(`cannot read ${path}: ${error.code === 'ENOENT' ? 'no such file' : error.message}`);
  });
  if (!info.isFile()) throw new ImportError(`cannot read ${path}: it is not a file`);
  switch (extname(path).toLowerCase()) {
    case '.parquet':
      return openParquet(path);
    case '.csv':
      return openCsv(path, context);
    default:
      throw new ImportError(`cannot import ${path}: its name ends neither in .parquet nor in .csv`);
  }
}

/**
 * Makes a table without a key and stores all rows in one transaction: equal points are all kept, and a file that breaks
 * half-way leaves nothing. Timestamps without a zone are taken as UTC. Returns the number of rows.
 */
export async function importFile(database: Database, source: ImportSource, options: ImportOptions): Promise<number> {
  checkName('--table', options.table);
  for (const { name } of source.columns) checkName('the name of a column', name);
  if (source.columns.length > MAX_COLUMNS) {
    throw new ImportError(`tables can have at most ${MAX_COLUMNS} columns, and the file has ${source.columns.length}`);
  }
  const timeIndex = columnIndex(source, options.timeColumn, '--time');
  const timeType = source.columns[timeIndex]?.type.definition;
  if (timeType === undefined || !['timestamp', 'timestamptz', 'date'].includes(timeType.name)) {
    throw new ImportError(
      `column "${options.timeColumn}" is no time column: its type is ${timeType?.sqlName ?? 'unknown'}`,
      `Columns that can be one: ${timeColumns(source)}.`,
    );
  }
  const tagIndexes = options.tagColumns.map((name) => columnIndex(source, name, '--tags'));
  if (tagIndexes.includes(timeIndex))
    throw new ImportError(`column "${options.timeColumn}" cannot be time and tag at once`);

  const timestamptz = typeByName('timestamptz');
  const transaction = database.begin();
  try {
    const table = transaction.schema.createTable({
      schemaName: 'public',
      name: options.table,
      ownerOid: SUPERUSER_OID,
      columns: source.columns.map(({ name, type }, index) => ({
        name,
        type: index === timeIndex && timestamptz !== undefined ? sqlType(timestamptz) : type,
        isNotNull: index === timeIndex,
      })),
      timeSeries: { timeColumn: timeIndex, tagColumns: tagIndexes, partitionMicros: options.partitionMicros },
      keys: [],
      checks: [],
      foreignKeys: [],
    });
    let rowCount = 0;
    for await (const batch of source.batches()) {
      checkTimes(batch, timeIndex, options.timeColumn, rowCount);
      await transaction.append(table.oid, timeType.name === 'date' ? datesAsInstants(batch, timeIndex) : batch);
      rowCount += batch.rowCount;
      options.onProgress?.(rowCount);
    }
    await transaction.commit();
    return rowCount;
  } catch (error) {
    transaction.rollback();
    throw error;
  }
}

function checkName(what: string, name: string): void {
  if (name === '') throw new ImportError(`${what} is empty`);
  if (Buffer.byteLength(name) > MAX_NAME_BYTES || name.includes('\0')) {
    throw new ImportError(`${what} takes at most ${MAX_NAME_BYTES} bytes and no NUL: "${name.slice(0, 60)}…"`);
  }
}

function columnIndex(source: ImportSource, name: string, option: string): number {
  const index = source.columns.findIndex((column) => column.name === name);
  if (index >= 0) return index;
  throw new ImportError(
    `the file has no column "${name}", which ${option} names`,
    `Its columns: ${source.columns.map((column) => column.name).join(', ')}.`,
  );
}

function timeColumns(source: ImportSource): string {
  const names = source.columns
    .filter(({ type }) => ['timestamp', 'timestamptz', 'date'].includes(type.definition.name))
    .map((column) => column.name);
  return names.length === 0 ? 'none in this file' : names.join(', ');
}

function checkTimes(batch: Batch, timeIndex: number, name: string, rowsBefore: number): void {
  const row = batch.columns[timeIndex]?.validity?.indexOf(0) ?? -1;
  if (row >= 0) {
    throw new ImportError(`row ${rowsBefore + row + 1} has no time: column "${name}" is empty; nothing was imported`);
  }
}

function datesAsInstants(batch: Batch, timeIndex: number): Batch {
  const columns = batch.columns.map((column, index) => {
    if (index !== timeIndex || column.kind !== 'number') return column;
    return { ...column, values: column.values.map((days) => days * MICROS_PER_DAY) };
  });
  return { rowCount: batch.rowCount, columns };
}
