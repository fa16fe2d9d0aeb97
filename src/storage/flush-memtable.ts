import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { Column } from '../columnar/column.ts';
import { nextTurn } from '../platform/next-turn.ts';
import { bool } from '../types/bool.ts';
import { float8 } from '../types/float8.ts';
import { int8 } from '../types/int8.ts';
import { toInt64 } from '../types/int64.ts';
import { timestamp } from '../types/timestamp.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { upperBoundOf } from './binary-search.ts';
import type { SegmentEntry } from './checkpoint/manifest-content.ts';
import type { Memtable } from './memtable/memtable.ts';
import type { SortPermutation } from './memtable/sort-permutation.ts';
import { SortedNumbers } from './memtable/sorted-numbers.ts';
import type { ObjectTarget } from './packs/object-target.ts';
import type { MergedPoints } from './scan/merge-stretches.ts';
import { VersionMerger } from './scan/merge-stretches.ts';
import { nullColumn } from './scan/null-column.ts';
import { memtableStretches } from './scan/stretch.ts';
import type { SegmentEncoders } from './seams/segment-encoders.ts';
import { FULL_ROW, REMAINDER, ROW_ID } from './segment/hidden-columns.ts';
import { newSegmentWriter } from './segment/new-segment-writer.ts';
import type { SegmentColumn, SegmentRows } from './segment/segment-column.ts';
import type { SegmentWriting } from './segment/segment-writing.ts';
import { columnOfNumber, mergesVersions } from './table-identity.ts';
import { nanosecondsOf, remaindersOf, timeColumnOf } from './time-key.ts';

/** Rows handed to the segment writer at once. */
const FLUSH_ROWS = 8192;

/** Encoded values between turns of the event loop. */
const TURN_VALUES = 24_576;

/** What the columns of a segment are made of, besides fields. */
interface Layout {
  readonly hasTime: boolean;
  readonly hasRemainders: boolean;
  readonly hasPartialRows: boolean;
  readonly hasRowIds: boolean;
  readonly fields: readonly SegmentColumn[];
  /** Fields that hold numbers. */
  readonly numbers: readonly number[];
  readonly room: RowRoom;
}

/**
 * Writes the rows of a memtable that `permutation` has as a segment, sorted, versions of a point merged into one row. No
 * rows are added to the memtable any more.
 */
export async function writeMemtable(
  target: ObjectTarget,
  newName: () => string,
  {
    table,
    memtable,
    permutation,
    encoders,
  }: {
    table: TableDescriptor;
    memtable: Memtable;
    permutation: SortPermutation;
    encoders: SegmentEncoders | undefined;
  },
): Promise<SegmentEntry> {
  const layout = layoutOf(table, memtable, permutation);
  const { timeSeries } = table;
  const { object, result } = await target.write(newName, async (sink) => {
    const writer = newSegmentWriter(
      sink,
      {
        tableOid: table.oid,
        schemaVersion: Math.min(memtable.schemaVersion, table.schemaVersion),
        partitionStart:
          timeSeries === undefined ? 0 : toInt64(BigInt(memtable.partition) * BigInt(timeSeries.partitionMicros)),
        minLsn: memtable.firstLsn,
        maxLsn: memtable.lastLsn,
        sortColumnNumber: timeSeries?.timeColumnNumber ?? ROW_ID,
        columns: segmentColumns(table, layout),
      },
      { encoders, rowCount: permutation.rows.length, noteEncoded: turnsWhileEncoding() },
    );
    try {
      await writeRows(writer, { table, memtable, permutation, layout });
      return await writer.finish();
    } catch (error) {
      writer.abandon?.();
      throw error;
    }
  });
  return { ...object, ...result, minLsn: memtable.firstLsn, maxLsn: memtable.lastLsn };
}

/** Sockets and timers come first now and then while a segment is encoded. */
function turnsWhileEncoding(): (rowCount: number) => Promise<void> | undefined {
  let encoded = 0;
  return (rowCount) => {
    encoded += rowCount;
    if (encoded < TURN_VALUES) return undefined;
    encoded = 0;
    return nextTurn();
  };
}

