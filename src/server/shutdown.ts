import type { Log } from './logger.ts';
import type { RunningServer } from './start-server.ts';

/** Running statements get this long to finish. */
const GRACE_MS = 10_000;

/**
 * Resolves at the first SIGTERM or SIGINT. To be called before the server says that it is ready: whoever reads that may
 * send a signal at once.
 */
export function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

/** SIGHUP has the server read its certificates and its rules of access again. */
export function reloadAtSignal(server: RunningServer): void {
  process.on('SIGHUP', () => server.reload());
}

/** Stays until the signal, then stops in order; a second signal does not wait. */
export async function stopAtSignal(server: RunningServer, signal: Promise<NodeJS.Signals>, log: Log): Promise<never> {
  log('info', 'stopping', { signal: await signal });
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
