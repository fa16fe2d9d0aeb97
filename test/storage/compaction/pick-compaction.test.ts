import { describe, expect, test } from 'vitest';
import {
  type CompactionGoal,
  type CompactionLimits,
  pickCompaction,
  type SegmentFacts,
} from '../../../src/storage/compaction/pick-compaction.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const LIMITS: CompactionLimits = { segments: 64, rows: 1e9, bytes: 1e12 };

/** A segment of so many bytes, a row each; what is not said is harmless. */
function segment(sizeBytes: number, facts: Partial<SegmentFacts> = {}): SegmentFacts {
  return { sizeBytes, rowCount: sizeBytes, deletedRows: 0, overlappingRows: 0, isMergeable: true, ...facts };
}

const damaged = (sizeBytes: number): SegmentFacts => segment(sizeBytes, { isMergeable: false });
const deleted = (sizeBytes: number, share: number): SegmentFacts =>
  segment(sizeBytes, { deletedRows: sizeBytes * share });
const overlapping = (sizeBytes: number): SegmentFacts => segment(sizeBytes, { overlappingRows: sizeBytes });
const sizes = (...list: number[]): SegmentFacts[] => list.map((size) => segment(size));

type Expected = readonly [from: number, to: number, reason: string] | undefined;

function picked(segments: readonly SegmentFacts[], goal: CompactionGoal, limits = LIMITS): Expected {
  const pick = pickCompaction(segments, goal, limits);
  return pick === undefined ? undefined : [pick.from, pick.to, pick.reason];
}

describe('in the background', () => {
  const cases: Record<string, readonly [segments: readonly SegmentFacts[], pick: Expected]> = {
    'nothing of an empty partition': [[], undefined],
    'nothing of a segment alone': [sizes(10), undefined],
    'nothing of three alike': [sizes(10, 10, 10), undefined],
    'four alike': [sizes(10, 10, 10, 10), [0, 4, 'size']],
    'all of many alike at once': [sizes(...new Array(20).fill(10)), [0, 20, 'size']],
    'the young ones behind a large old one': [sizes(1000, 10, 12, 9, 11), [1, 5, 'size']],
    'a large old one, too, once the others are twice as much': [sizes(20, 10, 12, 9, 11), [0, 5, 'size']],
    'nothing while one is more than a third': [sizes(100, 10, 10, 10), undefined],
    'small ones between larger ones with them': [sizes(50, 1, 50, 2, 50, 1, 50), [0, 7, 'size']],
    'only neighbours: nothing across a damaged one': [[...sizes(10, 10), damaged(10), ...sizes(10, 10)], undefined],
    'those beside a damaged one': [
      [damaged(10), ...sizes(10, 10, 10, 10), damaged(10)],
      [1, 5, 'size'],
    ],
    'a segment of which more than a fifth is deleted': [
      [segment(100), deleted(100, 0.21)],
      [1, 2, 'deletes'],
    ],
    'not one of which a fifth is deleted': [[segment(100), deleted(100, 0.2)], undefined],
    'the one with the most deletes first': [
      [deleted(100, 0.3), deleted(100, 0.9)],
      [1, 2, 'deletes'],
    ],
    'one of which nothing is left': [[deleted(100, 1)], [0, 1, 'deletes']],
    'no deletes of a damaged one': [[segment(10, { deletedRows: 9, isMergeable: false })], undefined],
    'two that overlap': [
      [segment(10), overlapping(10)],
      [0, 2, 'overlap'],
    ],
    'not a large one for the sake of a small one that overlaps': [[segment(100), overlapping(10)], undefined],
    'not what overlaps in a few rows': [[segment(10), segment(10, { overlappingRows: 2 })], undefined],
    'nothing for what the first overlaps with': [[overlapping(10), segment(10)], undefined],
  };
  for (const [what, [segments, pick]] of Object.entries(cases)) {
    test(`merges ${what}`, () => expect(picked(segments, 'background')).toEqual(pick));
  }

  test('keeps within the limits of one merge', () => {
    const many = sizes(...new Array(20).fill(10));
    expect(picked(many, 'background', { ...LIMITS, segments: 6 })).toEqual([0, 6, 'size']);
    expect(picked(many, 'background', { ...LIMITS, bytes: 75 })).toEqual([0, 7, 'size']);
    expect(picked(many, 'background', { ...LIMITS, rows: 39 })).toBeUndefined();
  });
});

