import type { Lsn } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import { RowHistory } from '../versions/row-history.ts';
import type { TableWrites } from '../versions/write-set.ts';
import { HashIndex } from './hash-index.ts';
import { IndexKey } from './index-key.ts';
import type { IndexMemory } from './index-memory.ts';
import { type ColumnLookup, KeyEncoder } from './key-encoder.ts';
import type { IndexPlace, KeyIndex } from './key-index.ts';
import { OrderedIndex } from './ordered-index.ts';

/** One index of a plain table: the keys of all rows that some snapshot from `sinceLsn` on may see. */
export interface TableIndex {
  readonly encoder: KeyEncoder;
  readonly entries: KeyIndex;
  readonly sinceLsn: Lsn;
}

/** By index OID. */
export type TableIndexes = ReadonlyMap<number, TableIndex>;

/** A walk over all indexes that removes the keys of rows which had ended by an LSN. */
interface Sweep {
  readonly lsn: Lsn;
  readonly lostCount: number;
  readonly indexes: readonly TableIndex[];
  at: number;
  place: IndexPlace;
}

/** So many ended rows are worth a sweep at least, and this share of all. */
const MIN_SWEEP_ROWS = 1024;
const SWEEP_SHARE = 8;
/** Entries that are looked at in one go. */
const STEP_ENTRIES = 2048;

export function newTableIndex(encoder: KeyEncoder, memory: IndexMemory, sinceLsn: Lsn): TableIndex {
  const entries = encoder.descriptor.method === 'hash' ? new HashIndex(memory) : new OrderedIndex(memory);
  return { encoder, entries, sinceLsn };
}

/**
 * What a plain table has in memory beyond its rows: its indexes, what became of rows lately, and which transactions are
 * writing to it. Commits enter it when they are applied, and are seen by those who ask what is visible: an index holds the
 * rows of every version that a snapshot may have, and `history` tells them apart.
 */
export class PlainTable {
  readonly history = new RowHistory();
  /** By owner, what transactions that have not ended have written to the table. */
  readonly writers = new Map<object, TableWrites>();
  #indexes: TableIndexes = new Map();
  #sweep: Sweep | undefined;
  /** No index has rows that had ended by then. */
  #sweptLsn: Lsn = 0;
  #isGoingOn = false;

  get indexes(): TableIndexes {
    return this.#indexes;
  }

  index(oid: number): TableIndex | undefined {
    return this.#indexes.get(oid);
  }

  /**
   * Has the indexes that a version of the table has: those which fit it stay, `built` ones come with the rows of the table,
   * others start empty. Returns how it was.
   */
  setIndexes(table: TableDescriptor, lsn: Lsn, memory: IndexMemory, built: TableIndexes = new Map()): TableIndexes {
    const before = this.#indexes;
    const indexes = new Map<number, TableIndex>();
    for (const descriptor of table.indexes) {
      const encoder = new KeyEncoder(table, descriptor);
      const known = before.get(descriptor.oid) ?? built.get(descriptor.oid);
      if (known?.encoder.fits(table, descriptor) === true) {
        const sinceLsn = before.has(descriptor.oid) ? known.sinceLsn : lsn;
        indexes.set(descriptor.oid, { encoder, entries: known.entries, sinceLsn });
      } else indexes.set(descriptor.oid, newTableIndex(encoder, memory, lsn));
    }
    this.#replace(indexes);
    return before;
  }

  /**
   * Empties the table: `below`, every row's id is below it. Indexes that were `built` for rows which come with the commit
   * stay. Returns how the indexes were.
   */
  truncate(below: number, lsn: Lsn, memory: IndexMemory, built: TableIndexes): TableIndexes {
    const before = this.#indexes;
    this.history.noteTruncated(below, lsn);
    const indexes = new Map(before);
    for (const [oid, { encoder, entries }] of before) {
      if (built.get(oid)?.entries !== entries) indexes.set(oid, newTableIndex(encoder, memory, lsn));
    }
    this.#replace(indexes);
    return before;
  }

