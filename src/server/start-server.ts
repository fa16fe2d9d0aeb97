import { Instance } from '../database/instance.ts';
import { HttpServer } from '../http/http-server.ts';
import { LoginAuthentication } from '../pgwire/authentication/login-authentication.ts';
import { PgWireServer } from '../pgwire/server.ts';
import { systemClock } from '../platform/clock.ts';
import { CopyFolder } from '../platform/copy-folder.ts';
import { systemHostNames } from '../platform/host-names.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import { systemRandom } from '../platform/random.ts';
import { systemTimers } from '../platform/timers.ts';
import { useIngestConstraints } from '../session/ingest-constraints.ts';
import { LoginGate } from '../session/login/login-gate.ts';
import { serverIdentity } from '../session/server-facts.ts';
import { SessionRegistry } from '../session/session-registry.ts';
import { spillSpaces } from '../session/spill-spaces.ts';
import { backgroundParser } from '../sql/syntax/background-parser.ts';
import { loadParser } from '../sql/syntax/parse-sql.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import type { Log } from './logger.ts';
import { startScanWorkers } from './scan-workers.ts';
import { segmentEncoders } from './segment-encoders.ts';
import { TlsStore } from './tls-files.ts';
import { listenUnix, removeSocket } from './unix-socket.ts';
import { VERSION } from './version.ts';
import { startWarmUp } from './warm-up/start-warm-up.ts';

export interface StartOptions {
  /** Give up what cannot be read of a damaged log or manifest. */
  readonly acceptLoss?: boolean;
  /** The configuration as it stands by now; throws ConfigError. Absent: it stays as it is. */
  readonly reread?: () => Config;
}

export interface RunningServer {
  readonly instance: Instance;
  readonly pgPort: number;
  readonly httpPort: number;
  /** Reads the certificates and the rules of access again; what cannot be used is logged, and changes nothing. */
  reload(): void;
  /**
   * Takes no new work, lets running statements finish for up to `graceMs`, syncs and closes. False when data could not
   * be made safe (a write to the log had failed).
   */
  stop(graceMs: number): Promise<boolean>;
}

/**
 * Opens the data directory and both doors. `acceptLoss` is for one start and no part of the configuration. Throws
 * ConfigError for what the operator can mend.
 */
export async function startServer(
  config: Config,
  log: Log,
  { acceptLoss = false, reread }: StartOptions = {},
): Promise<RunningServer> {
  let { access } = config;
  let reload = (): void => {};
  const tls = config.tls === undefined ? undefined : new TlsStore(config.tls);
  await loadParser();
  const encoders = segmentEncoders(config.workerThreads);
  const instance = await openInstance(config, log, { acceptLoss, encoders });
  const server = serverIdentity(VERSION, systemClock.nowMicros());
  useIngestConstraints(instance, { server, clock: systemClock, random: systemRandom });
  const newSpillSpace = await spillSpaces(nodeFileSystem, config.dataDirectory, config.queryDiskBytes);
  const parser = backgroundParser();
  const workers = startScanWorkers(instance, config.workerThreads);
  const registry = new SessionRegistry({
    ...(parser === undefined ? {} : { parseElsewhere: parser }),
    backend: instance,
    server,
    clock: systemClock,
    random: systemRandom,
    timers: systemTimers,
    log,
    logsConnections: config.logConnections,
    letsUnknownIn: () => !access.hasOwnRules,
    reload: () => reload(),
    memoryLimitBytes: config.queryMemoryBytes,
    ...(newSpillSpace === undefined ? {} : { newSpillSpace }),
    ...(config.copyFolder === undefined ? {} : { copyFolder: new CopyFolder(config.copyFolder) }),
    ...(workers === undefined ? {} : { workers }),
  });
  const gate = new LoginGate({
    shared: () => instance.shared(),
    access: () => access,
    hostNames: systemHostNames,
    secret: instance.loginSecret,
    clock: systemClock,
    timers: systemTimers,
    log,
    allowsClearText: config.clearTextPasswords,
  });
  const pgwire = new PgWireServer({
    registry,
    log,
    authentication: new LoginAuthentication(gate, systemRandom),
    tls,
    maxConnections: config.maxConnections,
    reservedConnections: config.reservedConnections,
    startupTimeoutMs: config.loginTimeoutMs,
    maxMessageBytes: config.maxMessageBytes,
  });
  const http = newHttpServer(config, log, { instance, gate, tls, letsUnknownIn: () => !access.hasOwnRules });
  try {
    const { port: pgPort } = await listen(config, 'pg-port', () =>
      pgwire.listen({ host: config.host, port: config.pgPort }),
    );
    const sockets: string[] = [];
    for (const directory of config.unixSocketDirectories) {
      sockets.push(await listenUnix(directory, pgPort, (path) => pgwire.listen({ path })));
    }
    await listen(config, 'http-port', () => http.listen());
    log('info', 'ready', { pgPort, httpPort: http.port, host: config.host, dataDirectory: config.dataDirectory });
    const canWarmUp = config.warmUp && process.platform !== 'win32';
    const warmUp = canWarmUp ? startWarmUp({ isBusy: () => pgwire.connectionCount > 0, log }) : undefined;
    reload = () => {
      if (reread !== undefined) {
        attempt(log, 'access rules', () => {
          access = reread().access;
        });
      }
      if (tls !== undefined) {
        attempt(log, 'certificates', () => {
          tls.reload();
          if (config.httpTls) http.useCertificate(tls.material);
        });
      }
    };
    return {
      instance,
      pgPort,
      httpPort: http.port,
      reload: () => reload(),
      async stop(graceMs) {
        for (const socket of sockets) await removeSocket(socket);
        await Promise.all([pgwire.stop({ graceMs }), http.stop(graceMs), warmUp?.stop()]);
        await workers?.close();
        await instance.close();
        await encoders?.close();
        await parser?.close();
        return instance.failure === undefined;
      },
    };
  } catch (error) {
    await pgwire.stop({ graceMs: 0 });
    await instance.close();
    await encoders?.close();
    throw error;
  }
}

