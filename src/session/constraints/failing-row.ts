import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { valueAt } from '../../columnar/column.ts';
import type { TypeContext } from '../../types/type-definition.ts';

/** PostgreSQL shortens the values of a failing row to so many bytes. */
const MAX_VALUE_BYTES = 64;

/** `Failing row contains (1, null, x).` `rows`: one column per visible column of the table. */
export function failingRow(table: TableDescriptor, rows: Batch, row: number, context: TypeContext): string {
  const visible = table.columns.filter((column) => column.isHidden !== true);
  const values = rows.columns.map((column, at) => {
    const value = valueAt(column, row);
    return value === null ? 'null' : shortened(visible[at].type.definition.format(value, context));
  });
  return `Failing row contains (${values.join(', ')}).`;
}

function shortened(text: string): string {
  if (Buffer.byteLength(text) <= MAX_VALUE_BYTES) return text;
  let kept = '';
  let sizeBytes = 0;
  for (const character of text) {
    sizeBytes += Buffer.byteLength(character);
    if (sizeBytes > MAX_VALUE_BYTES) break;
    kept += character;
  }
  return `${kept}...`;
}
