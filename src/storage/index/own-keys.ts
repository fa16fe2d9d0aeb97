import type { IndexDescriptor } from '../../catalog/index-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Memtable } from '../memtable/memtable.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import { PLAIN_PARTITION } from '../table-identity.ts';
import type { TableWrites } from '../versions/write-set.ts';
import { HashIndex } from './hash-index.ts';
import type { IndexKey } from './index-key.ts';
import type { IndexMemory } from './index-memory.ts';
import { KeyEncoder } from './key-encoder.ts';
import { type KeyIndex, RowIdList } from './key-index.ts';
import { OrderedIndex } from './ordered-index.ts';

/** Rows that enter an index in one turn. */
const ROWS_PER_TURN = 4096;

/** One index over the rows that a transaction has in memory. */
export interface OwnIndex {
  readonly encoder: KeyEncoder;
  /** The rows in it. */
  readonly memtable: Memtable;
  readonly entries: KeyIndex;
  /** Rows with ids below it are in the index, … */
  indexedUpTo: number;
  /** … and the keys of those below this one are the transaction's: nobody else may have them until it ends. */
  claimedUpTo: number;
}

/**
 * The keys of the rows that a transaction has written to a plain table, index by index, by the provisional ids of the
 * rows. It follows the memtable lazily. Rows that are taken back are not removed: their ids do not come again.
 */
export class OwnKeys {
  readonly #writes: TableWrites;
  readonly #indexes = new Map<number, OwnIndex>();
  readonly #found = new RowIdList();

  constructor(writes: TableWrites) {
    this.#writes = writes;
  }

  /** The index, as it stands; undefined when there are no rows for it. */
  known(indexOid: number): OwnIndex | undefined {
    const index = this.#indexes.get(indexOid);
    return index?.memtable === this.#memtable ? index : undefined;
  }

  /** The index for rows of this version of the table, with nothing of rows that came since it was asked for last. */
  open(table: TableDescriptor, descriptor: IndexDescriptor, memory: IndexMemory): OwnIndex | undefined {
    const memtable = this.#memtable;
    if (memtable === undefined) return undefined;
    const known = this.#indexes.get(descriptor.oid);
    if (known?.memtable === memtable && known.encoder.fits(table, descriptor)) return known;
    known?.entries.release();
    const index: OwnIndex = {
      encoder: new KeyEncoder(table, descriptor),
      memtable,
      entries: descriptor.method === 'hash' ? new HashIndex(memory) : new OrderedIndex(memory),
      indexedUpTo: 0,
      claimedUpTo: 0,
    };
    this.#indexes.set(descriptor.oid, index);
    return index;
  }

  /**
   * The index with every row; undefined when there are none. `turn`: so many rows are missing that it has to be asked for
   * again, after others had a turn.
   */
  complete(table: TableDescriptor, descriptor: IndexDescriptor, memory: IndexMemory): OwnIndex | 'turn' | undefined {
    const index = this.open(table, descriptor, memory);
    if (index === undefined) return undefined;
    const { encoder, entries } = index;
    let rowsLeft = ROWS_PER_TURN;
    for (const block of blocksFrom(index.memtable, index.indexedUpTo)) {
      encoder.read((number) => block.columns.find((column) => column.number === number)?.column);
      for (let row = 0; row < block.rowCount; row++) {
        if (rowsLeft-- === 0) return 'turn';
        encoder.ofRow(row);
        entries.add(encoder.key, block.rowIds![row]);
        index.indexedUpTo = block.rowIds![row] + 1;
      }
    }
    return index;
  }

  /** Whether some row that was not taken back has the key, and it is claimed; a deleted row may come back. */
  claims(indexOid: number, key: IndexKey): boolean {
    const index = this.known(indexOid);
    if (index === undefined || index.claimedUpTo === 0) return false;
    this.#found.clear();
    index.entries.find(key, this.#found);
    for (let at = 0; at < this.#found.count; at++) {
      const rowId = this.#found.values[at];
      if (rowId < index.claimedUpTo && index.memtable.findRowId(rowId) >= 0) return true;
    }
    return false;
  }

  /** Appends the rows with the key that are there. */
  findLive({ entries, memtable }: OwnIndex, key: IndexKey, into: RowIdList): void {
    this.#found.clear();
    entries.find(key, this.#found);
    for (let at = 0; at < this.#found.count; at++) {
      const rowId = this.#found.values[at];
      if (isLive(memtable, rowId)) into.push(rowId);
    }
  }

  release(): void {
    for (const { entries } of this.#indexes.values()) entries.release();
    this.#indexes.clear();
  }

  get #memtable(): Memtable | undefined {
    return this.#writes.memtables.get(PLAIN_PARTITION);
  }
}

export function isLive(memtable: Memtable, rowId: number): boolean {
  const row = memtable.findRowId(rowId);
  return row >= 0 && !memtable.deletes.has(row);
}

/** The rows with ids from `rowId` on, whose ids ascend. */
export function blocksFrom(memtable: Memtable, rowId: number): Iterable<RowBlock> {
  return memtable.blocks(memtable.lowerBoundOfRowId(rowId));
}
