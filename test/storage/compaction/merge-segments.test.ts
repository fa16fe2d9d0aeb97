import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CompactionAbandoned, CompactionPace } from '../../../src/storage/compaction/compaction-pace.ts';
import { UnreadableInput } from '../../../src/storage/compaction/unreadable-input.ts';
import { SegmentReader } from '../../../src/storage/segment/segment-reader.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import type { Int64, Value } from '../../../src/types/value.ts';
import {
  expected,
  FIELDS,
  fileOf,
  merge,
  type Row,
  type RowKind,
  rowsOf,
  segmentOf,
  sorted,
  tableOf,
} from './merge-helpers.ts';

const WIDE = 2n ** 53n + 12_345n;

const times: fc.Arbitrary<Int64> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }) },
  fc.constantFrom<Int64>(-(2 ** 53), WIDE, WIDE + 1n, -WIDE),
);
const values: Readonly<Record<number, fc.Arbitrary<Value>>> = {
  2: fc.constantFrom<Value>(0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 5e-324),
  3: fc.constantFrom<Value>(0, -7, 2 ** 53, 2n ** 63n - 1n, -(2n ** 63n)),
  4: fc.boolean(),
  5: fc.constantFrom<Value>('', 'a', '🌡️', 'x'.repeat(300)),
  6: fc.constantFrom('0', '18446744073709551615', '-1.50').map((text) => Numeric.parse(text)),
};
const fields = fc.record(Object.fromEntries(FIELDS.map(({ number }) => [number, values[number]!])), {
  requiredKeys: [],
}) as fc.Arbitrary<Record<number, Value>>;
const pointRow: fc.Arbitrary<Row> = fc.record({
  series: fc.integer({ min: 0, max: 3 }),
  time: times,
  remainder: fc.constantFrom(0, 0, 0, 1, 999),
  isPartial: fc.boolean(),
  fields,
});

/** Rows of one segment of a table with a key: each point once. */
const keyedSegment = fc
  .uniqueArray(pointRow, {
    minLength: 1,
    maxLength: 25,
    selector: ({ series, time, remainder }) => `${series}/${time}/${remainder}`,
  })
  .map((rows) => sorted('keyed', rows));

interface Input {
  readonly rows: readonly Row[];
  readonly numbers: readonly number[];
  readonly dead: readonly number[];
}

/** Some columns are stored, others the segment lacks; some rows are dead. */
function inputOf(segment: fc.Arbitrary<Row[]>): fc.Arbitrary<Input> {
  return fc
    .record({
      rows: segment,
      numbers: fc.subarray(FIELDS.map(({ number }) => number)),
      deadSeed: fc.infiniteStream(fc.boolean()),
    })
    .map(({ rows, numbers, deadSeed }) => ({
      numbers,
      rows: rows.map((row) => ({
        ...row,
        fields: Object.fromEntries(
          Object.entries(row.fields ?? {}).filter(([number]) => numbers.includes(Number(number))),
        ),
      })),
      dead: [...rows.keys()].filter(() => deadSeed.next().value === true && deadSeed.next().value === true),
    }));
}

async function check(kind: RowKind, inputs: readonly Input[], isOldest: boolean): Promise<void> {
  const dead = inputs.map((input) => input.dead);
  const wanted = expected(
    kind,
    inputs.map(({ rows }) => rows),
    { dead, isOldest },
  );
  fc.pre(wanted.length > 0);
  const segments = await Promise.all(inputs.map(({ rows, numbers }) => segmentOf(kind, rows, numbers)));
  const result = await merge(kind, segments, { dead, isOldest });
  expect(await rowsOf(kind, result)).toEqual(wanted);
}

