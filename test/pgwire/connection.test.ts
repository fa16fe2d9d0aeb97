import { serialize } from 'pg-protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { noWireMetrics } from '../../src/pgwire/wire-metrics.ts';
import { WireClient } from './wire-client.ts';
import { type WireServer, wireServer } from './wire-server.ts';

let world: WireServer;

async function start(options: Parameters<typeof wireServer>[0] = {}): Promise<void> {
  world = await wireServer(options);
}

afterEach(() => world.server.stop({ graceMs: 0 }));

const sslRequest = serialize.requestSsl();
const gssRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30]);

function startup(version: readonly [major: number, minor: number], parameters: Record<string, string>): Buffer {
  const text = Object.entries(parameters).map(([name, value]) => `${name}\0${value}\0`);
  const body = Buffer.from(`${text.join('')}\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8);
  head.writeInt16BE(version[0], 4);
  head.writeInt16BE(version[1], 6);
  return Buffer.concat([head, body]);
}

describe('login', () => {
  test('sends the settings that clients read, the cancel key, and is ready', async () => {
    await start();
    const client = await WireClient.open(world.port);
    client.send(serialize.startup({ user: 'postgres', database: 'tidewire', application_name: 'test' }));
    const summaries: string[] = [];
    while (summaries.at(-1) !== 'ReadyForQuery I') {
      await new Promise((resolve) => setImmediate(resolve));
      summaries.push(...client.received.splice(0).map((message) => message.summary));
    }
    expect(summaries[0]).toBe('authenticationOk');
    expect(summaries.slice(-2)).toEqual(['backendKeyData', 'ReadyForQuery I']);
    expect(summaries).toContain('ParameterStatus server_version=15.0 (Tidewire 9.9.9)');
    expect(summaries).toContain('ParameterStatus application_name=test');
    for (const name of ['client_encoding=UTF8', 'DateStyle=ISO, MDY', 'TimeZone=UTC', 'integer_datetimes=on']) {
      expect(summaries).toContain(`ParameterStatus ${name}`);
    }
    await client.close();
  });

  test('refuses encryption politely, whichever is asked for first', async () => {
    await start();
    for (const requests of [[sslRequest], [gssRequest], [sslRequest, gssRequest], [gssRequest, sslRequest]]) {
      const client = await WireClient.open(world.port, { raw: true });
      for (const [index, request] of requests.entries()) {
        client.send(request);
        expect((await client.rawBytes(index + 1)).toString()).toBe('N'.repeat(index + 1));
      }
      client.raw = Buffer.alloc(0);
      client.readMessages();
      client.send(serialize.startup({ user: 'postgres' }));
      expect(await client.untilReady()).toContain('ReadyForQuery I');
      await client.close();
    }
  });

  test('refuses bytes stuffed behind a request for encryption', async () => {
    await start();
    const client = await WireClient.open(world.port);
    client.send(sslRequest, serialize.startup({ user: 'postgres' }));
    expect(await client.untilClosed()).toEqual(['ErrorResponse FATAL 08P01', 'closed']);
  });

  test('refuses a second request for the same encryption', async () => {
    await start();
    const client = await WireClient.open(world.port, { raw: true });
    client.send(sslRequest);
    await client.rawBytes(1);
    client.raw = Buffer.alloc(0);
    client.readMessages();
    client.send(sslRequest);
    expect(await client.untilClosed()).toEqual(['ErrorResponse FATAL 0A000', 'closed']);
  });

  const refused: Record<string, [packet: Buffer, code: string]> = {
    'protocol 2.0': [startup([2, 0], {}), '0A000'],
    'protocol 4.0': [startup([4, 0], { user: 'postgres' }), '0A000'],
    'no user': [startup([3, 0], { database: 'tidewire' }), '28000'],
    'an unknown database': [startup([3, 0], { user: 'postgres', database: 'nope' }), '3D000'],
    'an unknown setting': [startup([3, 0], { user: 'postgres', nonsense: '1' }), '42704'],
    'a bad value for a setting': [startup([3, 0], { user: 'postgres', options: '-c timezone=Mars' }), '22023'],
    'an encoding that texts cannot be converted to': [
      startup([3, 0], { user: 'postgres', client_encoding: 'EUC_JP' }),
      '0A000',
    ],
    replication: [startup([3, 0], { user: 'postgres', replication: 'true' }), '0A000'],
  };
  for (const [name, [packet, code]] of Object.entries(refused)) {
    test(`ends with ${code} for ${name}`, async () => {
      await start();
      const client = await WireClient.open(world.port);
      client.send(packet);
      const summaries = (await client.untilClosed()).filter((summary) => summary !== 'authenticationOk');
      expect(summaries).toEqual([`ErrorResponse FATAL ${code}`, 'closed']);
      expect(world.registry.size).toBe(0);
    });
  }

  test('gets through a flood of sockets that say nothing: those that have waited longest go', async () => {
    await start({ maxPendingLogins: 3 });
    const silent: WireClient[] = [];
    for (let index = 0; index < 5; index++) silent.push(await WireClient.open(world.port));
    const client = await WireClient.login(world.port);
    expect(await client.query('SELECT 1')).toContain('DataRow 1');
    expect(await silent[0]?.untilClosed()).toEqual(['closed']);
    expect(silent.at(-1)?.isClosed).toBe(false);
    for (const { socket } of silent) socket.destroy();
    await client.close();
  });

  test('negotiates newer versions and unknown options, and gives long cancel keys to those who know them', async () => {
    await start();
    const keyLength = async (minor: number, parameters: Record<string, string> = {}) => {
      const client = await WireClient.open(world.port);
      client.send(startup([3, minor], { user: 'postgres', ...parameters }));
      const summaries: string[] = [];
      let key = 0;
      while (summaries.at(-1) !== 'ReadyForQuery I') {
        await new Promise((resolve) => setImmediate(resolve));
        for (const message of client.received.splice(0)) {
          if (message.code === 'K') key = message.body.length - 4;
          if (message.code === 'v') summaries.push(message.body.toString('hex'));
          else summaries.push(message.summary);
        }
      }
      await client.close();
      return { first: summaries[0], key };
    };
    expect(await keyLength(0)).toEqual({ first: 'authenticationOk', key: 4 });
    expect(await keyLength(2)).toEqual({ first: 'authenticationOk', key: 32 });
    expect(await keyLength(9)).toEqual({ first: '0003000200000000', key: 32 });
    expect(await keyLength(0, { '_pq_.x': '1' })).toEqual({
      first: `0003000000000001${Buffer.from('_pq_.x\0').toString('hex')}`,
      key: 4,
    });
  });

  test('lets an unknown user in as postgres and logs it; a database named like the user means the default', async () => {
    await start();
    for (const parameters of [{ user: 'ada' }, { user: 'ada', database: 'ada' }]) {
      const client = await WireClient.open(world.port);
      client.send(serialize.startup(parameters as Record<string, string>));
      await client.untilReady();
      expect(await client.query('SELECT current_user::text, current_database()::text')).toContain(
        'DataRow postgres|tidewire',
      );
      await client.close();
    }
    expect(world.log).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({ userName: 'ada', role: 'postgres' }),
      }),
    );
  });

  test('applies settings from the startup packet, and RESET goes back to them', async () => {
    await start();
    const client = await WireClient.login(world.port, { options: '-c timezone=Asia/Tokyo' });
    await client.query('SET timezone = UTC');
    await client.query('RESET timezone');
    expect(await client.query('SHOW timezone')).toContain('DataRow Asia/Tokyo');
    await client.close();
  });

  test('is cut off when it takes too long', async () => {
    await start({ startupTimeoutMs: 50 });
    const client = await WireClient.open(world.port);
    client.send(Buffer.from([0, 0]));
    expect(await client.untilClosed()).toEqual(['closed']);
  });

  test('is refused when there are too many, but CancelRequest still gets through', async () => {
    await start({ maxConnections: 1 });
    const first = await WireClient.login(world.port);
    const second = await WireClient.open(world.port);
    second.send(serialize.startup({ user: 'postgres' }));
    expect(await second.untilClosed()).toEqual(['ErrorResponse FATAL 53300', 'closed']);
    const canceller = await WireClient.open(world.port);
    canceller.send(serialize.cancel(1, 2));
    expect(await canceller.untilClosed()).toEqual(['closed']);
    await first.close();
    while (world.server.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
    await (await WireClient.login(world.port)).close();
  });
});

describe('bytes that are not the protocol', () => {
  const attacks: Record<string, Buffer> = {
    'an HTTP request': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    'a TLS hello': Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
    'a length of 0': Buffer.from([0, 0, 0, 0]),
    'a length of 2^31 - 1': Buffer.from([0x7f, 255, 255, 255]),
    'a negative length': Buffer.from([255, 255, 255, 255]),
  };
  for (const [name, bytes] of Object.entries(attacks)) {
    test(`close the connection: ${name}`, async () => {
      await start();
      const client = await WireClient.open(world.port);
      client.send(bytes);
      expect(await client.untilClosed()).toEqual(['ErrorResponse FATAL 08P01', 'closed']);
    });
  }

  const later: Record<string, Buffer> = {
    'an unknown message type': Buffer.from('!!!!!!'),
    'a length of 3': Buffer.from([0x51, 0, 0, 0, 3]),
    'a Sync of a megabyte': Buffer.from([0x53, 0, 0x10, 0, 0]),
    'a query of two gigabytes': Buffer.from([0x51, 0x7f, 255, 255, 255]),
    'a password that nobody asked for': serialize.password('secret'),
  };
  for (const [name, bytes] of Object.entries(later)) {
    test(`end a session: ${name}`, async () => {
      await start();
      const client = await WireClient.login(world.port);
      client.send(bytes);
      expect(await client.untilClosed()).toEqual(['ErrorResponse FATAL 08P01', 'closed']);
      while (world.registry.size > 0) await new Promise((resolve) => setImmediate(resolve));
    });
  }

  test('a message over the limit: the limit is named, and how to raise it', async () => {
    await start({ maxMessageBytes: 20_000 });
    const client = await WireClient.login(world.port);
    client.send(Buffer.from([0x51, 0, 0, 0x4e, 0x21]));
    while (!client.isClosed) await new Promise((resolve) => setImmediate(resolve));
    expect(client.received.at(-1)?.message).toMatchObject({
      message: 'invalid message length',
      detail: 'The message has 20001 bytes, and at most 20000 are taken.',
      hint: expect.stringContaining('max-message-size'),
    });
  });

  test('a client that hangs up in the middle of a message leaves nothing behind', async () => {
    await start();
    const client = await WireClient.login(world.port);
    await client.query('BEGIN');
    await client.query('SELECT 1');
    client.socket.write(serialize.query('SELECT 1').subarray(0, 7));
    client.socket.destroy();
    while (world.server.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(world.registry.size).toBe(0);
    expect(world.database.events.at(-1)).toBe('rollback');
  });

  test('a client may end its side and still read the answers', async () => {
    await start();
    const client = await WireClient.login(world.port);
    client.socket.end(Buffer.concat([serialize.query('SELECT 1'), serialize.query('SELECT 2')]));
    expect(await client.untilClosed()).toEqual([
      'RowDescription ?column?:23:text',
      'DataRow 1',
      'CommandComplete SELECT 1',
      'ReadyForQuery I',
      'RowDescription ?column?:23:text',
      'DataRow 2',
      'CommandComplete SELECT 1',
      'ReadyForQuery I',
      'closed',
    ]);
  });
});

const endless = 'SELECT count(*) FROM generate_series(1, 1000000000)';

/** Until the server works on a statement of the client's. */
async function untilRunning(): Promise<void> {
  for (;;) {
    for (const { session } of world.registry.sessions()) if (session.isRunning) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A server, and a count of the bytes that it has sent. */
async function startCounting(): Promise<() => number> {
  let sent = 0;
  await start({
    metrics: {
      ...noWireMetrics,
      bytes: (direction, count) => {
        if (direction === 'sent') sent += count;
      },
    },
  });
  return () => sent;
}

/** A client that asks for more than the buffers of the system hold and reads nothing; returns when they are full. */
async function stuckClient(sent: () => number): Promise<WireClient> {
  const client = await WireClient.login(world.port);
  client.socket.pause();
  client.send(serialize.query('SELECT * FROM generate_series(1, 1000000000)'));
  await untilRunning();
  for (let before = -1; before !== sent(); ) {
    before = sent();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return client;
}

describe('running statements', () => {
  test('end with 57014 when cancelled with the right key, and the session goes on', async () => {
    await start();
    const client = await WireClient.open(world.port);
    client.send(serialize.startup({ user: 'postgres' }));
    let key: Buffer | undefined;
    while (client.received.at(-1)?.code !== 'Z') await new Promise((resolve) => setImmediate(resolve));
    for (const message of client.received.splice(0)) if (message.code === 'K') key = message.body;
    const [processId, secret] = [key?.readInt32BE(0) ?? 0, key?.readInt32BE(4) ?? 0];

    client.send(serialize.query(endless));
    await untilRunning();
    for (const [pid, guess] of [
      [processId, secret ^ 1],
      [processId + 1, secret],
    ] as const) {
      const wrong = await WireClient.open(world.port);
      wrong.send(serialize.cancel(pid, guess));
      expect(await wrong.untilClosed()).toEqual(['closed']);
    }
    expect(client.received.filter((message) => message.code === 'E')).toEqual([]);
    const right = await WireClient.open(world.port);
    right.send(serialize.cancel(processId, secret));
    expect(await right.untilClosed()).toEqual(['closed']);
    expect((await client.untilReady()).slice(-2)).toEqual(['ErrorResponse ERROR 57014', 'ReadyForQuery I']);
    expect(await client.query('SELECT 1')).toContain('DataRow 1');
    await client.close();
  });

  test('end with 57014 after statement_timeout', async () => {
    await start();
    const client = await WireClient.login(world.port, { options: '-c statement_timeout=50ms' });
    expect((await client.query(endless)).slice(-2)).toEqual(['ErrorResponse ERROR 57014', 'ReadyForQuery I']);
    expect(await client.query('SELECT 1')).toContain('DataRow 1');
    await client.close();
  });

  test('stop when their client is gone', async () => {
    await start();
    const client = await WireClient.login(world.port);
    client.send(serialize.query('SELECT * FROM generate_series(1, 1000000000)'));
    await untilRunning();
    client.socket.resetAndDestroy();
    while (world.registry.size > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(world.database.openSnapshots).toBe(0);
  });

  test('wait for a client that does not read, and others are served meanwhile', async () => {
    const sent = await startCounting();
    const slow = await stuckClient(sent);
    const other = await WireClient.login(world.port);
    expect(await other.query('SELECT 1')).toContain('DataRow 1');
    expect(sent()).toBeLessThan(64 * 1024 * 1024);
    slow.socket.destroy();
    await other.close();
    while (world.registry.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test('idle too long in a transaction end the session', async () => {
    await start();
    const client = await WireClient.login(world.port, { options: '-c idle_in_transaction_session_timeout=30ms' });
    expect(await client.query('SELECT 1')).toContain('DataRow 1');
    await new Promise((resolve) => setTimeout(resolve, 60));
    client.send(serialize.query('BEGIN'));
    expect(await client.untilClosed()).toEqual([
      'CommandComplete BEGIN',
      'ReadyForQuery T',
      'ErrorResponse FATAL 25P03',
      'closed',
    ]);
  });
});

describe('an orderly stop', () => {
  test('ends idle sessions with 57P01 at once', async () => {
    await start();
    const idle = await WireClient.login(world.port);
    const inBlock = await WireClient.login(world.port);
    await inBlock.query('BEGIN');
    await world.server.stop({ graceMs: 60_000 });
    for (const client of [idle, inBlock]) {
      expect(await client.untilClosed()).toEqual(['ErrorResponse FATAL 57P01', 'closed']);
    }
    await expect(WireClient.open(world.port)).rejects.toThrow('ECONNREFUSED');
  });

  test('lets running statements finish', async () => {
    await start();
    const client = await WireClient.login(world.port);
    client.send(serialize.query('SELECT count(*) FROM generate_series(1, 300000)'));
    await untilRunning();
    await world.server.stop({ graceMs: 60_000 });
    expect(await client.untilClosed()).toEqual([
      'RowDescription count:20:text',
      'DataRow 300000',
      'CommandComplete SELECT 1',
      'ReadyForQuery I',
      'ErrorResponse FATAL 57P01',
      'closed',
    ]);
  });

  test('cancels what still runs when the time is over', async () => {
    await start();
    const client = await WireClient.login(world.port);
    client.send(serialize.query(endless));
    await untilRunning();
    await world.server.stop({ graceMs: 30 });
    expect((await client.untilClosed()).slice(-2)).toEqual(['ErrorResponse FATAL 57P01', 'closed']);
    expect(world.registry.size).toBe(0);
  });

  test('does not wait for clients that read nothing or never log in', async () => {
    const sent = await startCounting();
    const silent = await WireClient.open(world.port);
    const slow = await stuckClient(sent);
    await world.server.stop({ graceMs: 10 });
    expect(world.registry.size).toBe(0);
    silent.socket.destroy();
    slow.socket.destroy();
  });
});
