import { describe, expect, test } from 'vitest';
import { WAL_FILE_HEADER_BYTES } from '../../../src/storage/wal/wal-file.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { bytesOf, openLog, readTexts, settle } from '../../support/open-write-log.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

describe('appending and reading', () => {
  test('gives out LSNs from 1 and reads the bodies back in order', async () => {
    const log = await openLog(new MemoryFileSystem());
    const appends = ['a', '', 'ccc'].map((text) => log.append(bytesOf(text)));
    await Promise.all(appends.map((append) => append.durable));
    expect(appends.map((append) => append.lsn)).toEqual([1, 2, 3]);
    expect(await readTexts(log)).toEqual([
      [1, 'a'],
      [2, ''],
      [3, 'ccc'],
    ]);
    expect(await readTexts(log, 3)).toEqual([[3, 'ccc']]);
    expect(await readTexts(log, 4)).toEqual([]);
    await log.close();
  });

  test('copies the body, so the caller may write over it at once', async () => {
    const log = await openLog(new MemoryFileSystem());
    const body = bytesOf('before');
    const { durable } = log.append(body);
    body.set(bytesOf('after!'));
    await durable;
    expect(await readTexts(log)).toEqual([[1, 'before']]);
  });

  test('finds everything again after a close, and goes on behind it', async () => {
    const fileSystem = new MemoryFileSystem();
    for (let run = 1; run <= 3; run++) {
      const log = await openLog(fileSystem);
      expect(log.nextLsn).toBe(run);
      await log.append(bytesOf(`run ${run}`)).durable;
      await log.close();
    }
    const log = await openLog(fileSystem);
    expect((await readTexts(log)).map(([, text]) => text)).toEqual(['run 1', 'run 2', 'run 3']);
    expect(log.recovery).toMatchObject({ lastLsn: 3, discardedRecordCount: 0 });
  });

  test('fills file after file, and reads across them from any record', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await openLog(fileSystem);
    const texts = Array.from({ length: 60 }, (_, index) => `${index + 1}`.padEnd(300, '.'));
    for (const text of texts) await log.append(bytesOf(text)).durable;
    await log.close();
    expect(fileSystem.allFiles().length).toBeGreaterThan(4);
    const reopened = await openLog(fileSystem);
    for (const from of [1, 12, 13, 37, 60]) {
      expect((await readTexts(reopened, from)).map(([, text]) => text)).toEqual(texts.slice(from - 1));
    }
  });

  test('gives a record that is larger than a file a file as large as it needs', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await openLog(fileSystem);
    const large = 'x'.repeat(50_000);
    await Promise.all([bytesOf('small'), bytesOf(large), bytesOf('last')].map((body) => log.append(body).durable));
    expect((await readTexts(log)).map(([, text]) => text)).toEqual(['small', large, 'last']);
    await log.close();
    expect((await readTexts(await openLog(fileSystem))).map(([, text]) => text)).toEqual(['small', large, 'last']);
  });

  test('refuses a body beyond 1 GiB without harm to the log', async () => {
    const log = await openLog(new MemoryFileSystem());
    const body = new Uint8Array(0);
    Object.defineProperty(body, 'length', { value: 2 ** 30 + 1 });
    expect(() => log.append(body)).toThrow(expect.objectContaining({ code: '54000' }));
    await log.append(bytesOf('fine')).durable;
    expect(await readTexts(log)).toEqual([[1, 'fine']]);
  });

  test('reads what was written when the call was made while more is being appended', async () => {
    const log = await openLog(new MemoryFileSystem());
    await log.append(bytesOf('one')).durable;
    const entries = log.read(1);
    await Promise.all(Array.from({ length: 40 }, () => log.append(bytesOf('more'.repeat(50))).durable));
    const found: number[] = [];
    for await (const { lsn } of entries) found.push(lsn);
    expect(found[0]).toBe(1);
    expect(await readTexts(log)).toHaveLength(41);
  });

  test('gives no LSN below the one asked for, and reads across the gap', async () => {
    const fileSystem = new MemoryFileSystem();
    const first = await openLog(fileSystem);
    await first.append(bytesOf('one')).durable;
    await first.close();
    const second = await openLog(fileSystem, { nextLsnAtLeast: 100 });
    expect(second.append(bytesOf('two')).lsn).toBe(100);
    await second.close();
    expect(await readTexts(await openLog(fileSystem))).toEqual([
      [1, 'one'],
      [100, 'two'],
    ]);
  });
});

