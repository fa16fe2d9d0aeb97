import { describe, expect, test } from 'vitest';
import { packBits, packedWordCount, unpackBits } from '../../../src/storage/codec/bit-packing.ts';

const counts = [1, 2, 3, 4, 5, 31, 127, 128, 129, 1021, 1024];

/** The largest integer of the width first, so that no bit is forgotten, then smaller ones. */
function integers(count: number, width: number): Uint32Array {
  const max = 2 ** width - 1;
  const values = new Uint32Array(1024);
  for (let row = 0; row < count; row++) values[row] = row % 3 === 0 ? max : (row * 2654435761) % (max + 1);
  return values;
}

describe.each(Array.from({ length: 32 }, (_, index) => index + 1))('width %d', (width) => {
  test.each(counts)('gives back %d integers', (count) => {
    const values = integers(count, width);
    const words = new Uint32Array(1100).fill(0xdeadbeef);
    packBits(values, count, width, words);
    const target = new Uint32Array(count);
    unpackBits(words, count, width, target);
    expect(target).toEqual(values.slice(0, count));
  });
});

test('value i lies in lane i mod 4', () => {
  const words = new Uint32Array(8);
  packBits(Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8), 8, 4, words);
  expect(Array.from(words.slice(0, 4))).toEqual([0x51, 0x62, 0x73, 0x84]);
  expect(packedWordCount(8, 4)).toBe(4);
});
