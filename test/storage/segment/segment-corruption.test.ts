import { describe, expect, test } from 'vitest';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { CorruptionError } from '../../../src/errors/corruption-error.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import type { Value } from '../../../src/types/value.ts';
import { column, MemorySegment, openSegment, readColumn, times, writeSegment } from './segment-helpers.ts';

const FIELDS = [column(2, 'float8'), column(3, 'text'), column(4, 'bool'), column(5, 'int8'), column(6, 'numeric')];

async function smallSegment(): Promise<Uint8Array> {
  const rowCount = 40;
  const of = (valueAt: (row: number) => Value): Value[] => Array.from({ length: rowCount }, (_, row) => valueAt(row));
  const { file } = await writeSegment(FIELDS, {
    seriesIds: Array.from({ length: rowCount }, (_, row) => Math.floor(row / 15)),
    columns: [
      times(rowCount),
      columnOf(
        'float64',
        of((row) => (row % 9 === 0 ? null : row / 10)),
      ),
      columnOf(
        'text',
        of((row) => `host ${row % 3}`),
      ),
      columnOf(
        'boolean',
        of((row) => row % 4 === 0),
      ),
      columnOf(
        'int64',
        of((row) => (row === 3 ? 2n ** 61n : row)),
      ),
      columnOf(
        'value',
        of((row) => (row % 2 === 0 ? null : Numeric.fromNumber(row))),
      ),
    ],
  });
  return file.bytes;
}

async function readAll(bytes: Uint8Array): Promise<Value[][]> {
  const reader = await openSegment(new MemorySegment(bytes));
  const columns: Value[][] = [];
  for (const { number } of reader.columns) {
    columns.push(await readColumn(reader, number));
    reader.statistics(number, 0);
  }
  return columns;
}

test('every truncation is noticed when the segment is opened', async () => {
  const bytes = await smallSegment();
  for (let size = 0; size < bytes.length; size++) {
    await expect(openSegment(new MemorySegment(bytes.subarray(0, size))), `${size} bytes`).rejects.toThrow(
      CorruptionError,
    );
  }
});

test('every flipped bit is noticed', async () => {
  const bytes = await smallSegment();
  await readAll(bytes);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = bytes.slice();
    damaged[bit >>> 3] ^= 1 << (bit & 7);
    await expect(readAll(damaged), `bit ${bit & 7} of byte ${bit >>> 3}`).rejects.toThrow(CorruptionError);
  }
});

test('zeroed and swapped stretches are noticed', async () => {
  const bytes = await smallSegment();
  for (let start = 0; start + 32 <= bytes.length; start += 16) {
    const zeroed = bytes.slice().fill(0, start, start + 16);
    const swapped = bytes.slice();
    swapped.copyWithin(start, start + 16, start + 32);
    swapped.set(bytes.subarray(start, start + 16), start + 16);
    for (const damaged of [zeroed, swapped]) {
      if (Buffer.compare(damaged, bytes) === 0) continue;
      await expect(readAll(damaged), `at ${start}`).rejects.toThrow(CorruptionError);
    }
  }
});

describe('a damaged unit', () => {
  test('is named with segment, column, unit and offset, and spares the others', async () => {
    const bytes = await smallSegment();
    const file = new MemorySegment(bytes.slice());
    const reader = await openSegment(file);
    // The first chunk is that of the time column.
    file.bytes[16] ^= 0x10;
    await expect(reader.readUnit(1, 0)).rejects.toThrow(
      'segment test.segment: column 1, unit 0 at offset 16: checksum mismatch',
    );
    expect(await readColumn(reader, 3)).toEqual((await readAll(bytes))[2]);
  });

  test('is read anew once the file is whole again', async () => {
    const bytes = await smallSegment();
    const file = new MemorySegment(bytes.slice());
    const reader = await openSegment(file);
    file.bytes[16] ^= 0x10;
    await expect(reader.readUnit(1, 0)).rejects.toThrow(CorruptionError);
    file.bytes[16] ^= 0x10;
    expect(await readColumn(reader, 1)).toEqual((await readAll(bytes))[0]);
  });

  test('beyond the end of a file that was cut while open is corruption, other errors are not', async () => {
    const bytes = await smallSegment();
    const file = new MemorySegment(bytes);
    const reader = await openSegment(file);
    file.bytes = bytes.subarray(0, 20);
    await expect(reader.readUnit(1, 0)).rejects.toThrow(CorruptionError);
    file.readInto = () => Promise.reject(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }));
    await expect(reader.readUnit(1, 0)).rejects.not.toThrow(CorruptionError);
  });
});

test('something else than a segment is called that', async () => {
  await expect(openSegment(new MemorySegment(new Uint8Array(100)))).rejects.toThrow(
    'segment test.segment: no segment begins here',
  );
  await expect(openSegment(new MemorySegment())).rejects.toThrow('0 bytes at offset 0 of 0 hold no segment');
});
