import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSteps, runSteps } from '../../support/interleaving.ts';
import { type MemoryServer, startMemoryServer } from './memory-server.ts';

/**
 * Two connections over tables with foreign keys. The answers are PostgreSQL's: with TIDEWIRE_REFERENCE_URL set, the same
 * statements run there, in a schema of their own.
 */
const REFERENCE = process.env.TIDEWIRE_REFERENCE_URL;
const SCHEMA = 'concurrent_references';

const TABLES = [
  'CREATE TABLE parent (id int PRIMARY KEY, v int)',
  'CREATE TABLE child (id int PRIMARY KEY, p int REFERENCES parent, v int)',
  'CREATE TABLE dependent (id int PRIMARY KEY, p int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE, v int)',
  'CREATE TABLE loose (id int PRIMARY KEY, p int REFERENCES parent ON DELETE SET NULL ON UPDATE SET NULL, v int)',
  'CREATE TABLE late (id int PRIMARY KEY, p int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)',
  'INSERT INTO parent SELECT g, 0 FROM generate_series(1, 4) g',
];

let server: MemoryServer | undefined;

beforeAll(async () => {
  if (REFERENCE === undefined) server = await startMemoryServer();
});

afterAll(async () => {
  await server?.stop();
});

/** Of the sessions of a deadlock, PostgreSQL ends the one that looks for it first: here whoever comes last does. */
function connectionOf(session: string): pg.ClientConfig {
  if (server !== undefined) return server.connection;
  const timeout = session === 'a' ? '30s' : '100ms';
  return { connectionString: REFERENCE, options: `-c search_path=${SCHEMA} -c deadlock_timeout=${timeout}` };
}

