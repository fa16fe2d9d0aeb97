import { describe, expect, test } from 'vitest';
import { checkDirectory } from '../../../src/database/check-directory.ts';
import { Instance } from '../../../src/database/instance.ts';
import { CorruptionError } from '../../../src/errors/corruption-error.ts';
import { SqlError } from '../../../src/errors/sql-error.ts';
import { SqlState } from '../../../src/errors/sql-state.ts';
import { manifestContent } from '../../../src/storage/check/check-manifest.ts';
import { objectsOf } from '../../../src/storage/checkpoint/manifest-content.ts';
import { LocalMetaStore } from '../../../src/storage/manifest/local-meta-store.ts';
import { fileOf } from '../../../src/storage/packs/pack-place.ts';
import { GOLDEN_TABLES, goldenRows, inOrder, readGoldenTable, writeGolden } from '../../golden/golden-data.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { databaseOf } from '../scratch-instance.ts';

/** TIDEWIRE_EVERY_BIT=1 damages every bit and every length by hand, 50 each fiftieth; `npm test` takes a sample. */
const STRIDE = Number(process.env.TIDEWIRE_EVERY_BIT ?? 0);
const SAMPLE_PER_FILE = 8;
const BLOCK_BYTES = 512;
const ALL_DAY_MS = 24 * 3_600_000;

const expected = new Map(GOLDEN_TABLES.map((name) => [name, inOrder(goldenRows()[name]!)]));

async function closedDirectory(): Promise<MemoryFileSystem> {
  const fileSystem = new MemoryFileSystem();
  await writeGolden({ directory: '/data', fileSystem });
  return fileSystem.clone();
}

/** A part of a file that some table needs. */
interface LivePart {
  readonly from: number;
  readonly to: number;
  readonly table: string;
}

/** What the manifest names of each file: of a pack some objects are needed and others not any more. */
async function liveParts(disk: MemoryFileSystem): Promise<Map<string, LivePart[]>> {
  const store = await LocalMetaStore.open({ fileSystem: disk.clone(), directory: '/data/manifest' });
  const { checkpoint, edits } = await store.load();
  await store.close();
  const parts = new Map<string, LivePart[]>();
  for (const table of manifestContent(checkpoint!, edits).tables) {
    for (const object of objectsOf(table)) {
      const path = `data/db/${fileOf(object)}`;
      const { offset, sizeBytes } = object.pack ?? { offset: 0, sizeBytes: disk.bytesOf(path).length };
      const part = { from: offset, to: offset + sizeBytes, table: table.descriptor.name };
      parts.set(path, [...(parts.get(path) ?? []), part]);
    }
  }
  return parts;
}

/** The tables that need some of the bytes `from` to `to` of a file. */
function tablesAt(parts: Map<string, LivePart[]>, path: string, from: number, to: number): Set<string> {
  const hit = parts.get(path)?.filter((part) => part.from < to && part.to > from) ?? [];
  return new Set(hit.map(({ table }) => table));
}

interface Outcome {
  /** The start was refused, or some table could not be read. */
  readonly isNoticed: boolean;
  /** Tables that were read whole and right. */
  readonly served: readonly string[];
}

function openDamaged(fileSystem: MemoryFileSystem): Promise<Instance> {
  return Instance.open({
    directory: '/data',
    fileSystem,
    logFileBytes: 16_384,
    cacheBytes: 1 << 20,
    reserveBytes: 0,
  });
}

/** What names a row: its fields may be those of an earlier version of the point. */
function timeAndKeyOf(row: string): string {
  const columns = (JSON.parse(row) as [string, string | null][]).filter(([name]) =>
    ['time', 'time_ns', 'host', 'rack', 'zone', 'key'].includes(name),
  );
  return JSON.stringify(columns);
}

