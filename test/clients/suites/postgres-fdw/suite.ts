import { StatementClient } from '../../../support/statement-client.ts';
import type { ClientSuite, Side, SuiteContext, SuiteRun } from '../../harness/client-suite.ts';
import { Unavailable } from '../../harness/client-suite.ts';
import { compareTranscripts, type Said, type Transcript } from '../../harness/transcript.ts';

/** A PostgreSQL that reads and writes tables of ours as its own; beside it the same with tables of a PostgreSQL. */
export const postgresFdw: ClientSuite = {
  name: 'postgres_fdw',
  client: 'postgres_fdw',
  howToConnect: `In the PostgreSQL: \`CREATE EXTENSION postgres_fdw\`, \`CREATE SERVER series FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port
'5432', dbname 'tidewire')\`, \`CREATE USER MAPPING FOR CURRENT_USER SERVER series OPTIONS (user 'postgres')\` and \`IMPORT FOREIGN
SCHEMA public FROM SERVER series INTO …\`.`,
  tested: `\`IMPORT FOREIGN SCHEMA\`, conditions, sorts, limits, joins and aggregates that are handed over, INSERT with RETURNING and in batches,
UPDATE and DELETE handed over and row by row, joins with tables of the PostgreSQL, ANALYZE, estimates of the other server,
transactions that are rolled back, errors.`,
  debianPackages: ['postgresql-15'],
  run,
};

const REMOTE: readonly string[] = [
  "CREATE TYPE mood AS ENUM ('sad', 'ok')",
  `CREATE TABLE remote (id integer PRIMARY KEY, name text NOT NULL, amount numeric(8,2) DEFAULT 1.5, at timestamptz, tags text[], extra jsonb,
     key uuid, bits bytea, share double precision, flag boolean, day date, lasted interval)`,
  `INSERT INTO remote SELECT g, 'n' || g, g / 4.0, timestamptz '2024-01-01 00:00:00+00' + g * interval '1 hour', ARRAY['t' || g % 3, NULL],
     jsonb_build_object('g', g), NULL, '\\x00ff', g / 3.0, g % 2 = 0, date '2024-01-01' + g, g * interval '1 day' FROM generate_series(1, 500) g`,
  'CREATE TABLE readings (time timestamptz NOT NULL, host text NOT NULL, usage double precision)',
  `INSERT INTO readings SELECT timestamptz '2024-01-01 00:00:00+00' + g * interval '1 minute', 'h' || g % 4, g FROM generate_series(1, 2000) g`,
  'CREATE VIEW usual AS SELECT id, name FROM remote WHERE id <= 10',
  "COMMENT ON TABLE remote IS 'far away'",
];

