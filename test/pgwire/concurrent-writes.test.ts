import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Instance } from '../../src/database/instance.ts';
import { PgWireServer } from '../../src/pgwire/server.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemTimers } from '../../src/platform/timers.ts';
import { serverIdentity } from '../../src/session/server-facts.ts';
import { SessionRegistry } from '../../src/session/session-registry.ts';
import { loadParser } from '../../src/sql/syntax/parse-sql.ts';
import { parseSteps, runSteps } from '../support/interleaving.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { SeededRandom } from '../support/seeded-random.ts';

/**
 * What two and more sessions give each other to wait for, in plain tables. The answers are PostgreSQL's: with
 * TIDEWIRE_REFERENCE_URL set, the same statements run there, in a schema of their own.
 */
const REFERENCE = process.env.TIDEWIRE_REFERENCE_URL;

let instance: Instance | undefined;
let server: PgWireServer | undefined;
let connection: pg.ClientConfig;

/** Of the sessions of a deadlock, PostgreSQL ends the one that looks for it first: here whoever comes last does. */
function connectionOf(session: string): pg.ClientConfig {
  if (REFERENCE === undefined) return connection;
  const timeout = session === 'a' ? '30s' : '100ms';
  return { ...connection, options: `-c search_path=concurrent_writes -c deadlock_timeout=${timeout}` };
}

beforeAll(async () => {
  if (REFERENCE !== undefined) {
    connection = { connectionString: REFERENCE };
    return;
  }
  await loadParser();
  instance = await Instance.open({ directory: '/data', fileSystem: new MemoryFileSystem() });
  const registry = new SessionRegistry({
    backend: instance,
    server: serverIdentity('9.9.9', 0),
    clock: systemClock,
    random: systemRandom,
    timers: systemTimers,
    log: () => {},
    memoryLimitBytes: 256 * 1024 * 1024,
  });
  server = new PgWireServer({ registry, log: () => {} });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  connection = { host: '127.0.0.1', port, user: 'postgres', database: 'tidewire' };
});

afterAll(async () => {
  await server?.stop({ graceMs: 0 });
  await instance?.close();
});

async function setUp(sql: string): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    if (REFERENCE !== undefined) {
      await client.query('DROP SCHEMA IF EXISTS concurrent_writes CASCADE');
      await client.query('CREATE SCHEMA concurrent_writes');
      await client.query('SET search_path = concurrent_writes');
    } else await client.query('DROP TABLE IF EXISTS child, t');
    for (const statement of sql.split(';')) if (statement.trim() !== '') await client.query(statement);
  } finally {
    await client.end();
  }
}

const TABLE = `CREATE TABLE t (id int PRIMARY KEY, v int, name text);
  INSERT INTO t VALUES (1, 10, 'one'), (2, 20, 'two'), (3, 30, 'three')`;

function check(name: string, script: string, table = TABLE): void {
  test(name, async () => {
    await setUp(table);
    const steps = parseSteps(script);
    expect(await runSteps(steps, connectionOf)).toEqual(steps);
  });
}

