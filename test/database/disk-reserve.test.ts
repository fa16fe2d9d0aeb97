import { describe, expect, test } from 'vitest';
import { ManualTimers } from '../support/manual-timers.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { databaseOf, insert, makeTable, newTable, openScratch, readTable, tableNamed } from './scratch-instance.ts';

const RESERVE_BYTES = 256 * 1024;
const RESERVE = '/data/reserve';

function bytesUsed(disk: MemoryFileSystem): number {
  return disk.allFiles().reduce((total, path) => total + disk.bytesOf(path).length, 0);
}

/** Rows that do not shrink much. */
function rows(from: number, count: number): [number, string][] {
  return Array.from({ length: count }, (_, index) => [from + index, `${Math.sin(from + index)} ${'x'.repeat(50)}`]);
}

/** Lets what was begun come to its end: all of it is promises of memory. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function openWithReserve(disk: MemoryFileSystem) {
  const timers = new ManualTimers();
  const reports: string[] = [];
  const instance = await openScratch(disk, {
    reserveBytes: RESERVE_BYTES,
    logFileBytes: 16_384,
    timers,
    log: (level, message) => reports.push(`${level}: ${message}`),
  });
  return { instance, database: databaseOf(instance), timers, reports };
}

describe('the reserve file', () => {
  test('is made at the first start and kept from then on', async () => {
    const disk = new MemoryFileSystem();
    await (await openWithReserve(disk)).instance.close();
    expect(disk.bytesOf(RESERVE).length).toBe(RESERVE_BYTES);
    const before = disk.bytesOf(RESERVE).slice();
    await (await openWithReserve(disk)).instance.close();
    expect(Buffer.compare(disk.bytesOf(RESERVE), before)).toBe(0);
  });

  test('goes when the disk is full: rows are refused, memory is flushed, reads and drops go on, and writes resume', async () => {
    const disk = new MemoryFileSystem();
    const { instance, database, timers, reports } = await openWithReserve(disk);
    await makeTable(database, newTable('t', ['x int4', 's text']));
    await makeTable(database, newTable('u', ['x int4']));
    await insert(database, 'u', [[1]]);
    disk.capacityBytes = bytesUsed(disk) + 20_000;
    let count = 0;
    const fill = async (): Promise<void> => {
      for (; count < 5000; count += 20) await insert(database, 't', rows(count, 20));
    };
    await expect(fill()).rejects.toMatchObject({ code: '53100' });
    expect(await disk.exists(RESERVE)).toBe(false);
    expect(reports).toContain('error: the disk is full; rows are refused until there is room');
    await settle();
    // With the space of the reserve, what was in memory has become a segment.
    expect(disk.allFiles().filter((path) => path.endsWith('.segment')).length).toBeGreaterThan(0);
    await expect(insert(database, 't', rows(count, 1))).rejects.toMatchObject({ code: '53100' });
    expect((await readTable(database, 't')).length).toBe(count);
    const transaction = database.begin();
    transaction.schema.dropTable(tableNamed(transaction, 'u').descriptor.oid);
    await transaction.commit();

    // A little room is not enough: it would be gone with the next row.
    disk.capacityBytes = bytesUsed(disk) + RESERVE_BYTES + 1000;
    timers.advance(1500);
    await settle();
    expect(await disk.exists(RESERVE)).toBe(false);
    await expect(insert(database, 't', rows(count, 1))).rejects.toMatchObject({ code: '53100' });

    disk.capacityBytes = Number.POSITIVE_INFINITY;
    timers.advance(1500);
    await settle();
    expect(disk.bytesOf(RESERVE).length).toBe(RESERVE_BYTES);
    expect(reports.at(-1)).toBe('info: there is room on the disk again');
    await insert(database, 't', rows(count, 20));
    expect((await readTable(database, 't')).map(({ x }) => x)).toEqual(rows(0, count + 20).map(([x]) => x));
    await instance.close();
  });

  test('comes back when a writer asks, and one that asks too often is answered without a look', async () => {
    const disk = new MemoryFileSystem();
    const { instance, database, timers } = await openWithReserve(disk);
    await makeTable(database, newTable('t', ['x int4', 's text']));
    disk.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC' });
    disk.fail({ operation: 'write', path: '/reserve', code: 'ENOSPC', isLasting: true });
    await expect(insert(database, 't', rows(0, 1))).rejects.toMatchObject({ code: '53100' });
    await settle();
    await expect(insert(database, 't', rows(0, 1))).rejects.toMatchObject({ code: '53100' });
    disk.clearFaults();
    await expect(insert(database, 't', rows(0, 1))).rejects.toMatchObject({ code: '53100' });
    timers.advance(300);
    await insert(database, 't', rows(0, 1));
    expect(await disk.exists(RESERVE)).toBe(true);
    await instance.close();
  });

  test('that finds no room at the start does not keep the server from starting', async () => {
    const disk = new MemoryFileSystem();
    const first = await openWithReserve(disk);
    await makeTable(first.database, newTable('t', ['x int4', 's text']));
    await insert(first.database, 't', rows(0, 1));
    await first.instance.close();
    await disk.remove(RESERVE);
    disk.capacityBytes = bytesUsed(disk) + 1000;
    const { instance, database, timers } = await openWithReserve(disk);
    expect((await readTable(database, 't')).length).toBe(1);
    await expect(insert(database, 't', rows(1, 1))).rejects.toMatchObject({ code: '53100' });
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    timers.advance(1500);
    await settle();
    await insert(database, 't', rows(1, 1));
    await instance.close();
  });
});