describe('group commit and durability modes', () => {
  test('makes many concurrent appends durable with few syncs', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await openLog(fileSystem, { fileBytes: 1 << 20 });
    const before = { syncs: fileSystem.syncCount, writes: fileSystem.counts.get('write') ?? 0 };
    const clients = Array.from({ length: 50 }, async () => {
      for (let index = 0; index < 20; index++) await log.append(bytesOf('row')).durable;
    });
    await Promise.all(clients);
    expect(log.durableLsn).toBe(1000);
    expect(fileSystem.syncCount - before.syncs).toBeLessThanOrEqual(25);
    expect((fileSystem.counts.get('write') ?? 0) - before.writes).toBeLessThanOrEqual(26);
  });

  test('every_write does not acknowledge before the fdatasync has returned', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await openLog(fileSystem);
    let letSyncReturn = () => {};
    fileSystem.beforeOperation = (operation) =>
      operation === 'sync' ? new Promise<void>((resolve) => (letSyncReturn = resolve)) : undefined;
    let isAcknowledged = false;
    const { durable } = log.append(bytesOf('row'));
    durable.then(() => (isAcknowledged = true));
    await settle();
    expect(isAcknowledged).toBe(false);
    expect(log.durableLsn).toBe(0);
    letSyncReturn();
    await durable;
    expect(log.durableLsn).toBe(1);
  });

  for (const durability of ['periodic', 'os_default', 'none'] as const) {
    test(`${durability} acknowledges once the kernel has the record: a killed process loses nothing`, async () => {
      const fileSystem = new MemoryFileSystem();
      const log = await openLog(fileSystem, { durability });
      const syncs = fileSystem.syncCount;
      await log.append(bytesOf('row')).durable;
      expect(fileSystem.syncCount).toBe(syncs);
      expect(await readTexts(await openLog(fileSystem.clone()))).toEqual([[1, 'row']]);
    });
  }

  test('periodic syncs within its interval, once for all that was written meanwhile', async () => {
    const fileSystem = new MemoryFileSystem();
    const timers = new ManualTimers();
    const log = await openLog(fileSystem, { durability: 'periodic', timers });
    const syncs = fileSystem.syncCount;
    for (let index = 0; index < 5; index++) await log.append(bytesOf('row')).durable;
    timers.advance(99);
    await settle();
    expect(log.durableLsn).toBe(0);
    timers.advance(1);
    await settle();
    expect(log.durableLsn).toBe(5);
    expect(fileSystem.syncCount).toBe(syncs + 1);
  });

  test('sync makes everything durable whatever the mode', async () => {
    const log = await openLog(new MemoryFileSystem(), { durability: 'none' });
    log.append(bytesOf('a'));
    log.append(bytesOf('b'));
    await log.sync();
    expect(log.durableLsn).toBe(2);
  });

  test('a sync that waits behind one that fails does not take what that one lost for durable', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await openLog(fileSystem, { durability: 'os_default' });
    await log.append(bytesOf('row')).durable;
    fileSystem.fail({ operation: 'sync', code: 'EIO' });
    const syncs = await Promise.allSettled([log.sync(), log.sync()]);
    expect(syncs.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(log.durableLsn).toBe(0);
  });

  test('an append that nobody waits for makes no unhandled rejection', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await openLog(fileSystem);
    fileSystem.fail({ operation: 'sync', code: 'EIO' });
    log.append(bytesOf('row'));
    await settle();
    expect(log.failure).toMatchObject({ code: '58030' });
  });
});

