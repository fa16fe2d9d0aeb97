import { describe, expect, test } from 'vitest';
import { CorruptionError } from '../../../src/errors/corruption-error.ts';
import { readWal } from '../../../src/storage/wal/wal-reader.ts';
import { scanWal, type WalScan } from '../../../src/storage/wal/wal-recovery.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { bytesOf, openLog, readTexts } from '../../support/open-write-log.ts';

const BODY_BYTES = [0, 1, 30, 200, 7, 999, 48, 3, 400, 120, 1, 1500, 90, 11, 0, 64];

interface Sample {
  readonly fileSystem: MemoryFileSystem;
  readonly texts: readonly [number, string][];
}

/** A log of a few files that was closed in peace, the last group sealed. */
async function sampleLog(bodyBytes = BODY_BYTES): Promise<Sample> {
  const fileSystem = new MemoryFileSystem();
  const log = await openLog(fileSystem);
  for (const [index, length] of bodyBytes.entries()) {
    await log.append(bytesOf(`${index}`.padEnd(length, 'abc').slice(0, length))).durable;
  }
  const texts = await readTexts(log);
  await log.close();
  return { fileSystem, texts };
}

/** What a start would find, without its changes to the disk. */
async function recover(fileSystem: MemoryFileSystem): Promise<[number, string][] | 'corrupt'> {
  let scan: WalScan;
  try {
    scan = await scanWal(fileSystem, 'data/wal', 1);
  } catch (error) {
    if (error instanceof CorruptionError) return 'corrupt';
    throw error;
  }
  const files = scan.started.map(({ number, path, header }) => ({ number, path, previousLsn: header!.previousLsn }));
  return readTexts({ read: (from) => readWal(fileSystem, { files, endOffset: scan.end.offset }, from) });
}

describe('bit flips', () => {
  test('every bit of every record is guarded: a flip is reported or changes nothing', async () => {
    const { fileSystem, texts } = await sampleLog();
    let flips = 0;
    let reported = 0;
    for (const path of fileSystem.allFiles()) {
      const bytes = fileSystem.bytesOf(path);
      const usedBytes = bytes.findLastIndex((byte) => byte !== 0) + 1;
      for (let at = 0; at < usedBytes; at++) {
        for (let bit = 0; bit < 8; bit++) {
          bytes[at]! ^= 1 << bit;
          const found = await recover(fileSystem);
          bytes[at]! ^= 1 << bit;
          flips++;
          if (found === 'corrupt') reported++;
          else expect(found).toEqual(texts);
        }
      }
    }
    // What is not reported can only be in the seal at the end: 56 bytes.
    expect(flips).toBeGreaterThan(30_000);
    expect(flips - reported).toBeLessThanOrEqual(56 * 8);
  });

  test('the message names the file and the offset', async () => {
    const { fileSystem } = await sampleLog();
    const path = fileSystem.allFiles()[0]!;
    fileSystem.bytesOf(path)[64 + 48 + 10]! ^= 1;
    await expect(openLog(fileSystem)).rejects.toThrow(
      /^write-ahead log file "data\/wal\/0000000001.wal" is damaged at offset 112: the record after 1 cannot be read/,
    );
  });

  test('a damaged log is left as it is', async () => {
    const { fileSystem } = await sampleLog();
    fileSystem.bytesOf(fileSystem.allFiles()[0]!)[200]! ^= 4;
    const before = fileSystem.allFiles().map((path) => [path, fileSystem.bytesOf(path).slice()]);
    await expect(openLog(fileSystem)).rejects.toThrow(CorruptionError);
    expect(fileSystem.allFiles().map((path) => [path, fileSystem.bytesOf(path).slice()])).toEqual(before);
  });
});

describe('truncation', () => {
  test('a log that is cut off at any length starts with the records before the cut', async () => {
    const { fileSystem, texts } = await sampleLog([0, 5, 300, 48, 1000, 77]);
    const path = fileSystem.allFiles()[0]!;
    const size = fileSystem.bytesOf(path).length;
    for (let length = size; length >= 0; length--) {
      fileSystem.truncateNow(path, length);
      const found = await recover(fileSystem);
      expect(found).toEqual(texts.slice(0, found.length));
      if (length % 97 === 0) {
        const disk = fileSystem.clone();
        const log = await openLog(disk);
        await log.append(bytesOf('next')).durable;
        await log.close();
        expect((await readTexts(await openLog(disk))).map(([, text]) => text)).toEqual([
          ...texts.slice(0, found.length).map(([, text]) => text),
          'next',
        ]);
      }
    }
    expect(await recover(fileSystem)).toEqual([]);
  });

  test('of a file with others behind it is reported when it takes records away', async () => {
    const { fileSystem, texts } = await sampleLog();
    const path = fileSystem.allFiles()[0]!;
    const bytes = fileSystem.bytesOf(path);
    const usedBytes = bytes.findLastIndex((byte) => byte !== 0) + 1;
    for (let length = bytes.length; length >= 0; length -= 13) {
      fileSystem.truncateNow(path, length);
      const found = await recover(fileSystem);
      expect(found).toEqual(length >= usedBytes ? texts : 'corrupt');
    }
  });
});

describe('blocks', () => {
  test('that are zeroed or stale are reported, or change nothing, or take the end of the log with them', async () => {
    const { fileSystem, texts } = await sampleLog();
    for (const path of fileSystem.allFiles()) {
      const bytes = fileSystem.bytesOf(path);
      const usedBytes = bytes.findLastIndex((byte) => byte !== 0) + 1;
      for (let start = 0; start < bytes.length; start += 512) {
        const kept = bytes.slice(start, start + 512);
        for (const wrong of [new Uint8Array(512), bytes.slice(64, 64 + 512)]) {
          bytes.set(wrong, start);
          const found = await recover(fileSystem);
          if (found !== 'corrupt') {
            expect(found).toEqual(texts.slice(0, found.length));
            // Nothing can tell that a log once went on behind its last block.
            if (found.length < texts.length) expect(start + 512).toBeGreaterThanOrEqual(usedBytes);
          }
        }
        bytes.set(kept, start);
      }
    }
  });
});

describe('files of another time', () => {
  test('empty, unknown and half-made files do not keep the log from starting', async () => {
    const { fileSystem, texts } = await sampleLog();
    for (const name of ['0000000900.wal', 'preparing.tmp', 'readme.txt']) {
      await (await fileSystem.open(`data/wal/${name}`, 'create')).close();
    }
    expect(await readTexts(await openLog(fileSystem))).toEqual(texts);
    expect(fileSystem.allFiles()).not.toContain('data/wal/preparing.tmp');
  });

  test('a log of nothing but an empty file is an empty log', async () => {
    const fileSystem = new MemoryFileSystem();
    await fileSystem.makeDirectory('data/wal');
    await (await fileSystem.open('data/wal/0000000001.wal', 'create')).close();
    const log = await openLog(fileSystem);
    await log.append(bytesOf('row')).durable;
    await log.close();
    expect(await readTexts(await openLog(fileSystem))).toEqual([[1, 'row']]);
  });

  test('a log of a later format is refused by name', async () => {
    const { fileSystem } = await sampleLog();
    const { crc32 } = await import('../../../src/bytes/crc32.ts');
    const bytes = fileSystem.bytesOf(fileSystem.allFiles()[0]!);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    view.setUint32(8, 2, true);
    view.setUint32(60, crc32(bytes.subarray(0, 60)), true);
    await expect(openLog(fileSystem)).rejects.toThrow('has format 2; this version reads format 1');
  });
});
