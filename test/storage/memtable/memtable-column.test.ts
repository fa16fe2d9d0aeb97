import { describe, expect, test } from 'vitest';
import { valueAt } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { MemtableColumn } from '../../../src/storage/memtable/memtable-column.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';

const FIRST_CAPACITY = 64;
const GROWN_CAPACITY = 256;

/** A column whose table grew after the column's last value came. */
const values: Record<string, Value> = {
  float8: 1.5,
  int8: 2n ** 60n,
  bool: true,
  text: 'x',
  bytea: Uint8Array.of(1),
};

describe('rows that a column has no room for yet are NULL', () => {
  for (const [typeName, value] of Object.entries(values)) {
    const type = typeByName(typeName);
    if (type === undefined) throw new Error(`no type ${typeName}`);
    const column = new MemtableColumn(type, 'private');
    column.write(columnOf(type.representation, [value]), 0, 1, 0, 3, FIRST_CAPACITY);
    const rows = Uint32Array.of(3, 100, 200, 4);

    test(`${typeName}, gathered`, () => {
      const gathered = column.gather(rows, 0, rows.length);
      expect([0, 1, 2, 3].map((row) => valueAt(gathered, row))).toEqual([value, null, null, null]);
    });

    test(`${typeName}, one by one`, () => {
      expect([3, 100, 4].map((row) => column.valueAt(row))).toEqual([value, null, null]);
      expect([3, 100, 4].map((row) => column.isValid(row))).toEqual([true, false, false]);
    });

    test(`${typeName}, as a view`, () => {
      expect(column.view(0, FIRST_CAPACITY + 10, GROWN_CAPACITY)).toBeUndefined();
      const view = column.view(0, 0, GROWN_CAPACITY);
      expect(view?.validity?.length).toBe(GROWN_CAPACITY);
      expect(view && [3, 4, 100, GROWN_CAPACITY - 1].map((row) => valueAt(view, row))).toEqual([
        value,
        null,
        null,
        null,
      ]);
    });
  }
});
