import { describe, expect, test } from 'vitest';
import type { Expression } from '../../../src/sql/expression/expression.ts';
import { someExpression } from '../../../src/sql/expression/walk-expression.ts';
import type { Value } from '../../../src/types/value.ts';
import { errorOf, planSql, typeNamed } from './bind-sql.ts';

/** 2024-01-01 in µs since 2000. */
const NEW_YEAR = 757_382_400_000_000;

/** The instants that a condition over `from` compares with. */
function instantsIn(condition: string, from = 'cpu'): Value[] {
  let plan = planSql(`select 1 from ${from} where ${condition}`);
  while (plan.kind !== 'filter') {
    if (!('input' in plan)) throw new Error('no filter');
    plan = plan.input;
  }
  const found: Value[] = [];
  const isInstant = ({ type }: Expression): boolean =>
    type.definition === typeNamed('timestamptz') || type.definition === typeNamed('timestamp');
  someExpression(plan.condition, (part) => {
    if (part.kind === 'constant' && isInstant(part)) found.push(part.value);
    return false;
  });
  return found;
}

describe('an integer literal compared with the time column is nanoseconds since 1970', () => {
  test.each([
    ['time > 1704067200000000000', [NEW_YEAR]],
    ['1704067200000000000 <= time', [NEW_YEAR]],
    ['time >= 1704067200000001999', [NEW_YEAR + 1]],
    ['time = 0', [-946_684_800_000_000]],
    ['time > -1', [-946_684_800_000_001]],
    ['time between 0 and 1704067200000000000', [-946_684_800_000_000, NEW_YEAR]],
    ['time in (0, 1704067200000000000)', [-946_684_800_000_000, NEW_YEAR]],
  ])('%s', (condition, instants) => expect(instantsIn(condition)).toEqual(instants));

  test('through subqueries, and on date columns', () => {
    expect(instantsIn('t > 1704067200000000000', '(select time as t from cpu) x')).toEqual([NEW_YEAR]);
    expect(instantsIn('day >= 1704067200000000000', 'daily')).toEqual([NEW_YEAR]);
  });
});

describe('and nothing else is', () => {
  test.each([
    ['an expression', 'time > 1704067200000000000 + 1'],
    ['a decimal', 'time > 1.5'],
    ['arithmetic', 'time + 1 > now()'],
  ])('%s', (_, condition) => expect(errorOf(() => instantsIn(condition))).toMatchObject({ code: '42883' }));

  test('a timestamp that is no time column', () => {
    expect(errorOf(() => instantsIn('seen > 5', 'devices'))).toMatchObject({ code: '42883' });
  });
});
