import type { IndexDescriptor } from '../catalog/index-descriptor.ts';
import type { LockWait } from '../catalog/table-locking.ts';
import type { Batch } from '../columnar/batch.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { KeyEncoder } from '../storage/index/key-encoder.ts';
import { RowIdList } from '../storage/index/key-index.ts';
import { deleterOf } from '../storage/index/unique-check.ts';
import { rowIdHorizon } from '../storage/scan/row-id-horizon.ts';
import { visibleColumns } from '../storage/table-identity.ts';
import { type KeyContext, ownIndex } from './lookup-keys.ts';

/** Who has the keys of rows that are about to be inserted into a plain table. */
export interface KeyRows {
  /** For each of the rows the id of the row that has one of its keys, as everything stands now; -1: none. */
  readonly rowIds: Float64Array;
  /** For each of the others the first of them that has one of its keys; -1: none before it. */
  readonly earlier: Int32Array;
}

interface Waiting {
  /** The transaction. */
  readonly owner: object;
  readonly wait: LockWait;
}

/**
 * Looks for the keys of full rows in unique indexes, in their order. Waits for transactions that have given one of the
 * keys to a row, or are taking it from one, until they have ended. Throws 55000 for a row that comes to an index of a
 * deferrable constraint, 40P01 and 55P03.
 */
export async function findKeyRows(
  context: KeyContext,
  indexOids: readonly number[],
  rows: Batch,
  { owner, wait }: Waiting,
): Promise<KeyRows> {
  for (;;) {
    const search = new KeySearch(context, owner, rows);
    let blocker: object | undefined;
    for (const descriptor of context.table.indexes) {
      if (!indexOids.includes(descriptor.oid)) continue;
      search.refuseDeferrable(descriptor);
      blocker = await search.lookIn(descriptor);
      if (blocker !== undefined) break;
    }
    if (blocker === undefined) return search.result();
    await context.engine.ends.waitFor(owner, blocker, wait);
  }
}

/** One look at all the keys. */
class KeySearch {
  readonly #context: KeyContext;
  readonly #owner: object;
  readonly #rows: Batch;
  readonly #rowIds: Float64Array;
  /** By index, the keys of the rows; undefined: a NULL makes it unlike any other. */
  readonly #keys: (string | undefined)[][] = [];

  constructor(context: KeyContext, owner: object, rows: Batch) {
    this.#context = context;
    this.#owner = owner;
    this.#rows = rows;
    this.#rowIds = new Float64Array(rows.rowCount).fill(-1);
  }

  /** Throws 55000 unless each row has been found by an index before. */
  refuseDeferrable({ oid }: IndexDescriptor): void {
    const { table } = this.#context;
    const constraint = table.constraints.find((known) => known.kind === 'key' && known.indexOid === oid);
    if (constraint?.kind !== 'key' || !constraint.isDeferrable || !this.#rowIds.includes(-1)) return;
    throw new SqlError(
      SqlState.ObjectNotInPrerequisiteState,
      'ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters',
      { schemaName: table.schemaName, tableName: table.name, constraintName: constraint.name },
    );
  }

  /** Returns whose end has to be waited for, if anyone's, before all is looked at anew. */
  async lookIn(descriptor: IndexDescriptor): Promise<object | undefined> {
    const { engine, table, writes, built } = this.#context;
    const own = await ownIndex(this.#context, descriptor);
    const { state } = engine;
    const plain = state.tables.get(table.oid)?.plain;
    const committed = built.indexFor(descriptor.oid, writes, plain);
    const horizon = rowIdHorizon(state.layers.table(table.oid), state.publishedLsn);
    const isThere = (rowId: number): boolean => {
      if (writes?.staged.hasRowId(rowId) === true) return !writes.stagedEnds.has(rowId);
      if (plain === undefined || plain.history.isHidden(rowId, state.publishedLsn, horizon)) return false;
      return writes === undefined || writes.deleted.find(0, 0, 0, rowId) < 0;
    };
    const encoder = new KeyEncoder(table, descriptor);
    const columns = visibleColumns(table);
    encoder.read((number) => this.#rows.columns[columns.findIndex((column) => column.number === number)]);
    const keys: (string | undefined)[] = [];
    const found = new RowIdList();
    for (let row = 0; row < this.#rows.rowCount; row++) {
      if (!encoder.ofRow(row)) {
        keys.push(undefined);
        continue;
      }
      const { bytes, length } = encoder.key;
      keys.push(Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1'));
      if (this.#rowIds[row] >= 0) continue;
      found.clear();
      committed?.entries.find(encoder.key, found);
      for (let at = 0; at < found.count; at++) {
        const rowId = found.values[at];
        if (!isThere(rowId)) continue;
        const deleter = plain && deleterOf(plain, rowId, this.#owner);
        if (deleter !== undefined) return deleter;
        this.#rowIds[row] = rowId;
      }
      found.clear();
      if (own !== undefined) writes?.ownKeys.findLive(own, encoder.key, found);
      if (found.count > 0) this.#rowIds[row] = found.values[0];
      if (this.#rowIds[row] >= 0) continue;
      for (const [owner, other] of plain?.writers ?? []) {
        if (owner !== this.#owner && other.ownKeys.claims(descriptor.oid, encoder.key)) return owner;
      }
    }
    this.#keys.push(keys);
    return undefined;
  }

  result(): KeyRows {
    const { rowCount } = this.#rows;
    const earlier = new Int32Array(rowCount).fill(-1);
    const taken = this.#keys.map(() => new Map<string, number>());
    for (let row = 0; row < rowCount; row++) {
      if (this.#rowIds[row] >= 0) continue;
      for (const [at, keys] of this.#keys.entries()) {
        const key = keys[row];
        const other = key === undefined ? undefined : taken[at].get(key);
        if (other === undefined) continue;
        earlier[row] = other;
        break;
      }
      if (earlier[row] >= 0) continue;
      for (const [at, keys] of this.#keys.entries()) {
        const key = keys[row];
        if (key !== undefined) taken[at].set(key, row);
      }
    }
    return { rowIds: this.#rowIds, earlier };
  }
}
