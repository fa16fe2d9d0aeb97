import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HashIndex } from '../../../src/storage/index/hash-index.ts';
import { IndexKey } from '../../../src/storage/index/index-key.ts';
import { IndexMemory } from '../../../src/storage/index/index-memory.ts';
import { keyFormOf } from '../../../src/storage/index/key-form.ts';
import { type KeyIndex, RowIdList } from '../../../src/storage/index/key-index.ts';
import { OrderedIndex } from '../../../src/storage/index/ordered-index.ts';
import { compareUtf8 } from '../../../src/types/compare-utf8.ts';
import { text } from '../../../src/types/string-types.ts';
import { HOSTILE_NAMES, HOSTILE_TEXTS } from '../../support/hostile-data.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const methods: Record<string, (memory: IndexMemory) => KeyIndex> = {
  ordered: (memory) => new OrderedIndex(memory),
  hash: (memory) => new HashIndex(memory),
};

function keyOf(value: string): IndexKey {
  const key = new IndexKey();
  keyFormOf(text).push(key, value);
  return key.finish();
}

function afterKeyOf(value: string): IndexKey {
  const key = new IndexKey();
  keyFormOf(text).push(key, value);
  return key.finishAfter();
}

interface Entry {
  readonly value: string;
  readonly rowId: number;
}

function found(index: KeyIndex, value: string): number[] {
  const rows = new RowIdList();
  index.find(keyOf(value), rows);
  return [...rows.take()].sort((a, b) => a - b);
}

function ofModel(model: readonly Entry[], value: string): number[] {
  return model.filter((entry) => entry.value === value).map(({ rowId }) => rowId);
}

function sweepAll(index: KeyIndex, slice: number, isGone: (rowId: number) => boolean): void {
  const place = { key: new IndexKey().finish(), rowId: -1 };
  for (let steps = 0; !index.sweep(place, slice, isGone); steps++) expect(steps).toBeLessThan(100_000);
}

const value = fc.oneof(
  fc.nat(40).map((number) => `v${number}`),
  fc.nat(3000).map((number) => `a common beginning ${number}`),
  fc.constantFrom(...HOSTILE_TEXTS, ...HOSTILE_NAMES),
);
const step = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({ kind: fc.constant('add' as const), values: fc.array(value, { maxLength: 60 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sweep' as const), modulus: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('find' as const), value }) },
);

describe.each(Object.entries(methods))('%s', (_name, create) => {
  test('finds what a plain list has, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 500 }), (steps, slice) => {
        const memory = new IndexMemory();
        const index = create(memory);
        let model: Entry[] = [];
        let nextRowId = 1;
        for (const action of steps) {
          if (action.kind === 'add') {
            for (const added of action.values) {
              model.push({ value: added, rowId: nextRowId });
              index.add(keyOf(added), nextRowId++);
            }
          } else if (action.kind === 'find') expect(found(index, action.value)).toEqual(ofModel(model, action.value));
          else {
            const isGone = (rowId: number) => rowId % action.modulus === 0;
            sweepAll(index, slice, isGone);
            model = model.filter(({ rowId }) => !isGone(rowId));
          }
          expect(index.entryCount).toBe(model.length);
        }
        for (const entry of model) expect(index.has(keyOf(entry.value), entry.rowId)).toBe(true);
        expect(index.has(keyOf('nobody'), 1)).toBe(false);
        expect(memory.usedBytes).toBe(index.sizeBytes);
        index.release();
        expect(memory.usedBytes).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('makes room of rows that are gone before it grows', () => {
    const index = create(new IndexMemory());
    const random = new SeededRandom(7);
    let oldest = 1;
    for (let rowId = 1; rowId <= 200_000; rowId++) {
      index.add(keyOf(`key ${random.below(500)}`), rowId, (other) => other < oldest);
      oldest = Math.max(1, rowId - 1000);
    }
    expect(index.entryCount).toBeLessThan(20_000);
    expect(index.entryCount).toBeGreaterThanOrEqual(1000);
  });

  test('holds many rows of one key', () => {
    const index = create(new IndexMemory());
    for (let rowId = 1; rowId <= 20_000; rowId++) index.add(keyOf(rowId % 10 === 0 ? 'rare' : 'often'), rowId);
    expect(found(index, 'rare')).toHaveLength(2000);
    expect(found(index, 'often')).toHaveLength(18_000);
    expect(found(index, 'ofte')).toHaveLength(0);
    sweepAll(index, 1000, (rowId) => rowId % 10 !== 0);
    expect(found(index, 'often')).toEqual([]);
    expect(found(index, 'rare')).toHaveLength(2000);
  });
});

test('ranges of an ordered index are those of a sorted list, in slices of any size', () => {
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 600 }),
      value,
      value,
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 1, max: 50 }),
      (values, low, high, fromIsInclusive, toIsInclusive, slice) => {
        const index = new OrderedIndex(new IndexMemory());
        for (const [at, added] of values.entries()) index.add(keyOf(added), at + 1);
        const expected = values
          .map((added, at) => ({ value: added, rowId: at + 1 }))
          .filter(({ value: added }) => {
            const isAfter = compareUtf8(added, low) > (fromIsInclusive ? -1 : 0);
            return isAfter && compareUtf8(added, high) < (toIsInclusive ? 1 : 0);
          })
          .sort((a, b) => compareUtf8(a.value, b.value) || a.rowId - b.rowId)
          .map(({ rowId }) => rowId);
        const from = { key: fromIsInclusive ? keyOf(low) : afterKeyOf(low), rowId: -1 };
        const to = toIsInclusive ? afterKeyOf(high) : keyOf(high);
        const rows: number[] = [];
        const list = new RowIdList();
        for (;;) {
          list.clear();
          const isAtEnd = index.collect(from, to, list, slice);
          rows.push(...list.take());
          if (isAtEnd) break;
        }
        expect(rows).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});

test('ascending keys fill pages: at most 18 bytes an entry for short keys', () => {
  const index = new OrderedIndex(new IndexMemory());
  for (let rowId = 1; rowId <= 100_000; rowId++) index.add(keyOf(rowId.toString(36).padStart(5, '0')), rowId);
  expect(index.sizeBytes / index.entryCount).toBeLessThan(18);
});

test('an ordered index of many branches loses whole stretches of keys and gets them back', () => {
  const index = new OrderedIndex(new IndexMemory());
  const count = 140_000;
  const there = new Set<number>();
  const random = new SeededRandom(3);
  for (let round = 0; round < 5; round++) {
    for (let added = 0; added < count; added++) {
      const rowId = round === 0 ? added : random.below(count);
      if (there.has(rowId)) continue;
      there.add(rowId);
      index.add(keyOf(`a long beginning ${String(rowId).padStart(8, '0')}`), rowId);
    }
    const width = [40_000, 50, 700, 40_000][round % 4]!;
    const isGone = (rowId: number) => Math.floor(rowId / width) % 3 === round % 3;
    sweepAll(index, 1 + random.below(5000), isGone);
    for (const rowId of there) if (isGone(rowId)) there.delete(rowId);
    const rows = new RowIdList();
    expect(index.collect({ key: keyOf(''), rowId: -1 }, afterKeyOf('b'), rows, count)).toBe(true);
    expect([...rows.take()]).toEqual([...there].sort((a, b) => a - b));
    for (let rowId = 0; rowId < count; rowId += 1331) {
      const isThere = index.has(keyOf(`a long beginning ${String(rowId).padStart(8, '0')}`), rowId);
      expect(isThere).toBe(there.has(rowId));
    }
  }
});
