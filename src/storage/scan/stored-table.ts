import { CTID_INDEX } from '../../catalog/ctid-index.ts';
import type { IndexCondition, ScanRequest } from '../../catalog/scan-request.ts';
import type { Snapshot, Table, TableScan } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import { StoredSnapshot } from '../versions/stored-snapshot.ts';
import { RowIdScan } from './row-id-scan.ts';
import { searchIndex } from './search-own-and-committed.ts';
import { rowOfTid } from './system-columns.ts';
import { StoredTableScan } from './table-scan.ts';

/** The rows that ctids are of, where a scan asks by them. */
function rowsOfPlaces(condition: IndexCondition | undefined): Float64Array | undefined {
  if (condition?.indexOid !== CTID_INDEX.oid) return undefined;
  const rowIds = condition.equalTo.map(([tid]) => rowOfTid(tid as number));
  return Float64Array.from(new Set(rowIds.filter((rowId) => rowId >= 0)));
}

/** A table as one version of the catalog describes it; which rows it has is the snapshot's to say. */
export class StoredTable implements Table {
  readonly descriptor: TableDescriptor;

  constructor(descriptor: TableDescriptor) {
    this.descriptor = descriptor;
  }

  scan(request: ScanRequest, snapshot: Snapshot): TableScan {
    invariant(snapshot instanceof StoredSnapshot, 'a stored table is read with a snapshot of its own database');
    snapshot.layersOf(this.descriptor.oid)?.store.assertWhole();
    const rowIds =
      request.rowIds ?? rowsOfPlaces(request.index) ?? searchIndex(this.descriptor, request.index, snapshot);
    if (rowIds !== undefined) return new RowIdScan(this.descriptor, request, snapshot, rowIds);
    return new StoredTableScan(this.descriptor, request, snapshot);
  }
}
