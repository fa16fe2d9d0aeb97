import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withElement, withSlice } from '../../../src/functions/scalar/array-assignment.ts';
import { arraySlice } from '../../../src/sql/expression/array-subscripts.ts';
import { SqlArray } from '../../../src/types/sql-array.ts';
import { orError } from '../../support/type-forms.ts';

const BOTH = [{ hasLower: true, hasUpper: true }] as const;

describe('an element', () => {
  test('is where it was put, and the others where they were', () => {
    const arrays = fc
      .tuple(fc.array(fc.integer(), { minLength: 1, maxLength: 6 }), fc.integer({ min: -4, max: 4 }))
      .map(([elements, lower]) => new SqlArray(elements, [elements.length], [lower]));
    fc.assert(
      fc.property(arrays, fc.integer({ min: -9, max: 12 }), (array, subscript) => {
        const changed = withElement(array, 'new', [subscript]);
        const first = Math.min(subscript, array.lowerBounds[0]);
        const last = Math.max(subscript, array.lowerBounds[0] + array.dimensions[0] - 1);
        expect([changed.lowerBounds, changed.dimensions]).toEqual([[first], [last - first + 1]]);
        for (let at = first; at <= last; at++) expect(changed.at(at)).toBe(at === subscript ? 'new' : array.at(at));
      }),
    );
  });

  test('of an array of more dimensions must lie inside', () => {
    const array = new SqlArray([1, 2, 3, 4], [2, 2], [0, 5]);
    expect(withElement(array, 9, [1, 6]).elements).toEqual([1, 2, 3, 9]);
    expect(orError(() => withElement(array, 9, [2, 6]))).toBe('2202E: array subscript out of range');
    expect(orError(() => withElement(array, 9, [1]))).toBe('2202E: wrong number of array subscripts');
    expect(orError(() => withElement(array, 9, [1, null]))).toBe(
      '22004: array subscript in assignment must not be null',
    );
  });

  test('so far away that the array would have to be huge is refused before anything is made', () => {
    const array = new SqlArray([1]);
    expect(orError(() => withElement(array, 2, [2_000_000_000]))).toMatch(/^54000: array size exceeds/);
  });
});

describe('a slice', () => {
  test('reads back as what was assigned to it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: -3, max: 8 }),
        fc.array(fc.integer(), { minLength: 1, maxLength: 4 }),
        (elements, lower, source) => {
          const bounds = [lower, lower + source.length - 1];
          const changed = withSlice(new SqlArray(elements), new SqlArray(source), BOTH, bounds);
          expect(arraySlice(changed, BOTH, bounds)?.elements).toEqual(source);
        },
      ),
    );
  });

  test('needs a source that is large enough, and changes nothing for NULL', () => {
    const array = new SqlArray([1, 2, 3]);
    expect(orError(() => withSlice(array, new SqlArray([9]), BOTH, [1, 2]))).toBe('2202E: source array too small');
    expect(withSlice(array, null, BOTH, [1, 2])).toBe(array);
  });

  test('of a new array needs both bounds', () => {
    const upperOnly = [{ hasLower: false, hasUpper: true }];
    expect(orError(() => withSlice(null, new SqlArray([9]), upperOnly, [1]))).toMatch(
      /^2202E: array slice subscript must provide both boundaries/,
    );
    expect(withSlice(null, new SqlArray([8, 9]), BOTH, [3, 4])).toEqual(new SqlArray([8, 9], [2], [3]));
  });

  test('of a block replaces its elements in row-major order', () => {
    const array = new SqlArray([1, 2, 3, 4, 5, 6], [2, 3]);
    const changed = withSlice(array, new SqlArray([7, 8, 9, 10]), [...BOTH, ...BOTH], [1, 2, 2, 3]);
    expect(changed?.elements).toEqual([1, 7, 8, 4, 9, 10]);
  });
});
