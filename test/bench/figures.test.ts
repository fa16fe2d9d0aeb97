import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { benchModule } from './bench-module.ts';

const { geometricMean, interleavedMs, median } = await benchModule('lib/measure.mjs');
const { queryRemarks, queryTable, ratioTo, ratioToBest, summarize } = await benchModule('lib/query-report.mjs');
const { parseMachineTimes, stolenShare } = await benchModule('lib/process-facts.mjs');
const { report } = await benchModule('lib/results.mjs');
const { barChart, lineChart } = await benchModule('lib/svg-chart.mjs');

const PEERS = [
  { name: 'tidewire', title: 'Tidewire' },
  { name: 'postgres', title: 'PostgreSQL' },
  { name: 'duckdb', title: 'DuckDB' },
  { name: 'clickhouse', title: 'ClickHouse' },
];

function result(id: string, ms: Record<string, number>, more = {}) {
  return { id, isExtra: false, rows: 1, ms, drainedMs: {}, notes: [], ...more };
}

test('The median is the middle value, the geometric mean the root of the product', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(geometricMean([1, 10, 100])).toBeCloseTo(10, 12);
});

test('Competitors take turns, another one first in each round, and warm up before', async () => {
  const calls: string[] = [];
  const competitors = ['a', 'b'].map((name) => async () => {
    calls.push(name);
  });
  const times = await interleavedMs(competitors, { runs: 4 });
  // Two that warm up each; then a turn is one call that is not timed and up to three that are.
  expect(calls.join('')).toBe('aabb' + 'aaaa' + 'bbbb' + 'bb' + 'aa');
  expect(times).toHaveLength(2);
});

describe('A ratio', () => {
  const manyRows = result(
    'rows',
    { tidewire: 30, postgres: 20, duckdb: 15, clickhouse: 4 },
    { drainedMs: { tidewire: 4, postgres: 8 } },
  );

  test('is that of the times, where there are few rows', () => {
    expect(ratioTo('duckdb', result('sum', { tidewire: 2, duckdb: 4 }))).toBe(0.5);
    expect(ratioTo('clickhouse', result('sum', { tidewire: 2, duckdb: 4 }))).toBeUndefined();
  });

  test('compares like with like, where there are many', () => {
    expect(ratioTo('postgres', manyRows)).toBe(0.5);
    expect(ratioTo('duckdb', manyRows)).toBe(2);
    expect(ratioTo('clickhouse', manyRows)).toBe(1);
    expect(ratioToBest(manyRows)).toBe(2);
  });
});

describe('The summary of some queries', () => {
  const results = [
    result('a', { tidewire: 1, postgres: 10, duckdb: 2, clickhouse: 4 }),
    result('b', { tidewire: 4, postgres: 10, duckdb: 2, clickhouse: 8 }),
    result('c', { tidewire: 1000, postgres: 1 }, { isExtra: true }),
  ];

  test('has means and sums, and tells the worst ratio and those beyond 1.5', () => {
    const { meanMs, sumMs, toBetterColumnar, worst, slow } = summarize(results, PEERS);
    expect([meanMs.tidewire, meanMs.duckdb, sumMs.postgres]).toEqual([2, 2, 20].map((ms) => expect.closeTo(ms, 9)));
    expect(toBetterColumnar).toBeCloseTo(1, 12);
    expect(worst).toEqual({ id: 'b', ratio: 2 });
    expect(slow.map(({ id }: { id: string }) => id)).toEqual(['b']);
  });

  test('counts a failed query as failed and leaves its time out', () => {
    const failed = result('d', { postgres: 1 }, { failure: 'wrong: 1 rows instead of 2' });
    const { queryCount, failures, meanMs } = summarize([...results, failed], PEERS);
    expect([queryCount, failures]).toEqual([3, [{ id: 'd', failure: 'wrong: 1 rows instead of 2' }]]);
    expect(meanMs.postgres).toBeCloseTo(10, 9);
    expect(queryTable([failed], PEERS).rows[0].slice(0, 2)).toEqual(['d', 'FAILED']);
    expect(queryRemarks([failed], PEERS)[0]).toBe('1 of 1 queries FAILED and were not timed:');
  });

  test('says so when nothing was checked', () => {
    expect(queryRemarks(results, [PEERS[0]])[0]).toBe('PostgreSQL is not there: no answer was checked.');
  });
});

test('The stolen share of time is what the host has taken between two looks', () => {
  const before = parseMachineTimes('cpu  100 0 50 800 10 0 0 40 7 0\ncpu0 1 2 3\n');
  const after = parseMachineTimes('cpu  150 0 50 830 10 0 0 60 9 0\n');
  expect(before).toEqual({ all: 1000, stolen: 40 });
  expect(stolenShare(before, after)).toBe(0.2);
  expect(stolenShare(before, before)).toBeUndefined();
  expect(stolenShare(undefined, after)).toBeUndefined();
});

describe('A chart', () => {
  test('has a bar for each value on a logarithmic axis, and names escaped', () => {
    const groups = [
      { label: 'a < b & c', values: [1, 100] },
      { label: 'd', values: [undefined, 10] },
    ];
    const svg: string = barChart({ title: 'T', unit: 'ms', series: ['x', 'y'], groups });
    expect(svg).toContain('a &lt; b &amp; c');
    const widths = [...svg.matchAll(/<rect x='190'.* width='([\d.]+)' height='6'/g)].map((match) => Number(match[1]));
    expect(widths).toEqual([1, 610, 305]);
  });

  test('has a line for each series, equal steps for equal factors', () => {
    const series = [
      { name: 'flat', values: [5, 5, 5] },
      { name: 'linear', values: [1, 10, 100] },
    ];
    const svg: string = lineChart({ title: 'T', unit: 'ms', xs: [1, 10, 100], xLabels: ['1', '10', '100'], series });
    const [flat, linear] = [...svg.matchAll(/<polyline points='([^']+)'/g)].map((match) =>
      match[1].split(' ').map((point) => point.split(',').map(Number)),
    );
    expect(new Set(flat.map(([, y]) => y)).size).toBe(1);
    expect(linear).toEqual([
      [80, 404],
      [380, 234],
      [680, 64],
    ]);
  });
});

test('A suite’s results are a table, a chart and an entry in the index of all', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-bench-test-'));
  const machine = { processor: 'P', cores: 2, memoryGiB: 4, node: 'v20', date: '2024-01-01', load: 0.1, commit: 'abc' };
  const context = { machine, versions: ['PostgreSQL 15'], folder };
  const section = { title: 'Ours', header: ['query', 'ms'], rows: [['a|b', '1.00']], remarks: ['All is well.'] };
  const of = (file: string) => readFileSync(join(folder, file), 'utf8');
  try {
    report({ name: 'one', title: 'One', intro: 'The first.', sections: [section], chart: '<svg/>' }, context);
    report({ name: 'two', title: 'Two', intro: 'The second.', sections: [], chart: undefined }, context);
    expect(of('one.md')).toContain('| query | ms |\n| --- | ---: |\n| a\\|b | 1.00 |\n\n- All is well.');
    expect(of('one.svg')).toBe('<svg/>');
    expect(of('README.md')).toContain('## [One](one.md)\n\nThe first.\n\n![One](one.svg)\n\n## [Two](two.md)');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
