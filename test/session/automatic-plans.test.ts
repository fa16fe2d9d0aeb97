import { beforeEach, describe, expect, test } from 'vitest';
import { valueAt } from '../../src/columnar/column.ts';
import { SqlError } from '../../src/errors/sql-error.ts';
import { runScript } from '../../src/session/run-script.ts';
import type { Session } from '../../src/session/session.ts';
import type { Value } from '../../src/types/value.ts';
import { sessionWorld } from './session-world.ts';

let session: Session;

beforeEach(async () => {
  const world = await sessionWorld();
  const login = { userName: 'postgres', databaseName: 'tidewire', remoteAddress: 'test', cancelKeyBytes: 4 };
  session = world.registry.open(login).session;
  await rows('CREATE TABLE t (a int, b text, c smallint, d numeric(6,2), e timestamptz, f varchar(3))');
  await rows(
    "INSERT INTO t SELECT n, 'name ' || n, n, n, timestamptz '2026-01-01' + n * interval '1 day' FROM generate_series(1, 9) n",
  );
});

async function rows(text: string): Promise<Value[][]> {
  const found: Value[][] = [];
  try {
    await runScript(session, text, {
      begin() {},
      rows(batch) {
        for (let row = 0; row < batch.rowCount; row++) found.push(batch.columns.map((column) => valueAt(column, row)));
        return undefined;
      },
      complete() {},
      empty() {},
    });
  } catch (error) {
    await session.fail();
    throw error;
  }
  return found;
}

