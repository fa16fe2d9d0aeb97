import { describe, expect, test } from 'vitest';
import { evaluateSqlCall } from '../evaluate-sql-call.ts';

/** As TimescaleDB answers; the session's zone is Europe/Berlin. */
const answers: readonly (readonly [sql: string, answer: string])[] = [
  ["time_bucket('5 minutes', timestamp '2024-05-06 07:08:09')", 'timestamp without time zone: 2024-05-06 07:05:00'],
  ["time_bucket('5m', timestamp '2024-05-06 07:08:09')", 'timestamp without time zone: 2024-05-06 07:05:00'],
  ["time_bucket('1h', timestamp '1999-12-31 23:59:59')", 'timestamp without time zone: 1999-12-31 23:00:00'],
  ["time_bucket('1 day', timestamp '2024-05-06 00:00')", 'timestamp without time zone: 2024-05-06 00:00:00'],
  // Weeks begin on Mondays.
  ["time_bucket('1 week', timestamp '2024-05-05 12:00')", 'timestamp without time zone: 2024-04-29 00:00:00'],
  ["time_bucket('1 week', timestamp '1999-12-31 12:00')", 'timestamp without time zone: 1999-12-27 00:00:00'],
  ["time_bucket('1 month', timestamp '2024-05-06 07:08')", 'timestamp without time zone: 2024-05-01 00:00:00'],
  ["time_bucket('3 months', timestamp '2024-05-06 07:08')", 'timestamp without time zone: 2024-04-01 00:00:00'],
  ["time_bucket('1 year', timestamp '1999-05-06')", 'timestamp without time zone: 1999-01-01 00:00:00'],
  ["time_bucket('7 months', timestamp '1999-12-06')", 'timestamp without time zone: 1999-06-01 00:00:00'],
  // Without a zone, instants are bucketed in UTC.
  ["time_bucket('1 day', timestamptz '2024-05-06 00:30+02')", 'timestamp with time zone: 2024-05-05 02:00:00+02'],
  ["time_bucket('1 month', timestamptz '2024-05-06 00:30+02')", 'timestamp with time zone: 2024-05-01 02:00:00+02'],
  [
    "time_bucket('1 day', timestamptz '2024-05-06 00:30+02', 'Europe/Berlin')",
    'timestamp with time zone: 2024-05-06 00:00:00+02',
  ],
  [
    "time_bucket('1 day', timestamptz '2024-03-31 12:00+02', 'Europe/Berlin')",
    'timestamp with time zone: 2024-03-31 00:00:00+01',
  ],
  [
    "time_bucket('1 day', timestamptz '2024-05-06 00:30+02', text 'Nowhere')",
    'ERROR 22023: time zone "Nowhere" not recognized',
  ],
  [
    "time_bucket('1 day', timestamp '2024-05-06 04:30', interval '6 hours')",
    'timestamp without time zone: 2024-05-05 06:00:00',
  ],
  [
    "time_bucket('1 hour', timestamptz '2024-05-06 04:30+02', timestamptz '2024-01-01 00:15+01')",
    'timestamp with time zone: 2024-05-06 04:15:00+02',
  ],
  [
    "time_bucket('1 day', timestamptz '2024-05-06 04:30+02', text 'Europe/Berlin', timestamptz '2024-01-01 06:00+01')",
    'timestamp with time zone: 2024-05-05 06:00:00+02',
  ],
  ["time_bucket('3 months', date '2024-05-06', date '2024-02-01')", 'date: 2024-05-01'],
  ["time_bucket('1 week', date '2024-05-05')", 'date: 2024-04-29'],
  ["time_bucket('10 days', date '2024-05-05', date '2024-05-01')", 'date: 2024-05-01'],
  ["time_bucket('1 day', date 'infinity')", 'date: infinity'],
  ["time_bucket('1 day', timestamp '-infinity')", 'timestamp without time zone: -infinity'],
  ["time_bucket('1 day', timestamp '9999-12-31 23:59:59.999999')", 'timestamp without time zone: 9999-12-31 00:00:00'],
  ["time_bucket('1 day', timestamp '0001-01-01 12:00')", 'timestamp without time zone: 0001-01-01 00:00:00'],
  ["time_bucket(int4 '10', int4 '25')", 'integer: 20'],
  ["time_bucket(int4 '10', int4 '-5')", 'integer: -10'],
  ["time_bucket(int8 '10', int8 '25', int8 '3')", 'bigint: 23'],
  ["time_bucket(int4 '0', int4 '25')", 'ERROR 22023: period must be greater than 0'],
  ["time_bucket('0 seconds', timestamp '2024-05-06')", 'ERROR 22023: period must be greater than 0'],
  ["time_bucket('-1 month', timestamp '2024-05-06')", 'ERROR 22023: period must be greater than 0'],
  [
    "time_bucket('1 month 1 day', timestamp '2024-05-06')",
    'ERROR 0A000: month intervals cannot have day or time component',
  ],
];

describe('time_bucket', () => {
  for (const [sql, answer] of answers) test(sql, () => expect(evaluateSqlCall(sql)).toBe(answer));
});
