import { afterEach, describe, expect, test, vi } from 'vitest';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { CorruptionError } from '../../../src/errors/corruption-error.ts';
import { UnitCache } from '../../../src/storage/cache/unit-cache.ts';
import { lz4 } from '../../../src/storage/codec/compression/lz4.ts';
import { zstd } from '../../../src/storage/codec/compression/zstd.ts';
import { blockEnds, compressChunk } from '../../../src/storage/segment/chunk-blocks.ts';
import type { SegmentReader } from '../../../src/storage/segment/segment-reader.ts';
import type { SegmentWriterOptions } from '../../../src/storage/segment/segment-writer.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import type { Value } from '../../../src/types/value.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { column, MemorySegment, openSegment, readColumn, times, writeSegment } from './segment-helpers.ts';

const ROW_COUNT = 100_000;
const FIELDS = [column(2, 'text'), column(3, 'numeric'), column(4, 'float8'), column(5, 'text')];
const random = new SeededRandom(5);
const texts = Array.from({ length: ROW_COUNT }, (_, row) =>
  row % 50 === 0 ? null : `GET /api/v1/items/${row} 200 in ${random.below(1000)} ms`,
);
const numerics = Array.from({ length: ROW_COUNT }, (_, row) => Numeric.fromNumber(1_000_000 + row));
const doubles = Array.from({ length: ROW_COUNT }, (_, row) => Math.sin(row));
const noise = Array.from({ length: ROW_COUNT }, () =>
  String.fromCharCode(...Array.from({ length: 12 }, () => 33 + random.below(94))),
);
const values: Readonly<Record<number, readonly Value[]>> = { 2: texts, 3: numerics, 4: doubles, 5: noise };

function write(options: SegmentWriterOptions) {
  return writeSegment(
    FIELDS,
    {
      seriesIds: new Array<number>(ROW_COUNT).fill(1),
      columns: [
        times(ROW_COUNT),
        columnOf('text', texts),
        columnOf('value', numerics),
        columnOf('float64', doubles),
        columnOf('text', noise),
      ],
    },
    { batchRows: 30_000, writer: options },
  );
}

const plainFile = write({ compressor: undefined });
const lz4File = write({});
const zstdFile = write({ compressor: zstd });

async function fresh(
  written: typeof lz4File,
  cache?: UnitCache,
): Promise<{ file: MemorySegment; reader: SegmentReader }> {
  const file = new MemorySegment((await written).file.bytes.slice());
  const reader = await openSegment(file, cache === undefined ? {} : { cache });
  file.reads.length = 0;
  return { file, reader };
}

async function readUnit(reader: SegmentReader, number: number, unit: number): Promise<Value> {
  const pinned = await reader.readUnit(number, unit);
  try {
    const { column: read } = pinned;
    if (read.kind === 'bytes') {
      if (read.validity !== undefined && read.validity[1] === 0) return null;
      return new TextDecoder().decode(read.bytes.subarray(read.offsets[1], read.offsets[2]));
    }
    return read.kind === 'value' ? read.values[1] : read.kind === 'number' ? read.values[1] : null;
  } finally {
    pinned.release();
  }
}

afterEach(() => vi.restoreAllMocks());

