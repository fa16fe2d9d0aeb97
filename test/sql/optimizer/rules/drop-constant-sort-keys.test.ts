import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

describe('keys of a sort that are the same in each row', () => {
  test('go', () => {
    expect(explainSql("select 'x' as kind, a from t order by kind, a desc").split('\n')).toEqual([
      'Sort',
      '  Sort Key: a DESC',
      '  ->  Seq Scan on t',
    ]);
  });

  test('and with the last of them the sort', () => {
    expect(explainSql('select a, 1 as one from t order by one').split('\n')).toEqual(['Seq Scan on t']);
  });

  test('stay where they may fail, or are made anew for each row', () => {
    expect(explainSql('select a from t order by random()').split('\n')[0]).toBe('Sort');
    expect(explainSql('select a from t order by 1 / 0').split('\n')[0]).toBe('Sort');
  });
});
