import { describe, expect, test } from 'vitest';
import { joinedName, NameChooser } from '../../../src/sql/binder/choose-name.ts';
import { catalog } from './bind-sql.ts';

const LONG = 'a'.repeat(60);

describe('a joined name', () => {
  const cases: Record<string, readonly [string, string | undefined, string, string]> = {
    'keeps what fits': ['t', 'a_b', 'key', 't_a_b_key'],
    'may have no middle': ['t', undefined, 'pkey', 't_pkey'],
    'cuts the longer part': [LONG, 'b', 'key', `${'a'.repeat(57)}_b_key`],
    'cuts both when both are long': [LONG, 'b'.repeat(60), 'fkey', `${'a'.repeat(29)}_${'b'.repeat(28)}_fkey`],
    'cuts no character in the middle': ['ä'.repeat(40), undefined, 'pkey', `${'ä'.repeat(29)}_pkey`],
  };
  test.each(Object.entries(cases))('%s', (_, [table, middle, label, expected]) => {
    const name = joinedName(table, middle, label);
    expect(name).toBe(expected);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
  });
});

describe('a chooser', () => {
  test('gives no name twice', () => {
    const names = new NameChooser(catalog, 'public');
    const take = () => names.relationName('t', ['a'], 'key', { isConstraint: true });
    expect([take(), take(), take()]).toEqual(['t_a_key', 't_a_key1', 't_a_key2']);
  });

  test('avoids relations of the schema, and those that are being made', () => {
    const names = new NameChooser(catalog, 'public', ['x_idx']);
    expect(names.isRelationTaken('cpu')).toBe(true);
    expect(names.relationName('x', [], 'idx', { isConstraint: false })).toBe('x_idx1');
    expect(new NameChooser(catalog, 'other').isRelationTaken('mem')).toBe(false);
  });

  test('keeps the names of constraints and relations apart', () => {
    const names = new NameChooser(catalog, 'public');
    names.takeRelation('t_a_check');
    expect(names.constraintName('t', ['a'], 'check')).toBe('t_a_check');
    expect(names.constraintName('t', ['a'], 'check')).toBe('t_a_check1');
  });
});
