import fc from 'fast-check';
import { expect, test } from 'vitest';
import { daysFromCivil, daysInMonth, MICROS_PER_DAY } from '../../../src/types/civil-time.ts';
import { timestamp } from '../../../src/types/timestamp.ts';
import { evaluateSqlCall, typeContext } from '../evaluate-sql-call.ts';

const answers: readonly (readonly [sql: string, answer: string])[] = [
  ["to_char(numeric '-485', '999MI')", 'text: 485-'],
  ["to_char(numeric '0.1', '0.9')", 'text:  0.1'],
  ["to_char(numeric '1485', '9,999')", 'text:  1,485'],
  ["to_char(int4 '485', 'RN')", 'text:         CDLXXXV'],
  ["to_char(float8 '0.0004859', '9.99EEEE')", 'text:  4.86e-04'],
  ["to_char(int4 '12', '99V999')", 'text:  12000'],
  ["to_char(int4 '1', '9.9.9')", 'ERROR 42601: multiple decimal points'],
  ["to_number('12,454.8-', '99G999D9S')", 'numeric: -12454.8'],
  ["to_char(timestamp '2024-05-06 07:08:09.5', 'FMDay, DDth FMMonth YYYY')", 'text: Monday, 06th May 2024'],
  ["to_char(interval '1 day', 'Month')", 'ERROR 22007: invalid format specification for an interval value'],
  ["to_date('05 Dec 2000', 'DD Mon YYYY')", 'date: 2000-12-05'],
  [
    "to_timestamp('2011-12-18 11:38 -05', 'YYYY-MM-DD HH12:MI TZH')",
    'timestamp with time zone: 2011-12-18 17:38:00+01',
  ],
  ["to_date('2024-02-30', 'YYYY-MM-DD')", 'ERROR 22008: date/time field value out of range: "2024-02-30"'],
];

for (const [sql, answer] of answers) test(sql, () => expect(evaluateSqlCall(sql)).toBe(answer));

const template = 'YYYY-MM-DD HH24:MI:SS.US';
const instant = fc
  .tuple(
    fc.integer({ min: 1720, max: 2280 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 31 }),
    fc.nat(),
  )
  .map(([year, month, day, time]) => {
    const days = daysFromCivil(year, month, Math.min(day, daysInMonth(year, month)));
    return days * MICROS_PER_DAY + (time % MICROS_PER_DAY);
  });

test('what to_char writes, to_date and the type itself read back', () => {
  fc.assert(
    fc.property(instant, (micros) => {
      const shown = timestamp.format(micros, typeContext);
      const written = evaluateSqlCall(`to_char(timestamp '${shown}', '${template}')`).replace('text: ', '');
      expect(timestamp.parse(written, typeContext, -1)).toBe(micros);
      expect(evaluateSqlCall(`to_date('${written}', '${template}')`)).toBe(`date: ${shown.slice(0, 10)}`);
    }),
    { numRuns: 300 },
  );
});
