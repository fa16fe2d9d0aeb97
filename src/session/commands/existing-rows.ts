import { ALL_TIME } from '../../catalog/scan-request.ts';
import type { Snapshot } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherBatch, sliceBatch } from '../../columnar/copy-rows.ts';
import type { WriteOptions } from '../../database/row-writes.ts';
import type { Transaction } from '../../database/transaction.ts';
import { concurrentChange } from '../../errors/concurrent-change.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { ExecutionContext } from '../../execution/execution-context.ts';
import type { GroupTable } from '../../execution/group-table.ts';
import { RowStore } from '../../execution/row-store.ts';
import { type FoundPoints, PointKeys } from './find-points.ts';

/** What the rows that are to be inserted run into. */
export interface Existing {
  /** For each of them a number of the row that is there already; -1: none. Equal numbers are the same row. */
  readonly ids: Float64Array;
  /** For each without one the first of them that has its key; -1: none before it. */
  readonly earlier: Int32Array;
  /** Waits for those who are changing the rows; false: they have changed, and all has to be looked for anew. */
  lock(mode: 'update' | 'no key update'): Promise<boolean>;
  /** Those rows by these numbers, in that order: a column per column of the table, NULL where it is not read. */
  read(ids: readonly number[]): Promise<Batch>;
}

export interface ExistingRowsOptions {
  readonly table: TableDescriptor;
  /** OIDs of unique indexes. */
  readonly arbiterOids: readonly number[];
  /** The statement gives rows other keys. */
  readonly changesKeys: boolean;
  /** Positions of the columns that are read of rows that are there. */
  readonly reads: readonly number[];
  readonly transaction: Transaction;
  readonly context: ExecutionContext;
  readonly wait: WriteOptions;
  /** Of a plain table: rows with this id and higher ones were written by the statement. */
  readonly firstRowId: number;
}

/**
 * Finds what is there already under the keys of rows that are to be inserted: by the indexes of a plain table, by the key
 * of a time-series table.
 */
export interface ExistingRows {
  /** Rejects with 40001 for a row that a REPEATABLE READ transaction does not see. */
  find(rows: Batch, options: FindOptions): Promise<Existing>;
  /** Rows that the statement has written, which it must not write again. */
  noteWritten(rows: Batch): void;
  /** Throws 21000 for a row that the statement has written. */
  refuseWritten(existing: Existing, row: number, rows: Batch): void;
}

export interface FindOptions {
  /** Somebody was faster than the last look at these rows. */
  readonly isRepeated: boolean;
}

export function existingRows(options: ExistingRowsOptions): ExistingRows {
  if (options.table.timeSeries === undefined) return new PlainExisting(options);
  return options.arbiterOids.length === 0 ? nothingExists : new ExistingPoints(options);
}

/** Of a time-series table without a key: no row runs into another. */
const nothingExists: ExistingRows = {
  find: async ({ rowCount }) => ({
    ids: new Float64Array(rowCount).fill(-1),
    earlier: new Int32Array(rowCount).fill(-1),
    lock: async () => true,
    read: notThere,
  }),
  noteWritten: () => {},
  refuseWritten: () => {},
};

export function affectedTwice(): SqlError {
  return new SqlError(SqlState.CardinalityViolation, 'ON CONFLICT DO UPDATE command cannot affect row a second time', {
    hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
  });
}

class PlainExisting implements ExistingRows {
  readonly #options: ExistingRowsOptions;
  readonly #firstRowId: number;

  constructor(options: ExistingRowsOptions) {
    this.#options = options;
    this.#firstRowId = options.firstRowId;
  }

  async find(rows: Batch): Promise<Existing> {
    const { table, transaction, arbiterOids, wait } = this.#options;
    const { rowIds, earlier } = await transaction.findKeys(table.oid, arbiterOids, rows, wait);
    const found = [...new Set(rowIds.filter((rowId) => rowId >= 0))].sort((left, right) => left - right);
    if (transaction.isolation === 'repeatable read' && found.length > 0) {
      const seen = await this.#read(found, transaction.snapshot(), []);
      if (seen.rowCount < found.length) throw concurrentChange('update');
    }
    return {
      ids: rowIds,
      earlier,
      lock: async (mode) => {
        if (found.length === 0) return true;
        const { fates } = await transaction.lockRows(table.oid, Float64Array.from(found), mode, wait);
        return fates.every((fate) => fate === 'current');
      },
      read: (ids) => this.#readInOrder(ids),
    };
  }

  noteWritten(): void {}

  refuseWritten({ ids }: Existing, row: number): void {
    if (ids[row] >= this.#firstRowId) throw affectedTwice();
  }

  async #readInOrder(ids: readonly number[]): Promise<Batch> {
    const { table, transaction, reads } = this.#options;
    const distinct = [...new Set(ids)].sort((left, right) => left - right);
    const store = await this.#read(distinct, transaction.newestSnapshot(), reads);
    const [rowIds] = store.columns().slice(reads.length);
    invariant(rowIds.kind === 'number', 'row ids are numbers');
    const places = new Map<number, number>();
    for (let row = 0; row < store.rowCount; row++) places.set(rowIds.values[row], row);
    const order = Uint32Array.from(ids, (id) => {
      const place = places.get(id);
      invariant(place !== undefined, 'a locked row stays');
      return place;
    });
    const { columns } = store.gather(order, order.length);
    return { rowCount: order.length, columns: atPositions(columns, reads, table, order.length) };
  }