function layoutOf(table: TableDescriptor, memtable: Memtable, permutation: SortPermutation): Layout {
  const numbers = [...memtable.columnNumbers()].sort((a, b) => a - b);
  const fields = numbers.map((number) => ({ number, type: memtable.column(number)!.type }));
  const targetRows = Math.min(permutation.rows.length, FLUSH_ROWS);
  return {
    hasTime: table.timeSeries !== undefined,
    hasRemainders: permutation.fractions?.some((fraction) => nanosecondsOf(fraction) > 0) ?? false,
    hasPartialRows: memtable.hasPartialRows,
    hasRowIds: !mergesVersions(table),
    fields,
    numbers: fields.filter(({ type }) => holdsNumbers(type)).map(({ number }) => number),
    room: new RowRoom(targetRows),
  };
}

function holdsNumbers({ representation }: TypeDefinition): boolean {
  return representation === 'float64' || representation === 'int64';
}

/** Memory for what some rows hold: it is copied or written before the next ones. */
class RowRoom {
  readonly seriesIds: Uint32Array;
  readonly #numbers = new Map<number, Float64Array>();

  constructor(rowCount: number) {
    this.seriesIds = new Uint32Array(rowCount);
  }

  numbers(columnNumber: number): Float64Array {
    let found = this.#numbers.get(columnNumber);
    if (found === undefined) {
      found = new Float64Array(this.seriesIds.length);
      this.#numbers.set(columnNumber, found);
    }
    return found;
  }
}

/** In the order in which `rowsOf` gives them. */
function segmentColumns(table: TableDescriptor, layout: Layout): SegmentColumn[] {
  const columns: SegmentColumn[] = [];
  if (table.timeSeries !== undefined) {
    const number = table.timeSeries.timeColumnNumber;
    columns.push({ number, type: storedTimeType(columnOfNumber(table, number).type.definition) });
  }
  if (layout.hasRowIds) columns.push({ number: ROW_ID, type: int8 });
  if (layout.hasRemainders) columns.push({ number: REMAINDER, type: float8 });
  if (layout.hasPartialRows) columns.push({ number: FULL_ROW, type: bool });
  columns.push(...layout.fields);
  return columns;
}

/** A time column of type date stands in segments as the instants at which its days begin. */
function storedTimeType(type: TypeDefinition): TypeDefinition {
  return type.representation === 'int64' ? type : timestamp;
}

interface RowsToWrite {
  readonly table: TableDescriptor;
  readonly memtable: Memtable;
  readonly permutation: SortPermutation;
  readonly layout: Layout;
}

async function writeRows(writer: SegmentWriting, from: RowsToWrite): Promise<void> {
  const { memtable, permutation, layout } = from;
  const sorted = SortedNumbers.of(memtable, permutation, layout.numbers);
  try {
    await writeRuns(writer, from, sorted);
  } finally {
    sorted?.close();
  }
}

async function writeRuns(writer: SegmentWriting, from: RowsToWrite, sorted: SortedNumbers | undefined): Promise<void> {
  const { permutation, table } = from;
  const { runStarts, runHasEqualKeys, runSeries } = permutation;
  const merges = mergesVersions(table);
  let loadedTo = 0;
  for (let run = 0; run < runSeries.length; ) {
    if (merges && runHasEqualKeys[run] === 1) {
      await writeMergedRun(writer, from, run++);
      continue;
    }
    const first = run;
    while (run < runSeries.length && !(merges && runHasEqualKeys[run] === 1)) run++;
    for (let start = runStarts[first]; start < runStarts[run]; ) {
      if (sorted !== undefined && start >= loadedTo) {
        // Whole stretches, whatever runs between them are merged: each costs a look at all rows.
        loadedTo = Math.min(start + sorted.stretchRows, permutation.rows.length);
        sorted.load(start, loadedTo);
      }
      const end = Math.min(start + FLUSH_ROWS, runStarts[run], sorted === undefined ? runStarts[run] : loadedTo);
      await writer.append(plainRows(from, sorted, start, end));
      start = end;
      // Sorting and encoding took a while: sockets and timers come first.
      await nextTurn();
    }
  }
}

