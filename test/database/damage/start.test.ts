import { describe, expect, test } from 'vitest';
import { checkDirectory } from '../../../src/database/check-directory.ts';
import type { Instance } from '../../../src/database/instance.ts';
import { CorruptionError } from '../../../src/errors/corruption-error.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  insert,
  makeTable,
  newTable,
  openScratch,
  readTable,
  tableNamed,
} from '../scratch-instance.ts';

interface Reported {
  readonly level: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

/** Opens the disk and keeps what is reported. */
async function openReporting(disk: MemoryFileSystem, options: { acceptLoss?: boolean } = {}) {
  const reports: Reported[] = [];
  const log = (level: string, message: string, fields: Record<string, unknown>) =>
    reports.push({ level, message, fields });
  const instance = await openScratch(disk, { log, logFileBytes: 4096, ...options });
  return { instance, reports };
}

async function numbersIn(instance: Instance): Promise<number[]> {
  return (await readTable(databaseOf(instance), 't')).map(({ x }) => x as number).sort((a, b) => a - b);
}

function fileWith(disk: MemoryFileSystem, part: string): string {
  return disk.allFiles().find((path) => path.includes(part))!;
}

function flip(disk: MemoryFileSystem, path: string, offset: number): void {
  disk.bytesOf(path)[offset] ^= 0x10;
}

/** Behind this nothing stands but zeros. */
function usedLength(bytes: Uint8Array): number {
  return bytes.findLastIndex((byte) => byte !== 0) + 1;
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** A table `t` with the rows 0 to 29: 0 to 9 in a segment, the rest in the log. */
async function directory(): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem();
  const { instance } = await openReporting(disk);
  const database = databaseOf(instance);
  await makeTable(database, newTable('t', ['x int4']));
  for (const x of upTo(10)) await insert(database, 't', [[x]]);
  await instance.flush();
  for (const x of upTo(30).slice(10)) await insert(database, 't', [[x]]);
  await instance.close();
  return disk;
}

describe('damage in one table does not keep the others from being served', () => {
  test('a series file that is gone: the table is refused, its ids stay, and nothing written meanwhile is lost', async () => {
    const disk = new MemoryFileSystem();
    const first = await openScratch(disk);
    const points = (from: number, to: number) =>
      batchOf(
        'm',
        upTo(to)
          .slice(from)
          .map((index) => ({ tags: { host: `h${index}` }, fields: { f: index }, time: index })),
      );
    await databaseOf(first).ingest([points(0, 4)]);
    await insertOther(first, 1);
    await first.flush();
    await databaseOf(first).ingest([points(3, 7)]);
    await first.close();

    const seriesPath = fileWith(disk, '.series');
    const seriesBytes = disk.bytesOf(seriesPath).slice();
    await disk.remove(seriesPath);
    const { instance, reports } = await openReporting(disk);
    expect(reports.map(({ level, message }) => [level, message])).toEqual([
      ['error', 'the series of a table cannot be read; the table is refused'],
    ]);
    const database = databaseOf(instance);
    expect(await readTable(database, 'other')).toEqual([{ x: 1 }]);
    const refused = { code: 'XX001', message: 'table "m" is damaged' };
    await expect(readTable(database, 'm')).rejects.toMatchObject(refused);
    await expect(database.ingest([points(7, 8)])).rejects.toMatchObject(refused);
    await expect(insert(database, 'm', [[DAY, 'x', 1]])).rejects.toMatchObject(refused);
    // Its rows in the log are flushed like all others.
    await instance.flush();
    await instance.close();

    const handle = await disk.open(seriesPath, 'create');
    await handle.write(seriesBytes, 0, seriesBytes.length, 0);
    await handle.close();
    const restored = await openReporting(disk);
    expect(restored.reports).toEqual([]);
    expect(await readTable(databaseOf(restored.instance), 'm')).toEqual(
      upTo(7).map((index) => ({ time: index, host: `h${index}`, f: index })),
    );
    await restored.instance.close();
  });

  test('a segment of a plain table with a key: the table is refused, and can be dropped', async () => {
    const disk = new MemoryFileSystem();
    const first = await openScratch(disk);
    await makeTable(databaseOf(first), newTable('k', ['a int4 not null', 'b text'], { key: ['a'] }));
    await insert(databaseOf(first), 'k', [[1, 'one']]);
    await insertOther(first, 2);
    await first.flush();
    await first.close();
    flip(disk, fileWith(disk, '1.segment'), 20);

    const { instance, reports } = await openReporting(disk);
    expect(reports.map(({ message }) => message)).toEqual(['the keys of a table cannot be read; the table is refused']);
    const database = databaseOf(instance);
    await expect(readTable(database, 'k')).rejects.toMatchObject({ code: 'XX001' });
    await expect(insert(database, 'k', [[1, 'again']])).rejects.toMatchObject({ code: 'XX001' });
    expect(await readTable(database, 'other')).toEqual([{ x: 2 }]);
    const transaction = database.begin();
    transaction.schema.dropTable(tableNamed(transaction, 'k').descriptor.oid);
    await transaction.commit();
    await instance.close();
    const again = await openReporting(disk);
    expect(again.reports).toEqual([]);
    await again.instance.close();
  });

  test('a segment that belongs to another table is not taken for this one', async () => {
    const disk = await directory();
    const { instance } = await openReporting(disk);
    await makeTable(databaseOf(instance), newTable('other', ['x int4']));
    await insert(
      databaseOf(instance),
      'other',
      upTo(10).map((x) => [x + 100]),
    );
    await instance.flush();
    await instance.close();
    const [first, ...others] = disk.allFiles().filter((path) => path.endsWith('.segment'));
    const foreign = others.find((path) => disk.bytesOf(path).length === disk.bytesOf(first!).length) ?? others.at(-1)!;
    const bytes = disk.bytesOf(foreign).slice();
    disk.truncateNow(first!, bytes.length);
    disk.bytesOf(first!).set(bytes.subarray(0, disk.bytesOf(first!).length));
    const { instance: again, reports } = await openReporting(disk);
    expect(reports).toEqual([
      { level: 'error', message: 'a segment is damaged; its rows cannot be read', fields: expect.objectContaining({}) },
    ]);
    await expect(numbersIn(again)).rejects.toMatchObject({ code: 'XX001' });
    await again.close();
  });
});

test('a segment that cannot be read right after it was written is not relied on', async () => {
  const disk = new MemoryFileSystem();
  const { instance } = await openReporting(disk);
  await insertOther(instance, 1);
  disk.fail({ operation: 'read', path: '.segment', code: 'EIO' });
  await expect(instance.flush()).rejects.toMatchObject({ code: '58030' });
  expect(await readTable(databaseOf(instance), 'other')).toEqual([{ x: 1 }]);
  await instance.flush();
  await instance.close();
  const again = await openReporting(disk);
  expect(again.reports).toEqual([]);
  expect(await readTable(databaseOf(again.instance), 'other')).toEqual([{ x: 1 }]);
  await again.instance.close();
});

async function insertOther(instance: Instance, x: number): Promise<void> {
  await makeTable(databaseOf(instance), newTable('other', ['x int4']));
  await insert(databaseOf(instance), 'other', [[x]]);
}

describe('a damaged log', () => {
  test('refuses the start with file, offset and the way out, and changes nothing', async () => {
    const disk = await directory();
    const log = fileWith(disk, '0000000001.wal');
    const place = Math.floor(usedLength(disk.bytesOf(log)) * 0.6);
    flip(disk, log, place);
    const before = disk.clone();
    const error: unknown = await openReporting(disk).catch((failure) => failure);
    expect(error).toBeInstanceOf(CorruptionError);
    expect((error as CorruptionError).message).toMatch(
      /log file "\/data\/wal\/0000000001\.wal" is damaged at offset \d+/,
    );
    expect((error as CorruptionError).offset).toBeLessThanOrEqual(place);
    expect((error as CorruptionError).hint).toMatch(/tidewire check \/data.*backup.*--accept-loss/);
    for (const path of before.allFiles()) expect(disk.bytesOf(path), path).toEqual(before.bytesOf(path));
    const { problems } = await checkDirectory({ directory: '/data', fileSystem: disk });
    expect(problems).toEqual([
      {
        file: 'wal/0000000001.wal',
        offset: (error as CorruptionError).offset,
        what: expect.stringContaining('damaged'),
      },
    ]);
  });

  test('is cut at the damage when losses are accepted: said, kept aside, and clean from then on', async () => {
    const disk = await directory();
    const log = fileWith(disk, '0000000001.wal');
    flip(disk, log, Math.floor(usedLength(disk.bytesOf(log)) * 0.6));
    const original = disk.bytesOf(log).slice();
    const { instance, reports } = await openReporting(disk, { acceptLoss: true });
    const kept = await numbersIn(instance);
    expect(kept).toEqual(upTo(kept.length));
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.length).toBeLessThan(30);
    const given = reports.find(({ message }) => message.includes('given up'))!;
    expect(given).toMatchObject({ level: 'error', fields: { file: '/data/wal/0000000001.wal' } });
    const { firstLsn, lastLsn, keptIn } = given.fields as { firstLsn: number; lastLsn: number; keptIn: string };
    expect(lastLsn - firstLsn + 1).toBe(30 - kept.length);
    expect(keptIn).toMatch(/^\/data\/lost\/\d{4}-\d\d-\d\dT/);
    expect(disk.bytesOf(`${keptIn}/wal/0000000001.wal`)).toEqual(original);
    await insert(databaseOf(instance), 't', [[kept.length]]);
    await instance.close();
    expect((await checkDirectory({ directory: '/data', fileSystem: disk })).problems).toEqual([]);
    const again = await openReporting(disk);
    expect(again.reports).toEqual([]);
    expect(await numbersIn(again.instance)).toEqual(upTo(kept.length + 1));
    await again.instance.close();
  });

  test('whose last records are gone without a trace is noticed after an orderly end', async () => {
    const disk = await directory();
    await (await openReporting(disk)).instance.close();
    const log = disk
      .allFiles()
      .filter((path) => path.endsWith('.wal'))
      .at(0)!;
    const bytes = disk.bytesOf(log);
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
    // The seal, and the commit in front of it.
    bytes.fill(0, end - 400, end);
    await expect(openReporting(disk)).rejects.toThrow(/the server had ended in order with commit \d+/);
    const { problems } = await checkDirectory({ directory: '/data', fileSystem: disk });
    expect(problems).toMatchObject([
      { file: log.slice('data/'.length), what: expect.stringContaining('ended in order') },
    ]);
    const { instance, reports } = await openReporting(disk, { acceptLoss: true });
    expect(reports[0]).toMatchObject({
      level: 'error',
      message: 'the log has lost its end; these commits are given up',
    });
    await instance.close();
    await (await openReporting(disk)).instance.close();
  });

  test('does not lack a commit that a full disk had refused before an orderly end', async () => {
    const disk = await directory();
    const { instance } = await openReporting(disk);
    await insert(databaseOf(instance), 't', [[30]]);
    disk.fail({ operation: 'write', path: '/wal', code: 'ENOSPC', isLasting: true });
    await expect(insert(databaseOf(instance), 't', [[31]])).rejects.toMatchObject({ code: '53100' });
    disk.clearFaults();
    await instance.close();
    const { instance: again } = await openReporting(disk);
    expect(await numbersIn(again)).toEqual(upTo(31));
    await again.close();
  });

  test('of which every file is gone is not taken for a new one', async () => {
    const disk = await directory();
    for (const path of disk.allFiles().filter((name) => name.endsWith('.wal'))) await disk.remove(path);
    await expect(openReporting(disk)).rejects.toThrow(/the write-ahead log is missing from "\/data\/wal"/);
    expect((await checkDirectory({ directory: '/data', fileSystem: disk })).problems.length).toBe(1);
    const { instance, reports } = await openReporting(disk, { acceptLoss: true });
    expect(reports[0]).toMatchObject({ level: 'error', message: 'the log is missing; whatever it held is given up' });
    expect(await numbersIn(instance)).toEqual(upTo(10));
    await insert(databaseOf(instance), 't', [[10]]);
    await instance.close();
    const again = await openReporting(disk);
    expect(await numbersIn(again.instance)).toEqual(upTo(11));
    await again.instance.close();
  });
});

