import { describe, expect, test } from 'vitest';
import { estimateCost, widthOf } from '../../../src/sql/optimizer/estimate-cost.ts';
import { estimateSize } from '../../../src/sql/optimizer/estimate-size.ts';
import { optimize } from '../../../src/sql/optimizer/optimize.ts';
import { noFacts } from '../../../src/sql/optimizer/planner-facts.ts';
import { describePlan } from '../../../src/sql/plan/explain/describe-plan.ts';
import {
  type ExplainFormat,
  type ExplainNumbers,
  explainDocument,
} from '../../../src/sql/plan/explain/explain-document.ts';
import type { Actual } from '../../../src/sql/plan/explain/plan-description.ts';
import type { LogicalPlan } from '../../../src/sql/plan/logical-plan.ts';
import { planSql } from '../binder/bind-sql.ts';

const actual: Actual = {
  rows: 6,
  loops: 2,
  firstMs: 1,
  elapsedMs: 4,
  removedRows: 8,
  spilledBytes: 0,
  scan: { seriesScanned: 1, unitsRead: 2, unitsSkipped: 3, soleRows: 4, mergedRows: 5 },
};

function numbersFor(overrides: Partial<ExplainNumbers> = {}): ExplainNumbers {
  return {
    estimate: (plan: LogicalPlan) => ({
      startupCost: estimateCost(plan, noFacts).startup,
      totalCost: estimateCost(plan, noFacts).total,
      rows: Math.round(estimateSize(plan, noFacts).rows),
      width: widthOf(plan.output),
    }),
    actual: () => actual,
    hasTiming: true,
    hasBuffers: true,
    settings: [['work_mem', '64MB']],
    planningMs: 0.25,
    executionMs: 12.5,
    ...overrides,
  };
}

function explained(sql: string, format: ExplainFormat, overrides?: Partial<ExplainNumbers>): readonly string[] {
  const plan = optimize(planSql(sql));
  return explainDocument(describePlan(plan, { isVerbose: true }), numbersFor(overrides), format);
}

const QUERIES: Readonly<Record<string, string>> = {
  'a scan': "select host, usage from cpu where host = 'a' and usage > 5",
  'a join': 'select c.host, d.id from cpu c left join devices d on c.host = d.host and c.cores < d.id',
  'groups in order': 'select host, count(*) from cpu group by host having count(*) > 2 order by 2 desc limit 3',
  'grouping sets': 'select host, cores, count(*) from cpu group by rollup (host, cores)',
  'a subquery': 'select id, (select max(usage) from cpu where cores < d.id) from devices d where id > (select 3)',
  'a common table': 'with w as materialized (select * from devices) select * from w a join w b on a.id = b.id',
  recursion: 'with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select * from r',
  'a set operation': 'select id from devices except select cores from cpu',
  windows: 'select rank() over (partition by host order by usage) from cpu',
  rows: 'values (1), (2)',
  'a function': 'select * from generate_series(1, 3) as g where g > 1',
};

/** What viewers look for in the JSON form: every node with these, and with its costs, its times and its inputs. */
interface Node {
  readonly 'Node Type': string;
  readonly 'Parent Relationship'?: string;
  readonly 'Startup Cost': number;
  readonly 'Total Cost': number;
  readonly 'Plan Rows': number;
  readonly 'Plan Width': number;
  readonly 'Actual Startup Time': number;
  readonly 'Actual Total Time': number;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Node[];
}

function visit(node: Node, isRoot: boolean, nodes: Node[]): void {
  nodes.push(node);
  expect(typeof node['Node Type']).toBe('string');
  expect(node['Parent Relationship'] === undefined).toBe(isRoot);
  for (const key of ['Startup Cost', 'Total Cost', 'Plan Rows', 'Plan Width', 'Actual Rows', 'Actual Loops'] as const) {
    expect(typeof node[key], key).toBe('number');
  }
  expect(node['Startup Cost']).toBeLessThanOrEqual(node['Total Cost']);
  expect(node['Actual Startup Time']).toBeLessThanOrEqual(node['Actual Total Time']);
  for (const child of node.Plans ?? []) visit(child, false, nodes);
}

