import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextSlot, SlotDirectory, slotOf } from '../../src/execution/slot-directory.ts';

/** Numbers under their hashes, as a table would look them up. */
class Numbers {
  readonly #hashes: number[] = [];
  readonly #slots = new SlotDirectory((number) => this.#hashes[number]!);

  add(hash: number): void {
    const segment = this.#slots.segmentOf(hash);
    let slot = slotOf(hash, segment);
    while (segment[slot] !== 0) slot = nextSlot(slot, segment);
    this.#hashes.push(hash);
    this.#slots.put(segment, slot, this.#hashes.length - 1, hash);
  }

  under(hash: number): number[] {
    const segment = this.#slots.segmentOf(hash);
    const found: number[] = [];
    for (let slot = slotOf(hash, segment); segment[slot] !== 0; slot = nextSlot(slot, segment)) {
      const number = segment[slot]! - 1;
      if (this.#hashes[number] === hash) found.push(number);
    }
    return found.sort((left, right) => left - right);
  }

  get sizeBytes(): number {
    return this.#slots.sizeBytes;
  }
}

const shapes: Readonly<Record<string, (at: number) => number>> = {
  'spread evenly': (at) => Math.imul(at, 0x9e3779b1),
  'alike in the low bits': (at) => (at << 14) | 5,
  'alike in the high bits': (at) => at | 0x7ff00000,
  'few, and many under each': (at) => Math.imul(at % 7, 0x01000193),
};

for (const [name, hashOf] of Object.entries(shapes)) {
  test(`numbers are found under hashes that are ${name}`, () => {
    const numbers = new Numbers();
    const model = new Map<number, number[]>();
    const count = name.startsWith('few') ? 6000 : 20_000;
    for (let at = 0; at < count; at++) {
      const hash = hashOf(at) | 0;
      numbers.add(hash);
      const known = model.get(hash);
      if (known === undefined) model.set(hash, [at]);
      else known.push(at);
    }
    const differing = [...model].filter(([hash, expected]) => String(numbers.under(hash)) !== String(expected));
    expect(differing).toEqual([]);
    expect(numbers.under(0x12345678)).toEqual([]);
  });
}

test('numbers are found under any hashes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 2000, size: 'max' }), (hashes) => {
      const numbers = new Numbers();
      const model = new Map<number, number[]>();
      for (const [at, hash] of hashes.entries()) {
        numbers.add(hash);
        model.set(hash, [...(model.get(hash) ?? []), at]);
      }
      for (const [hash, expected] of model) expect(numbers.under(hash)).toEqual(expected);
      expect(numbers.sizeBytes).toBeGreaterThanOrEqual(hashes.length * 4);
    }),
    { numRuns: 30 },
  );
});
