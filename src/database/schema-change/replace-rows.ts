import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { invariant } from '../../errors/invariant.ts';
import type { RowNames } from '../../storage/deletes/row-names.ts';
import { visibleColumns } from '../../storage/table-identity.ts';
import { storedTimeKeys } from '../../storage/versions/stored-time.ts';

/** Rows of a rewritten table, apart from what they keep of the rows in whose place they stand. */
export interface RewrittenRows {
  readonly rows: Batch;
  readonly replaced: RowNames | undefined;
}

/**
 * Rows as `Transaction.replaceRows` takes them: a column per visible column of the table, and for a time-series table one
 * more if the rows are to keep the nanoseconds beyond their microseconds (`tidewire.remainder`).
 */
export function rewrittenRows(table: TableDescriptor, batch: Batch): RewrittenRows {
  const columns = visibleColumns(table);
  if (batch.columns.length === columns.length) return { rows: batch, replaced: undefined };
  const { timeSeries } = table;
  invariant(
    timeSeries !== undefined && batch.columns.length === columns.length + 1,
    'rows have the columns of the table',
  );
  const { rowCount } = batch;
  const rows: Batch = { rowCount, columns: batch.columns.slice(0, columns.length) };
  const remainders = batch.columns[columns.length]!;
  invariant(remainders.kind === 'number', 'remainders are numbers');
  const timeAt = columns.findIndex(({ number }) => number === timeSeries.timeColumnNumber);
  const { times, fractions } = storedTimeKeys(table, rows.columns[timeAt]!, rowCount);
  const kept = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    kept[row] = (fractions === undefined ? 0 : fractions[row]) + remainders.values[row];
  }
  return {
    rows,
    replaced: { rowCount, seriesIds: new Uint32Array(rowCount), times, fractions: kept, rowIds: undefined },
  };
}
