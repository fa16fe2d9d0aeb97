import type { SqlError } from '../errors/sql-error.ts';
import type { TypeContext } from '../types/type-definition.ts';
import { badCopyData } from './bad-copy-data.ts';
import { BinaryCells } from './binary-cells.ts';
import { CellBlock, NULL_CELL } from './cell-block.ts';
import { CellFailures } from './cell-failures.ts';
import type { CellReader } from './cell-reader.ts';
import { inCopyContext, withoutCopyContext } from './copy-context.ts';
import { CopyInput } from './copy-input.ts';
import type { CopyColumn, CopyReader, CopyRows } from './copy-reader.ts';

/** `PGCOPY\n\377\r\n\0` */
export const BINARY_SIGNATURE = Uint8Array.of(0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00);
const HEADER_BYTES = BINARY_SIGNATURE.length + 8;
const OIDS_FLAG = 0x10000;

export interface BinaryCopyReaderOptions {
  readonly columns: readonly CopyColumn[];
  /** For messages. */
  readonly tableName: string;
  readonly typeContext: TypeContext;
}

/**
 * COPY's binary format:
 *
 *   signature | flags (int32) | length of the extension (int32) | extension | rows … | -1 (int16)
 *   row: column count (int16) | per column: length (int32, -1 for NULL) | bytes
 */
export class BinaryCopyReader implements CopyReader {
  readonly #options: BinaryCopyReaderOptions;
  readonly #input = new CopyInput();
  readonly #readers: readonly CellReader[];
  readonly #block: CellBlock;
  #hasHeader = false;
  #line = 0;
  #hasFailed = false;
  #sawTrailer = false;

  constructor(options: BinaryCopyReaderOptions) {
    this.#options = options;
    this.#readers = options.columns.map(({ type }) => new BinaryCells(type, options.typeContext));
    this.#block = new CellBlock(options.columns.length);
  }

  get isFull(): boolean {
    return this.#input.isFull && !this.hasEnded;
  }

  get hasEnded(): boolean {
    return this.#hasFailed;
  }

  get line(): number {
    return this.#line + 1;
  }

  get sizeBytes(): number {
    return this.#input.bytes.byteLength;
  }

  push(bytes: Uint8Array): void {
    if (!this.#hasFailed) this.#input.push(bytes);
  }

  end(): void {
    this.#input.isEnded = true;
  }

  next(): CopyRows | undefined {
    const input = this.#input;
    if (this.#hasFailed || (!input.isFull && !input.isEnded)) return undefined;
    this.#block.useBytes(input.bytes, input.capacity + 1);
    this.#block.clear();
    if (!this.#hasHeader && !this.#readHeader()) {
      if (!input.isEnded) input.wantMore();
      return undefined;
    }
    let failure: { readonly error: unknown } | undefined;
    const block = this.#block;
    while (block.rowCount < block.maxRows) {
      const outcome = this.#readRow();
      if (outcome === 'incomplete') break;
      if (outcome === 'row') continue;
      failure = { error: this.#inContext(outcome.error, outcome.columnName) };
      break;
    }
    if (block.rowCount === 0 && failure === undefined) {
      if (!input.isEnded) input.wantMore();
      return undefined;
    }
    input.taken(input.start);
    return this.#rows(failure);
  }

  #rows(problem: { readonly error: unknown } | undefined): CopyRows {
    const block = this.#block;
    const { columns } = this.#options;
    const failures = new CellFailures(block.rowCount, 'stop');
    const values = this.#readers.map((reader, column) => reader.read(block, column, failures));
    const { first } = failures;
    let failure = problem;
    if (first !== undefined) {
      const place = { line: block.lineNumbers[first.row], columnName: columns[first.column].name };
      failure = { error: inCopyContext(first.error, this.#options.tableName, place) };
    }
    this.#hasFailed = failure !== undefined;
    return {
      rowCount: first?.row ?? block.rowCount,
      columns: values,
      defaults: undefined,
      skipped: [],
      failure,
      place: (row) => ({ line: block.lineNumbers[row] }),
    };
  }

  /** False: it is not whole yet. Throws 22P04. */
  #readHeader(): boolean {
    const input = this.#input;
    const { view, bytes } = this.#block;
    const size = input.end - input.start;
    for (const [at, byte] of BINARY_SIGNATURE.entries()) {
      if (at >= size && !input.isEnded) return false;
      if (at >= size || bytes[input.start + at] !== byte) throw this.#refuse('COPY file signature not recognized');
    }
    const at = input.start + BINARY_SIGNATURE.length;
    if (size < HEADER_BYTES) {
      if (!input.isEnded) return false;
      const part = size < BINARY_SIGNATURE.length + 4 ? 'flags' : 'length';
      throw this.#refuse(`invalid COPY file header (missing ${part})`);
    }
    const flags = view.getInt32(at);
    if ((flags & OIDS_FLAG) !== 0) throw this.#refuse('invalid COPY file header (WITH OIDS)');
    if (flags >> 16 !== 0) throw this.#refuse('unrecognized critical flags in COPY file header');
    const extension = view.getInt32(at + 4);
    if (extension < 0) throw this.#refuse('invalid COPY file header (missing length)');
    if (size < HEADER_BYTES + extension) {
      if (!input.isEnded) return false;
      throw this.#refuse('invalid COPY file header (wrong length)');
    }
    input.start += HEADER_BYTES + extension;
    this.#hasHeader = true;
    return true;
  }

  #refuse(message: string): SqlError {
    this.#hasFailed = true;
    return withoutCopyContext(badCopyData(message));
  }

  #readRow(): 'row' | 'incomplete' | { readonly error: SqlError; readonly columnName?: string } {
    const input = this.#input;
    const { width, rowCount, view, starts, ends, lineNumbers } = this.#block;
    const { columns } = this.#options;
    let at = input.start;
    const left = input.end - at;
    if (this.#sawTrailer) {
      if (left === 0) return 'incomplete';
      return { error: badCopyData('received copy data after EOF marker') };
    }
    if (left < 2) {
      // A file that ends between two rows has lost its trailer, and no row.
      if (left === 0 || !input.isEnded) return 'incomplete';
      input.start = input.end;
      return 'incomplete';
    }
    const count = view.getInt16(at);
    this.#line += 1;
    if (count === -1) {
      this.#sawTrailer = true;
      input.start += 2;
      return this.#readRow();
    }
    if (count !== width) return { error: badCopyData(`row field count is ${count}, expected ${width}`) };
    at += 2;
    for (let column = 0; column < width; column++) {
      if (input.end - at < 4) return this.#cut(columns[column].name);
      const size = view.getInt32(at);
      at += 4;
      const cell = rowCount * width + column;
      starts[cell] = at;
      if (size === -1) {
        ends[cell] = NULL_CELL;
        continue;
      }
      if (size < 0) return { error: badCopyData('invalid field size'), columnName: columns[column].name };
      if (input.end - at < size) return this.#cut(columns[column].name);
      at += size;
      ends[cell] = at;
    }
    lineNumbers[rowCount] = this.#line;
    this.#block.rowCount = rowCount + 1;
    input.start = at;
    return 'row';
  }

  /** The rest of the row is still to come, or never will. */
  #cut(columnName: string): 'incomplete' | { readonly error: SqlError; readonly columnName: string } {
    if (this.#input.isEnded) return { error: badCopyData('unexpected EOF in COPY data'), columnName };
    this.#line -= 1;
    return 'incomplete';
  }

  #inContext(error: unknown, columnName: string | undefined): unknown {
    return inCopyContext(error, this.#options.tableName, { line: this.#line, columnName });
  }
}
