import { describe, expect, test } from 'vitest';
import { readSeriesObject, writeSeriesObject } from '../../../src/storage/checkpoint/series-object.ts';
import { SeriesIndex, type TagDefinition } from '../../../src/storage/index/series-index.ts';
import { LocalSegmentStore } from '../../../src/storage/local-segment-store.ts';
import { OwnFiles, PackWriter } from '../../../src/storage/packs/object-target.ts';
import type { SegmentStore } from '../../../src/storage/seams/segment-store.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { HOSTILE_NAMES, HOSTILE_TEXTS } from '../../support/hostile-data.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const TAGS: readonly TagDefinition[] = [
  { columnNumber: 2, type: typeByName('text')! },
  { columnNumber: 3, type: typeByName('int8')! },
  { columnNumber: 4, type: typeByName('bool')! },
  { columnNumber: 5, type: typeByName('numeric')! },
  { columnNumber: 6, type: typeByName('text')! },
];
const NAME = '1/2/3.series';

async function newStore(): Promise<{ store: SegmentStore; fileSystem: MemoryFileSystem }> {
  const fileSystem = new MemoryFileSystem();
  await fileSystem.makeDirectory('/data');
  return { store: await LocalSegmentStore.open({ fileSystem, directory: '/data' }), fileSystem };
}

function indexOf(tuples: readonly (readonly Value[])[], tags = TAGS): SeriesIndex {
  const index = new SeriesIndex(tags);
  addAll(index, tuples);
  return index;
}

function addAll(index: SeriesIndex, tuples: readonly (readonly Value[])[]): void {
  const codes = index.tuplesOf(tuples, index.tagNumbers);
  for (let row = 0; row < tuples.length; row++) index.add(codes, row);
}

function tuplesOf(index: SeriesIndex): Value[][] {
  return Array.from({ length: index.size }, (_, id) => index.tagNumbers.map((number) => index.valueOf(id, number)));
}

function hostileTuples(count: number): Value[][] {
  const random = new SeededRandom(3);
  const numeric = (text: string) => typeByName('numeric')!.parse(text, undefined as never, -1);
  const orNull = (value: Value) => (random.fraction() < 0.2 ? null : value);
  return Array.from({ length: count }, (_, id) => [
    orNull(random.pick([...HOSTILE_NAMES, ...HOSTILE_TEXTS])),
    orNull(random.pick([0, -1, 2n ** 60n, random.below(5000)])),
    orNull(random.fraction() < 0.5),
    orNull(numeric(`${random.below(3)}.5`)),
    `id${id}`,
  ]);
}

async function write(store: SegmentStore, index: SeriesIndex, firstId = 0, name = NAME) {
  const piece = { firstId, count: index.size - firstId };
  return { ...(await writeSeriesObject(new OwnFiles(store), () => name, index, piece)), ...piece };
}

describe('series come back', () => {
  for (const count of [1, 100, 4096, 20_000]) {
    test(`${count} of them, with all their tags`, async () => {
      const { store } = await newStore();
      const tuples = hostileTuples(count);
      const piece = await write(store, indexOf(tuples));
      const read = new SeriesIndex(TAGS);
      await readSeriesObject(store, read, piece);
      expect(tuplesOf(read)).toEqual(tuples);
      const codes = read.tuplesOf(tuples.slice(-50), read.tagNumbers);
      for (let row = 0; row < Math.min(50, count); row++)
        expect(read.find(codes, row)).toBe(Math.max(count - 50, 0) + row);
    });
  }

  test('from several pieces, and with a tag that came in between', async () => {
    const { store } = await newStore();
    const index = indexOf(
      hostileTuples(500).map((tuple) => tuple.slice(0, 4)),
      TAGS.slice(0, 4),
    );
    const first = await write(store, index, 0, '1/2/1.series');
    index.addTag(TAGS[4]!);
    addAll(index, hostileTuples(900).slice(500));
    const second = await write(store, index, 500, '1/2/2.series');
    const read = new SeriesIndex(TAGS);
    await readSeriesObject(store, read, first);
    await readSeriesObject(store, read, second);
    expect(tuplesOf(read)).toEqual(tuplesOf(index));
  });

  test('from a pack, and without a tag that the table has no longer', async () => {
    const { store } = await newStore();
    const tuples = hostileTuples(300);
    const pack = await PackWriter.create(store, '1/packs/9.pack');
    await pack.write(
      () => '',
      (sink) => sink.append(new Uint8Array(77)),
    );
    const object = await writeSeriesObject(pack, () => '', indexOf(tuples), { firstId: 0, count: 300 });
    await pack.publish();
    const read = new SeriesIndex(TAGS.filter(({ columnNumber }) => columnNumber !== 3));
    await readSeriesObject(store, read, { ...object, firstId: 0, count: 300 });
    expect(tuplesOf(read)).toEqual(tuples.map(([host, , ...others]) => [host, ...others]));
  });
});

