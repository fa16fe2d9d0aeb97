/**
 * Loops that look up the group of each row from `from` on by its place, and end at the first row that has none yet: its
 * number, or `to`. Rows whose mask is 0 get group 0, and no group is missed for them.
 */

/** Where the places are known. */
export function groupsOfPlaces(
  places: Int32Array,
  base: number,
  slots: Uint32Array,
  { from, to, mask, groups }: PlacedRows,
): number {
  if (mask === undefined) {
    for (let row = from; row < to; row++) {
      const group = slots[base + places[row]];
      if (group === 0) return row;
      groups[row] = group;
    }
    return to;
  }
  for (let row = from; row < to; row++) {
    const selected = mask[row];
    const group = slots[base + places[row]];
    if (group === 0 && selected === 1) return row;
    groups[row] = group & -selected;
  }
  return to;
}

/** Where the place is base + value. */
export function groupsOfNumbers(
  values: Float64Array,
  base: number,
  slots: Uint32Array,
  { from, to, mask, groups }: PlacedRows,
): number {
  if (mask === undefined) {
    for (let row = from; row < to; row++) {
      const group = slots[(values[row] + base) | 0];
      if (group === 0) return row;
      groups[row] = group;
    }
    return to;
  }
  for (let row = from; row < to; row++) {
    const selected = mask[row];
    const group = slots[(values[row] + base) | 0];
    if (group === 0 && selected === 1) return row;
    groups[row] = group & -selected;
  }
  return to;
}

/** Where the place is base + left × size + right. */
export function groupsOfPairs(
  { left, size, right }: NumberPairs,
  base: number,
  slots: Uint32Array,
  { from, to, mask, groups }: PlacedRows,
): number {
  if (mask === undefined) {
    for (let row = from; row < to; row++) {
      const group = slots[(left[row] * size + right[row] + base) | 0];
      if (group === 0) return row;
      groups[row] = group;
    }
    return to;
  }
  for (let row = from; row < to; row++) {
    const selected = mask[row];
    const group = slots[(left[row] * size + right[row] + base) | 0];
    if (group === 0 && selected === 1) return row;
    groups[row] = group & -selected;
  }
  return to;
}

export interface PlacedRows {
  readonly from: number;
  readonly to: number;
  readonly mask: Uint8Array | undefined;
  readonly groups: Uint32Array;
}

/** Places of two keys whose values are their codes, moved by a constant. */
export interface NumberPairs {
  readonly left: Float64Array;
  /** Codes of the right key. */
  readonly size: number;
  readonly right: Float64Array;
}

/** The codes of integers, each its distance from `before`; of NULL 0, whatever stands there. */
export function writeCodes(
  values: Float64Array,
  before: number,
  validity: Uint8Array | undefined,
  rowCount: number,
  codes: Int32Array,
): void {
  if (validity === undefined) for (let row = 0; row < rowCount; row++) codes[row] = (values[row] - before) | 0;
  else for (let row = 0; row < rowCount; row++) codes[row] = ((values[row] - before) | 0) & -validity[row];
}

/** upper = upper × size + codes. */
export function addDigit(upper: Int32Array, size: number, codes: Int32Array, rowCount: number): void {
  for (let row = 0; row < rowCount; row++) upper[row] = upper[row] * size + codes[row];
}
