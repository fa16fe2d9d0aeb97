import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MemoryServer, startMemoryServer } from './memory-server.ts';

const setUp = [
  "CREATE TABLE v (a int NOT NULL, b text CHECK (b <> ''), c numeric, d timestamptz, CONSTRAINT sum CHECK (a + c < 100))",
  'CREATE TABLE wide (a int CHECK (a > 0), t text, u text)',
  'CREATE TABLE p (id int PRIMARY KEY, code text, n numeric UNIQUE, UNIQUE (id, code))',
  'CREATE TABLE c (id int, p int REFERENCES p, CONSTRAINT pair FOREIGN KEY (p, t) REFERENCES p (id, code), t text)',
  'CREATE TABLE "Odd ""Name""" (id int, "P" int CONSTRAINT "odd fk" REFERENCES p ON DELETE CASCADE ON UPDATE SET NULL NOT NULL)',
  'CREATE TABLE grand (id int, p int REFERENCES p ON DELETE SET DEFAULT ON UPDATE CASCADE CHECK (p < 10))',
  'CREATE TABLE f (a int, b text, CONSTRAINT full_key FOREIGN KEY (a, b) REFERENCES p (id, code) MATCH FULL ON DELETE SET NULL (a) ON UPDATE CASCADE)',
  'CREATE TABLE i (id int GENERATED ALWAYS AS IDENTITY)',
  "INSERT INTO p VALUES (1, 'one', 1), (2, 'two', 2.50), (3, 'three', NULL), (4, 'four', 4)",
  "INSERT INTO c VALUES (1, 1, 'one')",
  'INSERT INTO "Odd ""Name""" VALUES (1, 2)',
  'INSERT INTO grand VALUES (1, 3)',
  "INSERT INTO f VALUES (4, 'four')",
];

