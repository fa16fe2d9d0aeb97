import type { Column } from '../../columnar/column.ts';
import { gatherColumn, sliceColumn } from '../../columnar/copy-rows.ts';

/** Groups whose states lie together: what is done for all groups is done for one slice of them after the other. */
export const SLICE_BITS = 14;
export const SLICE_GROUPS = 1 << SLICE_BITS;

/** Rows of one slice of groups. */
export interface SliceRows {
  readonly slice: number;
  readonly columns: readonly Column[];
  /** For each row its group, counted from the first of the slice. */
  readonly groups: Uint32Array;
  readonly rowCount: number;
  /** 1 for rows that count; undefined: all do. */
  readonly filter: Uint8Array | undefined;
}

/** Rows, and the slices that their groups are in. */
export class GroupSlices {
  #groups: Uint32Array = new Uint32Array(0);
  #rowCount = 0;
  /** The slice of all rows; -1: they are of several. */
  #only = 0;
  /** Of rows of several slices: slice behind slice, each in the order in which the rows came. */
  #order = new Uint32Array(0);
  /** For the rows in that order, or as they came, their groups within the slice. */
  #local = new Uint32Array(0);
  /** Where the rows of a slice begin in the order. */
  #starts = new Uint32Array(2);

  /** The rows' groups, of which there are `groupCount`. They must stay as they are while the rows are asked for. */
  set(groups: Uint32Array, rowCount: number, groupCount: number): void {
    this.#groups = groups;
    this.#rowCount = rowCount;
    this.#only = 0;
    if (groupCount <= SLICE_GROUPS || rowCount === 0) return;
    if (this.#local.length < rowCount) {
      this.#local = new Uint32Array(rowCount);
      this.#order = new Uint32Array(rowCount);
    }
    const sliceCount = ((groupCount - 1) >>> SLICE_BITS) + 1;
    if (this.#starts.length < sliceCount + 1) this.#starts = new Uint32Array(sliceCount * 2 + 1);
    const first = groups[0] >>> SLICE_BITS;
    let row = 1;
    while (row < rowCount && groups[row] >>> SLICE_BITS === first) row++;
    if (row === rowCount) {
      this.#only = first;
      for (let at = 0; at < rowCount; at++) this.#local[at] = groups[at] & (SLICE_GROUPS - 1);
    } else this.#sort(sliceCount);
  }

  /** The groups as they were set. */
  get groups(): Uint32Array {
    return this.#groups;
  }

  /** The rows of these columns, slice by slice. */
  *rows(columns: readonly Column[], filter: Uint8Array | undefined): Generator<SliceRows, void, undefined> {
    const rowCount = this.#rowCount;
    if (this.#only >= 0) {
      const groups = this.#only === 0 ? this.#groups : this.#local;
      yield { slice: this.#only, columns, groups, rowCount, filter };
      return;
    }
    const ordered = columns.map((column) => gatherColumn(column, this.#order, rowCount));
    const orderedFilter = filter === undefined ? undefined : gatherFilter(filter, this.#order, rowCount);
    for (let from = 0; from < rowCount; ) {
      const slice = this.#groups[this.#order[from]] >>> SLICE_BITS;
      const to = this.#starts[slice];
      yield {
        slice,
        columns: ordered.map((column) => sliceColumn(column, from, to)),
        groups: this.#local.subarray(from, to),
        rowCount: to - from,
        filter: orderedFilter?.subarray(from, to),
      };
      from = to;
    }
  }

  /** Counting sort; afterwards `#starts` has where the rows of each slice end. */
  #sort(sliceCount: number): void {
    const groups = this.#groups;
    const starts = this.#starts;
    starts.fill(0, 0, sliceCount + 1);
    for (let row = 0; row < this.#rowCount; row++) starts[(groups[row] >>> SLICE_BITS) + 1] += 1;
    for (let slice = 0; slice < sliceCount; slice++) starts[slice + 1] += starts[slice];
    for (let row = 0; row < this.#rowCount; row++) {
      const at = starts[groups[row] >>> SLICE_BITS]++;
      this.#order[at] = row;
      this.#local[at] = groups[row] & (SLICE_GROUPS - 1);
    }
    this.#only = -1;
  }
}

function gatherFilter(filter: Uint8Array, order: Uint32Array, count: number): Uint8Array {
  const gathered = new Uint8Array(count);
  for (let index = 0; index < count; index++) gathered[index] = filter[order[index]];
  return gathered;
}
