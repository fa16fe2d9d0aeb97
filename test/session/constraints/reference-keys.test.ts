import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { nullCountAt, ReferenceKeys } from '../../../src/session/constraints/reference-keys.ts';
import { int4 } from '../../../src/types/int4.ts';
import { text } from '../../../src/types/string-types.ts';

const keys = fc.array(
  fc.tuple(fc.option(fc.integer({ min: 0, max: 4 })), fc.option(fc.constantFrom('', 'a', 'b:1', '1'))),
);

describe('the keys of rows', () => {
  test('are numbered in the order in which they first come, NULL being a value of its own', () => {
    fc.assert(
      fc.property(keys, (rows) => {
        const columns = [
          columnOf(
            int4.representation,
            rows.map(([number]) => number),
          ),
          columnOf(
            text.representation,
            rows.map(([, label]) => label),
          ),
        ];
        const found = new ReferenceKeys([int4, text]);
        const expected = new Map<string, number>();
        for (let row = 0; row < rows.length; row++) {
          const name = JSON.stringify(rows[row]);
          const known = expected.get(name);
          expect(found.findAt(columns, row)).toBe(known ?? -1);
          if (known === undefined) expected.set(name, expected.size);
          expect(found.addAt(columns, row)).toBe(expected.get(name));
          expect(nullCountAt(columns, row)).toBe(rows[row].filter((value) => value === null).length);
        }
        expect(found.keys.map((key) => JSON.stringify(key))).toEqual([...expected.keys()]);
      }),
    );
  });
});
