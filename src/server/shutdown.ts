import type { Log } from './logger.ts';
import type { RunningServer } from './start-server.ts';

/** Running statements get this long to finish. */
const GRACE_MS = 10_000;

/** Resolves after SIGTERM or SIGINT and an orderly stop; a second signal does not wait. */
export async function runUntilSignal(server: RunningServer, log: Log): Promise<void> {
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  log('info', 'stopping', { signal });
  const abort = (): void => {
    log('warn', 'second signal: stopping at once');
    process.exit(1);
  };
  process.on('SIGTERM', abort);
  process.on('SIGINT', abort);
  const isClean = await server.stop(GRACE_MS);
  log('info', 'stopped');
  // Timers and sockets of dependencies must not keep the process: everything of ours is closed by now.
  process.exit(isClean ? 0 : 1);
}
