import type { Batch } from '../../columnar/batch.ts';
import { gatherBatch, sliceBatch } from '../../columnar/copy-rows.ts';
import type { MemoryAccount } from '../../execution/memory-account.ts';
import { batchBytes } from '../../execution/row-buffer.ts';
import { PIECE_ROWS, type SpillFile } from '../../execution/spill/spill-file.ts';
import type { SpillSpace } from '../../execution/spill/spill-space.ts';
import type { SqlType } from '../../types/type-definition.ts';

export interface KeptRowsOptions {
  readonly types: readonly SqlType[];
  readonly memory: MemoryAccount;
  /** Where rows go beyond `memoryBytes`; undefined: there is no such room. */
  readonly spill: SpillSpace | undefined;
  /** What may stay in memory where there is room elsewhere. */
  readonly memoryBytes: number;
}

/** Some rows that follow each other, in memory or in the file. */
interface Piece {
  /** Number of the first one. */
  readonly from: number;
  readonly rowCount: number;
  readonly rows: Batch | undefined;
  /** In the file. */
  readonly index: number;
}

/** Rows that can be read again from any place: what a cursor has passed. Those that do not fit into memory go to disk. */
export class KeptRows {
  readonly #options: KeptRowsOptions;
  readonly #pieces: Piece[] = [];
  #file: SpillFile | undefined;
  #rowCount = 0;
  #reservedBytes = 0;

  constructor(options: KeptRowsOptions) {
    this.#options = options;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Of those in memory. */
  get sizeBytes(): number {
    return this.#reservedBytes;
  }

  /** Copies the rows. Rejects with 53200 or 53400 when there is no room for them. */
  async append(batch: Batch): Promise<void> {
    for (let from = 0; from < batch.rowCount; from += PIECE_ROWS) {
      await this.#append(sliceBatch(batch, from, Math.min(from + PIECE_ROWS, batch.rowCount)));
    }
  }

  /** The rows from `from` on that lie together, at most `count` of them; there must be one. */
  async read(from: number, count: number): Promise<Batch> {
    const piece = this.#pieceOf(from);
    const rows = piece.rows ?? (await this.#file?.piece(piece.index));
    if (rows === undefined) throw new Error('a piece is in memory or in the file');
    const start = from - piece.from;
    return sliceBatch(rows, start, Math.min(start + count, piece.rowCount));
  }

  /** As `read`, the rows up to `to` (exclusive) in their order. */
  async readBefore(to: number, count: number): Promise<Batch> {
    const { from } = this.#pieceOf(to - 1);
    const start = Math.max(from, to - count);
    return this.read(start, to - start);
  }

  async close(): Promise<void> {
    this.#pieces.length = 0;
    this.#options.memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #append(batch: Batch): Promise<void> {
    const { rowCount } = batch;
    const from = this.#rowCount;
    this.#rowCount += rowCount;
    const { memory, spill, memoryBytes, types } = this.#options;
    const sizeBytes = batchBytes(batch);
    const staysInMemory = this.#file === undefined && this.#reservedBytes + sizeBytes <= memoryBytes;
    if (spill !== undefined && !(staysInMemory && memory.tryReserve(sizeBytes))) {
      this.#file ??= await spill.create(types);
      this.#pieces.push({ from, rowCount, rows: undefined, index: this.#file.pieceCount });
      const written = this.#file.append(batch);
      if (written !== undefined) await written;
      return;
    }
    if (spill === undefined) memory.reserve(sizeBytes);
    this.#reservedBytes += sizeBytes;
    const rows = gatherBatch(
      batch,
      Uint32Array.from({ length: rowCount }, (_, row) => row),
      rowCount,
    );
    this.#pieces.push({ from, rowCount, rows, index: -1 });
  }

  #pieceOf(row: number): Piece {
    let low = 0;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#pieces[middle].from <= row) low = middle;
      else high = middle - 1;
    }
    return this.#pieces[low];
  }
}
