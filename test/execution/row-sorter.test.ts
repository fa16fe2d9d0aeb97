import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnOf } from '../../src/columnar/column-builder.ts';
import { Dictionary } from '../../src/columnar/dictionary.ts';
import { rankTexts, rowComparator, sortRows } from '../../src/execution/row-sorter.ts';
import { StatementControl } from '../../src/execution/statement-control.ts';
import type { Expression } from '../../src/sql/expression/expression.ts';
import { float8 } from '../../src/types/float8.ts';
import { text } from '../../src/types/string-types.ts';
import type { TypeDefinition } from '../../src/types/type-definition.ts';
import { sqlType } from '../../src/types/type-registry.ts';
import type { Value } from '../../src/types/value.ts';

const column = (definition: TypeDefinition): Expression => ({ kind: 'column', index: 0, type: sqlType(definition) });

async function sorted(type: TypeDefinition, values: Value[], order: { isDescending: boolean; nullsFirst: boolean }) {
  const control = new StatementControl();
  const keys = [columnOf(type.representation, values)];
  const compare = await rowComparator(keys, [column(type)], [order], control);
  const rows = await sortRows(values.length, compare, control);
  return [...rows].map((row) => values[row]);
}

const ASCENDING = { isDescending: false, nullsFirst: false };

test('NaN follows every number and NULL follows NaN, unless told otherwise', async () => {
  const values = [1, Number.NaN, null, Number.POSITIVE_INFINITY, -1];
  expect(await sorted(float8, values, ASCENDING)).toEqual([-1, 1, Number.POSITIVE_INFINITY, Number.NaN, null]);
  expect(await sorted(float8, values, { isDescending: true, nullsFirst: true })).toEqual([
    null,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1,
    -1,
  ]);
});

test('text sorts by its UTF-8 bytes, where U+FF5E comes before an emoji', async () => {
  expect(await sorted(text, ['🌊', '～', 'a', 'Z', ''], ASCENDING)).toEqual(['', 'Z', 'a', '～', '🌊']);
});

test('rows past the length of a run are merged in order, and ties keep theirs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 1, max: 50 }), async (count, distinct) => {
      const keys = Array.from({ length: count }, (_, row) => (row * 7919) % distinct);
      const control = new StatementControl();
      const compare = await rowComparator([columnOf('float64', keys)], [column(float8)], [ASCENDING], control);
      const rows = await sortRows(count, compare, control);
      for (let at = 1; at < count; at++) {
        const [before, after] = [rows[at - 1], rows[at]];
        expect(keys[before] < keys[after] || (keys[before] === keys[after] && before < after)).toBe(true);
      }
    }),
    { numRuns: 10 },
  );
});

test('ranks of texts, short or very long, follow their bytes', async () => {
  const long = 'x'.repeat(100_000);
  const strings = ['b', `${long}b`, '', `${long}a`, long, 'a', `${long}🌊`, `${long}～`];
  const ranks = await rankTexts(Dictionary.of(strings), new StatementControl());
  expect([...ranks]).toEqual([2, 5, 0, 4, 3, 1, 7, 6]);
});

test('a cancelled statement stops sorting', async () => {
  const control = new StatementControl();
  control.cancel('user');
  await expect(sortRows(10_000, (left, right) => left - right, control)).rejects.toMatchObject({ code: '57014' });
});
