import type { Lsn } from '../../catalog/table.ts';
import type { Column } from '../../columnar/column.ts';
import { constantColumn } from '../../columnar/column-builder.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { invariant } from '../../errors/invariant.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { upperBoundOf } from '../binary-search.ts';
import { type DeadRows, DeleteVector } from '../deletes/delete-vector.ts';
import { ROW_ID } from '../segment/hidden-columns.ts';
import type { TimeKeys } from '../time-key.ts';
import type { ArrivalOrder } from './arrival-order.ts';
import { copyValues } from './copy-values.ts';
import { KeySet } from './key-set.ts';
import { MemtableColumn } from './memtable-column.ts';
import type { BlockColumn, RowBlock } from './row-block.ts';
import type { SlabBuffers } from './slab-buffers.ts';
import type { BufferKind } from './slab-layout.ts';
import { newBuffer, SLAB_MASK, SLAB_ROWS, SLAB_SHIFT, slabCapacity } from './slab-layout.ts';
import type { SortPermutation } from './sort-permutation.ts';
import { filterPermutation, mergePermutations, prefixPermutation, sortRows } from './sort-permutation.ts';

/** What every row has, in one slab. */
interface KeySlab {
  capacity: number;
  seriesIds: Uint32Array;
  times: Float64Array;
  fractions: Uint32Array | undefined;
  /** 1 = partial row; undefined while all rows are full. */
  partial: Uint8Array | undefined;
  rowIds: Float64Array | undefined;
}

/** So many rows that came out of order are sorted as they come, so that no reader has to sort more at once. */
const MAX_UNSORTED_ROWS = 65_536;

/**
 * Rows of one table and partition in memory, in the order in which they were committed. Readers see a prefix: marks say
 * how many rows stood here after each commit. Buffers are fixed slabs; nothing but `truncate` ever changes a row.
 */
export class Memtable {
  readonly partition: number;
  /**
   * The version of the table that its first rows were stored under; what came later lacks no more. Infinity for rows of a
   * transaction, which lack nothing.
   */
  schemaVersion = Number.POSITIVE_INFINITY;
  readonly deletes = new DeleteVector();
  /** Of a transaction's rows: somebody may read them who does not know when they go. */
  isShown = false;
  readonly #bufferKind: BufferKind;
  readonly #slabs: KeySlab[] = [];
  readonly #columns = new Map<number, MemtableColumn>();
  readonly #markLsns: Lsn[] = [];
  readonly #markRowCounts: number[] = [];
  #rowCount = 0;
  #keyBytes = 0;
  #minTime = Number.POSITIVE_INFINITY;
  #maxTime = Number.NEGATIVE_INFINITY;
  #hasPartialRows = false;
  #disorderlyRows = 0;
  #permutation: SortPermutation | undefined;
  /** The last answer of `livePermutation`, and what it was made of. */
  #live: { readonly of: SortPermutation; readonly dead: DeadRows; readonly permutation: SortPermutation } | undefined;
  #keySet: KeySet | undefined;

