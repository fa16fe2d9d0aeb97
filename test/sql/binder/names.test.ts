import { describe, expect, test } from 'vitest';
import { bindSql, columnsOf, cpu, errorOf, otherCpu, planSql, trips } from './bind-sql.ts';

function scannedTable(sql: string, searchPath?: readonly string[]) {
  let plan = planSql(sql, searchPath === undefined ? {} : { searchPath });
  while (plan.kind !== 'scan') {
    if (!('input' in plan)) throw new Error('no scan');
    plan = plan.input;
  }
  return plan.table;
}

describe('names that exist in one other spelling only', () => {
  test('a folded column name finds the column with capitals and is called by its name', () => {
    expect(columnsOf(planSql('select PULocationID, t.pulocationid p from trips t'))).toEqual([
      'PULocationID int4',
      'p int4',
    ]);
  });

  test('everywhere that a column may be named', () => {
    expect(() =>
      bindSql(
        'select pulocationid, count(*) from trips where PULocationID > 1 group by pulocationid order by Pulocationid',
      ),
    ).not.toThrow();
    expect(() => bindSql('insert into trips (pulocationid) values (1)')).not.toThrow();
    expect(() => bindSql('select 1 from trips a join trips b using (pulocationid)')).not.toThrow();
  });

  test('a quoted table name finds the folded table', () => {
    expect(scannedTable('select 1 from "Trips"')).toBe(trips);
  });

  test('an exact match wins, and two similar names are no match', () => {
    const both = 'from (select 1 as "Ab", 2 as "aB") x';
    expect(columnsOf(planSql(`select "Ab" ${both}`))).toEqual(['Ab int4']);
    expect(errorOf(() => bindSql(`select ab ${both}`))).toMatchObject({ code: '42703' });
  });
});

describe('the search path', () => {
  test('decides which of two tables of one name is meant', () => {
    expect(scannedTable('select 1 from cpu')).toBe(cpu);
    expect(scannedTable('select 1 from cpu', ['pg_catalog', 'other', 'public'])).toBe(otherCpu);
    expect(scannedTable('select 1 from other.cpu')).toBe(otherCpu);
  });

  test('tables of one name in two schemas may stand side by side', () => {
    expect(columnsOf(planSql('select public.cpu.usage, other.cpu.watts from public.cpu, other.cpu'))).toEqual([
      'usage float8',
      'watts float8',
    ]);
    expect(errorOf(() => bindSql('select cpu.time from public.cpu, other.cpu'))).toMatchObject({
      code: '42P09',
      message: 'table reference "cpu" is ambiguous',
    });
  });
});

test('hidden columns are found by name but are not part of *', () => {
  expect(columnsOf(planSql('select * from pg_class'))).toEqual(['oid oid', 'relname name']);
  expect(columnsOf(planSql('select tableoid, c.tableoid from pg_class c'))).toEqual(['tableoid oid', 'tableoid oid']);
});

test('a HAVING clause may use an alias of the select list, but a column of FROM goes first', () => {
  expect(() => bindSql('select host, avg(usage) as load from cpu group by host having load > 90')).not.toThrow();
  expect(
    errorOf(() => bindSql('select host, avg(usage) as idle from cpu group by host having idle > 90')),
  ).toMatchObject({ code: '42803' });
});