describe('two updates of one row', () => {
  check(
    'come one after the other, and the second starts from what the first has left',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = v + 1 WHERE id = 1 -> UPDATE 1
     b UPDATE t SET v = v * 10 WHERE id = 1 -> waits
     c UPDATE t SET v = v + 5 WHERE id = 2 -> UPDATE 1
     a COMMIT -> COMMIT
     b -> UPDATE 1
     a SELECT v FROM t ORDER BY id -> 110; 25; 30`,
  );
  check(
    'the second starts from the old row when the first is rolled back',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = 99 WHERE id = 1 -> UPDATE 1
     b UPDATE t SET v = v * 10 WHERE id = 1 -> waits
     a ROLLBACK -> ROLLBACK
     b -> UPDATE 1
     a SELECT v FROM t WHERE id = 1 -> 100`,
  );
  check(
    'the second leaves a row alone that does not fulfil its condition any more',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = 99 WHERE id = 1 -> UPDATE 1
     b UPDATE t SET name = 'x' WHERE v = 10 -> waits
     a COMMIT -> COMMIT
     b -> UPDATE 0
     a SELECT name FROM t WHERE id = 1 -> one`,
  );
  check(
    'a row that comes to fulfil a condition by then is not found',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = 20 WHERE id = 1 -> UPDATE 1
     a UPDATE t SET v = 10 WHERE id = 2 -> UPDATE 1
     b DELETE FROM t WHERE v = 10 -> waits
     a COMMIT -> COMMIT
     b -> DELETE 0
     a SELECT id, v FROM t ORDER BY id -> 1|20; 2|10; 3|30`,
  );
  check(
    'a deleted row is gone for the second',
    `a BEGIN -> BEGIN
     a DELETE FROM t WHERE id = 1 -> DELETE 1
     b UPDATE t SET v = 0 WHERE id <= 2 -> waits
     a COMMIT -> COMMIT
     b -> UPDATE 1
     a SELECT id, v FROM t ORDER BY id -> 2|0; 3|30`,
  );
  check(
    'a row that was updated twice is taken as it is at last',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = v + 1 WHERE id = 1 -> UPDATE 1
     a UPDATE t SET v = v + 1 WHERE id = 1 -> UPDATE 1
     b UPDATE t SET v = v * 10 WHERE id = 1 -> waits
     c UPDATE t SET v = v + 7 WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> UPDATE 1
     c -> UPDATE 1
     a SELECT v FROM t WHERE id = 1 -> 127`,
  );
  check(
    'a row that was updated and then deleted is gone',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = 11 WHERE id = 1 -> UPDATE 1
     a DELETE FROM t WHERE id = 1 -> DELETE 1
     b UPDATE t SET v = 0 WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> UPDATE 0`,
  );
  check(
    'RETURNING shows the row as it was written',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = v + 1, name = 'uno' WHERE id = 1 -> UPDATE 1
     b UPDATE t SET v = v * 10 WHERE id < 3 RETURNING id, v, name -> waits
     a COMMIT -> COMMIT
     b -> 1|110|uno; 2|200|two`,
  );
  check(
    'a joined row is looked at again with the other table as it was',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = 2 WHERE id = 1 -> UPDATE 1
     b UPDATE t SET name = o.name FROM t o WHERE o.id = t.id + 1 AND t.v < 15 -> waits
     a COMMIT -> COMMIT
     b -> UPDATE 1
     a SELECT id, v, name FROM t ORDER BY id -> 1|2|two; 2|20|two; 3|30|three`,
  );
  check(
    'a transaction updates its own row as often as it likes, and sees it',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = v + 1 WHERE id = 1 -> UPDATE 1
     a UPDATE t SET v = v + 1 WHERE id = 1 RETURNING v -> 12
     a DELETE FROM t WHERE v = 12 -> DELETE 1
     a INSERT INTO t VALUES (1, 0, 'again') -> INSERT 1
     b UPDATE t SET v = 1 WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> UPDATE 0
     b SELECT v FROM t WHERE id = 1 -> 0`,
  );
});

describe('REPEATABLE READ', () => {
  check(
    'gets 40001 for a row that was updated',
    `b BEGIN ISOLATION LEVEL REPEATABLE READ -> BEGIN
     b SELECT count(*) FROM t -> 3
     a UPDATE t SET v = 11 WHERE id = 1 -> UPDATE 1
     b UPDATE t SET v = 0 WHERE id = 1 -> 40001 could not serialize access due to concurrent update
     b ROLLBACK -> ROLLBACK`,
  );
  check(
    'gets 40001 for a row that was deleted',
    `b BEGIN ISOLATION LEVEL REPEATABLE READ -> BEGIN
     b SELECT count(*) FROM t -> 3
     a DELETE FROM t WHERE id = 1 -> DELETE 1
     b DELETE FROM t WHERE id = 1 -> 40001 could not serialize access due to concurrent delete
     b ROLLBACK -> ROLLBACK`,
  );
  check(
    'waits, and then gets 40001 or the row',
    `b BEGIN ISOLATION LEVEL REPEATABLE READ -> BEGIN
     b SELECT count(*) FROM t -> 3
     a BEGIN -> BEGIN
     a UPDATE t SET v = 11 WHERE id = 1 -> UPDATE 1
     b UPDATE t SET v = 0 WHERE id = 1 -> waits
     a ROLLBACK -> ROLLBACK
     b -> UPDATE 1
     c BEGIN -> BEGIN
     c UPDATE t SET v = 12 WHERE id = 2 -> UPDATE 1
     b UPDATE t SET v = 0 WHERE id = 2 -> waits
     c COMMIT -> COMMIT
     b -> 40001 could not serialize access due to concurrent update
     b ROLLBACK -> ROLLBACK
     a SELECT v FROM t ORDER BY id -> 10; 12; 30`,
  );
  check(
    'may update its own row again',
    `b BEGIN ISOLATION LEVEL REPEATABLE READ -> BEGIN
     b UPDATE t SET v = 1 WHERE id = 1 -> UPDATE 1
     b UPDATE t SET v = v + 1 WHERE id = 1 -> UPDATE 1
     b COMMIT -> COMMIT
     a SELECT v FROM t WHERE id = 1 -> 2`,
  );
  check(
    'knows of a key that it does not see',
    `b BEGIN ISOLATION LEVEL REPEATABLE READ -> BEGIN
     b SELECT count(*) FROM t -> 3
     a INSERT INTO t VALUES (4, 40, 'four') -> INSERT 1
     b INSERT INTO t VALUES (4, 0, 'quattro') -> 23505 Key (id)=(4) already exists.
     b ROLLBACK -> ROLLBACK`,
  );
});

describe('one key', () => {
  check(
    'given by two transactions goes to the first that commits',
    `a BEGIN -> BEGIN
     a INSERT INTO t VALUES (4, 40, 'four') -> INSERT 1
     b INSERT INTO t VALUES (4, 44, 'vier') -> waits
     c INSERT INTO t VALUES (5, 50, 'five') -> INSERT 1
     a COMMIT -> COMMIT
     b -> 23505 Key (id)=(4) already exists.`,
  );
  check(
    'goes to the second when the first is rolled back',
    `a BEGIN -> BEGIN
     a INSERT INTO t VALUES (4, 40, 'four') -> INSERT 1
     b INSERT INTO t VALUES (4, 44, 'vier') -> waits
     a ROLLBACK -> ROLLBACK
     b -> INSERT 1
     a SELECT name FROM t WHERE id = 4 -> vier`,
  );
  check(
    'that a transaction frees can be had once it has committed',
    `a BEGIN -> BEGIN
     a DELETE FROM t WHERE id = 1 -> DELETE 1
     b INSERT INTO t VALUES (1, 44, 'uno') -> waits
     a COMMIT -> COMMIT
     b -> INSERT 1
     a BEGIN -> BEGIN
     a UPDATE t SET id = 9 WHERE id = 2 -> UPDATE 1
     b INSERT INTO t VALUES (2, 44, 'due') -> waits
     a ROLLBACK -> ROLLBACK
     b -> 23505 Key (id)=(2) already exists.`,
  );
  check(
    'of a row that is being updated in other columns is taken in the end',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = 0 WHERE id = 1 -> UPDATE 1
     b INSERT INTO t VALUES (1, 44, 'uno') -> waits
     a COMMIT -> COMMIT
     b -> 23505 Key (id)=(1) already exists.`,
  );
  check(
    'is given by UPDATE as by INSERT',
    `a BEGIN -> BEGIN
     a INSERT INTO t VALUES (4, 40, 'four') -> INSERT 1
     b UPDATE t SET id = 4 WHERE id = 3 -> waits
     a ROLLBACK -> ROLLBACK
     b -> UPDATE 1`,
  );
  check(
    'that the own transaction has deleted stays with it',
    `a BEGIN -> BEGIN
     a DELETE FROM t WHERE id = 1 -> DELETE 1
     a INSERT INTO t VALUES (1, 0, 'new') -> INSERT 1
     b INSERT INTO t VALUES (1, 0, 'other') -> waits
     a COMMIT -> COMMIT
     b -> 23505 Key (id)=(1) already exists.`,
  );
  check(
    'is not waited for when it is committed already',
    `a BEGIN -> BEGIN
     a SELECT v FROM t WHERE id = 1 -> 10
     b INSERT INTO t VALUES (1, 0, 'x') -> 23505 Key (id)=(1) already exists.
     b INSERT INTO t VALUES (7, 0, 'x'), (7, 1, 'y') -> 23505 Key (id)=(7) already exists.
     a COMMIT -> COMMIT`,
  );
  check(
    'of several columns, where NULLs differ',
    `a BEGIN -> BEGIN
     a INSERT INTO t VALUES (1, NULL), (1, NULL), (1, 1) -> INSERT 3
     b INSERT INTO t VALUES (1, NULL), (2, 1) -> INSERT 2
     b INSERT INTO t VALUES (1, 1) -> waits
     a COMMIT -> COMMIT
     b -> 23505 Key (x, "Y y")=(1, 1) already exists.`,
    'CREATE TABLE t (x int, "Y y" int, UNIQUE (x, "Y y"))',
  );
  check(
    'with NULLS NOT DISTINCT is one for all NULLs',
    `a BEGIN -> BEGIN
     a INSERT INTO t VALUES (1, NULL) -> INSERT 1
     b INSERT INTO t VALUES (1, NULL) -> waits
     a COMMIT -> COMMIT
     b -> 23505 Key (x, y)=(1, null) already exists.`,
    'CREATE TABLE t (x int, y int, UNIQUE NULLS NOT DISTINCT (x, y))',
  );
});

