import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScalarFunction } from '../../../src/functions/function-definition.ts';
import { scalarFunctions } from '../../../src/functions/function-registry.ts';
import { BucketMemo } from '../../../src/functions/time-bucket/bucket-memo.ts';
import { bucketRule } from '../../../src/functions/time-bucket/bucket-walker.ts';
import { date } from '../../../src/types/date.ts';
import { int4 } from '../../../src/types/int4.ts';
import { Interval } from '../../../src/types/interval.ts';
import { interval } from '../../../src/types/interval-type.ts';
import { text } from '../../../src/types/string-types.ts';
import { timestamp } from '../../../src/types/timestamp.ts';
import { timestamptz } from '../../../src/types/timestamptz.ts';
import type { TypeDefinition } from '../../../src/types/type-definition.ts';
import type { Value } from '../../../src/types/value.ts';
import { environment } from '../evaluate-sql-call.ts';

const DAY = 86_400_000_000;

interface Case {
  readonly name: string;
  readonly types: readonly TypeDefinition[];
  readonly constants: readonly Value[];
}

const span = (written: string): Interval => Interval.parse(written);
const widths = fc.constantFrom(
  ...['7 microseconds', '1 second', '5m', '90 minutes', '1 day', '1 week', '1 month', '5 months', '1 year'].map(span),
);
const fixedWidths = fc.constantFrom(
  ...['7 microseconds', '1 second', '5m', '90 minutes', '1 day', '10 days'].map(span),
);
const dayWidths = fc.constantFrom(...['1 day', '48 hours', '1 week', '1 month', '7 months', '10 years'].map(span));
const units = fc.constantFrom(
  'milliseconds',
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'decade',
);
const instants = fc
  .integer({ min: -180 * 365, max: 180 * 365 })
  .chain((day) => fc.integer({ min: 0, max: DAY - 1 }).map((part) => day * DAY + part));
const days = fc.integer({ min: -700_000, max: 700_000 });

const cases: readonly fc.Arbitrary<Case & { readonly time: number }>[] = [
  fc.record({ width: widths, time: instants }).map(({ width, time }) => ({
    name: 'time_bucket',
    types: [interval, timestamptz],
    constants: [width, null],
    time,
  })),
  fc.record({ width: widths, origin: instants, time: instants }).map(({ width, origin, time }) => ({
    name: 'time_bucket',
    types: [interval, timestamp, timestamp],
    constants: [width, null, origin],
    time,
  })),
  fc
    .record({
      width: widths,
      offset: fc.constantFrom('90 minutes', '-1 day', '3 days 1 second').map(span),
      time: instants,
    })
    .map(({ width, offset, time }) => ({
      name: 'time_bucket',
      types: [interval, timestamp, interval],
      constants: [width, null, offset],
      time,
    })),
  fc
    .record({ width: fixedWidths, offset: fc.constantFrom('90 minutes', '-1 second').map(span), time: instants })
    .map(({ width, offset, time }) => ({
      name: 'time_bucket',
      types: [interval, timestamptz, interval],
      constants: [width, null, offset],
      time,
    })),
  fc.record({ width: dayWidths, time: days }).map(({ width, time }) => ({
    name: 'time_bucket',
    types: [interval, date],
    constants: [width, null],
    time,
  })),
  fc.record({ width: dayWidths, origin: days, time: days }).map(({ width, origin, time }) => ({
    name: 'time_bucket',
    types: [interval, date, date],
    constants: [width, null, origin],
    time,
  })),
  fc
    .record({
      width: fc.integer({ min: 1, max: 1000 }),
      offset: fc.integer(),
      time: fc.integer({ min: -1e6, max: 1e6 }),
    })
    .map(({ width, offset, time }) => ({
      name: 'time_bucket',
      types: [int4, int4, int4],
      constants: [width, null, offset],
      time,
    })),
  fc.record({ width: fixedWidths, origin: instants, time: instants }).map(({ width, origin, time }) => ({
    name: 'date_bin',
    types: [interval, timestamp, timestamp],
    constants: [width, null, origin],
    time,
  })),
  fc.record({ unit: units, time: instants }).map(({ unit, time }) => ({
    name: 'date_trunc',
    types: [text, timestamp],
    constants: [unit, null],
    time,
  })),
  // In the session's zone, which is Europe/Berlin.
  fc.record({ unit: units, time: instants }).map(({ unit, time }) => ({
    name: 'date_trunc',
    types: [text, timestamptz],
    constants: [unit, null],
    time,
  })),
];