describe('seals', () => {
  test('are written once the log is quiet, and not again', async () => {
    const fileSystem = new MemoryFileSystem();
    const timers = new ManualTimers();
    const log = await openLog(fileSystem, { timers });
    await log.append(bytesOf('row')).durable;
    const writes = () => fileSystem.counts.get('write') ?? 0;
    const before = writes();
    timers.advance(9);
    await settle();
    expect(writes()).toBe(before);
    timers.advance(1);
    await settle();
    expect(writes()).toBe(before + 1);
    timers.advance(1000);
    await settle();
    expect(writes()).toBe(before + 1);
    expect(await readTexts(log)).toEqual([[1, 'row']]);
  });

  test('wait while appends come in', async () => {
    const fileSystem = new MemoryFileSystem();
    const timers = new ManualTimers();
    const log = await openLog(fileSystem, { timers, fileBytes: 1 << 20 });
    for (let index = 0; index < 20; index++) {
      await log.append(bytesOf('row')).durable;
      timers.advance(6);
      await settle();
    }
    // One write per append, and the header of the file.
    expect(log.sizeBytes).toBe(WAL_FILE_HEADER_BYTES + 20 * (48 + 3));
  });
});

describe('trimming', () => {
  async function filledLog(fileSystem: MemoryFileSystem) {
    const log = await openLog(fileSystem);
    for (let index = 0; index < 60; index++) await log.append(bytesOf(`${index + 1}`.padEnd(300, '.'))).durable;
    return log;
  }

  test('recycles files, and their old records never come back', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await filledLog(fileSystem);
    await log.trim(40);
    const fileCount = fileSystem.allFiles().length;
    for (let index = 0; index < 15; index++) await log.append(bytesOf('new'.padEnd(300, '.'))).durable;
    expect(fileSystem.allFiles().length).toBeLessThanOrEqual(fileCount + 1);
    await log.close();
    const reopened = await openLog(fileSystem, { neededFrom: 41 });
    const lsns = (await readTexts(reopened, 41)).map(([lsn]) => lsn);
    expect(lsns).toEqual(Array.from({ length: 35 }, (_, index) => index + 41));
  });

  test('keeps every record behind the position', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await filledLog(fileSystem);
    const before = log.sizeBytes;
    for (let upTo = 0; upTo <= 60; upTo++) {
      await log.trim(upTo);
      expect((await readTexts(log, upTo + 1)).map(([lsn]) => lsn)).toHaveLength(60 - upTo);
    }
    expect(log.sizeBytes).toBeLessThan(before / 4);
  });

  test('says so when records are asked for that are gone', async () => {
    const log = await filledLog(new MemoryFileSystem());
    await log.trim(60);
    await expect(readTexts(log, 5)).rejects.toThrow(/begins after record \d+, but records from 5 on are needed/);
  });

  test('a log with a file missing in the middle is refused if the file was needed', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await filledLog(fileSystem);
    await log.close();
    const [, second] = fileSystem.allFiles();
    await fileSystem.remove(second!);
    await expect(openLog(fileSystem)).rejects.toThrow(/is damaged at offset/);
    await expect(openLog(fileSystem, { neededFrom: 50 })).resolves.toBeDefined();
  });
});