describe('savepoints', () => {
  check(
    'give back a key that was taken after them, to the transaction itself and in the end to others',
    `a BEGIN -> BEGIN
     a SAVEPOINT s -> SAVEPOINT
     a INSERT INTO t VALUES (4, 40, 'four') -> INSERT 1
     a ROLLBACK TO s -> ROLLBACK
     a INSERT INTO t VALUES (4, 41, 'four') -> INSERT 1
     b INSERT INTO t VALUES (4, 42, 'vier') -> waits
     a ROLLBACK -> ROLLBACK
     b -> INSERT 1`,
  );
  check(
    'bring a row back whose key nobody could have taken',
    `a BEGIN -> BEGIN
     a INSERT INTO t VALUES (4, 40, 'four') -> INSERT 1
     a SAVEPOINT s -> SAVEPOINT
     a DELETE FROM t WHERE id IN (1, 4) -> DELETE 2
     b INSERT INTO t VALUES (4, 0, 'vier') -> waits
     c INSERT INTO t VALUES (1, 0, 'eins') -> waits
     a ROLLBACK TO s -> ROLLBACK
     a COMMIT -> COMMIT
     b -> 23505 Key (id)=(4) already exists.
     c -> 23505 Key (id)=(1) already exists.
     a SELECT id, v FROM t ORDER BY id -> 1|10; 2|20; 3|30; 4|40`,
  );
});

