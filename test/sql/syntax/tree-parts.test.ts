import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PART_DEPTH, PART_ITEMS, partsOf, TreeJoiner } from '../../../src/sql/syntax/tree-parts.ts';

function joined(tree: unknown): { readonly tree: unknown; readonly partCount: number } {
  const joiner = new TreeJoiner();
  let partCount = 0;
  for (const part of partsOf(tree)) {
    partCount += 1;
    const whole = joiner.add(structuredClone(part));
    if (whole !== undefined) return { tree: whole.tree, partCount };
  }
  throw new Error('there was no root');
}

test('a tree without long lists is one part', () => {
  const tree = [{ kind: 'select', list: [1, 'two', null, undefined, true] }];
  expect(joined(tree)).toEqual({ tree, partCount: 1 });
});

test('long lists go in parts, also in each other', () => {
  const inner = Array.from({ length: PART_ITEMS + 1 }, (_, value) => ({ value }));
  const outer = Array.from({ length: PART_ITEMS * 2 + 5 }, (_, at) => (at === 7 ? { inner } : { at, row: [at] }));
  const tree = { outer, other: inner };
  const result = joined(tree);
  expect(result.tree).toEqual(tree);
  expect(result.partCount).toBe(2 + 3 + 2 + 1);
});

test('what nests deeply goes in parts', () => {
  let tree: unknown = 'leaf';
  for (let depth = 0; depth < 3 * PART_DEPTH; depth++) tree = depth % 2 === 0 ? { inner: tree } : [tree];
  const result = joined(tree);
  expect(result.tree).toEqual(tree);
  expect(result.partCount).toBe(3);
});

test('any tree comes back as it was', () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        tie('tree'),
        { maxKeys: 4, noNullPrototype: true },
      ),
      fc.integer({ min: PART_ITEMS - 1, max: PART_ITEMS + 1 }).map((length) => new Array(length).fill(1)),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      expect(joined(value).tree).toEqual(value);
    }),
  );
});
