import { serialize } from 'pg-protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { CancelGuard } from '../../src/pgwire/cancel-guard.ts';
import { type SecureServer, secureServer } from './secure-server.ts';
import { WireClient } from './wire-client.ts';

let world: SecureServer;

afterEach(() => world?.stop());

const ROLES = 'CREATE USER ada; CREATE USER bob';
const OPEN = ['host all all all trust'];

function startup(user: string): Buffer {
  return serialize.startup({ user, database: 'tidewire' });
}

async function answer(user: string): Promise<string | undefined> {
  const client = await WireClient.open(world.port);
  client.send(startup(user));
  const summaries = await client.untilClosed();
  return summaries.find((summary) => summary.startsWith('ErrorResponse'));
}

describe('connections', () => {
  test('that are left at the end are kept for superusers', async () => {
    world = await secureServer(OPEN, ROLES, { maxConnections: 4, reservedConnections: 2 });
    const inside = [
      await WireClient.login(world.port, { user: 'ada' }),
      await WireClient.login(world.port, { user: 'ada' }),
    ];
    expect(await answer('ada')).toBe('ErrorResponse FATAL 53300');
    inside.push(await WireClient.login(world.port), await WireClient.login(world.port));
    expect(await answer('postgres')).toBe('ErrorResponse FATAL 53300');
    await inside.pop()?.close();
    await inside.shift()?.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Two places are taken now, and those that are left are kept.
    expect(await answer('ada')).toBe('ErrorResponse FATAL 53300');
    for (const client of inside) await client.close();
  });

  test('of one address that have not logged in push out their own, and nobody who has', async () => {
    world = await secureServer(OPEN, ROLES, { maxPendingPerAddress: 5, maxPendingLogins: 100 });
    const known = await WireClient.login(world.port);
    const silent: WireClient[] = [];
    for (let count = 0; count < 12; count++) silent.push(await WireClient.open(world.port));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(silent.filter(({ isClosed }) => isClosed).length).toBe(7);
    expect(await known.query('SELECT 1')).toContain('DataRow 1');
    for (const { socket } of silent) socket.destroy();
    await known.close();
  });

  test('that do not log in in time are cut off, though they send a byte now and then', async () => {
    world = await secureServer(OPEN, ROLES, { startupTimeoutMs: 150 });
    const client = await WireClient.open(world.port);
    const bytes = startup('postgres');
    let sent = 0;
    const timer = setInterval(() => client.socket.write(bytes.subarray(sent, ++sent)), 20);
    expect(await client.untilClosed()).toEqual(['closed']);
    clearInterval(timer);
  });
});

describe('what is no startup packet', () => {
  const packets: Readonly<Record<string, Buffer>> = {
    'an HTTP request': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    'a length of 0': Buffer.from([0, 0, 0, 0]),
    'a length of 3': Buffer.from([0, 0, 0, 3]),
    'a negative length': Buffer.from([0xff, 0xff, 0xff, 0xff]),
    'a length of 2^31 - 1': Buffer.from([0x7f, 0xff, 0xff, 0xff]),
    'a length of 10,001': Buffer.from([0, 0, 0x27, 0x11]),
    'an old protocol': Buffer.from([0, 0, 0, 8, 0, 2, 0, 0]),
  };
  for (const [name, bytes] of Object.entries(packets)) {
    test(`ends the connection at once: ${name}`, async () => {
      world = await secureServer(OPEN, ROLES, { startupTimeoutMs: 60_000 });
      const before = process.memoryUsage().arrayBuffers;
      const client = await WireClient.open(world.port);
      client.send(bytes);
      expect(await client.untilClosed()).toEqual([
        expect.stringMatching(/^ErrorResponse FATAL (08P01|0A000)$/),
        'closed',
      ]);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
    });
  }
});

describe('an announced length', () => {
  test('costs nothing before its bytes are there', async () => {
    world = await secureServer(OPEN, ROLES, { maxMessageBytes: 1 << 30 });
    const clients: WireClient[] = [];
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 20; count++) {
      const client = await WireClient.login(world.port);
      // 1 GiB less a little, of which ten bytes come.
      client.send(Buffer.from([0x51, 0x3f, 0xff, 0xff, 0xff]), Buffer.from('SELECT 1, '));
      clients.push(client);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
    for (const { socket } of clients) socket.destroy();
  });
});

describe('a client that does not read', () => {
  test('costs a bounded buffer, and holds up nobody', async () => {
    world = await secureServer(OPEN, ROLES);
    const lazy = await WireClient.login(world.port);
    lazy.socket.pause();
    const before = process.memoryUsage();
    lazy.send(serialize.query("SELECT repeat('x', 1000) FROM generate_series(1, 2000000)"));
    const busy = await WireClient.login(world.port);
    for (let count = 0; count < 20; count++) {
      expect(await busy.query('SELECT 1')).toContain('DataRow 1');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const after = process.memoryUsage();
    // Of 2 GB that it asked for.
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(200 << 20);
    lazy.socket.destroy();
    await busy.close();
  });
});

describe('prepared statements', () => {
  test('and portals of a session have an end', async () => {
    world = await secureServer(OPEN, ROLES);
    const client = await WireClient.login(world.port);
    for (let batch = 0; batch < 10; batch++) {
      const messages: Buffer[] = [];
      for (let at = 0; at < 1_000; at++) messages.push(serialize.parse({ name: `s${batch}_${at}`, text: 'SELECT 1' }));
      client.send(...messages, serialize.sync());
      expect((await client.untilReady()).filter((summary) => summary.startsWith('ErrorResponse'))).toEqual([]);
    }
    client.send(serialize.parse({ name: 'one_more', text: 'SELECT 1' }), serialize.sync());
    expect(await client.untilReady()).toContain('ErrorResponse ERROR 54000');
    const portals: Buffer[] = [];
    for (let at = 0; at <= 1_000; at++) portals.push(serialize.bind({ portal: `p${at}`, statement: 's0_0' }));
    client.send(...portals, serialize.sync());
    expect(await client.untilReady()).toContain('ErrorResponse ERROR 54000');
    expect(await client.query('SELECT 1')).toContain('DataRow 1');
    await client.close();
  });
});

describe('keys of CancelRequests', () => {
  test('that are wrong are looked at some times only, from one address', () => {
    const asked: number[] = [];
    const guard = new CancelGuard({
      cancel(processId) {
        asked.push(processId);
        return processId === 7;
      },
    });
    for (let guess = 0; guess < 1_000; guess++) guard.cancel(1, new Uint8Array(4), '10.0.0.1');
    expect(asked.length).toBe(20);
    guard.cancel(7, new Uint8Array(4), '10.0.0.1');
    expect(asked.length).toBe(20);
    guard.cancel(7, new Uint8Array(4), '10.0.0.2');
    expect(asked.length).toBe(21);
  });

  test('that are right may be as many as there are', () => {
    let count = 0;
    const guard = new CancelGuard({
      cancel() {
        count++;
        return true;
      },
    });
    for (let request = 0; request < 1_000; request++) guard.cancel(1, new Uint8Array(4), '10.0.0.1');
    expect(count).toBe(1_000);
  });
});
