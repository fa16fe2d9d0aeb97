import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { check, URL as DATABASE_URL, thrown, version } from '../../checks/check.mjs';
import { load, versionOf } from './load.mjs';

const pg = (await load('pg')).default;
const Cursor = (await load('pg-cursor')).default;
const QueryStream = (await load('pg-query-stream')).default;
const copy = await load('pg-copy-streams');
version(
  `${versionOf('pg')}, pg-cursor ${versionOf('pg-cursor')}, pg-query-stream ${versionOf('pg-query-stream')}, pg-copy-streams ${versionOf('pg-copy-streams')}`,
);

const client = new pg.Client({ connectionString: DATABASE_URL });
await client.connect();

await check('the tables are made', async () => {
  const made =
    await client.query(`CREATE TABLE readings (id serial PRIMARY KEY, at timestamptz NOT NULL, host text, load double precision,
    total bigint, price numeric(12,4), flags boolean[], extra jsonb, raw bytea, day date)`);
  return [made.command, made.rowCount];
});

await check('values of all types come back as they went', async () => {
  const { rows, fields } = await client.query(
    `INSERT INTO readings (at, host, load, total, price, flags, extra, raw, day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *`,
    [
      new Date('2024-02-29T12:00:00.123Z'),
      'höst',
      1.5,
      '9007199254740993',
      '12345.6789',
      [true, null, false],
      { a: [1, { b: null }] },
      Buffer.from([0, 1, 255]),
      '2024-02-29',
    ],
  );
  return [
    rows,
    fields.map(({ name, dataTypeID, columnID, format, dataTypeModifier }) => [
      name,
      dataTypeID,
      columnID,
      format,
      dataTypeModifier,
    ]),
  ];
});

await check('values in binary', async () => {
  const { rows } = await client.query({
    text: 'SELECT $1::int AS i, $2::float8 AS f, $3::text AS t, $4::timestamptz AS at, $5::bool AS b, $6::int[] AS a',
    values: [7, 0.25, 'x', new Date(0), true, [1, 2]],
    binary: true,
  });
  return rows;
});

await check('rows as arrays, and several statements at once', async () => {
  const array = await client.query({ text: 'SELECT 1, 2 AS two', rowMode: 'array' });
  const many = await client.query("SELECT 1 AS one; SELECT 'b' AS two; CREATE TEMP TABLE gone (a int)");
  return [array.rows, many.map(({ command, rows }) => [command, rows])];
});

await check('prepared statements by name', async () => {
  const query = (value) =>
    client.query({ name: 'by-host', text: 'SELECT id, host FROM readings WHERE host = $1', values: [value] });
  return [
    (await query('höst')).rows,
    (await query('none')).rows,
    await thrown(() => client.query({ name: 'by-host', text: 'SELECT 1' })),
  ];
});

await check('errors carry their fields', async () => {
  const errors = [];
  for (const sql of [
    'SELECT * FROM nothing_here',
    'INSERT INTO readings (at) VALUES (NULL)',
    'SELECT 1/0',
    'SELEC 1',
  ]) {
    try {
      await client.query(sql);
    } catch (error) {
      const { code, severity, message, position, table, column, schema } = error;
      errors.push([code, severity, message, position, table, column, schema]);
    }
  }
  return errors;
});

await check('a transaction is rolled back, a savepoint too', async () => {
  await client.query('BEGIN');
  await client.query("INSERT INTO readings (at, host) VALUES (now(), 'a')");
  await client.query('SAVEPOINT s');
  const failed = await thrown(() => client.query('INSERT INTO readings (id, at) VALUES (1, now())'));
  const aborted = await thrown(() => client.query('SELECT 1'));
  await client.query('ROLLBACK TO SAVEPOINT s');
  const inside = (await client.query('SELECT count(*) FROM readings')).rows;
  await client.query('ROLLBACK');
  return [failed, aborted, inside, (await client.query('SELECT count(*) FROM readings')).rows];
});

