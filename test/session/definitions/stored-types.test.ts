import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DefinitionWorld, type TestSession } from './definition-session.ts';

let world: DefinitionWorld;
let session: TestSession;

beforeEach(async () => {
  world = new DefinitionWorld();
  await world.start();
  session = world.connect();
});

afterEach(() => world.stop());

/** Tables of a family of types as keys, indexed, tags and fields, and questions whose answers must stay. */
interface Family {
  readonly tables: string;
  readonly rows: string;
  readonly questions: readonly string[];
  /** How many rows each question has for an answer. */
  readonly rowCounts: readonly number[];
}

const ADDRESSES: Family = {
  tables: `
  CREATE TABLE hosts (addr inet PRIMARY KEY, net cidr, mac macaddr UNIQUE, wide macaddr8, flags bit(8), more varbit, list inet[]);
  CREATE INDEX ON hosts (net, flags);
  CREATE TABLE packets (time timestamptz NOT NULL, source inet, flags varbit, target macaddr8)
    WITH (tidewire.time = 'time', tidewire.tags = 'source, flags')`,
  rows: `
  INSERT INTO hosts SELECT set_masklen('10.1.0.0'::inet + g, 8 + g % 25), set_masklen('10.0.0.0/8'::cidr, g % 9),
      ('02:00:00:00:' || lpad(to_hex(g / 256), 2, '0') || ':' || lpad(to_hex(g % 256), 2, '0'))::macaddr,
      CASE WHEN g % 3 > 0 THEN '02:00:00:00:00:01'::macaddr8 END, g::bit(8), repeat('10', g % 5)::varbit, array['::1'::inet + g, NULL]
    FROM generate_series(1, 300) AS g;
  INSERT INTO hosts (addr) VALUES ('2001:db8::1/64');
  INSERT INTO packets SELECT '2024-01-01 00:00+00'::timestamptz + g * interval '1 minute', '10.0.0.0'::inet + g % 3,
      g::bit(2), '02:00:00:00:00:01'
    FROM generate_series(1, 300) AS g`,
  questions: [
    'SELECT addr::text, net::text, mac::text, wide::text, flags::text, more::text, list::text FROM hosts ORDER BY addr',
    "SELECT addr::text FROM hosts WHERE net = '10.0.0.0/8' AND flags = 8::bit(8)",
    "SELECT addr::text FROM hosts WHERE mac = '02-00-00-00-01-05'",
    "SELECT addr::text FROM hosts WHERE addr < '10.1.0.60/8' ORDER BY addr",
    'SELECT time::text, source::text, flags::text, target::text FROM packets ORDER BY time',
    "SELECT count(*)::text FROM packets WHERE source = '10.0.0.1' AND flags = B'10'",
  ],
  rowCounts: [301, 1, 1, 2, 300, 1],
};

const RANGES: Family = {
  tables: `
  CREATE TABLE slots (r numrange PRIMARY KEY, t tstzrange, d daterange, m int8multirange UNIQUE, list int4range[]);
  CREATE INDEX ON slots (d, r);
  CREATE TABLE readings (time timestamptz NOT NULL, span int4range, valid tsrange, parts nummultirange)
    WITH (tidewire.time = 'time', tidewire.tags = 'span')`,
  rows: `
  INSERT INTO slots SELECT numrange(g, g + 0.5, CASE g % 3 WHEN 0 THEN '[]' WHEN 1 THEN '(]' ELSE '[)' END),
      CASE WHEN g % 7 > 0 THEN tstzrange('2024-01-01 00:00+00'::timestamptz + g * interval '1 hour', NULL) END,
      CASE WHEN g % 5 = 0 THEN 'empty' ELSE daterange('-infinity', '2024-01-01'::date + g, '[]') END,
      int8multirange(int8range(g, g + 2), int8range(9007199254740993 + g, NULL)),
      array[int4range(g, g), int4range(NULL, g), NULL]
    FROM generate_series(1, 300) AS g;
  INSERT INTO readings SELECT '2024-01-01 00:00+00'::timestamptz + g * interval '1 minute', int4range(g % 4, 4),
      tsrange('-infinity', '2024-01-01'::timestamp + g * interval '1 day'), nummultirange(numrange(g, NULL, '()'))
    FROM generate_series(1, 300) AS g`,
  questions: [
    'SELECT r::text, t::text, d::text, m::text, list::text FROM slots ORDER BY r',
    "SELECT r::text FROM slots WHERE d = daterange('-infinity', '2024-01-09', '[]')",
    "SELECT r::text FROM slots WHERE d < '[-infinity,2024-01-05)' ORDER BY d, r",
    "SELECT r::text FROM slots WHERE r = '(7.0,7.50]'",
    'SELECT time::text, span::text, valid::text, parts::text FROM readings ORDER BY time',
    "SELECT count(*)::text, range_agg(parts)::text FROM readings WHERE span = '[2,3]'",
  ],
  rowCounts: [300, 1, 62, 1, 300, 1],
};

async function answers({ questions }: Family): Promise<readonly (readonly unknown[])[]> {
  const reader = world.connect();
  const found: (readonly unknown[])[] = [];
  for (const question of questions) found.push(await reader.rows(question));
  await reader.close();
  return found;
}

async function makeRows(family: Family): Promise<unknown> {
  await session.run(family.tables);
  await session.run(family.rows);
  const before = await answers(family);
  expect(before.map((rows) => rows.length)).toEqual(family.rowCounts);
  return before;
}

describe.each(Object.entries({ 'addresses and bits': ADDRESSES, ranges: RANGES }))('%s', (_name, family) => {
  test('are the same after a crash, out of the log', async () => {
    const before = await makeRows(family);
    await world.crash(1);
    expect(await answers(family)).toEqual(before);
  });

  test('are the same after a flush and a restart, out of segments', async () => {
    const before = await makeRows(family);
    await world.flush();
    expect(await answers(family)).toEqual(before);
    await world.stop();
    expect(await world.problems()).toEqual([]);
    await world.start();
    expect(await answers(family)).toEqual(before);
  });
});

test('keys of addresses are kept across a restart', async () => {
  await makeRows(ADDRESSES);
  await world.flush();
  await world.stop();
  await world.start();
  session = world.connect();
  await expect(session.run("INSERT INTO hosts (addr) VALUES ('10.1.0.1/9')")).rejects.toMatchObject({ code: '23505' });
});

test('keys of ranges are kept across a restart, however the ranges are written', async () => {
  await makeRows(RANGES);
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
