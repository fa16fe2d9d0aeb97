import type { Run, ScanControl } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { invariant } from '../../errors/invariant.ts';
import type { PinnedColumn } from '../cache/pinned-column.ts';
import { partOf } from '../segment/column-reader.ts';
import { REMAINDER } from '../segment/hidden-columns.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import { timeKeyOf, timeKeysOf } from '../time-key.ts';
import { sourceOf } from './open-spans.ts';
import { assembleColumns } from './output-columns.ts';
import { fieldOutputs } from './row-collector.ts';
import type { MemtableScanSource, ScanSource, SegmentScanSource } from './run-directory.ts';
import type { ScanParts } from './table-scan.ts';

/** Rows of one source: series i has row `rows[i]`, the last one that it has there. */
interface Tails {
  readonly seriesIds: number[];
  readonly rows: number[];
}

/**
 * Single rows as `planLastRows` names them, many to a batch. Of segments one unit of each column is read for each series,
 * or for neighbouring series together; the time is known from the directory. `searched` receives the series of which the
 * row turns out to share its time with others, in tables where that means nothing.
 */
export async function* readTails(
  parts: ScanParts,
  sources: readonly ScanSource[],
  runs: readonly Run[],
  { control, searched }: { readonly control: ScanControl; readonly searched: number[] },
): AsyncGenerator<Batch, void, undefined> {
  const bySource = new Map<number, Tails>();
  for (const { seriesId, pieces } of runs) {
    const { source, from } = pieces[0]!;
    let tails = bySource.get(source);
    if (tails === undefined) {
      tails = { seriesIds: [], rows: [] };
      bySource.set(source, tails);
    }
    tails.seriesIds.push(seriesId);
    tails.rows.push(from);
  }
  for (const [id, tails] of bySource) {
    const source = sourceOf(sources, id);
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
    if (source.kind === 'memtable') yield memtableBatch(parts, source, tails);
    else {
      const sure = parts.mergesVersions ? tails : await withoutTies(source, tails, searched);
      if (sure.rows.length > 0) yield await segmentBatch(parts, source, sure, control);
    }
  }
}

function memtableBatch(parts: ScanParts, { memtable, permutation }: MemtableScanSource, tails: Tails): Batch {
  const { seriesIds, rows: places } = tails;
  const rowCount = places.length;
  const rows = Uint32Array.from(places, (place) => permutation.rows[place]);
  const { fractions } = permutation;
  parts.counters.soleRows += rowCount;
  const columns = assembleColumns(parts.outputs, parts.table.oid, {
    rowCount,
    schemaVersion: memtable.schemaVersion,
    spans: { seriesIds, ends: endsOf(rowCount) },
    field: (number) => memtable.gather(number, rows, 0, rowCount),
    keys: () => ({
      times: Float64Array.from(places, (place) => permutation.times[place]),
      fractions: fractions === undefined ? undefined : Uint32Array.from(places, (place) => fractions[place]),
    }),
    time: undefined,
  });
  return { rowCount, columns };
}

async function segmentBatch(
  parts: ScanParts,
  { reader }: SegmentScanSource,
  { seriesIds, rows }: Tails,
  control: ScanControl,
): Promise<Batch> {
  const rowCount = rows.length;
  const fields = new Map<number, Column>();
  for (const { number, type } of fieldOutputs(parts)) {
    if (!reader.hasColumn(number)) continue;
    const builder = new ColumnBuilder(type.representation, { capacity: rowCount, text: 'dictionary' });
    await gatherRows(parts, reader, number, rows, builder);
    fields.set(number, builder.finish());
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  const times = new Float64Array(rowCount);
  const fractions = new Uint32Array(rowCount);
  for (let index = 0; index < rowCount; index++) {
    const { time, fraction } = timeKeyOf(reader.lastTimes[partOf(reader.seriesStarts, rows[index]!)]);
    times[index] = time;
    fractions[index] = fraction;
  }
  const showsRemainders = parts.outputs.some(({ kind }) => kind === 'nanoseconds' || kind === 'remainder');
  if (showsRemainders && reader.hasColumn(REMAINDER)) {
    const builder = new ColumnBuilder('int64', { capacity: rowCount });
    await gatherRows(parts, reader, REMAINDER, rows, builder);
    const remainders = builder.finish();
    invariant(remainders.kind === 'number', 'remainders are small numbers');
    for (let index = 0; index < rowCount; index++) fractions[index] += remainders.values[index];
  }
  parts.counters.soleRows += rowCount;
  const columns = assembleColumns(parts.outputs, parts.table.oid, {
    rowCount,
    schemaVersion: reader.header.schemaVersion,
    spans: { seriesIds, ends: endsOf(rowCount) },
    field: (number) => fields.get(number),
    keys: () => ({ times, fractions: fractions.some((fraction) => fraction !== 0) ? fractions : undefined }),
    time: undefined,
  });
  return { rowCount, columns };
}

/** The values of a column in ascending rows; each unit is read once. */
async function gatherRows(
  { counters }: ScanParts,
  reader: SegmentReader,
  number: number,
  rows: readonly number[],
  builder: ColumnBuilder,
): Promise<void> {
  let unit = -1;
  let pin: PinnedColumn | undefined;
  try {
    for (const row of rows) {
      if (unit < 0 || row >= reader.unitStarts[unit + 1]) {
        pin?.release();
        pin = undefined;
        unit = reader.unitOfRow(row);
        const pending = reader.readUnit(number, unit);
        pin = pending instanceof Promise ? await pending : pending;
        counters.unitsRead++;
      }
      builder.pushFrom(pin!.column, row - reader.unitStarts[unit]);
    }
  } finally {
    pin?.release();
  }
}

/** Leaves out the series whose last two rows are of one time and remainder: both are last then. */
async function withoutTies({ reader }: SegmentScanSource, tails: Tails, searched: number[]): Promise<Tails> {
  const sure: Tails = { seriesIds: [], rows: [] };
  for (let index = 0; index < tails.rows.length; index++) {
    const row = tails.rows[index]!;
    const isTied =
      row > reader.seriesStarts[partOf(reader.seriesStarts, row)] && (await hasKeyOfRowBefore(reader, row));
    if (isTied) searched.push(tails.seriesIds[index]!);
    else {
      sure.seriesIds.push(tails.seriesIds[index]!);
      sure.rows.push(row);
    }
  }
  return sure;
}

async function hasKeyOfRowBefore(reader: SegmentReader, row: number): Promise<boolean> {
  const unit = reader.unitOfRow(row);
  const offset = row - reader.unitStarts[unit];
  // Where the unit begins with it, the one before would have to be read for this alone.
  if (offset === 0) return true;
  const numbers = [reader.header.sortColumnNumber, ...(reader.hasColumn(REMAINDER) ? [REMAINDER] : [])];
  for (const number of numbers) {
    const pending = reader.readUnit(number, unit);
    const pin = pending instanceof Promise ? await pending : pending;
    const isSame = isSameNumber(pin.column, offset);
    pin.release();
    if (!isSame) return false;
  }
  return true;
}

function isSameNumber(column: Column, offset: number): boolean {
  if (column.kind === 'number') return column.values[offset] === column.values[offset - 1];
  const { times, fractions } = timeKeysOf(column);
  return times[offset] === times[offset - 1] && fractions?.[offset] === fractions?.[offset - 1];
}

function endsOf(rowCount: number): number[] {
  return Array.from({ length: rowCount }, (_, row) => row + 1);
}
