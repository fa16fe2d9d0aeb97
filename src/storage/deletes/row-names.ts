import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import { mergesVersions } from '../table-identity.ts';
import { rowNameColumns } from '../undeclared-columns.ts';
import { storedTimeKeys } from '../versions/stored-time.ts';

/**
 * Rows by what names them for good, wherever they stand: the key of a point where versions merge, else the row id. The
 * rest says where to look. In a plain table `times` are the row ids, by which its rows are sorted.
 */
export interface RowNames {
  readonly rowCount: number;
  readonly seriesIds: Uint32Array;
  readonly times: Float64Array;
  readonly fractions: Uint32Array | undefined;
  /** Only in tables without versions. */
  readonly rowIds: Float64Array | undefined;
}

/** What a scan gave for `rowNameColumns`, in buffers of its own. */
export function rowNamesOf(descriptor: TableDescriptor, batch: Batch): RowNames {
  const { rowCount, columns } = batch;
  invariant(columns.length === rowNameColumns(descriptor).length, 'rows are named by the columns of rowNameColumns');
  const rowIds = mergesVersions(descriptor) ? undefined : Float64Array.from(numbersOf(columns.at(-1)!, rowCount));
  if (descriptor.timeSeries === undefined) {
    return { rowCount, seriesIds: new Uint32Array(rowCount), times: rowIds!, fractions: undefined, rowIds };
  }
  const keys = storedTimeKeys(descriptor, columns[1]!, rowCount);
  const remainders = numbersOf(columns[2]!, rowCount);
  let fractions = keys.fractions?.slice();
  for (let row = 0; row < rowCount; row++) {
    if (remainders[row] === 0) continue;
    fractions ??= new Uint32Array(rowCount);
    fractions[row] += remainders[row];
  }
  const seriesIds = Uint32Array.from(numbersOf(columns[0]!, rowCount));
  return { rowCount, seriesIds, times: keys.times.slice(0, rowCount), fractions, rowIds };
}

/** Those of the names at `rows`, in that order. */
export function selectNames(names: RowNames, rows: readonly number[]): RowNames {
  const { seriesIds, times, fractions, rowIds } = names;
  return {
    rowCount: rows.length,
    seriesIds: Uint32Array.from(rows, (row) => seriesIds[row]),
    times: Float64Array.from(rows, (row) => times[row]),
    fractions: fractions === undefined ? undefined : Uint32Array.from(rows, (row) => fractions[row]),
    rowIds: rowIds === undefined ? undefined : Float64Array.from(rows, (row) => rowIds[row]),
  };
}

function numbersOf(column: Column, rowCount: number): Float64Array {
  if (column.kind === 'number') return column.values.subarray(0, rowCount);
  const numbers = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) numbers[row] = Number(valueAt(column, row));
  return numbers;
}
