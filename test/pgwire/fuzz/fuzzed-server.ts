import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const WATCHER = new URL('./report-health.mjs', import.meta.url).href;
const DEFAULT_MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

/** After garbage was collected; bytes. */
export interface Health {
  readonly heapUsed: number;
  /** What V8 has from the system for its heap, used or not. */
  readonly heapTotal: number;
  /** Of what is outside of the heap: array buffers, and WebAssembly's memory. */
  readonly external: number;
  readonly arrayBuffers: number;
  /** What V8 itself holds: zones of its compilers. */
  readonly mallocedMemory: number;
  /** Machine code and bytecode. */
  readonly code: number;
  readonly rss: number;
  readonly sockets: number;
}

/** A built server as a child process, under watch. */
export class FuzzedServer {
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly port: number;
  /** What it logged of bugs of its own. */
  readonly complaints: string[] = [];
  /** Set once the process is gone. */
  ending: string | undefined;

  private constructor(child: ChildProcess, directory: string, port: number) {
    this.#child = child;
    this.#directory = directory;
    this.port = port;
  }

  static async start(main = DEFAULT_MAIN): Promise<FuzzedServer> {
    const directory = await mkdtemp(join(tmpdir(), 'tidewire-fuzz-'));
    const child = spawn(
      process.execPath,
      [
        '--expose-gc',
        '--import',
        WATCHER,
        main,
        'serve',
        '--data-dir',
        directory,
        '--pg-port',
        '0',
        '--http-port',
        '0',
        '--no-warm-up',
      ],
      { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    return new Promise((resolve, reject) => {
      let server: FuzzedServer | undefined;
      const early: string[] = [];
      const hear = (line: string) => {
        if (server === undefined) early.push(line);
        if (server !== undefined && isComplaint(line)) server.complaints.push(line.slice(0, 2_000));
        if (server !== undefined || !line.includes('"msg":"ready"')) return;
        const { pgPort } = JSON.parse(line) as { pgPort: number };
        server = new FuzzedServer(child, directory, pgPort);
        resolve(server);
      };
      for (const stream of [child.stdout, child.stderr]) {
        if (stream !== null) createInterface({ input: stream }).on('line', hear);
      }
      child.once('exit', (code, signal) => {
        const ending = `the server ended: ${signal ?? `exit code ${code}`}`;
        if (server === undefined) reject(new Error(`${ending}\n${early.join('\n')}`));
        else server.ending = ending;
      });
    });
  }

  health(): Promise<Health> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the server does not tell how it is')), 20_000);
      this.#child.once('message', (health: Health) => {
        clearTimeout(timer);
        resolve(health);
      });
      this.#child.send('health');
    });
  }

  async stop(): Promise<void> {
    if (this.ending === undefined) {
      const gone = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGTERM');
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), 15_000);
      await gone;
      clearTimeout(timer);
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** An error that is the server's and not the client's, and what Node says before it dies. */
function isComplaint(line: string): boolean {
  if (!line.startsWith('{')) return /Error|Warning|FATAL|at .*\.js/.test(line);
  const { level } = JSON.parse(line) as { level?: number };
  return (level ?? 0) >= 50;
}
