import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Database } from '../../src/index.ts';

let directory: string;
let database: Database;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-many-groups-'));
  database = await Database.open(directory, { durability: 'os_default' });
});

afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

const GROUPS = 40_000;
/** Every group has rows all over the input, so that each batch has groups of many slices. */
const rows = `(SELECT g * 7919 % ${GROUPS} AS k, g::bigint AS v, CASE WHEN g % 5 > 0 THEN g % 3 END AS w
  FROM generate_series(0, ${GROUPS * 3 - 1}) g) r`;

test('aggregates of more groups than are finished at a time', async () => {
  const found = await database.query(`SELECT count(*) AS groups, sum(n) AS rows, sum(s) AS sum,
      bool_and(n = 3 AND lo % ${GROUPS} = hi % ${GROUPS} AND (lo + hi) = m * 2 AND s = lo + hi + m) AS fits,
      bool_and(list = ARRAY[hi, m::bigint, lo]) AS sorted, bool_and(q = m) AS ranked, bool_and(f <= 2 AND d <= n) AS filtered
    FROM (SELECT k, count(*) n, sum(v) s, min(v) lo, max(v) hi, avg(v)::float8 m, array_agg(v ORDER BY v DESC) list,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY v) q, count(DISTINCT w) d, count(*) FILTER (WHERE w < 2 AND w > 0) f
      FROM ${rows} GROUP BY k) x`);
  const count = GROUPS * 3;
  expect(found.rows[0]).toEqual({
    groups: BigInt(GROUPS),
    rows: String(count),
    sum: String((count * (count - 1)) / 2),
    fits: true,
    sorted: true,
    ranked: true,
    filtered: true,
  });
});

test('grouping sets of which some have few groups and some very many', async () => {
  const { rows: found } = await database.query(
    `SELECT grouping(k) AS g, count(*) AS groups, sum(n) AS rows
    FROM (SELECT k, grouping(k), count(*) n FROM ${rows} GROUP BY ROLLUP (k)) x (k, grouping, n)
    CROSS JOIN LATERAL (SELECT x.grouping) y (g2) GROUP BY x.grouping, y.g2, k IS NULL ORDER BY 1`.replace(
      'grouping(k) AS g,',
      'x.grouping AS g,',
    ),
  );
  expect(found).toEqual([
    { g: 0, groups: BigInt(GROUPS), rows: String(GROUPS * 3) },
    { g: 1, groups: 1n, rows: String(GROUPS * 3) },
  ]);
});

test('joins, sorts and set operations of more rows than a chunk has', async () => {
  const side = (step: number): string =>
    `(SELECT g * ${step} AS k, 't' || g * ${step} AS t FROM generate_series(1, 40000) g)`;
  const joined = await database.query(`SELECT count(*) AS pairs, count(*) FILTER (WHERE a.k = b.k) AS equal,
    count(*) FILTER (WHERE a.k IS NULL OR b.k IS NULL) AS alone FROM ${side(2)} a FULL JOIN ${side(3)} b USING (t)`);
  expect(joined.rows[0]).toEqual({ pairs: 66_667n, equal: 13_333n, alone: 53_334n });
  const sorted = await database.query(`SELECT bool_and(t >= before) AS sorted, count(*) AS count FROM
    (SELECT t, lag(t) OVER () AS before FROM (SELECT t FROM ${side(7)} a ORDER BY t OFFSET 0) b) c`);
  expect(sorted.rows[0]).toEqual({ sorted: true, count: 40_000n });
  const windowed =
    await database.query(`SELECT sum(s) AS sum, max(n) AS last FROM (SELECT sum(k) OVER (ORDER BY k ROWS 1 PRECEDING) s,
    row_number() OVER (ORDER BY t) n FROM ${side(1)} a) b`);
  expect(windowed.rows[0]).toEqual({ sum: String(40_000 * 40_001 - 40_000), last: 40_000n });
  const lateral = await database.query(`SELECT count(*) AS count FROM generate_series(1, 2) o
    LEFT JOIN LATERAL (SELECT k FROM ${side(1)} a WHERE k % 2 = o % 2) b ON b.k > 39000`);
  expect(lateral.rows[0]).toEqual({ count: 1000n });
  const none = await database.query(
    `SELECT count(*) AS count FROM ${side(1)} a WHERE k NOT IN (SELECT k + 1 FROM ${side(1)} b)`,
  );
  expect(none.rows[0]).toEqual({ count: 1n });
});
