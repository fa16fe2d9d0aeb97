import { CorruptionError } from '../errors/corruption-error.ts';
import type { Clock } from '../platform/clock.ts';
import { type FileSystem, parentDirectory } from '../platform/file-system.ts';
import { makeDurableDirectory } from '../platform/make-durable-directory.ts';
import type { Random } from '../platform/random.ts';
import { manifestContent } from '../storage/check/check-manifest.ts';
import { fileNames, type ManifestContent } from '../storage/checkpoint/manifest-content.ts';
import { LocalSegmentStore } from '../storage/local-segment-store.ts';
import {
  LocalMetaStore,
  listManifestGenerations,
  type ManifestGeneration,
} from '../storage/manifest/local-meta-store.ts';
import { type ManifestPrefix, readManifestFile, readManifestPrefix } from '../storage/manifest/manifest-file.ts';
import type { Report } from '../storage/storage-parts.ts';
import { walFileName } from '../storage/wal/wal-file.ts';
import { examineWal, type WalExamination, type WalFile } from '../storage/wal/wal-recovery.ts';
import { dataDirectory, LOST_DIRECTORY } from './data-directory.ts';

export interface AcceptLossOptions {
  readonly fileSystem: FileSystem;
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: Report;
}

const UNIX_TO_2000_MS = 946_684_800_000;
const ZEROS = new Uint8Array(1 << 20);

/**
 * Makes a directory that refuses to start, for corruption in its log or manifest, one that starts: with what can be read
 * up to the damage. What cannot is kept below `lost/<date>/`, and each thing that is given up is reported before it is.
 * Nothing is changed where nothing is damaged. Throws CorruptionError when there is nothing left to start with.
 *
 *   manifest   | checkpoint | edit | edit | ~~~~ | edit |      →  a new generation of the first three; the old one aside
 *   objects    that only the later edits name                  →  aside
 *   log        | record | record | ~~~~~~ | record |           →  the first two; a copy of the whole aside
 *
 * The log begins some way before the last edits of the manifest. So where the manifest alone is damaged, often nothing is
 * lost: the log brings again what those edits spoke of.
 */
export async function acceptLoss(options: AcceptLossOptions): Promise<void> {
  const lost = new LostFiles(options);
  const manifest = await readManifest(options);
  if (manifest === undefined) return;
  if (manifest.content !== undefined) {
    if (await cutLog(options, manifest.content, lost)) return;
    options.report('info', 'nothing has to be given up: log and manifest are whole', {});
    return;
  }
  const readable = await salvageManifest(options, manifest.generations, lost);
  // The manifest comes last: until it is whole again, only a start like this one goes on from here.
  await moveOrphans(options, readable.content, lost);
  await cutLog(options, readable.content, lost);
  await replaceManifest(options, manifest.generations, readable, lost);
}

/** The generations, and what they say if they are whole. Undefined for a directory that is new. */
async function readManifest({ fileSystem, directory }: AcceptLossOptions) {
  const path = `${directory}/${dataDirectory.manifest}`;
  if (!(await fileSystem.exists(path))) return undefined;
  const generations = await listManifestGenerations(fileSystem, path);
  const newest = generations.at(-1);
  if (newest === undefined) return undefined;
  try {
    const last = await withFile(fileSystem, newest, readManifestFile);
    if (!last.isCheckpointLost) {
      if (last.checkpoint === undefined) return undefined;
      return { generations, content: manifestContent(last.checkpoint, last.edits) };
    }
    const older = generations.at(-2);
    const base = older && (await withFile(fileSystem, older, readManifestFile));
    if (base?.checkpoint === undefined || base.end.lsn !== last.baseVersion) return { generations, content: undefined };
    return { generations, content: manifestContent(base.checkpoint, [...base.edits, ...last.edits]) };
  } catch (error) {
    if (!(error instanceof CorruptionError)) throw error;
    return { generations, content: undefined };
  }
}

interface Readable {
  readonly generation: ManifestGeneration;
  readonly prefix: ManifestPrefix;
  readonly content: ManifestContent;
}

