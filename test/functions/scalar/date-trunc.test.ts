import { describe, expect, test } from 'vitest';
import { evaluateSqlCall } from '../evaluate-sql-call.ts';

const answers: readonly (readonly [sql: string, answer: string])[] = [
  [
    "date_trunc('microseconds', timestamp '2024-05-06 07:08:09.123456')",
    'timestamp without time zone: 2024-05-06 07:08:09.123456',
  ],
  [
    "date_trunc('milliseconds', timestamp '2024-05-06 07:08:09.123456')",
    'timestamp without time zone: 2024-05-06 07:08:09.123',
  ],
  ["date_trunc('second', timestamp '2024-05-06 07:08:09.123456')", 'timestamp without time zone: 2024-05-06 07:08:09'],
  ["date_trunc('minute', timestamp '2024-05-06 07:08:09.123456')", 'timestamp without time zone: 2024-05-06 07:08:00'],
  ["date_trunc('hour', timestamp '2024-05-06 07:08:09.123456')", 'timestamp without time zone: 2024-05-06 07:00:00'],
  ["date_trunc('day', timestamp '2024-05-06 07:08:09.123456')", 'timestamp without time zone: 2024-05-06 00:00:00'],
  ["date_trunc('week', timestamp '2024-05-06 07:08:09.123456')", 'timestamp without time zone: 2024-05-06 00:00:00'],
  ["date_trunc('month', timestamp '2024-05-06 07:08:09.123456')", 'timestamp without time zone: 2024-05-01 00:00:00'],
  ["date_trunc('quarter', timestamp '2024-05-06 07:08:09.123456')", 'timestamp without time zone: 2024-04-01 00:00:00'],
  ["date_trunc('year', timestamp '2024-05-06 07:08:09.123456')", 'timestamp without time zone: 2024-01-01 00:00:00'],
  ["date_trunc('decade', timestamp '2024-05-06 07:08:09.123456')", 'timestamp without time zone: 2020-01-01 00:00:00'],
  ["date_trunc('century', timestamp '2024-05-06 07:08:09.123456')", 'timestamp without time zone: 2001-01-01 00:00:00'],
  [
    "date_trunc('millennium', timestamp '2024-05-06 07:08:09.123456')",
    'timestamp without time zone: 2001-01-01 00:00:00',
  ],
  [
    "date_trunc('dow', timestamp '2024-05-06 07:08:09.123456')",
    'ERROR 22023: unit "dow" not recognized for type timestamp without time zone',
  ],
  [
    "date_trunc('epoch', timestamp '2024-05-06 07:08:09.123456')",
    'ERROR 22023: unit "epoch" not recognized for type timestamp without time zone',
  ],
  [
    "date_trunc('timezone', timestamp '2024-05-06 07:08:09.123456')",
    'ERROR 0A000: unit "timezone" not supported for type timestamp without time zone',
  ],
  [
    "date_trunc('nonsense', timestamp '2024-05-06 07:08:09.123456')",
    'ERROR 22023: unit "nonsense" not recognized for type timestamp without time zone',
  ],
  [
    "date_trunc('isoyear', timestamp '2024-05-06 07:08:09.123456')",
    'ERROR 22023: unit "isoyear" not recognized for type timestamp without time zone',
  ],
  [
    "date_trunc('hour', timestamptz '2024-05-06 01:08:09.123456+02')",
    'timestamp with time zone: 2024-05-06 01:00:00+02',
  ],
  [
    "date_trunc('day', timestamptz '2024-05-06 01:08:09.123456+02')",
    'timestamp with time zone: 2024-05-06 00:00:00+02',
  ],
  [
    "date_trunc('week', timestamptz '2024-05-06 01:08:09.123456+02')",
    'timestamp with time zone: 2024-05-06 00:00:00+02',
  ],
  [
    "date_trunc('month', timestamptz '2024-05-06 01:08:09.123456+02')",
    'timestamp with time zone: 2024-05-01 00:00:00+02',
  ],
  [
    "date_trunc('year', timestamptz '2024-05-06 01:08:09.123456+02')",
    'timestamp with time zone: 2024-01-01 00:00:00+01',
  ],
  ["date_trunc('day', timestamptz '2024-03-31 12:00+02')", 'timestamp with time zone: 2024-03-31 00:00:00+01'],
  ["date_trunc('hour', timestamptz '2024-10-27 02:30+01')", 'timestamp with time zone: 2024-10-27 02:00:00+01'],
  ["date_trunc('hour', timestamptz '2024-10-27 02:30+02')", 'timestamp with time zone: 2024-10-27 02:00:00+02'],
  ["date_trunc('DAY', timestamp '0044-03-15 12:00 BC')", 'timestamp without time zone: 0044-03-15 00:00:00 BC'],
  ["date_trunc('century', timestamp '0044-03-15 12:00 BC')", 'timestamp without time zone: 0100-01-01 00:00:00 BC'],
  ["date_trunc('millennium', timestamp '0044-03-15 12:00 BC')", 'timestamp without time zone: 1000-01-01 00:00:00 BC'],
  ["date_trunc('decade', timestamp '0044-03-15 12:00 BC')", 'timestamp without time zone: 0051-01-01 00:00:00 BC'],
  ["date_trunc('century', timestamp '2000-03-15')", 'timestamp without time zone: 1901-01-01 00:00:00'],
  ["date_trunc('millennium', timestamp '2001-03-15')", 'timestamp without time zone: 2001-01-01 00:00:00'],
  ["date_trunc('day', timestamp 'infinity')", 'timestamp without time zone: infinity'],
  ["date_trunc('minute', timestamp '9999-12-31 23:59:59.999999')", 'timestamp without time zone: 9999-12-31 23:59:00'],
  ["date_trunc('week', timestamp '1999-12-31')", 'timestamp without time zone: 1999-12-27 00:00:00'],
  [
    "date_trunc('day', timestamptz '2024-05-06 03:00+02', 'America/New_York')",
    'timestamp with time zone: 2024-05-05 06:00:00+02',
  ],
  [
    "date_trunc('day', timestamptz '2024-05-06 03:00+02', 'Nowhere')",
    'ERROR 22023: time zone "Nowhere" not recognized',
  ],
  ["date_trunc('day', timestamptz '2300-05-06 03:00+02')", 'timestamp with time zone: 2300-05-06 00:00:00+02'],
  ["date_trunc('month', date '2024-05-06')", 'timestamp with time zone: 2024-05-01 00:00:00+02'],
  [
    "date_bin(interval '15 minutes', timestamp '2024-05-06 07:08:09', timestamp '2001-01-01')",
    'timestamp without time zone: 2024-05-06 07:00:00',
  ],
  [
    "date_bin(interval '15 minutes', timestamptz '2024-05-06 07:08:09', timestamptz '2030-01-01 00:02:30')",
    'timestamp with time zone: 2024-05-06 07:02:30+02',
  ],
  [
    "date_bin(interval '1 month', timestamp '2024-05-06 07:08:09', timestamp '2001-01-01')",
    'ERROR 0A000: timestamps cannot be binned into intervals containing months or years',
  ],
  [
    "date_bin(interval '0', timestamp '2024-05-06 07:08:09', timestamp '2001-01-01')",
    'ERROR 22008: stride must be greater than zero',
  ],
  ["date_bin(interval '1 day', timestamp 'infinity', timestamp '2001-01-01')", 'timestamp without time zone: infinity'],
  [
    "date_bin(interval '7 days', timestamp '9999-05-06 07:08:09', timestamp '2001-01-01')",
    'timestamp without time zone: 9999-05-03 00:00:00',
  ],
  [
    "date_bin('5 minutes', timestamptz '2024-05-06 07:08:09', '2001-01-01')",
    'timestamp with time zone: 2024-05-06 07:05:00+02',
  ],
  [
    "date_trunc('microseconds', interval '1234 years 5 mons 9 days 49:59:59.123456')",
    'interval: 1234 years 5 mons 9 days 49:59:59.123456',
  ],
  [
    "date_trunc('milliseconds', interval '1234 years 5 mons 9 days 49:59:59.123456')",
    'interval: 1234 years 5 mons 9 days 49:59:59.123',
  ],
  [
    "date_trunc('second', interval '1234 years 5 mons 9 days 49:59:59.123456')",
    'interval: 1234 years 5 mons 9 days 49:59:59',
  ],
  [
    "date_trunc('hour', interval '1234 years 5 mons 9 days 49:59:59.123456')",
    'interval: 1234 years 5 mons 9 days 49:00:00',
  ],
  ["date_trunc('hour', interval '-14 mons -9 days -03:59:59.123456')", 'interval: -1 years -2 mons -9 days -03:00:00'],
  ["date_trunc('day', interval '1234 years 5 mons 9 days 49:59:59.123456')", 'interval: 1234 years 5 mons 9 days'],
  ["date_trunc('month', interval '1234 years 5 mons 9 days 49:59:59.123456')", 'interval: 1234 years 5 mons'],
  ["date_trunc('month', interval '-14 mons -9 days -03:59:59.123456')", 'interval: -1 years -2 mons'],
  ["date_trunc('quarter', interval '1234 years 5 mons 9 days 49:59:59.123456')", 'interval: 1234 years 3 mons'],
  ["date_trunc('quarter', interval '-14 mons -9 days -03:59:59.123456')", 'interval: -1 years'],
  ["date_trunc('year', interval '1234 years 5 mons 9 days 49:59:59.123456')", 'interval: 1234 years'],
  ["date_trunc('year', interval '-14 mons -9 days -03:59:59.123456')", 'interval: -1 years'],
  ["date_trunc('decade', interval '1234 years 5 mons 9 days 49:59:59.123456')", 'interval: 1230 years'],
  ["date_trunc('century', interval '1234 years 5 mons 9 days 49:59:59.123456')", 'interval: 1200 years'],
  ["date_trunc('millennium', interval '1234 years 5 mons 9 days 49:59:59.123456')", 'interval: 1000 years'],
  [
    "date_trunc('week', interval '1234 years 5 mons 9 days 49:59:59.123456')",
    'ERROR 0A000: unit "week" not supported for type interval',
  ],
  [
    "date_trunc('dow', interval '1234 years 5 mons 9 days 49:59:59.123456')",
    'ERROR 22023: unit "dow" not recognized for type interval',
  ],
];

describe('date_trunc and date_bin answer as PostgreSQL does, in zone Europe/Berlin', () => {
  for (const [sql, answer] of answers) test(sql, () => expect(evaluateSqlCall(sql)).toBe(answer));
});