describe('deadlocks', () => {
  check(
    'over two rows end one of the transactions',
    `a BEGIN -> BEGIN
     b BEGIN -> BEGIN
     a UPDATE t SET v = 0 WHERE id = 1 -> UPDATE 1
     b UPDATE t SET v = 0 WHERE id = 2 -> UPDATE 1
     a UPDATE t SET v = 0 WHERE id = 2 -> waits
     b UPDATE t SET v = 0 WHERE id = 1 -> 40P01
     b ROLLBACK -> ROLLBACK
     a -> UPDATE 1
     a COMMIT -> COMMIT`,
  );
  check(
    'over two keys',
    `a BEGIN -> BEGIN
     b BEGIN -> BEGIN
     a INSERT INTO t VALUES (4, 0, 'a') -> INSERT 1
     b INSERT INTO t VALUES (5, 0, 'b') -> INSERT 1
     a INSERT INTO t VALUES (5, 0, 'a') -> waits
     b INSERT INTO t VALUES (4, 0, 'b') -> 40P01
     b ROLLBACK -> ROLLBACK
     a -> INSERT 1
     a COMMIT -> COMMIT`,
  );
  check(
    'over a row and a key',
    `a BEGIN -> BEGIN
     b BEGIN -> BEGIN
     a INSERT INTO t VALUES (4, 0, 'a') -> INSERT 1
     b UPDATE t SET v = 0 WHERE id = 1 -> UPDATE 1
     a DELETE FROM t WHERE id = 1 -> waits
     b INSERT INTO t VALUES (4, 0, 'b') -> 40P01
     b ROLLBACK -> ROLLBACK
     a -> DELETE 1
     a COMMIT -> COMMIT`,
  );
});