/** What can be read of the manifest. Throws CorruptionError when that is nothing. */
async function salvageManifest(
  { fileSystem, directory, report }: AcceptLossOptions,
  generations: readonly ManifestGeneration[],
  lost: LostFiles,
): Promise<Readable> {
  const found = await newestReadable(fileSystem, generations);
  if (found === undefined) {
    const path = `${directory}/${dataDirectory.manifest}`;
    throw new CorruptionError(
      `no generation of the manifest in "${path}" can be read: there is nothing to start with`,
      {
        file: path,
        hint: 'Restore the directory from a backup.',
      },
    );
  }
  const { generation, prefix, content } = found;
  report('error', 'the manifest is damaged; its later edits are given up', {
    file: generation.path,
    offset: prefix.endOffset,
    lastEdit: prefix.version,
    replayFrom: content.replayFrom,
    keptIn: lost.directory,
  });
  return found;
}

async function newestReadable(
  fileSystem: FileSystem,
  generations: readonly ManifestGeneration[],
): Promise<Readable | undefined> {
  for (const generation of generations.slice().reverse()) {
    const prefix = await withFile(fileSystem, generation, readManifestPrefix);
    if (prefix === undefined) continue;
    try {
      return { generation, prefix, content: manifestContent(prefix.checkpoint, prefix.edits) };
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
    }
  }
  return undefined;
}

async function replaceManifest(
  { fileSystem, directory, random }: AcceptLossOptions,
  generations: readonly ManifestGeneration[],
  { prefix: { checkpoint, edits, version } }: Readable,
  lost: LostFiles,
): Promise<void> {
  await LocalMetaStore.writeGeneration(
    { fileSystem, random, directory: `${directory}/${dataDirectory.manifest}` },
    generations.at(-1)!.number + 1,
    { checkpoint, baseVersion: version - edits.length, edits },
  );
  for (const { path } of generations) await lost.move(path);
}

/** Objects that only the lost edits named: the next start would remove them. */
async function moveOrphans(
  { fileSystem, directory, report }: AcceptLossOptions,
  content: ManifestContent,
  lost: LostFiles,
): Promise<void> {
  const objectsPath = `${directory}/${dataDirectory.databases}`;
  const named = new Set<string>();
  for (const table of content.tables) for (const name of fileNames(table)) named.add(name);
  const names = await LocalSegmentStore.readOnly({ fileSystem, directory: objectsPath }).list('');
  const orphans = names.filter((name) => !named.has(name));
  if (orphans.length === 0) return;
  report('error', 'segments that the readable part of the manifest does not name are set aside', {
    objects: orphans,
    keptIn: lost.directory,
  });
  for (const name of orphans) await lost.move(`${objectsPath}/${name}`);
}

/** Ends the log where it can no longer be read. False when it is whole. */
async function cutLog(options: AcceptLossOptions, content: ManifestContent, lost: LostFiles): Promise<boolean> {
  const { fileSystem, directory, report } = options;
  const path = `${directory}/${dataDirectory.log}`;
  const { replayFrom } = content;
  if (!(await fileSystem.exists(path))) await makeDurableDirectory(fileSystem, path);
  const log = await examineWal(fileSystem, path, replayFrom);
  if (log.started.length + log.unused.length + log.obsolete.length === 0) {
    if (replayFrom <= 1) return false;
    report('error', 'the log is missing; whatever it held is given up', { directory: path, firstLsn: replayFrom });
    await makeLogFile(fileSystem, `${path}/${walFileName(1)}`);
    return true;
  }
  const isDetached = log.started.length === 0 && log.unused.some(({ header }) => header !== undefined);
  const lastLsn = Math.max(log.end.lsn, replayFrom - 1);
  // A log that only lacks its last records needs no mending: the start reports them and goes on.
  if (log.damage === undefined && !isDetached) return lastLsn < (content.endedAt ?? 0);
  const last = log.started.at(-1);
  report('error', 'the log is damaged; the commits after the damage are given up', {
    file: (last ?? log.unused[0]!).path,
    offset: log.end.offset,
    firstLsn: lastLsn + 1,
    lastLsn: greatestLsn(log),
    keptIn: lost.directory,
  });
  // Later files first: as long as one of them is there, a start without accepted losses is refused.
  if (last !== undefined) await lost.copy(last.path);
  for (const file of log.unused.slice().reverse()) if (await holdsRecords(fileSystem, file)) await lost.move(file.path);
  if (last !== undefined) await clearFrom(fileSystem, last, log.end.offset);
  else await makeLogFile(fileSystem, `${path}/${walFileName(log.unused.at(-1)!.number + 1)}`);
  return true;
}

