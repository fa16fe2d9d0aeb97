import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { nextTurn } from '../../platform/next-turn.ts';
import { gatherBlock, Memtable } from '../memtable/memtable.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import { mergesVersions } from '../table-identity.ts';
import type { WriteSet } from '../versions/write-set.ts';
import { KeyFilter } from './key-filter.ts';

/** Rows that are sorted in one go: some milliseconds, after which what was sorted before is merged with them. */
const SORTED_ROWS = 262_144;

/** Rows of one partition that will be one staged segment: with the ids that they have from then on. */
export interface RowsToStage {
  readonly memtable: Memtable;
  /** Where in the history its first row was written. */
  readonly stamp: number;
  readonly filter: KeyFilter | undefined;
  /** So many of its rows were sorted already. */
  sortedRows: number;
  /** Rows of the memtable that were deleted after a mark that came after them, and the deletes' places in the history. */
  readonly deletes: readonly { readonly row: number; readonly stamp: number }[];
}

/** What the ids of a write set become. */
export interface StagedIds {
  readonly seriesIds: Uint32Array;
  /** What is added to provisional row ids; undefined where rows have none. */
  readonly rowIdOffset: number | undefined;
  /** A plain table is sorted by row ids: they are its times. */
  readonly isPlain: boolean;
}

/** Rows that one return to a mark takes back together. */
interface Stretch {
  readonly range: number;
  readonly stamp: number;
  readonly from: number;
  to: number;
}

/**
 * The rows of a private memtable as they are to be staged: apart for every mark that may be returned to, without those
 * that were deleted before the next mark came. Gives the event loop a turn after every slab.
 */
export async function rowsToStage(
  writeSet: WriteSet,
  memtable: Memtable,
  { descriptor, ids }: { readonly descriptor: TableDescriptor; readonly ids: StagedIds },
): Promise<RowsToStage[]> {
  const marks = writeSet.liveMarks();
  const stretches = stretchesOf(writeSet, memtable, marks);
  const deleteStamps = deleteStampsOf(memtable);
  const merges = mergesVersions(descriptor);
  if (
    memtable.rowCount > 0 &&
    deleteStamps === undefined &&
    stretches.every(({ range }) => range === stretches[0]!.range)
  ) {
    const filter = merges ? new KeyFilter(memtable.rowCount) : undefined;
    return [await wholeMemtable(memtable, { stamp: stretches[0]!.stamp, filter, ids })];
  }
  const staged: RowsToStage[] = [];
  for (const [index, stretch] of stretches.entries()) {
    const isNew = index === 0 || stretches[index - 1]!.range !== stretch.range;
    if (isNew) {
      staged.push({
        memtable: new Memtable(memtable.partition, 'private'),
        stamp: stretch.stamp,
        filter: merges ? new KeyFilter(rowsOfRange(stretches, stretch.range)) : undefined,
        sortedRows: 0,
        deletes: [],
      });
    }
    await addStretch(staged.at(-1)!, memtable, { stretch, marks, deleteStamps, ids });
  }
  return staged.filter((rows) => rows.memtable.rowCount > 0);
}

/** Nothing of it is deleted, and it is taken back as a whole: its columns need no copy. */
async function wholeMemtable(
  source: Memtable,
  { stamp, filter, ids }: { readonly stamp: number; readonly filter: KeyFilter | undefined; readonly ids: StagedIds },
): Promise<RowsToStage> {
  const memtable = source.withIds(ids);
  await nextTurn();
  if (filter !== undefined) {
    for (const block of memtable.blocks()) {
      noteKeys(filter, block);
      await nextTurn();
    }
  }
  let sortedRows = 0;
  while (memtable.rowCount - sortedRows > SORTED_ROWS) {
    sortedRows += SORTED_ROWS;
    memtable.permutation(sortedRows);
    await nextTurn();
  }
  return { memtable, stamp, filter, sortedRows, deletes: [] };
}