describe('lock_timeout', () => {
  check(
    'ends the wait for a row and for a key',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = 0 WHERE id = 1 -> UPDATE 1
     a INSERT INTO t VALUES (4, 0, 'a') -> INSERT 1
     b SET lock_timeout = '30ms' -> SET
     b UPDATE t SET v = 1 WHERE id = 1 -> 55P03 canceling statement due to lock timeout
     b INSERT INTO t VALUES (4, 0, 'b') -> 55P03 canceling statement due to lock timeout
     b UPDATE t SET v = 1 WHERE id = 2 -> UPDATE 1
     a COMMIT -> COMMIT
     b UPDATE t SET v = v + 1 WHERE id = 1 -> UPDATE 1`,
  );
});

describe('lines', () => {
  check(
    'are first come, first served',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = 0 WHERE id = 1 -> UPDATE 1
     b UPDATE t SET name = name || 'b' WHERE id = 1 -> waits
     c UPDATE t SET name = name || 'c' WHERE id = 1 -> waits
     a COMMIT -> COMMIT
     b -> UPDATE 1
     c -> UPDATE 1
     a SELECT name FROM t WHERE id = 1 -> onebc`,
  );
});

describe('deferrable keys', () => {
  const deferrable = `CREATE TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v int);
    INSERT INTO t VALUES (1, 10), (2, 20)`;
  check(
    'are checked at the commit',
    `a BEGIN -> BEGIN
     a INSERT INTO t VALUES (1, 0) -> INSERT 1
     a SELECT count(*) FROM t WHERE id = 1 -> 2
     a COMMIT -> 23505 Key (id)=(1) already exists.
     a BEGIN -> BEGIN
     a INSERT INTO t VALUES (1, 0) -> INSERT 1
     a DELETE FROM t WHERE v = 10 -> DELETE 1
     a COMMIT -> COMMIT
     a SELECT id, v FROM t ORDER BY id -> 1|0; 2|20`,
    deferrable,
  );
  check(
    'are checked by SET CONSTRAINTS',
    `a BEGIN -> BEGIN
     a UPDATE t SET id = 2 WHERE id = 1 -> UPDATE 1
     a SET CONSTRAINTS ALL IMMEDIATE -> 23505 Key (id)=(2) already exists.
     a ROLLBACK -> ROLLBACK
     a BEGIN -> BEGIN
     a SET CONSTRAINTS ALL IMMEDIATE -> SET
     a UPDATE t SET id = id + 1 -> UPDATE 2
     a INSERT INTO t VALUES (3, 0) -> 23505 Key (id)=(3) already exists.
     a ROLLBACK -> ROLLBACK`,
    deferrable,
  );
  check(
    'wait at the commit for who has the key',
    `a BEGIN -> BEGIN
     b BEGIN -> BEGIN
     a INSERT INTO t VALUES (3, 0) -> INSERT 1
     a SET CONSTRAINTS ALL IMMEDIATE -> SET
     b INSERT INTO t VALUES (3, 1) -> INSERT 1
     b COMMIT -> waits
     a COMMIT -> COMMIT
     b -> 23505 Key (id)=(3) already exists.`,
    deferrable,
  );
});

