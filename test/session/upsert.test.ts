import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../src/index.ts';
import { HOSTILE_TEXTS } from '../support/hostile-data.ts';
import { SeededRandom } from '../support/seeded-random.ts';

let directory: string;
let database: Database;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-upsert-'));
  database = await Database.open(directory);
});

afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Row {
  readonly host: string | null;
  readonly micros: number;
  readonly value: number;
}

/** Tags of which one may be NULL, instants around zero, 2^53 and the ends of partitions. */
const HOSTS: readonly (string | null)[] = [
  null,
  '',
  ...HOSTILE_TEXTS.filter((text) => !text.includes('\0')).slice(0, 12),
];
const TIMES = [
  -1, 0, 1, 86_399_999_999, 86_400_000_000, 631_152_000_000_000, -631_152_000_000_001, 9_007_199_254_740_992,
];

function keyOf({ host, micros }: Pick<Row, 'host' | 'micros'>): string {
  return JSON.stringify([host, micros]);
}

function literal(text: string | null): string {
  return text === null ? 'NULL' : `'${text.replaceAll("'", "''")}'`;
}

function valuesOf(rows: readonly Row[]): string {
  const texts = rows.map(
    ({ host, micros, value }) =>
      `(${literal(host)}, timestamp '2000-01-01' + interval '${micros} microseconds', ${value})`,
  );
  return texts.join(', ');
}

function randomRows(random: SeededRandom, count: number): Row[] {
  return Array.from({ length: count }, () => ({
    host: random.pick(HOSTS),
    micros: random.pick(TIMES),
    value: random.below(1000),
  }));
}

const TABLES = {
  'a plain table': '',
  'a time-series table': `WITH (tidewire.time = 'at', tidewire.tags = 'host', tidewire.partition = '1 day')`,
};

describe.each(Object.entries(TABLES))('INSERT … ON CONFLICT into %s', (name, options) => {
  const table = name === 'a plain table' ? 'plain' : 'points';

  test('leaves what a map leaves, in memory and on disk, committed and rolled back', async () => {
    await database.query(
      `CREATE TABLE ${table} (host text, at timestamp NOT NULL, v int, UNIQUE NULLS NOT DISTINCT (host, at)) ${options}`,
    );
    const random = new SeededRandom(11);
    let model = new Map<string, number>();
    for (let round = 0; round < 60; round++) {
      const next = new Map(model);
      const rows = randomRows(random, 1 + random.below(12));
      const isRolledBack = random.below(6) === 0;
      if (isRolledBack) await database.query('BEGIN');
      if (random.below(2) === 0) {
        const { tag } = await database.query(`INSERT INTO ${table} VALUES ${valuesOf(rows)} ON CONFLICT DO NOTHING`);
        const before = next.size;
        for (const row of rows) if (!next.has(keyOf(row))) next.set(keyOf(row), row.value);
        expect(tag).toBe(`INSERT 0 ${next.size - before}`);
      } else {
        const distinct = [...new Map(rows.map((row) => [keyOf(row), row])).values()];
        const result = await database.query(
          `INSERT INTO ${table} AS t VALUES ${valuesOf(distinct)} ON CONFLICT (at, host)
            DO UPDATE SET v = t.v + excluded.v WHERE t.v < 2000 RETURNING v`,
        );
        const returned: number[] = [];
        for (const row of distinct) {
          const old = next.get(keyOf(row));
          if (old !== undefined && old >= 2000) continue;
          const value = (old ?? 0) + row.value;
          next.set(keyOf(row), value);
          returned.push(value);
        }
        expect(result.rows.map((row) => row.v)).toEqual(returned);
      }
      if (isRolledBack) await database.query('ROLLBACK');
      else model = next;
      if (random.below(10) === 0) await database.query(`VACUUM ${table}`);
      const { rows: stored } = await database.query(
        `SELECT host, (extract(epoch FROM at - timestamp '2000-01-01') * 1000000)::bigint::text AS micros, v FROM ${table}`,
      );
      const found = stored.map((row) => [JSON.stringify([row.host, Number(row.micros)]), Number(row.v)] as const);
      expect(new Map(found)).toEqual(model);
      expect(found.length).toBe(model.size);
    }
  });

  test('refuses to change a row twice, and leaves it as it was', async () => {
    const rows = [
      { host: 'twice', micros: 0, value: 1 },
      { host: 'twice', micros: 0, value: 2 },
    ];
    const upsert = (some: readonly Row[]): Promise<unknown> =>
      database.query(
        `INSERT INTO ${table} VALUES ${valuesOf(some)} ON CONFLICT (host, at) DO UPDATE SET v = excluded.v`,
      );
    await expect(upsert(rows)).rejects.toMatchObject({ code: '21000' });
    await upsert(rows.slice(0, 1));
    await expect(upsert(rows)).rejects.toMatchObject({ code: '21000' });
    const { rows: stored } = await database.query(`SELECT v FROM ${table} WHERE host = 'twice'`);
    expect(stored.map((row) => Number(row.v))).toEqual([1]);
  });

  test('takes many rows at once', async () => {
    const source = `SELECT 'many', timestamp '2030-01-01' + g % 1500 * interval '1 minute', g FROM generate_series(1, 3000) AS g`;
    const first = await database.query(`INSERT INTO ${table} ${source} ON CONFLICT DO NOTHING`);
    expect(first.tag).toBe('INSERT 0 1500');
    const second = await database.query(
      `INSERT INTO ${table} AS t ${source} OFFSET 1500 ON CONFLICT (host, at) DO UPDATE SET v = excluded.v`,
    );
    expect(second.tag).toBe('INSERT 0 1500');
    const { rows: sums } = await database.query(`SELECT count(*), sum(v) FROM ${table} WHERE host = 'many'`);
    expect(Object.values(sums[0] ?? {}).map(Number)).toEqual([1500, ((1501 + 3000) / 2) * 1500]);
  });
});