async function addStretch(
  target: RowsToStage,
  source: Memtable,
  how: {
    readonly stretch: Stretch;
    readonly marks: readonly number[];
    readonly deleteStamps: ReadonlyMap<number, number> | undefined;
    readonly ids: StagedIds;
  },
): Promise<void> {
  const { stretch, marks, deleteStamps, ids } = how;
  let first = stretch.from;
  for (const block of source.blocks(stretch.from)) {
    if (first >= stretch.to) return;
    const count = Math.min(block.rowCount, stretch.to - first);
    const kept = new Uint32Array(count);
    let keptCount = 0;
    for (let index = 0; index < count; index++) {
      const stamp = deleteStamps?.get(first + index);
      if (stamp !== undefined) {
        if (rangeOf(marks, stamp) === stretch.range) continue;
        (target.deletes as { row: number; stamp: number }[]).push({ row: target.memtable.rowCount + keptCount, stamp });
      }
      kept[keptCount++] = index;
    }
    if (keptCount > 0) {
      const rows = keptCount === block.rowCount ? block : gatherBlock(block, kept, keptCount);
      const mapped = withIds(rows, ids);
      target.memtable.append(mapped);
      if (target.filter !== undefined) noteKeys(target.filter, mapped);
    }
    first += block.rowCount;
    // Sorting all of them at the end would take a turn of its own, and not a short one.
    if (target.memtable.rowCount >= target.sortedRows + SORTED_ROWS) {
      target.memtable.permutation(target.memtable.rowCount);
      target.sortedRows = target.memtable.rowCount;
    }
    await nextTurn();
  }
}

function noteKeys(filter: KeyFilter, { rowCount, seriesIds, times, fractions }: RowBlock): void {
  for (let row = 0; row < rowCount; row++) {
    filter.add(seriesIds[row], times[row], fractions === undefined ? 0 : fractions[row]);
  }
}

function withIds(block: RowBlock, { seriesIds: ids, rowIdOffset, isPlain }: StagedIds): RowBlock {
  const { rowCount } = block;
  const seriesIds = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) seriesIds[row] = ids[block.seriesIds[row]];
  if (block.rowIds === undefined || rowIdOffset === undefined) return { ...block, seriesIds };
  const rowIds = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) rowIds[row] = block.rowIds[row] + rowIdOffset;
  return { ...block, seriesIds, rowIds, times: isPlain ? rowIds : block.times };
}

/** The rows of the memtable, cut at every mark that came between them. */
function stretchesOf(writeSet: WriteSet, memtable: Memtable, marks: readonly number[]): Stretch[] {
  const stretches: Stretch[] = [];
  const appends = writeSet.appendsTo(memtable);
  for (const [index, { place, rowCountBefore }] of appends.entries()) {
    const to = appends[index + 1]?.rowCountBefore ?? memtable.rowCount;
    const range = rangeOf(marks, place);
    const last = stretches.at(-1);
    if (last?.range === range) last.to = to;
    else stretches.push({ range, stamp: place, from: rowCountBefore, to });
  }
  return stretches;
}

function rowsOfRange(stretches: readonly Stretch[], range: number): number {
  let rowCount = 0;
  for (const stretch of stretches) if (stretch.range === range) rowCount += stretch.to - stretch.from;
  return rowCount;
}

/** How many marks are not after a place in the history: going back to a later one leaves it. */
function rangeOf(marks: readonly number[], place: number): number {
  let range = 0;
  while (range < marks.length && marks[range]! <= place) range++;
  return range;
}

/** Since when each deleted row is deleted; undefined when none is. */
function deleteStampsOf({ deletes, rowCount }: Memtable): Map<number, number> | undefined {
  if (deletes.isEmpty) return undefined;
  const stamps = new Map<number, number>();
  for (let index = 0; index < deletes.count; index++) stamps.set(deletes.rowAt(index), deletes.stampAt(index));
  for (const clear of deletes.clearsAfter(-1)) {
    for (let row = 0; row < Math.min(clear.rowCount, rowCount); row++) {
      if (!stamps.has(row)) stamps.set(row, clear.stamp);
    }
  }
  return stamps;
}
