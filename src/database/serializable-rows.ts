import type { IndexCondition } from '../catalog/scan-request.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { SerializableReads, WrittenRows } from '../storage/versions/serializable-conflicts.ts';
import type { TableWrites, WriteSet } from '../storage/versions/write-set.ts';
import type { Value } from '../types/value.ts';

/** More rows than these count as the whole table. */
const MAX_KEYS = 4096;

/** Types of which equal values are the same ones here, whatever type they were compared as. */
const KEY_TYPES: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'oid', 'bool', 'text', 'varchar', 'uuid']);

/** Takes note of what a scan reads: rows by their primary keys, or the table. */
export function noteRead(
  reads: SerializableReads,
  table: TableDescriptor,
  condition: IndexCondition | undefined,
): void {
  if (reads.tables.has(table.oid)) return;
  const keys = condition === undefined ? undefined : keysAskedFor(table, condition);
  if (keys === undefined) reads.tables.add(table.oid);
  else for (const key of keys) reads.noteKey(table.oid, key);
}

/**
 * What a transaction has written so far: the keys of the rows that it has made, and of those that it has changed or
 * deleted. Of the latter nothing more is known than that it has looked them up, by keys that were noted.
 */
export function writtenRows(writes: WriteSet, reads: SerializableReads | undefined): WrittenRows {
  const written = new Map<number, 'all' | ReadonlySet<string>>();
  for (const table of writes.tables()) {
    if (table.isEmpty && !table.isTruncated) continue;
    written.set(table.tableOid, keysOf(table, reads) ?? 'all');
  }
  return written;
}

function keysOf(table: TableWrites, reads: SerializableReads | undefined): ReadonlySet<string> | undefined {
  const { descriptor, deleted, staged, rowCount, tableOid } = table;
  const columns = keyColumns(descriptor);
  if (columns === undefined || table.isTruncated || !staged.isEmpty || rowCount > MAX_KEYS) return undefined;
  const keys = new Set<string>();
  if (deleted.rowCount > 0) {
    // What was read as a whole, or goes with rows of other tables, may be any row.
    if (reads === undefined || reads.tables.has(tableOid) || goesWithOthers(descriptor)) return undefined;
    for (const key of reads.keys.get(tableOid) ?? []) keys.add(key);
  }
  for (const memtable of table.memtables.values()) {
    for (let row = 0; row < memtable.rowCount; row++) {
      const key = keyOf(columns.map((number) => memtable.valueAt(number, row)));
      if (key === undefined) return undefined;
      keys.add(key);
    }
  }
  return keys;
}

/** undefined: the rows that a condition asks for are not named by whole keys. */
function keysAskedFor(table: TableDescriptor, condition: IndexCondition): string[] | undefined {
  const columns = keyColumns(table);
  const { indexOid, equalTo, from, to } = condition;
  if (columns === undefined || primaryKeyOf(table)?.indexOid !== indexOid) return undefined;
  if (from !== undefined || to !== undefined || equalTo.length > MAX_KEYS) return undefined;
  const keys: string[] = [];
  for (const values of equalTo) {
    const key = values.length === columns.length ? keyOf(values) : undefined;
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return keys;
}

function primaryKeyOf({ constraints }: TableDescriptor) {
  const key = constraints.find((constraint) => constraint.kind === 'key' && constraint.isPrimary);
  return key?.kind === 'key' ? key : undefined;
}

/** The numbers of the columns of the primary key, where its values tell rows apart by themselves. */
function keyColumns(table: TableDescriptor): readonly number[] | undefined {
  const key = table.timeSeries === undefined ? primaryKeyOf(table) : undefined;
  if (key === undefined || key.isDeferrable) return undefined;
  const index = table.indexes.find(({ oid }) => oid === key.indexOid);
  const isInOrder = index?.columns.every(({ columnNumber }, at) => columnNumber === key.columnNumbers[at]) === true;
  const isPlain = key.columnNumbers.every((number) =>
    KEY_TYPES.has(table.columns.find((column) => column.number === number)?.type.definition.name ?? ''),
  );
  return isInOrder && isPlain ? key.columnNumbers : undefined;
}

/** undefined: a value is of no type whose texts are the same when values are. */
function keyOf(values: readonly Value[]): string | undefined {
  const parts: string[] = [];
  for (const value of values) {
    if (typeof value === 'object') return undefined;
    parts.push(String(value));
  }
  return JSON.stringify(parts);
}

/** Whether rows change because those of other tables do. */
function goesWithOthers({ constraints }: TableDescriptor): boolean {
  return constraints.some(
    (constraint) =>
      constraint.kind === 'foreign-key' &&
      [constraint.onDelete, constraint.onUpdate].some((action) => action !== 'no action' && action !== 'restrict'),
  );
}
