import { crc32 } from '../../bytes/crc32.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { FileHandle, FileSystem } from '../../platform/file-system.ts';
import { makeDurableDirectory } from '../../platform/make-durable-directory.ts';
import { type Random, systemRandom } from '../../platform/random.ts';
import { isDiskFull, systemErrorText } from '../../platform/system-error.ts';
import type { MetaState, MetaStore } from '../seams/meta-store.ts';
import { beginRecord, finishRecord, MAX_BODY_BYTES, RECORD_HEADER_BYTES, RecordKind } from '../wal/log-record.ts';
import type { ChainPosition } from '../wal/record-reader.ts';
import { randomFileId } from '../wal/wal-file.ts';
import { MANIFEST_HEADER_BYTES, type ManifestContent, readManifestFile, writeManifestHeader } from './manifest-file.ts';

export interface LocalMetaStoreOptions {
  readonly fileSystem: FileSystem;
  /** Made if missing. Belongs to the manifest alone. */
  readonly directory: string;
  readonly random?: Random | undefined;
}

const TEMPORARY_NAME = 'manifest.tmp';

export interface ManifestGeneration {
  readonly number: number;
  readonly path: string;
}

/** The generations in a directory, oldest first. */
export async function listManifestGenerations(
  fileSystem: FileSystem,
  directory: string,
): Promise<ManifestGeneration[]> {
  const generations: ManifestGeneration[] = [];
  for (const name of await fileSystem.list(directory)) {
    const match = /^manifest-(\d{10,15})$/.exec(name);
    if (match) generations.push({ number: Number(match[1]), path: `${directory}/${name}` });
  }
  return generations.sort((a, b) => a.number - b.number);
}

/** The manifest in local files (docs/format/manifest.md): the newest generation is the truth, the one before is kept. */
export class LocalMetaStore implements MetaStore {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #random: Random;
  #generation = 0;
  #handle: FileHandle | undefined;
  #fileId = 0;
  #position: ChainPosition = { offset: 0, crc: 0, lsn: 0 };
  #editBytes = 0;
  #loaded: MetaState = { version: 0, checkpoint: undefined, edits: [] };
  #failure: SqlError | undefined;
  #lane: Promise<unknown> = Promise.resolve();

  /** Opens the manifest of a directory, an empty one if there is none. Throws CorruptionError if edits are lost. */
  static async open(options: LocalMetaStoreOptions): Promise<LocalMetaStore> {
    const store = new LocalMetaStore(options);
    await store.#open();
    return store;
  }

  /**
   * Makes a new generation, as number `number`, beside what is there: for a repair that no start would undertake by
   * itself. Nothing is removed.
   */
  static async writeGeneration(
    options: LocalMetaStoreOptions,
    number: number,
    content: Pick<ManifestContent, 'checkpoint' | 'baseVersion' | 'edits'>,
  ): Promise<void> {
    const store = new LocalMetaStore(options);
    store.#generation = number - 1;
    await store.#writeGeneration(content);
    await store.close();
  }

