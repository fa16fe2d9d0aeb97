import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { errorCode, type FileSystem } from '../platform/file-system.ts';
import { makeDurableDirectory } from '../platform/make-durable-directory.ts';
import { type ProcessIdentity, type ProcessTable, systemProcessTable } from '../platform/process-table.ts';
import { type Random, systemRandom } from '../platform/random.ts';

/** Two processes in one data directory would destroy it. */
export interface DataDirectoryLock {
  /** No error if it was released before. */
  release(): Promise<void>;
}

export interface DataDirectoryLockOptions {
  readonly processes?: ProcessTable | undefined;
  readonly random?: Random | undefined;
  /** How long a lock without content may be one that is being written. Default 1000. */
  readonly patienceMs?: number | undefined;
}

interface Holder extends ProcessIdentity {
  /** Random: names this very act of locking. */
  readonly nonce: string;
}

const LOCK_NAME = 'tidewire.lock';
const UNREADABLE: Holder = { pid: 0, bootId: 'unreadable', startTime: '', nonce: 'unreadable' };
const READ_PAUSE_MS = 20;

/** Where the lock lies, and how to read it. */
interface LockFile {
  readonly fileSystem: FileSystem;
  readonly path: string;
  readonly patienceMs: number;
}

/**
 * Takes the file `tidewire.lock`, or throws SqlError 55006 that names the process which has it. The lock of a process
 * that is gone is taken over.
 *
 * Taking over is where two could win: both see a dead holder, one replaces it, the other replaces the first. So it
 * needs a claim on that very holder: `tidewire.lock.<nonce of the holder>`, which only one can create. A claimant that
 * died is a dead holder in its turn. After claiming, the way from the
 * lock must still lead to the claim.
 */
export async function acquireDataDirectoryLock(
  fileSystem: FileSystem,
  directory: string,
  options: DataDirectoryLockOptions = {},
): Promise<DataDirectoryLock> {
  const { processes = systemProcessTable, random = systemRandom } = options;
  await makeDurableDirectory(fileSystem, directory);
  const lock: LockFile = { fileSystem, path: `${directory}/${LOCK_NAME}`, patienceMs: options.patienceMs ?? 1000 };
  const self: Holder = { ...processes.self(), nonce: makeNonce(random) };
  for (;;) {
    if (await createHolder(lock, lock.path, self)) return heldLock(lock, self);
    const chain = await readChain(lock);
    const last = chain.at(-1);
    if (last === undefined) continue;
    if (processes.isAlive(last)) throw inUse(directory, last, lock);
    if (await takeOver(lock, { chain, self })) return heldLock(lock, self);
  }
}

/** Replaces a dead holder, at the end of a chain of dead claimants. False if somebody else was faster. */
async function takeOver(lock: LockFile, { chain, self }: { chain: readonly Holder[]; self: Holder }): Promise<boolean> {
  const claimPath = `${lock.path}.${chain.at(-1)!.nonce}`;
  if (!(await createHolder(lock, claimPath, self))) return false;
  const current = await readChain(lock);
  if (current.at(-1)?.nonce !== self.nonce) {
    await removeIfThere(lock.fileSystem, claimPath);
    return false;
  }
  const newPath = `${lock.path}.${self.nonce}.new`;
  await createHolder(lock, newPath, self);
  await lock.fileSystem.rename(newPath, lock.path);
  for (const holder of chain) await removeIfThere(lock.fileSystem, `${lock.path}.${holder.nonce}`);
  return true;
}

/** The holder in the lock file, then whoever claimed it, then whoever claimed that claim. Empty if there is no lock. */
async function readChain(lock: LockFile): Promise<Holder[]> {
  const chain: Holder[] = [];
  let holder = await readHolder(lock, lock.path);
  while (holder !== undefined) {
    chain.push(holder);
    if (chain.some((earlier, index) => index < chain.length - 1 && earlier.nonce === holder?.nonce)) break;
    holder = await readHolder(lock, `${lock.path}.${holder.nonce}`);
  }
  return chain;
}

function heldLock(lock: LockFile, self: Holder): DataDirectoryLock {
  return {
    async release() {
      const holder = await readHolder(lock, lock.path);
      if (holder?.nonce === self.nonce) await removeIfThere(lock.fileSystem, lock.path);
    },
  };
}

/** False if the file exists, or was taken over before its content was there. */
async function createHolder(lock: LockFile, path: string, holder: Holder): Promise<boolean> {
  let handle: Awaited<ReturnType<FileSystem['open']>>;
  try {
    handle = await lock.fileSystem.open(path, 'create');
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    const bytes = new TextEncoder().encode(`${JSON.stringify(holder)}\n`);
    await handle.write(bytes, 0, bytes.length, 0);
    await handle.sync();
  } catch (error) {
    await lock.fileSystem.remove(path).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
  return (await readHolder(lock, path))?.nonce === holder.nonce;
}

/** `undefined` if there is no file. One without content is being written, or was left by a crash in that moment. */
async function readHolder({ fileSystem, patienceMs }: LockFile, path: string): Promise<Holder | undefined> {
  for (let waitedMs = 0; ; waitedMs += READ_PAUSE_MS) {
    let text: string;
    try {
      text = await readText(fileSystem, path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    const holder = parseHolder(text);
    if (holder !== undefined) return holder;
    if (waitedMs >= patienceMs) return UNREADABLE;
    await new Promise((resolve) => setTimeout(resolve, READ_PAUSE_MS));
  }
}

async function readText(fileSystem: FileSystem, path: string): Promise<string> {
  const handle = await fileSystem.open(path, 'read');
  try {
    const bytes = new Uint8Array(1024);
    return new TextDecoder().decode(bytes.subarray(0, await handle.read(bytes, 0, bytes.length, 0)));
  } finally {
    await handle.close();
  }
}

function parseHolder(text: string): Holder | undefined {
  if (!text.endsWith('\n')) return undefined;
  try {
    const { pid, bootId, startTime, nonce } = JSON.parse(text) as Partial<Record<string, unknown>>;
    if (typeof pid !== 'number' || typeof bootId !== 'string' || typeof startTime !== 'string') return undefined;
    if (typeof nonce !== 'string' || !/^[0-9a-f]+$/.test(nonce)) return undefined;
    return { pid, bootId, startTime, nonce };
  } catch {
    return undefined;
  }
}

async function removeIfThere(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.remove(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

function makeNonce(random: Random): string {
  const bytes = new Uint8Array(8);
  random.fill(bytes);
  return Buffer.from(bytes).toString('hex');
}

function inUse(directory: string, { pid }: Holder, lock: LockFile): SqlError {
  return new SqlError(SqlState.ObjectInUse, `data directory "${directory}" is in use by process ${pid}`, {
    hint: `Stop that process first. If it does not use this directory, remove "${lock.path}".`,
  });
}
