import { describe, expect, test } from 'vitest';
import { optimize } from '../../../src/sql/optimizer/optimize.ts';
import { explainPlan } from '../../../src/sql/plan/explain-plan.ts';
import { inputsOf, type LogicalPlan } from '../../../src/sql/plan/logical-plan.ts';
import type { ScanNode } from '../../../src/sql/plan/scan-node.ts';
import { columnsOf, planSql } from '../binder/bind-sql.ts';

function optimized(sql: string): LogicalPlan {
  return optimize(planSql(sql));
}

function nodesOf(plan: LogicalPlan): LogicalPlan[] {
  return [plan, ...inputsOf(plan).flatMap(nodesOf)];
}

/** The kinds of nodes from the top, left side first. */
function kindsOf(sql: string): string {
  return nodesOf(optimized(sql))
    .map((node) => node.kind)
    .join(' ');
}

function scansOf(sql: string): ScanNode[] {
  return nodesOf(optimized(sql)).filter((node) => node.kind === 'scan');
}

function scanOf(sql: string): ScanNode {
  const [scan] = scansOf(sql);
  if (scan === undefined) throw new Error('no scan');
  return scan;
}

function columnNames(scan: ScanNode): string[] {
  return scan.columns.map((column) => scan.table.columns[column].name);
}

/** EXPLAIN's lines about conditions. */
function conditionsOf(sql: string): string[] {
  return explainPlan(optimized(sql))
    .map((line) => line.trim())
    .filter((line) => /^(Time Range|Tag Filter|Filter|Hash Cond|Join Filter|One-Time Filter):/.test(line));
}

describe('constants are folded', () => {
  test.each([
    ['select 1 + 2 * 3 as x', 7],
    ["select upper('a') || 'b' as x", 'Ab'],
    ['select case when 1 > 2 then 3 when true then 4 else usage::int end x', 4],
    ['select coalesce(null, 5, 1 / 0) as x', 5],
    ['select not (1 = 2 or null is null) x', false],
    ['select 1 + null as x', null],
  ])('%s', (sql, value) => {
    const plan = optimized(sql.includes('usage') ? `${sql} from cpu` : sql);
    const [expression] = plan.kind === 'project' ? plan.expressions : [];
    expect(expression?.kind).toBe('constant');
    if (expression?.kind === 'constant') expect(expression.value).toBe(value);
  });

  test('an error is left for the row that meets it', () => {
    const plan = optimized('select 1 / 0');
    expect(plan.kind === 'project' && plan.expressions[0].kind).toBe('call');
  });

  test('now() is asked when the statement runs', () => {
    const plan = optimized("select now() - interval '1 hour'");
    expect(plan.kind === 'project' && plan.expressions[0].kind).toBe('call');
  });

  test('a filter that is always true goes, one that never is reads nothing', () => {
    expect(kindsOf('select usage from cpu where 1 = 1')).toBe('scan');
    expect(kindsOf('select usage from cpu where host = host and 1 = 0')).toBe('values');
    expect(columnsOf(optimized('select usage, host h from cpu where null'))).toEqual(['usage float8', 'h text']);
    expect(kindsOf('select count(*) from cpu where false')).toBe('aggregate values');
  });
});