const violations: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [
    "INSERT INTO v VALUES (NULL, 'x', 1.50, '2024-01-01 00:00+00')",
    {
      code: '23502',
      message: 'null value in column "a" of relation "v" violates not-null constraint',
      detail: 'Failing row contains (null, x, 1.50, 2024-01-01 00:00:00+00).',
      schema: 'public',
      table: 'v',
      column: 'a',
    },
  ],
  [
    "INSERT INTO v (b) VALUES ('')",
    {
      code: '23502',
      message: 'null value in column "a" of relation "v" violates not-null constraint',
      detail: 'Failing row contains (null, , null, null).',
      schema: 'public',
      table: 'v',
      column: 'a',
    },
  ],
  [
    "INSERT INTO v VALUES (1, '', NULL, NULL)",
    {
      code: '23514',
      message: 'new row for relation "v" violates check constraint "v_b_check"',
      detail: 'Failing row contains (1, , null, null).',
      schema: 'public',
      table: 'v',
      constraint: 'v_b_check',
    },
  ],
  [
    "INSERT INTO v VALUES (99, 'x', 1.50, 'infinity')",
    {
      code: '23514',
      message: 'new row for relation "v" violates check constraint "sum"',
      detail: 'Failing row contains (99, x, 1.50, infinity).',
      schema: 'public',
      table: 'v',
      constraint: 'sum',
    },
  ],
  [
    "INSERT INTO wide VALUES (0, repeat('x', 64), repeat('é', 40))",
    {
      code: '23514',
      message: 'new row for relation "wide" violates check constraint "wide_a_check"',
      detail:
        'Failing row contains (0, xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, éééééééééééééééééééééééééééééééé...).',
      schema: 'public',
      table: 'wide',
      constraint: 'wide_a_check',
    },
  ],
  [
    "INSERT INTO wide VALUES (0, repeat('x', 65), NULL)",
    {
      code: '23514',
      message: 'new row for relation "wide" violates check constraint "wide_a_check"',
      detail: 'Failing row contains (0, xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..., null).',
      schema: 'public',
      table: 'wide',
      constraint: 'wide_a_check',
    },
  ],
  [
    'INSERT INTO c VALUES (2, 9, NULL)',
    {
      code: '23503',
      message: 'insert or update on table "c" violates foreign key constraint "c_p_fkey"',
      detail: 'Key (p)=(9) is not present in table "p".',
      schema: 'public',
      table: 'c',
      constraint: 'c_p_fkey',
    },
  ],
  [
    "INSERT INTO c VALUES (2, 1, 'two')",
    {
      code: '23503',
      message: 'insert or update on table "c" violates foreign key constraint "pair"',
      detail: 'Key (p, t)=(1, two) is not present in table "p".',
      schema: 'public',
      table: 'c',
      constraint: 'pair',
    },
  ],
  [
    'DELETE FROM p WHERE id = 1',
    {
      code: '23503',
      message: 'update or delete on table "p" violates foreign key constraint "c_p_fkey" on table "c"',
      detail: 'Key (id)=(1) is still referenced from table "c".',
      schema: 'public',
      table: 'c',
      constraint: 'c_p_fkey',
    },
  ],
  [
    "UPDATE p SET code = 'uno' WHERE id = 1",
    {
      code: '23503',
      message: 'update or delete on table "p" violates foreign key constraint "pair" on table "c"',
      detail: 'Key (id, code)=(1, one) is still referenced from table "c".',
      schema: 'public',
      table: 'c',
      constraint: 'pair',
    },
  ],
  [
    'UPDATE p SET id = 20 WHERE id = 2',
    {
      code: '23502',
      message: 'null value in column "P" of relation "Odd "Name"" violates not-null constraint',
      detail: 'Failing row contains (1, null).',
      where: 'SQL statement "UPDATE ONLY "public"."Odd ""Name""" SET "P" = NULL WHERE $1 OPERATOR(pg_catalog.=) "P""',
      schema: 'public',
      table: 'Odd "Name"',
      column: 'P',
    },
  ],
  [
    'UPDATE p SET id = 30 WHERE id = 3',
    {
      code: '23514',
      message: 'new row for relation "grand" violates check constraint "grand_p_check"',
      detail: 'Failing row contains (1, 30).',
      where: 'SQL statement "UPDATE ONLY "public"."grand" SET "p" = $1 WHERE $2 OPERATOR(pg_catalog.=) "p""',
      schema: 'public',
      table: 'grand',
      constraint: 'grand_p_check',
    },
  ],
  [
    'DELETE FROM p WHERE id = 4',
    {
      code: '23503',
      message: 'insert or update on table "f" violates foreign key constraint "full_key"',
      detail: 'MATCH FULL does not allow mixing of null and nonnull key values.',
      schema: 'public',
      table: 'f',
      constraint: 'full_key',
    },
  ],
  [
    'INSERT INTO f VALUES (1, NULL)',
    {
      code: '23503',
      message: 'insert or update on table "f" violates foreign key constraint "full_key"',
      detail: 'MATCH FULL does not allow mixing of null and nonnull key values.',
      schema: 'public',
      table: 'f',
      constraint: 'full_key',
    },
  ],
  [
    'INSERT INTO "Odd ""Name""" VALUES (1, 77)',
    {
      code: '23503',
      message: 'insert or update on table "Odd "Name"" violates foreign key constraint "odd fk"',
      detail: 'Key (P)=(77) is not present in table "p".',
      schema: 'public',
      table: 'Odd "Name"',
      constraint: 'odd fk',
    },
  ],
  [
    'INSERT INTO i VALUES (5)',
    {
      code: '428C9',
      message: 'cannot insert a non-DEFAULT value into column "id"',
      detail: 'Column "id" is an identity column defined as GENERATED ALWAYS.',
      hint: 'Use OVERRIDING SYSTEM VALUE to override.',
    },
  ],
  [
    'UPDATE i SET id = 5',
    {
      code: '428C9',
      message: 'column "id" can only be updated to DEFAULT',
      detail: 'Column "id" is an identity column defined as GENERATED ALWAYS.',
    },
  ],
  [
    'TRUNCATE p',
    {
      code: '0A000',
      message: 'cannot truncate a table referenced in a foreign key constraint',
      detail: 'Table "c" references "p".',
      hint: 'Truncate table "c" at the same time, or use TRUNCATE ... CASCADE.',
    },
  ],
];

const FIELDS = ['code', 'message', 'detail', 'hint', 'where', 'schema', 'table', 'column', 'constraint'] as const;

let server: MemoryServer;
let client: pg.Client;

beforeAll(async () => {
  server = await startMemoryServer();
  client = new pg.Client(server.connection);
  await client.connect();
  await client.query("SET TimeZone TO 'UTC'");
  for (const sql of setUp) await client.query(sql);
});

afterAll(async () => {
  await client.end();
  await server.stop();
});

describe('a violated constraint is told in all fields as PostgreSQL tells it', () => {
  for (const [sql, expected] of violations) {
    test(sql, async () => {
      const error = await client.query(sql).then(
        () => ({ code: 'no error' }),
        (raised: pg.DatabaseError) => raised,
      );
      const fields = FIELDS.map((name) => [name, (error as Partial<pg.DatabaseError>)[name]] as const);
      expect(Object.fromEntries(fields.filter(([, value]) => value !== undefined))).toEqual(expected);
    });
  }
});
