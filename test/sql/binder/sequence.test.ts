import { describe, expect, test } from 'vitest';
import { type BoundSequence, bindSequence, type SequenceBase } from '../../../src/sql/binder/bind-sequence.ts';
import { StatementBinding } from '../../../src/sql/binder/statement-binding.ts';
import { parseSql } from '../../../src/sql/syntax/parse-sql.ts';
import { int4 } from '../../../src/types/int4.ts';
import { int8 } from '../../../src/types/int8.ts';
import { contextWith, errorOf } from './bind-sql.ts';

function bind(options: string, base: Partial<SequenceBase> = {}): BoundSequence {
  const statement = parseSql(`ALTER SEQUENCE s ${options === '' ? 'CACHE 1' : options}`)[0]?.statement;
  if (statement?.kind !== 'alter-sequence') throw new Error('no options');
  return bindSequence(new StatementBinding(contextWith()), statement.options, {
    type: int8,
    isIdentity: false,
    ...base,
  });
}

describe('a new sequence', () => {
  test('counts up from 1 as far as its type goes', () => {
    expect(bind('').counting).toMatchObject({ start: 1, increment: 1, min: 1, max: 9_223_372_036_854_775_807n });
    expect(bind('AS int').counting).toMatchObject({ min: 1, max: 2_147_483_647 });
  });

  test('counts down from -1', () => {
    expect(bind('AS smallint INCREMENT -2').counting).toMatchObject({ start: -1, min: -32_768, max: -1 });
  });

  test('starts at its lower bound, or where it is told', () => {
    expect(bind('MINVALUE 5 MAXVALUE 9').counting).toMatchObject({ start: 5 });
    expect(bind('MINVALUE 5 MAXVALUE 9 START 7').counting).toMatchObject({ start: 7 });
  });
});

describe('a changed sequence', () => {
  const { counting } = bind('AS int MAXVALUE 2147483647 START 5');

  test('keeps what is not said', () => {
    expect(bind('INCREMENT 3', { counting }).counting).toMatchObject({ start: 5, increment: 3, min: 1, type: int4 });
  });

  test('takes the bound of a new type where it had that of the old one', () => {
    expect(bind('AS bigint', { counting }).counting).toMatchObject({ max: 9_223_372_036_854_775_807n, min: 1 });
  });

  test('restarts at its start, or where it is told', () => {
    expect(bind('RESTART', { counting }).restart).toBe(5);
    expect(bind('RESTART 8', { counting }).restart).toBe(8);
    expect(bind('INCREMENT 2', { counting }).restart).toBeUndefined();
  });
});

const refusals: Record<string, readonly [string, string]> = {
  'INCREMENT 0': ['22023', 'INCREMENT must not be zero'],
  'MINVALUE 3 MAXVALUE 3': ['22023', 'MINVALUE (3) must be less than MAXVALUE (3)'],
  'START 0': ['22023', 'START value (0) cannot be less than MINVALUE (1)'],
  'MAXVALUE 5 START 6': ['22023', 'START value (6) cannot be greater than MAXVALUE (5)'],
  'RESTART 0': ['22023', 'RESTART value (0) cannot be less than MINVALUE (1)'],
  'CACHE 0': ['22023', 'CACHE (0) must be greater than zero'],
  'AS text': ['22023', 'sequence type must be smallint, integer, or bigint'],
  'AS smallint MAXVALUE 40000': ['22023', 'MAXVALUE (40000) is out of range for sequence data type smallint'],
  'MAXVALUE 99999999999999999999': ['22003', 'value "99999999999999999999" is out of range for type bigint'],
};

describe('options that contradict each other are refused', () => {
  test.each(Object.entries(refusals))('%s', (options, [code, message]) =>
    expect(errorOf(() => bind(options))).toMatchObject({ code, message }),
  );

  test('in other words for an identity column', () => {
    expect(errorOf(() => bind('AS text', { isIdentity: true })).message).toContain('identity column type');
  });

  test('so is a last value beyond new bounds', () => {
    const { counting } = bind('');
    expect(errorOf(() => bind('MAXVALUE 5', { counting, lastValue: 9 })).code).toBe('22023');
  });
});