describe('foreign keys', () => {
  const withChild = `${TABLE}; CREATE TABLE child (t_id int REFERENCES t)`;
  check(
    'do not mind an update of other columns of the row that they refer to',
    `a BEGIN -> BEGIN
     a UPDATE t SET v = 0 WHERE id = 1 -> UPDATE 1
     b INSERT INTO child VALUES (1) -> INSERT 1
     a COMMIT -> COMMIT`,
    withChild,
  );
  check(
    'wait for a delete of the row that they refer to',
    `a BEGIN -> BEGIN
     a DELETE FROM t WHERE id = 1 -> DELETE 1
     b INSERT INTO child VALUES (1) -> waits
     a COMMIT -> COMMIT
     b -> 23503 Key (t_id)=(1) is not present in table "t".`,
    withChild,
  );
  check(
    'keep the row that they refer to from being deleted',
    `a BEGIN -> BEGIN
     a INSERT INTO child VALUES (1) -> INSERT 1
     b DELETE FROM t WHERE id = 1 -> waits
     c UPDATE t SET v = 5 WHERE id = 1 -> UPDATE 1
     a COMMIT -> COMMIT
     b -> 23503 Key (id)=(1) is still referenced from table "child".`,
    withChild,
  );
});

test('eight sessions that move amounts about and give keys away keep the sum and the keys', async () => {
  await setUp(`CREATE TABLE t (id int PRIMARY KEY, v int, name text);
    INSERT INTO t VALUES (0, 100, 'r'), (1, 100, 'r'), (2, 100, 'r'), (3, 100, 'r'), (4, 100, 'r'), (5, 100, 'r')`);
  const outcomes = new Map<string, number>();
  const move = async (seed: number): Promise<void> => {
    const random = new SeededRandom(seed);
    const client = new pg.Client(connectionOf('b'));
    await client.connect();
    for (let round = 0; round < 25; round++) {
      const [from, to, amount] = [random.below(6), random.below(6), 1 + random.below(9)];
      const level = random.below(3) === 0 ? 'REPEATABLE READ' : 'READ COMMITTED';
      try {
        await client.query(`BEGIN ISOLATION LEVEL ${level}`);
        await client.query(`UPDATE t SET v = v - ${amount} WHERE id = ${from}`);
        if (random.below(3) === 0) await client.query(`INSERT INTO t VALUES (${10 + random.below(40)}, 0, 's${seed}')`);
        if (random.below(4) === 0)
          await client.query(`UPDATE t SET id = id + 1 WHERE id BETWEEN 10 AND ${10 + random.below(40)}`);
        if (random.below(4) === 0) await client.query(`DELETE FROM t WHERE id = ${10 + random.below(40)}`);
        await client.query(`UPDATE t SET v = v + ${amount} WHERE id = ${to}`);
        await client.query(random.below(5) === 0 ? 'ROLLBACK' : 'COMMIT');
        outcomes.set('done', (outcomes.get('done') ?? 0) + 1);
      } catch (error) {
        const { code = 'none' } = error as { code?: string };
        outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
        await client.query('ROLLBACK');
      }
    }
    await client.end();
  };
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(move));
  expect([...outcomes.keys()].filter((code) => !['done', '40P01', '40001', '23505'].includes(code))).toEqual([]);
  expect(outcomes.get('done')).toBeGreaterThan(20);
  const client = new pg.Client(connectionOf('b'));
  await client.connect();
  const one = async (sql: string) => (await client.query({ text: sql, rowMode: 'array' })).rows as unknown[][];
  expect(await one('SELECT sum(v)::int, count(*)::int - count(DISTINCT id)::int FROM t')).toEqual([[600, 0]]);
  const all = (await one('SELECT id, v FROM t ORDER BY id')) as [number, number][];
  for (const [id, v] of all) expect(await one(`SELECT v FROM t WHERE id = ${id}`)).toEqual([[v]]);
  await client.end();
});
