import type { SqlError } from '../../errors/sql-error.ts';
import type { EngineState } from '../engine-state.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import { rowIdHorizon } from '../scan/row-id-horizon.ts';
import type { TableWrites } from '../versions/write-set.ts';
import type { BuiltIndexes } from './built-indexes.ts';
import type { KeyEncoder } from './key-encoder.ts';
import { RowIdList } from './key-index.ts';
import { duplicateKey } from './key-violation.ts';
import { blocksFrom, isLive, type OwnIndex } from './own-keys.ts';
import type { PlainTable, TableIndex } from './plain-table.ts';

/** Rows whose keys are checked in one turn. */
const ROWS_PER_TURN = 4096;

/** What has to happen first: the end of a transaction, or a turn of the event loop. */
export type Blocker = { readonly owner: object } | 'turn';

/**
 * Unique keys of plain tables: rows that a transaction has written against its own others, against the rows of the table
 * and against the rows of other transactions that have not ended.
 *
 *   row written  ─►  its key is in the transaction's own index  ─►  checked: claimed until the transaction ends
 *
 * Who checks a key that somebody else has claimed, or whose row somebody is about to delete, has to wait for that one to
 * end. Keys that are not checked yet keep nobody out: whoever checks first has the key.
 */
export class UniqueCheck {
  readonly #state: EngineState;
  readonly #owner: object;
  readonly #built: BuiltIndexes;
  readonly #found = new RowIdList();
  /** Of the table that is being checked: the first row id that is not published. */
  #horizon = 0;
  #rowsLeft = 0;

  constructor(state: EngineState, owner: object, built: BuiltIndexes) {
    this.#state = state;
    this.#owner = owner;
    this.#built = built;
  }

  /**
   * Checks and claims the keys of the rows that were written since it was done last, some thousand of them. To be called
   * again when whom it returns has ended, or after a turn of the event loop; undefined when all keys are claimed. Throws
   * 23505 and 54000.
   */
  claim(writes: TableWrites, isDeferred: (indexOid: number) => boolean): Blocker | undefined {
    const { descriptor } = writes;
    this.#rowsLeft = ROWS_PER_TURN;
    if (descriptor.timeSeries !== undefined || descriptor.indexes.length === 0) return undefined;
    const plain = this.#state.tables.get(writes.tableOid)?.plain;
    plain?.writers.set(this.#owner, writes);
    this.#horizon = rowIdHorizon(this.#state.layers.table(writes.tableOid), this.#state.publishedLsn);
    for (const index of descriptor.indexes) {
      if (!index.isUnique || isDeferred(index.oid)) continue;
      const own = writes.ownKeys.open(descriptor, index, this.#state.indexMemory);
      if (own === undefined || own.claimedUpTo >= writes.nextRowId) continue;
      const blocker = this.#claimIndex(writes, own, plain, this.#built.indexFor(index.oid, writes, plain));
      if (blocker !== undefined) return blocker;
    }
    return undefined;
  }

  #claimIndex(
    writes: TableWrites,
    own: OwnIndex,
    plain: PlainTable | undefined,
    committed: TableIndex | undefined,
  ): Blocker | undefined {
    const { encoder, memtable, entries } = own;
    for (const block of blocksFrom(memtable, own.claimedUpTo)) {
      encoder.read((number) => block.columns.find((column) => column.number === number)?.column);
      for (let row = 0; row < block.rowCount; row++) {
        if (this.#rowsLeft-- === 0) return 'turn';
        const rowId = block.rowIds![row];
        const isKept = encoder.ofRow(row) && isLive(memtable, rowId);
        if (isKept) {
          if (own.entries.entryCount > 0) this.#checkOwn(writes, own, block, row);
          const blocker = this.#blockerOf(writes, plain, committed, { encoder, block, row });
          if (blocker !== undefined) return { owner: blocker };
        }
        if (rowId >= own.indexedUpTo) {
          entries.add(encoder.key, rowId);
          own.indexedUpTo = rowId + 1;
        }
        own.claimedUpTo = rowId + 1;
      }
    }
    own.claimedUpTo = writes.nextRowId;
    own.indexedUpTo = writes.nextRowId;
    return undefined;
  }

  /** Another row of the transaction must not have the key. */
  #checkOwn({ descriptor, ownKeys }: TableWrites, own: OwnIndex, block: RowBlock, row: number): void {
    const { encoder } = own;
    this.#found.clear();
    ownKeys.findLive(own, encoder.key, this.#found);
    for (let at = 0; at < this.#found.count; at++) {
      if (this.#found.values[at] !== block.rowIds![row]) throw violation(descriptor, encoder, block, row);
    }
  }

  /** Who decides whether the key is free, if that cannot be told yet. */
  #blockerOf(
    writes: TableWrites,
    plain: PlainTable | undefined,
    committed: TableIndex | undefined,
    { encoder, block, row }: { readonly encoder: KeyEncoder; readonly block: RowBlock; readonly row: number },
  ): object | undefined {
    const { key, descriptor } = encoder;
    if (committed !== undefined) {
      this.#found.clear();
      committed.entries.find(key, this.#found);
      for (let at = 0; at < this.#found.count; at++) {
        const rowId = this.#found.values[at];
        if (!this.#isThere(writes, plain, rowId)) continue;
        const deleter = plain && deleterOf(plain, rowId, this.#owner);
        if (deleter !== undefined) return deleter;
        throw violation(writes.descriptor, encoder, block, row);
      }
    }
    for (const [owner, other] of plain?.writers ?? []) {
      if (owner !== this.#owner && other.ownKeys.claims(descriptor.oid, key)) return owner;
    }
    return undefined;
  }

  /** Not of rows that were appended to the log and are not visible yet: those are claimed by who has written them. */
  #isThere(writes: TableWrites, plain: PlainTable | undefined, rowId: number): boolean {
    if (writes.staged.hasRowId(rowId)) return !writes.stagedEnds.has(rowId);
    if (plain === undefined || plain.history.isHidden(rowId, this.#state.publishedLsn, this.#horizon)) return false;
    return writes.deleted.find(0, 0, 0, rowId) < 0;
  }
}

/** Another transaction that has deleted or replaced the row and has not ended. */
export function deleterOf({ writers }: PlainTable, rowId: number, self: object): object | undefined {
  for (const [owner, writes] of writers) {
    if (owner !== self && (writes.isTruncated || writes.deleted.find(0, 0, 0, rowId) >= 0)) return owner;
  }
  return undefined;
}

function violation(table: TableWrites['descriptor'], encoder: KeyEncoder, block: RowBlock, row: number): SqlError {
  const columnOf = (number: number) => block.columns.find((column) => column.number === number)?.column;
  return duplicateKey(table, encoder, encoder.valuesAt(columnOf, row));
}