describe.each([
  ['LZ4', lz4File, lz4],
  ['zstd', zstdFile, zstd],
] as const)('a segment compressed with %s', (_, written, compressor) => {
  test('is smaller and holds the same', async () => {
    expect((await written).file.sizeBytes).toBeLessThan((await plainFile).file.sizeBytes * 0.8);
    const { reader } = await fresh(written);
    for (const [number, expected] of Object.entries(values)) {
      expect(await readColumn(reader, Number(number))).toEqual(expected);
    }
  });

  test('gives every unit by itself, in any order, with and without a cache', async () => {
    for (const cache of [undefined, new UnitCache({ sizeBytes: 1 << 20 })]) {
      const { reader } = await fresh(written, cache);
      const units = Array.from({ length: reader.unitCount }, (_unit, unit) => unit);
      for (const order of [units, units.slice().reverse(), units.map((unit) => (unit * 37) % units.length)]) {
        for (const number of [2, 3, 4, 5]) {
          for (const unit of order) {
            expect(await readUnit(reader, number, unit)).toEqual(values[number]![unit * 1024 + 1]);
          }
        }
      }
    }
  });

  test('decompresses each block once in a scan, and a block for a lone unit', async () => {
    const decompress = vi.spyOn(compressor, 'decompress');
    const { file, reader } = await fresh(written);
    for (let unit = 0; unit < reader.unitCount; unit++) await readUnit(reader, 2, unit);
    const blocks = decompress.mock.calls.length;
    const decompressed = decompress.mock.calls.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0);
    expect(blocks).toBeGreaterThan(3);
    expect(blocks).toBeLessThanOrEqual(reader.unitCount);
    expect(decompressed).toBeGreaterThan(ROW_COUNT * 20);
    expect(decompressed).toBeLessThan(ROW_COUNT * 60);
    expect(file.reads.length).toBeLessThan(blocks);

    decompress.mockClear();
    const { reader: lone } = await fresh(written);
    await readUnit(lone, 2, 70);
    expect(decompress.mock.calls.length).toBe(1);
  });

  test('loses the units of a damaged block and no others', async () => {
    const { file, reader } = await fresh(written);
    await reader.readUnit(2, 20);
    const { position } = file.reads[0]!;
    file.bytes[position + 100] ^= 4;
    const { reader: damaged } = { reader: await openSegment(file) };
    let lost = 0;
    for (let unit = 0; unit < damaged.unitCount; unit++) {
      try {
        expect(await readUnit(damaged, 2, unit)).toEqual(texts[unit * 1024 + 1]);
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptionError);
        expect((error as Error).message).toMatch(/segment test\.segment: column 2, unit \d+ at offset \d+: checksum/);
        expect((error as CorruptionError).offset).toBeGreaterThan(16);
        lost++;
      }
    }
    expect(lost).toBeGreaterThan(0);
    // Units that are read ahead together are refused together; alone, each of the others is served.
    const alone: number[] = [];
    for (let unit = 0; unit < damaged.unitCount; unit++) {
      const one = await openSegment(file);
      await readUnit(one, 2, unit).catch(() => alone.push(unit));
      one.close();
    }
    expect(alone).toContain(20);
    expect(alone.length).toBeLessThanOrEqual(4);
  });

  test('every flipped bit of a block is noticed', async () => {
    const { file, reader } = await fresh(written);
    await reader.readUnit(2, 3);
    const { position, length } = file.reads[0]!;
    for (let bit = 0; bit < length * 8; bit += 97) {
      file.bytes[position + (bit >> 3)] ^= 1 << (bit & 7);
      reader.close();
      await expect(readUnit(reader, 2, 3)).rejects.toThrow(CorruptionError);
      file.bytes[position + (bit >> 3)] ^= 1 << (bit & 7);
    }
    reader.close();
    expect(await readUnit(reader, 2, 3)).toEqual(texts[3 * 1024 + 1]);
  });
});

test('what does not shrink is not compressed', async () => {
  const decompress = vi.spyOn(lz4, 'decompress');
  const { reader } = await fresh(lz4File);
  await readColumn(reader, 4);
  await readColumn(reader, 5);
  await readColumn(reader, 1);
  expect(decompress).not.toHaveBeenCalled();
  await readColumn(reader, 2);
  expect(decompress).toHaveBeenCalled();
});

describe('blocks', () => {
  test('end with the unit that brings them to 16 KiB', () => {
    expect(blockEnds([])).toEqual([]);
    expect(blockEnds([5])).toEqual([1]);
    expect(blockEnds([16_383, 1, 2])).toEqual([2, 3]);
    expect(blockEnds([16_384, 20_000_000, 1, 1])).toEqual([1, 2, 4]);
    expect(blockEnds(new Array<number>(64).fill(4096))).toEqual(
      Array.from({ length: 16 }, (_, block) => block * 4 + 4),
    );
  });

  test('are made where the whole chunk saves what it has to, and not of a small chunk', async () => {
    const zeros = new Uint8Array(40_000);
    const shrinks = await compressChunk(zeros, [20_000, 20_000], lz4, 0.5);
    expect(shrinks?.blocks.length).toBe(2);
    const mixed = Uint8Array.from({ length: 40_000 }, (_, at) => (at % 4 === 0 ? random.below(256) : 0));
    const saved = 1 - lz4Size(mixed) / mixed.length;
    expect(await compressChunk(mixed, [40_000], lz4, saved + 0.1)).toBeUndefined();
    expect(await compressChunk(mixed, [40_000], lz4, saved - 0.1)).toBeDefined();
    expect(await compressChunk(zeros.subarray(0, 1000), [1000], lz4, 0.05)).toBeUndefined();
    // The sample from the middle shrinks, the chunk does not.
    const noisy = Uint8Array.from({ length: 40_000 }, (_, at) =>
      Math.abs(at - 20_000) < 3000 ? 0 : random.below(256),
    );
    expect(await compressChunk(noisy, [40_000], lz4, 0.3)).toBeUndefined();
  });
});

function lz4Size(bytes: Uint8Array): number {
  return (lz4.compress(bytes) as Uint8Array).length;
}
