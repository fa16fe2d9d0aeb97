import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemTimers } from '../../src/platform/timers.ts';
import { serverIdentity } from '../../src/session/server-facts.ts';
import { SessionRegistry } from '../../src/session/session-registry.ts';
import { loadParser } from '../../src/sql/syntax/parse-sql.ts';
import { TableLocks } from '../../src/storage/versions/table-locks.ts';
import { FakeDatabase, SHARED } from './fake-database.ts';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

export interface SessionWorld {
  readonly database: FakeDatabase;
  readonly registry: SessionRegistry;
  readonly log: LogLine[];
}

/** Sessions over a database in memory, with everything else real. */
export async function sessionWorld(options: { memoryLimitBytes?: number } = {}): Promise<SessionWorld> {
  await loadParser();
  const database = new FakeDatabase();
  const log: LogLine[] = [];
  const registry = new SessionRegistry({
    backend: {
      database: (name) => (name === 'tidewire' ? database.asDatabase() : undefined),
      shared: () => SHARED,
      locks: {
        tables: new TableLocks(systemTimers),
        advisory: database.advisoryLocks,
        waits: database.waits,
      },
    },
    server: serverIdentity('9.9.9', 0),
    clock: systemClock,
    random: systemRandom,
    timers: systemTimers,
    log: (level, message, fields) => log.push({ level, message, fields }),
    memoryLimitBytes: options.memoryLimitBytes ?? 256 * 1024 * 1024,
  });
  return { database, registry, log };
}
