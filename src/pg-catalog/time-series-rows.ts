import type { ColumnDescriptor, TableDescriptor, TimeSeriesSettings } from '../catalog/table-descriptor.ts';
import { Interval } from '../types/interval.ts';
import { SqlArray } from '../types/sql-array.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';
import { partitionName } from './partition-name.ts';

interface TimeSeriesTable {
  readonly table: TableDescriptor;
  readonly settings: TimeSeriesSettings;
  readonly timeColumn: ColumnDescriptor;
}

/** Time-series tables that whoever asks may look at. */
export function* timeSeriesTables(source: CatalogSource): Iterable<TimeSeriesTable> {
  for (const table of source.catalog().tables()) {
    const settings = table.timeSeries;
    if (table.kind !== 'table' || settings === undefined || !source.mayUse(table.oid)) continue;
    const timeColumn = table.columns.find(({ number }) => number === settings.timeColumnNumber);
    if (timeColumn !== undefined) yield { table, settings, timeColumn };
  }
}

const ofMicros = (micros: number): Interval => new Interval(0, 0, micros);
const days = (micros: number): Interval => {
  const wholeDays = Math.floor(micros / MICROS_PER_DAY);
  return new Interval(0, wholeDays, micros - wholeDays * MICROS_PER_DAY);
};
const MICROS_PER_DAY = 86_400_000_000;

/** timescaledb_information.hypertables: a hypertable is a time-series table here, a chunk a partition. */
export function* hypertablesRows(source: CatalogSource): Iterable<readonly Value[]> {
  const owners = new Map([...source.roles()].map(({ oid, name }) => [oid, name]));
  for (const { table } of timeSeriesTables(source)) {
    const { partitions } = source.storage().table(table.oid);
    yield [table.schemaName, table.name, owners.get(table.ownerOid) ?? null, 1, partitions.length, true, null];
  }
}

export function* dimensionsRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const { table, settings, timeColumn } of timeSeriesTables(source)) {
    const { oid } = timeColumn.type.definition;
    const interval = days(settings.partitionMicros);
    yield [table.schemaName, table.name, 1, timeColumn.name, oid, 'Time', interval, null, null, null];
  }
}

export function* chunksRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const { table, settings, timeColumn } of timeSeriesTables(source)) {
    for (const { number, segments } of source.storage().table(table.oid).partitions) {
      const from = number * settings.partitionMicros;
      yield [
        table.schemaName,
        table.name,
        table.schemaName,
        partitionName(table.name, from),
        timeColumn.name,
        timeColumn.type.definition.oid,
        from,
        from + settings.partitionMicros,
        null,
        null,
        segments.every(({ id }) => id !== undefined),
        null,
        null,
        null,
      ];
    }
  }
}

/** tidewire.tables: plain tables too. */
export function* ownTablesRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const table of source.catalog().tables()) {
    if (table.kind !== 'table' || !source.mayUse(table.oid)) continue;
    const settings = table.timeSeries;
    const nameOf = (number: number): string => table.columns.find((column) => column.number === number)?.name ?? '';
    const { partitions, seriesCount, sizeBytes } = source.storage().table(table.oid);
    const shares = partitions.flatMap(({ segments }) => segments);
    yield [
      table.schemaName,
      table.name,
      settings === undefined ? null : nameOf(settings.timeColumnNumber),
      settings === undefined ? null : new SqlArray(settings.tagColumnNumbers.map(nameOf)),
      settings === undefined ? null : days(settings.partitionMicros),
      shares.reduce((sum, { rowCount }) => sum + rowCount, 0),
      settings === undefined ? null : seriesCount,
      partitions.length,
      shares.filter(({ id }) => id !== undefined).length,
      sizeBytes,
      table.isFromLineProtocol,
    ];
  }
}

export function* ownSeriesRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const { table, settings } of timeSeriesTables(source)) {
    const tags = settings.tagColumnNumbers.flatMap(
      (number) => table.columns.find((column) => column.number === number) ?? [],
    );
    // jsonb has its keys in order of length, then of their bytes.
    const ordered = [...tags].sort((a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
    for (const { id, tag } of source.storage().series(table.oid)) {
      const members = ordered.map(({ name, number }) => `${JSON.stringify(name)}: ${jsonOf(tag(number))}`);
      yield [table.schemaName, table.name, id, `{${members.join(', ')}}`];
    }
  }
}

function jsonOf(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return JSON.stringify(String(value));
}

export function* ownSegmentsRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const table of source.catalog().tables()) {
    if (table.kind !== 'table' || !source.mayUse(table.oid)) continue;
    const micros = table.timeSeries?.partitionMicros;
    for (const { number, segments } of source.storage().table(table.oid).partitions) {
      const from = micros === undefined ? null : number * micros;
      const to = micros === undefined ? null : (number + 1) * micros;
      for (const { id, rowCount, sizeBytes, minLsn, maxLsn } of segments) {
        const lsns = [minLsn ?? null, maxLsn ?? null];
        yield [table.schemaName, table.name, id ?? null, from, to, rowCount, sizeBytes, ...lsns, id === undefined];
      }
    }
  }
}

export function* ownTagsRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const { table, settings } of timeSeriesTables(source)) {
    for (const number of settings.tagColumnNumbers) {
      const tag = table.columns.find((column) => column.number === number);
      if (tag === undefined) continue;
      yield [table.schemaName, table.name, tag.name, source.tagValueCount(table, number) ?? 0];
    }
  }
}

export function* ownWalRows(source: CatalogSource): Iterable<readonly Value[]> {
  const { nextLsn, durableLsn, publishedLsn, sizeBytes, failure } = source.storage().log();
  yield [nextLsn, durableLsn, publishedLsn, sizeBytes, failure ?? null];
}

/** The compaction that runs and the one that ended last, of this database's tables. */
export function* ownCompactionsRows(source: CatalogSource): Iterable<readonly Value[]> {
  const catalog = source.catalog();
  for (const fact of source.storage().compactions()) {
    const table = catalog.tableByOid(fact.tableOid);
    if (table === undefined || !source.mayUse(table.oid)) continue;
    const micros = table.timeSeries?.partitionMicros;
    yield [
      table.schemaName,
      table.name,
      micros === undefined ? null : fact.partition * micros,
      fact.reason,
      fact.state,
      fact.startMicros,
      fact.durationMs === undefined ? null : ofMicros(Math.round(fact.durationMs * 1000)),
      fact.inputSegments,
      fact.inputRows,
      fact.inputBytes,
      fact.outputRows,
      fact.outputBytes,
    ];
  }
}
