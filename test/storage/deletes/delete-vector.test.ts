import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeleteVector } from '../../../src/storage/deletes/delete-vector.ts';
import { readDeletesObject, writeDeletesObject } from '../../../src/storage/deletes/deletes-object.ts';
import { LocalSegmentStore } from '../../../src/storage/local-segment-store.ts';
import { OwnFiles } from '../../../src/storage/packs/object-target.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';

type Step =
  | { readonly kind: 'add'; readonly row: number }
  | { readonly kind: 'clear'; readonly rowCount: number }
  | { readonly kind: 'next' }
  | { readonly kind: 'remove'; readonly back: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.nat(40).map((row): Step => ({ kind: 'add', row })) },
  { weight: 1, arbitrary: fc.nat(30).map((rowCount): Step => ({ kind: 'clear', rowCount })) },
  { weight: 3, arbitrary: fc.constant<Step>({ kind: 'next' }) },
  { weight: 1, arbitrary: fc.nat(3).map((back): Step => ({ kind: 'remove', back })) },
);

test('every stamp sees the rows that were deleted up to it, and what is taken back is not deleted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const vector = new DeleteVector();
      let stampOf = new Map<number, number>();
      let stamp = 1;
      let cleared = 0;
      for (const next of steps) {
        switch (next.kind) {
          case 'next':
            stamp++;
            break;
          case 'add':
            expect(vector.add(next.row, stamp)).toBe(!stampOf.has(next.row));
            if (!stampOf.has(next.row)) stampOf.set(next.row, stamp);
            break;
          case 'clear':
            // Rows are only ever added.
            cleared = Math.max(cleared, next.rowCount);
            vector.clear(cleared, stamp);
            for (let row = 0; row < cleared; row++) if (!stampOf.has(row)) stampOf.set(row, stamp);
            break;
          case 'remove': {
            const from = Math.max(stamp - next.back, 1);
            vector.removeFrom(from);
            stampOf = new Map([...stampOf].filter(([, deleted]) => deleted < from));
            cleared = vector.deadAt(Number.POSITIVE_INFINITY).clearedRows;
            break;
          }
        }
        for (let row = 0; row <= 41; row++) {
          expect(vector.has(row)).toBe(stampOf.has(row));
          for (let at = stamp - 2; at <= stamp; at++) {
            expect(vector.isDeletedAfter(row, at)).toBe((stampOf.get(row) ?? -1) > at);
          }
        }
        for (let at = Math.max(stamp - 2, 0); at <= stamp; at++) {
          const { clearedRows, rows } = vector.deadAt(at);
          const dead = new Set(rows);
          for (let row = 0; row < clearedRows; row++) dead.add(row);
          const expected = [...stampOf].filter(([, deleted]) => deleted <= at).map(([row]) => row);
          expect([...dead].sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
          expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
        }
      }
    }),
    { numRuns: 150 },
  );
});

async function written(): Promise<{ fileSystem: MemoryFileSystem; segments: LocalSegmentStore }> {
  const fileSystem = new MemoryFileSystem();
  const segments = await LocalSegmentStore.open({ fileSystem, directory: '/db' });
  const deletes = new DeleteVector();
  for (const [row, lsn] of [
    [7, 3],
    [0, 3],
    [99, 2 ** 40],
    [50, 2 ** 40 + 1],
  ] as const) {
    deletes.add(row, lsn);
  }
  const what = { deletes, upTo: 2 ** 40, segmentRows: 100 };
  expect(await writeDeletesObject(new OwnFiles(segments), () => '1/2/3.deletes', what)).toEqual({
    name: '1/2/3.deletes',
    rowCount: 3,
  });
  return { fileSystem, segments };
}

test('deletes come back from disk with their LSNs, those that came later left out', async () => {
  const { segments } = await written();
  const read = await readDeletesObject(segments, { name: '1/2/3.deletes', rowCount: 3 }, 100);
  expect([...read.deadAt(3).rows]).toEqual([0, 7]);
  expect([...read.deadAt(2 ** 40 - 1).rows]).toEqual([0, 7]);
  expect([...read.deadAt(2 ** 40).rows]).toEqual([0, 7, 99]);
});

test('deletes of another segment, any flipped bit and any missing end are damage', async () => {
  const { fileSystem, segments } = await written();
  const entry = { name: '1/2/3.deletes', rowCount: 3 };
  await expect(readDeletesObject(segments, entry, 101)).rejects.toThrow('another segment');
  await expect(readDeletesObject(segments, { ...entry, rowCount: 2 }, 100)).rejects.toThrow('other rows');
  const bytes = fileSystem.bytesOf('/db/1/2/3.deletes').slice();
  const readBytes = async (changed: Uint8Array) => {
    const file = await fileSystem.open('/db/1/2/3.deletes', 'read-write');
    await file.truncate(0);
    await file.write(changed, 0, changed.length, 0);
    await file.close();
    return readDeletesObject(segments, entry, 100);
  };
  await readBytes(bytes);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >>> 3] ^= 1 << (bit & 7);
    await expect(readBytes(flipped)).rejects.toMatchObject({ name: 'CorruptionError' });
  }
  for (let length = 0; length < bytes.length; length++) {
    await expect(readBytes(bytes.subarray(0, length))).rejects.toMatchObject({ name: 'CorruptionError' });
  }
});