/** On the PostgreSQL, in the schema `near`, whose tables are on the other server. */
const CHECKS: Readonly<Record<string, readonly string[]>> = {
  'imports the schema': [
    'IMPORT FOREIGN SCHEMA public FROM SERVER far INTO near',
    `SELECT a.attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, attfdwoptions::text FROM pg_attribute a
       JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'near'::regnamespace AND attnum > 0 ORDER BY 1, attnum`,
  ],
  'imports some tables, with their defaults': [
    'DROP FOREIGN TABLE near.remote',
    "IMPORT FOREIGN SCHEMA public LIMIT TO (remote) FROM SERVER far INTO near OPTIONS (import_default 'true', import_not_null 'false')",
    "SELECT column_name, column_default, is_nullable FROM information_schema.columns WHERE table_schema = 'near' AND table_name = 'remote' ORDER BY ordinal_position",
  ],
  'reads all rows, in portions': [
    'SELECT count(*), sum(id), max(at), min(lasted), max(tags), max(extra::text) FROM near.remote',
    'SELECT * FROM near.remote ORDER BY id LIMIT 3',
  ],
  'hands conditions over': [
    "EXPLAIN (VERBOSE, COSTS off) SELECT name FROM near.remote WHERE id BETWEEN 5 AND 7 AND flag AND name LIKE 'n%' AND at > '2024-01-01'",
    "SELECT name FROM near.remote WHERE id BETWEEN 5 AND 7 AND flag AND name LIKE 'n%' AND at > '2024-01-01'",
    "SELECT id FROM near.remote WHERE tags[1] = 't1' AND extra IS NOT NULL AND id = ANY ('{1,4,5}')",
  ],
  'hands sorts and limits over': [
    'EXPLAIN (VERBOSE, COSTS off) SELECT id, share FROM near.remote ORDER BY share DESC LIMIT 3',
    'SELECT id, share FROM near.remote ORDER BY share DESC LIMIT 3',
    'SELECT id FROM near.remote ORDER BY name OFFSET 10 LIMIT 3',
  ],
  'hands aggregates over': [
    'SELECT host, count(*), avg(usage), max(time) FROM near.readings GROUP BY host ORDER BY host',
    "SELECT date_trunc('hour', time) AS hour, sum(usage) FROM near.readings WHERE host = 'h1' GROUP BY 1 ORDER BY 1 LIMIT 5",
    'SELECT flag, count(*) FILTER (WHERE id > 100) FROM near.remote GROUP BY flag HAVING count(*) > 1 ORDER BY flag',
  ],
  'hands joins over': [
    'SELECT r.id, u.name FROM near.remote r JOIN near.usual u ON u.id = r.id + 1 WHERE r.id < 5 ORDER BY 1',
    'SELECT r.id, u.name FROM near.remote r LEFT JOIN near.usual u ON u.id = r.id WHERE r.id BETWEEN 9 AND 12 ORDER BY 1',
  ],
  'joins with tables of its own': [
    "CREATE TABLE IF NOT EXISTS home AS SELECT g AS id, 'home ' || g AS label FROM generate_series(1, 1000, 100) g",
    'SELECT h.label, r.name FROM home h JOIN near.remote r USING (id) ORDER BY r.id',
  ],
  'asks the other server for estimates': [
    "ALTER SERVER far OPTIONS (ADD use_remote_estimate 'true')",
    'SELECT count(*) FROM near.remote WHERE id > 400',
    'SELECT h.id FROM home h JOIN near.remote r ON r.id = h.id WHERE h.id < 300 ORDER BY 1',
    'ALTER SERVER far OPTIONS (DROP use_remote_estimate)',
  ],
  analyzes: [
    'ANALYZE near.remote',
    "SELECT reltuples FROM pg_class WHERE oid = 'near.remote'::regclass",
    "SELECT attname, n_distinct FROM pg_stats WHERE schemaname = 'near' AND tablename = 'remote' AND attname IN ('id', 'flag') ORDER BY 1",
  ],
  'inserts, with RETURNING, in batches, with ON CONFLICT DO NOTHING': [
    "INSERT INTO near.remote (id, name, tags, bits, lasted) VALUES (1001, 'it''s \\ new', '{a,NULL}', '\\x5c', '1 mon 2 days') RETURNING id, name, amount",
    "ALTER FOREIGN TABLE near.readings OPTIONS (ADD batch_size '100')",
    "INSERT INTO near.readings SELECT timestamptz '2025-01-01 00:00:00+00' + g * interval '1 minute', 'new', g FROM generate_series(1, 1000) g",
    "SELECT count(*), sum(usage) FROM near.readings WHERE host = 'new'",
    "INSERT INTO near.remote (id, name) VALUES (1, 'twice') ON CONFLICT DO NOTHING",
  ],
  'updates and deletes, handed over': [
    "UPDATE near.remote SET name = 'changed', amount = amount + 1 WHERE id IN (2, 3) RETURNING id, amount",
    'DELETE FROM near.remote WHERE id > 490 AND id < 1000',
    'SELECT id, name, amount FROM near.remote WHERE id IN (2, 3) OR id > 485 ORDER BY id',
  ],
  'rolls back, and to savepoints': [
    'BEGIN',
    "INSERT INTO near.remote (id, name) VALUES (2001, 'kept')",
    'SAVEPOINT one',
    "INSERT INTO near.remote (id, name) VALUES (2002, 'dropped')",
    'ROLLBACK TO one',
    'SELECT id FROM near.remote WHERE id > 2000',
    'COMMIT',
    'BEGIN',
    'DELETE FROM near.remote',
    'ROLLBACK',
    'SELECT count(*) FROM near.remote',
  ],
  'tells errors of the other server': [
    "INSERT INTO near.remote (id, name) VALUES (1, 'twice')",
    'INSERT INTO near.remote (id, name) VALUES (3000, NULL)',
    'SELECT 1 / (id - 1) FROM near.remote ORDER BY id LIMIT 1',
  ],
  'updates and deletes, row by row': [
    'UPDATE near.remote SET name = h.label FROM home h WHERE h.id = remote.id AND random() >= 0',
    'DELETE FROM near.remote WHERE id = 101 AND random() >= 0',
    'SELECT id, name FROM near.remote WHERE id % 100 = 1 ORDER BY id',
    "UPDATE near.remote SET amount = id, name = name || '!' WHERE id BETWEEN 20 AND 24 AND random() >= 0 RETURNING id, name, amount",
    'DELETE FROM near.remote r USING home h WHERE r.id = h.id AND h.label LIKE $$%30%$$ RETURNING r.id, r.name, h.label',
    'UPDATE near.remote SET flag = NULL WHERE id = 30 AND random() >= 0 RETURNING id, tableoid::regclass',
    'WITH gone AS (DELETE FROM near.remote WHERE id IN (SELECT id FROM home) RETURNING id) SELECT count(*) FROM gone',
    'SELECT count(*), count(DISTINCT ctid) FROM near.remote',
  ],
  'updates rows of its own transaction, row by row': [
    'BEGIN',
    "INSERT INTO near.remote (id, name) SELECT g, 'made' FROM generate_series(5001, 5020) g",
    "UPDATE near.remote SET name = 'once' WHERE id BETWEEN 5001 AND 5010 AND random() >= 0",
    "WITH more AS (UPDATE near.remote SET name = name || ' more' WHERE id BETWEEN 5005 AND 5015 AND random() >= 0 RETURNING id, name) SELECT * FROM more ORDER BY id",
    'SAVEPOINT one',
    'DELETE FROM near.remote WHERE id BETWEEN 5005 AND 5015 AND random() >= 0',
    'ROLLBACK TO one',
    'DELETE FROM near.remote WHERE id BETWEEN 5014 AND 5030 AND random() >= 0',
    'SELECT id, name FROM near.remote WHERE id > 5000 ORDER BY id',
    'COMMIT',
    "UPDATE near.remote SET name = 'after' WHERE id > 5000 AND random() >= 0",
    'SELECT name, count(*) FROM near.remote WHERE id > 5000 GROUP BY name',
  ],
  'updates and deletes rows without a key, row by row': [
    "UPDATE near.readings SET usage = -1 WHERE time < '2024-01-01 00:05:00+00' AND random() >= 0",
    'SELECT count(*) FROM near.readings WHERE usage < 0',
    "DELETE FROM near.readings WHERE time < '2024-01-01 00:05:00+00' AND random() >= 0",
    'SELECT count(*) FROM near.readings',
  ],
  empties: ['TRUNCATE near.readings', 'SELECT count(*) FROM near.readings'],
};

