import { describe, expect, test } from 'vitest';
import type { Int64Statistics } from '../../../src/columnar/unit-statistics.ts';
import { checkDirectory } from '../../../src/database/check-directory.ts';
import { manifestContent } from '../../../src/storage/check/check-manifest.ts';
import { disagreement } from '../../../src/storage/check/column-facts.ts';
import type { ManifestContent } from '../../../src/storage/checkpoint/manifest-content.ts';
import { LocalMetaStore } from '../../../src/storage/manifest/local-meta-store.ts';
import { float8 } from '../../../src/types/float8.ts';
import { int8 } from '../../../src/types/int8.ts';
import { writeGolden } from '../../golden/golden-data.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { databaseOf, insert, makeTable, newTable, openScratch } from '../scratch-instance.ts';

type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;

async function golden(): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem();
  await writeGolden({ directory: '/data', fileSystem: disk });
  return disk;
}

/** Makes the manifest say something else, under valid checksums. */
async function rewriteManifest(disk: MemoryFileSystem, change: (content: Mutable<ManifestContent>) => void) {
  const store = await LocalMetaStore.open({ fileSystem: disk, directory: '/data/manifest' });
  const { checkpoint, edits } = await store.load();
  const content = manifestContent(checkpoint!, edits) as Mutable<ManifestContent>;
  change(content);
  await store.replace(new TextEncoder().encode(JSON.stringify(content)));
  await store.close();
}

async function problemsOf(disk: MemoryFileSystem): Promise<string[]> {
  const { problems } = await checkDirectory({ directory: '/data', fileSystem: disk });
  return problems.map(({ file, offset, what }) => `${file}${offset === undefined ? '' : `:${offset}`}: ${what}`);
}

/** A table of `writeGolden` with segments in more than one partition. */
function pointsOf(content: Mutable<ManifestContent>) {
  return content.tables.find(({ descriptor }) => descriptor.name === 'points')!;
}

describe('a check finds a manifest that contradicts', () => {
  const cases: [string, (content: Mutable<ManifestContent>) => void, RegExp][] = [
    [
      'itself: one object in two places',
      (content) => {
        const [first, second] = pointsOf(content).partitions;
        second!.segments.push(first!.segments[0]!);
      },
      /manifest: table \d+: .*\.pack:\d+ is also claimed by table \d+/,
    ],
    [
      'itself: a partition twice',
      (content) => {
        const { partitions } = pointsOf(content);
        partitions.push({ ...partitions[0]!, segments: [] });
      },
      /table \d+: partition 0 stands there twice/,
    ],
    [
      'itself: a table in no database',
      (content) => {
        pointsOf(content).databaseOid = 77;
      },
      /it is in database 77, which does not exist/,
    ],
    [
      'itself: an OID that would be given out again',
      (content) => {
        content.nextOid = 16_386;
      },
      /its OID is not below 16386/,
    ],
    [
      'itself: the log trimmed beyond the catalog',
      (content) => {
        content.replayFrom = content.catalogLsn + 2;
      },
      /the log is read from \d+ on, and the catalog ends at \d+/,
    ],
    [
      'the log: rows applied that the catalog does not know of',
      (content) => {
        pointsOf(content).partitions[0]!.appliedLsn = content.catalogLsn + 1;
      },
      /partition 0 is applied up to \d+, and the catalog ends at \d+/,
    ],
    [
      'a segment: fewer commits applied than it holds',
      (content) => {
        pointsOf(content).partitions[0]!.appliedLsn = 1;
      },
      /\.pack:\d+: it reaches LSN \d+, its partition is applied up to 1/,
    ],
    [
      'a segment: another hash',
      (content) => {
        pointsOf(content).partitions[0]!.segments[0]!.hash = '00';
      },
      /\.pack:\d+: the SHA-256 of 16384\/packs\/1\.pack:\d+ is not the one in the manifest/,
    ],
    [
      'a segment: another number of rows',
      (content) => {
        pointsOf(content).partitions[0]!.segments[0]!.rowCount = 1000;
      },
      /\.pack:\d+: its footer has rows \d+, the manifest 1000/,
    ],
    [
      'a segment: another partition',
      (content) => {
        pointsOf(content).partitions[0]!.partition = 99;
      },
      /\.pack:\d+: series \d+ lies outside of partition 99/,
    ],
    [
      'a segment: fewer series than it has',
      (content) => {
        pointsOf(content).series = [];
      },
      /\.pack:\d+: it has series \d+, and the table has 0/,
    ],
    [
      'a series file',
      (content) => {
        pointsOf(content).series[0]!.count++;
      },
      /\.series: .*other series than expected/,
    ],
    [
      'the commits of the log',
      (content) => {
        content.tables = content.tables.filter(({ descriptor }) => descriptor.name !== 'points');
        content.catalogLsn = content.replayFrom;
      },
      /wal\/\d+\.wal:\d+: commit \d+: it has rows for table \d+, which does not exist/,
    ],
  ];
  for (const [name, change, expected] of cases) {
    test(name, async () => {
      const disk = await golden();
      await rewriteManifest(disk, change);
      expect((await problemsOf(disk)).join('\n')).toMatch(expected);
    });
  }

  test('its own rules: two rows of one key', async () => {
    const disk = new MemoryFileSystem();
    const instance = await openScratch(disk);
    const database = databaseOf(instance);
    await makeTable(database, newTable('keyless', ['time timestamptz', 'x int4'], { time: 'time' }));
    await makeTable(database, newTable('keyed', ['time timestamptz', 'x int4'], { time: 'time', key: ['time'] }));
    await insert(database, 'keyless', [
      [5, 1],
      [5, 2],
    ]);
    await insert(database, 'keyed', [[5, 1]]);
    await instance.flush();
    await instance.close();
    expect(await problemsOf(disk)).toEqual([]);
    await rewriteManifest(disk, ({ tables }) => {
      const [keyless, keyed] = tables.map(({ descriptor }) => descriptor);
      keyless!.uniqueKey = keyed!.uniqueKey!;
    });
    expect((await problemsOf(disk)).join('\n')).toMatch(/unit 0: row 1 of series 0 is out of order/);
  });
});