describe('a vacuum', () => {
  test('merges every segment that has a deleted row', () => {
    expect(picked([segment(100), deleted(100, 0.01)], 'vacuum')).toEqual([1, 2, 'vacuum']);
    expect(picked([segment(100), segment(100)], 'vacuum')).toBeUndefined();
  });

  test('does first what the background would do', () => {
    expect(picked([...sizes(10, 10, 10, 10), deleted(100, 0.1)], 'vacuum')).toEqual([0, 4, 'size']);
  });
});

describe('a full vacuum', () => {
  test('leaves one segment, whatever the sizes', () => {
    expect(picked(sizes(1000, 1), 'full')).toEqual([0, 2, 'vacuum']);
    expect(picked(sizes(1000), 'full')).toBeUndefined();
  });

  test('leaves none with a deleted row', () => {
    expect(picked([deleted(1000, 0.001)], 'full')).toEqual([0, 1, 'vacuum']);
  });

  test('merges on both sides of a damaged one', () => {
    const segments = [segment(10), damaged(10), ...sizes(10, 10)];
    expect(picked(segments, 'full')).toEqual([2, 4, 'vacuum']);
    expect(picked([...sizes(10, 10), damaged(10), segment(10)], 'full')).toEqual([0, 2, 'vacuum']);
  });

  test('heeds the limits of inputs and rows, and no limit of bytes', () => {
    expect(picked(sizes(10, 20, 5, 5), 'full', { segments: 2, rows: 1000, bytes: 1 })).toEqual([2, 4, 'vacuum']);
    expect(picked(sizes(10, 20), 'full', { ...LIMITS, rows: 29 })).toBeUndefined();
  });
});

/** Flushes of about one unit, and after each of them merges until nothing pays. */
function ingest(flushCount: number, overlaps: boolean, seed: number) {
  const random = new SeededRandom(seed);
  const segments: SegmentFacts[] = [];
  let flushed = 0;
  let written = 0;
  let mostSegments = 0;
  const rewrites = { most: 0 };
  const ages: number[] = [];
  for (let flush = 0; flush < flushCount; flush++) {
    const sizeBytes = 50 + random.below(100);
    flushed += sizeBytes;
    segments.push(overlaps ? overlapping(sizeBytes) : segment(sizeBytes));
    ages.push(0);
    for (let pick = pickCompaction(segments, 'background', LIMITS); pick !== undefined; ) {
      const { from, to } = pick;
      const size = segments.slice(from, to).reduce((sum, input) => sum + input.sizeBytes, 0);
      written += size;
      const age = Math.max(...ages.slice(from, to)) + 1;
      rewrites.most = Math.max(rewrites.most, age);
      segments.splice(from, to - from, overlaps ? overlapping(size) : segment(size));
      ages.splice(from, to - from, age);
      pick = pickCompaction(segments, 'background', LIMITS);
    }
    mostSegments = Math.max(mostSegments, segments.length);
  }
  return { amplification: 1 + written / flushed, mostRewrites: rewrites.most, mostSegments };
}

describe('an ingest of 5,000 flushes', () => {
  const flushCount = 5000;
  for (const seed of [1, 2, 3]) {
    test(`writes no byte more often than log₃ of that, and leaves few segments (seed ${seed})`, () => {
      const { amplification, mostRewrites, mostSegments } = ingest(flushCount, false, seed);
      // Sizes of flushes differ by a factor of 3, hence the 1.
      expect(mostRewrites).toBeLessThanOrEqual(Math.ceil(Math.log(flushCount) / Math.log(3)) + 1);
      expect(amplification).toBeLessThan(1 + Math.log(flushCount) / Math.log(3));
      expect(mostSegments).toBeLessThanOrEqual(Math.ceil(Math.log(flushCount) / Math.log(1.5)));
    });

    test(`stays below log₁.₆₇ where every flush overlaps with the one before (seed ${seed})`, () => {
      const { amplification, mostRewrites, mostSegments } = ingest(flushCount, true, seed);
      expect(mostRewrites).toBeLessThanOrEqual(Math.ceil(Math.log(flushCount) / Math.log(5 / 3)) + 2);
      expect(amplification).toBeLessThan(1 + Math.log2(flushCount));
      expect(mostSegments).toBeLessThanOrEqual(Math.ceil(Math.log2(flushCount)));
    });
  }
});
