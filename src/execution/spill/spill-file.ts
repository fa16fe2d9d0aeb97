import { ByteReader } from '../../bytes/byte-reader.ts';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Batch } from '../../columnar/batch.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { readBatch, writeBatch } from './batch-codec.ts';
import type { TemporaryFile } from './temporary-files.ts';

/** Bytes that are gathered before they go to the file. */
const WRITE_BYTES = 262_144;
/** Rows of a piece: what a reader holds at a time. */
export const PIECE_ROWS = 1024;

/** Who counts the bytes of a statement's files. */
interface SpaceCounter {
  take(sizeBytes: number): void;
  give(sizeBytes: number): void;
}

/** Rows on disk, in the order in which they came, to be read any number of times from the front. */
export class SpillFile {
  readonly types: readonly SqlType[];
  readonly #file: TemporaryFile;
  readonly #space: SpaceCounter;
  readonly #writer = new ByteWriter(4096);
  /** Of each piece its length, in bytes. */
  readonly #pieces: number[] = [];
  /** Of each piece where it begins. */
  readonly #positions: number[] = [];
  #rowCount = 0;

  constructor(file: TemporaryFile, types: readonly SqlType[], space: SpaceCounter) {
    this.#file = file;
    this.types = types;
    this.#space = space;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** With what is not written yet. */
  get sizeBytes(): number {
    return this.#file.sizeBytes + this.#writer.length;
  }

  /** Copies the batch. The promise, where there is one, must be awaited before the next call. */
  append(batch: Batch): Promise<void> | undefined {
    this.#rowCount += batch.rowCount;
    for (let from = 0; from < batch.rowCount; from += PIECE_ROWS) {
      const at = this.#writer.length;
      writeBatch(sliceBatch(batch, from, Math.min(from + PIECE_ROWS, batch.rowCount)), this.types, this.#writer);
      this.#positions.push(this.#file.sizeBytes + at);
      this.#pieces.push(this.#writer.length - at);
    }
    return this.#writer.length < WRITE_BYTES ? undefined : this.#flush();
  }

  /** Writes what is left. Nothing can be appended afterwards. */
  async finish(): Promise<void> {
    if (this.#writer.length > 0) await this.#flush();
  }

  /** All rows of a finished file, one piece in memory at a time. */
  async *read(): AsyncGenerator<Batch, void, undefined> {
    let position = 0;
    for (const length of this.#pieces) {
      const bytes = new Uint8Array(length);
      await this.#file.read(bytes, position);
      position += length;
      yield readBatch(this.types, new ByteReader(bytes));
    }
  }

  /** How many pieces of at most `PIECE_ROWS` rows there are: every batch begins a new one. */
  get pieceCount(): number {
    return this.#pieces.length;
  }

  /** The rows of one piece, at any time between two calls of `append`. */
  async piece(index: number): Promise<Batch> {
    const bytes = new Uint8Array(this.#pieces[index]);
    if (this.#positions[index] + bytes.length > this.#file.sizeBytes) await this.#flush();
    await this.#file.read(bytes, this.#positions[index]);
    return readBatch(this.types, new ByteReader(bytes));
  }

  async close(): Promise<void> {
    this.#space.give(this.#file.sizeBytes);
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    this.#space.take(this.#writer.length);
    await this.#file.append(this.#writer.view());
    this.#writer.clear();
  }
}
