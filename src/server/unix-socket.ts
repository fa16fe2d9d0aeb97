import { chmod, stat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ConfigError } from './config-error.ts';

/** As many bytes as a path has on every system. */
const MAX_PATH_BYTES = 103;

/**
 * Opens the socket that PostgreSQL clients look for in a directory, `.s.PGSQL.<port>`, for every user of the machine; who is
 * let in is for the rules to say. What a server that is gone has left there is removed. Throws ConfigError.
 */
export async function listenUnix(
  directory: string,
  port: number,
  listen: (path: string) => Promise<unknown>,
): Promise<string> {
  const path = join(directory, `.s.PGSQL.${port}`);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new ConfigError(`the path of the Unix-domain socket "${path}" is longer than ${MAX_PATH_BYTES} bytes`);
  }
  await removeStale(path);
  try {
    await listen(path);
    await chmod(path, 0o777);
  } catch (error) {
    throw new ConfigError(`cannot open the Unix-domain socket "${path}": ${(error as Error).message}`);
  }
  return path;
}

/** No error when it is gone already. */
export async function removeSocket(path: string): Promise<void> {
  await unlink(path).catch(() => {});
}

/** Throws ConfigError where somebody listens, or something lies that is no socket. */
async function removeStale(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new ConfigError(`"${path}" is no socket, and stands where one is to be`);
  const isAlive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (isAlive) throw new ConfigError(`another server listens at "${path}"`);
  await removeSocket(path);
}
