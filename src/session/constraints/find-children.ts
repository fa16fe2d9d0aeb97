import { ALL_TIME, type IndexCondition } from '../../catalog/scan-request.ts';
import type { Snapshot } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import { invariant } from '../../errors/invariant.ts';
import type { ConstraintScope } from './constraint-scope.ts';
import { type ForeignKey, typesOf } from './foreign-keys.ts';
import { ReferenceKeys } from './reference-keys.ts';

/** Rows of the child that refer to one of some keys. */
export interface FoundChildren {
  /** The columns that were asked for. */
  readonly rows: Batch;
  /** For each row the number of its key. */
  readonly keyNumbers: Uint32Array;
}

/**
 * Batches of the children whose foreign key is one of `keys` (of the child's types), NULLs in them at the same places in all.
 * By an index where the child has one that begins with columns of the foreign key, otherwise by reading the table once.
 * `columns`: positions in `child.columns`.
 */
export async function* findChildren(
  { transaction, control }: ConstraintScope,
  { child, childColumns }: ForeignKey,
  keys: ReferenceKeys,
  columns: readonly number[],
  snapshot: Snapshot,
): AsyncGenerator<FoundChildren, void, undefined> {
  if (keys.size === 0) return;
  const table = transaction.table(child.oid);
  invariant(table !== undefined, 'the child is a table of the transaction');
  const keyPositions = childColumns.map((column) => child.columns.indexOf(column));
  const index = indexCondition(child, keyPositions, keys);
  const scan = table.scan(
    {
      columns: [...keyPositions, ...columns],
      timeRange: ALL_TIME,
      seriesPredicates: [],
      fieldRanges: [],
      ...(index === undefined ? {} : { index }),
    },
    snapshot,
  );
  for (const morsel of scan.morsels()) {
    for await (const batch of scan.read(morsel, control)) {
      const found = matching(batch, keyPositions.length, keys);
      if (found !== undefined) yield found;
    }
  }
}

function matching(batch: Batch, keyWidth: number, keys: ReferenceKeys): FoundChildren | undefined {
  const keyColumns = batch.columns.slice(0, keyWidth);
  const selection = new Uint32Array(batch.rowCount);
  const keyNumbers = new Uint32Array(batch.rowCount);
  let count = 0;
  for (let row = 0; row < batch.rowCount; row++) {
    const number = keys.findAt(keyColumns, row);
    if (number < 0) continue;
    keyNumbers[count] = number;
    selection[count++] = row;
  }
  if (count === 0) return undefined;
  const rows = gatherBatch({ rowCount: batch.rowCount, columns: batch.columns.slice(keyWidth) }, selection, count);
  return { rows, keyNumbers: keyNumbers.subarray(0, count) };
}

/** The index that begins with most columns of the key which are not NULL; each of them equal to a part of a key. */
function indexCondition(
  child: TableDescriptor,
  keyPositions: readonly number[],
  keys: ReferenceKeys,
): IndexCondition | undefined {
  const numbers = keyPositions.map((position) => child.columns[position].number);
  let best: { readonly indexOid: number; readonly places: readonly number[] } | undefined;
  for (const { oid, method, columns } of child.indexes) {
    const places: number[] = [];
    for (const { columnNumber } of columns) {
      const place = numbers.indexOf(columnNumber);
      if (place < 0 || keys.keys[0][place] === null) break;
      places.push(place);
    }
    const isUsable = places.length > 0 && (method === 'btree' || places.length === columns.length);
    if (isUsable && places.length > (best?.places.length ?? 0)) best = { indexOid: oid, places };
  }
  if (best === undefined) return undefined;
  const { indexOid, places } = best;
  const types = typesOf(keyPositions.map((position) => child.columns[position]));
  const prefixes = ReferenceKeys.of(
    places.map((place) => types[place]),
    keys.keys.map((key) => places.map((place) => key[place])),
  );
  return { indexOid, equalTo: prefixes.keys };
}
