import type { Batch } from '../columnar/batch.ts';
import { columnOf } from '../columnar/column-builder.ts';

/** Rows of text columns as one batch; `rows` all have the same length. */
export function textRows(rows: readonly (readonly string[])[]): Batch {
  const width = rows[0]?.length ?? 0;
  return {
    rowCount: rows.length,
    columns: Array.from({ length: width }, (_, column) =>
      columnOf(
        'text',
        rows.map((row) => row[column] ?? null),
      ),
    ),
  };
}