function greatestLsn({ greatestLsn, damage, unused }: WalExamination): number {
  const fromHeaders = unused.map(({ header }) => header?.previousLsn ?? 0);
  return Math.max(greatestLsn, damage?.durableLsn ?? 0, ...fromHeaders);
}

/** A file that was only prepared holds zeros or records of long ago, and may be used. */
async function holdsRecords(fileSystem: FileSystem, { path, header }: WalFile): Promise<boolean> {
  if (header !== undefined) return true;
  const handle = await fileSystem.open(path, 'read');
  try {
    const first = new Uint8Array(64);
    await handle.read(first, 0, first.length, 0);
    return first.some((byte) => byte !== 0);
  } finally {
    await handle.close();
  }
}

/** So that the next start finds a log, if only an empty one. */
async function makeLogFile(fileSystem: FileSystem, path: string): Promise<void> {
  const handle = await fileSystem.open(path, 'create');
  await handle.sync();
  await handle.close();
  await fileSystem.syncDirectory(parentDirectory(path));
}

async function clearFrom(fileSystem: FileSystem, { path, sizeBytes }: WalFile, offset: number): Promise<void> {
  const handle = await fileSystem.open(path, 'read-write');
  try {
    for (let at = offset; at < sizeBytes; at += ZEROS.length) {
      await handle.write(ZEROS, 0, Math.min(ZEROS.length, sizeBytes - at), at);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function withFile<T>(
  fileSystem: FileSystem,
  { path, number }: ManifestGeneration,
  read: (handle: Awaited<ReturnType<FileSystem['open']>>, place: { path: string; generation: number }) => Promise<T>,
): Promise<T> {
  const handle = await fileSystem.open(path, 'read');
  try {
    return await read(handle, { path, generation: number });
  } finally {
    await handle.close();
  }
}

/** Where damaged files go: `lost/<date>/`, under the paths that they had. */
class LostFiles {
  readonly directory: string;
  readonly #fileSystem: FileSystem;
  readonly #root: string;

  constructor({ fileSystem, directory, clock }: AcceptLossOptions) {
    const date = new Date(Math.floor(clock.nowMicros() / 1000) + UNIX_TO_2000_MS);
    this.#fileSystem = fileSystem;
    this.#root = directory;
    this.directory = `${directory}/${LOST_DIRECTORY}/${date.toISOString().replaceAll(':', '-')}`;
  }

  /** Makes the new name lasting before the old one goes. */
  async move(path: string): Promise<void> {
    const target = await this.#place(path);
    await this.#fileSystem.rename(path, target);
    await this.#fileSystem.syncDirectory(parentDirectory(target));
    await this.#fileSystem.syncDirectory(parentDirectory(path));
  }

  async copy(path: string): Promise<void> {
    const target = await this.#place(path);
    const source = await this.#fileSystem.open(path, 'read');
    const copy = await this.#fileSystem.open(target, 'create-or-open');
    try {
      const chunk = new Uint8Array(ZEROS.length);
      for (let at = 0; ; ) {
        const count = await source.read(chunk, 0, chunk.length, at);
        if (count === 0) break;
        await copy.write(chunk, 0, count, at);
        at += count;
      }
      await copy.sync();
    } finally {
      await source.close();
      await copy.close();
    }
    await this.#fileSystem.syncDirectory(parentDirectory(target));
  }

  async #place(path: string): Promise<string> {
    const target = `${this.directory}${path.slice(this.#root.length)}`;
    await makeDurableDirectory(this.#fileSystem, parentDirectory(target));
    return target;
  }
}
