import { describe, expect, test } from 'vitest';
import { benchModule } from './bench-module.ts';

const { selectParts, orderColumns, withTies } = await benchModule('queries/select-parts.mjs');
const { query } = await benchModule('queries/dialects.mjs');
const { overRough } = await benchModule('queries/rough.mjs');
const { rustsQueries } = await benchModule('queries/rusts.mjs');
const { cpuQueries } = await benchModule('queries/cpu.mjs');
const { tripsQueries } = await benchModule('queries/trips.mjs');
const { roadOf } = await benchModule('plans/road-of.mjs');

describe('The parts of a SELECT', () => {
  test('are its list, order and limit', () => {
    expect(selectParts('SELECT max(a, b) AS m, c FROM t GROUP BY c ORDER BY m DESC, c LIMIT 5')).toEqual({
      items: [
        { expression: 'max(a, b)', name: 'm' },
        { expression: 'c', name: 'c' },
      ],
      order: ['m', 'c'],
      limit: 5,
    });
  });

  test('do not count the order within an aggregate', () => {
    const { order } = selectParts('SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t');
    expect(order).toEqual([]);
  });

  test('say which columns of an answer are ordered', () => {
    expect(orderColumns('SELECT a AS x, b FROM t ORDER BY b, a', ['x', 'b'])).toEqual([1, 0]);
    expect(() => orderColumns('SELECT a FROM t ORDER BY z', ['a'])).toThrow('ORDER BY z');
  });

  test('have a limit that can take in ties', () => {
    expect(withTies('SELECT a FROM t ORDER BY a LIMIT 3')).toBe(
      'SELECT a FROM t ORDER BY a FETCH FIRST 3 ROWS WITH TIES',
    );
  });
});

describe('A query in everybody’s words', () => {
  test('is left out for those who cannot say it, and for InfluxDB unless it is told', () => {
    const { sql } = query('q', (d: { bucket(width: string): string }) => d.bucket('1 hour'), { clickhouse: null });
    expect(Object.keys(sql)).toEqual(['tidewire', 'postgres', 'duckdb']);
    expect(sql.tidewire).toBe("time_bucket('1 hour', time)");
    expect(sql.postgres).toContain('date_bin');
  });

  test('goes over the hostile tables, which are wide ones for PostgreSQL too', () => {
    const clean = query('last', () => 'SELECT * FROM cpu ORDER BY time', { reference: 'SELECT * FROM cpu_full' });
    expect(overRough(clean).sql).toEqual({
      tidewire: 'SELECT * FROM rough_cpu ORDER BY time',
      postgres: 'SELECT * FROM rough_cpu',
    });
  });
});

test('There are 20 queries of trips, 15 of TSBS, 44 and 20 of RusTs', () => {
  const { trips, simulator } = rustsQueries({ device: 'device-0007' });
  expect([tripsQueries(), cpuQueries(100), trips, simulator].map(({ length }) => length)).toEqual([20, 15, 44, 20]);
});

test('PostgreSQL is asked RusTs’ queries with names in quotes and without an alias in HAVING', () => {
  const { trips, simulator } = rustsQueries({ device: 'device-0007' });
  for (const { sql } of [...trips, ...simulator]) {
    expect(sql.postgres).not.toMatch(/(?<!")(PULocationID|DOLocationID)/);
    expect(sql.postgres).not.toContain('{device_id}');
    const having = /HAVING (\S+)/.exec(sql.postgres)?.[1];
    if (having !== undefined) expect(having).toMatch(/\(/);
  }
});

test('Fewer hosts than a hundred are asked for by names that there are', () => {
  for (const hosts of [20, 40, 100, 1000]) {
    const texts: string[] = cpuQueries(hosts).map(({ sql }: { sql: { tidewire: string } }) => sql.tidewire);
    const numbers = texts.flatMap((text) => [...text.matchAll(/host_(\d+)/g)].map((match) => Number(match[1])));
    expect(new Set(numbers).size).toBe(8);
    expect(Math.max(...numbers)).toBeLessThan(hosts);
  }
});

describe('The road of a plan', () => {
  test('is that of its fused scan', () => {
    expect(roadOf(['Aggregate  (cost=1..2)', '  Fused Scan: all rows', '  ->  Seq Scan on t'])).toBe('fused: all rows');
  });

  test('is its scan where nothing is aggregated or the last rows are at hand', () => {
    expect(roadOf(['Limit', '  ->  Newest First Scan on t'])).toBe('Newest First Scan');
    expect(roadOf(['HashAggregate', '  ->  Last Row Scan on t'])).toBe('Last Row Scan');
  });

  test('is unknown where rows of a scan are aggregated one by one', () => {
    expect(roadOf(['HashAggregate', '  ->  Seq Scan on t'])).toBeUndefined();
  });
});
