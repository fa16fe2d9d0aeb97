import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  intersectSets,
  setContainsSet,
  setContainsValue,
  setsOverlap,
  spanOf,
  subtractSets,
  uniteSets,
} from '../../../src/functions/range/multirange-algebra.ts';
import {
  containsRange,
  containsValue,
  endsNoLater,
  intersect,
  isBefore,
  merge,
  overlap,
  startsNoEarlier,
  touch,
} from '../../../src/functions/range/range-algebra.ts';
import { makeMultirange } from '../../../src/types/multirange-type.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { makeRange } from '../../../src/types/range-bounds.ts';
import { type RangeDefinition, rangeKey } from '../../../src/types/range-type.ts';
import type { SqlMultirange, SqlRange } from '../../../src/types/sql-range.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { typeContext } from '../../support/type-context.ts';

/*
 * The model: a range is the set of those of a few places that lie in it. Places stand for all values when bounds are
 * integers and places are half of them apart, where values between integers count; and without these where they do not.
 */

const FIRST = -6;
const LAST = 6;

interface Kind {
  readonly name: string;
  readonly step: number;
  readonly valueAt: (place: number) => Value;
}

const kinds: readonly Kind[] = [
  { name: 'int4range', step: 1, valueAt: (place) => place },
  { name: 'int8range', step: 1, valueAt: (place) => place },
  { name: 'daterange', step: 1, valueAt: (place) => place },
  { name: 'numrange', step: 0.5, valueAt: (place) => Numeric.parse(String(place)) },
  { name: 'tsrange', step: 0.5, valueAt: (place) => place * 2 },
];

describe.each(kinds)('$name and its sets are sets of values', ({ name, step, valueAt }) => {
  const type = typeByName(name) as RangeDefinition;
  const places: number[] = [];
  // Bounds stay within -4 and 4: what lies beyond is told by the unbounded ones alone.
  for (let place = FIRST; place <= LAST; place += step) places.push(place);
  const end = fc.record({ value: fc.option(fc.integer({ min: -4, max: 4 })), isInclusive: fc.boolean() });
  const ranges = fc.tuple(end, end).map(([one, other]) => {
    const [lower, upper] =
      one.value !== null && other.value !== null && one.value > other.value ? [other, one] : [one, other];
    const valued = (bound: typeof lower) => (bound.value === null ? null : valueAt(bound.value));
    return makeRange(
      type,
      { value: valued(lower), isLower: true, isInclusive: lower.isInclusive },
      { value: valued(upper), isLower: false, isInclusive: upper.isInclusive },
    );
  });
  const sets = fc.array(ranges, { maxLength: 4 }).map((some) => makeMultirange(type, some));
  const inRange = (range: SqlRange) => places.filter((place) => containsValue(type, range, valueAt(place)));
  const inSet = (set: SqlMultirange) => places.filter((place) => setContainsValue(type, set, valueAt(place)));
  const runs = { numRuns: 1000 };

  test('ranges against ranges', () => {
    fc.assert(
      fc.property(ranges, ranges, (left, right) => {
        const [ours, theirs] = [inRange(left), inRange(right)];
        const both = ours.filter((place) => theirs.includes(place));
        expect(left.isEmpty).toBe(ours.length === 0);
        expect(overlap(type, left, right)).toBe(both.length > 0);
        expect(containsRange(type, left, right)).toBe(both.length === theirs.length);
        expect(inRange(intersect(type, left, right))).toEqual(both);
        const neither = ours.length === 0 || theirs.length === 0;
        expect(isBefore(type, left, right)).toBe(!neither && ours.at(-1)! < theirs[0]!);
        expect(endsNoLater(type, left, right)).toBe(!neither && ours.at(-1)! <= theirs.at(-1)!);
        expect(startsNoEarlier(type, left, right)).toBe(!neither && ours[0]! >= theirs[0]!);
        const joined = [...new Set([...ours, ...theirs])].sort((a, b) => a - b);
        const isGapless = joined.every((place, at) => at === 0 || place - joined[at - 1]! === step);
        expect(touch(type, left, right)).toBe(!neither && both.length === 0 && isGapless);
        expect(inRange(merge(type, left, right))).toEqual(
          places.filter((place) => place >= joined[0]! && place <= joined.at(-1)!),
        );
        expect(type.compare(left, right) === 0).toBe(ours.join() === theirs.join());
        expect(rangeKey(left, type.subtype) === rangeKey(right, type.subtype)).toBe(ours.join() === theirs.join());
      }),
      runs,
    );
  });

  test('sets against sets', () => {
    fc.assert(
      fc.property(sets, sets, (left, right) => {
        const [ours, theirs] = [inSet(left), inSet(right)];
        const both = ours.filter((place) => theirs.includes(place));
        expect(setsOverlap(type, left, right)).toBe(both.length > 0);
        expect(setContainsSet(type, left, right)).toBe(both.length === theirs.length);
        expect(inSet(intersectSets(type, left, right))).toEqual(both);
        expect(inSet(subtractSets(type, left, right))).toEqual(ours.filter((place) => !theirs.includes(place)));
        expect(inSet(uniteSets(type, left, right))).toEqual(
          places.filter((place) => ours.includes(place) || theirs.includes(place)),
        );
        expect(inRange(spanOf(type, left))).toEqual(
          places.filter((place) => place >= ours[0]! && place <= ours.at(-1)!),
        );
      }),
      runs,
    );
  });

  test('sets have one form, whatever they were made of', () => {
    fc.assert(
      fc.property(fc.array(ranges, { maxLength: 6 }), (some) => {
        const made = makeMultirange(type, some);
        expect(inSet(made)).toEqual(places.filter((place) => some.some((range) => inRange(range).includes(place))));
        for (const [at, range] of made.ranges.entries()) {
          expect(range.isEmpty).toBe(false);
          if (at === 0) continue;
          const before = made.ranges[at - 1]!;
          expect(isBefore(type, before, range) && !touch(type, before, range)).toBe(true);
        }
        const shown = (set: SqlMultirange) => set.ranges.map((range) => type.format(range, typeContext()));
        expect(shown(makeMultirange(type, some.toReversed()))).toEqual(shown(made));
      }),
      runs,
    );
  });
});
