import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { Client } from 'pg';
import { serialize } from 'pg-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSignedCertificate } from '../../../src/server/certificate/self-signed-certificate.ts';
import { type SecureServer, secureServer } from '../secure-server.ts';
import { WireClient } from '../wire-client.ts';

let world: SecureServer;
const clientPair = selfSignedCertificate({ hosts: ['certy'], days: 1, now: new Date() });
const otherPair = selfSignedCertificate({ hosts: ['certy'], days: 1, now: new Date() });
const sslRequest = serialize.requestSsl();
const gssRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30]);
const login = serialize.startup({ user: 'postgres', database: 'tidewire' });

beforeAll(async () => {
  world = await secureServer(
    [
      'hostssl all certy all cert',
      'hostssl all full all scram-sha-256 clientcert=verify-full',
      'hostssl all ada all scram-sha-256',
      'host all postgres 127.0.0.1/32 trust',
    ],
    "CREATE USER certy; CREATE USER ada PASSWORD 'countess'; CREATE USER full PASSWORD 'countess'",
    { clientAuthority: clientPair.certificatePem },
  );
});

afterAll(() => world.stop());

function plain(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectPlain(world.port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

function handshake(socket: Socket, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const ca = world.certificate.certificatePem;
    const secured = connectTls({ socket, ca, servername: 'localhost', ...options }, () => resolve(secured));
    secured.once('error', reject);
    secured.once('close', () => reject(new Error('closed')));
  });
}

/** After SSLRequest and the answer S. */
async function requested(): Promise<TLSSocket> {
  const socket = await plain();
  socket.write(sslRequest);
  const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  expect(answer.toString()).toBe('S');
  return handshake(socket);
}

async function closes(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => {
    socket.once('close', resolve);
    socket.on('error', () => {});
  });
  return Buffer.concat(chunks).toString('latin1');
}

describe('TLS', () => {
  test('after SSLRequest: a whole session', async () => {
    const client = WireClient.over(await requested());
    client.send(login);
    expect(await client.untilReady()).toContain('ReadyForQuery I');
    expect(await client.query('SELECT 1')).toContain('DataRow 1');
    await client.close();
  });

  test('direct, with our protocol named', async () => {
    const client = WireClient.over(await handshake(await plain(), { ALPNProtocols: ['postgresql'] }));
    client.send(login);
    expect(await client.untilReady()).toContain('ReadyForQuery I');
    await client.close();
  });

  test('direct without a protocol, or with another, is not spoken', async () => {
    // A client of TLS 1.3 may think for a moment that it is through.
    for (const ALPNProtocols of [undefined, ['h2', 'http/1.1']]) {
      const outcome = await handshake(await plain(), ALPNProtocols === undefined ? {} : { ALPNProtocols })
        .then(async (socket) => {
          socket.write(login);
          return closes(socket);
        })
        .catch((error: Error) => `refused ${error.message}`);
      expect(outcome).toMatch(/^(refused .*)?$/s);
    }
  });

  test('of old versions is refused', async () => {
    const socket = await plain();
    socket.write(sslRequest);
    await new Promise((resolve) => socket.once('data', resolve));
    const options: ConnectionOptions = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };
    await expect(handshake(socket, options)).rejects.toThrow();
  });

  test('does not begin behind bytes that were stuffed before it', async () => {
    for (const stuffed of [login, serialize.query('SELECT 1'), Buffer.from([0x16])]) {
      const client = await WireClient.open(world.port);
      client.send(sslRequest, stuffed);
      expect(await client.untilClosed()).toEqual(['ErrorResponse FATAL 08P01', 'closed']);
    }
  });

  test('is not asked for within TLS, nor is GSSAPI', async () => {
    for (const request of [sslRequest, gssRequest]) {
      const client = WireClient.over(await requested());
      client.send(request);
      expect(await client.untilClosed()).toEqual(['ErrorResponse FATAL 0A000', 'closed']);
    }
  });

  test('comes after GSSAPI was refused', async () => {
    const socket = await plain();
    socket.write(gssRequest);
    expect((await new Promise<Buffer>((resolve) => socket.once('data', resolve))).toString()).toBe('N');
    socket.write(sslRequest);
    expect((await new Promise<Buffer>((resolve) => socket.once('data', resolve))).toString()).toBe('S');
    const client = WireClient.over(await handshake(socket));
    client.send(login);
    await client.untilReady();
    await client.close();
  });

  test('that breaks off leaves the server as it was', async () => {
    for (let at = 0; at < 20; at++) {
      const socket = await plain();
      socket.write(sslRequest);
      await new Promise((resolve) => socket.once('data', resolve));
      socket.write(Buffer.from([0x16, 3, 1, 0, at, 1]));
      socket.destroy();
      const direct = await plain();
      direct.end(Buffer.from([0x16, 3, 3, at, at, at]));
      await closes(direct);
    }
    const client = WireClient.over(await requested());
    client.send(login);
    await client.untilReady();
    await client.close();
  });

  test('carries CancelRequests too', async () => {
    const busy = WireClient.over(await requested());
    busy.send(login);
    let key: Uint8Array = new Uint8Array(0);
    while (key.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      key = busy.received.find(({ code }) => code === 'K')?.body ?? key;
    }
    await busy.untilReady();
    busy.send(serialize.query('SELECT pg_sleep(20)'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const killer = await requested();
    const secret = Buffer.from(key);
    killer.write(serialize.cancel(secret.readInt32BE(0), secret.readInt32BE(4)));
    expect(await busy.untilReady()).toContain('ErrorResponse ERROR 57014');
    await busy.close();
  });

  test('is answered N where there is no certificate', async () => {
    const bare = await secureServer(['host all all all trust'], 'SELECT 1', { withoutTls: true });
    const client = await WireClient.open(bare.port, { raw: true });
    client.send(sslRequest);
    expect((await client.rawBytes(1)).toString()).toBe('N');
    const direct = await WireClient.open(bare.port);
    direct.send(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]));
    expect(await direct.untilClosed()).toEqual(['ErrorResponse FATAL 08P01', 'closed']);
    client.socket.destroy();
    await bare.stop();
  });
});

