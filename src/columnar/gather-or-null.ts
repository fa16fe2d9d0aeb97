import type { Column } from './column.ts';
import { gatherColumn } from './copy-rows.ts';

/** The rows named by the first `count` entries of `rows`, in that order; NULL for a negative number. */
export function gatherOrNull(column: Column, rows: Int32Array, count: number): Column {
  const present = new Uint32Array(count);
  let validity: Uint8Array | undefined;
  for (let index = 0; index < count; index++) {
    if (rows[index] >= 0) {
      present[index] = rows[index];
      continue;
    }
    validity ??= new Uint8Array(count).fill(1);
    validity[index] = 0;
  }
  const gathered = gatherColumn(column, present, count);
  if (validity === undefined) return gathered;
  if (gathered.validity !== undefined) {
    for (let index = 0; index < count; index++) validity[index] &= gathered.validity[index];
  }
  return { ...gathered, validity };
}
