import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SqlState } from '../../../src/errors/sql-state.ts';
import { TemporaryFiles } from '../../../src/execution/spill/temporary-files.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { spillingContext } from './execution-context.ts';
import { allRows, batchesOf, batchOf, rowsArbitrary, TYPES } from './random-batches.ts';

test('rows come back from disk bit for bit, as often as they are read', async () => {
  await fc.assert(
    fc.asyncProperty(rowsArbitrary, fc.integer({ min: 1, max: 40 }), async (rows, size) => {
      const { context, fileSystem } = await spillingContext({ memoryBytes: 0 });
      const file = await context.spill!.create(TYPES);
      for await (const batch of batchesOf(rows, size)) await file.append(batch);
      await file.finish();
      expect(file.rowCount).toBe(rows.length);
      expect(await allRows(file.read())).toEqual(rows);
      expect(await allRows(file.read())).toEqual(rows);
      await file.close();
      expect(fileSystem.allFiles()).toEqual([]);
    }),
  );
});

test('a batch longer than a piece is read in pieces', async () => {
  const { context } = await spillingContext({ memoryBytes: 0 });
  const rows = Array.from({ length: 5000 }, (_, row) => [row, row, true, `t${row % 7}`, null, null, null]);
  const file = await context.spill!.create(TYPES);
  await file.append(batchOf(rows));
  await file.finish();
  const sizes: number[] = [];
  for await (const batch of file.read()) sizes.push(batch.rowCount);
  expect(sizes).toEqual([1024, 1024, 1024, 1024, 904]);
  expect(await allRows(file.read())).toEqual(rows);
});

test('a statement that passes its room on disk is told so', async () => {
  const { context } = await spillingContext({ memoryBytes: 0, diskBytes: 1 << 20 });
  const rows = Array.from({ length: 1000 }, (_, row) => [row, row, true, `text ${row}`, null, null, null]);
  const file = await context.spill!.create(TYPES);
  const write = async (): Promise<void> => {
    for (let round = 0; round < 100; round++) await file.append(batchOf(rows));
  };
  await expect(write()).rejects.toMatchObject({ code: SqlState.ConfigurationLimitExceeded });
  await file.close();
  // Its room is free again.
  const next = await context.spill!.create(TYPES);
  await next.append(batchOf(rows));
  await next.finish();
  expect(next.rowCount).toBe(1000);
});

test('a full disk is an error of the statement', async () => {
  const { context, fileSystem } = await spillingContext({ memoryBytes: 0 });
  const file = await context.spill!.create(TYPES);
  fileSystem.fail({ operation: 'write', code: 'ENOSPC' });
  await file.append(batchOf([[1, 1, true, 'a', 'b', null, null]]));
  await expect(file.finish()).rejects.toMatchObject({ code: SqlState.DiskFull });
});

test('what a killed process left is removed at the next start', async () => {
  const fileSystem = new MemoryFileSystem();
  const files = await TemporaryFiles.open(fileSystem, '/data/tmp');
  await (await files.create()).append(new Uint8Array(10));
  expect(fileSystem.allFiles()).toHaveLength(1);
  await TemporaryFiles.open(fileSystem, '/data/tmp');
  expect(fileSystem.allFiles()).toEqual([]);
});