describe('viewers of PostgreSQL plans read', () => {
  for (const [name, sql] of Object.entries(QUERIES)) {
    test(`the JSON of ${name}`, () => {
      const [statement] = JSON.parse(explained(sql, 'json').join('\n')) as readonly [
        { readonly Plan: Node; readonly 'Planning Time': number; readonly 'Execution Time': number },
      ];
      const nodes: Node[] = [];
      visit(statement.Plan, true, nodes);
      expect(statement).toMatchObject({
        'Planning Time': 0.25,
        'Execution Time': 12.5,
        Settings: { work_mem: '64MB' },
      });
      expect(nodes.every((node) => node['Actual Rows'] === 3 && node['Actual Loops'] === 2)).toBe(true);
    });

    test(`the text of ${name}`, () => {
      const lines = explained(sql, 'text');
      const headlines = lines.filter((line) => line.includes('(cost='));
      const shape =
        /^(?<indent> *(?:-> {2})?)(?<node>[A-Z]\S.*?) {2}\(cost=\d+\.\d\d\.\.\d+\.\d\d rows=\d+ width=\d+\) \(actual time=0\.500\.\.2\.000 rows=3 loops=2\)$/;
      for (const line of headlines) expect(line).toMatch(shape);
      expect(lines.slice(-3)).toEqual([
        "Settings: work_mem = '64MB'",
        'Planning Time: 0.250 ms',
        'Execution Time: 12.500 ms',
      ]);
      const json = JSON.parse(explained(sql, 'json').join('\n')) as readonly [{ readonly Plan: Node }];
      const nodes: Node[] = [];
      visit(json[0].Plan, true, nodes);
      expect(headlines.length).toBe(nodes.length);
    });
  }

  test('a node that never ran', () => {
    const never = { actual: () => undefined };
    expect(explained('select * from devices', 'text', never)[0]).toMatch(/ \(never executed\)$/);
    const [{ Plan }] = JSON.parse(explained('select * from devices', 'json', never).join('\n'));
    expect(Plan).toMatchObject({ 'Actual Loops': 0, 'Actual Rows': 0 });
  });

  test('rows that a filter has removed, and units that were read', () => {
    const lines = explained('select * from devices where id > 5', 'text').map((line) => line.trim());
    expect(lines).toContain('Rows Removed by Filter: 4');
    expect(lines).toContain('Buffers: shared read=2');
    const [{ Plan }] = JSON.parse(explained('select * from devices where id > 5', 'json').join('\n'));
    expect(Plan).toMatchObject({ 'Rows Removed by Filter': 4, 'Shared Read Blocks': 2, 'Units Skipped': 3 });
  });

  test('a sort that went to disk', () => {
    const spilled = { actual: () => ({ ...actual, spilledBytes: 5000 }) };
    const lines = explained('select * from devices order by id', 'text', spilled).map((line) => line.trim());
    expect(lines).toContain('Sort Method: external merge  Disk: 5kB');
    const [{ Plan }] = JSON.parse(explained('select * from devices order by id', 'json', spilled).join('\n'));
    expect(Plan).toMatchObject({ 'Sort Method': 'external merge', 'Sort Space Used': 5, 'Sort Space Type': 'Disk' });
  });
});

test('XML escapes what it must', () => {
  const text = explained("select * from devices where host < 'a&b'", 'xml').join('\n');
  expect(text).toContain("&lt; 'a&amp;b'::text");
  expect(text.match(/<Plan>/g)?.length).toBe(text.match(/<\/Plan>/g)?.length);
});

test('YAML lists inputs under their node', () => {
  const lines = explained('select * from devices order by id', 'yaml').join('\n').split('\n');
  expect(lines[0]).toBe('- Plan: ');
  expect(lines).toContain('    Plans: ');
  expect(lines).toContain('      - Node Type: "Seq Scan"');
});