  private constructor({ fileSystem, directory, random }: LocalMetaStoreOptions) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#random = random ?? systemRandom;
  }

  get version(): number {
    return this.#position.lsn;
  }

  get editBytes(): number {
    return this.#editBytes;
  }

  get failure(): SqlError | undefined {
    return this.#failure;
  }

  load(): Promise<MetaState> {
    return Promise.resolve(this.#loaded);
  }

  commit(edit: Uint8Array): Promise<number> {
    const body = edit.slice();
    return this.#inTurn(() => this.#append(body));
  }

  replace(checkpoint: Uint8Array): Promise<void> {
    const body = checkpoint.slice();
    return this.#inTurn(async () => {
      await this.#writeGeneration({ checkpoint: body, baseVersion: this.version, edits: [] });
      await this.#removeOld();
    });
  }

  async close(): Promise<void> {
    await this.#lane;
    const handle = this.#handle;
    this.#handle = undefined;
    try {
      // The last seal is on its way to disk anyway; it had better be there.
      if (!this.#failure) await handle?.sync();
    } finally {
      await handle?.close();
    }
  }

  async #open(): Promise<void> {
    await makeDurableDirectory(this.#fileSystem, this.#directory);
    const generations = await this.#generations();
    const newest = generations.at(-1);
    if (newest === undefined) {
      await this.#writeGeneration({ checkpoint: undefined, baseVersion: 0, edits: [] });
      return;
    }
    const handle = await this.#fileSystem.open(newest.path, 'read-write');
    const content = await this.#readOrClose(handle, newest);
    this.#generation = newest.number;
    this.#fileId = content.fileId;
    this.#position = { ...content.end };
    this.#handle = handle;
    if (content.isDamaged) {
      await this.#repair(newest, content, generations.at(-2));
    } else {
      this.#setLoaded(content);
      // What a killed process left to the kernel is made durable before anyone builds on it.
      if ((await handle.size()) > this.#position.offset) await handle.truncate(this.#position.offset);
      await handle.sync();
      if (!content.isSealed) await this.#seal();
    }
    await this.#removeOld();
  }

  async #readOrClose(handle: FileHandle, { number, path }: ManifestGeneration): Promise<ManifestContent> {
    try {
      return await readManifestFile(handle, { path, generation: number });
    } catch (error) {
      // The first error says what is wrong with the file.
      await handle.close().catch(() => {});
      throw error;
    }
  }

  /** Writes what a damaged generation said into a new one, with the help of the one before, and keeps it aside. */
  async #repair(
    damaged: ManifestGeneration,
    content: ManifestContent,
    older: ManifestGeneration | undefined,
  ): Promise<void> {
    let whole: Pick<ManifestContent, 'checkpoint' | 'baseVersion' | 'edits'> = content;
    if (content.isCheckpointLost) {
      const base = older && (await this.#readOlder(older));
      if (base === undefined || base.isCheckpointLost || base.end.lsn !== content.baseVersion) {
        await this.#handle?.close();
        throw new CorruptionError(
          `manifest "${damaged.path}" has lost its checkpoint, and no older generation reaches it`,
          { file: damaged.path, offset: MANIFEST_HEADER_BYTES },
        );
      }
      whole = { checkpoint: base.checkpoint, baseVersion: base.baseVersion, edits: [...base.edits, ...content.edits] };
    }
    await this.#writeGeneration(whole);
    this.#setLoaded(whole);
    await this.#fileSystem.rename(damaged.path, `${damaged.path}.damaged`);
    await this.#fileSystem.syncDirectory(this.#directory);
  }

  async #readOlder(older: ManifestGeneration): Promise<ManifestContent> {
    const handle = await this.#fileSystem.open(older.path, 'read');
    const content = await this.#readOrClose(handle, older);
    await handle.close();
    return content;
  }

  #setLoaded({ checkpoint, baseVersion, edits }: Pick<ManifestContent, 'checkpoint' | 'baseVersion' | 'edits'>): void {
    this.#loaded = { version: baseVersion + edits.length, checkpoint, edits };
    this.#editBytes = edits.reduce((total, edit) => total + edit.length, 0);
  }

  async #append(edit: Uint8Array): Promise<number> {
    const handle = this.#openHandle();
    const position = { ...this.#position };
    const record = this.#record(RecordKind.Commit, edit, position, { version: position.lsn + 1 });
    try {
      await handle.write(record, 0, record.length, this.#position.offset);
    } catch (error) {
      if (!isDiskFull(error)) throw this.#fail(error);
      await this.#cut(handle);
      throw diskFull(error);
    }
    try {
      await handle.sync();
    } catch (error) {
      throw this.#fail(error);
    }
    this.#position = position;
    this.#editBytes += edit.length;
    await this.#seal();
    return position.lsn;
  }

  /** Says in the file that the last edit is durable. Nobody was promised it, so a full disk is no error. */
  async #seal(): Promise<void> {
    const body = new Uint8Array(8);
    this.#random.fill(body);
    const position = { ...this.#position };
    const record = this.#record(RecordKind.Seal, body, position, { version: position.lsn });
    try {
      await this.#openHandle().write(record, 0, record.length, this.#position.offset);
      this.#position = position;
    } catch (error) {
      if (!isDiskFull(error)) this.#fail(error);
    }
  }

  /** Makes the file end where it did before a write that found no room: a rejected edit must not come back. */
  async #cut(handle: FileHandle): Promise<void> {
    try {
      await handle.truncate(this.#position.offset);
      await handle.sync();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Makes a new generation the current one. */
  async #writeGeneration(content: Pick<ManifestContent, 'checkpoint' | 'baseVersion' | 'edits'>): Promise<void> {
    if (this.#failure) throw this.#failure;
    const temporaryPath = `${this.#directory}/${TEMPORARY_NAME}`;
    const number = this.#generation + 1;
    const fileId = randomFileId(this.#random);
    const { bytes, position } = this.#encodeGeneration(content, { number, fileId });
    let handle: FileHandle | undefined;
    try {
      handle = await this.#fileSystem.open(temporaryPath, 'create-or-open');
      await handle.truncate(0);
      let offset = 0;
      for (const piece of bytes) {
        await handle.write(piece, 0, piece.length, offset);
        offset += piece.length;
      }
      await handle.sync();
    } catch (error) {
      await handle?.close().catch(() => {});
      await this.#fileSystem.remove(temporaryPath).catch(() => {});
      throw isDiskFull(error) ? diskFull(error) : this.#fail(error);
    }
    try {
      await this.#fileSystem.rename(temporaryPath, this.#path(number));
      await this.#fileSystem.syncDirectory(this.#directory);
    } catch (error) {
      // Which generation a crash would find is not known any more: neither may be written to.
      await handle.close().catch(() => {});
      throw this.#fail(error);
    }
    await this.#handle?.close();
    this.#handle = handle;
    this.#generation = number;
    this.#fileId = fileId;
    this.#position = position;
    this.#editBytes = content.edits.reduce((total, edit) => total + edit.length, 0);
  }

  #encodeGeneration(
    { checkpoint, baseVersion, edits }: Pick<ManifestContent, 'checkpoint' | 'baseVersion' | 'edits'>,
    { number, fileId }: { number: number; fileId: number },
  ): { bytes: Uint8Array[]; position: ChainPosition } {
    const header = new Uint8Array(MANIFEST_HEADER_BYTES);
    const crc = writeManifestHeader(header, {
      generation: number,
      fileId,
      baseVersion,
      checkpointBytes: checkpoint ? RECORD_HEADER_BYTES + checkpoint.length : 0,
    });
    const position: ChainPosition = { offset: header.length, crc, lsn: baseVersion };
    const bytes: Uint8Array[] = [header];
    const add = (kind: RecordKind, body: Uint8Array, version: number) =>
      bytes.push(this.#record(kind, body, position, { version, fileId }));
    const sealBody = new Uint8Array(8);
    this.#random.fill(sealBody);
    if (checkpoint) add(RecordKind.Checkpoint, checkpoint, baseVersion);
    add(RecordKind.Seal, sealBody, baseVersion);
    for (const edit of edits) add(RecordKind.Commit, edit, position.lsn + 1);
    if (edits.length > 0) add(RecordKind.Seal, sealBody, position.lsn);
    return { bytes, position };
  }

  /** A record for the place `position`, which then moves behind it. What comes before it is durable. */
  #record(
    kind: RecordKind,
    body: Uint8Array,
    position: ChainPosition,
    { version, fileId = this.#fileId }: { version: number; fileId?: number },
  ): Uint8Array {
    if (body.length > MAX_BODY_BYTES) {
      throw new SqlError(
        SqlState.ProgramLimitExceeded,
        `manifest record of ${body.length} bytes exceeds the maximum of ${MAX_BODY_BYTES} bytes`,
      );
    }
    const bytes = new Uint8Array(RECORD_HEADER_BYTES + body.length);
    const view = new DataView(bytes.buffer);
    bytes.set(body, RECORD_HEADER_BYTES);
    beginRecord(view, 0, { kind, lsn: version, bodyLength: body.length, bodyCrc: crc32(body) });
    position.crc = finishRecord(bytes, view, 0, { durableLsn: position.lsn, fileId, previousCrc: position.crc });
    position.offset += bytes.length;
    position.lsn = version;
    return bytes;
  }

  /** Two generations are kept. That an older one cannot be removed harms nobody. */
  async #removeOld(): Promise<void> {
    for (const { path, number } of await this.#generations().catch(() => [])) {
      if (number < this.#generation - 1) await this.#fileSystem.remove(path).catch(() => {});
    }
  }

  #generations(): Promise<ManifestGeneration[]> {
    return listManifestGenerations(this.#fileSystem, this.#directory);
  }

  #path(generation: number): string {
    return `${this.#directory}/manifest-${String(generation).padStart(10, '0')}`;
  }

  #openHandle(): FileHandle {
    if (this.#failure) throw this.#failure;
    if (this.#handle === undefined) throw new Error('the manifest is closed');
    return this.#handle;
  }

  #fail(error: unknown): SqlError {
    this.#failure ??= new SqlError(SqlState.IoError, `could not write to the manifest: ${systemErrorText(error)}`, {
      hint: 'The server is read-only until it is restarted.',
    });
    return this.#failure;
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#lane.then(action);
    this.#lane = result.catch(() => {});
    return result;
  }
}

function diskFull(error: unknown): SqlError {
  return new SqlError(SqlState.DiskFull, `could not extend the manifest: ${systemErrorText(error)}`);
}