async function makeTables(): Promise<void> {
  const client = new pg.Client(connectionOf('a'));
  await client.connect();
  try {
    if (REFERENCE !== undefined) await client.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; CREATE SCHEMA ${SCHEMA}`);
    else await client.query('DROP TABLE IF EXISTS late, loose, dependent, child, parent');
    for (const sql of TABLES) await client.query(sql);
  } finally {
    await client.end();
  }
}

function check(name: string, script: string): void {
  test(name, async () => {
    await makeTables();
    const steps = parseSteps(script);
    expect(await runSteps(steps, connectionOf)).toEqual(steps);
  });
}

describe('two transactions over a parent and its children', () => {
  check(
    'a parent that is referred to meanwhile is kept',
    `a BEGIN -> BEGIN
     a INSERT INTO child VALUES (1, 1) -> INSERT 1
     b DELETE FROM parent WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> 23503 Key (id)=(1) is still referenced from table "child".`,
  );
  check(
    'a reference that is taken back lets its parent go',
    `a BEGIN -> BEGIN
     a INSERT INTO child VALUES (1, 1) -> INSERT 1
     b DELETE FROM parent WHERE id = 1 -> waits
     a ROLLBACK -> ROLLBACK
     b -> DELETE 1`,
  );
  check(
    'a parent that goes meanwhile is not referred to',
    `a BEGIN -> BEGIN
     a DELETE FROM parent WHERE id = 1 -> DELETE 1
     b INSERT INTO child VALUES (1, 1) -> waits
     a COMMIT -> COMMIT
     b -> 23503 Key (p)=(1) is not present in table "parent".`,
  );
  check(
    'a parent that stays after all is referred to',
    `a BEGIN -> BEGIN
     a DELETE FROM parent WHERE id = 1 -> DELETE 1
     b INSERT INTO child VALUES (1, 1) -> waits
     a ROLLBACK -> ROLLBACK
     b -> INSERT 1`,
  );
  check(
    'other columns of a parent change without hindrance',
    `a BEGIN -> BEGIN
     a UPDATE parent SET v = 1 WHERE id = 1 -> UPDATE 1
     b INSERT INTO child VALUES (1, 1) -> INSERT 1
     a COMMIT -> COMMIT`,
  );
  check(
    'other columns of a parent change while it is referred to',
    `a BEGIN -> BEGIN
     a INSERT INTO child VALUES (1, 1) -> INSERT 1
     b UPDATE parent SET v = 1 WHERE id = 1 -> UPDATE 1
     a COMMIT -> COMMIT`,
  );
  check(
    'a key that changes meanwhile is waited for',
    `a BEGIN -> BEGIN
     a UPDATE parent SET id = 9 WHERE id = 1 -> UPDATE 1
     b INSERT INTO child VALUES (1, 1) -> waits
     a COMMIT -> COMMIT
     b -> 23503 Key (p)=(1) is not present in table "parent".`,
  );
  check(
    'a key that keeps its value after all is found again',
    `a BEGIN -> BEGIN
     a UPDATE parent SET id = 9 WHERE id = 1 -> UPDATE 1
     a UPDATE parent SET id = 1 WHERE id = 9 -> UPDATE 1
     b INSERT INTO child VALUES (1, 1) -> waits
     a COMMIT -> COMMIT
     b -> INSERT 1`,
  );
  check(
    'a new key is not seen before it is committed',
    `a BEGIN -> BEGIN
     a INSERT INTO parent VALUES (5, 0) -> INSERT 1
     b INSERT INTO child VALUES (1, 5) -> 23503 Key (p)=(5) is not present in table "parent".
     a COMMIT -> COMMIT
     b INSERT INTO child VALUES (1, 5) -> INSERT 1`,
  );
  check(
    'two references to one parent do not meet',
    `a BEGIN -> BEGIN
     b BEGIN -> BEGIN
     a INSERT INTO child VALUES (1, 1) -> INSERT 1
     b INSERT INTO child VALUES (2, 1) -> INSERT 1
     a COMMIT -> COMMIT
     b COMMIT -> COMMIT`,
  );
  check(
    'a reference that changes is checked like a new one',
    `a INSERT INTO child VALUES (1, 1) -> INSERT 1
     a BEGIN -> BEGIN
     a DELETE FROM parent WHERE id = 2 -> DELETE 1
     b UPDATE child SET p = 2 WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> 23503 Key (p)=(2) is not present in table "parent".`,
  );
  check(
    'a reference that stays is not checked',
    `a INSERT INTO child VALUES (1, 1) -> INSERT 1
     a BEGIN -> BEGIN
     a UPDATE parent SET id = 9 WHERE id = 2 -> UPDATE 1
     b UPDATE child SET v = 2, p = 1 WHERE id = 1 -> UPDATE 1
     a COMMIT -> COMMIT`,
  );
  check(
    'a circle of waiting ends',
    `a BEGIN -> BEGIN
     b BEGIN -> BEGIN
     a INSERT INTO child VALUES (1, 1) -> INSERT 1
     b INSERT INTO child VALUES (2, 2) -> INSERT 1
     a DELETE FROM parent WHERE id = 2 -> waits
     b DELETE FROM parent WHERE id = 1 -> 40P01
     a -> DELETE 1
     b ROLLBACK -> ROLLBACK
     a COMMIT -> COMMIT`,
  );
  check(
    'a cascade waits for a child that is being changed',
    `a INSERT INTO dependent VALUES (1, 1, 0) -> INSERT 1
     a BEGIN -> BEGIN
     a UPDATE dependent SET v = 1 WHERE id = 1 -> UPDATE 1
     b DELETE FROM parent WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> DELETE 1
     a SELECT count(*) FROM dependent -> 0`,
  );
  check(
    'a cascade does not take a child that has gone elsewhere',
    `a INSERT INTO dependent VALUES (1, 1, 0) -> INSERT 1
     a BEGIN -> BEGIN
     a UPDATE dependent SET p = 2 WHERE id = 1 -> UPDATE 1
     b DELETE FROM parent WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> DELETE 1
     a SELECT count(*) FROM dependent -> 1`,
  );
  check(
    'a cascade takes a child that has just come',
    `a BEGIN -> BEGIN
     a INSERT INTO dependent VALUES (1, 1, 0) -> INSERT 1
     b DELETE FROM parent WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> DELETE 1
     a SELECT count(*) FROM dependent -> 0`,
  );
  check(
    'a cascade finds a child gone',
    `a INSERT INTO dependent VALUES (1, 1, 0), (2, 1, 0) -> INSERT 2
     a BEGIN -> BEGIN
     a DELETE FROM dependent WHERE id = 1 -> DELETE 1
     b UPDATE parent SET id = 9 WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> UPDATE 1
     a SELECT sum(p) FROM dependent -> 9`,
  );
  check(
    'SET NULL waits for a child that is being deleted',
    `a INSERT INTO loose VALUES (1, 1), (2, 1) -> INSERT 2
     a BEGIN -> BEGIN
     a DELETE FROM loose WHERE id = 1 -> DELETE 1
     b DELETE FROM parent WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> DELETE 1
     a SELECT count(*), count(p) FROM loose -> 1|0`,
  );
  check(
    'SET NULL keeps what another has changed',
    `a INSERT INTO loose VALUES (1, 1, 0) -> INSERT 1
     a BEGIN -> BEGIN
     a UPDATE loose SET v = 7 WHERE id = 1 -> UPDATE 1
     b DELETE FROM parent WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> DELETE 1
     a SELECT count(p), sum(v) FROM loose -> 0|7`,
  );
  check(
    'an update of a parent waits for its children as well',
    `a INSERT INTO dependent VALUES (1, 1, 0) -> INSERT 1
     a BEGIN -> BEGIN
     a UPDATE dependent SET v = 1 WHERE id = 1 -> UPDATE 1
     b UPDATE parent SET id = 9 WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> UPDATE 1
     a SELECT sum(p), sum(v) FROM dependent -> 9|1`,
  );
  check(
    'a snapshot does not refer to what came after it',
    `a BEGIN ISOLATION LEVEL REPEATABLE READ -> BEGIN
     a SELECT count(*) FROM parent -> 4
     b INSERT INTO parent VALUES (7, 0) -> INSERT 1
     a INSERT INTO child VALUES (1, 7) -> 23503 Key (p)=(7) is not present in table "parent".
     a ROLLBACK -> ROLLBACK`,
  );
  check(
    'a snapshot cannot refer to what has gone since',
    `a BEGIN ISOLATION LEVEL REPEATABLE READ -> BEGIN
     a SELECT count(*) FROM parent -> 4
     b DELETE FROM parent WHERE id = 1 -> DELETE 1
     a INSERT INTO child VALUES (1, 1) -> 40001 could not serialize access due to concurrent update
     a ROLLBACK -> ROLLBACK`,
  );
  check(
    'a snapshot cannot refer to a row that has changed since',
    `a BEGIN ISOLATION LEVEL REPEATABLE READ -> BEGIN
     a SELECT count(*) FROM parent -> 4
     b UPDATE parent SET v = 5 WHERE id = 1 -> UPDATE 1
     a INSERT INTO child VALUES (1, 1) -> INSERT 1
     a ROLLBACK -> ROLLBACK`,
  );
  check(
    'references that a snapshot does not see are seen by its deletes',
    `a BEGIN ISOLATION LEVEL REPEATABLE READ -> BEGIN
     a SELECT count(*) FROM parent -> 4
     b INSERT INTO child VALUES (1, 1) -> INSERT 1
     a DELETE FROM parent WHERE id = 1 -> 23503 Key (id)=(1) is still referenced from table "child".
     a ROLLBACK -> ROLLBACK`,
  );
  check(
    'children that a snapshot does not see are not taken along',
    `a BEGIN ISOLATION LEVEL REPEATABLE READ -> BEGIN
     a SELECT count(*) FROM parent -> 4
     b INSERT INTO dependent VALUES (1, 1, 0) -> INSERT 1
     a DELETE FROM parent WHERE id = 1 -> 40001 could not serialize access due to concurrent update
     a ROLLBACK -> ROLLBACK`,
  );
  check(
    'children that have changed since are not taken along',
    `b INSERT INTO dependent VALUES (1, 1, 0) -> INSERT 1
     a BEGIN ISOLATION LEVEL REPEATABLE READ -> BEGIN
     a SELECT count(*) FROM parent -> 4
     b UPDATE dependent SET v = 3 -> UPDATE 1
     a DELETE FROM parent WHERE id = 1 -> 40001 could not serialize access due to concurrent update
     a ROLLBACK -> ROLLBACK`,
  );
  check(
    'waiting for a parent ends with lock_timeout',
    `a BEGIN -> BEGIN
     a DELETE FROM parent WHERE id = 1 -> DELETE 1
     b SET lock_timeout = '50ms' -> SET
     b INSERT INTO child VALUES (1, 1) -> 55P03 canceling statement due to lock timeout
     b RESET lock_timeout -> RESET
     a ROLLBACK -> ROLLBACK`,
  );
  check(
    'a deferred reference finds what others have committed',
    `a BEGIN -> BEGIN
     a INSERT INTO late VALUES (1, 5) -> INSERT 1
     b INSERT INTO parent VALUES (5, 0) -> INSERT 1
     a COMMIT -> COMMIT`,
  );
  check(
    'a deferred reference is not a lock',
    `a BEGIN -> BEGIN
     a INSERT INTO late VALUES (1, 1) -> INSERT 1
     b DELETE FROM parent WHERE id = 1 -> DELETE 1
     a COMMIT -> 23503 Key (p)=(1) is not present in table "parent".`,
  );
  check(
    'a deferred check of a parent waits for its end',
    `a BEGIN -> BEGIN
     a DELETE FROM parent WHERE id = 1 -> DELETE 1
     b INSERT INTO late VALUES (1, 1) -> waits
     a COMMIT -> COMMIT
     b -> 23503 Key (p)=(1) is not present in table "parent".`,
  );
  check(
    'a deferred reference waits for who deletes its parent',
    `b BEGIN -> BEGIN
     b INSERT INTO late VALUES (1, 1) -> INSERT 1
     a BEGIN -> BEGIN
     a DELETE FROM parent WHERE id = 1 -> DELETE 1
     b COMMIT -> waits
     a COMMIT -> COMMIT
     b -> 23503 Key (p)=(1) is not present in table "parent".`,
  );
});
