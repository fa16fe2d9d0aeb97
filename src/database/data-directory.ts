import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { errorCode, type FileSystem } from '../platform/file-system.ts';

/** What lies in a data directory: the log, the manifest, and the files of each database. */
export const dataDirectory = { log: 'wal', manifest: 'manifest', databases: 'db' } as const;

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
