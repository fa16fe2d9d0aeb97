import { serialize } from 'pg-protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WireClient } from './wire-client.ts';
import { type WireServer, wireServer } from './wire-server.ts';

let world: WireServer;
let client: WireClient;

beforeAll(async () => {
  world = await wireServer();
});
afterAll(() => world.server.stop({ graceMs: 0 }));
beforeEach(async () => {
  client = await WireClient.login(world.port);
  return () => client.close();
});

describe('a simple query', () => {
  test('gives description, rows, tag', async () => {
    expect(await client.query("SELECT 1 AS a, 'x'::text AS b, NULL::text AS c")).toEqual([
      'RowDescription a:23:text b:25:text c:25:text',
      'DataRow 1|x|NULL',
      'CommandComplete SELECT 1',
      'ReadyForQuery I',
    ]);
  });

  test('of nothing but blanks and comments is empty', async () => {
    for (const text of ['', ' ; ;', '-- only a comment', '/* and /* this */ */ ;']) {
      expect(await client.query(text), text).toEqual(['emptyQuery', 'ReadyForQuery I']);
    }
  });

  test('runs several statements as one transaction', async () => {
    await client.query('CREATE TABLE several (a int)');
    expect(
      await client.query('INSERT INTO several VALUES (1); INSERT INTO several VALUES (2); SELECT 1 AS one'),
    ).toEqual([
      'CommandComplete INSERT 0 1',
      'CommandComplete INSERT 0 1',
      'RowDescription one:23:text',
      'DataRow 1',
      'CommandComplete SELECT 1',
      'ReadyForQuery I',
    ]);
    expect(await client.query('INSERT INTO several VALUES (3); SELECT 1/0; INSERT INTO several VALUES (4)')).toEqual([
      'CommandComplete INSERT 0 1',
      'ErrorResponse ERROR 22012',
      'ReadyForQuery I',
    ]);
    expect(await client.query('SELECT count(*) FROM several')).toContain('DataRow 2');
  });

  test('with a syntax error runs none of its statements', async () => {
    expect(await client.query('CREATE TABLE never (a int); SELEC 1')).toEqual([
      'ErrorResponse ERROR 42601',
      'ReadyForQuery I',
    ]);
    expect(await client.query('SELECT * FROM never')).toEqual(['ErrorResponse ERROR 42P01', 'ReadyForQuery I']);
  });

  test('has no parameters', async () => {
    expect(await client.query('SELECT $1')).toEqual(['ErrorResponse ERROR 42P02', 'ReadyForQuery I']);
  });

  test('acknowledges an INSERT only after its commit', async () => {
    await client.query('CREATE TABLE doomed (a int)');
    world.database.commitError = new Error('disk on fire');
    expect(await client.query('INSERT INTO doomed VALUES (1)')).toEqual([
      'ErrorResponse ERROR XX000',
      'ReadyForQuery I',
    ]);
    expect(world.log).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: 'internal error',
        fields: { error: expect.stringContaining('disk on fire') },
      }),
    );
    expect(await client.query('SELECT count(*) FROM doomed')).toContain('DataRow 0');
  });

  test('tells the client no more of a bug than that there was one', async () => {
    world.database.commitError = new Error('secret path /var/lib');
    client.send(serialize.query('SELECT 1'));
    await client.until('E');
    expect(client.isClosed).toBe(false);
    world.database.commitError = new Error('secret path /var/lib');
    client.send(serialize.query('SELECT 1'));
    await client.until('Z');
    const [error] = client.received.filter((message) => message.code === 'E');
    expect(error?.body.toString() ?? 'internal error').not.toContain('secret');
  });

  test('that is no UTF-8 is an error and no end', async () => {
    const query = serialize.query('SELECT ??');
    query.set([0xff, 0xfe], query.indexOf('??'));
    client.send(query);
    expect(await client.untilReady()).toEqual(['ErrorResponse ERROR 22021', 'ReadyForQuery I']);
    expect(await client.query('SELECT 1')).toContain('CommandComplete SELECT 1');
  });

  test('gives the place of an error', async () => {
    client.send(serialize.query('SELECT 1,\n  missing'));
    await client.until('Z');
    client.send(serialize.query('SELECT 1,\n  missing'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const error = client.received.find((message) => message.code === 'E');
    expect(error?.message).toMatchObject({
      severity: 'ERROR',
      code: '42703',
      message: 'column "missing" does not exist',
      position: '13',
    });
    await client.untilReady();
  });
});

