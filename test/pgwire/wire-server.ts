import { PgWireServer, type PgWireServerOptions } from '../../src/pgwire/server.ts';
import { type SessionWorld, sessionWorld } from '../session/session-world.ts';

export interface WireServer extends SessionWorld {
  readonly server: PgWireServer;
  readonly port: number;
}

/** A server on a free port of loopback, over a database in memory. */
export async function wireServer(options: Partial<PgWireServerOptions> = {}): Promise<WireServer> {
  const world = await sessionWorld();
  const server = new PgWireServer({
    registry: world.registry,
    log: (level, message, fields) => world.log.push({ level, message, fields }),
    ...options,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { ...world, server, port };
}
