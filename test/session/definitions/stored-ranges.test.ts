import { afterEach, beforeEach, expect, test } from 'vitest';
import { DefinitionWorld, type TestSession } from './definition-session.ts';

let world: DefinitionWorld;
let session: TestSession;

beforeEach(async () => {
  world = new DefinitionWorld();
  await world.start();
  session = world.connect();
});

afterEach(() => world.stop());

const TABLES = `
  CREATE TABLE slots (r numrange PRIMARY KEY, t tstzrange, d daterange, m int8multirange UNIQUE, list int4range[]);
  CREATE INDEX ON slots (d, r);
  CREATE TABLE readings (time timestamptz NOT NULL, span int4range, valid tsrange, parts nummultirange)
    WITH (tidewire.time = 'time', tidewire.tags = 'span')`;

const ROWS = `
  INSERT INTO slots SELECT numrange(g, g + 0.5, CASE g % 3 WHEN 0 THEN '[]' WHEN 1 THEN '(]' ELSE '[)' END),
      CASE WHEN g % 7 > 0 THEN tstzrange('2024-01-01 00:00+00'::timestamptz + g * interval '1 hour', NULL) END,
      CASE WHEN g % 5 = 0 THEN 'empty' ELSE daterange('-infinity', '2024-01-01'::date + g, '[]') END,
      int8multirange(int8range(g, g + 2), int8range(9007199254740993 + g, NULL)),
      array[int4range(g, g), int4range(NULL, g), NULL]
    FROM generate_series(1, 300) AS g;
  INSERT INTO readings SELECT '2024-01-01 00:00+00'::timestamptz + g * interval '1 minute', int4range(g % 4, 4),
      tsrange('-infinity', '2024-01-01'::timestamp + g * interval '1 day'), nummultirange(numrange(g, NULL, '()'))
    FROM generate_series(1, 300) AS g`;

async function state(): Promise<unknown> {
  const reader = world.connect();
  const found = [
    await reader.rows('SELECT r::text, t::text, d::text, m::text, list::text FROM slots ORDER BY r'),
    await reader.rows("SELECT r::text FROM slots WHERE d = daterange('-infinity', '2024-01-09', '[]')"),
    await reader.rows("SELECT r::text FROM slots WHERE d < '[-infinity,2024-01-05)' ORDER BY d, r"),
    await reader.rows("SELECT r::text FROM slots WHERE r = '(7.0,7.50]'"),
    await reader.rows('SELECT time::text, span::text, valid::text, parts::text FROM readings ORDER BY time'),
    await reader.rows("SELECT count(*)::text, range_agg(parts)::text FROM readings WHERE span = '[2,3]'"),
  ];
  await reader.close();
  return found;
}

async function makeRows(): Promise<unknown> {
  await session.run(TABLES);
  await session.run(ROWS);
  const before = (await state()) as readonly (readonly unknown[])[];
  expect(before.map((rows) => rows.length)).toEqual([300, 1, 62, 1, 300, 1]);
  return before;
}

test('ranges are the same after a crash, out of the log', async () => {
  const before = await makeRows();
  await world.crash(1);
  expect(await state()).toEqual(before);
});

test('ranges are the same after a flush and a restart, out of segments', async () => {
  const before = await makeRows();
  await world.flush();
  expect(await state()).toEqual(before);
  await world.stop();
  expect(await world.problems()).toEqual([]);
  await world.start();
  expect(await state()).toEqual(before);
});

test('keys of ranges are kept across a restart, however the ranges are written', async () => {
  await makeRows();
  await world.flush();
  await world.stop();
  await world.start();
  session = world.connect();
  await expect(session.run("INSERT INTO slots (r) VALUES ('(7.00,7.5]')")).rejects.toMatchObject({ code: '23505' });
  await expect(
    session.run("INSERT INTO slots VALUES ('[0,1]', NULL, NULL, '{[9007199254741000,),[7,8],[8,8]}')"),
  ).rejects.toMatchObject({ code: '23505' });
  await session.run("INSERT INTO slots (r) VALUES ('[7.00,7.5]'), ('empty')");
});

test('a column of texts becomes one of ranges, and back', async () => {
  await session.run(`CREATE TABLE t (id int, r text); INSERT INTO t VALUES (1, '(1,4]'), (2, 'empty'), (3, NULL);
    ALTER TABLE t ALTER r TYPE int4range USING r::int4range`);
  await world.flush();
  expect(await session.rows('SELECT r::text, pg_typeof(r)::text FROM t ORDER BY id')).toEqual([
    ['[2,5)', 'int4range'],
    ['empty', 'int4range'],
    [null, 'int4range'],
  ]);
  await session.run('ALTER TABLE t ALTER r TYPE text');
  await world.crash(3);
  session = world.connect();
  expect(await session.rows('SELECT r FROM t ORDER BY id')).toEqual([['[2,5)'], ['empty'], [null]]);
});
