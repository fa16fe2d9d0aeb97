import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { valueAt } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import type { Accumulator, AggregateFunction } from '../../../src/functions/function-definition.ts';
import { functionsNamed } from '../../../src/functions/function-registry.ts';
import { float8 } from '../../../src/types/float8.ts';
import { canonicalInstant } from '../../../src/types/instant.ts';
import { int4 } from '../../../src/types/int4.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { numeric } from '../../../src/types/numeric-type.ts';
import { text } from '../../../src/types/string-types.ts';
import { timestamptz } from '../../../src/types/timestamptz.ts';
import type { TypeDefinition } from '../../../src/types/type-definition.ts';
import type { Value } from '../../../src/types/value.ts';

const GROUPS = 3;

interface Row {
  readonly group: number;
  readonly values: readonly Value[];
}

interface Subject {
  readonly name: string;
  readonly types: readonly TypeDefinition[];
  readonly values: fc.Arbitrary<Value[]>;
  /** The answer of a group, by its words. */
  readonly slow: (rows: readonly (readonly Value[])[]) => Value;
}

const times = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2n ** 60n, -(2n ** 60n), null),
);
const measures = fc.option(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Number.NaN)), { freq: 4 });
const words = fc.option(fc.constantFrom('', 'a', 'B', 'ß'), { freq: 4 });

function extreme(keyType: TypeDefinition, isLast: boolean): Subject['slow'] {
  return (rows) => {
    let best: readonly Value[] | undefined;
    for (const row of rows) {
      if (row[1] === null) continue;
      const order = best === undefined ? 1 : keyType.compare(row[1], best[1]) * (isLast ? 1 : -1);
      if (order > 0) best = row;
    }
    return best === undefined ? null : best[0];
  };
}

const subjects: readonly Subject[] = [
  { name: 'first', types: [float8, timestamptz], values: fc.tuple(measures, times), slow: extreme(timestamptz, false) },
  { name: 'last', types: [text, timestamptz], values: fc.tuple(words, times), slow: extreme(timestamptz, true) },
  { name: 'min_by', types: [text, float8], values: fc.tuple(words, measures), slow: extreme(float8, false) },
  { name: 'max_by', types: [timestamptz, float8], values: fc.tuple(times, measures), slow: extreme(float8, true) },
  { name: 'last', types: [int4, text], values: fc.tuple(fc.nat(9), words), slow: extreme(text, true) },
  {
    name: 'first',
    types: [int4, numeric],
    values: fc.tuple(fc.nat(9), fc.option(fc.nat(5).map((digits) => Numeric.of(1000n, digits)))),
    slow: extreme(numeric, false),
  },
];

function accumulatorOf({ name, types }: Subject): Accumulator {
  const found = functionsNamed(name).find(
    (candidate): candidate is AggregateFunction => candidate.kind === 'aggregate',
  );
  if (found === undefined) throw new Error(`no aggregate ${name}`);
  return found.createAccumulator(types);
}

function feed(accumulator: Accumulator, { types }: Subject, rows: readonly Row[]): void {
  accumulator.reserve(GROUPS);
  const columns = types.map((type, at) =>
    columnOf(
      type.representation,
      rows.map(({ values }) => values[at]),
    ),
  );
  accumulator.update(
    columns,
    Uint32Array.from(rows, ({ group }) => group),
    rows.length,
  );
}

function answers(accumulator: Accumulator): Value[] {
  const results = accumulator.results(GROUPS);
  // Infinite instants have two forms.
  return Array.from({ length: GROUPS }, (_, group) => {
    const value = valueAt(results, group);
    return typeof value === 'bigint' ? canonicalInstant(value) : value;
  });
}

describe('the value at an extreme', () => {
  for (const subject of subjects) {
    const rows = fc.array(fc.record({ group: fc.nat(GROUPS - 1), values: subject.values }), { maxLength: 30 });
    const title = `${subject.name}(${subject.types.map(({ name }) => name).join(', ')})`;

    test(`${title} is that of the first row with the best key, in one go or in parts`, () => {
      fc.assert(
        fc.property(rows, fc.nat(30), fc.nat(30), (all, cut, otherCut) => {
          const expected = Array.from({ length: GROUPS }, (_, group) =>
            subject.slow(all.filter((row) => row.group === group).map(({ values }) => values)),
          );
          const whole = accumulatorOf(subject);
          const [from, to] = [Math.min(cut, otherCut), Math.max(cut, otherCut)];
          for (const part of [all.slice(0, from), all.slice(from, to), all.slice(to)]) feed(whole, subject, part);
          expect(answers(whole)).toEqual(expected);

          const merged = accumulatorOf(subject);
          merged.reserve(GROUPS);
          for (const part of [all.slice(0, from), all.slice(from, to), all.slice(to)]) {
            const piece = accumulatorOf(subject);
            feed(piece, subject, part);
            merged.merge(
              piece.partialStates(GROUPS),
              Uint32Array.from({ length: GROUPS }, (_, group) => group),
              GROUPS,
            );
          }
          expect(answers(merged)).toEqual(expected);
        }),
        { numRuns: 500 },
      );
    });
  }
});

const mergeable: readonly Omit<Subject, 'slow'>[] = [
  {
    name: 'histogram',
    types: [float8, float8, float8, int4],
    values: fc.tuple(
      fc.option(fc.integer({ min: -20, max: 20 }), { freq: 4 }),
      fc.constant(-10),
      fc.constant(10),
      fc.constant(5),
    ),
  },
  { name: 'percentile_agg', types: [float8], values: fc.tuple(fc.option(fc.integer({ min: 1, max: 9 }))) },
  {
    name: 'uddsketch',
    types: [int4, float8, float8],
    values: fc.tuple(fc.constant(100), fc.constant(0.1), fc.option(fc.integer({ min: -1000, max: 1000 }))),
  },
];

describe('aggregates whose states travel', () => {
  for (const subject of mergeable) {
    const rows = fc.array(fc.record({ group: fc.nat(GROUPS - 1), values: subject.values }), { maxLength: 40 });
    test(`${subject.name} of parts is ${subject.name} of the whole`, () => {
      fc.assert(
        fc.property(rows, fc.nat(40), (all, cut) => {
          const whole = accumulatorOf({ ...subject, slow: () => null });
          feed(whole, { ...subject, slow: () => null }, all);
          const merged = accumulatorOf({ ...subject, slow: () => null });
          merged.reserve(GROUPS);
          for (const part of [all.slice(0, cut), all.slice(cut)]) {
            const piece = accumulatorOf({ ...subject, slow: () => null });
            feed(piece, { ...subject, slow: () => null }, part);
            merged.merge(
              piece.partialStates(GROUPS),
              Uint32Array.from({ length: GROUPS }, (_, group) => group),
              GROUPS,
            );
          }
          expect(answers(merged)).toEqual(answers(whole));
        }),
      );
    });
  }
});
