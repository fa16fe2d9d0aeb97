import { describe, expect, test } from 'vitest';
import { executePlan } from '../../../src/execution/execute-plan.ts';
import { MemoryAccount } from '../../../src/execution/memory-account.ts';
import { StatementControl } from '../../../src/execution/statement-control.ts';
import { SubqueryRuntime } from '../../../src/execution/subquery/subquery-runtime.ts';
import { optimize } from '../../../src/sql/optimizer/optimize.ts';
import type { LogicalPlan } from '../../../src/sql/plan/logical-plan.ts';
import { planSql } from '../../sql/binder/bind-sql.ts';
import { contextFor, rowsOf } from '../run-sql.ts';

/** How often the plans of subqueries ran, and the rows of the whole. */
async function counted(sql: string): Promise<{ rows: string[]; runs: number }> {
  let runs = 0;
  const runtime: SubqueryRuntime = new SubqueryRuntime((plan, context) => {
    runs += 1;
    return executePlan(plan, { ...context, subqueries: runtime });
  });
  const rows = await rowsOf(planSql(sql), contextFor({ subqueries: runtime }));
  return { rows, runs };
}

const SERIES = 'generate_series(1, 3000) as g';

describe('a subquery runs', () => {
  test('once where it reads nothing of the rows', async () => {
    const { rows, runs } = await counted(`select g + (select count(*) from generate_series(1, 5)) from ${SERIES}`);
    expect(rows.length).toBe(3000);
    expect(rows[2999]).toBe('3005');
    expect(runs).toBe(1);
  });

  test('once for each different combination of what it reads', async () => {
    const { rows, runs } = await counted(
      `select (select max(k) from generate_series(1, 10) k where k <= m) from (select g % 7 as m from ${SERIES}) v`,
    );
    expect(rows.slice(0, 8)).toEqual(['1', '2', '3', '4', '5', '6', 'null', '1']);
    expect(runs).toBe(7);
  });

  test('not at all where no row comes to it', async () => {
    const { rows, runs } = await counted(`select case when g > 5000 then (select 1 / 0) end from ${SERIES}`);
    expect(rows.every((row) => row === 'null')).toBe(true);
    expect(runs).toBe(0);
  });

  test('apart for values that are equal and look different', async () => {
    const { rows } = await counted('select (select n::text) from (values (1.0), (1.00), (1.0)) v(n)');
    expect(rows).toEqual(['1.0', '1.00', '1.0']);
  });

  test('for each row where it gives another value each time', async () => {
    const { runs } = await counted(`select (select random() + g % 2) from ${SERIES}`);
    expect(runs).toBe(3000);
  });
});

describe('its rows', () => {
  test('are looked up where equality alone is asked for', async () => {
    const { rows, runs } = await counted(
      `select count(*) from ${SERIES} where g in (select k * 2 from generate_series(1, 10000) k) or g = 1`,
    );
    expect(rows).toEqual(['1501']);
    expect(runs).toBe(1);
  });

  test('a second one is an error where a value is wanted', async () => {
    await expect(rowsOf(planSql('select (select generate_series(1, 2))'))).rejects.toMatchObject({ code: '21000' });
  });

  test('of a single join likewise', async () => {
    const sql = 'select (select k from (values (1), (1)) v(k) where k = g) from (values (1), (2)) w(g)';
    await expect(rowsOf(optimize(planSql(sql)))).rejects.toMatchObject({
      code: '21000',
      message: 'more than one row returned by a subquery used as an expression',
    });
  });

  test('are in the memory of the statement', async () => {
    const sql = 'select 1 = any (select k::text::int from generate_series(2, 200000) k)';
    const memory = new MemoryAccount(2 ** 20);
    await expect(rowsOf(planSql(sql), contextFor({ memory }))).rejects.toMatchObject({ code: '53200' });
  });
});

describe('cancelling ends', () => {
  test.each([
    [
      'a comparison with each row',
      'select count(*) from generate_series(1, 9000) a where a > all (select b from generate_series(1, 9000) b)',
    ],
    [
      'runs for each row',
      'select count((select max(b) from generate_series(1, 9000) b where b < a)) from generate_series(1, 9000) a',
    ],
    [
      'a lateral join',
      'select count(*) from generate_series(1, 9000) a, lateral (select max(b) from generate_series(1, 9000) b where b < a) s',
    ],
    [
      'a full join of all pairs',
      'select count(*) from generate_series(1, 90000) a full join generate_series(1, 90000) b on a < b - 90000',
    ],
  ])('%s', async (_, sql) => {
    const control = new StatementControl();
    const plan: LogicalPlan = optimize(planSql(sql));
    const running = rowsOf(plan, contextFor({ control }));
    setTimeout(() => control.cancel('user'), 30);
    await expect(running).rejects.toMatchObject({ code: '57014' });
  });
});