/** Starts a server on the disk and reads all of it. Fails for a wrong row, and for any error but corruption. */
async function tryOut(disk: MemoryFileSystem, context: string): Promise<Outcome> {
  let instance: Instance;
  try {
    instance = await openDamaged(disk);
  } catch (error) {
    if (!(error instanceof CorruptionError)) throw new Error(context, { cause: error });
    expect(error.hint, context).toMatch(/--accept-loss|backup/);
    return { isNoticed: true, served: [] };
  }
  const served: string[] = [];
  for (const name of GOLDEN_TABLES) {
    try {
      const rows = await readGoldenTable(databaseOf(instance), name);
      expect(inOrder(rows), `${context}: ${name}`).toEqual(expected.get(name));
      served.push(name);
    } catch (error) {
      const isKnown =
        error instanceof CorruptionError || (error instanceof SqlError && error.code === SqlState.DataCorrupted);
      if (!isKnown) throw new Error(`${context}: ${name}: ${(error as Error).message}`, { cause: error });
    }
  }
  await instance.close();
  return { isNoticed: served.length < GOLDEN_TABLES.length, served };
}

/** Whatever a start notices, a check names; and what a check passes is whole. */
async function damage(whole: MemoryFileSystem, path: string, change: (disk: MemoryFileSystem) => void, what: string) {
  const disk = whole.clone();
  change(disk);
  const report = await checkDirectory({ directory: '/data', fileSystem: disk });
  const context = `${path} ${what}, of which check says ${JSON.stringify(report.problems)}`;
  const outcome = await tryOut(disk, context);
  if (outcome.isNoticed) expect(report.problems.length, context).toBeGreaterThan(0);
  return { ...outcome, problems: report.problems };
}

function sampled(length: number, seed: number): Iterable<number> {
  if (STRIDE > 0) return Array.from({ length: Math.ceil(length / STRIDE) }, (_, index) => index * STRIDE);
  const random = new SeededRandom(seed);
  return Array.from({ length: SAMPLE_PER_FILE }, () => random.below(length));
}