describe('node-postgres', () => {
  async function whoami(user: string, ssl: object | boolean, more: object = {}): Promise<string> {
    const client = new Client({ host: '127.0.0.1', port: world.port, database: 'tidewire', user, ssl, ...more });
    try {
      await client.connect();
      return (await client.query('SELECT current_user')).rows[0].current_user;
    } catch (error) {
      return (error as Error).message;
    } finally {
      await client.end().catch(() => {});
    }
  }

  test('logs in with its password, bound to the certificate', async () => {
    const ca = world.certificate.certificatePem;
    expect(await whoami('ada', { ca }, { password: 'countess' })).toBe('ada');
    expect(await whoami('ada', { ca }, { password: 'countess', enableChannelBinding: true })).toBe('ada');
    expect(await whoami('ada', { ca }, { password: 'wrong', enableChannelBinding: true })).toMatch(
      /authentication failed/,
    );
    expect(await whoami('ada', false, { password: 'countess' })).toMatch(/no pg_hba.conf entry .* no encryption$/);
    expect(await whoami('ada', true, { password: 'countess' })).toMatch(/self-signed certificate/);
  });

  test('logs in with a certificate of its own, if our authority has signed it and it names the user', async () => {
    const ca = world.certificate.certificatePem;
    const own = { ca, cert: clientPair.certificatePem, key: clientPair.keyPem };
    const foreign = { ca, cert: otherPair.certificatePem, key: otherPair.keyPem };
    expect(await whoami('certy', own)).toBe('certy');
    expect(await whoami('certy', foreign)).toMatch(/certificate authentication failed/);
    expect(await whoami('certy', { ca })).toMatch(/certificate authentication failed/);
    expect(await whoami('full', own, { password: 'countess' })).toMatch(/certificate authentication failed/);
    expect(await whoami('full', { ca }, { password: 'countess' })).toMatch(/requires a valid client certificate/);
  });

  test('sees the new certificate once it is there', async () => {
    const before = world.certificate;
    expect(await whoami('postgres', { ca: before.certificatePem })).toBe('postgres');
    world.certificate = selfSignedCertificate({ hosts: ['localhost', '127.0.0.1'], days: 1, now: new Date() });
    expect(await whoami('postgres', { ca: before.certificatePem })).toMatch(/self-signed certificate|unable to verify/);
    expect(await whoami('postgres', { ca: world.certificate.certificatePem })).toBe('postgres');
  });
});

const hasPsql = spawnSync('psql', ['--version']).status === 0;

describe.skipIf(!hasPsql)('psql', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'psql-tls-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  async function psql(connection: string, password = 'countess'): Promise<string> {
    const root = join(directory, 'root.crt');
    writeFileSync(root, world.certificate.certificatePem);
    const target = `host=localhost hostaddr=127.0.0.1 port=${world.port} dbname=tidewire sslrootcert=${root} ${connection}`;
    const env = { ...process.env, PGPASSWORD: password };
    return new Promise((resolve) => {
      execFile('psql', ['-XAtc', 'SELECT current_user', target], { env }, (_, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
  }

  test('connects in every mode of TLS, bound to the certificate where that is asked for', async () => {
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      expect(await psql(`user=ada sslmode=${mode}`), mode).toBe('ada\n');
      expect(await psql(`user=ada sslmode=${mode} channel_binding=require`), mode).toBe('ada\n');
    }
    expect(await psql('user=ada sslmode=require', 'wrong')).toMatch(/password authentication failed for user "ada"/);
    expect(await psql('user=ada sslmode=disable')).toMatch(/no pg_hba\.conf entry for .*no encryption/);
    expect(await psql('user=postgres sslmode=disable')).toBe('postgres\n');
    // Trust proves nothing to who wants a proof.
    expect(await psql('user=postgres sslmode=require channel_binding=require')).toMatch(/channel binding/);
  });

  test('does not connect where the certificate is for another host', async () => {
    expect(await psql('user=ada sslmode=verify-full host=db.example')).toMatch(/does not match host name/);
    expect(await psql('user=ada sslmode=verify-ca host=db.example')).toBe('ada\n');
  });
});
