import { describe, expect, test } from 'vitest';
import { benchModule } from './bench-module.ts';

const { differenceOf, peerDifferenceOf } = await benchModule('lib/compare-answers.mjs');

const NAME = { name: 'host', type: 25, kind: 'exact' };
const MEAN = { name: 'mean', type: 701, kind: 'float' };
const GROUPS = 'SELECT host, mean FROM cpu';

function answer(rows: (string | null)[][], columns = [NAME, MEAN]) {
  return { columns, rows };
}

describe('An answer of ours and PostgreSQL’s', () => {
  test('are equal in any order of rows where the query has none', () => {
    const ours = answer([
      ['b', '2'],
      ['a', '1'],
    ]);
    expect(
      differenceOf(
        GROUPS,
        ours,
        answer([
          ['a', '1'],
          ['b', '2'],
        ]),
      ),
    ).toBeUndefined();
  });

  test('differ in their order where the query has one', () => {
    const ours = answer([
      ['b', '2'],
      ['a', '1'],
    ]);
    const theirs = answer([
      ['a', '1'],
      ['b', '2'],
    ]);
    expect(differenceOf(`${GROUPS} ORDER BY host`, ours, theirs)).toBe('row 0, host: b instead of a');
  });

  test('may differ in the thirteenth digit of a double, not in the eleventh', () => {
    const theirs = answer([['a', '1.0000000000001']]);
    expect(differenceOf(GROUPS, answer([['a', '1']]), theirs)).toBeUndefined();
    expect(differenceOf(GROUPS, answer([['a', '1.00000000001']]), theirs)).toMatch(/^no such row/);
  });

  test('differ where one is NaN, infinite or NULL and the other is not', () => {
    expect(differenceOf(GROUPS, answer([['a', 'NaN']]), answer([['a', 'NaN']]))).toBeUndefined();
    expect(differenceOf(GROUPS, answer([['a', 'NaN']]), answer([['a', '1']]))).toMatch(/^no such row/);
    expect(differenceOf(GROUPS, answer([['a', 'Infinity']]), answer([['a', '-Infinity']]))).toMatch(/^no such row/);
    expect(differenceOf(GROUPS, answer([['a', null]]), answer([['a', '0']]))).toMatch(/^no such row/);
  });

  test('differ in the type of a column and in the number of columns', () => {
    const asText = [NAME, { ...MEAN, type: 25 }];
    expect(differenceOf(GROUPS, answer([], asText), answer([]))).toBe('column mean has type 25 instead of 701');
    expect(differenceOf(GROUPS, answer([], [NAME]), answer([]))).toBe('1 columns instead of 2');
  });

  test('are as long as LIMIT says, with any of the rows that are equal for ORDER BY', () => {
    const sql = `${GROUPS} ORDER BY mean DESC LIMIT 2`;
    const withTies = answer([
      ['c', '3'],
      ['a', '1'],
      ['b', '1'],
    ]);
    const other = answer([
      ['c', '3'],
      ['b', '1'],
    ]);
    expect(differenceOf(sql, other, withTies)).toBeUndefined();
    expect(differenceOf(sql, answer([['c', '3']]), withTies)).toBe('1 rows instead of 2');
  });

  test('hold a row as often as the other one does', () => {
    const twice = answer([
      ['a', '1'],
      ['a', '1'],
    ]);
    const once = answer([
      ['a', '1'],
      ['b', '1'],
    ]);
    expect(differenceOf(GROUPS, twice, once)).toMatch(/^no such row/);
  });

  test('have their columns paired by name for SELECT *', () => {
    const turned = { columns: [MEAN, NAME], rows: [['1', 'a']] };
    expect(differenceOf('SELECT * FROM cpu', turned, answer([['a', '1']]))).toBeUndefined();
  });
});

test('A peer’s answer is compared by value: numbers of any class, instants of any spelling', () => {
  const columns = [
    { name: 'time', type: 1184, kind: 'time' },
    { name: 'n', type: 20, kind: 'exact' },
  ];
  const theirs = { columns, rows: [['2024-01-01 00:00:00+00', '5']] };
  const duckdb = { columns: [{ name: 'time' }, { name: 'n' }], rows: [[{ micros: 1_704_067_200_000_000n }, 5n]] };
  expect(peerDifferenceOf('SELECT time, n FROM cpu', duckdb, theirs)).toBeUndefined();
  const clickhouse = { columns: duckdb.columns, rows: [['2024-01-01 00:00:01', '5']] };
  expect(peerDifferenceOf('SELECT time, n FROM cpu', clickhouse, theirs)).toMatch(/^no such row/);
});
