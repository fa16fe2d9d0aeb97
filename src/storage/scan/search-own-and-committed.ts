import type { IndexCondition } from '../../catalog/scan-request.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { KeyEncoder } from '../index/key-encoder.ts';
import { IndexSearch } from '../index/search-index.ts';
import type { StoredSnapshot } from '../versions/stored-snapshot.ts';

/**
 * How an index of a plain table finds the rows of a snapshot, those of the reader's own transaction too; undefined where
 * all rows have to be read: when the index is younger than the snapshot, does not have many rows of the transaction yet, or
 * cannot answer the condition.
 */
export function searchIndex(
  table: TableDescriptor,
  condition: IndexCondition | undefined,
  snapshot: StoredSnapshot,
): IndexSearch[] | undefined {
  const descriptor = table.indexes.find(({ oid }) => oid === condition?.indexOid);
  if (condition === undefined || descriptor === undefined || table.timeSeries !== undefined) return undefined;
  const store = snapshot.layersOf(table.oid)?.store;
  const own = snapshot.overlay?.tables.get(table.oid);
  // Rows were staged before the index was made, which is the transaction's own then.
  if (own !== undefined && own.staged.length > 0) return undefined;
  const encoder = new KeyEncoder(table, descriptor);
  const searches: IndexSearch[] = [];
  if (store !== undefined && own?.isTruncated !== true) {
    const index = store.plain?.index(descriptor.oid);
    if (index === undefined || index.sinceLsn > snapshot.lsn || !index.encoder.fits(table, descriptor))
      return undefined;
    const search = IndexSearch.open(encoder, index.entries, condition);
    if (search === undefined) return undefined;
    searches.push(search);
  }
  if (own === undefined || own.rows.length === 0) return searches;
  const ownIndex = own.writes.ownKeys.complete(table, descriptor, snapshot.indexMemory);
  if (ownIndex === undefined) return searches;
  const search = ownIndex === 'turn' ? undefined : IndexSearch.open(encoder, ownIndex.entries, condition);
  return search === undefined ? undefined : [...searches, search];
}
