import type { Column, Validity } from '../../columnar/column.ts';

/** The same numbers in an array of at least `length`, zeros at its end; grows by doubling. */
export function grownFloat64(array: Float64Array, length: number): Float64Array {
  if (array.length >= length) return array;
  const grown = new Float64Array(Math.max(length, array.length * 2, 16));
  grown.set(array);
  return grown;
}

export function grownUint8(array: Uint8Array, length: number): Uint8Array {
  if (array.length >= length) return array;
  const grown = new Uint8Array(Math.max(length, array.length * 2, 16));
  grown.set(array);
  return grown;
}

/** Rows that count: those with a value that the FILTER clause lets pass. `undefined` means all of them. */
export function liveRows(validity: Validity, filter: Uint8Array | undefined, rowCount: number): Uint8Array | undefined {
  if (validity === undefined) return filter;
  if (filter === undefined) return validity;
  const live = new Uint8Array(rowCount);
  for (let row = 0; row < rowCount; row++) live[row] = validity[row] & filter[row];
  return live;
}

/** A column of counts or other doubles that are never NULL. */
export function numberColumn(values: Float64Array, rowCount: number, validity?: Uint8Array): Column {
  return { kind: 'number', values: values.slice(0, rowCount), validity };
}

/** 1 where the group has seen a row; undefined when all have. */
export function seenGroups(counts: Float64Array, groupCount: number): Validity {
  const validity = new Uint8Array(groupCount);
  let isComplete = true;
  for (let group = 0; group < groupCount; group++) {
    if (counts[group] > 0) validity[group] = 1;
    else isComplete = false;
  }
  return isComplete ? undefined : validity;
}

/** The doubles of a column that holds numbers by construction (partial states). */
export function numbersOf(column: Column | undefined): Float64Array {
  if (column?.kind !== 'number') throw new Error('a partial state column holds numbers');
  return column.values;
}

const SAMPLE_ROWS = 64;

/** Whether neighbouring rows are mostly of different groups, as far as the first ones tell. */
export function areScattered(groups: Uint32Array, rowCount: number): boolean {
  const end = Math.min(rowCount, SAMPLE_ROWS);
  let changes = 0;
  for (let row = 1; row < end; row++) if (groups[row] !== groups[row - 1]) changes++;
  return changes > end / 4;
}
