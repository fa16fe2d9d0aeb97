import { valueAt } from '../../src/columnar/column.ts';
import { Instance } from '../../src/database/instance.ts';
import type { WorkSizes } from '../../src/execution/workers/morsel-queue.ts';
import { ShareServer } from '../../src/execution/workers/serve-share.ts';
import type { WorkerMessage, WorkerReply } from '../../src/execution/workers/share-task.ts';
import { type StartThread, WorkerPool } from '../../src/execution/workers/worker-pool.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { nodeFileSystem } from '../../src/platform/node-file-system.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemTimers } from '../../src/platform/timers.ts';
import { serverIdentity } from '../../src/session/server-facts.ts';
import type { Session } from '../../src/session/session.ts';
import { SessionRegistry } from '../../src/session/session-registry.ts';
import { loadParser } from '../../src/sql/syntax/parse-sql.ts';
import { UnitCache } from '../../src/storage/cache/unit-cache.ts';
import { LocalSegmentStore } from '../../src/storage/local-segment-store.ts';
import type { PortableShare } from '../../src/storage/scan/scan-shares.ts';
import { SharedSegments, SharedTable } from '../../src/storage/scan/shared-scan.ts';
import { ManualTimers } from './manual-timers.ts';

/** Everything is worth sharing, in parts of a unit or so. */
export const TINY_SIZES: WorkSizes = { worthSharing: 0, part: 2000 };

/** One session that has helpers and one that has none, over the same database. */
export interface ParallelDatabase {
  readonly instance: Instance;
  readonly pool: WorkerPool;
  readonly parallel: SqlSession;
  readonly serial: SqlSession;
  /** How many shares the helpers have answered. */
  readonly shareCount: number;
  /** How many of them the helpers could not do. */
  readonly declineCount: number;
  close(): Promise<void>;
}

/**
 * What threads would do is done in this one, between two turns of the event loop, by way of messages that are cloned as
 * those between threads are: sources that run as they are have no script for threads.
 */
export async function openParallelDatabase(
  directory: string,
  { threadCount = 2, isAlwaysAwaited = true, answers = true } = {},
): Promise<ParallelDatabase> {
  await loadParser();
  // Nothing is merged in the background: tests decide what lies in which segment.
  const instance = await Instance.open({ directory, timers: new ManualTimers() });
  let shareCount = 0;
  let declineCount = 0;
  const pool = new WorkerPool(
    threadCount,
    inThisThread(instance, ({ reply }) => {
      shareCount++;
      if (reply.kind === 'declined') declineCount++;
      return answers;
    }),
    { sizes: TINY_SIZES, isAlwaysAwaited },
  );
  const registry = (workers?: WorkerPool): SessionRegistry =>
    new SessionRegistry({
      backend: instance,
      server: serverIdentity('9.9.9', systemClock.nowMicros()),
      clock: systemClock,
      random: systemRandom,
      timers: systemTimers,
      log: () => {},
      memoryLimitBytes: 256 * 1024 * 1024,
      ...(workers === undefined ? {} : { workers }),
    });
  const parallel = new SqlSession(registry(pool));
  const serial = new SqlSession(registry());
  return {
    instance,
    pool,
    parallel,
    serial,
    get shareCount() {
      return shareCount;
    },
    get declineCount() {
      return declineCount;
    },
    async close() {
      await parallel.close();
      await serial.close();
      await pool.close();
      await instance.close();
    },
  };
}

/** `onReply` says whether the reply arrives. */
function inThisThread(instance: Instance, onReply: (reply: WorkerReply) => boolean): StartThread {
  return (thread, events) => {
    const { directory, cache: shared } = instance.sharedStorage!;
    const segments = new SharedSegments(
      LocalSegmentStore.readOnly({ fileSystem: nodeFileSystem, directory }),
      new UnitCache({ shared, thread }),
    );
    const server = new ShareServer(async (share, descriptor) => {
      const opened = await segments.openShare(share as PortableShare);
      return { table: new SharedTable(descriptor, opened), close: opened.close };
    });
    setImmediate(() => events.isReady());
    return {
      post(message: WorkerMessage) {
        const received = structuredClone(message);
        setImmediate(async () => {
          const reply = await server.receive(received);
          if (reply === undefined || !onReply(reply)) return;
          setImmediate(() => events.answered(structuredClone(reply)));
        });
      },
      end: () => segments.close(),
    };
  };
}

/** One client that asks one question after the other. */
export class SqlSession {
  readonly session: Session;
  readonly #registry: SessionRegistry;
  #running: Promise<unknown> = Promise.resolve();

  constructor(registry: SessionRegistry) {
    this.#registry = registry;
    this.session = registry.open({
      userName: 'postgres',
      databaseName: 'tidewire',
      remoteAddress: 'test',
      cancelKeyBytes: 4,
    }).session;
  }

  /** Rows of values in their types' text form, null for NULL; parameters likewise. One after the other. */
  query(text: string, parameters: readonly string[] = []): Promise<(string | null)[][]> {
    const result = this.#running.then(() => this.#query(text, parameters));
    this.#running = result.catch(() => {});
    return result;
  }

  async #query(text: string, parameters: readonly string[]): Promise<(string | null)[][]> {
    const { session } = this;
    session.noteMessage();
    try {
      const statement = await session.prepare('', text, []);
      const values = statement.parameterTypes.map((type, at) => type.parse(parameters[at], session.typeContext, -1));
      const portal = await session.bind('', statement, values);
      const types = (portal.columns ?? []).map(({ type }) => type.definition);
      const rows: (string | null)[][] = [];
      await session.execute(portal, {
        maxRows: Number.POSITIVE_INFINITY,
        onRows: (batch) => {
          for (let row = 0; row < batch.rowCount; row++) {
            rows.push(
              types.map((type, at) => {
                const value = valueAt(batch.columns[at], row);
                return value === null ? null : type.format(value, session.typeContext);
              }),
            );
          }
          return undefined;
        },
      });
      await session.closePortal('');
      await session.endMessage();
      return rows;
    } catch (error) {
      await session.fail();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#registry.close(this.session);
  }
}
