import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serverEndPoint } from '../../src/pgwire/tls/server-end-point.ts';
import { accessConfig } from '../../src/server/access-config.ts';
import { selfSignedCertificate } from '../../src/server/certificate/self-signed-certificate.ts';
import { TlsStore } from '../../src/server/tls-files.ts';
import { listenUnix, removeSocket } from '../../src/server/unix-socket.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'access-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const options = { host: '127.0.0.1', trustRemote: false, lines: undefined, file: undefined, tokens: [] };

describe('who comes in', () => {
  test('is anybody on this machine, where nothing was said', () => {
    expect(accessConfig(options).hasOwnRules).toBe(false);
    expect(() => accessConfig({ ...options, host: '0.0.0.0' })).toThrow(/nothing says who may come in/);
    expect(accessConfig({ ...options, host: '0.0.0.0', trustRemote: true }).rules.map(({ method }) => method)).toEqual([
      'trust',
      'trust',
    ]);
  });

  test('is what the rules say, which trust no other machine unless that is said twice', () => {
    const remote = { ...options, host: '0.0.0.0' };
    expect(accessConfig({ ...remote, lines: ['host all all all scram-sha-256'] }).hasOwnRules).toBe(true);
    expect(() => accessConfig({ ...remote, lines: ['host all all 10.0.0.0/8 trust'] })).toThrow(/trusts clients/);
    expect(accessConfig({ ...remote, lines: ['host all all 10.0.0.0/8 trust'], trustRemote: true }).hasOwnRules).toBe(
      true,
    );
  });

  test('may stand in a file, but not in two places', () => {
    const file = join(directory, 'hba.conf');
    writeFileSync(file, '# who\r\nlocal all all trust\r\nhost all all all md5\r\n');
    expect(() => accessConfig({ ...options, file })).toThrow(/hba\.conf, line 3: "md5" is no method/);
    expect(() => accessConfig({ ...options, file, lines: [] })).toThrow(/Leave one|both/);
    expect(() => accessConfig({ ...options, file: join(directory, 'none') })).toThrow(/cannot read/);
  });

  test('may show a token that is known by its hash', () => {
    const hash = 'ab'.repeat(32);
    expect(accessConfig({ ...options, tokens: [`writer sha256:${hash}`] }).tokens).toEqual([
      { roleName: 'writer', hash: Buffer.from(hash, 'hex') },
    ]);
    for (const token of ['writer', 'writer secret', `writer sha256:${hash}00`]) {
      expect(() => accessConfig({ ...options, tokens: [token] })).toThrow(/tokens/);
    }
  });
});

describe('a certificate that the server makes', () => {
  const hosts = ['db.example', '10.1.2.3', '::1', 'fe80::1:2'];
  const { certificatePem, keyPem } = selfSignedCertificate({ hosts, days: 30, now: new Date() });
  const certificate = new X509Certificate(certificatePem);

  test('is good for its names, and signed by its key', () => {
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(certificate.subject).toBe('CN=db.example');
    expect(certificate.checkHost('db.example')).toBe('db.example');
    expect(certificate.checkHost('other.example')).toBeUndefined();
    for (const address of ['10.1.2.3', '::1', 'fe80::1:2']) expect(certificate.checkIP(address)).toBe(address);
    const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29);
    expect(days).toBeLessThan(31);
  });

  test('gives clients something to bind to', () => {
    expect(serverEndPoint(certificate.raw)).toEqual(Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex'));
    for (let length = 0; length < 40; length++)
      expect(serverEndPoint(certificate.raw.subarray(0, length))).toBeUndefined();
  });

  test('is read again when it is told to; a bad one changes nothing', () => {
    const files = { certificate: join(directory, 'a.crt'), key: join(directory, 'a.key'), clientAuthority: undefined };
    writeFileSync(files.certificate, certificatePem);
    writeFileSync(files.key, keyPem);
    const store = new TlsStore(files);
    const before = store.serverEndPoint;
    const other = selfSignedCertificate({ hosts, days: 1, now: new Date() });
    writeFileSync(files.certificate, other.certificatePem);
    expect(() => store.reload()).toThrow(/cannot be used/);
    expect(store.serverEndPoint).toEqual(before);
    writeFileSync(files.key, other.keyPem);
    store.reload();
    expect(store.serverEndPoint).not.toEqual(before);
    expect(() => new TlsStore({ ...files, key: join(directory, 'none') })).toThrow(/cannot read/);
  });
});

describe('a Unix-domain socket', () => {
  const listening = (path: string) => {
    const server = createServer((socket) => void socket.on('error', () => {}).end('hello'));
    return { server, done: new Promise<void>((resolve) => server.listen(path, resolve)) };
  };

  test('stands where PostgreSQL clients look, for everybody', async () => {
    let server: ReturnType<typeof createServer> | undefined;
    const path = await listenUnix(directory, 5432, (at) => {
      const opened = listening(at);
      ({ server } = opened);
      return opened.done;
    });
    expect(path).toBe(join(directory, '.s.PGSQL.5432'));
    expect(statSync(path).mode & 0o777).toBe(0o777);
    const said = await new Promise((resolve) => connect(path).once('data', (data) => resolve(data.toString())));
    expect(said).toBe('hello');
    await expect(listenUnix(directory, 5432, () => Promise.resolve())).rejects.toThrow(/another server listens/);
    server?.close();
    await removeSocket(path);
  });

  test('takes the place of one that nobody listens at, and of nothing else', async () => {
    const path = join(directory, '.s.PGSQL.1');
    writeFileSync(path, 'a file');
    await expect(listenUnix(directory, 1, () => Promise.resolve())).rejects.toThrow(/no socket/);
    await expect(listenUnix(join(directory, 'x'.repeat(100)), 1, () => Promise.resolve())).rejects.toThrow(
      /longer than/,
    );
    await expect(
      listenUnix(join(directory, 'none'), 1, (at) => {
        const server = createServer();
        return new Promise((resolve, reject) => server.once('error', reject).listen(at, () => resolve(undefined)));
      }),
    ).rejects.toThrow(/cannot open/);
  });
});
