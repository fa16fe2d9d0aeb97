import { type Column, wideAt } from '../../columnar/column.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';

/** A key column as doubles. */
export interface KeyDoubles {
  readonly values: Float64Array;
  /** 1 where the value is an integer that is no double, and what stands in `values` means nothing. */
  readonly beyond: Uint8Array | undefined;
}

/** undefined for columns of no numbers. */
export function keyDoubles(column: Column, type: TypeDefinition, rowCount: number): KeyDoubles | undefined {
  if (column.kind === 'number') return { values: column.values, beyond: undefined };
  if (column.kind !== 'wide') return undefined;
  const values = new Float64Array(rowCount);
  let beyond: Uint8Array | undefined;
  for (let row = 0; row < rowCount; row++) {
    if (column.validity !== undefined && column.validity[row] === 0) continue;
    const value = wideAt(column, row);
    // The infinities of instants are marks in a wide column and doubles in a narrow one.
    const key = typeof value === 'number' ? value : type.hashKey(value);
    if (typeof key === 'number') values[row] = key;
    else {
      beyond ??= new Uint8Array(rowCount);
      beyond[row] = 1;
    }
  }
  return { values, beyond };
}
