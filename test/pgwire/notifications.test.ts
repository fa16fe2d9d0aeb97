import { serialize } from 'pg-protocol';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type MemoryServer, startMemoryServer } from '../session/constraints/memory-server.ts';
import { WireClient } from './wire-client.ts';

let server: MemoryServer;
let listener: WireClient;
let sender: WireClient;
let senderId: string;

beforeAll(async () => {
  server = await startMemoryServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  listener = await WireClient.login(server.connection.port ?? 0);
  sender = await WireClient.login(server.connection.port ?? 0);
  senderId = await processId(sender);
});
afterEach(async () => {
  await listener.close();
  await sender.close();
});

async function processId(client: WireClient): Promise<string> {
  const [, row] = await client.query('SELECT pg_backend_pid()');
  return (row ?? '').slice('DataRow '.length);
}

/** `process|channel|payload`, and the codes of other messages. */
async function next(client: WireClient): Promise<string> {
  const { code, body } = await client.next();
  if (code !== 'A') return code;
  const [channel, payload] = body.subarray(4).toString().split('\0');
  return `${body.readInt32BE(0)}|${channel}|${payload}`;
}

async function take(client: WireClient, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(await next(client));
  return taken;
}

test('an idle session hears at once, with the process and the payload', async () => {
  await listener.query('LISTEN a; LISTEN "B"');
  await sender.query("NOTIFY a, 'one'; NOTIFY b, 'nobody'; NOTIFY \"B\"");
  expect(await take(listener, 2)).toEqual([`${senderId}|a|one`, `${senderId}|B|`]);
});

test('a transaction sends when it commits, in order, the same only once, and nothing that it took back', async () => {
  await listener.query('LISTEN a');
  for (const sql of [
    'BEGIN',
    "NOTIFY a, '1'",
    "NOTIFY a, '2'",
    "NOTIFY a, '1'",
    'SAVEPOINT s',
    "NOTIFY a, 'lost'",
    'ROLLBACK TO s',
    "SELECT pg_notify('a', '3')",
  ]) {
    await sender.query(sql);
  }
  await listener.query('SELECT 1');
  await sender.query('COMMIT');
  await sender.query("BEGIN; NOTIFY a, 'never'; ROLLBACK; NOTIFY a, 'last'");
  expect(await take(listener, 4)).toEqual(['1', '2', '3', 'last'].map((payload) => `${senderId}|a|${payload}`));
});

test('a session hears itself, before it is ready again', async () => {
  await sender.query('LISTEN a');
  sender.send(serialize.query("NOTIFY a, 'me'"));
  expect(await take(sender, 3)).toEqual(['C', `${senderId}|a|me`, 'Z']);
});

test('a session in a transaction hears when it has ended', async () => {
  await listener.query('LISTEN a');
  await listener.query('BEGIN');
  await sender.query("NOTIFY a, 'late'");
  expect(await listener.query('SELECT 1')).toHaveLength(4);
  listener.send(serialize.query('COMMIT'));
  expect(await take(listener, 3)).toEqual(['C', `${senderId}|a|late`, 'Z']);
});

test('who listens no more, or in another database, hears nothing', async () => {
  await sender.query('CREATE DATABASE elsewhere');
  const other = await WireClient.login(server.connection.port ?? 0, { database: 'elsewhere' });
  await other.query('LISTEN a');
  await listener.query('LISTEN a; LISTEN b; UNLISTEN a');
  await sender.query("NOTIFY a, 'x'; NOTIFY b, 'y'");
  expect(await next(listener)).toBe(`${senderId}|b|y`);
  expect(await other.query('SELECT 1')).toHaveLength(4);
  await other.close();
  await sender.query('DROP DATABASE elsewhere');
});

test('what does not fit into the queue of one who listens is refused, and nothing of it is sent', async () => {
  await listener.query('LISTEN a');
  await listener.query('BEGIN');
  const fill = "SELECT count(pg_notify('a', g || repeat('x', 7900))) FROM generate_series(1, 400) AS g";
  let answer: string[] = [];
  for (let round = 0; round < 5 && !answer.includes('ErrorResponse ERROR 54000'); round++) {
    answer = await sender.query(fill);
  }
  expect(answer).toContain('ErrorResponse ERROR 54000');
  await listener.query('COMMIT');
  expect(await sender.query("NOTIFY a, 'again'")).toEqual(['CommandComplete NOTIFY', 'ReadyForQuery I']);
});

test('a BINARY cursor gives its columns in binary, even to a simple query', async () => {
  await sender.query('BEGIN; DECLARE c BINARY CURSOR FOR SELECT 258 AS n');
  sender.send(serialize.query('FETCH c'));
  const described = await sender.message('T');
  expect(described.fields?.[0]).toMatchObject({ name: 'n', format: 'binary' });
  expect((await sender.next()).body.subarray(-4)).toEqual(Buffer.from([0, 0, 1, 2]));
  await sender.untilReady();
});

test('a cursor is a portal of the protocol too', async () => {
  await sender.query('BEGIN; DECLARE c CURSOR FOR SELECT g FROM generate_series(1, 5) AS g; FETCH 1 FROM c');
  sender.send(
    serialize.describe({ type: 'P', name: 'c' }),
    serialize.execute({ portal: 'c', rows: 2 }),
    serialize.close({ type: 'P', name: 'c' }),
    serialize.sync(),
  );
  expect(await sender.untilReady()).toEqual([
    'RowDescription g:23:text',
    'DataRow 2',
    'DataRow 3',
    'portalSuspended',
    'closeComplete',
    'ReadyForQuery T',
  ]);
  expect(await sender.query('FETCH c')).toEqual(['ErrorResponse ERROR 34000', 'ReadyForQuery E']);
});