  /** Takes back `setIndexes` and `truncate`. */
  restoreIndexes(before: TableIndexes): void {
    const after = this.#indexes;
    this.#replace(before);
    releaseAll(after, before);
  }

  /** Indexes that are not the table's any more give back their memory, once no commit can be taken back to them. */
  forgetIndexes(before: TableIndexes): void {
    releaseAll(before, this.#indexes);
  }

  /** The rows of a commit. `oldestLsn`: no snapshot is older. */
  addRows(block: RowBlock, oldestLsn: Lsn): void {
    if (this.#indexes.size === 0) return;
    const columnOf: ColumnLookup = (number) => block.columns.find((column) => column.number === number)?.column;
    const rowIds = block.rowIds!;
    const isGone = this.history.isEmpty ? undefined : (rowId: number) => this.history.isGone(rowId, oldestLsn);
    for (const { encoder, entries } of this.#indexes.values()) {
      encoder.read(columnOf);
      for (let row = 0; row < block.rowCount; row++) {
        encoder.ofRow(row);
        entries.add(encoder.key, rowIds[row], isGone);
      }
    }
  }

  /**
   * Ended rows leave work behind, which is done bit by bit: their keys are removed, then what is known of them. No snapshot
   * is older than `oldestLsn`.
   */
  sweep(oldestLsn: Lsn): void {
    const { history } = this;
    if (this.#indexes.size === 0) {
      this.#sweptLsn = Math.max(this.#sweptLsn, oldestLsn);
      history.forgetLost(history.lostCount);
    } else this.#sweep ??= this.#beginSweep(oldestLsn);
    this.#goOn(Math.min(oldestLsn, this.#sweptLsn));
  }

  /** The table is gone: nobody searches its indexes any more. */
  release(): void {
    releaseAll(this.#indexes, new Map());
    this.#replace(new Map());
  }

  #replace(indexes: TableIndexes): void {
    this.#indexes = indexes;
    this.#sweep = undefined;
  }

  #beginSweep(oldestLsn: Lsn): Sweep | undefined {
    let entryCount = 0;
    for (const { entries } of this.#indexes.values()) entryCount = Math.max(entryCount, entries.entryCount);
    const { endCount, lostCount } = this.history;
    if (endCount < Math.max(MIN_SWEEP_ROWS, entryCount / SWEEP_SHARE) && lostCount < MIN_SWEEP_ROWS) return undefined;
    return { lsn: oldestLsn, lostCount, indexes: [...this.#indexes.values()], at: 0, place: firstPlace() };
  }

  /** One step now, and the others between what else there is to do. */
  #goOn(forgottenLsn: Lsn): void {
    const sweep = this.#sweep;
    if (sweep !== undefined) this.#advance(sweep);
    const isForgetting = this.history.forget(forgottenLsn, STEP_ENTRIES);
    if (this.#isGoingOn || (this.#sweep === undefined && !isForgetting)) return;
    this.#isGoingOn = true;
    setImmediate(() => {
      this.#isGoingOn = false;
      this.#goOn(forgottenLsn);
    });
  }

  #advance(sweep: Sweep): void {
    const { history } = this;
    const isGone = (rowId: number) => history.isGone(rowId, sweep.lsn);
    if (!sweep.indexes[sweep.at]!.entries.sweep(sweep.place, STEP_ENTRIES, isGone)) return;
    sweep.place = firstPlace();
    if (++sweep.at < sweep.indexes.length) return;
    this.#sweep = undefined;
    this.#sweptLsn = sweep.lsn;
    history.forgetLost(sweep.lostCount);
  }
}

function firstPlace(): IndexPlace {
  return { key: new IndexKey().finish(), rowId: -1 };
}

function releaseAll(indexes: TableIndexes, kept: TableIndexes): void {
  const entries = new Set(Array.from(kept.values(), (index) => index.entries));
  for (const index of indexes.values()) if (!entries.has(index.entries)) index.entries.release();
}
