import type pg from 'pg';
import { Instance } from '../../../src/database/instance.ts';
import { parseBody } from '../../../src/http/line-protocol/parse-body.ts';
import { PgWireServer } from '../../../src/pgwire/server.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { systemRandom } from '../../../src/platform/random.ts';
import { systemTimers } from '../../../src/platform/timers.ts';
import { useIngestConstraints } from '../../../src/session/ingest-constraints.ts';
import { serverIdentity } from '../../../src/session/server-facts.ts';
import { SessionRegistry } from '../../../src/session/session-registry.ts';
import { loadParser } from '../../../src/sql/syntax/parse-sql.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';

export interface MemoryServer {
  readonly connection: pg.ClientConfig;
  /** Stores line protocol. */
  write(lines: string): Promise<void>;
  stop(): Promise<void>;
}

/** The whole database in this process and in memory, behind its wire protocol. */
export async function startMemoryServer(): Promise<MemoryServer> {
  await loadParser();
  const instance = await Instance.open({ directory: '/data', fileSystem: new MemoryFileSystem() });
  const identity = serverIdentity('9.9.9', 0);
  useIngestConstraints(instance, { server: identity, clock: systemClock, random: systemRandom });
  const registry = new SessionRegistry({
    backend: instance,
    server: identity,
    clock: systemClock,
    random: systemRandom,
    timers: systemTimers,
    log: () => {},
    memoryLimitBytes: 256 * 1024 * 1024,
  });
  const server = new PgWireServer({ registry, log: () => {} });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    connection: { host: '127.0.0.1', port, user: 'postgres', database: 'tidewire' },
    async write(lines) {
      const tables = parseBody(Buffer.from(lines), { precision: 'ns', defaultMicros: systemClock.nowMicros() });
      await instance.database('tidewire')!.ingest(tables.map((table) => table.finish()));
    },
    async stop() {
      await server.stop({ graceMs: 0 });
      await instance.close();
    },
  };
}