describe('a check of files', () => {
  test('lists what is left of a crash as harmless', async () => {
    const disk = await golden();
    for (const path of ['/data/db/16384/16385/99.segment', '/data/manifest/manifest.tmp']) {
      await (await disk.open(path, 'create')).close();
    }
    const { problems, harmless } = await checkDirectory({ directory: '/data', fileSystem: disk });
    expect(problems).toEqual([]);
    expect(harmless.map(({ file }) => file)).toEqual(['manifest/manifest.tmp', 'db/16384/16385/99.segment']);
  });

  test('names damage that no start would notice: the spare generation of the manifest', async () => {
    const disk = await golden();
    const [spare] = disk.allFiles().filter((path) => path.includes('manifest-'));
    disk.bytesOf(spare!)[70]! ^= 1;
    const what = 'damaged before its first seal; nothing is lost, it is the spare of the newest generation';
    expect(await problemsOf(disk)).toEqual([`manifest/manifest-0000000001:0: ${what}`]);
  });
});

describe('the statistics of a unit are compared with its values', () => {
  const values = { kind: 'number', values: Float64Array.of(1, 2, 3), validity: Uint8Array.of(1, 0, 1) } as const;
  const right = {
    rowCount: 3,
    nullCount: 1,
    hasInfinity: false,
    min: 1,
    max: 3,
    sum: 4,
    first: 1,
    last: 3,
    firstRow: 0,
    lastRow: 2,
  };

  test('doubles', () => {
    const statistics = { kind: 'float64', hasNaN: false, ...right } as const;
    expect(disagreement(values, 3, float8, statistics)).toBeUndefined();
    for (const name of ['nullCount', 'min', 'max', 'sum', 'first', 'last', 'firstRow', 'lastRow'] as const) {
      expect(disagreement(values, 3, float8, { ...statistics, [name]: 17 })).toContain(`${name} 17`);
    }
    expect(disagreement(values, 3, float8, { ...statistics, hasNaN: true })).toContain('hasNaN');
  });

  test('64-bit integers, whose sums are exact', () => {
    const statistics = { kind: 'int64', isWide: false, ...right } as const;
    expect(disagreement(values, 3, int8, statistics)).toBeUndefined();
    const wide = {
      kind: 'wide',
      high: Int32Array.of(0x7fffffff, 1),
      low: Uint32Array.of(0xffffffff, 0),
      validity: undefined,
    } as const;
    const sum = 9223372036854775807n + 4294967296n;
    const wideStatistics: Int64Statistics = {
      kind: 'int64',
      rowCount: 2,
      nullCount: 0,
      isWide: true,
      hasInfinity: false,
      min: 4294967296,
      max: 9223372036854775807n,
      sum,
      first: 9223372036854775807n,
      last: 4294967296,
      firstRow: 0,
      lastRow: 1,
    };
    expect(disagreement(wide, 2, int8, wideStatistics)).toBeUndefined();
    expect(disagreement(wide, 2, int8, { ...wideStatistics, sum: sum + 1n })).toContain('sum');
  });
});