async function failureOf(text: string): Promise<{ code: string; message: string; at: string } | undefined> {
  try {
    await rows(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { position } = error.fields;
    return { code: error.code, message: error.message, at: position === undefined ? '' : text.slice(position - 1) };
  }
}

/** Whether a text would be run without being parsed. */
async function isKnown(text: string): Promise<boolean> {
  const portal = session.openKnown(text);
  await portal?.close();
  await session.endMessage();
  return portal !== undefined;
}

describe('texts that differ in literals', () => {
  test('are run with the plan of the second one, each with its own values', async () => {
    expect(await rows('SELECT b FROM t WHERE a = 1')).toEqual([['name 1']]);
    expect(await isKnown('SELECT b FROM t WHERE a = 3')).toBe(false);
    expect(await rows('SELECT b FROM t WHERE a = 2')).toEqual([['name 2']]);
    expect(await isKnown('SELECT b FROM t WHERE a = 3')).toBe(true);
    expect(await rows('SELECT b FROM t WHERE a = 3')).toEqual([['name 3']]);
    expect(await rows('SELECT b FROM t WHERE a = 44')).toEqual([]);
  });

  test('are of one kind only where their numbers have the same type and sign', async () => {
    for (const value of [1, 2]) await rows(`SELECT b FROM t WHERE a = ${value}`);
    expect(await isKnown('SELECT b FROM t WHERE a = 3')).toBe(true);
    expect(await isKnown('SELECT b FROM t WHERE a = 3.0')).toBe(false);
    expect(await isKnown('SELECT b FROM t WHERE a = 3000000000')).toBe(false);
    expect(await isKnown("SELECT b FROM t WHERE a = '3'")).toBe(false);
    expect(await isKnown('SELECT b FROM t WHERE a = -3')).toBe(false);
    for (const value of [-1, -2]) await rows(`SELECT b FROM t WHERE a > ${value} AND a < 2`);
    expect(await isKnown('SELECT b FROM t WHERE a > -3 AND a < 3')).toBe(true);
    expect(await rows('SELECT b FROM t WHERE a > -3 AND a < 3')).toEqual([['name 1'], ['name 2']]);
  });

  test('have their ranges of time, lists and intervals as parameters', async () => {
    const query = (from: string, to: string, shift: string, one: number) =>
      `SELECT a FROM t WHERE e >= '${from}' AND e < timestamptz '${to}' + interval '${shift}' AND a IN (2, 3, ${one})`;
    for (const shift of ['1 day', '2 days']) await rows(query('2026-01-01', '2026-01-03', shift, 4));
    // Nothing is added to a literal: two of them make a value that is planned with.
    expect(await isKnown(query('2026-01-01', '2026-01-03', '3 days', 5))).toBe(false);
    const plain = (from: string, to: string) => `SELECT a FROM t WHERE e BETWEEN '${from}' AND timestamptz '${to}'`;
    for (const to of ['2026-01-03', '2026-01-04']) await rows(plain('2026-01-01', to));
    expect(await isKnown(plain('2026-01-03', '2026-01-05 00:00:00'))).toBe(true);
    expect(await rows(plain('2026-01-03', '2026-01-05 00:00:00'))).toEqual([[2], [3], [4]]);
  });

  test('keep what is more than a value: ordinals, names, limits, arguments', async () => {
    for (const limit of [1, 2]) await rows(`SELECT a, c FROM t WHERE a < 5 ORDER BY 1 LIMIT ${limit}`);
    expect(await isKnown('SELECT a, c FROM t WHERE a < 6 ORDER BY 1 LIMIT 2')).toBe(true);
    expect(await isKnown('SELECT a, c FROM t WHERE a < 6 ORDER BY 2 LIMIT 2')).toBe(false);
    expect(await isKnown('SELECT a, c FROM t WHERE a < 6 ORDER BY 1 LIMIT 3')).toBe(false);
    for (const value of [1, 2]) await rows(`SELECT ${value}, round(d, 1) FROM t WHERE a = ${value}`);
    expect(await isKnown('SELECT 2, round(d, 1) FROM t WHERE a = 3')).toBe(true);
    expect(await isKnown('SELECT 3, round(d, 1) FROM t WHERE a = 3')).toBe(false);
    expect(await isKnown('SELECT 2, round(d, 0) FROM t WHERE a = 3')).toBe(false);
    for (const text of ['SELECT 1', 'SELECT 2', 'SELECT 3'])
      expect((await rows(text))[0]).toEqual([Number(text.at(-1))]);
    expect(await isKnown('SELECT 4')).toBe(false);
  });

  test('write the values that they hold', async () => {
    for (const value of [11, 12, 13]) {
      await rows(`INSERT INTO t (a, b, d, f) VALUES (${value}, 'it''s ${value}', ${value}.125, 'abc')`);
    }
    expect(await rows('SELECT b, d::text FROM t WHERE a > 10 ORDER BY a')).toEqual([
      ["it's 11", '11.13'],
      ["it's 12", '12.13'],
      ["it's 13", '13.13'],
    ]);
    for (const value of [11, 12]) await rows(`UPDATE t SET c = c + 1, b = 'x${value}' WHERE a = ${value}`);
    expect(await isKnown("UPDATE t SET c = c + 5, b = 'x' WHERE a = 1")).toBe(true);
    await rows("UPDATE t SET c = c + 5, b = 'yy' WHERE a = 1");
    expect(await rows('SELECT b, c FROM t WHERE a = 1')).toEqual([['yy', 6]]);
  });
});

describe('errors', () => {
  test('stand where they are in the text that was sent', async () => {
    for (const value of ['1', '2']) await rows(`SELECT b FROM t WHERE b = 'long enough' AND a = '${value}'`);
    expect(await isKnown("SELECT b FROM t WHERE b = 'x' AND a = '3'")).toBe(true);
    expect(await failureOf("SELECT b FROM t WHERE b = 'x' AND a = 'three'")).toEqual({
      code: '22P02',
      message: 'invalid input syntax for type integer: "three"',
      at: "'three'",
    });
  });

  test('of values that do not fit come whether or not a row asks for them', async () => {
    const update = (value: string, a: number) => `UPDATE t SET c = ${value} WHERE a = ${a}`;
    for (const value of ['1', '2']) await rows(update(value, 1));
    expect(await isKnown(update('3', 1))).toBe(true);
    expect((await failureOf(update('70000', 99)))?.code).toBe('22003');
    const insert = (value: string) => `INSERT INTO t (a, f) VALUES (99, '${value}')`;
    for (const value of ['a', 'b']) await rows(insert(value));
    expect(await isKnown(insert('c'))).toBe(true);
    expect(await failureOf(insert('four'))).toMatchObject({ code: '22001', at: '' });
  });

  test('while rows are computed have their position moved along', async () => {
    const query = (value: string) => `SELECT a FROM t WHERE b > '${value}' AND b::int > 1`;
    const empty = 'zzz';
    for (const value of [empty, `${empty}z`]) await rows(query(value));
    expect(await isKnown(query('zzzzzzz'))).toBe(true);
    const known = await failureOf(query('a'));
    // The same text once more, which is parsed this time.
    const parsed = await failureOf(`${query('a')} AND true`);
    expect(known?.code).toBe('22P02');
    expect(known).toEqual({ ...parsed, at: parsed?.at.replace(' AND true', '') });
  });

  test('in a failed block are those of the block', async () => {
    for (const value of [1, 2]) await rows(`SELECT b FROM t WHERE a = ${value}`);
    await rows('BEGIN');
    await failureOf('SELECT 1 / 0');
    expect((await failureOf('SELECT b FROM t WHERE a = 3'))?.code).toBe('25P02');
    await rows('ROLLBACK');
  });
});

describe('a plan for many texts', () => {
  test('goes with the tables and settings that it was made for', async () => {
    for (const value of [1, 2]) await rows(`SELECT * FROM t WHERE a = ${value}`);
    expect(await isKnown('SELECT * FROM t WHERE a = 3')).toBe(true);
    await rows('DROP TABLE t');
    await rows('CREATE TABLE t (x text, a int)');
    await rows("INSERT INTO t VALUES ('new', 3), ('new', 4)");
    expect(await isKnown('SELECT * FROM t WHERE a = 3')).toBe(false);
    expect(await rows('SELECT * FROM t WHERE a = 4')).toEqual([['new', 4]]);
    for (const value of [5, 6]) await rows(`SELECT * FROM t WHERE a = ${value}`);
    expect(await isKnown('SELECT * FROM t WHERE a = 3')).toBe(true);
    await rows("SET TimeZone = 'Asia/Tokyo'");
    expect(await isKnown('SELECT * FROM t WHERE a = 3')).toBe(false);
  });

  test('reads literals by the settings of the moment', async () => {
    const query = (day: string) => `SELECT a FROM t WHERE e = '${day}'`;
    await rows("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'");
    for (const day of ['2026-01-02', '2026-01-03', '01/04/2026']) await rows(query(day));
    expect(await rows(query('01/05/2026'))).toEqual([[4]]);
    await rows("SET DateStyle = 'ISO, DMY'");
    for (const day of ['06/01/2026', '07/01/2026', '08/01/2026']) expect(await rows(query(day))).toHaveLength(1);
  });

  test('counts as the statement that it is', async () => {
    for (const value of [1, 2, 3, 4, 5]) await rows(`SELECT b FROM t WHERE a = ${value};`);
    const counted = await rows("SELECT query, calls, rows FROM pg_stat_statements WHERE query LIKE 'SELECT b FROM t%'");
    expect(counted).toEqual([['SELECT b FROM t WHERE a = $1', 5, 5]]);
  });

  test('is forgotten with DISCARD PLANS', async () => {
    for (const value of [1, 2]) await rows(`SELECT b FROM t WHERE a = ${value}`);
    await rows('DISCARD PLANS');
    expect(await isKnown('SELECT b FROM t WHERE a = 3')).toBe(false);
  });

  test('shows the text that was sent', async () => {
    for (const value of [1, 2, 3]) await rows(`SELECT b FROM t WHERE a = ${value}`);
    expect(session.activity.query).toBe('SELECT b FROM t WHERE a = 3');
  });
});
