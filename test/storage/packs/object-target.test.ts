import { describe, expect, test } from 'vitest';
import { LocalSegmentStore } from '../../../src/storage/local-segment-store.ts';
import { OwnFiles, PackWriter } from '../../../src/storage/packs/object-target.ts';
import { fileOf, readObject } from '../../../src/storage/packs/pack-place.ts';
import { PackUsers } from '../../../src/storage/packs/pack-users.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { bytesOf } from '../../support/open-write-log.ts';

async function openStore() {
  const fileSystem = new MemoryFileSystem();
  return { fileSystem, segments: await LocalSegmentStore.open({ fileSystem, directory: 'db' }) };
}

const noName = (): string => {
  throw new Error('an object of a pack has no file of its own');
};

describe('objects of a pack', () => {
  test('lie one behind the other and are read back by their places', async () => {
    const { fileSystem, segments } = await openStore();
    const syncsBefore = fileSystem.syncCount;
    const pack = await PackWriter.create(segments, '5/packs/1.pack');
    expect(pack.isEmpty).toBe(true);
    const written = [];
    for (const text of ['first', '', 'the third']) {
      const { object, result } = await pack.write(noName, async (sink) => {
        for (const character of text) await sink.append(bytesOf(character));
        return text.length;
      });
      expect(result).toBe(text.length);
      written.push(object);
    }
    expect(written.map(({ pack: place }) => place)).toEqual([
      { file: '5/packs/1.pack', offset: 0, sizeBytes: 5 },
      { file: '5/packs/1.pack', offset: 5, sizeBytes: 0 },
      { file: '5/packs/1.pack', offset: 5, sizeBytes: 9 },
    ]);
    expect(written[2]!.name).toBe('5/packs/1.pack:5');
    expect(await segments.list('')).toEqual([]);
    await pack.publish();
    expect(await segments.list('')).toEqual(['5/packs/1.pack']);
    expect(fileSystem.syncCount - syncsBefore).toBe(1);
    expect(await readObject(segments, written[0]!)).toEqual(bytesOf('first'));
    expect(await readObject(segments, written[2]!)).toEqual(bytesOf('the third'));
  });

  test('are refused after one of them has failed', async () => {
    const { segments } = await openStore();
    const pack = await PackWriter.create(segments, '5/packs/1.pack');
    await expect(pack.write(noName, () => Promise.reject(new Error('no more memory')))).rejects.toThrow(
      'no more memory',
    );
    await expect(pack.write(noName, async () => {})).rejects.toThrow('invariant broken');
    await pack.discard();
    expect(await segments.list('')).toEqual([]);
  });
});

describe('objects with files of their own', () => {
  test('are durable one by one', async () => {
    const { segments } = await openStore();
    const { object } = await new OwnFiles(segments).write(
      () => '5/7/3.series',
      (sink) => sink.append(bytesOf('series')),
    );
    expect(object).toEqual({ name: '5/7/3.series' });
    expect(fileOf(object)).toBe('5/7/3.series');
    expect(await readObject(segments, object)).toEqual(bytesOf('series'));
  });

  test('leave nothing behind when they fail', async () => {
    const { fileSystem, segments } = await openStore();
    const failing = new OwnFiles(segments).write(
      () => '5/7/3.series',
      async (sink) => {
        await sink.append(bytesOf('ser'));
        throw new Error('cut off');
      },
    );
    await expect(failing).rejects.toThrow('cut off');
    expect(fileSystem.allFiles()).toEqual([]);
  });
});

describe('the users of a pack', () => {
  const object = (file: string, offset: number) => ({
    name: `${file}:${offset}`,
    pack: { file, offset, sizeBytes: 1 },
  });

  test('let it go with the last of them', () => {
    const users = new PackUsers();
    for (const offset of [0, 1, 2]) users.add(object('a.pack', offset));
    users.add(object('b.pack', 0));
    expect(users.release(object('a.pack', 1))).toBeUndefined();
    expect(users.release(object('b.pack', 0))).toBe('b.pack');
    expect(users.release(object('a.pack', 0))).toBeUndefined();
    expect(users.release(object('a.pack', 2))).toBe('a.pack');
    users.add(object('b.pack', 1));
    users.add(object('b.pack', 2));
    expect(users.release(object('b.pack', 1))).toBeUndefined();
    expect(users.release(object('b.pack', 1))).toBeUndefined();
    expect(users.release(object('b.pack', 2))).toBe('b.pack');
    expect(users.release(object('b.pack', 2))).toBeUndefined();
  });

  test('an object with a file of its own lets it go at once', () => {
    const users = new PackUsers();
    users.add({ name: '1.segment' });
    expect(users.release({ name: '1.segment' })).toBe('1.segment');
  });
});
