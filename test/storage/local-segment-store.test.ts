import { describe, expect, test } from 'vitest';
import { CorruptionError } from '../../src/errors/corruption-error.ts';
import { LocalSegmentStore } from '../../src/storage/local-segment-store.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { bytesOf } from '../support/open-write-log.ts';
import { SeededRandom } from '../support/seeded-random.ts';

function openStore(fileSystem: MemoryFileSystem): Promise<LocalSegmentStore> {
  return LocalSegmentStore.open({ fileSystem, directory: 'data/db' });
}

async function publish(store: LocalSegmentStore, name: string, text: string): Promise<void> {
  const draft = await store.create(name);
  await draft.append(bytesOf(text));
  await draft.publish();
}

describe('the local segment store', () => {
  test('shows an object once it is published, and reads it at any place', async () => {
    const store = await openStore(new MemoryFileSystem());
    const draft = await store.create('16384/packs/1.pack');
    await draft.append(bytesOf('hello '));
    await draft.append(bytesOf('world'));
    expect(draft.sizeBytes).toBe(11);
    expect(await store.list('')).toEqual([]);
    await draft.publish();
    expect(await store.list('')).toEqual(['16384/packs/1.pack']);
    const object = await store.open('16384/packs/1.pack');
    expect(object.sizeBytes).toBe(11);
    expect(await object.read(6, 5)).toEqual(bytesOf('world'));
    const target = new Uint8Array(4);
    await object.readInto(target, 1);
    expect(target).toEqual(bytesOf('ello'));
    await expect(object.read(6, 6)).rejects.toThrow(CorruptionError);
    await expect(object.readInto(new Uint8Array(6), 6)).rejects.toThrow('ends before offset 12');
    await object.close();
  });

  test('lists below a directory, sorted', async () => {
    const store = await openStore(new MemoryFileSystem());
    for (const name of ['1/b.seg', '1/2/a.seg', '10/c.seg']) await publish(store, name, 'x');
    expect(await store.list('1')).toEqual(['1/2/a.seg', '1/b.seg']);
    expect(await store.list('')).toEqual(['1/2/a.seg', '1/b.seg', '10/c.seg']);
    expect(await store.list('7')).toEqual([]);
  });

  test('never replaces an object', async () => {
    const store = await openStore(new MemoryFileSystem());
    const [first, second] = [await store.create('1/a'), await store.create('1/a')];
    await first.publish();
    await expect(second.publish()).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(store.create('1/a')).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test('removes, and does not mind if there is nothing', async () => {
    const store = await openStore(new MemoryFileSystem());
    await publish(store, '1/a', 'x');
    await store.remove('1/a');
    await store.remove('1/a');
    await expect(store.open('1/a')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('forgets drafts that were given up or left by a crash', async () => {
    const fileSystem = new MemoryFileSystem();
    const store = await openStore(fileSystem);
    const draft = await store.create('1/a');
    await draft.discard();
    await draft.discard();
    await (await store.create('1/b')).append(bytesOf('half'));
    expect(fileSystem.allFiles()).toHaveLength(1);
    const disk = fileSystem.clone();
    await openStore(disk);
    expect(disk.allFiles()).toEqual([]);
  });

  test('refuses names that lead elsewhere', async () => {
    const store = await openStore(new MemoryFileSystem());
    for (const name of ['../a', '/a', 'a//b', '', 'drafts/1', '.hidden']) {
      await expect(store.create(name)).rejects.toThrow('can name a segment');
    }
  });

  test('after a power cut an object is there wholly or not at all, and there if it was published', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = new SeededRandom(seed);
      const fileSystem = new MemoryFileSystem();
      const published: string[] = [];
      fileSystem.cutPowerAfter(random.below(60));
      const content = 'content'.repeat(2000);
      try {
        const store = await openStore(fileSystem);
        for (let index = 0; index < 5; index++) {
          const name = `${random.below(2)}/${random.below(2)}/${index}.seg`;
          await publish(store, name, content);
          published.push(name);
        }
      } catch (error) {
        if (!fileSystem.isPowerOff) throw error;
      }
      const store = await openStore(fileSystem.afterPowerCut(random));
      const names = await store.list('');
      expect(names).toEqual(expect.arrayContaining(published));
      for (const name of names) {
        const object = await store.open(name);
        const found = new TextDecoder().decode(await object.read(0, object.sizeBytes));
        expect(found === content, `seed ${seed}: content of ${name}`).toBe(true);
      }
    }
  });
});
