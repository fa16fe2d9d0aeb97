import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from '../../../src/columnar/column.ts';
import { GroupSlices, SLICE_BITS, SLICE_GROUPS } from '../../../src/execution/aggregate/group-slices.ts';

const groups = fc.oneof(
  fc.integer({ min: 0, max: 5 * SLICE_GROUPS }),
  fc.constantFrom(0, SLICE_GROUPS - 1, SLICE_GROUPS, SLICE_GROUPS + 1, 2 * SLICE_GROUPS - 1, 5 * SLICE_GROUPS),
  fc.integer({ min: SLICE_GROUPS, max: SLICE_GROUPS + 3 }),
);

test('every row comes once, in its slice, in order, with its columns and its filter', () => {
  const slices = new GroupSlices();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(groups, fc.boolean()), { maxLength: 300, size: 'max' }),
      fc.boolean(),
      (rows, isFiltered) => {
        const of = Uint32Array.from(rows, ([group]) => group);
        const filter = isFiltered ? Uint8Array.from(rows, ([, passes]) => (passes ? 1 : 0)) : undefined;
        const groupCount = of.reduce((most, group) => Math.max(most, group + 1), 1);
        const numbers: Column = { kind: 'number', values: Float64Array.from(rows.keys()), validity: undefined };
        slices.set(of, rows.length, groupCount);
        const seen: number[] = [];
        for (const part of slices.rows([numbers], filter)) {
          const [column] = part.columns;
          let before = -1;
          for (let at = 0; at < part.rowCount; at++) {
            const row = column!.kind === 'number' ? column!.values[at]! : -1;
            expect(row).toBeGreaterThan(before);
            before = row;
            expect(part.slice).toBe(of[row]! >>> SLICE_BITS);
            expect(part.groups[at]).toBe(of[row]! & (SLICE_GROUPS - 1));
            expect(part.filter?.[at]).toBe(filter?.[row]);
            seen.push(row);
          }
        }
        expect(seen.sort((left, right) => left - right)).toEqual([...rows.keys()]);
      },
    ),
  );
});
