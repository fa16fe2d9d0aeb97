import type { Column } from '../../columnar/column.ts';
import { partOf } from '../segment/column-reader.ts';
import { REMAINDER, ROW_ID } from '../segment/hidden-columns.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import { timeKeysOf } from '../time-key.ts';
import type { RowNames } from './row-names.ts';

/**
 * The names of rows of a segment, in the order of `rows`, which must ascend: what `locateRows` takes. Reads the units that
 * have one, and of them the keys.
 */
export async function nameRows(
  segment: SegmentReader,
  rows: readonly number[],
  { hasRowIds }: { hasRowIds: boolean },
): Promise<RowNames> {
  const seriesIds = new Uint32Array(rows.length);
  const times = new Float64Array(rows.length);
  const fractions = new Uint32Array(rows.length);
  const rowIds = hasRowIds ? new Float64Array(rows.length) : undefined;
  for (let index = 0; index < rows.length; ) {
    const unit = segment.unitOfRow(rows[index]!);
    const unitStart = segment.unitStarts[unit];
    const unitEnd = segment.unitStarts[unit + 1];
    const remainders = await numbersOf(segment, REMAINDER, unit);
    const ids = hasRowIds ? await numbersOf(segment, ROW_ID, unit) : undefined;
    const pending = segment.readUnit(segment.header.sortColumnNumber, unit);
    const pin = pending instanceof Promise ? await pending : pending;
    const keys = timeKeysOf(pin.column, remainders === undefined ? undefined : Uint16Array.from(remainders));
    for (; index < rows.length && rows[index]! < unitEnd; index++) {
      const row = rows[index]! - unitStart;
      seriesIds[index] = segment.seriesIds[partOf(segment.seriesStarts, rows[index]!)];
      times[index] = keys.times[row];
      fractions[index] = keys.fractions === undefined ? 0 : keys.fractions[row];
      if (rowIds !== undefined) rowIds[index] = ids![row];
    }
    pin.release();
  }
  return { rowCount: rows.length, seriesIds, times, fractions, rowIds };
}

/** A copy of the unit's numbers; undefined when the segment lacks the column. */
async function numbersOf(segment: SegmentReader, number: number, unit: number): Promise<Float64Array | undefined> {
  if (!segment.hasColumn(number)) return undefined;
  const pending = segment.readUnit(number, unit);
  const pin = pending instanceof Promise ? await pending : pending;
  const values = numbers(pin.column);
  pin.release();
  return values;
}

function numbers(column: Column): Float64Array | undefined {
  return column.kind === 'number' ? column.values.slice() : undefined;
}
