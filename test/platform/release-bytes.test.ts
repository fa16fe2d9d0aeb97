import { expect, test } from 'vitest';
import { releaseBytes } from '../../src/platform/release-bytes.ts';

test('bytes that are released are empty, and their memory is free without a collection', () => {
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 500; round++) {
    const bytes = new Uint8Array(1 << 20).fill(1);
    releaseBytes(bytes);
    expect(bytes.length).toBe(0);
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
});

test('bytes that share their memory with others stay, and so do few', () => {
  const memory = new Uint8Array(100_000);
  const part = memory.subarray(0, 50_000);
  const shared = new Uint8Array(new SharedArrayBuffer(50_000));
  const few = new Uint8Array(1000);
  for (const bytes of [part, shared, few]) releaseBytes(bytes);
  expect([memory.length, part.length, shared.length, few.length]).toEqual([100_000, 50_000, 50_000, 1000]);
});
