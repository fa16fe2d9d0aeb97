import type { FileHandle, FileSystem, OpenMode } from '../../src/platform/file-system.ts';
import type { SeededRandom } from './seeded-random.ts';

const PAGE_BYTES = 4096;
const SECTOR_BYTES = 512;
const ZEROS = new Uint8Array(PAGE_BYTES);

export type Operation =
  | 'open'
  | 'read'
  | 'write'
  | 'sync'
  | 'truncate'
  | 'rename'
  | 'remove'
  | 'list'
  | 'makeDirectory'
  | 'syncDirectory';

export interface Fault {
  readonly operation: Operation;
  /** Only where the path contains this. */
  readonly path?: string;
  /** How many matching operations still succeed; default 0. */
  readonly after?: number;
  readonly code: string;
  /** Fails from then on, not only once. */
  readonly isLasting?: boolean;
  /** Of a write: how many bytes get through before it fails. */
  readonly writtenBytes?: number;
}

type Node = MemoryFile | MemoryDirectory;

/** A change of names that a power cut may undo until one of its directories is synced. */
interface NameChange {
  readonly entries: readonly {
    readonly directory: MemoryDirectory;
    readonly name: string;
    readonly node: Node | undefined;
  }[];
}

/**
 * A disk in memory that knows what was synced. Tests let operations fail (`fail`), limit its size (`capacityBytes`),
 * switch the power off (`cutPowerAfter`) and look at what a power cut leaves (`afterPowerCut`).
 */
export class MemoryFileSystem implements FileSystem {
  readonly counts = new Map<Operation, number>();
  /** Called before each operation; what it returns is waited for. */
  beforeOperation: ((operation: Operation, path: string) => Promise<void> | void) | undefined;
  capacityBytes = Infinity;
  /** A disk that says it has synced and has not. */
  ignoresSync = false;
  isPowerOff = false;
  readonly #root: MemoryDirectory;
  #faults: { fault: Fault; left: number }[] = [];
  #unsyncedNames: NameChange[] = [];
  #operationsUntilPowerCut = Infinity;

  constructor(root = new MemoryDirectory()) {
    this.#root = root;
  }

  get syncCount(): number {
    return this.counts.get('sync') ?? 0;
  }

  fail(fault: Fault): void {
    this.#faults.push({ fault, left: fault.after ?? 0 });
  }

  clearFaults(): void {
    this.#faults = [];
  }

  /** After `count` more changing operations every operation fails. */
  cutPowerAfter(count: number): void {
    this.#operationsUntilPowerCut = count;
  }

  /** After a process was killed: nothing is lost, and what was not synced still is not. */
  restart(): void {
    this.isPowerOff = false;
    this.#operationsUntilPowerCut = Infinity;
    this.#faults = [];
  }

