import type { ScanRequest } from '../../catalog/scan-request.ts';
import type { Snapshot, Table, TableScan } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import { StoredSnapshot } from '../versions/stored-snapshot.ts';
import { RowIdScan } from './row-id-scan.ts';
import { searchIndex } from './search-own-and-committed.ts';
import { StoredTableScan } from './table-scan.ts';

/** A table as one version of the catalog describes it; which rows it has is the snapshot's to say. */
export class StoredTable implements Table {
  readonly descriptor: TableDescriptor;

  constructor(descriptor: TableDescriptor) {
    this.descriptor = descriptor;
  }

  scan(request: ScanRequest, snapshot: Snapshot): TableScan {
    invariant(snapshot instanceof StoredSnapshot, 'a stored table is read with a snapshot of its own database');
    snapshot.layersOf(this.descriptor.oid)?.store.assertWhole();
    const rowIds = request.rowIds ?? searchIndex(this.descriptor, request.index, snapshot);
    if (rowIds !== undefined) return new RowIdScan(this.descriptor, request, snapshot, rowIds);
    return new StoredTableScan(this.descriptor, request, snapshot);
  }
}
