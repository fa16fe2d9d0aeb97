import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { Instance } from '../../src/database/instance.ts';
import { LoginAuthentication } from '../../src/pgwire/authentication/login-authentication.ts';
import { PgWireServer, type PgWireServerOptions } from '../../src/pgwire/server.ts';
import { serverEndPoint } from '../../src/pgwire/tls/server-end-point.ts';
import type { TlsProvider } from '../../src/pgwire/tls/tls-upgrade.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemTimers } from '../../src/platform/timers.ts';
import { type CertificatePair, selfSignedCertificate } from '../../src/server/certificate/self-signed-certificate.ts';
import { LoginGate } from '../../src/session/login/login-gate.ts';
import { parseLoginRules } from '../../src/session/login/login-rules.ts';
import { runScript } from '../../src/session/run-script.ts';
import { serverIdentity } from '../../src/session/server-facts.ts';
import { SessionRegistry } from '../../src/session/session-registry.ts';
import { loadParser } from '../../src/sql/syntax/parse-sql.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';

export interface SecureServer {
  readonly server: PgWireServer;
  readonly instance: Instance;
  readonly gate: LoginGate;
  readonly port: number;
  /** Each line as JSON. */
  readonly log: string[];
  /** Of the server; may be replaced. */
  certificate: CertificatePair;
  stop(): Promise<void>;
}

/** A server with roles, rules and a certificate of its own. `script` makes the roles. */
export async function secureServer(
  rules: readonly string[],
  script: string,
  options: Partial<PgWireServerOptions> & { readonly clientAuthority?: string; readonly withoutTls?: boolean } = {},
): Promise<SecureServer> {
  await loadParser();
  const instance = await Instance.open({ directory: '/data', fileSystem: new MemoryFileSystem(), cacheBytes: 1 << 20 });
  const log: string[] = [];
  const note = (level: string, message: string, fields: unknown): void =>
    void log.push(JSON.stringify({ level, message, fields }));
  const registry = new SessionRegistry({
    backend: instance,
    server: serverIdentity('9.9.9', 0),
    clock: systemClock,
    random: systemRandom,
    timers: systemTimers,
    log: note,
    memoryLimitBytes: 1 << 26,
    letsUnknownIn: false,
  });
  const { session } = registry.open({
    userName: 'postgres',
    databaseName: 'tidewire',
    remoteAddress: 'test',
    cancelKeyBytes: 4,
  });
  await runScript(session, script, { begin() {}, rows: () => undefined, complete() {}, empty() {} });
  await registry.close(session);
  const access = { rules: parseLoginRules(rules) };
  const gate = new LoginGate({
    shared: () => instance.shared(),
    access: () => access,
    secret: instance.loginSecret,
    clock: systemClock,
    timers: systemTimers,
    log: note,
    failureDelayMs: 30,
  });
  const world: Pick<SecureServer, 'certificate'> = {
    certificate: selfSignedCertificate({ hosts: ['localhost', '127.0.0.1'], days: 1, now: new Date() }),
  };
  const { clientAuthority, withoutTls = false, ...others } = options;
  const tls: TlsProvider = {
    get context() {
      const { certificatePem: cert, keyPem: key } = world.certificate;
      const ca = clientAuthority === undefined ? {} : { ca: clientAuthority };
      return createSecureContext({ cert, key, ...ca, minVersion: 'TLSv1.2' });
    },
    get serverEndPoint() {
      return serverEndPoint(new X509Certificate(world.certificate.certificatePem).raw);
    },
    asksForCertificates: clientAuthority !== undefined,
  };
  const server = new PgWireServer({
    registry,
    log: note,
    authentication: new LoginAuthentication(gate, systemRandom),
    ...(withoutTls ? {} : { tls }),
    ...others,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return Object.assign(world, {
    server,
    instance,
    gate,
    port,
    log,
    async stop() {
      await server.stop({ graceMs: 0 });
      await instance.close();
    },
  });
}
