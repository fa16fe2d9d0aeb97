import type { CatalogReader } from '../../src/catalog/catalog-reader.ts';
import type { ScanRequest } from '../../src/catalog/scan-request.ts';
import type { Snapshot, Table, TableScan } from '../../src/catalog/table.ts';
import type { TableDescriptor } from '../../src/catalog/table-descriptor.ts';
import type { Batch } from '../../src/columnar/batch.ts';
import type { Database } from '../../src/database/database.ts';
import type { Transaction } from '../../src/database/transaction.ts';
import { copyBatch } from './copy-batch.ts';

type NewTable = Parameters<Transaction['createTable']>[0];

interface StoredTable {
  readonly descriptor: TableDescriptor;
  readonly batches: readonly Batch[];
}

const PUBLIC = { oid: 2200, name: 'public', ownerOid: 10 };

/**
 * A database in memory that keeps whole batches and knows no time series, keys or durability: what a session needs to be
 * tested for itself. Records what was asked of it.
 */
export class FakeDatabase {
  readonly events: string[] = [];
  /** The next commit fails with this. */
  commitError: Error | undefined;
  openSnapshots = 0;
  #tables: ReadonlyMap<number, StoredTable> = new Map();
  #nextOid = 20_000;

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
}

class FakeTransaction {
  readonly startMicros = Date.now() * 1000 - 946_684_800_000_000;
  readonly #database: FakeDatabase;
  /** What this transaction changed; undefined: dropped. */
  readonly #changes = new Map<number, StoredTable | undefined>();
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

  catalog(): CatalogReader {
    const descriptors = () => [...this.#tables.values()].map((table) => table.descriptor);
    return {
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

  createTable(definition: NewTable): TableDescriptor {
    const oid = this.#database.takeOid();
    const descriptor: TableDescriptor = {
      oid,
      schemaOid: PUBLIC.oid,
      schemaName: definition.schemaName,
      name: definition.name,
      ownerOid: definition.ownerOid,
      kind: 'table',
      columns: definition.columns.map((column, index) => ({ ...column, number: index + 1, role: 'field' })),
      timeSeries: undefined,
      uniqueKey: undefined,
      isFromLineProtocol: false,
      schemaVersion: 1,
      rowTypeOid: this.#database.takeOid(),
    };
    this.#changes.set(oid, { descriptor, batches: [] });
    return descriptor;
  }

  dropTable(oid: number): void {
    this.#changes.set(oid, undefined);
  }

  async append(oid: number, rows: Batch): Promise<number> {
    const stored = this.#tables.get(oid);
    if (stored === undefined) throw new Error(`no table ${oid}`);
    this.#changes.set(oid, { ...stored, batches: [...stored.batches, copyBatch(rows)] });
    return rows.rowCount;
  }

  markStatement(): number {
    return 0;
  }

  rollbackStatement(): void {
    this.#database.events.push('rollback statement');
  }

  async commit(): Promise<void> {
    if (!this.#isOpen) throw new Error('commit of an ended transaction');
    this.#isOpen = false;
    if (this.#database.commitError !== undefined) {
      const error = this.#database.commitError;
      this.#database.commitError = undefined;
      throw error;
    }
    this.#database.publish(this.#tables);
    this.#database.events.push('commit');
  }

  rollback(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#database.events.push('rollback');
  }
}

function scan({ batches }: StoredTable, request: ScanRequest): TableScan {
  return {
    counters: { seriesScanned: 0, unitsRead: 0, unitsSkipped: 0, soleRows: 0, mergedRows: 0 },
    morsels: () => [{ partition: 0, runs: [] }],
    async *read(_morsel, control) {
      for (const batch of batches) {
        await control.yieldIfDue();
        yield { rowCount: batch.rowCount, columns: request.columns.map((column) => batch.columns[column]!) };
      }
    },
  };
}
