import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { BindContext } from '../../sql/binder/bind-context.ts';
import { generatedColumns, hasGeneratedColumns } from '../../sql/binder/generated-columns.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';

/** Rows that no plan has made, one column per visible column of the table, with their generated columns computed anew. */
export function withGeneratedValues(context: BindContext, table: TableDescriptor, rows: Batch): Batch {
  if (!hasGeneratedColumns(table)) return rows;
  const columns = [...rows.columns];
  for (const { at, value } of generatedColumns(context, table)) {
    columns[at] = new ColumnEvaluator(value, { parameters: [], environment: context.environment }).evaluate(rows);
  }
  return { rowCount: rows.rowCount, columns };
}
