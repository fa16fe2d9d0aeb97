import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 15_000;
const KEPT_LOG_LINES = 200;

/** A built server as a process of its own, listening on ports that the system chose. */
export interface TidewireServer {
  readonly pgPort: number;
  readonly httpPort: number;
  /** The data directory. It outlives `stop` when the caller named it. */
  readonly directory: string;
  readonly pid: number;
  /** `postgres://` URL of the default database. */
  readonly url: string;
  /** The last lines that the server wrote, oldest first. */
  readonly log: readonly string[];
  /** SIGTERM, then waits for the process; resolves to its exit code (null when it had to be killed). */
  stop(): Promise<number | null>;
  /** SIGKILL: the crash. The data directory stays as it is, whoever named it. */
  crash(): Promise<void>;
}

export interface TidewireServerOptions {
  /** Default: a fresh temporary directory that `stop` removes. */
  readonly directory?: string;
  /** More arguments for `serve`. */
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The built `main.js`; default: the one in dist/. */
  readonly main?: string;
}

/** Starts `dist/main.js serve` and resolves once it logs that it is ready. Needs `npm run build` first. */
export async function startTidewireServer(options: TidewireServerOptions = {}): Promise<TidewireServer> {
  const main = options.main ?? MAIN;
  if (!existsSync(main)) throw new Error(`${main} does not exist: run npm run build first`);
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'tidewire-test-')));
  const child = spawn(
    process.execPath,
    [
      main,
      'serve',
      '--data-dir',
      directory,
      '--pg-port',
      '0',
      '--http-port',
      '0',
      '--no-warm-up',
      ...(options.arguments ?? []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.environment } },
  );
  const log: string[] = [];
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  try {
    const { pgPort, httpPort } = await ready(child, log);
    return {
      pgPort,
      httpPort,
      directory,
      pid: child.pid ?? 0,
      url: `postgres://postgres@127.0.0.1:${pgPort}/postgres`,
      log,
      async stop() {
        const code = await endProcess(child, exited);
        if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
        return code;
      },
      async crash() {
        child.kill('SIGKILL');
        await exited;
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    await exited;
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Waits for the JSON line `"msg":"ready"`, keeping what else the server says for error messages. */
function ready(child: ChildProcess, log: string[]): Promise<{ pgPort: number; httpPort: number }> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`${reason}; its last words:\n${log.slice(-30).join('\n')}`));
    const timer = setTimeout(() => fail(`the server was not ready within ${READY_WITHIN_MS} ms`), READY_WITHIN_MS);
    child.once('error', (error) => fail(`the server could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      // Its last lines may still be in the pipe.
      setTimeout(() => fail(`the server ended (${signal ?? `exit code ${code}`}) before it was ready`), 50);
    });
    const hear = (line: string) => {
      log.push(line);
      if (log.length > KEPT_LOG_LINES) log.shift();
      const ports = portsOf(line);
      if (ports === undefined) return;
      clearTimeout(timer);
      resolve(ports);
    };
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', hear);
    if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', hear);
  });
}

function portsOf(line: string): { pgPort: number; httpPort: number } | undefined {
  if (!line.includes('"ready"')) return undefined;
  try {
    const entry = JSON.parse(line) as { msg?: unknown; pgPort?: unknown; httpPort?: unknown };
    if (entry.msg !== 'ready' || typeof entry.pgPort !== 'number') return undefined;
    return { pgPort: entry.pgPort, httpPort: typeof entry.httpPort === 'number' ? entry.httpPort : 0 };
  } catch {
    return undefined;
  }
}

async function endProcess(child: ChildProcess, exited: Promise<number | null>): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  const code = await exited;
  clearTimeout(timer);
  return code;
}
