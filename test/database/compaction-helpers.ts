import { expect } from 'vitest';
import { checkDirectory } from '../../src/database/check-directory.ts';
import type { Database } from '../../src/database/database.ts';
import type { Instance } from '../../src/database/instance.ts';
import type { CompactionFacts } from '../../src/storage/compaction/compaction-facts.ts';
import type { MemoryFileSystem, Operation } from '../support/memory-file-system.ts';
import { batchOf, databaseOf, type Point, readTable, tableNamed } from './scratch-instance.ts';

export interface VacuumTestOptions {
  readonly isFull?: boolean;
  readonly check?: () => void;
}

/** VACUUM of a table; returns what it merged. */
export async function vacuum(
  database: Database,
  name: string,
  { isFull = true, check = () => {} }: VacuumTestOptions = {},
): Promise<CompactionFacts[]> {
  const merges: CompactionFacts[] = [];
  const transaction = database.begin();
  const { oid } = tableNamed(transaction, name).descriptor;
  transaction.rollback();
  await database.vacuum(oid, { isFull, control: { check }, noteMerge: (facts) => merges.push(facts) });
  return merges;
}

/** Each batch becomes a segment of its own. */
export async function storeSegments(
  instance: Instance,
  name: string,
  batches: readonly (readonly Point[])[],
  types: Parameters<typeof batchOf>[2] = {},
): Promise<void> {
  for (const points of batches) {
    await databaseOf(instance).ingest([batchOf(name, points, types)]);
    await instance.flush();
  }
}

export function segmentFiles(fileSystem: MemoryFileSystem): string[] {
  return fileSystem.allFiles().filter((path) => path.endsWith('.segment') || path.endsWith('.pack'));
}

/** Lets the background work come to rest: nothing changes on the disk for a while. */
export async function settle(fileSystem: MemoryFileSystem, instance: Instance): Promise<void> {
  for (let quiet = 0, before = ''; quiet < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 3));
    const now = JSON.stringify([[...fileSystem.counts], instance.compactions.counts]);
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
}

/** Waits until some operation is about to happen, and keeps it from it until `release`. */
export function holdAt(
  fileSystem: MemoryFileSystem,
  isMeant: (operation: Operation, path: string) => boolean,
): { readonly reached: Promise<void>; readonly release: () => void } {
  let reach = (): void => {};
  let release = (): void => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isHeld = false;
  fileSystem.beforeOperation = (operation, path) => {
    if (isHeld || !isMeant(operation, path)) return undefined;
    isHeld = true;
    reach();
    return released;
  };
  return { reached, release };
}

/** The rows of a table, whatever their order. */
export async function contents(database: Database, name: string): Promise<string[]> {
  const names = tableNamed(database.begin(), name)
    .descriptor.columns.filter(({ isHidden }) => isHidden !== true)
    .map((column) => column.name);
  const rows = await readTable(database, name, { names });
  return rows.map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))).sort();
}

/** `tidewire check` of the disk as it is finds nothing wrong. */
export async function expectSound(fileSystem: MemoryFileSystem): Promise<void> {
  const copy = fileSystem.clone();
  if (await copy.exists('/data/tidewire.lock')) await copy.remove('/data/tidewire.lock');
  const { problems } = await checkDirectory({ directory: '/data', fileSystem: copy });
  expect(problems).toEqual([]);
}
