import { expect, test } from 'vitest';
import { IdTable } from '../../../src/storage/index/id-table.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

function idsOf(table: IdTable, hash: number): number[] {
  const slots = table.slotsOf(hash);
  const mask = slots.length - 1;
  const found: number[] = [];
  for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
    if (table.hashOf(slots[slot]! - 1) === hash) found.push(slots[slot]! - 1);
  }
  return found.sort((a, b) => a - b);
}

const manyHashes = {
  'spread over all bits': (random: SeededRandom) => random.uint32(),
  'that differ in their lowest bits alone': (random: SeededRandom) => random.below(5000),
  'that differ in their highest bits alone': (random: SeededRandom) => (random.below(5000) << 19) >>> 0,
  'that are mostly the same': (random: SeededRandom) => (random.fraction() < 0.1 ? random.uint32() : 77),
};

for (const [name, hashFrom] of Object.entries(manyHashes)) {
  test(`ids are found by hashes ${name}, while others go`, () => {
    const random = new SeededRandom(1);
    const table = new IdTable();
    const hashes: number[] = [];
    const count = name.endsWith('the same') ? 6000 : 30_000;
    for (let id = 0; id < count; id++) {
      hashes.push(hashFrom(random));
      table.insert(hashes[id]!, id);
    }
    const isGone = hashes.map(() => random.fraction() < 0.3);
    for (const [id, gone] of isGone.entries()) if (gone) table.remove(id);
    const byHash = new Map<number, number[]>();
    for (const [id, hash] of hashes.entries()) {
      const ids = byHash.get(hash) ?? [];
      byHash.set(hash, ids);
      if (!isGone[id]) ids.push(id);
    }
    for (const [hash, ids] of byHash) expect(idsOf(table, hash)).toEqual(ids);
  });
}

test('no insertion moves more than some thousand ids', () => {
  const table = new IdTable();
  const random = new SeededRandom(2);
  let largest = 0;
  for (let id = 0; id < 100_000; id++) {
    const hash = random.uint32();
    table.insert(hash, id);
    largest = Math.max(largest, table.slotsOf(hash).length);
  }
  expect(largest).toBe(4096);
  expect(table.sizeBytes / 100_000).toBeLessThan(16);
});
