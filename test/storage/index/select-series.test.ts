import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SeriesPredicate } from '../../../src/catalog/scan-request.ts';
import type { Batch } from '../../../src/columnar/batch.ts';
import { valueAt } from '../../../src/columnar/column.ts';
import { selectSeries } from '../../../src/storage/index/select-series.ts';
import { SeriesIndex } from '../../../src/storage/index/series-index.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { HOSTILE_NAMES, HOSTILE_TEXTS } from '../../support/hostile-data.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const HOST = 2;
const PORT = 3;
const IS_UP = 4;
const SINCE = 5;
const RACK = 6;
const TAGS = [
  { columnNumber: HOST, type: typeByName('text')! },
  { columnNumber: PORT, type: typeByName('int4')! },
  { columnNumber: IS_UP, type: typeByName('bool')! },
  { columnNumber: SINCE, type: typeByName('timestamptz')! },
  { columnNumber: RACK, type: typeByName('text')! },
];
type Tuple = readonly Value[];

/** SQL's truth: null is neither. */
type Truth = boolean | null;
type Test = (tuple: Tuple) => Truth;

/** A predicate that decides rows as `test` does, with what an index can answer of it. */
function predicate(columns: readonly number[], test: (values: Tuple) => Truth, equal?: readonly (string | null)[]) {
  const tests = { count: 0 };
  const made: SeriesPredicate = {
    tagColumns: columns,
    select(batch: Batch, selection: Uint32Array) {
      let count = 0;
      for (let row = 0; row < batch.rowCount; row++) {
        tests.count++;
        if (test(batch.columns.map((column) => valueAt(column, row))) === true) selection[count++] = row;
      }
      return count;
    },
    ...(equal === undefined ? {} : { equalTo: { tagColumn: columns[0]!, values: equal } }),
  };
  return { predicate: made, tests };
}

function not(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function lift(test: (value: never) => boolean): Test {
  return ([value]) => (value === null ? null : test(value as never));
}

const TEXTS = [...HOSTILE_NAMES, ...HOSTILE_TEXTS.filter((text) => text.length < 100)];

interface Asked {
  readonly columns: readonly number[];
  readonly test: Test;
  readonly equal?: readonly (string | null)[];
}

/** Everything that a WHERE may say about tags, over NULLs as SQL has it. */
const predicates: fc.Arbitrary<Asked> = fc.oneof(
  fc.record({ tag: fc.constantFrom(HOST, RACK), text: fc.constantFrom(...TEXTS, 'absent') }).map(({ tag, text }) => ({
    columns: [tag],
    test: lift((value) => value === text),
    equal: [text],
  })),
  fc.record({ tag: fc.constantFrom(HOST, RACK), texts: fc.subarray([...TEXTS, 'absent']) }).map(({ tag, texts }) => ({
    columns: [tag],
    test: lift((value) => texts.includes(value)),
    equal: texts,
  })),
  fc.constantFrom(HOST, RACK).map((tag) => ({
    columns: [tag],
    test: ([value]: Tuple) => value === null,
    equal: [null],
  })),
  fc.record({ tag: fc.constantFrom(HOST, RACK), text: fc.constantFrom(...TEXTS) }).map(({ tag, text }) => ({
    columns: [tag],
    test: (tuple: Tuple) => not(lift((value) => value === text)(tuple)),
  })),
  fc.record({ tag: fc.constantFrom(HOST, RACK), texts: fc.subarray(TEXTS) }).map(({ tag, texts }) => ({
    columns: [tag],
    test: (tuple: Tuple) => not(lift((value) => texts.includes(value))(tuple)),
  })),
  fc.constantFrom(HOST, PORT, IS_UP, SINCE, RACK).map((tag) => ({
    columns: [tag],
    test: ([value]: Tuple) => value !== null,
  })),
  fc
    .record({ tag: fc.constantFrom(HOST, RACK), prefix: fc.constantFrom('', 'x', '_', 'to', '🌡') })
    .map(({ tag, prefix }) => ({ columns: [tag], test: lift((value: string) => value.startsWith(prefix)) })),
  fc.record({ from: fc.integer({ min: -5, max: 40 }), to: fc.integer({ min: -5, max: 40 }) }).map(({ from, to }) => ({
    columns: [PORT],
    test: lift((value: number) => value >= from && value <= to),
  })),
  fc.constant({ columns: [IS_UP], test: ([value]: Tuple) => value as Truth }),
  fc.constant({ columns: [SINCE], test: lift((value: number) => value % 3 === 0) }),
  fc.constant({
    columns: [HOST, PORT],
    test: ([host, port]: Tuple) => (host === null || port === null ? null : String(host).length > Number(port)),
  }),
  fc.constant({ columns: [RACK, HOST], test: ([rack, host]: Tuple) => rack === host }),
);

function randomTuples(seed: number, count: number): Tuple[] {
  const random = new SeededRandom(seed);
  const orNull = (value: Value): Value => (random.fraction() < 0.2 ? null : value);
  return Array.from({ length: count }, (_, id) => [
    orNull(random.pick(TEXTS)),
    orNull(random.below(30)),
    orNull(random.fraction() < 0.5),
    orNull(random.pick([0, 2 ** 53 + 2, -12345, random.below(1000)])),
    // So that no two tuples are the same.
    random.fraction() < 0.1 ? random.pick(TEXTS) + id : `rack${id}`,
  ]);
}

function indexOf(tuples: readonly Tuple[]): SeriesIndex {
  const index = new SeriesIndex(TAGS);
  const codes = index.tuplesOf(tuples, index.tagNumbers);
  for (let row = 0; row < tuples.length; row++) index.add(codes, row);
  return index;
}

function expected(tuples: readonly Tuple[], chosen: readonly { columns: readonly number[]; test: Test }[]): number[] {
  return [...tuples.keys()].filter((id) =>
    chosen.every(({ columns, test }) => test(columns.map((number) => tuples[id]![number - HOST]!)) === true),
  );
}

test('series are those of a plain search, whatever is asked of their tags', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1000 }),
      fc.constantFrom(0, 1, 100, 20_000, 33_000),
      fc.array(predicates, { minLength: 1, maxLength: 4 }),
      (seed, count, chosen) => {
        const tuples = randomTuples(seed, count);
        const index = indexOf(tuples);
        const asked = chosen.map(({ columns, test, equal }) => predicate(columns, test, equal).predicate);
        expect(Array.from(index.select(asked, (number) => number)!)).toEqual(expected(tuples, chosen));
      },
    ),
    { numRuns: 60 },
  );
});