  constructor(partition: number, bufferKind: BufferKind) {
    this.partition = partition;
    this.#bufferKind = bufferKind;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get sizeBytes(): number {
    let sizeBytes = this.#keyBytes;
    for (const column of this.#columns.values()) sizeBytes += column.sizeBytes;
    return sizeBytes;
  }

  /** Bounds of all rows, in `TimeKeys.times`; they may be wider than the rows after a truncation. */
  get minTime(): number {
    return this.#minTime;
  }

  get maxTime(): number {
    return this.#maxTime;
  }

  get hasPartialRows(): boolean {
    return this.#hasPartialRows;
  }

  /** Numbers of the columns that some row may have a value of. */
  columnNumbers(): Iterable<number> {
    return this.#columns.keys();
  }

  column(number: number): MemtableColumn | undefined {
    return this.#columns.get(number);
  }

  append(block: RowBlock): void {
    if (block.rowCount === 0) return;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < block.rowCount; row++) {
      const time = block.times[row];
      if (time < min) min = time;
      if (time > max) max = time;
    }
    if (min < this.#maxTime) this.#disorderlyRows += block.rowCount;
    if (min < this.#minTime) this.#minTime = min;
    if (max > this.#maxTime) this.#maxTime = max;
    if (block.isPartial) this.#hasPartialRows = true;
    for (let from = 0; from < block.rowCount; ) {
      const slabIndex = Math.floor(this.#rowCount / SLAB_ROWS);
      const offset = this.#rowCount % SLAB_ROWS;
      const to = Math.min(block.rowCount, from + SLAB_ROWS - offset);
      this.#appendToSlab(block, from, to, slabIndex, offset);
      this.#rowCount += to - from;
      from = to;
    }
    if (this.#disorderlyRows >= MAX_UNSORTED_ROWS) this.permutation(this.#rowCount);
  }

  /**
   * The rows so far with other ids, in a memtable that shares its columns and times with this one: nothing is to be added
   * to either of them as long as both are read. `isPlain`: row ids are the times.
   */
  withIds({
    seriesIds: ids,
    rowIdOffset = 0,
    isPlain,
  }: {
    readonly seriesIds: Uint32Array;
    readonly rowIdOffset: number | undefined;
    readonly isPlain: boolean;
  }): Memtable {
    const other = new Memtable(this.partition, this.#bufferKind);
    for (const [index, slab] of this.#slabs.entries()) {
      const count = Math.min(SLAB_ROWS, this.#rowCount - index * SLAB_ROWS);
      if (count <= 0) break;
      const seriesIds = new Uint32Array(count);
      for (let row = 0; row < count; row++) seriesIds[row] = ids[slab.seriesIds[row]];
      const rowIds = slab.rowIds?.slice(0, count);
      if (rowIds !== undefined) for (let row = 0; row < count; row++) rowIds[row] += rowIdOffset;
      const times = isPlain && rowIds !== undefined ? rowIds : slab.times;
      other.#slabs.push({ ...slab, capacity: count, seriesIds, rowIds, times });
    }
    for (const [number, column] of this.#columns) other.#columns.set(number, column);
    other.schemaVersion = this.schemaVersion;
    other.#rowCount = this.#rowCount;
    other.#keyBytes = this.#keyBytes;
    other.#minTime = isPlain ? this.rowIdAt(0) + rowIdOffset : this.#minTime;
    other.#maxTime = isPlain ? this.rowIdAt(this.#rowCount - 1) + rowIdOffset : this.#maxTime;
    other.#hasPartialRows = this.#hasPartialRows;
    return other;
  }

  /** The rows stand elsewhere and nobody reads them here any more: leaves none, and gives the buffers back. */
  recycle(buffers: SlabBuffers): void {
    for (const { seriesIds, times, fractions, partial, rowIds } of this.#slabs) {
      // In a plain table times and row ids may be the same.
      const all = new Set<ArrayBufferView | undefined>([seriesIds, times, fractions, partial, rowIds]);
      for (const array of all) buffers.give(array);
    }
    for (const column of this.#columns.values()) column.recycle(buffers);
    this.#slabs.length = 0;
    this.#columns.clear();
    this.#rowCount = 0;
    this.#permutation = undefined;
    this.#live = undefined;
    this.#keySet = undefined;
  }

  /** Gives all rows so far the same value of a column that none of them has. */
  fill(columnNumber: number, type: TypeDefinition, value: Value): void {
    invariant(!this.#columns.has(columnNumber), 'a column that rows are given is new to them');
    const column = new MemtableColumn(type, this.#bufferKind);
    for (let row = 0; row < this.#rowCount; row += SLAB_ROWS) {
      const slabIndex = Math.floor(row / SLAB_ROWS);
      const count = Math.min(SLAB_ROWS, this.#rowCount - row);
      const values = constantColumn(type.representation, value, count);
      column.write(values, 0, count, slabIndex, 0, this.#slabs[slabIndex]!.capacity);
    }
    this.#columns.set(columnNumber, column);
  }

  /** Takes back `fill`, and whatever later rows have of the column. */
  removeColumn(columnNumber: number): void {
    this.#columns.delete(columnNumber);
  }

  /** The rows so far are those of the commits up to `lsn`. */
  mark(lsn: Lsn): void {
    const last = this.#markLsns.length - 1;
    if (last >= 0 && this.#markLsns[last] === lsn) {
      this.#markRowCounts[last] = this.#rowCount;
      return;
    }
    invariant(last < 0 || this.#markLsns[last]! < lsn, 'commits enter a memtable in order');
    this.#markLsns.push(lsn);
    this.#markRowCounts.push(this.#rowCount);
  }

  /** LSN of the last commit that wrote here; 0 when there is none. */
  get lastLsn(): Lsn {
    return this.#markLsns.at(-1) ?? 0;
  }

  get firstLsn(): Lsn {
    return this.#markLsns[0] ?? 0;
  }

  /** How many rows a snapshot at `lsn` sees. */
  rowCountAt(lsn: Lsn): number {
    const markCount = upperBoundOf(this.#markLsns, lsn);
    return markCount === 0 ? 0 : this.#markRowCounts[markCount - 1]!;
  }

  /** Takes back every row from `rowCount` on, and the marks of their commits. */
  truncate(rowCount: number): void {
    if (rowCount === this.#rowCount) return;
    while (this.#markRowCounts.length > 0 && this.#markRowCounts.at(-1)! > rowCount) {
      this.#markRowCounts.pop();
      this.#markLsns.pop();
    }
    const slabIndex = Math.floor(rowCount / SLAB_ROWS);
    const offset = rowCount % SLAB_ROWS;
    for (const [number, column] of this.#columns) {
      column.truncate(slabIndex, offset);
      // The commit that brought the column may be among those taken back: its number may come again, of another type.
      if (!column.hasValues) this.#columns.delete(number);
    }
    this.#slabs.length = Math.min(this.#slabs.length, slabIndex + 1);
    const slab = this.#slabs[slabIndex];
    slab?.fractions?.fill(0, offset);
    slab?.partial?.fill(0, offset);
    this.#rowCount = rowCount;
    this.#permutation = undefined;
    this.#live = undefined;
    this.#keySet = undefined;
    this.#disorderlyRows = rowCount;
  }

  seriesAt(row: number): number {
    return this.#slabs[row >>> SLAB_SHIFT]!.seriesIds[row & SLAB_MASK];
  }

  timeAt(row: number): number {
    return this.#slabs[row >>> SLAB_SHIFT]!.times[row & SLAB_MASK];
  }

  fractionAt(row: number): number {
    const { fractions } = this.#slabs[row >>> SLAB_SHIFT]!;
    return fractions === undefined ? 0 : fractions[row & SLAB_MASK];
  }

  isPartialAt(row: number): boolean {
    const { partial } = this.#slabs[row >>> SLAB_SHIFT]!;
    return partial !== undefined && partial[row & SLAB_MASK] === 1;
  }

  rowIdAt(row: number): number {
    const { rowIds } = this.#slabs[row >>> SLAB_SHIFT]!;
    return rowIds === undefined ? 0 : rowIds[row & SLAB_MASK];
  }

  valueAt(columnNumber: number, row: number): Value {
    return this.#columns.get(columnNumber)?.valueAt(row) ?? null;
  }

  /** The newest row of this point, deleted or not, published or not, or -1. */
  findKey(seriesId: number, time: number, fraction: number): number {
    if (time < this.#minTime || time > this.#maxTime) return -1;
    this.#keySet ??= new KeySet(this);
    return this.#keySet.find(seriesId, time, fraction);
  }

  /** Makes `findKey` ready for some more rows; false when it is ready for all. */
  prepareKeys(maxRows: number): boolean {
    this.#keySet ??= new KeySet(this);
    return this.#keySet.follow(maxRows);
  }

  /** The row before `row` of the same point, or -1. `row` comes from `findKey` or from here. */
  previousOfKey(row: number): number {
    return this.#keySet!.previous(row);
  }

  /** The row of this id, or -1: ids ascend in the order of arrival. */
  findRowId(rowId: number): number {
    const row = this.lowerBoundOfRowId(rowId);
    return row < this.#rowCount && this.rowIdAt(row) === rowId ? row : -1;
  }

  /** The first row whose id is not below `rowId`. */
  lowerBoundOfRowId(rowId: number): number {
    let low = 0;
    let high = this.#rowCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.rowIdAt(middle) < rowId) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** `permutation` without the rows that are deleted for a reader at `stamp`. */
  livePermutation(rowCount: number, stamp: number): SortPermutation {
    const permutation = this.permutation(rowCount);
    if (this.deletes.isEmpty) return permutation;
    const dead = this.deletes.deadAt(stamp);
    if (dead.clearedRows === 0 && dead.rows.length === 0) return permutation;
    const kept = this.#live;
    if (kept?.of === permutation && kept.dead.rows === dead.rows && kept.dead.clearedRows === dead.clearedRows) {
      return kept.permutation;
    }
    const isDead = new Uint8Array(rowCount).fill(1, 0, Math.min(dead.clearedRows, rowCount));
    for (let index = 0; index < dead.rows.length && dead.rows[index] < rowCount; index++) isDead[dead.rows[index]] = 1;
    this.#live = { of: permutation, dead, permutation: filterPermutation(permutation, isDead) };
    return this.#live.permutation;
  }

  /** The first `rowCount` rows in sorted order. Kept until rows are added; then only those are sorted and merged in. */
  permutation(rowCount: number): SortPermutation {
    const kept = this.#permutation;
    if (kept !== undefined && kept.rowCount === rowCount) return kept;
    if (kept !== undefined && kept.rowCount < rowCount) {
      const merged = mergePermutations(kept, sortRows(this.#unsortedRows(kept.rowCount, rowCount)));
      return this.#keep(merged);
    }
    // A reader of an old snapshot must not throw out what newer ones share.
    if (kept !== undefined) return prefixPermutation(kept, rowCount);
    return this.#keep(sortRows(this.#unsortedRows(0, rowCount)));
  }

  /** Blocks over the rows from `from` on, one per slab, whose buffers are views: valid until the memtable changes. */
  *blocks(from = 0): Generator<RowBlock> {
    for (let row = from; row < this.#rowCount; ) {
      const slabIndex = Math.floor(row / SLAB_ROWS);
      const offset = row % SLAB_ROWS;
      const slab = this.#slabs[slabIndex]!;
      let count = Math.min(SLAB_ROWS - offset, this.#rowCount - row);
      const isPartial = this.isPartialAt(row);
      if (slab.partial !== undefined) {
        let same = 1;
        while (same < count && (slab.partial[offset + same] === 1) === isPartial) same++;
        count = same;
      }
      const end = offset + count;
      const columns: BlockColumn[] = [];
      for (const [number, column] of this.#columns) {
        const view = column.view(slabIndex, offset, end);
        if (view !== undefined) columns.push({ number, type: column.type, column: view });
      }
      yield {
        partition: this.partition,
        rowCount: count,
        seriesIds: slab.seriesIds.subarray(offset, end),
        times: slab.times.subarray(offset, end),
        fractions: slab.fractions?.subarray(offset, end),
        rowIds: slab.rowIds?.subarray(offset, end),
        isPartial,
        columns,
      };
      row += count;
    }
  }

  /** Like `blocks`, without the rows that are deleted; blocks that lack some have buffers of their own. */
  *liveBlocks(): Generator<RowBlock> {
    if (this.deletes.isEmpty) {
      yield* this.blocks();
      return;
    }
    let row = 0;
    for (const block of this.blocks()) {
      const live = new Uint32Array(block.rowCount);
      let count = 0;
      for (let index = 0; index < block.rowCount; index++) if (!this.deletes.has(row + index)) live[count++] = index;
      row += block.rowCount;
      if (count === block.rowCount) yield block;
      else if (count > 0) yield gatherBlock(block, live, count);
    }
  }

  /**
   * Rows `rows[from]` to `rows[to - 1]` of a column, numbers in `target` if it is given; undefined when the memtable never
   * had a value of it.
   */
  gather(columnNumber: number, rows: Uint32Array, from: number, to: number, target?: Float64Array): Column | undefined {
    if (columnNumber !== ROW_ID) return this.#columns.get(columnNumber)?.gather(rows, from, to, target);
    const values = new Float64Array(to - from);
    for (let index = from; index < to; index++) values[index - from] = this.rowIdAt(rows[index]);
    return { kind: 'number', values, validity: undefined };
  }

  /** As `MemtableColumn.scatter`; false also when the memtable never had a value of the column. */
  scatter(columnNumber: number, order: ArrivalOrder, target: Float64Array): boolean {
    return this.#columns.get(columnNumber)?.scatter(order, target) === true;
  }

  #keep(permutation: SortPermutation): SortPermutation {
    this.#permutation = permutation;
    this.#disorderlyRows = 0;
    return permutation;
  }

  #unsortedRows(from: number, to: number): { firstRow: number; seriesIds: Uint32Array } & TimeKeys {
    const seriesIds = new Uint32Array(to - from);
    const times = new Float64Array(to - from);
    let fractions: Uint32Array | undefined;
    for (let row = from; row < to; ) {
      const slab = this.#slabs[Math.floor(row / SLAB_ROWS)]!;
      const offset = row % SLAB_ROWS;
      const end = Math.min(SLAB_ROWS, offset + to - row);
      seriesIds.set(slab.seriesIds.subarray(offset, end), row - from);
      times.set(slab.times.subarray(offset, end), row - from);
      if (slab.fractions !== undefined) {
        fractions ??= new Uint32Array(to - from);
        fractions.set(slab.fractions.subarray(offset, end), row - from);
      }
      row += end - offset;
    }
    return { firstRow: from, seriesIds, times, fractions };
  }

  #appendToSlab(block: RowBlock, from: number, to: number, slabIndex: number, offset: number): void {
    const end = offset + to - from;
    const slab = this.#slab(slabIndex, end, block.rowIds !== undefined);
    copyValues(block.seriesIds, from, to, slab.seriesIds, offset);
    copyValues(block.times, from, to, slab.times, offset);
    if (block.fractions !== undefined) {
      slab.fractions ??= new Uint32Array(newBuffer(this.#bufferKind, slab.capacity * 4));
      slab.fractions.set(block.fractions.subarray(from, to), offset);
    }
    if (block.isPartial) {
      slab.partial ??= new Uint8Array(newBuffer(this.#bufferKind, slab.capacity));
      slab.partial.fill(1, offset, end);
    }
    if (block.rowIds !== undefined) copyValues(block.rowIds, from, to, slab.rowIds!, offset);
    for (const { number, type, column } of block.columns) {
      // A column that these rows only have NULLs in need not be there.
      if (column.validity !== undefined && !column.validity.subarray(from, to).includes(1)) continue;
      let target = this.#columns.get(number);
      if (target === undefined) {
        target = new MemtableColumn(type, this.#bufferKind);
        this.#columns.set(number, target);
      }
      target.write(column, from, to, slabIndex, offset, slab.capacity);
    }
  }

  #slab(index: number, rowsWanted: number, withRowIds: boolean): KeySlab {
    const slab = this.#slabs[index];
    if (slab !== undefined && slab.capacity >= rowsWanted) return slab;
    const kind = this.#bufferKind;
    const capacity = slabCapacity(index, rowsWanted, slab?.capacity ?? 0);
    const grown: KeySlab = {
      capacity,
      seriesIds: new Uint32Array(newBuffer(kind, capacity * 4, true)),
      times: new Float64Array(newBuffer(kind, capacity * 8, true)),
      fractions: undefined,
      partial: undefined,
      rowIds: withRowIds ? new Float64Array(newBuffer(kind, capacity * 8, true)) : undefined,
    };
    this.#keyBytes += (capacity - (slab?.capacity ?? 0)) * (withRowIds ? 21 : 13);
    if (slab !== undefined) {
      grown.seriesIds.set(slab.seriesIds);
      grown.times.set(slab.times);
      if (slab.rowIds !== undefined) grown.rowIds!.set(slab.rowIds);
      if (slab.fractions !== undefined) {
        grown.fractions = new Uint32Array(newBuffer(kind, capacity * 4));
        grown.fractions.set(slab.fractions);
      }
      if (slab.partial !== undefined) {
        grown.partial = new Uint8Array(newBuffer(kind, capacity));
        grown.partial.set(slab.partial);
      }
    }
    this.#slabs[index] = grown;
    return grown;
  }
}

/** The rows at the first `count` places of `rows`, in buffers of their own. */
export function gatherBlock(block: RowBlock, rows: Uint32Array, count: number): RowBlock {
  const pick = <T extends Uint32Array | Float64Array>(from: T, to: T): T => {
    for (let index = 0; index < count; index++) to[index] = from[rows[index]];
    return to;
  };
  const { fractions, rowIds } = block;
  return {
    ...block,
    rowCount: count,
    seriesIds: pick(block.seriesIds, new Uint32Array(count)),
    times: pick(block.times, new Float64Array(count)),
    fractions: fractions === undefined ? undefined : pick(fractions, new Uint32Array(count)),
    rowIds: rowIds === undefined ? undefined : pick(rowIds, new Float64Array(count)),
    columns: block.columns.map((column) => ({ ...column, column: gatherColumn(column.column, rows, count) })),
  };
}
