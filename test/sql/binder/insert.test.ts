import { describe, expect, test } from 'vitest';
import type { BoundInsert } from '../../../src/sql/binder/bound-statement.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { bindSql, devices, errorOf, trips } from './bind-sql.ts';

function insert(sql: string): BoundInsert {
  const { bound } = bindSql(sql);
  if (bound.kind !== 'insert') throw new Error(`${bound.kind} is not an insert`);
  return bound;
}

/** The constants of each row. */
function rowsOf(sql: string): unknown[][] {
  const { source } = insert(sql);
  if (source.kind !== 'values') throw new Error('the source is not a list of rows');
  return source.rows.map((row) => row.map((item) => (item.kind === 'constant' ? item.value : item.kind)));
}

describe('rows are full rows in table order', () => {
  test('with the literals read as the columns have them', () => {
    expect(rowsOf("insert into trips values (7, 1.5), ('8', '2.5'), (null, default)")).toEqual([
      [7, 1.5],
      [8, 2.5],
      [null, null],
    ]);
  });

  test('columns that are not named are NULL, in whatever order the others come', () => {
    expect(rowsOf("insert into devices (price, host) values ('1.50', 'a')")).toEqual([
      [null, 'a', null, Numeric.parse('1.50'), null, null, null, null],
    ]);
    expect(rowsOf('insert into trips values (7)')).toEqual([[7, null]]);
    expect(rowsOf('insert into trips default values')).toEqual([[null, null]]);
  });

  test('and of the types of the columns', () => {
    const { source, table } = insert('insert into devices (code, born) select host, time::date from cpu');
    expect(table).toBe(devices);
    expect(source.output.map((column) => column.type)).toEqual(devices.columns.map((column) => column.type));
  });
});

test('a literal is cut to its column where only blanks are lost, and else left to fail when the row is stored', () => {
  const code = (sql: string) => rowsOf(sql)[0]?.[4];
  expect(code("insert into devices (code) values ('abc   ')")).toBe('abc  ');
  expect(code("insert into devices (code) values ('abcdef')")).toBe('call');
});

test('literals of a query take the types of the columns', () => {
  const { source } = insert("insert into trips select '5', '1.5'");
  expect(source.output.map((column) => column.type.definition.name)).toEqual(['int4', 'float8']);
  expect(insert('insert into trips values (1, 2) order by 1').table).toBe(trips);
});

test('system tables and hidden columns cannot be written', () => {
  expect(errorOf(() => insert('insert into pg_class values (1)'))).toMatchObject({
    code: '42501',
    message: 'permission denied: "pg_class" is a system catalog',
  });
});
