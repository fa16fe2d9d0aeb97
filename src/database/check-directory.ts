import { CorruptionError } from '../errors/corruption-error.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { errorCode, type FileSystem } from '../platform/file-system.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import { systemErrorText } from '../platform/system-error.ts';
import { checkLog } from '../storage/check/check-log.ts';
import { checkManifest } from '../storage/check/check-manifest.ts';
import { checkTables, noteUnnamed } from '../storage/check/check-tables.ts';
import { type CheckCounts, Findings, type Problem, type Trace } from '../storage/check/findings.ts';
import { FORMAT_VERSION } from '../storage/checkpoint/manifest-content.ts';
import { acquireDataDirectoryLock } from '../storage/data-directory-lock.ts';
import { LocalSegmentStore } from '../storage/local-segment-store.ts';
import { assertManifestPresent, dataDirectory } from './data-directory.ts';

export interface CheckOptions {
  readonly directory: string;
  readonly fileSystem?: FileSystem;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

export interface CheckReport {
  readonly directory: string;
  readonly problems: readonly Problem[];
  readonly harmless: readonly Trace[];
  readonly counts: Readonly<CheckCounts>;
}

/**
 * Verifies a data directory and changes nothing in it but the lock, which it holds meanwhile: every checksum, every order
 * and every reference. Throws SqlError 55006 when a server owns the directory, 55000 when it is none.
 */
export async function checkDirectory({
  directory,
  fileSystem = nodeFileSystem,
  onProgress,
}: CheckOptions): Promise<CheckReport> {
  await assertDataDirectory(fileSystem, directory);
  const lock = await acquireDataDirectoryLock(fileSystem, directory);
  try {
    const totalBytes = onProgress === undefined ? 0 : await sizeOf(fileSystem, directory);
    const findings = new Findings(directory, (doneBytes) => onProgress?.(Math.min(doneBytes, totalBytes), totalBytes));
    await check(fileSystem, directory, findings);
    onProgress?.(totalBytes, totalBytes);
    const { problems, harmless, counts } = findings;
    return { directory, problems, harmless, counts };
  } finally {
    await lock.release();
  }
}

async function check(fileSystem: FileSystem, directory: string, findings: Findings): Promise<void> {
  const manifestPath = `${directory}/${dataDirectory.manifest}`;
  const content = await checkManifest(fileSystem, manifestPath, findings);
  // Without the manifest nobody knows what the other files are for.
  if (content === undefined) {
    if (findings.problems.length === 0) await checkIsNew(fileSystem, directory, findings);
    return;
  }
  if (content.format > FORMAT_VERSION) {
    findings.problem(manifestPath, undefined, `format ${content.format}; this version reads up to ${FORMAT_VERSION}`);
    return;
  }
  const objectsPath = `${directory}/${dataDirectory.databases}`;
  const segments = LocalSegmentStore.readOnly({ fileSystem, directory: objectsPath });
  const objects = { segments, manifestPath, path: (name: string) => `${objectsPath}/${name}` };
  const named = [await checkTables(objects, content, findings)];
  const logPath = `${directory}/${dataDirectory.log}`;
  if (!(await fileSystem.exists(logPath))) findings.problem(logPath, undefined, 'there is no log');
  else named.push(await checkLog(fileSystem, logPath, content, { findings, objects }));
  await noteUnnamed(objects, named, findings);
}

async function checkIsNew(fileSystem: FileSystem, directory: string, findings: Findings): Promise<void> {
  try {
    await assertManifestPresent(fileSystem, directory);
  } catch (error) {
    if (!(error instanceof CorruptionError)) throw error;
    findings.problem(`${directory}/${dataDirectory.manifest}`, undefined, error.message);
  }
}

async function assertDataDirectory(fileSystem: FileSystem, directory: string): Promise<void> {
  let names: string[];
  try {
    names = await fileSystem.list(directory);
  } catch (error) {
    throw new SqlError(SqlState.IoError, `cannot read "${directory}": ${systemErrorText(error)}`);
  }
  if (names.includes(`${dataDirectory.manifest}/`)) return;
  throw new SqlError(
    SqlState.ObjectNotInPrerequisiteState,
    `"${directory}" is not a Tidewire data directory: it has no directory "${dataDirectory.manifest}"`,
  );
}

/** The bytes of all files that a check reads. */
async function sizeOf(fileSystem: FileSystem, directory: string): Promise<number> {
  let total = 0;
  const walk = async (path: string): Promise<void> => {
    for (const name of await fileSystem.list(path)) {
      if (name.endsWith('/')) {
        await walk(`${path}/${name.slice(0, -1)}`);
        continue;
      }
      const handle = await fileSystem.open(`${path}/${name}`, 'read');
      total += await handle.size();
      await handle.close();
    }
  };
  for (const part of Object.values(dataDirectory)) {
    await walk(`${directory}/${part}`).catch((error) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  }
  return total;
}