test('a series takes little more on disk than what is new about it', async () => {
  const { store, fileSystem } = await newStore();
  const random = new SeededRandom(1);
  const tuples = Array.from({ length: 50_000 }, (_, id) => [`host_${id}`, random.below(100), null, null, 'SF']);
  await write(store, indexOf(tuples));
  expect(fileSystem.bytesOf(`/data/${NAME}`).length / 50_000).toBeLessThan(16);
});

test('others run while many series are read', async () => {
  const { store } = await newStore();
  const piece = await write(store, indexOf(hostileTuples(30_000)));
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await readSeriesObject(store, new SeriesIndex(TAGS), piece);
  isDone = true;
  expect(turns).toBeGreaterThanOrEqual(3);
});

describe('damage', () => {
  test('any bit that is flipped is found', async () => {
    const { store, fileSystem } = await newStore();
    const piece = await write(store, indexOf(hostileTuples(40).map(([, ...rest]) => ['h', ...rest])));
    const bytes = fileSystem.bytesOf(`/data/${NAME}`).slice();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice();
      damaged[bit >>> 3]! ^= 1 << (bit & 7);
      await replace(fileSystem, damaged);
      await expect(readSeriesObject(store, new SeriesIndex(TAGS), piece)).rejects.toThrow(/series 1\/2\/3\.series: /);
    }
  });

  test('a file that was cut off or goes on is found', async () => {
    const { store, fileSystem } = await newStore();
    const piece = await write(store, indexOf(hostileTuples(40)));
    const bytes = fileSystem.bytesOf(`/data/${NAME}`).slice();
    for (let length = 0; length < bytes.length; length += 7) {
      await replace(fileSystem, bytes.subarray(0, length));
      await expect(readSeriesObject(store, new SeriesIndex(TAGS), piece)).rejects.toThrow('it ends early');
    }
    await replace(fileSystem, Uint8Array.of(...bytes, 0));
    await expect(readSeriesObject(store, new SeriesIndex(TAGS), piece)).rejects.toThrow('goes on behind its end');
  });

  test('the object of another piece is refused', async () => {
    const { store } = await newStore();
    const piece = await write(store, indexOf(hostileTuples(40)));
    await expect(readSeriesObject(store, new SeriesIndex(TAGS), { ...piece, count: 39 })).rejects.toThrow(
      'other series than expected',
    );
    await expect(readSeriesObject(store, new SeriesIndex(TAGS), { ...piece, firstId: 1 })).rejects.toThrow(
      'they begin at 1 instead of 0',
    );
  });
});

async function replace(fileSystem: MemoryFileSystem, bytes: Uint8Array): Promise<void> {
  await fileSystem.remove(`/data/${NAME}`);
  const file = await fileSystem.open(`/data/${NAME}`, 'create');
  await file.write(bytes, 0, bytes.length, 0);
  await file.close();
}
