import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';

const hasPsql = spawnSync('psql', ['--version']).status === 0;

let server: TidewireServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidewire-copy-'));
  server = await startTidewireServer({ arguments: ['--copy-folder', folder] });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!hasPsql)('psql (skipped where it is not installed)', () => {
  function psql(args: readonly string[], input = ''): string {
    const { stdout, stderr } = spawnSync(
      'psql',
      ['-X', '-h', '127.0.0.1', '-p', String(server.pgPort), '-U', 'postgres', ...args],
      { encoding: 'utf8', input, env: { PATH: process.env.PATH, HOME: '/nonexistent', LC_ALL: 'C.UTF-8' } },
    );
    return stdout + stderr.replace(/^psql:[^ ]* /gm, '');
  }

  test('restores what pg_dump has written', async () => {
    const dump = `SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.dumped (id integer NOT NULL, note text, at timestamp with time zone);
COPY public.dumped (id, note, at) FROM stdin;
1\ttab\\there\t2024-01-01 00:00:00+00
2\t\\N\t\\N
3\tback\\\\slash\\nline\t2024-01-02 00:00:00.5+00
\\.


ALTER TABLE ONLY public.dumped ADD CONSTRAINT dumped_pkey PRIMARY KEY (id);
`;
    const file = join(folder, 'dump.sql');
    await writeFile(file, dump);
    expect(psql(['-q', '-v', 'ON_ERROR_STOP=1', '-f', file])).toContain('(1 row)');
    expect(psql(['-c', 'COPY (SELECT * FROM dumped ORDER BY id) TO STDOUT'])).toBe(
      '1\ttab\\there\t2024-01-01 00:00:00+00\n2\t\\N\t\\N\n3\tback\\\\slash\\nline\t2024-01-02 00:00:00.5+00\n',
    );
  });

  test('\\copy goes both ways, by file and by pipe', async () => {
    const file = join(folder, 'piped.csv');
    psql(['-c', 'CREATE TABLE piped (a int, b text)']);
    expect(psql(['-c', 'COPY piped FROM STDIN (FORMAT csv)'], '1,one\n2,"t,wo"\n')).toBe('COPY 2\n');
    expect(psql(['-c', `\\copy piped to '${file}' csv header`])).toBe('COPY 2\n');
    expect(await readFile(file, 'utf8')).toBe('a,b\n1,one\n2,"t,wo"\n');
    expect(psql(['-c', `\\copy piped (a, b) from '${file}' with (format csv, header match)`])).toBe('COPY 2\n');
    expect(psql(['-Atc', 'SELECT count(*) FROM piped'])).toBe('4\n');
  });

  test('shows where the data is wrong', () => {
    expect(psql(['-c', 'COPY piped FROM STDIN'], '1\tx\nq\ty\n')).toBe(
      'ERROR:  invalid input syntax for type integer: "q"\nCONTEXT:  COPY piped, line 2, column a: "q"\n',
    );
  });

  test('files of the server lie in one folder, and are for superusers', async () => {
    expect(psql(['-c', "COPY (SELECT 1 AS one) TO 'own.csv' CSV HEADER"])).toBe('COPY 1\n');
    expect(await readFile(join(folder, 'own.csv'), 'utf8')).toBe('one\n1\n');
    expect(psql(['-c', "COPY piped FROM '/etc/passwd'"])).toContain('is not in the folder that COPY may use');
    expect(psql(['-c', "COPY piped FROM 'missing'"])).toContain('could not open file "missing" for reading');
    expect(psql(['-c', 'CREATE ROLE reader', '-c', 'SET ROLE reader', '-c', "COPY piped FROM 'own.csv'"])).toContain(
      'must be superuser',
    );
  });

  test('fetches through a cursor of its own', () => {
    const rows = psql(['-At', '-v', 'FETCH_COUNT=100', '-c', 'SELECT g FROM generate_series(1, 1000) AS g']);
    expect(rows.trim().split('\n')).toHaveLength(1000);
  });

  test('prints notifications', () => {
    const shown = psql(['-q'], "LISTEN news;\nNOTIFY news, 'hello';\n");
    expect(shown).toMatch(/Asynchronous notification "news" with payload "hello" received from server process/);
  });
});

describe('node-postgres', () => {
  test('hears of notifications', async () => {
    const client = new pg.Client(server.url);
    await client.connect();
    const heard = new Promise<pg.Notification>((resolve) => client.once('notification', resolve));
    await client.query('LISTEN jobs');
    const sender = new pg.Client(server.url);
    await sender.connect();
    await sender.query("SELECT pg_notify('jobs', 'one')");
    expect(await heard).toMatchObject({ channel: 'jobs', payload: 'one' });
    await sender.end();
    await client.end();
  });

  test('streams data in and out', async () => {
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query('CREATE TABLE streamed (a int, b text)');
    const lines = Array.from({ length: 20_000 }, (_, row) => `${row},"name ${row}"\n`);
    await new Promise<void>((resolve, reject) => {
      client.query(new CopyIn('COPY streamed FROM STDIN (FORMAT csv)', lines, resolve, reject));
    });
    const { rows } = await client.query('SELECT count(*), max(b) FROM streamed');
    expect(rows).toEqual([{ count: '20000', max: 'name 9999' }]);
    await client.end();
  });
});

/** What node-postgres calls a submittable: it is handed the messages that answer it. */
class CopyIn implements pg.Submittable {
  readonly #sql: string;
  readonly #chunks: readonly string[];
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;

  constructor(sql: string, chunks: readonly string[], resolve: () => void, reject: (error: Error) => void) {
    this.#sql = sql;
    this.#chunks = chunks;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the client's own connection has no type
  submit(connection: any): void {
    connection.query(this.#sql);
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  handleCopyInResponse(connection: any): void {
    for (const chunk of this.#chunks) connection.sendCopyFromChunk(Buffer.from(chunk));
    connection.endCopyFrom();
  }

  handleCommandComplete(): void {}

  handleError(error: Error): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve();
  }
}