  /** Columns at `positions`, and the row id behind them. */
  async #read(rowIds: readonly number[], snapshot: Snapshot, positions: readonly number[]): Promise<RowStore> {
    const { table, context } = this.#options;
    const rowIdAt = table.columns.findIndex(({ name }) => name === 'tidewire.row');
    const columns = [...positions, rowIdAt];
    const store = new RowStore(
      columns.map((at) => table.columns[at].type),
      context.memory,
    );
    try {
      const request = {
        columns,
        timeRange: ALL_TIME,
        seriesPredicates: [],
        fieldRanges: [],
        rowIds: Float64Array.from(rowIds),
      };
      const scan = context.table(table.oid).scan(request, snapshot);
      for (const morsel of scan.morsels()) {
        for await (const batch of scan.read(morsel, context.control)) store.append(batch);
      }
    } finally {
      snapshot.release();
    }
    return store;
  }
}

/** Of a point that the statement has written. */
const OWN_ID = Number.MAX_SAFE_INTEGER;

/**
 * The statement has the lock under which a time-series table's points are changed: only new ones may come meanwhile. So
 * it looks for points as they were at its beginning, and knows by itself which it has written since; points that others
 * bring show when the rows are appended.
 */
class ExistingPoints implements ExistingRows {
  readonly #options: ExistingRowsOptions;
  readonly #keys: PointKeys;
  readonly #known: GroupTable;
  #isWritten = new Uint8Array(64);
  #reservedBytes = 0;

  constructor(options: ExistingRowsOptions) {
    this.#options = options;
    this.#keys = new PointKeys(options.table);
    this.#known = this.#keys.newTable();
  }

  async find(rows: Batch, { isRepeated }: FindOptions): Promise<Existing> {
    const { table, transaction, changesKeys, context } = this.#options;
    const ids = new Float64Array(rows.rowCount).fill(-1);
    const earlier = new Int32Array(rows.rowCount).fill(-1);
    const isNew = transaction.newPoints(table.oid, rows);
    const groups = this.#groupsOf(rows);
    const isOwn = (row: number): boolean => !changesKeys && this.#isWritten[groups[row]] === 1;
    const wanted = [...isNew.keys()].filter((row) => isNew[row] === 0 && !isOwn(row));
    const isNewest = isRepeated || changesKeys;
    const look = (): Promise<FoundPoints> =>
      isNewest
        ? this.#findIn(rows, wanted, transaction.newestSnapshot())
        : this.#keys.find({ rows, wanted, reads: this.#options.reads }, context.snapshot, context);
    const found = wanted.length === 0 ? undefined : await look();
    if (isNewest && found !== undefined && transaction.isolation === 'repeatable read') {
      const there = wanted.filter((row) => found.places[row] >= 0);
      const seen = there.length === 0 ? undefined : await this.#findIn(rows, there, transaction.snapshot());
      if (there.some((row) => (seen?.places[row] ?? -1) < 0)) throw concurrentChange('update');
    }
    for (const row of wanted) ids[row] = found?.places[row] ?? -1;
    for (let row = 0; row < rows.rowCount; row++) if (isOwn(row)) ids[row] = OWN_ID;
    const first = new Map<number, number>();
    for (let row = 0; row < rows.rowCount; row++) {
      if (ids[row] >= 0) continue;
      const other = first.get(groups[row]);
      if (other === undefined) first.set(groups[row], row);
      else earlier[row] = other;
    }
    return {
      ids,
      earlier,
      lock: async () => true,
      read: async (places) => {
        invariant(found !== undefined, 'points that were found are read');
        const { rowCount, columns } = gatherBatch(found.rows, Uint32Array.from(places), places.length);
        return { rowCount, columns: atPositions(columns, found.positions, table, rowCount) };
      },
    };
  }

  noteWritten(rows: Batch): void {
    for (const group of this.#groupsOf(rows)) this.#isWritten[group] = 1;
  }

  refuseWritten(_: Existing, row: number, rows: Batch): void {
    const [group] = this.#groupsOf(sliceBatch(rows, row, row + 1));
    if (this.#isWritten[group] === 1) throw affectedTwice();
  }

  /** Numbers of the points among those that the statement has had to do with. */
  #groupsOf(rows: Batch): Uint32Array {
    const groups = new Uint32Array(rows.rowCount);
    this.#known.assign(this.#keys.ofRows(rows), rows.rowCount, groups);
    const { groupCount } = this.#known;
    if (groupCount > this.#isWritten.length) {
      const before = this.#isWritten;
      this.#isWritten = new Uint8Array(groupCount * 2);
      this.#isWritten.set(before);
    }
    const sizeBytes = this.#known.sizeBytes + this.#isWritten.length;
    if (sizeBytes > this.#reservedBytes) {
      this.#options.context.memory.reserve(sizeBytes - this.#reservedBytes);
      this.#reservedBytes = sizeBytes;
    }
    return groups;
  }

  async #findIn(rows: Batch, wanted: readonly number[], snapshot: Snapshot) {
    try {
      return await this.#keys.find({ rows, wanted, reads: this.#options.reads }, snapshot, this.#options.context);
    } finally {
      snapshot.release();
    }
  }
}

/** Columns at their positions in the table, NULL everywhere else. */
function atPositions(
  columns: readonly Column[],
  positions: readonly number[],
  table: TableDescriptor,
  rowCount: number,
): Column[] {
  const missing: Column = { kind: 'value', values: new Array(rowCount).fill(null), validity: new Uint8Array(rowCount) };
  return table.columns.map((_, at) => {
    const place = positions.indexOf(at);
    return place < 0 ? missing : columns[place];
  });
}

async function notThere(): Promise<Batch> {
  invariant(false, 'a table without a key has no row that is there already');
}