function functionOf({ name, types }: Case): ScalarFunction {
  const found = scalarFunctions(name).find(
    ({ argumentTypes }) =>
      argumentTypes.length === types.length && argumentTypes.every((type, at) => type.oid === types[at].oid),
  );
  if (found === undefined) throw new Error(`${name} of such types`);
  return found;
}

function evaluate(callee: ScalarFunction, constants: readonly Value[], time: number): Value {
  const values = constants.map((value, at) => (at === 1 ? time : value));
  return callee.usesEnvironment === true ? callee.evaluate(environment, ...values) : callee.evaluate(...values);
}

describe('the rule of buckets', () => {
  test('gives what the function gives, from edge to edge', () => {
    fc.assert(
      fc.property(fc.oneof(...cases), fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        const { constants, time } = given;
        const callee = functionOf(given);
        const rule = bucketRule(callee, constants, environment);
        if (rule === undefined) throw new Error('these have a rule');
        fc.pre(Math.abs(time) <= rule.limit);
        const start = rule.startOf(time);
        const end = rule.endOf(time);
        const inside = time + Math.floor((end - 1 - time) * share);
        expect(start).toBe(evaluate(callee, constants, time));
        expect(evaluate(callee, constants, inside)).toBe(start);
        expect(evaluate(callee, constants, end)).not.toBe(start);
        if (rule.fixed === undefined) return;
        const { width, origin } = rule.fixed;
        expect(Math.floor((time - origin) / width) * width + origin).toBe(start);
      }),
      { numRuns: 5000 },
    );
  });

  test('remembers the bucket of the row before, whichever way the rows go', () => {
    fc.assert(
      fc.property(
        fc.oneof(...cases),
        fc.array(fc.integer({ min: -400, max: 400 }), { maxLength: 20 }),
        (given, steps) => {
          const callee = functionOf(given);
          const rule = bucketRule(callee, given.constants, environment);
          if (rule === undefined) throw new Error('these have a rule');
          const memo = new BucketMemo(rule);
          const unit = given.types[1] === timestamp || given.types[1] === timestamptz ? DAY / 7 : 1;
          for (const step of steps) {
            const time = given.time + Math.floor(step * unit);
            if (Math.abs(time) > memo.limit) continue;
            const found = time >= memo.from && time < memo.to ? memo.start : memo.find(time);
            expect(found).toBe(evaluate(callee, given.constants, time));
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  const none: Readonly<Record<string, Case>> = {
    'a width of nothing': { name: 'time_bucket', types: [interval, timestamp], constants: [Interval.zero, null] },
    'a NULL width': { name: 'time_bucket', types: [interval, timestamp], constants: [null, null] },
    'a zone that does not exist': {
      name: 'time_bucket',
      types: [interval, timestamptz, text, timestamptz, interval],
      constants: [span('1 day'), null, 'Nowhere', null, null],
    },
    'an offset of months before days': {
      name: 'time_bucket',
      types: [interval, timestamp, interval],
      constants: [span('1 day'), null, span('1 month')],
    },
    'months for date_bin': {
      name: 'date_bin',
      types: [interval, timestamp, timestamp],
      constants: [span('1 month'), null, 0],
    },
    'what is no unit': { name: 'date_trunc', types: [text, timestamp], constants: ['epoch', null] },
  };
  for (const [name, given] of Object.entries(none)) {
    test(`is none for ${name}`, () => {
      expect(bucketRule(functionOf(given), given.constants, environment)).toBeUndefined();
    });
  }
});