await check('a pool', async () => {
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 4 });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => pool.query('SELECT $1::int * 2 AS n', [n])));
  const counts = [pool.totalCount, pool.waitingCount];
  await pool.end();
  return [answers.map(({ rows }) => rows[0].n), counts];
});

await check('a cursor reads part by part', async () => {
  const cursor = client.query(new Cursor('SELECT n FROM generate_series(1, 250) n WHERE n > $1', [10]));
  const first = await cursor.read(100);
  const second = await cursor.read(100);
  await cursor.close();
  return [first.length, first[0], second[99], (await client.query('SELECT 1 AS alive')).rows];
});

await check('a query stream', async () => {
  const stream = client.query(
    new QueryStream('SELECT n, n::text AS t FROM generate_series(1, $1::int) n', [5000], { batchSize: 300 }),
  );
  let count = 0;
  let sum = 0;
  for await (const { n } of stream) {
    count += 1;
    sum += n;
  }
  return [count, sum];
});

await check('a stream that is left', async () => {
  const stream = client.query(new QueryStream('SELECT n FROM generate_series(1, 1000000) n'));
  for await (const { n } of stream) if (n === 5) break;
  return (await client.query('SELECT 2 AS alive')).rows;
});

await check('COPY from a stream, and to one', async () => {
  await client.query('CREATE TABLE copied (a int, b text)');
  const lines = Array.from({ length: 3000 }, (_, n) => `${n}\tline ${n}\n`);
  const into = client.query(copy.from('COPY copied FROM STDIN'));
  await pipeline(Readable.from(lines), into);
  const chunks = [];
  const outOf = client.query(
    copy.to('COPY (SELECT a, b FROM copied WHERE a < 3 ORDER BY a) TO STDOUT WITH (FORMAT csv, HEADER)'),
  );
  await pipeline(
    outOf,
    new Writable({
      write(chunk, _encoding, done) {
        chunks.push(chunk);
        done();
      },
    }),
  );
  return [into.rowCount, Buffer.concat(chunks).toString(), outOf.rowCount];
});

await check('COPY of a wrong line', async () => {
  const into = client.query(copy.from('COPY copied FROM STDIN'));
  const error = await thrown(() => pipeline(Readable.from(['1\tx\n', 'nonsense\ty\n']), into));
  return [error, (await client.query('SELECT count(*) FROM copied')).rows];
});

await check('LISTEN and NOTIFY', async () => {
  const other = new pg.Client({ connectionString: DATABASE_URL });
  await other.connect();
  await client.query('LISTEN news');
  const heard = new Promise((resolve) =>
    client.once('notification', ({ channel, payload }) => resolve([channel, payload])),
  );
  await other.query("SELECT pg_notify('news', 'höher')");
  const message = await heard;
  await client.query('UNLISTEN *');
  await other.end();
  return message;
});

await check('notices', async () => {
  const heard = new Promise((resolve) =>
    client.once('notice', ({ severity, code, message }) => resolve([severity, code, message])),
  );
  await client.query('DROP TABLE IF EXISTS never_there');
  return await heard;
});

await check('a statement that takes too long', async () => {
  const hasty = new pg.Client({ connectionString: DATABASE_URL, statement_timeout: 100 });
  await hasty.connect();
  const error = await thrown(() => hasty.query('SELECT pg_sleep(10)'));
  const after = (await hasty.query('SELECT 1 AS alive')).rows;
  await hasty.end();
  return [error, after];
});

await check('settings that the connection asks for', async () => {
  const set = new pg.Client({
    connectionString: DATABASE_URL,
    application_name: 'checks',
    options: '-c search_path=pg_catalog -c TimeZone=Asia/Tokyo',
    lock_timeout: 5000,
    idle_in_transaction_session_timeout: 6000,
  });
  await set.connect();
  const { rows } = await set.query(
    "SELECT current_setting('application_name') a, current_setting('search_path') s, current_setting('timezone') z, current_setting('lock_timeout') l, current_setting('idle_in_transaction_session_timeout') i",
  );
  await set.end();
  return rows;
});

await client.end();