describe('a damaged manifest', () => {
  test('refuses the start; with losses accepted, the log brings back what its lost edits spoke of', async () => {
    const disk = await directory();
    const manifest = disk
      .allFiles()
      .filter((path) => path.includes('manifest-'))
      .at(-1)!;
    // In the edit of the flush, with others behind it.
    flip(disk, manifest, Buffer.from(disk.bytesOf(manifest)).lastIndexOf('"rowCount"'));
    const error: unknown = await openReporting(disk).catch((failure) => failure);
    expect(error).toMatchObject({ name: 'CorruptionError', file: `/${manifest}` });
    expect((error as CorruptionError).hint).toContain('--accept-loss');
    expect((await checkDirectory({ directory: '/data', fileSystem: disk })).problems.length).toBe(1);

    const { instance, reports } = await openReporting(disk, { acceptLoss: true });
    expect(reports.map(({ level, message }) => [level, message])).toEqual([
      ['error', 'the manifest is damaged; its later edits are given up'],
      ['error', 'segments that the readable part of the manifest does not name are set aside'],
    ]);
    expect(await numbersIn(instance)).toEqual(upTo(30));
    await instance.close();
    expect(disk.allFiles().some((path) => /^data\/lost\/.*\.segment$/.test(path))).toBe(true);
    expect(disk.allFiles().some((path) => /^data\/lost\/.*\/manifest\//.test(path))).toBe(true);
    expect((await checkDirectory({ directory: '/data', fileSystem: disk })).problems).toEqual([]);
    await (await openReporting(disk)).instance.close();
  });

  test('before which the log was trimmed gives up the log too', async () => {
    const disk = new MemoryFileSystem();
    const { instance: first } = await openReporting(disk);
    await makeTable(databaseOf(first), newTable('t', ['x int4']));
    await insert(databaseOf(first), 't', [[0]]);
    await first.flush();
    const untrimmed = disk.bytesOf(
      disk
        .allFiles()
        .filter((path) => path.includes('manifest-'))
        .at(-1)!,
    ).length;
    for (const x of upTo(80).slice(1)) await insert(databaseOf(first), 't', [[x]]);
    await first.flush();
    for (const x of upTo(90).slice(80)) await insert(databaseOf(first), 't', [[x]]);
    await first.close();
    expect(disk.allFiles()).not.toContain('data/wal/0000000001.wal');
    // In the edit of the second flush.
    flip(
      disk,
      disk
        .allFiles()
        .filter((path) => path.includes('manifest-'))
        .at(-1)!,
      untrimmed + 60,
    );
    await expect(openReporting(disk)).rejects.toBeInstanceOf(CorruptionError);

    const { instance, reports } = await openReporting(disk, { acceptLoss: true });
    expect(reports.map(({ message }) => message)).toEqual([
      'the manifest is damaged; its later edits are given up',
      'segments that the readable part of the manifest does not name are set aside',
      'the log is damaged; the commits after the damage are given up',
    ]);
    // What is there is the state after one commit: nothing after a gap.
    expect(await numbersIn(instance)).toEqual([0]);
    expect(reports[2]!.fields).toMatchObject({ firstLsn: 3, lastLsn: 91 });
    await insert(databaseOf(instance), 't', [[1]]);
    await instance.close();
    expect((await checkDirectory({ directory: '/data', fileSystem: disk })).problems).toEqual([]);
    const again = await openReporting(disk);
    expect(again.reports).toEqual([]);
    expect(await numbersIn(again.instance)).toEqual([0, 1]);
    await again.instance.close();
  });

  test('of which every generation is gone is not taken for a new one', async () => {
    const disk = await directory();
    const files = disk.allFiles().length;
    const generations = disk.allFiles().filter((path) => path.includes('manifest-'));
    for (const path of generations) await disk.remove(path);
    for (const acceptLoss of [false, true]) {
      await expect(openReporting(disk, { acceptLoss })).rejects.toThrow(/the manifest is missing/);
    }
    expect(disk.allFiles().length).toBe(files - generations.length);
  });

  test('survives a power cut at any moment while losses are accepted', async () => {
    const whole = await directory();
    const log = fileWith(whole, '0000000001.wal');
    const manifest = whole
      .allFiles()
      .filter((path) => path.includes('manifest-'))
      .at(-1)!;
    const damaged: [MemoryFileSystem, number][] = [];
    for (const [path, offset] of [
      [manifest, whole.bytesOf(manifest).length - 150],
      [log, Math.floor(usedLength(whole.bytesOf(log)) * 0.6)],
    ] as const) {
      const disk = whole.clone();
      flip(disk, path, offset);
      const { instance } = await openReporting(disk.clone(), { acceptLoss: true });
      damaged.push([disk, (await numbersIn(instance)).length]);
      await instance.close();
    }
    for (const [disk, count] of damaged) {
      for (let operations = 1; operations < 60; operations += 2) {
        const attempt = disk.clone();
        attempt.cutPowerAfter(operations);
        await openReporting(attempt, { acceptLoss: true }).catch(() => {});
        const after = attempt.afterPowerCut(new SeededRandom(operations));
        if (await after.exists('/data/tidewire.lock')) await after.remove('/data/tidewire.lock');
        const { instance } = await openReporting(after, { acceptLoss: true });
        expect(await numbersIn(instance), `after ${operations} operations`).toEqual(upTo(count));
        await instance.close();
      }
    }
  });

  test('and accepted losses change nothing where nothing is damaged', async () => {
    const disk = await directory();
    const { instance, reports } = await openReporting(disk, { acceptLoss: true });
    expect(reports.map(({ message }) => message)).toEqual(['nothing has to be given up: log and manifest are whole']);
    expect(await numbersIn(instance)).toEqual(upTo(30));
    expect(disk.allFiles().some((path) => path.includes('lost'))).toBe(false);
    await instance.close();
  });
});
