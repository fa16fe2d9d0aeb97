import { expect, test } from 'vitest';
import { ReadWindows } from '../../../src/storage/cache/read-windows.ts';

const windowOf = (sizeBytes: number) => ({ firstUnit: 0, endUnit: 1, sizeBytes, pieces: [] });

test('the oldest windows make room', () => {
  const windows = new ReadWindows(100);
  const owners = [{}, {}, {}];
  for (const owner of owners) windows.set(owner, windowOf(40));
  expect(owners.map((owner) => windows.get(owner) !== undefined)).toEqual([false, true, true]);
  expect(windows.sizeBytes).toBe(80);
});

test('a new window replaces the one of the same owner', () => {
  const windows = new ReadWindows(100);
  const owner = {};
  windows.set(owner, windowOf(60));
  const second = windowOf(70);
  windows.set(owner, second);
  expect(windows.get(owner)).toBe(second);
  expect(windows.sizeBytes).toBe(70);
  windows.delete(owner);
  windows.delete(owner);
  expect(windows.sizeBytes).toBe(0);
});

test('a window beyond the limit is not kept, and takes the older one away', () => {
  const windows = new ReadWindows(100);
  const owner = {};
  windows.set(owner, windowOf(60));
  windows.set(owner, windowOf(101));
  expect(windows.get(owner)).toBeUndefined();
  expect(windows.sizeBytes).toBe(0);
});
