import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDirectory } from '../../src/database/check-directory.ts';
import { Instance } from '../../src/database/instance.ts';
import { databaseOf, insert } from '../database/scratch-instance.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import {
  GOLDEN_TABLES,
  type GoldenRows,
  goldenRows,
  inOrder,
  nextId,
  readGoldenTable,
  writeGolden,
} from './golden-data.ts';

const GOLDEN = fileURLToPath(new URL('./format-1', import.meta.url));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidewire-golden-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** TIDEWIRE_WRITE_GOLDEN=1 npx vitest run test/golden makes the directory anew: only for a new format. */
test.runIf(process.env.TIDEWIRE_WRITE_GOLDEN !== undefined)('the golden directory is written', async () => {
  await rm(GOLDEN, { recursive: true, force: true });
  await mkdir(GOLDEN, { recursive: true });
  await writeGolden({ directory: join(GOLDEN, 'data') });
  await writeFile(join(GOLDEN, 'rows.json'), `${JSON.stringify(goldenRows(), null, 1)}\n`);
  expect(await readdir(GOLDEN)).toEqual(['data', 'rows.json']);
});

describe('a data directory of format 1, as it was when the format was fixed', () => {
  test('is clean', async () => {
    await cp(join(GOLDEN, 'data'), join(directory, 'checked'), { recursive: true });
    const { problems, harmless } = await checkDirectory({ directory: join(directory, 'checked') });
    expect(problems).toEqual([]);
    expect(harmless).toEqual([]);
  });

  test('opens, and has every row', async () => {
    const copy = join(directory, 'opened');
    await cp(join(GOLDEN, 'data'), copy, { recursive: true });
    const expected = JSON.parse(await readFile(join(GOLDEN, 'rows.json'), 'utf8')) as GoldenRows;
    const instance = await Instance.open({ directory: copy, reserveBytes: 0 });
    const database = databaseOf(instance);
    expect(Object.keys(expected)).toEqual([...GOLDEN_TABLES]);
    for (const name of GOLDEN_TABLES) {
      expect(inOrder(await readGoldenTable(database, name)), name).toEqual(inOrder(expected[name]!));
    }
    expect(database.begin().catalog().table('public', 'dropped')).toBeUndefined();
    expect(await nextId(database)).toBe(115);
    expect(database.begin().catalog().userType('public', '_mood')).toMatchObject({ category: 'A' });
    await insert(database, 'settings', [['written today', 1, null]]);
    await expect(insert(database, 'settings', [['lock_timeout', 1, null]])).rejects.toMatchObject({ code: '23505' });
    await instance.flush();
    await instance.close();
    expect((await checkDirectory({ directory: copy })).problems).toEqual([]);
  });
});

test('the same steps write the same rows today', async () => {
  const fileSystem = new MemoryFileSystem();
  await writeGolden({ directory: '/data', fileSystem });
  const instance = await Instance.open({ directory: '/data', fileSystem, reserveBytes: 0, logFileBytes: 16_384 });
  for (const name of GOLDEN_TABLES) {
    expect(inOrder(await readGoldenTable(databaseOf(instance), name)), name).toEqual(inOrder(goldenRows()[name]!));
  }
  await instance.close();
});
