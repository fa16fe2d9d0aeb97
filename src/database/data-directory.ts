import { CorruptionError } from '../errors/corruption-error.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { errorCode, type FileSystem } from '../platform/file-system.ts';
import { listManifestGenerations } from '../storage/manifest/local-meta-store.ts';
import { walFileNumber } from '../storage/wal/wal-file.ts';

/** What lies in a data directory: the log, the manifest, the files of each database, and those of running statements. */
export const dataDirectory = { log: 'wal', manifest: 'manifest', databases: 'db', temporary: 'tmp' } as const;

/** Deleted when the disk is full. */
export const RESERVE_FILE = 'reserve';
/** What a start with accepted losses keeps aside. */
export const LOST_DIRECTORY = 'lost';

const LOCK_PREFIX = 'tidewire.lock';
/** May lie in a directory before anything else does. */
const CONFIGURATION_FILE = 'tidewire.yml';
const NAMED_IN_ERROR = 3;

/**
 * Refuses a directory that holds something else: a mistyped path must not scatter files among somebody's photographs. It
 * is ours when it has a manifest, and new when it is empty or missing.
 */
export async function checkDataDirectory(fileSystem: FileSystem, directory: string): Promise<void> {
  let names: string[];
  try {
    names = await fileSystem.list(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw unusable(directory, error);
  }
  const others = names.filter((name) => !name.startsWith(LOCK_PREFIX) && name !== CONFIGURATION_FILE).sort();
  if (others.length === 0 || others.includes(`${dataDirectory.manifest}/`)) return;
  const listed = others.slice(0, NAMED_IN_ERROR).map((name) => name.replace(/\/$/, ''));
  const more = others.length > NAMED_IN_ERROR ? ` and ${others.length - NAMED_IN_ERROR} more` : '';
  throw new SqlError(
    SqlState.ObjectNotInPrerequisiteState,
    `"${directory}" is not a Tidewire data directory: it holds ${listed.join(', ')}${more}; choose another --data-dir`,
  );
}

/**
 * Refuses a directory whose manifest is gone while other files are there: a new manifest would call them orphans. Throws
 * CorruptionError.
 */
export async function assertManifestPresent(fileSystem: FileSystem, directory: string): Promise<void> {
  const manifestPath = `${directory}/${dataDirectory.manifest}`;
  if ((await listOrNothing(fileSystem, manifestPath)).length > 0) {
    // The first generation is empty, and followed by another before anything else is made.
    const newest = (await listManifestGenerations(fileSystem, manifestPath)).at(-1);
    if (newest !== undefined && newest.number > 1) return;
  }
  const left = await firstFileBelow(fileSystem, directory);
  if (left === undefined) return;
  throw new CorruptionError(`the manifest is missing from "${manifestPath}", but there is "${left}"`, {
    file: manifestPath,
    hint: 'Restore the directory from a backup.',
  });
}

/**
 * Refuses a directory without any log file, though the manifest says that the log had begun: the log always keeps its
 * newest file. Throws CorruptionError.
 */
export async function assertLogPresent(fileSystem: FileSystem, directory: string, neededFrom: number): Promise<void> {
  if (neededFrom <= 1) return;
  const logPath = `${directory}/${dataDirectory.log}`;
  for (const name of await listOrNothing(fileSystem, logPath)) if (walFileNumber(name) !== undefined) return;
  throw new CorruptionError(
    `the write-ahead log is missing from "${logPath}", but commits up to ${neededFrom - 1} were written`,
    { file: logPath },
  );
}

/** A file that only a directory with a manifest can have: of the log, or an object of a database. */
async function firstFileBelow(fileSystem: FileSystem, directory: string): Promise<string | undefined> {
  const logPath = `${directory}/${dataDirectory.log}`;
  for (const name of await listOrNothing(fileSystem, logPath)) {
    if (walFileNumber(name) !== undefined) return `${logPath}/${name}`;
  }
  const walk = async (path: string): Promise<string | undefined> => {
    for (const name of await listOrNothing(fileSystem, path)) {
      const found = name.endsWith('/') ? await walk(`${path}/${name.slice(0, -1)}`) : `${path}/${name}`;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk(`${directory}/${dataDirectory.databases}`);
}

async function listOrNothing(fileSystem: FileSystem, directory: string): Promise<string[]> {
  try {
    return await fileSystem.list(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function unusable(directory: string, error: unknown): unknown {
  const reasons: Record<string, string> = {
    ENOTDIR: 'it is not a directory',
    EACCES: 'this user may not read it',
    EPERM: 'this user may not read it',
  };
  const reason = reasons[errorCode(error) ?? ''];
  if (reason === undefined) return error;
  return new SqlError(SqlState.IoError, `cannot use "${directory}" as a data directory: ${reason}`);
}
