import { BOOTSTRAP_ROLE } from '../../src/catalog/access/role.ts';
import { SharedCatalog } from '../../src/catalog/access/shared-catalog.ts';
import type { CatalogReader } from '../../src/catalog/catalog-reader.ts';
import type { ScanRequest } from '../../src/catalog/scan-request.ts';
import type { Snapshot, Table, TableScan } from '../../src/catalog/table.ts';
import type { TableDescriptor } from '../../src/catalog/table-descriptor.ts';
import type { Batch } from '../../src/columnar/batch.ts';
import { type Column, valueAt } from '../../src/columnar/column.ts';
import { gatherBatch } from '../../src/columnar/copy-rows.ts';
import type { Database } from '../../src/database/database.ts';
import type { NewTable } from '../../src/database/new-table.ts';
import { describeColumn } from '../../src/database/schema-change/add-column.ts';
import { StatisticsStore } from '../../src/database/statistics-store.ts';
import type { Transaction } from '../../src/database/transaction.ts';
import { systemTimers } from '../../src/platform/timers.ts';
import { ROW_ID } from '../../src/storage/segment/hidden-columns.ts';
import { AdvisoryLocks } from '../../src/storage/versions/advisory-locks.ts';
import { WaitGraph } from '../../src/storage/versions/wait-graph.ts';
import { int8 } from '../../src/types/int8.ts';
import { sqlType } from '../../src/types/type-registry.ts';
import { emptyCatalog } from '../support/empty-catalog.ts';
import { copyBatch } from './copy-batch.ts';

interface StoredTable {
  readonly descriptor: TableDescriptor;
  readonly batches: readonly StoredRows[];
}

interface StoredRows extends Batch {
  readonly rowIds: Float64Array;
}

const PUBLIC = { oid: 2200, name: 'public', ownerOid: 10 };

/** One superuser and one database. */
export const SHARED = new SharedCatalog([
  BOOTSTRAP_ROLE,
  {
    kind: 'database',
    oid: 16_384,
    name: 'tidewire',
    ownerOid: 10,
    connectionLimit: -1,
    allowsConnections: true,
    isTemplate: false,
    version: 1,
  },
]);

/**
 * A database in memory that keeps whole batches and knows no time series, keys or durability: what a session needs to be
 * tested for itself. Records what was asked of it.
 */
export class FakeDatabase {
  readonly oid = 16_384;
  readonly statistics = new StatisticsStore();
  readonly waits = new WaitGraph();
  readonly advisoryLocks = new AdvisoryLocks(systemTimers, this.waits);
  readonly events: string[] = [];
  /** The next commit fails with this. */
  commitError: Error | undefined;
  openSnapshots = 0;
  #tables: ReadonlyMap<number, StoredTable> = new Map();
  #nextOid = 20_000;
  #nextRowId = 1;

  asDatabase(): Database {
    return this as unknown as Database;
  }

  begin(options: { isolation?: string; isReadOnly?: boolean } = {}): Transaction {
    this.events.push(`begin ${options.isolation}${options.isReadOnly === true ? ' read only' : ''}`);
    return new FakeTransaction(this) as unknown as Transaction;
  }

  get tables(): ReadonlyMap<number, StoredTable> {
    return this.#tables;
  }

  publish(tables: ReadonlyMap<number, StoredTable>): void {
    this.#tables = tables;
  }

  takeOid(): number {
    return this.#nextOid++;
  }

  takeRowIds(count: number): Float64Array {
    return Float64Array.from({ length: count }, () => this.#nextRowId++);
  }
}

class FakeTransaction {
  readonly startMicros = Date.now() * 1000 - 946_684_800_000_000;
  readonly #database: FakeDatabase;
  /** What this transaction changed; undefined: dropped. */
  #changes = new Map<number, StoredTable | undefined>();
  /** The changes as they were at each mark. */
  readonly #marks: ReadonlyMap<number, StoredTable | undefined>[] = [];
  readonly schema = {
    createTable: (definition: NewTable) => this.#createTable(definition),
    dropTable: (oid: number) => {
      this.#changes.set(oid, undefined);
    },
  };
  #isOpen = true;

  constructor(database: FakeDatabase) {
    this.#database = database;
  }

  /** READ COMMITTED: the newest commits under its own changes. */
  get #tables(): ReadonlyMap<number, StoredTable> {
    const tables = new Map(this.#database.tables);
    for (const [oid, table] of this.#changes) {
      if (table === undefined) tables.delete(oid);
      else tables.set(oid, table);
    }
    return tables;
  }

  shared(): SharedCatalog {
    return SHARED;
  }

