import type { IndexDescriptor } from '../../catalog/index-descriptor.ts';
import type { IndexCondition } from '../../catalog/scan-request.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { KeyEncoder } from '../index/key-encoder.ts';
import { IndexSearch } from '../index/search-index.ts';
import type { StoredSnapshot } from '../versions/stored-snapshot.ts';

const encoders = new WeakMap<TableDescriptor, Map<IndexDescriptor, KeyEncoder>>();

/** What is looked for in an index, as keys of it: one at a time. */
function encoderOf(table: TableDescriptor, descriptor: IndexDescriptor): KeyEncoder {
  let known = encoders.get(table);
  if (known === undefined) {
    known = new Map();
    encoders.set(table, known);
  }
  let encoder = known.get(descriptor);
  if (encoder === undefined) {
    encoder = new KeyEncoder(table, descriptor);
    known.set(descriptor, encoder);
  }
  return encoder;
}

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
  const encoder = encoderOf(table, descriptor);
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