function openInstance(
  config: Config,
  log: Log,
  { acceptLoss, encoders }: { readonly acceptLoss: boolean; readonly encoders: ReturnType<typeof segmentEncoders> },
): Promise<Instance> {
  return Instance.open({
    directory: config.dataDirectory,
    durability: config.durability,
    memtableBytes: config.memtableBytes,
    stagingBytes: config.stagingBytes,
    indexBytes: config.indexMemoryBytes,
    cacheBytes: config.cacheBytes,
    ingest: { fieldConflict: config.fieldConflict, maxTablesPerRequest: config.maxTablesPerRequest },
    ...(config.maxSeriesPerTable === 0 ? {} : { maxSeriesPerTable: config.maxSeriesPerTable }),
    encoders,
    acceptLoss,
    clock: systemClock,
    random: systemRandom,
    log,
  });
}

function newHttpServer(
  config: Config,
  log: Log,
  {
    instance,
    gate,
    tls,
    letsUnknownIn,
  }: {
    readonly instance: Instance;
    readonly gate: LoginGate;
    readonly tls: TlsStore | undefined;
    readonly letsUnknownIn: () => boolean;
  },
): HttpServer {
  return new HttpServer({
    instance,
    clock: systemClock,
    gate,
    letsUnknownIn,
    ...(tls !== undefined && config.httpTls ? { tls: tls.material } : {}),
    host: config.host,
    port: config.httpPort,
    bodyLimitBytes: config.maxBodyBytes,
    version: VERSION,
    reportError: (error, request) =>
      log('error', 'request failed', { ...request, error: error instanceof Error ? error.stack : String(error) }),
  });
}

function attempt(log: Log, what: string, read: () => void): void {
  try {
    read();
    log('info', `${what} read again`);
  } catch (error) {
    log('error', `${what} stay as they are`, { error: (error as Error).message });
  }
}

async function listen<Result>(
  config: Config,
  option: 'pg-port' | 'http-port',
  open: () => Promise<Result>,
): Promise<Result> {
  const port = option === 'pg-port' ? config.pgPort : config.httpPort;
  try {
    return await open();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new ConfigError(
        `port ${port} on ${config.host} is taken by another process`,
        `Choose another with --${option}, or 0 for any free one.`,
      );
    }
    if (code === 'EACCES') {
      throw new ConfigError(`port ${port} may not be opened by this user`, `Choose another with --${option}.`);
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new ConfigError(`"${config.host}" is not an address of this machine`, 'Choose another with --host.');
    }
    throw error;
  }
}