describe('transactions', () => {
  test('show their status in ReadyForQuery', async () => {
    expect(await client.query('BEGIN')).toEqual(['CommandComplete BEGIN', 'ReadyForQuery T']);
    expect(await client.query('SELECT 1/0')).toEqual(['ErrorResponse ERROR 22012', 'ReadyForQuery E']);
    expect(await client.query('SELECT 1')).toEqual(['ErrorResponse ERROR 25P02', 'ReadyForQuery E']);
    expect(await client.query('')).toEqual(['emptyQuery', 'ReadyForQuery E']);
    expect(await client.query('COMMIT')).toEqual(['CommandComplete ROLLBACK', 'ReadyForQuery I']);
  });

  test('warn where there is nothing to do', async () => {
    expect(await client.query('COMMIT')).toEqual([
      'NoticeResponse WARNING 25P01',
      'CommandComplete COMMIT',
      'ReadyForQuery I',
    ]);
    expect(await client.query('ROLLBACK')).toEqual([
      'NoticeResponse WARNING 25P01',
      'CommandComplete ROLLBACK',
      'ReadyForQuery I',
    ]);
    await client.query('BEGIN');
    expect(await client.query('BEGIN')).toEqual([
      'NoticeResponse WARNING 25001',
      'CommandComplete BEGIN',
      'ReadyForQuery T',
    ]);
    expect(await client.query('ROLLBACK')).toEqual(['CommandComplete ROLLBACK', 'ReadyForQuery I']);
  });

  test('started within a message take what stood before BEGIN with them', async () => {
    await client.query('CREATE TABLE before_begin (a int)');
    expect(
      await client.query('INSERT INTO before_begin VALUES (1); BEGIN; INSERT INTO before_begin VALUES (2)'),
    ).toEqual(['CommandComplete INSERT 0 1', 'CommandComplete BEGIN', 'CommandComplete INSERT 0 1', 'ReadyForQuery T']);
    await client.query('ROLLBACK');
    expect(await client.query('SELECT count(*) FROM before_begin')).toContain('DataRow 0');
  });

  test('refuse writes when they are read-only', async () => {
    await client.query('CREATE TABLE ro (a int)');
    for (const statement of ['INSERT INTO ro VALUES (1)', 'CREATE TABLE ro2 (a int)', 'DROP TABLE ro']) {
      await client.query('BEGIN READ ONLY');
      expect(await client.query(statement), statement).toEqual(['ErrorResponse ERROR 25006', 'ReadyForQuery E']);
      await client.query('ROLLBACK');
    }
    await client.query('SET default_transaction_read_only = on');
    expect(await client.query('INSERT INTO ro VALUES (1)')).toEqual(['ErrorResponse ERROR 25006', 'ReadyForQuery I']);
    await client.query('BEGIN READ WRITE');
    expect(await client.query('INSERT INTO ro VALUES (1)')).toContain('CommandComplete INSERT 0 1');
    await client.query('ROLLBACK');
  });

  test('take back what SET did when they roll back, and say so', async () => {
    await client.query('BEGIN');
    client.send(serialize.query("SET TimeZone = 'Europe/Berlin'"));
    await client.until('S');
    await client.untilReady();
    client.send(serialize.query('ROLLBACK'));
    await client.until('S');
    await client.untilReady();
    expect(await client.query('SHOW TimeZone')).toContain('DataRow UTC');
  });
});