describe('conditions sink into scans', () => {
  test('as time bounds, tag filters and the rest', () => {
    expect(
      conditionsOf("select usage from cpu where time >= '2024-01-01' and host = 'a' and usage > 90 and time < now()"),
    ).toEqual([
      "Time Range: ((time >= '2024-01-01 00:00:00+00'::timestamp with time zone) AND (time < now()))",
      "Tag Filter: (host = 'a'::text)",
      "Filter: (usage > '90'::double precision)",
    ]);
  });

  const bounds: readonly (readonly [string, string])[] = [
    ["time between '2024-01-01' and '2024-01-02'", '>= <='],
    ["'2024-01-01' < time", '>'],
    ["now() - interval '1 hour' <= time", '>='],
    ['time = $1', '='],
    ["time > date '2024-01-01' and time < timestamp '2024-02-01'", '> <'],
    ['time > 1704067200000000000', '>'],
    ["not (time < '2024-01-01')", ''],
    ["time <> '2024-01-01'", ''],
    ['time > now() - usage * interval $$1 second$$', ''],
    ["time > now() - random() * interval '1 day'", ''],
    ["time + interval '1 day' > now()", ''],
    ["time > '2024-01-01' or host = 'a'", ''],
  ];
  test.each(bounds)('%s bounds the time by: %s', (condition, operators) => {
    const { timeBounds } = scanOf(`select usage from cpu where ${condition}`);
    expect(timeBounds.map((bound) => bound.operator).join(' ')).toBe(operators);
    for (const { value } of timeBounds) expect(value.type.definition.name).toBe('timestamptz');
  });

  test('a date column is bounded by dates alone', () => {
    expect(scanOf("select rain from daily where day >= '2024-01-01'").timeBounds).toHaveLength(1);
    expect(scanOf("select rain from daily where day >= timestamp '2024-01-01 12:00'").timeBounds).toHaveLength(0);
  });

  test('a condition over several tags is one on the series, with a field it is not', () => {
    expect(scanOf("select 1 from cpu where host = 'a' or region like 'eu%'").tagFilters).toHaveLength(1);
    const mixed = scanOf("select 1 from cpu where host = 'a' or usage > 1");
    expect([mixed.tagFilters.length, mixed.filters.length]).toEqual([0, 1]);
  });

  test('through subqueries, sorts, DISTINCT and grouping keys', () => {
    const inner = ["Tag Filter: (host = 'a'::text)"];
    expect(conditionsOf("select * from (select host h, usage from cpu order by usage) x where h = 'a'")).toEqual(inner);
    expect(conditionsOf("select * from (select distinct host from cpu) x where host = 'a'")).toEqual(inner);
    expect(conditionsOf("select host, max(usage) from cpu group by host having host = 'a'")).toEqual(inner);
    expect(
      conditionsOf("select * from (select distinct on (host) host, usage from cpu order by 1, 2) x where host = 'a'"),
    ).toEqual(inner);
  });

  test('but not below what they would change', () => {
    expect(kindsOf('select * from (select usage from cpu limit 5) x where usage > 1')).toBe('filter limit scan');
    expect(kindsOf('select max(usage) from cpu group by host having max(usage) > 1')).toBe(
      'project filter aggregate scan',
    );
    expect(
      conditionsOf('select * from (select distinct on (host) host, usage from cpu order by 1, 2) x where usage > 1'),
    ).toEqual(["Filter: (usage > '1'::double precision)"]);
    expect(kindsOf('select * from (select random() as r from cpu) x where r > 0.5')).toBe('filter project scan');
    expect(kindsOf('select count(*) from cpu having 1 > $1')).toContain('filter aggregate');
  });

  test('a condition that would double with every subquery stops sinking', () => {
    let query = 'select cores from cpu';
    for (let level = 0; level < 40; level++) query = `select cores + cores as cores from (${query}) x${level}`;
    expect(kindsOf(`select * from (${query}) y where cores > 1`)).toContain('filter');
  });
});

describe('joins', () => {
  test('an inner join takes its conditions from ON and WHERE alike', () => {
    const expected = [
      'Hash Cond: (cpu.host = mem.host)',
      "Tag Filter: (cpu.region = 'eu'::text)",
      'Filter: (mem.free > 5)',
    ];
    expect(conditionsOf("select 1 from cpu join mem on cpu.host = mem.host and free > 5 where region = 'eu'")).toEqual(
      expected,
    );
    expect(conditionsOf("select 1 from cpu, mem where region = 'eu' and mem.host = cpu.host and free > 5")).toEqual(
      expected,
    );
  });

  test('a left join keeps its left rows', () => {
    expect(
      conditionsOf(
        "select 1 from cpu left join mem on cpu.host = mem.host and free > 5 and cpu.region = 'eu' where usage > 1 and free is null",
      ),
    ).toEqual([
      'Hash Cond: (cpu.host = mem.host)',
      "Join Filter: (cpu.region = 'eu'::text)",
      'Filter: (mem.free IS NULL)',
      "Filter: (cpu.usage > '1'::double precision)",
      'Filter: (mem.free > 5)',
    ]);
  });

  test('equalities across types compare as the wider type', () => {
    const join = nodesOf(optimized('select 1 from cpu join mem on cores = free')).find((node) => node.kind === 'join');
    expect(join?.kind === 'join' && join.equalities.map(({ left, right }) => [left.type, right.type])).toMatchObject([
      [{ definition: { name: 'int8' } }, { definition: { name: 'int8' } }],
    ]);
  });

  test('an equality of expressions is one, one side against itself or a constant is none', () => {
    expect(conditionsOf('select 1 from cpu join mem on lower(cpu.host) = upper(mem.host)')).toEqual([
      'Hash Cond: (lower(cpu.host) = upper(mem.host))',
    ]);
    expect(conditionsOf('select 1 from cpu join mem on cores + free = 5')).toEqual([
      'Join Filter: ((cpu.cores + mem.free) = 5)',
    ]);
  });
});

