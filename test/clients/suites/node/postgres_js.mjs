import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { check, URL as DATABASE_URL, thrown, version } from '../../checks/check.mjs';
import { load, versionOf } from './load.mjs';

const postgres = (await load('postgres')).default;
version(versionOf('postgres'));
const sql = postgres(DATABASE_URL, { max: 3, onnotice: () => {} });

await check('the tables are made', async () => {
  await sql`CREATE TABLE points (at timestamptz NOT NULL, host text, value float8, tags text[], extra jsonb, n bigint)`;
  return (await sql`SELECT count(*)::int AS n FROM points`)[0];
});

await check('rows are inserted by helpers', async () => {
  const rows = [
    {
      at: new Date('2024-01-01T00:00:00Z'),
      host: 'a',
      value: 1.5,
      tags: ['x', 'y'],
      extra: { k: 1 },
      n: '9007199254740993',
    },
    { at: new Date('2024-01-01T00:01:00Z'), host: 'b', value: null, tags: [], extra: null, n: 2 },
  ];
  const result = await sql`INSERT INTO points ${sql(rows)} RETURNING *`;
  return [result.count, result.command, [...result], result.columns.map(({ name, type }) => [name, type])];
});

await check('conditions by fragments', async () => {
  const by = (host) => (host === undefined ? sql`` : sql`WHERE host = ${host}`);
  return [
    [...(await sql`SELECT host FROM points ${by('a')}`)],
    [...(await sql`SELECT host FROM points ${by()} ORDER BY ${sql('host')} DESC`)],
  ];
});

await check('lists and arrays as parameters', async () => [
  [...(await sql`SELECT host FROM points WHERE host IN ${sql(['a', 'b', 'c'])} ORDER BY 1`)],
  [...(await sql`SELECT host FROM points WHERE host = ANY(${['b']})`)],
  [...(await sql`SELECT ${sql.array([1, 2, 3])}::int[] AS a, ${sql.json({ deep: [true] })}::jsonb AS j`)],
]);

await check('types of arrays were learnt when it connected', async () => {
  return [
    ...(await sql`SELECT ARRAY[1,2]::bigint[] AS b, ARRAY['a']::name[] AS n, ARRAY[true]::bool[] AS t, ARRAY['2024-01-01'::date] AS d`),
  ];
});

await check('an update by a helper', async () => {
  const changed =
    await sql`UPDATE points SET ${sql({ value: 9, host: 'c' }, 'value', 'host')} WHERE host = 'b' RETURNING host, value`;
  return [...changed];
});

await check('transactions with savepoints', async () => {
  const failed = await thrown(() =>
    sql.begin(async (inside) => {
      await inside`INSERT INTO points (at, host) VALUES (now(), 'gone')`;
      throw new Error('never mind');
    }),
  );
  await sql.begin('isolation level repeatable read', async (inside) => {
    await inside`INSERT INTO points (at, host) VALUES ('2024-01-02', 'kept')`;
    await inside
      .savepoint(async (nested) => {
        await nested`INSERT INTO points (at, host) VALUES ('2024-01-02', 'undone')`;
        await nested`SELECT 1/0`;
      })
      .catch(() => {});
  });
  return [failed, [...(await sql`SELECT host FROM points ORDER BY host`)]];
});

await check('a cursor', async () => {
  const sizes = [];
  await sql`SELECT n FROM generate_series(1, 25) n`.cursor(10, (rows) => {
    sizes.push(rows.length);
  });
  let first;
  for await (const [row] of sql`SELECT n FROM generate_series(1, 25) n`.cursor()) {
    first = row;
    break;
  }
  return [sizes, first];
});

await check('row by row', async () => {
  let sum = 0;
  await sql`SELECT n FROM generate_series(1, 100) n`.forEach(({ n }) => {
    sum += n;
  });
  return sum;
});

await check('many at once share the connections', async () => {
  const all = await Promise.all(Array.from({ length: 40 }, (_, n) => sql`SELECT ${n}::int AS n`));
  return all.map(([{ n }]) => n);
});

await check('raw values, and without preparing', async () => {
  const raw = await sql`SELECT 1 AS a, 'x' AS b`.raw();
  const rows = await sql.unsafe('SELECT $1::int AS a', [5]);
  const several = await sql.unsafe('SELECT 1 AS a; SELECT 2 AS b').simple();
  return [raw.map((row) => row.map(String)), [...rows], several.map((result) => [...result])];
});

await check('what a statement would be', async () => {
  const { types, columns, string } =
    await sql`SELECT host, value FROM points WHERE at > ${new Date(0)} AND n = ${1}`.describe();
  return [types, columns.map(({ name, type }) => [name, type]), string];
});

await check('COPY both ways', async () => {
  const into = await sql`COPY points (at, host) FROM STDIN`.writable();
  await pipeline(Readable.from(['2024-03-01\tcopied1\n2024-03-02\tcop', 'ied2\n']), into);
  const outOf = await sql`COPY (SELECT host FROM points WHERE host LIKE 'copied%' ORDER BY 1) TO STDOUT`.readable();
  let text = '';
  for await (const chunk of outOf) text += chunk;
  return text;
});

await check('LISTEN and NOTIFY', async () => {
  let hear;
  const heard = new Promise((resolve) => {
    hear = resolve;
  });
  const listening = await sql.listen('chan', (payload) => hear(payload));
  await sql.notify('chan', 'hello');
  const payload = await heard;
  await listening.unlisten();
  return payload;
});

await check('errors carry their fields', async () => {
  try {
    await sql`INSERT INTO points (at) VALUES (${null})`;
  } catch ({ code, severity, message, detail, table_name, column_name, constraint_name }) {
    return [code, severity, message, typeof detail, table_name, column_name, constraint_name];
  }
});

await check('a statement is cancelled', async () => {
  const query = sql`SELECT pg_sleep(20)`.execute();
  setTimeout(() => query.cancel(), 300);
  return await thrown(() => query);
});

await check('names are transformed', async () => {
  const camel = postgres(DATABASE_URL, { max: 1, transform: postgres.camel });
  const rows = [...(await camel`SELECT 1 AS some_name, '{"inner_name": 2}'::jsonb AS other_name`)];
  await camel.end();
  return rows;
});

await check('it ends', async () => {
  await sql.end({ timeout: 5 });
  return true;
});
