import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Instance, InstanceOptions } from '../../src/database/instance.ts';
import { CorruptionError } from '../../src/errors/corruption-error.ts';
import { LateDeletes } from '../../src/storage/compaction/late-deletes.ts';
import { SegmentReader } from '../../src/storage/segment/segment-reader.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { expectSound, holdAt, segmentFiles, settle, storeSegments, vacuum } from './compaction-helpers.ts';
import {
  batchOf,
  databaseOf,
  deleteWhere,
  insert,
  makeTable,
  newTable,
  openScratch,
  type Point,
  readTable,
} from './scratch-instance.ts';

function points(from: number, count: number): Point[] {
  return Array.from({ length: count }, (_, index) => ({ fields: { x: from + index }, time: from + index }));
}

/** As many batches as are merged for their size, and one less. */
const THREE = [points(0, 9), points(10, 9), points(20, 9)];
const FOUR = [...THREE, points(30, 9)];

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a segment that cannot be read', () => {
  test('keeps no other table from being merged when it cannot even be opened', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    await storeSegments(instance, 'm', THREE);
    const [first] = segmentFiles(fileSystem);
    const bytes = fileSystem.bytesOf(`/${first}`);
    bytes[bytes.length - 12] ^= 1;
    await storeSegments(instance, 'm', [points(30, 9)]);
    await settle(fileSystem, instance);
    expect(instance.compactions.counts).toMatchObject({ merges: 0, failures: 1 });
    await storeSegments(instance, 'n', FOUR);
    await settle(fileSystem, instance);
    expect(instance.compactions.counts).toMatchObject({ merges: 1, failures: 1 });
    expect(instance.compactions.last).toMatchObject({ tableName: 'n' });
    expect((await readTable(databaseOf(instance), 'm')).length).toBe(36);
    await instance.close();
  });

  test('keeps no other table from being merged when it fails for a reason that may pass', async () => {
    const fileSystem = new MemoryFileSystem();
    const timers = new ManualTimers();
    const instance = await openScratch(fileSystem, { timers });
    await storeSegments(instance, 'm', THREE);
    const [first] = segmentFiles(fileSystem);
    await storeSegments(instance, 'n', THREE);
    fileSystem.fail({ operation: 'read', path: first!, code: 'EMFILE', isLasting: true });
    const last = [batchOf('m', points(30, 9)), batchOf('n', points(30, 9))];
    await databaseOf(instance).ingest(last);
    await instance.flush();
    for (let attempt = 0; attempt < 6; attempt++) {
      await settle(fileSystem, instance);
      timers.advance(30_000 * 2 ** attempt);
    }
    await settle(fileSystem, instance);
    expect(instance.compactions.last).toMatchObject({ tableName: 'n' });
    fileSystem.clearFaults();
    timers.advance(3_600_000);
    await settle(fileSystem, instance);
    expect(instance.compactions.last).toMatchObject({ tableName: 'm' });
    await instance.close();
    await expectSound(fileSystem);
  });

  test('is left alone when it is found while deletes are brought over', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await storeSegments(instance, 'm', [points(0, 100), points(100, 100)]);
    const [first] = segmentFiles(fileSystem);
    const held = holdAt(fileSystem, (operation, path) => operation === 'sync' && path.includes('/drafts/'));
    const merging = vacuum(database, 'm');
    await held.reached;
    const transaction = database.begin();
    await deleteWhere(transaction, 'm', (row) => row.x === 1);
    await transaction.commit();
    const readUnit = SegmentReader.prototype.readUnit;
    vi.spyOn(SegmentReader.prototype, 'readUnit').mockImplementation(function (this: SegmentReader, ...unit) {
      if (first!.endsWith(this.name)) throw new CorruptionError('a checksum does not match');
      return readUnit.apply(this, unit);
    });
    held.release();
    expect(await merging).toEqual([]);
    expect(instance.compactions.counts).toMatchObject({ merges: 0, failures: 1 });
    vi.restoreAllMocks();
    expect((await readTable(database, 'm')).length).toBe(199);
    await instance.close();
    await expectSound(fileSystem);
  });
});

/** How many files are open, by what the disk was asked. */
function countOpenFiles(fileSystem: MemoryFileSystem): () => number {
  let count = 0;
  const open = fileSystem.open.bind(fileSystem);
  fileSystem.open = async (path, mode) => {
    const handle = await open(path, mode);
    count++;
    const close = handle.close.bind(handle);
    handle.close = async () => {
      await close();
      count--;
    };
    return handle;
  };
  return () => count;
}

describe('a merge whose late deletes cannot be looked up before the server stops', () => {
  /** Of the rows 0 to 19 in two segments, 5 is deleted after they were merged, and 100 comes. Returns the disk that is left. */
  async function stopAmidMerge(options: Partial<InstanceOptions>, isUnlogged: boolean) {
    const fileSystem = new MemoryFileSystem();
    const openFiles = countOpenFiles(fileSystem);
    const timers = new ManualTimers();
    const instance: Instance = await openScratch(fileSystem, { ...options, timers });
    const database = databaseOf(instance);
    const definition = newTable('m', ['time timestamptz not null', 'x float8'], { time: 'time' });
    await makeTable(database, isUnlogged ? { ...definition, persistence: 'unlogged' } : definition);
    for (const from of [0, 10]) {
      await insert(
        database,
        'm',
        Array.from({ length: 10 }, (_, index) => [from + index, from + index]),
      );
      await instance.flush();
    }
    const held = holdAt(fileSystem, (operation, path) => operation === 'write' && path.includes('/manifest/'));
    const merging = vacuum(database, 'm').catch(() => {});
    await held.reached;
    const transaction = database.begin();
    await deleteWhere(transaction, 'm', (row) => row.x === 5);
    await transaction.commit();
    await insert(database, 'm', [[100, 100]]);
    const flushing = instance.flush().catch(() => {});
    vi.spyOn(LateDeletes.prototype, 'search').mockImplementation(() => Promise.reject(new Error('EIO: read')));
    held.release();
    await settle(fileSystem, instance);
    const closing = instance.close();
    for (let turn = 0; turn < 20; turn++) {
      await settle(fileSystem, instance);
      timers.advance(1000);
    }
    await Promise.all([merging, closing, flushing]);
    vi.restoreAllMocks();
    expect(openFiles()).toBe(0);
    return fileSystem;
  }

  const xs = async (fileSystem: MemoryFileSystem, options: Partial<InstanceOptions>) => {
    const instance = await openScratch(fileSystem, options);
    const rows = await readTable(databaseOf(instance), 'm');
    await instance.close();
    await expectSound(fileSystem);
    return rows.map(({ x }) => x);
  };
  const merged = Array.from({ length: 20 }, (_, x) => x);

  test('leaves them to the log', async () => {
    const fileSystem = await stopAmidMerge({}, false);
    expect(await xs(fileSystem, {})).toEqual([...merged.filter((x) => x !== 5), 100]);
  });

  test('makes the end of an unlogged table one without order: it is empty', async () => {
    const fileSystem = await stopAmidMerge({}, true);
    expect(await xs(fileSystem, {})).toEqual([]);
  });

  test('keeps what a crash would keep where rows are not logged', async () => {
    const fileSystem = await stopAmidMerge({ durability: 'none' }, false);
    expect(await xs(fileSystem, { durability: 'none' })).toEqual(merged);
  });
});