describe('a merge', () => {
  test('gives every point as its versions make it up, in tables with a key', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(inputOf(keyedSegment), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (inputs, isOldest) => check('keyed', inputs, isOldest),
      ),
      { numRuns: 300 },
    );
  });

  test('gives every row once, in tables without a key', async () => {
    const lists = fc.array(fc.array(pointRow, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(lists, async (segments) => {
        let rowId = 1;
        const inputs = segments.map((rows) => ({
          rows: sorted(
            'keyless',
            rows.map((row) => ({ ...row, isPartial: false, rowId: rowId++ })),
          ),
          numbers: [2, 3, 4, 5, 6],
          dead: [],
        }));
        await check('keyless', inputs, false);
      }),
      { numRuns: 150 },
    );
  });

  test('keeps the rows of a plain table in order of their ids', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fields, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 4 }),
        async (segments) => {
          let rowId = 1;
          const inputs = segments.map((rows) => ({
            rows: rows.map((row) => ({ series: 0, time: 0, rowId: rowId++, fields: row })),
            numbers: [2, 3, 4, 5, 6],
            dead: rows.length > 3 ? [1] : [],
          }));
          await check('plain', inputs, true);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('copies and merges long series unit by unit', async () => {
    const rowsFrom = (start: number, count: number, value: number): Row[] =>
      Array.from({ length: count }, (_, row) => ({
        series: Math.floor(row / (count / 2)),
        time: start + (row % (count / 2)) * 2,
        fields: { 2: value + row, 5: `text ${row % 7}` },
      }));
    const old = rowsFrom(0, 9000, 0);
    const late = rowsFrom(5001, 3000, 1e6);
    const young = rowsFrom(20_000, 5000, 2e6);
    const dead = [[0, 1, 2, 2000, 4499, 4500, 8999], Array.from({ length: 1500 }, (_, row) => row), []];
    const inputs = [old, late, young].map((rows, index) => ({ rows, numbers: [2, 5], dead: dead[index]! }));
    await check('keyed', inputs, true);
  });

  test('gives way to older rows where all versions of a point are partial, unless there are none', async () => {
    const rows: Row[] = [{ series: 0, time: 1, isPartial: true, fields: { 2: 1 } }];
    const segments = [await segmentOf('keyed', rows), await segmentOf('keyed', rows)];
    expect((await rowsOf('keyed', await merge('keyed', segments)))[0]!.isPartial).toBe(true);
    const oldest = await merge('keyed', segments, { isOldest: true });
    expect((await rowsOf('keyed', oldest))[0]!.isPartial).toBe(false);
    expect(oldest.columns.length).toBe(1 + FIELDS.length);
  });

  test('leaves out the columns of the table that were dropped', async () => {
    const segments = [await segmentOf('keyed', [{ series: 0, time: 1, fields: { 2: 1, 3: 2 } }])];
    const result = await merge('keyed', segments, { table: tableOf('keyed', [3]) });
    expect(result.columns.map(({ number }) => number)).toEqual([1, 3]);
  });

  test('names the segment that cannot be read', async () => {
    const rows = [{ series: 0, time: 1, fields: { 2: 1 } }];
    const file = await fileOf('keyed', rows);
    const segments = [await segmentOf('keyed', rows), await SegmentReader.open(file, 'broken.segment')];
    const firstUnit = 16;
    file.bytes[firstUnit] ^= 1;
    const error = await merge('keyed', segments).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnreadableInput);
    expect((error as UnreadableInput).segmentName).toBe('broken.segment');
  });

  test('takes turns with others, and ends when it is told to', async () => {
    const rows = Array.from({ length: 20_000 }, (_, time) => ({ series: 0, time, fields: { 2: time } }));
    const segment = await segmentOf('keyed', rows);
    let turns = 0;
    const pace = new CompactionPace({
      check: () => {
        if (turns === 1) throw new CompactionAbandoned('enough');
      },
      giveWay: () => undefined,
      rest: async () => {
        turns++;
      },
    });
    await expect(merge('keyed', [segment], { pace })).rejects.toThrow('enough');
  });
});
