import type { Column } from '../../columnar/column.ts';
import type { Representation } from '../../types/type-definition.ts';

/**
 * A stored column as the table has it now. Integers whose column has become double precision stay as they are on disk:
 * within ±2^53 they lie in memory as doubles anyway, and beyond they are rounded here. Nothing else changes between a
 * segment and its table.
 */
export function readWidened(column: Column, wanted: Representation): Column {
  if (column.kind !== 'wide' || wanted !== 'float64') return column;
  const { high, low, validity } = column;
  const values = new Float64Array(high.length);
  for (let row = 0; row < values.length; row++) values[row] = high[row] * 4294967296 + low[row];
  return { kind: 'number', values, validity };
}
