import type { Lsn } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { EngineState } from '../engine-state.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import { rowIdHorizon } from '../scan/row-id-horizon.ts';
import type { StoredSegment } from '../stored-segment.ts';
import type { TableStore } from '../table-store.ts';
import { timeKeyOf } from '../time-key.ts';
import type { RowReplacements } from '../versions/row-replacements.ts';
import type { PlainTable, TableIndexes } from './plain-table.ts';

/** What a live commit knows of plain tables beyond its record. Replay does without: indexes are built when it has ended. */
export interface PlainCommit {
  /** Indexes over the rows that the tables have, for those that the commit adds. */
  readonly built: TableIndexes;
  /** By table, the rows that UPDATE has put in the place of others. */
  readonly replacements: ReadonlyMap<number, RowReplacements>;
}

/**
 * A commit's way with indexes and the history of rows: in memory at once, to be published or taken back with the commit.
 * Without `commit`, in replay, nothing of it is kept.
 */
export class AppliedPlain {
  readonly #state: EngineState;
  readonly #lsn: Lsn;
  readonly #commit: PlainCommit | undefined;
  /** Of which rows have ended. */
  readonly #ended = new Set<PlainTable>();
  readonly #indexesBefore: { readonly plain: PlainTable; readonly indexes: TableIndexes }[] = [];

  constructor(state: EngineState, lsn: Lsn, commit: PlainCommit | undefined) {
    this.#state = state;
    this.#lsn = lsn;
    this.#commit = commit;
  }

  /** The table is new or has a new version. */
  setIndexes({ plain }: TableStore, table: TableDescriptor, undo: (() => void)[]): void {
    if (plain === undefined || this.#commit === undefined) return;
    const { indexMemory } = this.#state;
    this.#noteIndexes(plain, plain.setIndexes(table, this.#lsn, indexMemory, this.#commit.built), undo);
  }

  addRows({ plain }: TableStore, block: RowBlock, undo: (() => void)[]): void {
    if (plain === undefined || this.#commit === undefined || block.rowCount === 0) return;
    const { rowIds } = block;
    plain.addRows(block, this.#state.oldestSnapshotLsn);
    undo.push(() => plain.history.noteLost(rowIds![0], rowIds![block.rowCount - 1] + 1));
  }

  /** Rows of a table without indexes, which got their ids before the commit. */
  addStaged({ plain }: TableStore, segments: readonly StoredSegment[], undo: (() => void)[]): void {
    if (plain === undefined || this.#commit === undefined) return;
    for (const { reader } of segments) {
      if (reader.rowCount === 0) continue;
      const from = timeKeyOf(reader.firstTimes[0]!).time;
      const to = timeKeyOf(reader.lastTimes[0]!).time + 1;
      plain.history.noteLate({ from, to, lsn: this.#lsn });
      undo.push(() => {
        plain.history.removeFrom(this.#lsn, []);
        plain.history.noteLost(from, to);
      });
    }
  }

  endRows({ plain, oid }: TableStore, rowIds: Float64Array, undo: (() => void)[]): void {
    if (plain === undefined || this.#commit === undefined) return;
    const replacements = this.#commit.replacements.get(oid);
    if (replacements === undefined) plain.history.noteDeleted(rowIds, this.#lsn);
    else plain.history.noteEnds(rowIds, this.#lsn, replacements);
    this.#ended.add(plain);
    undo.push(() => plain.history.removeFrom(this.#lsn, rowIds));
  }

  /** To be called before new rows of the commit are applied. */
  truncate({ plain, oid }: TableStore, undo: (() => void)[]): void {
    if (plain === undefined || this.#commit === undefined) return;
    const below = rowIdHorizon(this.#state.layers.table(oid), Number.POSITIVE_INFINITY);
    this.#noteIndexes(plain, plain.truncate(below, this.#lsn, this.#state.indexMemory, this.#commit.built), undo);
    this.#ended.add(plain);
    undo.push(() => plain.history.removeFrom(this.#lsn, []));
  }

  /** The commit's LSN is published by now. */
  publish(dropped: readonly TableStore[]): void {
    for (const { plain, indexes } of this.#indexesBefore) plain.forgetIndexes(indexes);
    for (const plain of this.#ended) plain.sweep(this.#state.oldestSnapshotLsn);
    for (const { plain } of dropped) plain?.release();
  }

  #noteIndexes(plain: PlainTable, indexes: TableIndexes, undo: (() => void)[]): void {
    this.#indexesBefore.push({ plain, indexes });
    undo.push(() => plain.restoreIndexes(indexes));
  }
}
