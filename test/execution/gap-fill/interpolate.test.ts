import { describe, expect, test } from 'vitest';
import { interpolate } from '../../../src/execution/gap-fill/interpolate.ts';
import { float4 } from '../../../src/types/float4.ts';
import { float8 } from '../../../src/types/float8.ts';
import { int2 } from '../../../src/types/int2.ts';
import { int4 } from '../../../src/types/int4.ts';
import { int8 } from '../../../src/types/int8.ts';

describe('a value between two samples', () => {
  const before = { time: 0, value: 10 };
  const after = { time: 4, value: -3 };

  test('of integers is rounded half away from zero', () => {
    expect([1, 2, 3].map((time) => interpolate(int4, before, after, time))).toEqual([7, 4, 0]);
    expect([1, 2].map((time) => interpolate(int4, { time: 0, value: 0 }, { time: 2, value: -1 }, time))).toEqual([
      -1, -1,
    ]);
    expect(interpolate(int4, { time: 0, value: 0 }, { time: 2, value: 1 }, 1)).toBe(1);
  });

  test('of integers is exact however far apart the samples are', () => {
    const low = { time: -9223372036854775807n, value: -9223372036854775808n };
    const high = { time: 9223372036854775807n, value: 9223372036854775807n };
    // Half way lies at -1/2.
    expect(interpolate(int8, low, high, 0)).toBe(-1);
    expect(interpolate(int8, { time: 0, value: 9007199254740993n }, { time: 2, value: 9007199254740995n }, 1)).toBe(
      9007199254740994n,
    );
    // The sum of both parts is past 2^53 while each value is not.
    expect(interpolate(int8, { time: 0, value: 2 ** 52 + 1 }, { time: 3_000_000, value: 2 ** 52 + 4 }, 1_000_000)).toBe(
      2 ** 52 + 2,
    );
  });

  test('that leads out of the range of a small type is refused', () => {
    const steep = { time: 1, value: 32_000 };
    expect(() => interpolate(int2, { time: 0, value: 0 }, steep, 2)).toThrow('smallint out of range');
    expect(interpolate(int2, { time: 0, value: 0 }, { time: 1, value: -16_384 }, 2)).toBe(-32_768);
    expect(() => interpolate(int4, { time: 0, value: 0 }, { time: 1, value: 2 ** 30 }, 2)).toThrow(
      'integer out of range',
    );
  });

  test('at one and the same time has none', () => {
    expect(() => interpolate(int4, { time: 5, value: 1 }, { time: 5, value: 2 }, 7)).toThrow('division by zero');
  });

  test('of floating-point numbers that are equal is the same number', () => {
    expect(interpolate(float8, { time: 0, value: 20266.959547 }, { time: 7, value: 20266.959547 }, 3)).toBe(
      20266.959547,
    );
    expect(
      interpolate(
        float8,
        { time: 0, value: Number.POSITIVE_INFINITY },
        { time: 2, value: Number.POSITIVE_INFINITY },
        1,
      ),
    ).toBe(Number.POSITIVE_INFINITY);
  });

  test('of real is computed as real', () => {
    const [low, high] = [
      { time: 0, value: Math.fround(0.1) },
      { time: 3, value: Math.fround(0.7) },
    ];
    const value = interpolate(float4, low, high, 1);
    expect(value).toBe(Math.fround(Number(value)));
    expect(value).not.toBe(interpolate(float8, low, high, 1));
  });
});
