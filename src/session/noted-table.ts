import type { ScanRequest } from '../catalog/scan-request.ts';
import type { Snapshot, Table, TableScan } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { Transaction } from '../database/transaction.ts';

/** A table as a SERIALIZABLE transaction reads it: what is read is noted. */
export class NotedTable implements Table {
  readonly #table: Table;
  readonly #transaction: Transaction;

  constructor(table: Table, transaction: Transaction) {
    this.#table = table;
    this.#transaction = transaction;
  }

  get descriptor(): TableDescriptor {
    return this.#table.descriptor;
  }

  scan(request: ScanRequest, snapshot: Snapshot): TableScan {
    const { descriptor } = this;
    if (descriptor.kind !== 'system-table') this.#transaction.noteRead(descriptor, request.index);
    return this.#table.scan(request, snapshot);
  }
}
