import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contents, run, TABLES } from './foreign-key-programs.mjs';
import { type MemoryServer, startMemoryServer } from './memory-server.ts';

/** Random programs, with what PostgreSQL made of them (see `compare-foreign-keys.mjs`, which runs others by hand). */
interface RecordedProgram {
  readonly tables: readonly string[];
  /** Statement, outcome, contents of the tables afterwards. */
  readonly steps: readonly (readonly [sql: string, outcome: string, rows: string])[];
}

const programs = JSON.parse(
  readFileSync(new URL('foreign-key-programs.json', import.meta.url), 'utf8'),
) as readonly RecordedProgram[];

let server: MemoryServer;
let client: pg.Client;

beforeAll(async () => {
  server = await startMemoryServer();
  client = new pg.Client(server.connection);
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await server.stop();
});

describe('foreign keys do what they do in PostgreSQL', () => {
  for (const [number, { tables, steps }] of programs.entries()) {
    test(`in program ${number + 1}`, async () => {
      await client.query('ROLLBACK');
      await client.query(`DROP TABLE IF EXISTS ${[...TABLES].reverse().join(', ')} CASCADE`);
      for (const sql of tables) await client.query(sql);
      const made: (readonly [string, string, string])[] = [];
      for (const [sql] of steps) made.push([sql, await run(client, sql), await contents(client)]);
      expect(made).toEqual(steps);
    });
  }
});
