import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HttpServer } from '../../src/http/http-server.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemTimers } from '../../src/platform/timers.ts';
import { LoginGate } from '../../src/session/login/login-gate.ts';
import { parseLoginRules } from '../../src/session/login/login-rules.ts';
import { type SecureServer, secureServer } from '../pgwire/secure-server.ts';

const TOKEN = 'a-token-that-nobody-guesses';
let world: SecureServer;
let http: HttpServer;
const log: string[] = [];

beforeAll(async () => {
  world = await secureServer(
    ['host all postgres all trust'],
    `CREATE USER writer PASSWORD 'ink'; CREATE USER reader PASSWORD 'ink'; CREATE ROLE asleep PASSWORD 'ink';
     CREATE TABLE cpu (time timestamptz NOT NULL, host text, usage double precision, PRIMARY KEY (host, time))
       WITH (tidewire.time = 'time', tidewire.tags = 'host');
     GRANT INSERT, UPDATE ON cpu TO writer; GRANT SELECT ON cpu TO reader;
     CREATE SCHEMA unused`,
    { withoutTls: true },
  );
  const gate = new LoginGate({
    shared: () => world.instance.shared(),
    access: () => ({
      rules: parseLoginRules(['host all postgres all reject', 'host tidewire all all scram-sha-256']),
      tokens: [{ roleName: 'writer', hash: createHash('sha256').update(TOKEN).digest() }],
    }),
    secret: world.instance.loginSecret,
    clock: systemClock,
    timers: systemTimers,
    log: (level, message, fields) => void log.push(JSON.stringify({ level, message, fields })),
    failureDelayMs: 1,
  });
  http = new HttpServer({
    instance: world.instance,
    clock: systemClock,
    host: '127.0.0.1',
    port: 0,
    bodyLimitBytes: 1 << 20,
    version: '9.9.9',
    gate,
    letsUnknownIn: () => false,
    reportError: (error) => log.push(String(error)),
  });
  await http.listen();
});

afterAll(async () => {
  await http.stop(0);
  await world.stop();
});

async function write(
  headers: Record<string, string>,
  { query = 'db=tidewire', body = 'cpu,host=a usage=1' } = {},
): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${http.port}/write?${query}`, { method: 'POST', headers, body });
  await response.text();
  return response.status;
}

const basic = (user: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

describe('a write', () => {
  test('is taken from who proves to be a role that may', async () => {
    expect(await write(basic('writer', 'ink'))).toBe(204);
    expect(await write({ Authorization: 'Token writer:ink' })).toBe(204);
    expect(await write({ Authorization: `Token ${TOKEN}` })).toBe(204);
    expect(await write({ Authorization: `Bearer ${TOKEN}` })).toBe(204);
    expect(await write({}, { query: 'db=tidewire&u=writer&p=ink' })).toBe(204);
  });

  test('is refused to who proves nothing, with 401 and how to', async () => {
    expect(await write({})).toBe(401);
    expect(await write(basic('writer', 'blood'))).toBe(401);
    expect(await write(basic('nobody', 'ink'))).toBe(401);
    expect(await write(basic('asleep', 'ink'))).toBe(401);
    expect(await write({ Authorization: 'Bearer wrong' })).toBe(401);
    expect(await write({}, { query: 'db=tidewire&u=writer' })).toBe(401);
    const response = await fetch(`http://127.0.0.1:${http.port}/write?db=tidewire&u=writer&p=x`, { method: 'POST' });
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  test('is refused to roles that may not, with 403', async () => {
    expect(await write(basic('reader', 'ink'))).toBe(403);
    expect(await write(basic('writer', 'ink'), { body: 'new_table v=1' })).toBe(403);
    expect(await write(basic('writer', 'ink'), { body: 'cpu,host=a new_field=1' })).toBe(403);
    expect(await write(basic('postgres', 'ink'))).toBe(403);
    expect(await write(basic('writer', 'ink'), { query: 'db=other' })).toBe(403);
  });

  test('with a header of another kind is a bad request', async () => {
    expect(await write({ Authorization: 'Digest x' })).toBe(400);
    expect(await write({ Authorization: 'Basic ????' })).toBe(400);
  });

  test('leaves no password in the log', () => {
    expect(log.length).toBeGreaterThan(0);
    expect(log.join('\n')).not.toMatch(/ink|blood|a-token-that/);
  });
});

test('whether the server is there is told to everybody', async () => {
  expect((await fetch(`http://127.0.0.1:${http.port}/ping`)).status).toBe(204);
  expect((await fetch(`http://127.0.0.1:${http.port}/health`)).status).toBe(200);
});