describe('a failing disk', () => {
  for (const operation of ['sync', 'write'] as const) {
    test(`a failed ${operation} rejects all that waits and all that comes, and is never tried again`, async () => {
      const fileSystem = new MemoryFileSystem();
      const log = await openLog(fileSystem);
      await log.append(bytesOf('good')).durable;
      fileSystem.fail({ operation, code: 'EIO' });
      const first = log.append(bytesOf('lost'));
      await Promise.resolve();
      const second = log.append(bytesOf('behind it'));
      const error = {
        code: '58030',
        message: 'could not write to the write-ahead log: Input/output error',
      };
      await expect(first.durable).rejects.toMatchObject(error);
      await expect(second.durable).rejects.toMatchObject(error);
      const syncs = fileSystem.syncCount;
      await expect(log.append(bytesOf('later')).durable).rejects.toMatchObject(error);
      await expect(log.sync()).rejects.toMatchObject(error);
      expect(log.failure).toMatchObject(error);
      await log.close();
      expect(fileSystem.syncCount).toBe(syncs);
      expect((await readTexts(await openLog(fileSystem)))[0]).toEqual([1, 'good']);
    });
  }

  test('a failed sync in the background ends the log too', async () => {
    const fileSystem = new MemoryFileSystem();
    const timers = new ManualTimers();
    const log = await openLog(fileSystem, { durability: 'periodic', timers });
    await log.append(bytesOf('row')).durable;
    fileSystem.fail({ operation: 'sync', code: 'EIO' });
    timers.advance(100);
    await settle();
    expect(log.failure).toMatchObject({ code: '58030' });
    await expect(log.append(bytesOf('later')).durable).rejects.toMatchObject({ code: '58030' });
  });
});

describe('a torn group', () => {
  test('does not come back when the part of it that was lost is written again', async () => {
    const fileSystem = new MemoryFileSystem();
    const options = { durability: 'none', fileBytes: 1 << 16 } as const;
    const log = await openLog(fileSystem, options);
    log.append(bytesOf('durable'));
    await log.sync();
    const [b, c] = [bytesOf('b'.repeat(5000)), bytesOf('c'.repeat(5000))];
    await log.append(b).durable;
    await log.append(c).durable;
    // A power cut: of the two records, the page with the header of the first was not written.
    const torn = fileSystem.clone();
    const path = torn.allFiles()[0]!;
    torn.bytesOf(path).fill(0, 64 + 48 + 7, 4096);
    const second = await openLog(torn, { ...options, random: new SeededRandom(2) });
    expect(second.recovery).toMatchObject({ lastLsn: 1, discardedRecordCount: 1 });
    await second.append(b).durable;
    const texts = (await readTexts(await openLog(torn.clone(), options))).map(([, text]) => text[0]);
    expect(texts).toEqual(['d', 'b']);
  });

  test('is overwritten durably before anything else is written', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await openLog(fileSystem);
    await log.append(bytesOf('one')).durable;
    await log.close();
    const reopened = await openLog(fileSystem);
    const operations: string[] = [];
    fileSystem.beforeOperation = (operation) => void operations.push(operation);
    await reopened.append(bytesOf('two')).durable;
    await reopened.append(bytesOf('three')).durable;
    expect(operations).toEqual(['write', 'sync', 'write', 'sync', 'write', 'sync']);
  });
});