  catalog(): CatalogReader {
    const descriptors = () => [...this.#tables.values()].map((table) => table.descriptor);
    return {
      ...emptyCatalog,
      schema: (name) => (name === PUBLIC.name ? PUBLIC : undefined),
      schemas: () => [PUBLIC],
      tables: descriptors,
      table: (schema, name) => descriptors().find((table) => table.schemaName === schema && table.name === name),
      tableByOid: (oid) => this.#tables.get(oid)?.descriptor,
    };
  }

  snapshot(): Snapshot {
    this.#database.openSnapshots++;
    let isOpen = true;
    return {
      lsn: 0,
      release: () => {
        if (isOpen) this.#database.openSnapshots--;
        isOpen = false;
      },
    };
  }

  table(oid: number): Table | undefined {
    const stored = this.#tables.get(oid);
    return stored === undefined
      ? undefined
      : { descriptor: stored.descriptor, scan: (request) => scan(stored, request) };
  }

  #createTable(definition: NewTable): TableDescriptor {
    const oid = this.#database.takeOid();
    const descriptor: TableDescriptor = {
      oid,
      schemaOid: PUBLIC.oid,
      schemaName: definition.schemaName,
      name: definition.name,
      ownerOid: definition.ownerOid,
      kind: 'table',
      columns: [
        ...definition.columns.map((column, index) => describeColumn(column, index + 1)),
        { number: ROW_ID, name: 'row', type: sqlType(int8), isNotNull: true, role: 'field', isHidden: true },
      ],
      timeSeries: undefined,
      uniqueKey: undefined,
      indexes: [],
      constraints: [],
      nextColumnNumber: definition.columns.length + 1,
      isFromLineProtocol: false,
      persistence: 'permanent',
      schemaVersion: 1,
      rowTypeOid: this.#database.takeOid(),
    };
    this.#changes.set(oid, { descriptor, batches: [] });
    return descriptor;
  }

  async append(oid: number, rows: Batch): Promise<number> {
    const stored = this.#stored(oid);
    const added = { ...copyBatch(rows), rowIds: this.#database.takeRowIds(rows.rowCount) };
    this.#changes.set(oid, { ...stored, batches: [...stored.batches, added] });
    this.#database.events.push(`append ${rows.rowCount}`);
    return rows.rowCount;
  }

  /** There is nobody else to wait for. */
  async lockForWrite(): Promise<void> {}

  async lockTable(): Promise<void> {}

  async lockRows(_oid: number, rowIds: Float64Array) {
    return { fates: Array.from(rowIds, () => 'current' as const), rowIds };
  }

  changesKeys(_oid: number, rowIds: Float64Array): Uint8Array {
    return new Uint8Array(rowIds.length);
  }

  async checkKeys(): Promise<void> {}

  deferKeys(): void {}

  async delete(oid: number, names: Batch): Promise<number> {
    const stored = this.#stored(oid);
    const gone = new Set(Array.from({ length: names.rowCount }, (_, row) => valueAt(names.columns[0]!, row)));
    const batches = stored.batches.map((batch) => {
      const rows = Uint32Array.from([...batch.rowIds.keys()].filter((row) => !gone.has(batch.rowIds[row]!)));
      return { ...gatherBatch(batch, rows, rows.length), rowIds: Float64Array.from(rows, (row) => batch.rowIds[row]!) };
    });
    this.#changes.set(oid, { ...stored, batches });
    this.#database.events.push(`delete ${names.rowCount}`);
    return names.rowCount;
  }

  async update(oid: number, names: Batch, rows: Batch): Promise<number> {
    await this.delete(oid, names);
    return this.append(oid, rows);
  }

  async truncate(oid: number): Promise<void> {
    this.#changes.set(oid, { ...this.#stored(oid), batches: [] });
  }

  #stored(oid: number): StoredTable {
    const stored = this.#tables.get(oid);
    if (stored === undefined) throw new Error(`no table ${oid}`);
    return stored;
  }

  rowIdMark(): (tableOid: number) => number {
    return () => 0;
  }

  estimateRows(oid: number): number {
    return this.#stored(oid).batches.reduce((count, { rowCount }) => count + rowCount, 0);
  }

  readonly notesReads = false;

  noteRead(): void {}

  checkSerializable(): void {}

  markStatement(): number {
    return this.#marks.push(new Map(this.#changes)) - 1;
  }

  releaseMark(): void {}

  rollbackStatement(mark: number): void {
    this.#changes = new Map(this.#marks[mark]);
    this.#database.events.push('rollback statement');
  }

  /** Every commit is among the events. */
  endUnwritten(): boolean {
    return false;
  }

  async commit({ isSynchronous = true } = {}): Promise<void> {
    if (!this.#isOpen) throw new Error('commit of an ended transaction');
    this.#isOpen = false;
    if (this.#database.commitError !== undefined) {
      const error = this.#database.commitError;
      this.#database.commitError = undefined;
      throw error;
    }
    this.#database.publish(this.#tables);
    this.#database.events.push(isSynchronous ? 'commit' : 'commit without waiting');
  }

  rollback(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#database.events.push('rollback');
  }
}

function scan({ batches, descriptor }: StoredTable, request: ScanRequest): TableScan {
  const columnAt = ({ columns, rowIds }: StoredRows, position: number): Column =>
    descriptor.columns[position]!.number === ROW_ID
      ? { kind: 'number', values: rowIds, validity: undefined }
      : columns[position]!;
  return {
    counters: { seriesScanned: 0, unitsRead: 0, unitsSkipped: 0, soleRows: 0, mergedRows: 0 },
    morsels: () => [{ partition: 0, runs: [] }],
    async *read(_morsel, control) {
      for (const batch of batches) {
        await control.yieldIfDue();
        yield { rowCount: batch.rowCount, columns: request.columns.map((column) => columnAt(batch, column)) };
      }
    },
  };
}
