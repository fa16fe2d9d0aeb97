import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../src/index.ts';
import { SeededRandom } from '../support/seeded-random.ts';

let directory: string;
let database: Database;

/**
 * Series of several units, on disk and in memory, with late rows, changed and deleted ones: values that climb, that fall,
 * that are all alike, NULL in long stretches, NaN and infinities now and then, integers past 2^53, and a column that came
 * later.
 */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-best-rows-'));
  database = await Database.open(directory);
  await query(
    `CREATE TABLE m (time timestamptz NOT NULL, host text, up float8, down int8, same int, gaps float8, wild float8, wide int8,
      UNIQUE NULLS NOT DISTINCT (host, time))
      WITH (tidewire.time = 'time', tidewire.tags = 'host', tidewire.partition = '1 day')`,
  );
  const random = new SeededRandom(11);
  const insert = async (first: number, count: number, step: number): Promise<void> => {
    const rows: string[] = [];
    for (let row = 0; row < count; row++) {
      const second = first + row * step;
      const host = random.pick(["'a'", "'b'", 'NULL']);
      const gaps = second % 20_000 < 12_000 ? 'NULL' : String(random.below(1000) / 10);
      const wild =
        random.below(300) === 0
          ? random.pick(["'NaN'", "'Infinity'", "'-Infinity'", '-0.0'])
          : String(random.below(50) - 25);
      const wide = random.below(900) === 0 ? '9007199254740993' : String(random.below(5000));
      rows.push(
        `('2024-01-01Z'::timestamptz + interval '${second} s', ${host}, ${second / 7}, ${-second}, ${row % 3}, ${gaps}, ${wild}, ${wide})`,
      );
    }
    for (let from = 0; from < rows.length; from += 2000) {
      await query(`INSERT INTO m VALUES ${rows.slice(from, from + 2000).join(', ')}`);
    }
  };
  await insert(0, 9000, 10);
  await database.close();
  database = await Database.open(directory);
  await query('VACUUM m');
  await query('ALTER TABLE m ADD COLUMN late float8');
  await insert(95_000, 4000, 7);
  await query('UPDATE m SET late = 3.5, up = 1e6 WHERE same = 1 AND down > -300');
  await query("DELETE FROM m WHERE down BETWEEN -20500 AND -20000 OR time > '2024-01-02 09:00:00Z' AND host = 'a'");
}, 60_000);

afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

async function query(text: string): Promise<readonly unknown[]> {
  return (await database.query(text)).rows;
}

const COLUMNS = ['time', 'up', 'down', 'same', 'gaps', 'wild', 'wide', 'late'];
const ORDERS = ['', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST'];

describe('the first rows are those of a whole sort', () => {
  test.each(COLUMNS.flatMap((column) => ORDERS.map((order) => [`${column}${order}`])))('by %s', async (key) => {
    for (const where of ['', " WHERE host = 'b' AND wild < 20", ' WHERE gaps IS NULL OR up > 5000']) {
      for (const keys of [key, `${key}, host, time DESC`]) {
        const all = await query(
          `SELECT time, host, up, ${key.split(' ')[0]} AS k, late FROM m${where} ORDER BY ${keys}`,
        );
        for (const [count, offset] of [
          [1, 0],
          [40, 300],
        ]) {
          const first = await query(
            `SELECT time, host, up, ${key.split(' ')[0]} AS k, late FROM m${where} ORDER BY ${keys} LIMIT ${count} OFFSET ${offset}`,
          );
          expect(first, `${where} ${keys} LIMIT ${count} OFFSET ${offset}`).toEqual(
            all.slice(offset, offset! + count!),
          );
        }
      }
    }
  });
});

test('units whose values are all worse are not read', async () => {
  await query(
    `CREATE TABLE n (time timestamptz NOT NULL, down int8, other float8, UNIQUE (time))
      WITH (tidewire.time = 'time', tidewire.partition = '1 day')`,
  );
  await query(
    "INSERT INTO n SELECT '2024-01-01Z'::timestamptz + i * interval '1 s', -i, i FROM generate_series(0, 19999) i",
  );
  await database.close();
  database = await Database.open(directory);
  await query('VACUUM n');
  const plan = JSON.stringify(await query('EXPLAIN ANALYZE SELECT down, other FROM n ORDER BY down DESC LIMIT 5'));
  const [, read, skipped] = /(\d+) units read, (\d+) skipped/.exec(plan) ?? [];
  expect(Number(read)).toBe(2);
  expect(Number(skipped)).toBeGreaterThan(30);
});
