import { Client } from 'pg';
import { serialize } from 'pg-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SecureServer, secureServer } from '../secure-server.ts';
import { WireClient } from '../wire-client.ts';

let world: SecureServer;

beforeAll(async () => {
  world = await secureServer(
    [
      'hostssl all nobody-in-clear all scram-sha-256',
      'host all eve all reject',
      'hostssl all plain all password',
      'hostnossl all plain all password',
      'host tidewire,postgres all 127.0.0.1/32 scram-sha-256',
    ],
    `CREATE USER ada PASSWORD 'countess'; CREATE USER late PASSWORD 'countess' VALID UNTIL '2001-01-01';
     CREATE USER bare; CREATE ROLE still PASSWORD 'countess'; CREATE USER plain PASSWORD 'countess';
     CREATE USER \u00fcmlaut PASSWORD 'p\u00e4ssw\u00f6rd \u2168'`,
  );
});

afterAll(() => world.stop());

async function connect(user: string, password: string, options: object = {}): Promise<string> {
  const client = new Client({ host: '127.0.0.1', port: world.port, database: 'tidewire', user, password, ...options });
  try {
    await client.connect();
    const { rows } = await client.query('SELECT current_user');
    return rows[0].current_user;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code} ${message}`;
  } finally {
    await client.end().catch(() => {});
  }
}

describe('a client with a password', () => {
  test('gets in with the right one, and with no other', async () => {
    expect(await connect('ada', 'countess')).toBe('ada');
    expect(await connect('\u00fcmlaut', 'p\u00e4ssw\u00f6rd IX')).toBe('\u00fcmlaut');
    expect(await connect('ada', 'Countess')).toBe('28P01 password authentication failed for user "ada"');
  });

  test('is told the same whatever was wrong', async () => {
    for (const user of ['ada', 'late', 'bare', 'still', 'unknown', 'postgres']) {
      expect(await connect(user, 'wrong')).toBe(`28P01 password authentication failed for user "${user}"`);
    }
    for (const user of ['late', 'bare', 'unknown']) {
      expect(await connect(user, 'countess')).toBe(`28P01 password authentication failed for user "${user}"`);
    }
    // Who has proved his name may know that it is no use.
    expect(await connect('still', 'countess')).toBe('28000 role "still" is not permitted to log in');
  });

  test('is refused where no rule lets it in', async () => {
    expect(await connect('eve', 'x')).toMatch(
      /^28000 pg_hba\.conf rejects connection for host "127\.0\.0\.1", user "eve"/,
    );
    expect(await connect('ada', 'countess', { database: 'other' })).toBe(
      '28000 no pg_hba.conf entry for host "127.0.0.1", user "ada", database "other", no encryption',
    );
  });

  test('is not asked for it in clear', async () => {
    expect(await connect('plain', 'countess')).toMatch(/^28000 no pg_hba\.conf entry/);
    expect(await connect('plain', 'countess', { ssl: { rejectUnauthorized: false } })).toBe('plain');
    expect(await connect('plain', 'wrong', { ssl: { rejectUnauthorized: false } })).toMatch(/^28P01/);
  });

  test('waits for the bad news, and the log says what it was without the password', async () => {
    const startMs = performance.now();
    await connect('ada', 'hunter2-secret');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(30);
    const lines = world.log.filter((line) => line.includes('login failed'));
    expect(lines.at(-1)).toContain('"user":"ada"');
    expect(lines.at(-1)).toContain('"reason":"password"');
    expect(world.log.join('\n')).not.toMatch(/hunter2|countess|SCRAM-SHA-256\$/);
  });
});

describe('the messages of a login', () => {
  const first = (user: string) => serialize.startup({ user, database: 'tidewire' });
  const initial = (mechanism: string, response: string) =>
    serialize.sendSASLInitialResponseMessage(mechanism, response);

  test('are the same for a user that there is and one that there is not, salt and all', async () => {
    const seen: string[][] = [];
    for (const user of ['ada', 'unknown', 'unknown']) {
      const client = await WireClient.open(world.port);
      client.send(first(user));
      await client.until('R');
      client.send(initial('SCRAM-SHA-256', 'n,,n=*,r=abcdef'));
      while (client.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      const [message] = client.received;
      const text = message?.body.subarray(4).toString() ?? '';
      seen.push([text.replace(/^r=abcdef[^,]*/, 'r'), String(text.length)]);
      client.socket.destroy();
    }
    const [ada = [], unknown = [], again = []] = seen;
    expect(unknown).toEqual(again);
    expect(unknown[1]).toBe(ada[1]);
    expect(unknown[0]).not.toBe(ada[0]);
    expect(ada[0]).toMatch(/^r,s=[A-Za-z0-9+/]{22}==,i=4096$/);
    expect(unknown[0]).toMatch(/^r,s=[A-Za-z0-9+/]{22}==,i=4096$/);
  });

  const broken: Readonly<Record<string, () => readonly Uint8Array[]>> = {
    'a query in place of an answer': () => [serialize.query('SELECT 1')],
    'an unknown mechanism': () => [initial('SCRAM-SHA-1', 'n,,n=*,r=abc')],
    'PLUS without TLS': () => [initial('SCRAM-SHA-256-PLUS', 'p=tls-server-end-point,,n=*,r=abc')],
    'a message that is none': () => [initial('SCRAM-SHA-256', 'hello')],
    'a length that is wrong': () => [Buffer.from('p\0\0\0\x19SCRAM-SHA-256\0\0\0\0\x7fxyz')],
    'a password message of 10,001 bytes': () => [Buffer.concat([Buffer.from('p'), Buffer.from([0, 0, 0x27, 0x11])])],
    'a password message of 4 GiB': () => [Buffer.from([0x70, 0xff, 0xff, 0xff, 0xff])],
    'a second answer ahead of its question': () => [initial('SCRAM-SHA-256', 'n,,n=*,r=abc'), initial('x', 'y')],
  };
  for (const [name, messages] of Object.entries(broken)) {
    test(`end the connection: ${name}`, async () => {
      const client = await WireClient.open(world.port);
      client.send(first('ada'));
      await client.until('R');
      client.send(...messages());
      const answers = await client.untilClosed();
      expect(answers.at(-1)).toBe('closed');
      expect(answers.at(-2)).toMatch(/^ErrorResponse FATAL (08P01|28P01|22021)/);
    });
  }

  test('say nothing of the server before the client is known', async () => {
    const client = await WireClient.open(world.port);
    client.send(first('ada'));
    await client.until('R');
    client.send(initial('SCRAM-SHA-256', 'n,,n=*,r=abc'));
    await client.until('R');
    client.send(serialize.sendSCRAMClientFinalMessage('c=biws,r=wrong,p=AAAA'));
    const received: string[] = [];
    while (!client.isClosed) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      received.push(...client.received.splice(0).map(({ body }) => body.toString('latin1')));
    }
    expect(received.join()).not.toMatch(/9\.9\.9|Tidewire|tidewire|\/data|node/i);
  });
});