async function run({ ours, theirs }: SuiteContext): Promise<SuiteRun> {
  if (theirs === undefined) throw new Unavailable('there is no PostgreSQL to read us from (--url)');
  const our = await transcript(theirs, ours);
  const their = await transcript(theirs, theirs);
  return { version: our.version, checks: compareTranscripts(our, their) };
}

/** What a session on `home` sees of the tables on `far`, which are made first, in a schema `public` of its own. */
async function transcript(home: Side, far: Side): Promise<Transcript> {
  const remote = await StatementClient.connect(far.url);
  const client = await StatementClient.connect(home.url);
  const version = await text(client, "SELECT split_part(current_setting('server_version'), ' ', 1)");
  const checks = new Map<string, Said>();
  try {
    for (const sql of ['DROP SCHEMA IF EXISTS public CASCADE', 'CREATE SCHEMA public', ...REMOTE])
      await must(remote, sql);
    await must(client, 'CREATE SCHEMA IF NOT EXISTS own');
    await must(client, 'SET search_path = own');
    for (const sql of [
      'CREATE EXTENSION IF NOT EXISTS postgres_fdw SCHEMA own',
      "CREATE TYPE own.mood AS ENUM ('sad', 'ok')",
      `CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '${far.host}', port '${far.port}', dbname '${far.database}')`,
      `CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (user '${far.user}', password_required 'false')`,
      'CREATE SCHEMA near',
    ]) {
      await must(client, sql);
    }
    for (const [name, statements] of Object.entries(CHECKS)) checks.set(name, await said(client, statements));
  } finally {
    await must(client, 'DROP SCHEMA IF EXISTS near, own CASCADE');
    await client.end();
    await remote.end();
  }
  return { version: version ?? '', checks };
}

async function said(client: StatementClient, statements: readonly string[]): Promise<Said> {
  const value: unknown[] = [];
  for (const sql of statements) {
    const { results, error } = await client.ask(sql);
    const [first] = results;
    value.push(
      error !== undefined
        ? [error.get('C'), error.get('M'), error.get('D') ?? null, error.get('W') ?? null]
        : [first?.tag, first?.rows.map((row) => row.map((cell) => cell?.toString() ?? null))],
    );
  }
  return { value };
}

async function must(client: StatementClient, sql: string): Promise<void> {
  const { error } = await client.ask(sql);
  if (error !== undefined) throw new Error(`${error.get('M')}: ${sql}`);
}

async function text(client: StatementClient, sql: string): Promise<string | undefined> {
  const { results } = await client.ask(sql);
  return results[0]?.rows[0]?.[0]?.toString();
}