  /**
   * What the disk may hold after a power cut now: each unsynced change of names is kept or
   * lost; each unsynced page is old, new, as it was before its last change, or a mix of these by sectors.
   */
  afterPowerCut(random: SeededRandom): MemoryFileSystem {
    for (const change of this.#unsyncedNames) {
      if (random.fraction() < 0.5) applyDurably(change);
    }
    return new MemoryFileSystem(this.#root.afterPowerCut(random));
  }

  /** A copy of all that was written, synced or not; in the copy all of it is synced. */
  clone(): MemoryFileSystem {
    return new MemoryFileSystem(this.#root.clone());
  }

  /** The content of a file, itself: changing it changes the file, as a failing disk would. */
  bytesOf(path: string): Uint8Array {
    return this.#file(path).bytes.subarray(0, this.#file(path).size);
  }

  /** Paths of all files, sorted. */
  allFiles(): string[] {
    return [...this.#root.walk('')].sort();
  }

  /** Cuts a file off without further ado. */
  truncateNow(path: string, size: number): void {
    this.#file(path).truncate(size);
  }

  async open(path: string, mode: OpenMode): Promise<FileHandle> {
    const { directory, name } = this.#parent(path);
    let file = directory.entries.get(name);
    const isNew = file === undefined && (mode === 'create' || mode === 'create-or-open');
    await this.#enter('open', path, isNew);
    file = directory.entries.get(name);
    if (file !== undefined && mode === 'create') throw systemError('EEXIST', 'open', path);
    if (file === undefined) {
      if (mode === 'read' || mode === 'read-write') throw systemError('ENOENT', 'open', path);
      file = new MemoryFile();
      this.#changeNames([{ directory, name, node: file }]);
    }
    if (file instanceof MemoryDirectory) throw systemError('EISDIR', 'open', path);
    return new MemoryFileHandle(this, file, path);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#enter('rename', from, true);
    const source = this.#parent(from);
    const target = this.#parent(to);
    const node = source.directory.entries.get(source.name);
    if (node === undefined) throw systemError('ENOENT', 'rename', from);
    this.#changeNames([
      { ...source, node: undefined },
      { ...target, node },
    ]);
  }

  async remove(path: string): Promise<void> {
    await this.#enter('remove', path, true);
    const { directory, name } = this.#parent(path);
    if (!(directory.entries.get(name) instanceof MemoryFile)) throw systemError('ENOENT', 'unlink', path);
    this.#changeNames([{ directory, name, node: undefined }]);
  }

  async list(path: string): Promise<string[]> {
    await this.#enter('list', path, false);
    const { entries } = this.#directory(path);
    return [...entries].map(([name, node]) => (node instanceof MemoryDirectory ? `${name}/` : name));
  }

  async makeDirectory(path: string): Promise<void> {
    await this.#enter('makeDirectory', path, true);
    let directory = this.#root;
    for (const name of partsOf(path)) {
      let node = directory.entries.get(name);
      if (node === undefined) {
        node = new MemoryDirectory();
        this.#changeNames([{ directory, name, node }]);
      }
      if (!(node instanceof MemoryDirectory)) throw systemError('EEXIST', 'mkdir', path);
      directory = node;
    }
  }

  async syncDirectory(path: string): Promise<void> {
    await this.#enter('syncDirectory', path, true);
    if (this.ignoresSync) return;
    const directory = this.#directory(path);
    const isOfDirectory = (change: NameChange) => change.entries.some((entry) => entry.directory === directory);
    for (const change of this.#unsyncedNames) if (isOfDirectory(change)) applyDurably(change);
    this.#unsyncedNames = this.#unsyncedNames.filter((change) => !isOfDirectory(change));
  }

  async exists(path: string): Promise<boolean> {
    await this.#enter('list', path, false);
    try {
      const { directory, name } = this.#parent(path);
      return directory.entries.has(name);
    } catch {
      return false;
    }
  }

  /** For handles: counts, waits and fails as the test has ordered; returns how many bytes of a write get through. */
  async enter(operation: Operation, path: string): Promise<void> {
    await this.#enter(operation, path, operation !== 'read');
  }

  writableBytes(file: MemoryFile, end: number): number {
    const room = this.capacityBytes - this.#root.totalBytes();
    const growth = Math.max(end - file.size, 0);
    return growth <= room ? Infinity : Math.max(room, 0);
  }

  takeWriteFault(path: string): Fault | undefined {
    return this.#takeFault('write', path);
  }

  async #enter(operation: Operation, path: string, isChange: boolean): Promise<void> {
    this.counts.set(operation, (this.counts.get(operation) ?? 0) + 1);
    await this.beforeOperation?.(operation, path);
    if (isChange && !this.isPowerOff && --this.#operationsUntilPowerCut < 0) this.isPowerOff = true;
    if (this.isPowerOff) throw systemError('EIO', operation, path);
    if (operation === 'write') return;
    const fault = this.#takeFault(operation, path);
    if (fault) throw systemError(fault.code, operation, path);
  }

  #takeFault(operation: Operation, path: string): Fault | undefined {
    for (const entry of this.#faults) {
      const { fault } = entry;
      if (fault.operation !== operation || !path.includes(fault.path ?? '')) continue;
      if (entry.left-- > 0) continue;
      if (!fault.isLasting) this.#faults.splice(this.#faults.indexOf(entry), 1);
      return fault;
    }
    return undefined;
  }

  #changeNames(entries: NameChange['entries']): void {
    for (const { directory, name, node } of entries) setEntry(directory.entries, name, node);
    this.#unsyncedNames.push({ entries });
  }

