import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrayElement, arraySlice } from '../../../src/sql/expression/array-subscripts.ts';
import { makeNestedArray } from '../../../src/sql/expression/expression-runtime.ts';
import { SqlArray } from '../../../src/types/sql-array.ts';
import { orError } from '../../support/type-forms.ts';

const BOTH = { hasLower: true, hasUpper: true } as const;

/** Two dimensions with bounds of their own; each element tells its place. */
const grids = fc
  .record({
    rows: fc.integer({ min: 1, max: 4 }),
    columns: fc.integer({ min: 1, max: 4 }),
    bounds: fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })),
  })
  .map(({ rows, columns, bounds: [x, y] }) => {
    const elements = Array.from(
      { length: rows * columns },
      (_, at) => `${x + Math.floor(at / columns)},${y + (at % columns)}`,
    );
    return new SqlArray(elements, [rows, columns], [x, y]);
  });
const subscripts = fc.integer({ min: -5, max: 8 });

describe('an element', () => {
  test('is found by its subscripts, and outside the bounds there is none', () => {
    fc.assert(
      fc.property(grids, subscripts, subscripts, (grid, row, column) => {
        const inside = grid.elements.includes(`${row},${column}`);
        expect(arrayElement(grid, [row, column])).toBe(inside ? `${row},${column}` : null);
      }),
    );
  });

  test('is NULL for NULLs and for a wrong number of subscripts', () => {
    const array = new SqlArray([1, 2]);
    expect(arrayElement(null, [1])).toBeNull();
    expect(arrayElement(array, [null])).toBeNull();
    expect(arrayElement(array, [1, 1])).toBeNull();
  });
});

describe('a slice', () => {
  test('has the elements within its bounds, which count from 1', () => {
    fc.assert(
      fc.property(grids, subscripts, subscripts, subscripts, subscripts, (grid, top, bottom, left, right) => {
        const slice = arraySlice(grid, [BOTH, BOTH], [top, bottom, left, right]);
        const expected = grid.elements.filter((element) => {
          const [row, column] = (element as string).split(',').map(Number);
          return row >= top && row <= bottom && column >= left && column <= right;
        });
        expect(slice?.elements).toEqual(expected);
        expect(slice?.lowerBounds.every((bound) => bound === 1)).toBe(true);
      }),
    );
  });

  test('takes dimensions and bounds that are not written whole', () => {
    const grid = new SqlArray([1, 2, 3, 4], [2, 2]);
    expect(arraySlice(grid, [{ hasLower: true, hasUpper: false }], [2])).toEqual(new SqlArray([3, 4], [1, 2]));
    expect(arraySlice(grid, [{ hasLower: false, hasUpper: false }], [])).toEqual(grid);
  });

  test('of more dimensions than there are is empty, and with a NULL bound NULL', () => {
    expect(arraySlice(new SqlArray([1]), [BOTH, BOTH], [1, 1, 1, 1])).toEqual(new SqlArray([]));
    expect(arraySlice(new SqlArray([1]), [BOTH], [1, null])).toBeNull();
  });
});

describe('arrays as elements', () => {
  test('make a dimension more', () => {
    const inner = new SqlArray([1, 2], [2], [5]);
    expect(makeNestedArray([inner, inner])).toEqual(new SqlArray([1, 2, 1, 2], [2, 2], [1, 5]));
    expect(makeNestedArray([new SqlArray([]), null])).toEqual(new SqlArray([]));
  });

  test('must agree in their dimensions', () => {
    const refusal = '2202E: multidimensional arrays must have array expressions with matching dimensions';
    expect(orError(() => makeNestedArray([new SqlArray([1]), new SqlArray([1, 2])]))).toBe(refusal);
    expect(orError(() => makeNestedArray([new SqlArray([1]), null]))).toBe(refusal);
  });
});
