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
  CREATE TABLE hosts (addr inet PRIMARY KEY, net cidr, mac macaddr UNIQUE, wide macaddr8, flags bit(8), more varbit, list inet[]);
  CREATE INDEX ON hosts (net, flags);
  CREATE TABLE packets (time timestamptz NOT NULL, source inet, flags varbit, target macaddr8)
    WITH (tidewire.time = 'time', tidewire.tags = 'source, flags')`;

const ROWS = `
  INSERT INTO hosts SELECT set_masklen('10.1.0.0'::inet + g, 8 + g % 25), set_masklen('10.0.0.0/8'::cidr, g % 9),
      ('02:00:00:00:' || lpad(to_hex(g / 256), 2, '0') || ':' || lpad(to_hex(g % 256), 2, '0'))::macaddr,
      CASE WHEN g % 3 > 0 THEN '02:00:00:00:00:01'::macaddr8 END, g::bit(8), repeat('10', g % 5)::varbit, array['::1'::inet + g, NULL]
    FROM generate_series(1, 300) AS g;
  INSERT INTO hosts (addr) VALUES ('2001:db8::1/64');
  INSERT INTO packets SELECT '2024-01-01 00:00+00'::timestamptz + g * interval '1 minute', '10.0.0.0'::inet + g % 3,
      g::bit(2), '02:00:00:00:00:01'
    FROM generate_series(1, 300) AS g`;

async function state(): Promise<unknown> {
  const reader = world.connect();
  const columns = 'addr::text, net::text, mac::text, wide::text, flags::text, more::text, list::text';
  const found = [
    await reader.rows(`SELECT ${columns} FROM hosts ORDER BY addr`),
    await reader.rows("SELECT addr::text FROM hosts WHERE net = '10.0.0.0/8' AND flags = 8::bit(8)"),
    await reader.rows("SELECT addr::text FROM hosts WHERE mac = '02-00-00-00-01-05'"),
    await reader.rows("SELECT addr::text FROM hosts WHERE addr < '10.1.0.60/8' ORDER BY addr"),
    await reader.rows('SELECT time::text, source::text, flags::text, target::text FROM packets ORDER BY time'),
    await reader.rows("SELECT count(*)::text FROM packets WHERE source = '10.0.0.1' AND flags = B'10'"),
  ];
  await reader.close();
  return found;
}

async function makeRows(): Promise<unknown> {
  await session.run(TABLES);
  await session.run(ROWS);
  const before = (await state()) as readonly (readonly unknown[])[];
  expect(before.map((rows) => rows.length)).toEqual([301, 1, 1, 2, 300, 1]);
  return before;
}

test('addresses and bits are the same after a crash, out of the log', async () => {
  const before = await makeRows();
  await world.crash(1);
  expect(await state()).toEqual(before);
});

test('addresses and bits are the same after a flush and a restart, out of segments', async () => {
  const before = await makeRows();
  await world.flush();
  expect(await state()).toEqual(before);
  await world.stop();
  expect(await world.problems()).toEqual([]);
  await world.start();
  expect(await state()).toEqual(before);
  session = world.connect();
  await expect(session.run("INSERT INTO hosts (addr) VALUES ('10.1.0.1/9')")).rejects.toMatchObject({ code: '23505' });
});
