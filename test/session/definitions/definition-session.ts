import { valueAt } from '../../../src/columnar/column.ts';
import { checkDirectory } from '../../../src/database/check-directory.ts';
import { Instance } from '../../../src/database/instance.ts';
import { SqlError } from '../../../src/errors/sql-error.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { systemRandom } from '../../../src/platform/random.ts';
import { systemTimers } from '../../../src/platform/timers.ts';
import type { Notice } from '../../../src/session/notice.ts';
import { runScript } from '../../../src/session/run-script.ts';
import { serverIdentity } from '../../../src/session/server-facts.ts';
import type { Session } from '../../../src/session/session.ts';
import { SessionRegistry } from '../../../src/session/session-registry.ts';
import { loadParser } from '../../../src/sql/syntax/parse-sql.ts';
import type { Value } from '../../../src/types/value.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

/** Sessions of a database on a disk in memory, which survives a restart. */
export class DefinitionWorld {
  #fileSystem = new MemoryFileSystem();
  #instance: Instance | undefined;
  #registry: SessionRegistry | undefined;

  async start(): Promise<void> {
    await loadParser();
    const instance = await Instance.open({
      directory: '/data',
      fileSystem: this.#fileSystem,
      cacheBytes: 1 << 20,
      logFileBytes: 1 << 18,
      reserveBytes: 0,
    });
    this.#instance = instance;
    this.#registry = new SessionRegistry({
      backend: instance,
      server: serverIdentity('9.9.9', 0),
      clock: systemClock,
      random: systemRandom,
      timers: systemTimers,
      log: () => {},
      memoryLimitBytes: 1 << 28,
    });
  }

  async stop(): Promise<void> {
    await this.#instance?.close();
  }

  /** The power goes: what was acknowledged is on the disk of the next start. */
  async crash(seed: number): Promise<void> {
    const before = this.#instance;
    this.#fileSystem = this.#fileSystem.afterPowerCut(new SeededRandom(seed));
    for (const path of this.#fileSystem.allFiles()) {
      if (path.includes('tidewire.lock')) await this.#fileSystem.remove(path);
    }
    await this.start();
    await before?.close();
  }

  /** What lies on the disk, told as `tidewire check` does. */
  async problems(): Promise<readonly unknown[]> {
    const { problems } = await checkDirectory({ directory: '/data', fileSystem: this.#fileSystem });
    return problems;
  }

  /** All in memory goes to disk. */
  async flush(): Promise<void> {
    await this.#instance?.flush();
  }

  connect(userName = 'postgres', databaseName = 'tidewire'): TestSession {
    if (this.#registry === undefined) throw new Error('not started');
    const login = { userName, databaseName, remoteAddress: 'test', cancelKeyBytes: 4 };
    const { session } = this.#registry.open(login);
    return new TestSession(session, () => this.#registry?.close(session) ?? Promise.resolve());
  }
}

/** One client: texts in, tags and rows out, notices kept. */
export class TestSession {
  readonly #session: Session;
  #notices: Notice[] = [];

  /** The client goes. */
  readonly close: () => Promise<void>;

  constructor(session: Session, close: () => Promise<void>) {
    this.#session = session;
    this.close = close;
    session.onNotice((notice) => this.#notices.push(notice));
  }

  /** What a door does first: settings of the role and the database, then those that the client sends. */
  begin(settings: readonly (readonly [name: string, value: string])[] = []): void {
    this.#session.applyStartupSettings(settings);
  }

  /** The messages since the last call, with the lines of their details. */
  notices(): string[] {
    const lines = this.#notices.flatMap(({ message, fields }) => [message, ...(fields.detail?.split('\n') ?? [])]);
    this.#notices = [];
    return lines;
  }

  /** Rows and tags in order; an error ends in `fail`, as at a door. */
  async run(text: string): Promise<(string | Value[])[]> {
    const results: (string | Value[])[] = [];
    try {
      await runScript(this.#session, text, {
        begin() {},
        rows(batch) {
          for (let row = 0; row < batch.rowCount; row++) {
            results.push(batch.columns.map((column) => valueAt(column, row)));
          }
          return undefined;
        },
        complete: (tag) => results.push(tag),
        empty: () => results.push('empty'),
      });
    } catch (error) {
      await this.#session.fail();
      throw error;
    }
    return results;
  }

  /** The rows of a query. */
  async rows(text: string): Promise<Value[][]> {
    return (await this.run(text)).filter((item): item is Value[] => Array.isArray(item));
  }

  /** The error that a text ends in. */
  async error(text: string): Promise<SqlError> {
    try {
      await this.run(text);
    } catch (error) {
      if (error instanceof SqlError) return error;
      throw error;
    }
    throw new Error(`no error: ${text}`);
  }
}

/** Whether the promise is still open after the sessions had some turns. */
export async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open');
  const turns = new Promise<symbol>((resolve) => setTimeout(() => resolve(open), 60));
  return (await Promise.race([promise.then(() => undefined), turns])) === open;
}