function plainRows(
  { memtable, permutation, layout }: RowsToWrite,
  sorted: SortedNumbers | undefined,
  from: number,
  to: number,
): SegmentRows {
  const rowCount = to - from;
  const { rows, times, fractions } = permutation;
  const seriesIds = layout.room.seriesIds.subarray(0, rowCount);
  fillSeries(seriesIds, permutation, from);
  const columns: Column[] = [];
  if (layout.hasTime) columns.push(timeColumnOf(times, fractions, from, to));
  if (layout.hasRowIds) {
    const values = layout.room.numbers(ROW_ID).subarray(0, rowCount);
    for (let index = 0; index < rowCount; index++) values[index] = memtable.rowIdAt(rows[from + index]);
    columns.push({ kind: 'number', values, validity: undefined });
  }
  if (layout.hasRemainders) columns.push(remainderColumn(fractions, from, to));
  if (layout.hasPartialRows) {
    const values = new Uint8Array(rowCount);
    for (let index = 0; index < rowCount; index++) values[index] = memtable.isPartialAt(rows[from + index]) ? 0 : 1;
    columns.push({ kind: 'boolean', values, validity: undefined });
  }
  for (const { number, type } of layout.fields) {
    const values = sorted?.values(number, from, to);
    if (values !== undefined) {
      columns.push({ kind: 'number', values, validity: undefined });
      continue;
    }
    const target = holdsNumbers(type) ? layout.room.numbers(number) : undefined;
    columns.push(memtable.gather(number, rows, from, to, target) ?? nullColumn(type.representation, rowCount));
  }
  return { rowCount, seriesIds, columns };
}

/** The ids of the series of the sorted rows from `from` on. */
function fillSeries(seriesIds: Uint32Array, { runSeries, runStarts }: SortPermutation, from: number): void {
  const to = from + seriesIds.length;
  let run = upperBoundOf(runStarts, from) - 1;
  for (let start = from; start < to; run++) {
    const end = Math.min(runStarts[run + 1], to);
    seriesIds.fill(runSeries[run], start - from, end - from);
    start = end;
  }
}

async function writeMergedRun(
  writer: SegmentWriting,
  { memtable, permutation, layout }: RowsToWrite,
  run: number,
): Promise<void> {
  const merger = new VersionMerger(
    layout.fields.map(({ type }) => type.representation),
    true,
  );
  const seriesId = permutation.runSeries[run];
  const piece = memtableStretches(
    { memtable, permutation },
    { from: permutation.runStarts[run], to: permutation.runStarts[run + 1] },
    layout.fields.map(({ number }) => number),
  );
  const write = async (points: MergedPoints): Promise<void> => {
    await writer.append(mergedRows(points, seriesId, layout));
    await nextTurn();
  };
  for await (const points of merger.addRun(seriesId, [piece])) await write(points);
  for (const points of merger.finish()) await write(points);
}

function mergedRows(points: MergedPoints, seriesId: number, layout: Layout): SegmentRows {
  const { rowCount, times, fractions, partial } = points;
  const columns: Column[] = [timeColumnOf(times, fractions, 0, rowCount)];
  if (layout.hasRemainders) columns.push(remainderColumn(fractions, 0, rowCount));
  if (layout.hasPartialRows) {
    columns.push({ kind: 'boolean', values: partial.map((isPartial) => 1 - isPartial), validity: undefined });
  }
  columns.push(...points.columns);
  return { rowCount, seriesIds: new Uint32Array(rowCount).fill(seriesId), columns };
}

function remainderColumn(fractions: Uint32Array | undefined, from: number, to: number): Column {
  const remainders = remaindersOf(fractions, from, to);
  const values = remainders === undefined ? new Float64Array(to - from) : Float64Array.from(remainders);
  return { kind: 'number', values, validity: undefined };
}
