import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Database, LineError } from '../src/index.ts';

let directory: string;
let database: Database;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-library-'));
  database = await Database.open(directory);
});
afterEach(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

test('what is written as lines is asked for in SQL, and is there after reopening', async () => {
  await database.write('cpu,host=a usage=1.5,cores=8i 1704067200\ncpu,host=b usage=2.5 1704067200', { precision: 's' });
  await database.close();
  database = await Database.open(directory);
  const { columns, rows, tag } = await database.query('SELECT * FROM cpu WHERE host = $1', ['a']);
  expect(columns).toEqual([
    { name: 'time', type: 'timestamp with time zone' },
    { name: 'host', type: 'text' },
    { name: 'usage', type: 'double precision' },
    { name: 'cores', type: 'bigint' },
  ]);
  expect(rows).toEqual([{ time: '2024-01-01 00:00:00+00', host: 'a', usage: 1.5, cores: 8n }]);
  expect(tag).toBe('SELECT 1');
});

test('values come back exactly', async () => {
  const { rows } = await database.query(
    "SELECT 9007199254740993 AS big, 0.1::numeric AS exact, 1::smallint AS small, true AS yes, NULL AS nothing, interval '1 day' AS span",
  );
  expect(rows).toEqual([{ big: 9007199254740993n, exact: '0.1', small: 1, yes: true, nothing: null, span: '1 day' }]);
});

test('transactions, and errors that leave the database usable', async () => {
  await database.query(`CREATE TABLE t (time timestamptz NOT NULL, v int) WITH (tidewire.time = 'time')`);
  await database.query('BEGIN');
  await database.query('INSERT INTO t VALUES ($1, $2)', [new Date(0), 7]);
  await expect(database.query('SELECT nope')).rejects.toMatchObject({ code: '42703' });
  await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
  await database.query('ROLLBACK');
  expect((await database.query('SELECT count(*) AS n FROM t')).rows).toEqual([{ n: 0n }]);
  await expect(database.write('t2 v=')).rejects.toBeInstanceOf(LineError);
  await expect(database.query('SELECT $1::int', [])).rejects.toMatchObject({ code: '08P01' });
});

test('a second process, or a second handle, cannot open the same directory', async () => {
  await expect(Database.open(directory)).rejects.toMatchObject({ code: '55006' });
});