  #parent(path: string): { directory: MemoryDirectory; name: string } {
    const parts = partsOf(path);
    const name = parts.pop() ?? '';
    return { directory: this.#directory(parts.join('/')), name };
  }

  #directory(path: string): MemoryDirectory {
    let directory = this.#root;
    for (const name of partsOf(path)) {
      const node = directory.entries.get(name);
      if (!(node instanceof MemoryDirectory)) throw systemError('ENOENT', 'open', path);
      directory = node;
    }
    return directory;
  }

  #file(path: string): MemoryFile {
    const { directory, name } = this.#parent(path);
    const node = directory.entries.get(name);
    if (!(node instanceof MemoryFile)) throw systemError('ENOENT', 'open', path);
    return node;
  }
}

class MemoryDirectory {
  readonly entries = new Map<string, Node>();
  readonly durableEntries = new Map<string, Node>();

  totalBytes(): number {
    let total = 0;
    for (const node of this.entries.values()) total += node instanceof MemoryFile ? node.size : node.totalBytes();
    return total;
  }

  *walk(prefix: string): Generator<string> {
    for (const [name, node] of this.entries) {
      if (node instanceof MemoryFile) yield `${prefix}${name}`;
      else yield* node.walk(`${prefix}${name}/`);
    }
  }

  afterPowerCut(random: SeededRandom): MemoryDirectory {
    return copyTree(this.durableEntries, (node) => node.afterPowerCut(random));
  }

  clone(): MemoryDirectory {
    return copyTree(this.entries, (node) => node.clone());
  }
}

class MemoryFile {
  bytes = new Uint8Array(0);
  size = 0;
  #durableBytes = new Uint8Array(0);
  #durableSize = 0;
  /** Unsynced pages, with what they held before their last change: the kernel may have written that already. */
  readonly #dirtyPages = new Map<number, Uint8Array>();

  write(source: Uint8Array, position: number): void {
    this.#grow(position + source.length);
    this.#touch(position, position + source.length);
    this.bytes.set(source, position);
    this.size = Math.max(this.size, position + source.length);
  }

  truncate(size: number): void {
    if (size < this.size) {
      this.#touch(size, this.size);
      this.bytes.fill(0, size, this.size);
    }
    this.#grow(size);
    this.size = size;
  }

