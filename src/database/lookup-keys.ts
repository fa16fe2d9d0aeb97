import type { IndexDescriptor } from '../catalog/index-descriptor.ts';
import { ALL_TIME } from '../catalog/scan-request.ts';
import type { Snapshot } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { Batch } from '../columnar/batch.ts';
import { invariant } from '../errors/invariant.ts';
import { nextTurn } from '../platform/next-turn.ts';
import type { BuiltIndexes } from '../storage/index/built-indexes.ts';
import { KeyEncoder } from '../storage/index/key-encoder.ts';
import { RowIdList } from '../storage/index/key-index.ts';
import type { OwnIndex } from '../storage/index/own-keys.ts';
import { rowIdHorizon } from '../storage/scan/row-id-horizon.ts';
import { StoredTable } from '../storage/scan/stored-table.ts';
import { ROW_ID } from '../storage/segment/hidden-columns.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import { StoredSnapshot } from '../storage/versions/stored-snapshot.ts';
import type { TableWrites } from '../storage/versions/write-set.ts';

/** Rows that have a key. */
export interface FoundRows {
  /** Which of the keys, ascending. */
  readonly keyRows: Uint32Array;
  readonly rowIds: Float64Array;
}

export interface KeyContext {
  readonly engine: StorageEngine;
  readonly table: TableDescriptor;
  /** What the transaction has written to the table. */
  readonly writes: TableWrites | undefined;
  readonly built: BuiltIndexes;
}

/**
 * The rows that have the keys, for a snapshot or as everything stands now; the transaction's own are there in either case.
 * Without an index that goes back as far as the snapshot, all its rows are read.
 */
export async function lookupKeys(
  context: KeyContext,
  indexOid: number,
  keys: Batch,
  view: 'current' | Snapshot,
): Promise<FoundRows> {
  const { engine, table, writes, built } = context;
  const { state } = engine;
  const descriptor = table.indexes.find(({ oid }) => oid === indexOid);
  invariant(
    descriptor !== undefined && table.timeSeries === undefined,
    'keys are looked up in an index of a plain table',
  );
  const own = await ownIndex(context, descriptor);
  const plain = state.tables.get(table.oid)?.plain;
  const encoder = new KeyEncoder(table, descriptor);
  const index = built.indexFor(indexOid, writes, plain);
  const lsn = view === 'current' ? state.publishedLsn : view.lsn;
  if (view !== 'current' && index !== undefined && index.sinceLsn > lsn && !built.has(indexOid)) {
    return lookupByScan(context, encoder, keys, view);
  }
  const layers = view instanceof StoredSnapshot ? view.layersOf(table.oid) : state.layers.table(table.oid);
  const horizon = rowIdHorizon(layers, lsn);
  const isThere = (rowId: number): boolean => {
    if (writes?.staged.hasRowId(rowId) === true) return !writes.stagedEnds.has(rowId);
    if (plain === undefined || plain.history.isHidden(rowId, lsn, horizon)) return false;
    return writes === undefined || writes.deleted.find(0, 0, 0, rowId) < 0;
  };
  const found = new RowIdList();
  const rows = new FoundRowList();
  encoder.read((number) => keys.columns[encoder.columnNumbers.indexOf(number)]);
  for (let row = 0; row < keys.rowCount; row++) {
    if (hasNull(keys, row)) continue;
    encoder.ofRow(row);
    found.clear();
    index?.entries.find(encoder.key, found);
    for (let at = 0; at < found.count; at++) if (isThere(found.values[at])) rows.add(row, found.values[at]);
    if (own === undefined) continue;
    found.clear();
    writes!.ownKeys.findLive(own, encoder.key, found);
    for (let at = 0; at < found.count; at++) rows.add(row, found.values[at]);
  }
  return rows.take();
}

/** Over the rows that the transaction has in memory. */
export async function ownIndex(
  { engine, table, writes }: KeyContext,
  descriptor: IndexDescriptor,
): Promise<OwnIndex | undefined> {
  for (;;) {
    const index = writes?.ownKeys.complete(table, descriptor, engine.state.indexMemory);
    if (index !== 'turn') return index;
    await nextTurn();
  }
}

/** For snapshots that are older than the index. */
async function lookupByScan(
  { table }: KeyContext,
  encoder: KeyEncoder,
  keys: Batch,
  view: Snapshot,
): Promise<FoundRows> {
  const wanted = new Map<string, number[]>();
  encoder.read((number) => keys.columns[encoder.columnNumbers.indexOf(number)]);
  for (let row = 0; row < keys.rowCount; row++) {
    if (hasNull(keys, row)) continue;
    const text = keyText(encoder, row);
    const known = wanted.get(text);
    if (known === undefined) wanted.set(text, [row]);
    else known.push(row);
  }
  const numbers = [...encoder.columnNumbers, ROW_ID];
  const scan = new StoredTable(table).scan(
    {
      columns: numbers.map((number) => table.columns.findIndex((column) => column.number === number)),
      timeRange: ALL_TIME,
      seriesPredicates: [],
      fieldRanges: [],
    },
    view,
  );
  const rowIdsByKey: number[][] = Array.from({ length: keys.rowCount }, () => []);
  const control = { yieldIfDue: () => undefined };
  for (const morsel of scan.morsels()) {
    for await (const batch of scan.read(morsel, control)) {
      const rowIds = batch.columns.at(-1)!;
      invariant(rowIds.kind === 'number', 'row ids are numbers');
      encoder.read((number) => batch.columns[encoder.columnNumbers.indexOf(number)]);
      for (let row = 0; row < batch.rowCount; row++) {
        for (const key of wanted.get(keyText(encoder, row)) ?? []) rowIdsByKey[key]!.push(rowIds.values[row]);
      }
    }
  }
  const rows = new FoundRowList();
  for (const [key, rowIds] of rowIdsByKey.entries()) for (const rowId of rowIds) rows.add(key, rowId);
  return rows.take();
}

function keyText(encoder: KeyEncoder, row: number): string {
  encoder.ofRow(row);
  const { bytes, length } = encoder.key;
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
}

function hasNull({ columns }: Batch, row: number): boolean {
  return columns.some(({ validity }) => validity !== undefined && validity[row] === 0);
}

/** Key rows and row ids side by side, as they are found. */
class FoundRowList {
  readonly #keyRows: number[] = [];
  readonly #rowIds: number[] = [];

  add(keyRow: number, rowId: number): void {
    this.#keyRows.push(keyRow);
    this.#rowIds.push(rowId);
  }

  take(): FoundRows {
    return { keyRows: Uint32Array.from(this.#keyRows), rowIds: Float64Array.from(this.#rowIds) };
  }
}
