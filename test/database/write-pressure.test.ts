import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { batchOf, databaseOf, insert, openScratch, readTable } from './scratch-instance.ts';

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A disk that takes the log, and nothing else until it is let go. */
function stalled(fileSystem: MemoryFileSystem): () => void {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  fileSystem.beforeOperation = (operation, path) => (operation === 'write' && path.includes('/db/') ? held : undefined);
  return () => {
    fileSystem.beforeOperation = undefined;
    letGo();
  };
}

const write = (database: Database, index: number, tableName: string) =>
  database.ingest([
    batchOf(
      tableName,
      Array.from({ length: 50 }, (_, row) => ({ fields: { x: index }, time: index * 100 + row })),
    ),
  ]);

/** Writes until a writer has to wait; returns how many writes came through, and the one that waits. */
async function fill(database: Database, tableNames: readonly string[]) {
  for (let index = 0; ; index++) {
    let isDone = false;
    const writing = write(database, index, tableNames[index % tableNames.length]!);
    writing.then(
      () => {
        isDone = true;
      },
      () => {},
    );
    for (let round = 0; round < 4 && !isDone; round++) await turn();
    if (!isDone) return { written: index, waiting: writing };
    expect(index).toBeLessThan(600);
  }
}

describe.each([
  ['one table', ['m']],
  ['many small tables', Array.from({ length: 40 }, (_, index) => `t${index}`)],
] as const)('a disk that stalls while rows come for %s', (_, tableNames) => {
  test('lets writers wait for a while, then refuses them; reads go on, and writes when it is over', async () => {
    const fileSystem = new MemoryFileSystem();
    const timers = new ManualTimers();
    const instance = await openScratch(fileSystem, { memtableBytes: 8000, writeTimeoutMs: 500, timers });
    const database = databaseOf(instance);
    for (const name of tableNames) await write(database, -1, name);
    const letGo = stalled(fileSystem);
    const { written, waiting } = await fill(database, tableNames);
    const count = async () => {
      let rows = 0;
      for (const name of tableNames) rows += (await readTable(database, name)).length;
      return rows;
    };
    const before = (written + tableNames.length) * 50;
    expect(await count()).toBe(before);
    timers.advance(499);
    await turn();
    timers.advance(1);
    await expect(waiting).rejects.toMatchObject({ code: '53200' });
    const inserting = insert(database, tableNames[0]!, [[7, 7]]);
    const refused = expect(inserting).rejects.toMatchObject({ code: '53200' });
    await turn();
    timers.advance(500);
    await refused;
    expect(await count()).toBe(before);
    // One that still has time goes on.
    const patient = write(database, 9999, tableNames[0]!);
    await turn();
    letGo();
    await patient;
    expect(await count()).toBe(before + 50);
    await instance.close();
  });
});