describe('only what is used is read', () => {
  test.each([
    ['select usage from cpu', 'usage'],
    ['select count(*) from cpu', ''],
    ["select max(usage) from cpu where host = 'a' and idle > 1", 'host usage idle'],
    ["select count(*) from cpu where time > '2024-01-01'", ''],
    ['select host from cpu order by usage', 'host usage'],
    ['select a from (select usage + 1 as a, idle + 1 as b from cpu) x', 'usage'],
    ['select host from (select host, max(usage), min(idle) from cpu group by host) x', 'host'],
    ['select 1 from (select distinct host, region from cpu) x', 'host region'],
    ['select * from trips', 'PULocationID fare'],
  ])('%s reads: %s', (sql, names) => expect(columnNames(scanOf(sql)).join(' ')).toBe(names));

  test('on both sides of a join', () => {
    const [left, right] = scansOf('select usage from cpu left join mem using (host) where free > 5 or idle > 1');
    expect([columnNames(left), columnNames(right)]).toEqual([
      ['host', 'usage', 'idle'],
      ['host', 'free'],
    ]);
  });

  test('the columns of the result stay what they were', () => {
    for (const sql of [
      'select *, usage + 1 from cpu left join devices using (host) where price > 1 order by cores',
      'select distinct on (host) usage, host from cpu order by host, time desc',
      'select x.a, x.* from (select usage a, host b from cpu limit 3) x',
      'select * from cpu order by time desc limit 3',
      'select host, avg(usage) from cpu group by 1 having count(*) > 1 order by sum(idle) limit 2',
      'values (1, 2), (3, 4) order by 2 limit 1',
    ]) {
      const plan = planSql(sql);
      expect(optimize(plan).output).toEqual(plan.output);
    }
  });
});

describe('projections', () => {
  test('of subqueries merge with those above', () => {
    expect(kindsOf('select a + 1 from (select usage * 2 as a from cpu) x')).toBe('project scan');
    expect(kindsOf('select avg(u) from (select usage as u, host from cpu) x group by host')).toBe(
      'project aggregate scan',
    );
  });

  test('are kept apart where something costly would be computed twice', () => {
    expect(kindsOf('select a, a + 1 from (select sqrt(usage) as a from cpu) x')).toBe('project project scan');
    expect(kindsOf('select r + 1 from (select random() as r from cpu) x')).toBe('project project scan');
  });

  test('that change nothing go, leaving their names', () => {
    const plan = optimized('select usage as a, host as b from (select usage, host from cpu) x');
    expect(plan.kind).toBe('project');
    expect(kindsOf('select * from (select * from cpu) x')).toBe('scan');
    expect(columnsOf(optimized('select host as a, usage as b from cpu'))).toEqual(['a text', 'b float8']);
  });
});

describe('sort and limit', () => {
  test('are one operator below the projection', () => {
    expect(kindsOf('select usage * 2 from cpu order by time desc limit 10')).toBe('project top-n scan');
    expect(kindsOf('select usage * 2 as u from cpu order by u limit 10 offset 5')).toBe('project top-n scan');
    expect(kindsOf('select * from cpu order by time desc limit $1')).toBe('top-n scan');
  });

  test('unless there is no count or the projection must see every row in turn', () => {
    expect(kindsOf('select * from cpu order by time offset 5')).toBe('limit sort scan');
    expect(kindsOf('select random() as r from cpu order by r limit 5')).toBe('top-n project scan');
    expect(kindsOf('select * from cpu limit 5')).toBe('limit scan');
  });
});
