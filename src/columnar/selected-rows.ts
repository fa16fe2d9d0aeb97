/** Writes the rows whose mask is 1 into `rows`, in order; returns how many there are. `rows` has room for all. */
export function selectedRows(mask: Uint8Array, rowCount: number, rows: Uint32Array): number {
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    rows[count] = row;
    count += mask[row];
  }
  return count;
}
