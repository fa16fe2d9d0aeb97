import { expect, test } from 'vitest';
import { SeededSequence } from '../../src/functions/seeded-sequence.ts';

const numbers: readonly (readonly [seed: number, first: number, second: number])[] = [
  [0.5, 0.9851677175347999, 0.825301858027981],
  [0, 0.8702553105818676, 0.426569726107606],
  [1, 0.3978842227698167, 0.7438732417540841],
  [-1, 0.725656831544149, 0.21342431605981593],
];

for (const [seed, first, second] of numbers) {
  test(`seed ${seed} gives the numbers that PostgreSQL gives`, () => {
    const sequence = new SeededSequence(seed);
    expect([sequence.next(), sequence.next()]).toEqual([first, second]);
  });
}