test('they still are when the last series have come to nothing and others have come', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1000 }),
      fc.array(fc.record({ kept: fc.integer({ min: 0, max: 40_000 }), added: fc.integer({ min: 0, max: 20_000 }) }), {
        maxLength: 3,
      }),
      predicates,
      (seed, steps, chosen) => {
        const all = randomTuples(seed, 60_000);
        let tuples = all.slice(0, 17_000);
        const index = indexOf(tuples);
        let next = tuples.length;
        for (const { kept, added } of steps) {
          index.truncate(kept, index.tagNumbers);
          const more = all.slice(next, next + added);
          next += more.length;
          tuples = [...tuples.slice(0, kept), ...more];
          const codes = index.tuplesOf(more, index.tagNumbers);
          for (let row = 0; row < more.length; row++) index.add(codes, row);
        }
        const { predicate: asked } = predicate(chosen.columns, chosen.test, chosen.equal);
        expect(Array.from(index.select([asked], (number) => number)!)).toEqual(expected(tuples, [chosen]));
        const codes = index.tuplesOf(tuples, index.tagNumbers);
        for (let row = 0; row < tuples.length; row += 97) expect(index.find(codes, row)).toBe(row);
      },
    ),
    { numRuns: 15 },
  );
});

describe('a predicate', () => {
  const tuples: Tuple[] = Array.from({ length: 50_000 }, (_, id) => [`h${id % 10}`, id % 100, null, null, `r${id}`]);
  const index = indexOf(tuples);
  const numberOf = (number: number) => number;
  const isH3 = lift((value) => value === 'h3');

  test('over one tag is evaluated once for each value, not for each series', () => {
    const { predicate: asked, tests } = predicate([HOST], isH3);
    expect(index.select([asked], numberOf)).toHaveLength(5000);
    expect(tests.count).toBe(11);
  });

  test('that names values is evaluated for these alone', () => {
    const { predicate: asked, tests } = predicate(
      [RACK],
      lift((value) => value === 'r77'),
      ['r77', 'absent'],
    );
    expect(Array.from(index.select([asked], numberOf)!)).toEqual([77]);
    expect(tests.count).toBe(1);
  });

  test('over more values than series are left is evaluated for those series', () => {
    const few = predicate(
      [RACK],
      lift((value) => ['r3', 'r13', 'r14'].includes(value)),
      ['r3', 'r13', 'r14'],
    );
    const many = predicate(
      [RACK],
      lift((value: string) => value.endsWith('3')),
    );
    expect(Array.from(index.select([many.predicate, few.predicate], numberOf)!)).toEqual([3, 13]);
    expect(many.tests.count).toBe(3);
  });

  test('lets others run after every thousand values', () => {
    const { predicate: asked } = predicate(
      [RACK],
      lift((value: string) => value.endsWith('3')),
    );
    const steps = [...selectSeries(index, [asked], numberOf)];
    expect(steps.length).toBeGreaterThan(48);
  });
});
