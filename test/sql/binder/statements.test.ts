import { describe, expect, test } from 'vitest';
import { bindSql, columnsOf, planSql } from './bind-sql.ts';

describe('SHOW TABLES and SHOW MEASUREMENTS', () => {
  function rowsOf(sql: string): unknown[][] {
    const plan = planSql(sql);
    if (plan.kind !== 'values') throw new Error('no rows');
    return plan.rows.map((row) => row.map((item) => (item.kind === 'constant' ? item.value : undefined)));
  }

  test('list the tables of the database by schema and name', () => {
    expect(columnsOf(planSql('show tables'))).toEqual(['table_schema text', 'table_name text', 'table_type text']);
    expect(rowsOf('show tables')).toEqual([
      ['other', 'cpu', 'time-series table'],
      ['public', 'cpu', 'time-series table'],
      ['public', 'daily', 'time-series table'],
      ['public', 'devices', 'table'],
      ['public', 'mem', 'time-series table'],
      ['public', 'trips', 'table'],
    ]);
  });

  test('or only those with a time column', () => {
    expect(rowsOf('show measurements')).toEqual([['cpu'], ['cpu'], ['daily'], ['mem']]);
  });

  test('are true only now', () => {
    expect(bindSql('show tables').isCacheable).toBe(false);
    expect(bindSql('select 1').isCacheable).toBe(true);
  });
});

test('literals that mean the present make a plan that is not to be kept', () => {
  expect(bindSql("select * from cpu where time > 'yesterday'").isCacheable).toBe(false);
  expect(bindSql("select * from cpu where time > '2024-01-01'").isCacheable).toBe(true);
});

test.each(['create table t (a int)', 'drop table nosuch', 'alter table cpu add nosuch nosuch'])(
  '%s is bound when it runs',
  (sql) => expect(bindSql(sql).bound).toMatchObject({ kind: 'definition' }),
);

describe('transactions', () => {
  test.each([
    ['begin', { action: 'begin', tag: 'BEGIN', isolation: undefined, isReadOnly: undefined }],
    [
      'start transaction isolation level repeatable read, read only',
      { isolation: 'repeatable read', isReadOnly: true },
    ],
    ['begin isolation level read uncommitted', { isolation: 'read uncommitted' }],
    ['commit', { action: 'commit' }],
    ['rollback', { action: 'rollback' }],
  ])('%s', (sql, expected) => expect(bindSql(sql).bound).toMatchObject({ kind: 'transaction', ...expected }));
});

test('the other statements are passed on', () => {
  expect(bindSql("set search_path = 'a'").bound).toMatchObject({ kind: 'set', name: 'search_path', isLocal: false });
  expect(bindSql('show timezone').bound).toMatchObject({ kind: 'show' });
  expect(bindSql('explain analyze select 1').bound).toMatchObject({ kind: 'explain', analyze: true });
  expect(bindSql('deallocate all').bound).toEqual({ kind: 'deallocate', name: undefined });
});
