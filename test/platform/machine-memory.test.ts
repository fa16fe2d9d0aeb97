import { describe, expect, test } from 'vitest';
import { memoryShares } from '../../src/platform/machine-memory.ts';

const GIB = 1024 ** 3;

describe('the shares of memory', () => {
  test('are an eighth of the machine each, up to a GiB', () => {
    expect(memoryShares(2 * GIB)).toEqual({ cacheBytes: GIB / 4, queryBytes: GIB / 4, indexBytes: GIB / 4 });
    expect(memoryShares(64 * GIB)).toEqual({ cacheBytes: GIB, queryBytes: GIB, indexBytes: GIB });
  });

  test('fit this machine', () => {
    const { cacheBytes } = memoryShares();
    expect(cacheBytes).toBeGreaterThan(0);
    expect(cacheBytes).toBeLessThanOrEqual(GIB);
  });
});
