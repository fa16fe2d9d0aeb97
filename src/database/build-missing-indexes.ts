import { buildIndexes } from '../storage/index/build-indexes.ts';
import { RowIdList } from '../storage/index/key-index.ts';
import { duplicatedKey } from '../storage/index/key-violation.ts';
import { blocksFrom, isLive } from '../storage/index/own-keys.ts';
import type { TableIndex } from '../storage/index/plain-table.ts';
import type { TableWrites } from '../storage/versions/write-set.ts';
import { type KeyContext, ownIndex } from './lookup-keys.ts';

export interface BuildStep {
  /** Called now and then; a promise when others are to have a turn. */
  readonly pause: () => Promise<void> | undefined;
  /** Nothing will be written any more: what was staged since an index was built is brought in. */
  readonly isCommitting?: boolean;
}

/**
 * Builds the indexes of a plain table which the transaction has added: over the committed rows, less those that it has
 * deleted, and those that it has staged. Rows in its memory enter with the commit, but must not have a key twice. Rejects
 * with 23505, 53200 and what `pause` throws.
 */
export async function buildMissingIndexes(context: KeyContext, { pause, isCommitting }: BuildStep): Promise<void> {
  const { engine, table, writes, built } = context;
  if (table.timeSeries !== undefined) return;
  const { state } = engine;
  const store = state.tables.get(table.oid);
  store?.assertWhole();
  const hasStaged = writes?.staged.isEmpty === false;
  const missing = table.indexes.filter((index) => {
    const known = store?.plain?.index(index.oid);
    if (known?.encoder.fits(table, index) === true) return false;
    if (built.has(index.oid)) return isCommitting === true && hasStaged;
    return store !== undefined || hasStaged;
  });
  if (missing.length === 0) return;
  const version = state.layers.pin();
  try {
    const isTruncated = writes?.isTruncated === true;
    const rows = {
      layers: isTruncated ? undefined : version.tables.get(table.oid),
      lsn: state.publishedLsn,
      staged: writes?.staged.segments.map(({ segment }) => segment) ?? [],
      isDeleted: (rowId: number) => writes !== undefined && writes.deleted.find(0, 0, 0, rowId) >= 0,
    };
    const options = { memory: state.indexMemory, sinceLsn: state.publishedLsn, checksKeys: true, pause };
    const indexes = await buildIndexes(table, missing, rows, options);
    for (const [at, index] of indexes.entries()) {
      built.add(missing[at]!.oid, index, table.oid, writes);
      if (writes !== undefined && missing[at]!.isUnique) await checkOwnRows(writes, index, context, pause);
    }
  } finally {
    state.layers.unpin(version);
  }
}

/** Rows in memory against the index and against each other. */
async function checkOwnRows(
  writes: TableWrites,
  index: TableIndex,
  context: KeyContext,
  pause: BuildStep['pause'],
): Promise<void> {
  const { table } = context;
  const own = await ownIndex(context, index.encoder.descriptor);
  if (own === undefined) return;
  const { encoder, memtable } = own;
  const found = new RowIdList();
  for (const block of blocksFrom(memtable, 0)) {
    const columnOf = (number: number) => block.columns.find((column) => column.number === number)?.column;
    encoder.read(columnOf);
    for (let row = 0; row < block.rowCount; row++) {
      if (!isLive(memtable, block.rowIds![row]) || !encoder.ofRow(row)) continue;
      found.clear();
      index.entries.find(encoder.key, found);
      writes.ownKeys.findLive(own, encoder.key, found);
      if (found.count > 1) throw duplicatedKey(table, encoder, encoder.valuesAt(columnOf, row));
    }
    const turn = pause();
    if (turn !== undefined) await turn;
  }
}
