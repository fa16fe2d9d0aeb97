import type { TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import type { Column } from '../../../src/columnar/column.ts';
import { valueAt } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { CompactionPace } from '../../../src/storage/compaction/compaction-pace.ts';
import { mergeLayout } from '../../../src/storage/compaction/merge-layout.ts';
import { mergeSegments } from '../../../src/storage/compaction/merge-segments.ts';
import { FULL_ROW, REMAINDER, ROW_ID } from '../../../src/storage/segment/hidden-columns.ts';
import type { SegmentColumn } from '../../../src/storage/segment/segment-column.ts';
import type { SegmentReader } from '../../../src/storage/segment/segment-reader.ts';
import { SegmentWriter } from '../../../src/storage/segment/segment-writer.ts';
import { compareTimeKeys, timeKeyOf } from '../../../src/storage/time-key.ts';
import { sqlType, typeByName } from '../../../src/types/type-registry.ts';
import type { Int64, Value } from '../../../src/types/value.ts';
import { column, MemorySegment, openSegment, TIME } from '../segment/segment-helpers.ts';

/** A row of a segment. A field that is missing here is NULL. */
export interface Row {
  readonly series: number;
  readonly time: Int64;
  readonly remainder?: number;
  readonly isPartial?: boolean;
  readonly rowId?: number;
  readonly fields?: Readonly<Record<number, Value>>;
}

export type RowKind = 'keyed' | 'keyless' | 'plain';

export const FIELDS: readonly SegmentColumn[] = [
  column(2, 'float8'),
  column(3, 'int8'),
  column(4, 'bool'),
  column(5, 'text'),
  column(6, 'numeric'),
];

/** Rows of one segment, in the order in which it has them; the fields at `numbers` are stored. */
export async function segmentOf(
  kind: RowKind,
  rows: readonly Row[],
  numbers?: readonly number[],
): Promise<SegmentReader> {
  return openSegment(await fileOf(kind, rows, numbers), { readAheadBytes: 4096 });
}

export async function fileOf(
  kind: RowKind,
  rows: readonly Row[],
  numbers: readonly number[] = FIELDS.map(({ number }) => number),
): Promise<MemorySegment> {
  const fields = FIELDS.filter(({ number }) => numbers.includes(number));
  const hasRemainders = rows.some(({ remainder }) => (remainder ?? 0) > 0);
  const hasPartialRows = rows.some(({ isPartial }) => isPartial === true);
  const columns: SegmentColumn[] = kind === 'plain' ? [] : [TIME];
  if (kind !== 'keyed') columns.push(column(ROW_ID, 'int8'));
  if (hasRemainders) columns.push(column(REMAINDER, 'float8'));
  if (hasPartialRows) columns.push(column(FULL_ROW, 'bool'));
  columns.push(...fields);
  const file = new MemorySegment();
  const writer = SegmentWriter.create(file, {
    tableOid: 16384,
    schemaVersion: 1,
    partitionStart: 0,
    minLsn: 1,
    maxLsn: 1,
    sortColumnNumber: kind === 'plain' ? ROW_ID : TIME.number,
    columns,
  });
  await writer.append({
    rowCount: rows.length,
    seriesIds: Uint32Array.from(rows, ({ series }) => series),
    columns: columns.map(({ number, type }) =>
      columnOf(
        type.representation,
        rows.map((row): Value => storedValue(row, number)),
      ),
    ),
  });
  await writer.finish();
  return file;
}

function storedValue(row: Row, number: number): Value {
  switch (number) {
    case TIME.number:
      return row.time;
    case ROW_ID:
      return row.rowId ?? 0;
    case REMAINDER:
      return row.remainder ?? 0;
    case FULL_ROW:
      return row.isPartial !== true;
    default:
      return row.fields?.[number] ?? null;
  }
}

export function tableOf(kind: RowKind, numbers = FIELDS.map(({ number }) => number)): TableDescriptor {
  const columns = FIELDS.filter(({ number }) => numbers.includes(number)).map(({ number, type }) => ({
    number,
    name: `f${number}`,
    type: sqlType(type),
    isNotNull: false,
    role: 'field' as const,
  }));
  const time = { number: 1, name: 'time', type: sqlType(typeByName('timestamptz')!), isNotNull: true };
  const uniqueKey = {
    name: 'key',
    constraintOid: 2,
    indexOid: 3,
    isPrimary: true,
    columnNumbers: [1],
    nullsNotDistinct: true,
  };
  return {
    oid: 16384,
    schemaOid: 2200,
    schemaName: 'public',
    name: 't',
    ownerOid: 10,
    kind: 'table',
    columns: kind === 'plain' ? columns : [{ ...time, role: 'time' }, ...columns],
    timeSeries: kind === 'plain' ? undefined : { timeColumnNumber: 1, tagColumnNumbers: [], partitionMicros: 8.64e10 },
    uniqueKey: kind === 'keyed' ? uniqueKey : undefined,
    isFromLineProtocol: true,
    schemaVersion: 1,
    rowTypeOid: 1,
  } as unknown as TableDescriptor;
}

export interface MergeOptions {
  readonly dead?: readonly (readonly number[])[];
  readonly isOldest?: boolean;
  readonly table?: TableDescriptor;
  readonly pace?: CompactionPace;
}

/** Merges segments, oldest first. */
export async function merge(
  kind: RowKind,
  segments: readonly SegmentReader[],
  { dead = [], isOldest = false, table = tableOf(kind), pace = freePace() }: MergeOptions = {},
): Promise<SegmentReader> {
  const layout = mergeLayout(table, segments, { isOldest });
  const file = new MemorySegment();
  const header = { tableOid: 16384, schemaVersion: 1, partitionStart: 0, minLsn: 1, maxLsn: 2 };
  const inputs = segments.map((reader, index) => ({ reader, dead: Uint32Array.from(dead[index] ?? []) }));
  await mergeSegments(file, header, { inputs, layout, pace });
  return openSegment(file);
}

export function freePace(): CompactionPace {
  return new CompactionPace({ check: () => {}, giveWay: () => undefined, rest: () => undefined });
}

/** All rows of a segment. */
export async function rowsOf(kind: RowKind, reader: SegmentReader): Promise<Row[]> {
  const columns = new Map<number, Value[]>();
  for (const { number } of reader.columns) columns.set(number, await valuesOf(reader, number));
  const rows: Row[] = [];
  for (let series = 0; series < reader.seriesIds.length; series++) {
    for (let row = reader.seriesStarts[series]; row < reader.seriesStarts[series + 1]; row++) {
      const at = (number: number): Value | undefined => columns.get(number)?.[row];
      const rowId = at(ROW_ID);
      rows.push({
        series: reader.seriesIds[series],
        time: (kind === 'plain' ? rowId : at(TIME.number)) as Int64,
        remainder: (at(REMAINDER) ?? 0) as number,
        isPartial: at(FULL_ROW) === false,
        ...(kind === 'keyed' ? {} : { rowId: rowId as number }),
        fields: fieldsOf((number) => at(number) ?? null),
      });
    }
  }
  return rows;
}

async function valuesOf(reader: SegmentReader, number: number): Promise<Value[]> {
  const values: Value[] = [];
  for (let unit = 0; unit < reader.unitCount; unit++) {
    const pinned: { column: Column; release(): void } = await reader.readUnit(number, unit);
    const rowCount = reader.unitStarts[unit + 1] - reader.unitStarts[unit];
    for (let row = 0; row < rowCount; row++) values.push(valueAt(pinned.column, row));
    pinned.release();
  }
  return values;
}

function fieldsOf(valueAtNumber: (number: number) => Value): Record<number, Value> {
  return Object.fromEntries(
    FIELDS.map(({ number }) => [number, valueAtNumber(number)] as const).filter(([, value]) => value !== null),
  );
}

/** In the order in which a segment has them. */
export function sorted(kind: RowKind, rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => a.series - b.series || compareKeys(kind, a, b));
}

