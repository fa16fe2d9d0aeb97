import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FileSystem } from '../../src/platform/file-system.ts';
import { nodeFileSystem } from '../../src/platform/node-file-system.ts';
import { LocalMetaStore } from '../../src/storage/manifest/local-meta-store.ts';
import { LocalWriteLog } from '../../src/storage/wal/local-write-log.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { bytesOf, readTexts } from '../support/open-write-log.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidewire-fs-'));
});
afterEach(() => rm(root, { recursive: true }));

/** The tests' disk has to behave as the real one does. */
const fileSystems: Record<string, () => { fileSystem: FileSystem; directory: string }> = {
  'the real disk': () => ({ fileSystem: nodeFileSystem, directory: root }),
  'the disk in memory': () => ({ fileSystem: new MemoryFileSystem(), directory: 'root' }),
};

for (const [name, make] of Object.entries(fileSystems)) {
  describe(name, () => {
    async function directoryOf(): Promise<{ fileSystem: FileSystem; path: (name: string) => string }> {
      const { fileSystem, directory } = make();
      await fileSystem.makeDirectory(directory);
      return { fileSystem, path: (file) => (file === '' ? directory : `${directory}/${file}`) };
    }

    test('writes and reads at positions, short only at the end', async () => {
      const { fileSystem, path } = await directoryOf();
      const file = await fileSystem.open(path('a'), 'create');
      await file.write(bytesOf('..hello'), 2, 5, 3);
      await file.sync();
      expect(await file.size()).toBe(8);
      const buffer = new Uint8Array(10).fill(1);
      expect(await file.read(buffer, 1, 8, 2)).toBe(6);
      expect([...buffer]).toEqual([1, 0, ...bytesOf('hello'), 1, 1, 1]);
      expect(await file.read(buffer, 0, 5, 100)).toBe(0);
      await file.truncate(4);
      await file.truncate(6);
      expect(await file.read(buffer, 0, 10, 0)).toBe(6);
      expect([...buffer.subarray(0, 6)]).toEqual([0, 0, 0, 'h'.charCodeAt(0), 0, 0]);
      await file.close();
    });

    test('opens as the mode says', async () => {
      const { fileSystem, path } = await directoryOf();
      await expect(fileSystem.open(path('a'), 'read')).rejects.toMatchObject({ code: 'ENOENT' });
      await expect(fileSystem.open(path('a'), 'read-write')).rejects.toMatchObject({ code: 'ENOENT' });
      const created = await fileSystem.open(path('a'), 'create');
      await created.write(bytesOf('x'), 0, 1, 0);
      await created.close();
      await expect(fileSystem.open(path('a'), 'create')).rejects.toMatchObject({ code: 'EEXIST' });
      for (const mode of ['create-or-open', 'read-write', 'read'] as const) {
        const opened = await fileSystem.open(path('a'), mode);
        expect(await opened.size()).toBe(1);
        await opened.close();
      }
    });

    test('renames over a file, which lives on for those that have it open', async () => {
      const { fileSystem, path } = await directoryOf();
      for (const name of ['old', 'new']) {
        const file = await fileSystem.open(path(name), 'create');
        await file.write(bytesOf(name), 0, 3, 0);
        await file.close();
      }
      const replaced = await fileSystem.open(path('new'), 'read');
      await fileSystem.rename(path('old'), path('new'));
      const buffer = new Uint8Array(3);
      await replaced.read(buffer, 0, 3, 0);
      expect(buffer).toEqual(bytesOf('new'));
      await replaced.close();
      expect(await fileSystem.list(path(''))).toEqual(['new']);
      expect(await fileSystem.exists(path('old'))).toBe(false);
      await expect(fileSystem.rename(path('old'), path('b'))).rejects.toMatchObject({ code: 'ENOENT' });
    });

    test('lists names, directories with a slash, and removes files', async () => {
      const { fileSystem, path } = await directoryOf();
      await fileSystem.makeDirectory(path('d/e'));
      await fileSystem.makeDirectory(path('d/e'));
      await (await fileSystem.open(path('d/f'), 'create')).close();
      expect((await fileSystem.list(path('d'))).sort()).toEqual(['e/', 'f']);
      await fileSystem.remove(path('d/f'));
      await fileSystem.syncDirectory(path('d'));
      expect(await fileSystem.list(path('d'))).toEqual(['e/']);
      await expect(fileSystem.remove(path('d/f'))).rejects.toMatchObject({ code: 'ENOENT' });
      await expect(fileSystem.list(path('x'))).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });
}

describe('log and manifest on the real disk', () => {
  test('the log survives being reopened, with files of their full size', async () => {
    const options = { fileSystem: nodeFileSystem, directory: `${root}/wal`, fileBytes: 65_536 };
    const log = await LocalWriteLog.open(options);
    await Promise.all(Array.from({ length: 100 }, (_, index) => log.append(bytesOf(`${index}`.padEnd(999))).durable));
    await log.trim(50);
    await log.close();
    const reopened = await LocalWriteLog.open({ ...options, neededFrom: 51 });
    const lsns = (await readTexts(reopened, 51)).map(([lsn]) => lsn);
    expect(lsns).toEqual(Array.from({ length: 50 }, (_, index) => index + 51));
    await reopened.close();
    const names = await nodeFileSystem.list(`${root}/wal`);
    expect((await stat(`${root}/wal/${names[0]}`)).size).toBe(65_536);
  });

  test('the manifest survives being reopened', async () => {
    const options = { fileSystem: nodeFileSystem, directory: `${root}/manifest` };
    const store = await LocalMetaStore.open(options);
    await store.commit(bytesOf('a'));
    await store.replace(bytesOf('A'));
    await store.commit(bytesOf('b'));
    await store.close();
    const reopened = await LocalMetaStore.open(options);
    expect(await reopened.load()).toEqual({ version: 2, checkpoint: bytesOf('A'), edits: [bytesOf('b')] });
    await reopened.close();
  });
});