  sync(): void {
    if (this.#durableBytes.length < this.bytes.length)
      this.#durableBytes = grown(this.#durableBytes, this.bytes.length);
    for (const page of this.#dirtyPages.keys()) {
      const start = page * PAGE_BYTES;
      this.#durableBytes.set(this.bytes.subarray(start, start + PAGE_BYTES), start);
    }
    this.#dirtyPages.clear();
    this.#durableSize = this.size;
  }

  /** As kernels do when a sync fails: the pages count as clean, and no later sync brings them to disk. */
  loseUnsynced(): void {
    this.#dirtyPages.clear();
  }

  afterPowerCut(random: SeededRandom): MemoryFile {
    const between = this.#durableSize + (this.size - this.#durableSize) * random.fraction();
    const size = random.pick([this.#durableSize, this.size, Math.floor(between)]);
    const content = grown(this.#durableBytes, Math.max(this.bytes.length, this.#durableBytes.length));
    for (const [page, before] of this.#dirtyPages) {
      const start = page * PAGE_BYTES;
      const now = this.bytes.subarray(start, start + PAGE_BYTES);
      const [written, isTorn] = [random.pick([undefined, before, now]), random.fraction() < 0.3];
      if (written === undefined) continue;
      for (let at = 0; at < PAGE_BYTES; at += SECTOR_BYTES) {
        if (!isTorn || random.fraction() < 0.5) content.set(written.subarray(at, at + SECTOR_BYTES), start + at);
      }
    }
    return MemoryFile.of(content.subarray(0, size));
  }

  clone(): MemoryFile {
    return MemoryFile.of(this.bytes.subarray(0, this.size));
  }

  static of(content: Uint8Array): MemoryFile {
    const file = new MemoryFile();
    if (content.length > 0) file.write(content, 0);
    file.sync();
    return file;
  }

  #touch(start: number, end: number): void {
    for (let page = Math.floor(start / PAGE_BYTES); page * PAGE_BYTES < end; page++) {
      const isBehindEnd = page * PAGE_BYTES >= this.size;
      this.#dirtyPages.set(page, isBehindEnd ? ZEROS : this.bytes.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
    }
  }

  #grow(size: number): void {
    if (size <= this.bytes.length) return;
    const wanted = Math.max(size, Math.min(this.bytes.length * 2, this.bytes.length + (1 << 20)));
    this.bytes = grown(this.bytes, Math.ceil(wanted / PAGE_BYTES) * PAGE_BYTES);
  }
}

class MemoryFileHandle implements FileHandle {
  readonly #fileSystem: MemoryFileSystem;
  readonly #file: MemoryFile;
  readonly #path: string;
  #isClosed = false;

  constructor(fileSystem: MemoryFileSystem, file: MemoryFile, path: string) {
    this.#fileSystem = fileSystem;
    this.#file = file;
    this.#path = path;
  }

  async read(buffer: Uint8Array, bufferOffset: number, length: number, position: number): Promise<number> {
    await this.#enter('read');
    const count = Math.max(Math.min(length, this.#file.size - position), 0);
    buffer.set(this.#file.bytes.subarray(position, position + count), bufferOffset);
    return count;
  }

  async write(buffer: Uint8Array, bufferOffset: number, length: number, position: number): Promise<void> {
    await this.#enter('write');
    const fault = this.#fileSystem.takeWriteFault(this.#path);
    const room = this.#fileSystem.writableBytes(this.#file, position + length);
    const code = fault?.code ?? (room < length ? 'ENOSPC' : undefined);
    const count = Math.min(length, fault ? (fault.writtenBytes ?? 0) : room);
    if (count > 0) this.#file.write(buffer.subarray(bufferOffset, bufferOffset + count), position);
    if (code !== undefined) throw systemError(code, 'write', this.#path);
  }

  async sync(): Promise<void> {
    try {
      await this.#enter('sync');
    } catch (error) {
      if (!this.#isClosed && !this.#fileSystem.isPowerOff) this.#file.loseUnsynced();
      throw error;
    }
    if (!this.#fileSystem.ignoresSync) this.#file.sync();
  }

  async truncate(size: number): Promise<void> {
    await this.#enter('truncate');
    this.#file.truncate(size);
  }

  async size(): Promise<number> {
    this.#checkOpen();
    return this.#file.size;
  }

  async close(): Promise<void> {
    this.#checkOpen();
    this.#isClosed = true;
  }

  async #enter(operation: Operation): Promise<void> {
    this.#checkOpen();
    await this.#fileSystem.enter(operation, this.#path);
    this.#checkOpen();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw systemError('EBADF', 'use', this.#path);
  }
}

function applyDurably({ entries }: NameChange): void {
  for (const { directory, name, node } of entries) setEntry(directory.durableEntries, name, node);
}

function setEntry(entries: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node === undefined) entries.delete(name);
  else entries.set(name, node);
}

function copyTree(entries: ReadonlyMap<string, Node>, copy: (node: Node) => Node): MemoryDirectory {
  const result = new MemoryDirectory();
  for (const [name, node] of entries) {
    const copied = copy(node);
    result.entries.set(name, copied);
    result.durableEntries.set(name, copied);
  }
  return result;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(length);
  result.set(bytes);
  return result;
}

function systemError(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${operation} '${path}'`), { code, syscall: operation, path });
}