function compareKeys(kind: RowKind, a: Row, b: Row): number {
  if (kind === 'plain') return (a.rowId ?? 0) - (b.rowId ?? 0);
  const left = timeKeyOf(a.time);
  const right = timeKeyOf(b.time);
  return compareTimeKeys(
    left.time,
    left.fraction + (a.remainder ?? 0),
    right.time,
    right.fraction + (b.remainder ?? 0),
  );
}

/** What a merge is to give, told row by row: of the segments, oldest first, the rows that are not dead. */
export function expected(
  kind: RowKind,
  segments: readonly (readonly Row[])[],
  { dead = [], isOldest = false }: Pick<MergeOptions, 'dead' | 'isOldest'> = {},
): Row[] {
  const live = segments.map((rows, index) => rows.filter((_, row) => !(dead[index] ?? []).includes(row)));
  if (kind !== 'keyed') {
    return sorted(kind, live.flat()).map((row) => ({
      series: row.series,
      time: kind === 'plain' ? (row.rowId ?? 0) : row.time,
      remainder: row.remainder ?? 0,
      isPartial: false,
      rowId: row.rowId ?? 0,
      fields: row.fields ?? {},
    }));
  }
  const points = new Map<string, Row[]>();
  for (const rows of live) {
    for (const row of rows) {
      const key = `${row.series}/${row.time}/${row.remainder ?? 0}`;
      points.set(key, [row, ...(points.get(key) ?? [])]);
    }
  }
  const merged = [...points.values()].map((versions): Row => {
    const lastFull = versions.findIndex(({ isPartial }) => isPartial !== true);
    const seen = lastFull < 0 ? versions : versions.slice(0, lastFull + 1);
    const fields: Record<number, Value> = {};
    for (const { fields: values = {} } of [...seen].reverse()) Object.assign(fields, values);
    const [newest] = versions;
    return {
      series: newest!.series,
      time: newest!.time,
      remainder: newest!.remainder ?? 0,
      isPartial: lastFull < 0 && !isOldest,
      fields,
    };
  });
  return sorted(kind, merged);
}
