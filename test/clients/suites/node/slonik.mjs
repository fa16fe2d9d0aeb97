import { check, URL as DATABASE_URL, thrown, version } from '../../checks/check.mjs';
import { load, versionOf } from './load.mjs';

const { createPool, sql } = await load('slonik');
const { z } = await load('zod');
version(versionOf('slonik'));
const pool = await createPool(DATABASE_URL, { maximumPoolSize: 3 });
const row = (shape) => sql.type(z.object(shape));

await check('the tables are made', async () => {
  await pool.query(
    sql.unsafe`CREATE TABLE readings (id serial PRIMARY KEY, host text NOT NULL UNIQUE, at timestamptz, load float8, n bigint, extra jsonb)`,
  );
});
await check('rows by unnest', async () => {
  const rows = [
    ['a', '2024-02-29 12:00:00+00', 1.5, '5'],
    ['b', '2024-02-29 13:00:00+00', null, '6'],
  ];
  const {
    rowCount,
    rows: made,
    fields,
  } = await pool.query(
    sql.unsafe`INSERT INTO readings (host, at, load, n) SELECT * FROM ${sql.unnest(rows, ['text', 'timestamptz', 'float8', 'int8'])} RETURNING id, host, at, load, n`,
  );
  return [rowCount, made, fields];
});
await check('one, any, maybe, exists', async () => [
  await pool.one(row({ id: z.number(), host: z.string() })`SELECT id, host FROM readings WHERE host = ${'a'}`),
  await pool.any(
    sql.unsafe`SELECT host FROM readings WHERE host = ANY(${sql.array(['a', 'b'], 'text')}) ORDER BY host`,
  ),
  await pool.maybeOne(sql.unsafe`SELECT 1 AS one WHERE false`),
  await pool.oneFirst(sql.unsafe`SELECT count(*) FROM readings`),
  await pool.manyFirst(sql.unsafe`SELECT ${sql.identifier(['readings', 'host'])} FROM readings ORDER BY 1`),
  await pool.exists(sql.unsafe`SELECT 1 FROM readings`),
  await pool.any(sql.unsafe`SELECT * FROM (VALUES (${sql.join([1, 2], sql.fragment`), (`)})) v(a)`),
  await pool.one(
    sql.unsafe`SELECT ${sql.jsonb({ a: [1] })} AS j, ${sql.timestamp(new Date(0))} AS t, ${sql.date(new Date(0))} AS d, ${sql.interval({ days: 1, hours: 2 })}::text AS i`,
  ),
]);
await check('transactions, one inside another', async () => {
  const failed = await thrown(() =>
    pool.transaction(async (outer) => {
      await outer.query(sql.unsafe`INSERT INTO readings (host) VALUES ('gone')`);
      await outer.query(sql.unsafe`INSERT INTO readings (host) VALUES ('a')`);
    }),
  );
  await pool.transaction(async (outer) => {
    await outer.query(sql.unsafe`INSERT INTO readings (host) VALUES ('kept')`);
    await outer.transaction((inner) => inner.query(sql.unsafe`SELECT 1/0`)).catch(() => {});
  });
  return [failed?.[0], await pool.anyFirst(sql.unsafe`SELECT host FROM readings ORDER BY host`)];
});
await check('rows as a stream', async () => {
  const seen = [];
  await pool.stream(sql.unsafe`SELECT n FROM generate_series(1, 500) n`, (stream) => {
    stream.on('data', ({ data }) => seen.push(data.n));
  });
  return [seen.length, seen[499]];
});
await check('it ends', () => pool.end());