/** Behind this nothing stands but zeros. */
function usedLength(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

describe('a closed data directory', () => {
  test('is clean, and stays what it was under a check', async () => {
    const disk = await closedDirectory();
    const before = disk.clone();
    const report = await checkDirectory({ directory: '/data', fileSystem: disk });
    expect(report.problems).toEqual([]);
    expect(report.harmless).toEqual([]);
    expect(report.counts.segmentCount).toBeGreaterThanOrEqual(4);
    expect(disk.allFiles()).toEqual(before.allFiles());
    for (const path of disk.allFiles()) expect(disk.bytesOf(path), path).toEqual(before.bytesOf(path));
    expect(await tryOut(disk, 'undamaged')).toEqual({ isNoticed: false, served: [...GOLDEN_TABLES] });
  });

  test(
    'with any bit flipped gives an error or the right rows, and never a wrong one',
    async () => {
      const whole = await closedDirectory();
      const parts = await liveParts(whole);
      let noticed = 0;
      for (const [seed, path] of whole.allFiles().entries()) {
        const length = usedLength(whole.bytesOf(path));
        if (length === 0) continue;
        for (const bit of sampled(length * 8, seed)) {
          const flip = (disk: MemoryFileSystem) => {
            disk.bytesOf(path)[bit >> 3] ^= 1 << (bit & 7);
          };
          const { isNoticed, served, problems } = await damage(whole, path, flip, `bit ${bit}`);
          if (isNoticed) noticed++;
          if (!path.includes('/db/')) continue;
          // An object belongs to one table: the others are served, and the check names the file.
          const harmed = tablesAt(parts, path, bit >> 3, (bit >> 3) + 1);
          expect(harmed.size).toBeLessThanOrEqual(1);
          expect(served).toEqual(expect.arrayContaining(GOLDEN_TABLES.filter((name) => !harmed.has(name))));
          expect(problems.map(({ file }) => `data/${file}`)).toEqual(
            harmed.size === 0 ? [] : expect.arrayContaining([path]),
          );
        }
      }
      expect(noticed).toBeGreaterThan(SAMPLE_PER_FILE);
    },
    ALL_DAY_MS,
  );

  test(
    'with blocks zeroed or swapped gives an error or the right rows',
    async () => {
      const whole = await closedDirectory();
      let noticed = 0;
      const tryDamage = async (...damaged: Parameters<typeof damage>): Promise<void> => {
        if ((await damage(...damaged)).isNoticed) noticed++;
      };
      for (const path of whole.allFiles()) {
        const blockCount = Math.ceil(usedLength(whole.bytesOf(path)) / BLOCK_BYTES);
        for (let block = 0; block < blockCount; block += STRIDE > 0 ? 1 : 4) {
          const start = block * BLOCK_BYTES;
          const zero = (disk: MemoryFileSystem) => disk.bytesOf(path).fill(0, start, start + BLOCK_BYTES);
          const swap = (disk: MemoryFileSystem) => {
            const bytes = disk.bytesOf(path);
            const [first, second] = [start, ((block + 1) % blockCount) * BLOCK_BYTES];
            const kept = bytes.slice(first, first + BLOCK_BYTES);
            bytes.copyWithin(first, second, second + BLOCK_BYTES);
            bytes.set(kept.subarray(0, bytes.length - second), second);
          };
          await tryDamage(whole, path, zero, `block ${block} zeroed`);
          if (blockCount > 1) await tryDamage(whole, path, swap, `block ${block} swapped`);
        }
      }
      expect(noticed).toBeGreaterThan(SAMPLE_PER_FILE);
    },
    ALL_DAY_MS,
  );

  test(
    'with any file cut off gives an error or the right rows',
    async () => {
      const whole = await closedDirectory();
      const parts = await liveParts(whole);
      for (const [seed, path] of whole.allFiles().entries()) {
        // What is cut off a log or a manifest at a record's border looks like an earlier end: that is no damage to see.
        if (!path.includes('/db/')) continue;
        for (const length of sampled(whole.bytesOf(path).length, seed)) {
          const cut = (disk: MemoryFileSystem) => disk.truncateNow(path, length);
          const { served, problems } = await damage(whole, path, cut, `cut to ${length} bytes`);
          const harmed = tablesAt(parts, path, length, Number.POSITIVE_INFINITY);
          expect(served).toEqual(expect.arrayContaining(GOLDEN_TABLES.filter((name) => !harmed.has(name))));
          if (harmed.size > 0) expect(problems.map(({ file }) => `data/${file}`)).toContain(path);
        }
      }
    },
    ALL_DAY_MS,
  );

  test(
    'with log or manifest cut off is refused, or has rows that were written and no others',
    async () => {
      const whole = await closedDirectory();
      let started = 0;
      let rowCount = 0;
      const written = new Set([...expected.values()].flat().map((row) => timeAndKeyOf(row)));
      for (const [seed, path] of whole.allFiles().entries()) {
        if (path.includes('/db/')) continue;
        for (const length of sampled(usedLength(whole.bytesOf(path)), seed)) {
          const disk = whole.clone();
          disk.truncateNow(path, length);
          const context = `${path} cut to ${length} bytes`;
          let instance: Instance;
          try {
            instance = await openDamaged(disk);
          } catch (error) {
            if (!(error instanceof CorruptionError)) throw new Error(context, { cause: error });
            continue;
          }
          started++;
          for (const name of GOLDEN_TABLES) {
            // A log or manifest that ends earlier may end before the table was made.
            if (databaseOf(instance).begin().catalog().table('public', name) === undefined) continue;
            const rows = inOrder(await readGoldenTable(databaseOf(instance), name));
            rowCount += rows.length;
            for (const row of rows) expect(written.has(timeAndKeyOf(row)), `${context}: ${row}`).toBe(true);
          }
          await instance.close();
        }
      }
      expect(started).toBeGreaterThan(0);
      expect(rowCount).toBeGreaterThan(0);
    },
    ALL_DAY_MS,
  );

  test('with any object missing is started, and the check names the object', async () => {
    const whole = await closedDirectory();
    const parts = await liveParts(whole);
    for (const path of whole.allFiles().filter((name) => name.includes('/db/'))) {
      const disk = whole.clone();
      await disk.remove(path);
      const { problems } = await checkDirectory({ directory: '/data', fileSystem: disk });
      expect(problems.map(({ file }) => `data/${file}`)).toContain(path);
      const { served } = await tryOut(disk, path);
      const harmed = tablesAt(parts, path, 0, Number.POSITIVE_INFINITY);
      expect(served).toEqual(GOLDEN_TABLES.filter((name) => !harmed.has(name)));
    }
  });
});