describe('a full disk', () => {
  test('rejects what waits with 53100, and the log goes on once there is space', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await openLog(fileSystem);
    const full = 'x'.repeat(300);
    await log.append(bytesOf('first')).durable;
    fileSystem.capacityBytes = 8192;
    const outcomes: string[] = [];
    for (let index = 0; index < 40; index++) {
      const { lsn, durable } = log.append(bytesOf(full));
      await durable.then(
        () => outcomes.push(`${lsn}`),
        (error) => outcomes.push(error.code),
      );
    }
    expect(outcomes).toContain('53100');
    expect(outcomes.at(-1)).toBe('53100');
    expect(log.failure).toBeUndefined();
    fileSystem.capacityBytes = Infinity;
    const { lsn, durable } = log.append(bytesOf('space again'));
    await durable;
    const expected = ['1', ...outcomes.filter((outcome) => outcome !== '53100'), `${lsn}`];
    for (const disk of [fileSystem.clone(), fileSystem]) {
      expect((await readTexts(await openLog(disk))).map(([at]) => `${at}`)).toEqual(expected);
    }
  });

  for (const writtenBytes of [0, 1, 47, 48, 60, 200, 351, 600]) {
    test(`${writtenBytes} bytes that got through before it are not taken for records`, async () => {
      const fileSystem = new MemoryFileSystem();
      const log = await openLog(fileSystem);
      await log.append(bytesOf('kept')).durable;
      fileSystem.fail({ operation: 'write', code: 'ENOSPC', writtenBytes });
      const rejected = [log.append(bytesOf('r'.repeat(300))), log.append(bytesOf('s'.repeat(300)))];
      for (const { durable } of rejected) {
        await expect(durable).rejects.toMatchObject({
          code: '53100',
          message: 'could not extend the write-ahead log: No space left on device',
        });
      }
      expect(await readTexts(await openLog(fileSystem.clone()))).toEqual([[1, 'kept']]);
      // As long as the first that was rejected: what stands behind it would be the second.
      const { lsn } = log.append(bytesOf('r'.repeat(300)));
      await log.sync();
      expect(lsn).toBe(4);
      expect((await readTexts(log)).map(([at]) => at)).toEqual([1, 4]);
      expect((await readTexts(await openLog(fileSystem.clone()))).map(([at]) => at)).toEqual([1, 4]);
    });
  }

  test('a record that was refused does not come back after a power cut either', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const fileSystem = new MemoryFileSystem();
      const log = await openLog(fileSystem);
      await log.append(bytesOf('kept')).durable;
      fileSystem.fail({ operation: 'write', code: 'ENOSPC', writtenBytes: 500 });
      const refused = [log.append(bytesOf('r'.repeat(300))), log.append(bytesOf('s'.repeat(300)))];
      await Promise.allSettled(refused.map(({ durable }) => durable));
      const disk = fileSystem.afterPowerCut(new SeededRandom(seed));
      expect(await readTexts(await openLog(disk))).toEqual([[1, 'kept']]);
    }
  });

  test('rejects the group behind the one that found no room, since it may build on it', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await openLog(fileSystem);
    await log.append(bytesOf('kept')).durable;
    fileSystem.fail({ operation: 'write', code: 'ENOSPC' });
    const followers: Promise<void>[] = [];
    fileSystem.beforeOperation = (operation) => {
      if (operation === 'write') followers.push(log.append(bytesOf('behind')).durable);
    };
    await expect(log.append(bytesOf('no room')).durable).rejects.toMatchObject({ code: '53100' });
    fileSystem.beforeOperation = undefined;
    expect(followers).toHaveLength(1);
    await expect(followers[0]).rejects.toMatchObject({ code: '53100' });
    const { lsn, durable } = log.append(bytesOf('after'));
    await durable;
    expect((await readTexts(log)).map(([at]) => at)).toEqual([1, lsn]);
  });

  test('undoes a group that had begun to fill further files', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await openLog(fileSystem);
    await log.append(bytesOf('kept')).durable;
    fileSystem.capacityBytes = 3 * 4096;
    const group = Array.from({ length: 60 }, () => log.append(bytesOf('x'.repeat(300))).durable);
    expect(await Promise.allSettled(group)).toMatchObject(group.map(() => ({ status: 'rejected' })));
    expect(await readTexts(await openLog(fileSystem.clone()))).toEqual([[1, 'kept']]);
    fileSystem.capacityBytes = Infinity;
    await log.append(bytesOf('again')).durable;
    expect((await readTexts(await openLog(fileSystem.clone()))).map(([, text]) => text)).toEqual(['kept', 'again']);
  });

  test('does not keep the log from opening and being read', async () => {
    const fileSystem = new MemoryFileSystem();
    const log = await openLog(fileSystem);
    await log.append(bytesOf('row')).durable;
    await log.close();
    fileSystem.capacityBytes = 0;
    expect(await readTexts(await openLog(fileSystem))).toEqual([[1, 'row']]);
    const empty = new MemoryFileSystem();
    empty.capacityBytes = 0;
    const emptyLog = await openLog(empty);
    await expect(emptyLog.append(bytesOf('row')).durable).rejects.toMatchObject({ code: '53100' });
  });
});
