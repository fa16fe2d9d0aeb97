import { isUtf8 } from 'node:buffer';
import type { Column } from '../columnar/column.ts';
import { gatherColumn } from '../columnar/copy-rows.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { isServerEncoding, utf8Of } from '../types/text-encoding.ts';
import type { TypeContext } from '../types/type-definition.ts';
import { badCopyData } from './bad-copy-data.ts';
import { CellBlock, DEFAULT_CELL, NULL_CELL } from './cell-block.ts';
import { type CellFailure, CellFailures } from './cell-failures.ts';
import { type CellReader, cellReader } from './cell-reader.ts';
import { type CopyPlace, inCopyContext } from './copy-context.ts';
import type { CopyFormat } from './copy-format.ts';
import { CopyInput } from './copy-input.ts';
import type { CopyColumn, CopyReader, CopyRows, SkippedRow } from './copy-reader.ts';
import { plainBytes } from './plain-bytes.ts';
import { PlainRows } from './plain-rows.ts';
import { type RowSplitter, UNSHOWN } from './row-splitter.ts';
import { CsvSplitter } from './split-csv.ts';
import { TextSplitter } from './split-text.ts';

const NEWLINE = 0x0a;
/** Cells of a header that are looked at. */
const MAX_HEADER_CELLS = 2048;

export interface CopyReaderOptions {
  readonly format: CopyFormat;
  readonly columns: readonly CopyColumn[];
  /** For messages. */
  readonly tableName: string;
  readonly typeContext: TypeContext;
}

/**
 * COPY's text and csv formats. Bytes are gathered until they are worth a batch; then rows are split into cells, and the
 * cells of each column become its values:
 *
 *   bytes ─► CopyInput ─► RowSplitter ─► CellBlock ─► CellReader per column ─► CopyRows
 */
export class TextCopyReader implements CopyReader {
  readonly #options: CopyReaderOptions;
  readonly #input = new CopyInput();
  readonly #splitter: RowSplitter;
  readonly #readers: readonly CellReader[];
  readonly #block: CellBlock;
  /** undefined: the options do not allow it. */
  readonly #plainRows: PlainRows | undefined;
  /** The block at hand was filled by it. */
  #isPlain = false;
  #needsHeader: boolean;
  #hasFailed = false;

  constructor(options: CopyReaderOptions) {
    const { format, columns, typeContext } = options;
    this.#options = options;
    const names = columns.map(({ name }) => name);
    this.#splitter = format.kind === 'csv' ? new CsvSplitter(format, names) : new TextSplitter(format, names);
    this.#readers = columns.map(({ type }) => cellReader(type, typeContext));
    this.#block = new CellBlock(columns.length);
    const plain = columns.length === 0 ? undefined : plainBytes(format);
    const { timeZone } = typeContext;
    this.#plainRows = plain && new PlainRows({ plain, readers: this.#readers, timeZone });
    this.#needsHeader = format.header !== 'none';
  }

  get isFull(): boolean {
    return this.#input.isFull && !this.hasEnded;
  }

  get hasEnded(): boolean {
    return this.#splitter.hasEnded || this.#hasFailed;
  }

  get line(): number {
    const { bytes, start, end } = this.#input;
    let line = this.#splitter.lineNumber + 1;
    for (let at = bytes.indexOf(NEWLINE, start); at >= 0 && at < end; at = bytes.indexOf(NEWLINE, at + 1)) line += 1;
    return line;
  }

  get sizeBytes(): number {
    return this.#input.bytes.byteLength;
  }

  push(bytes: Uint8Array): void {
    if (this.hasEnded) return;
    const { encoding } = this.#options.format;
    this.#input.push(isServerEncoding(encoding) ? bytes : utf8Of(bytes, encoding));
  }

  end(): void {
    this.#input.isEnded = true;
  }

  next(): CopyRows | undefined {
    if (this.hasEnded || (!this.#input.isFull && !this.#input.isEnded)) return undefined;
    if (this.#needsHeader && !this.#readHeader()) return undefined;
    const input = this.#input;
    const block = this.#block;
    const splitter = this.#splitter;
    block.useBytes(input.bytes, input.capacity + 1);
    block.clear();
    const from = input.start;
    const lineBefore = splitter.lineNumber;
    const plainRows = this.#plainRows?.takesBlock(splitter) === true ? this.#plainRows : undefined;
    const next =
      plainRows === undefined
        ? splitter.split(block, from, input.end, input.isEnded)
        : plainRows.split(block, splitter, from, input.end, input.isEnded);
    this.#isPlain = plainRows !== undefined;
    if (block.rowCount === 0 && splitter.problem === undefined) {
      if (!input.isEnded && !splitter.hasEnded) input.wantMore();
      return undefined;
    }
    input.taken(next);
    return this.#rows(from, lineBefore);
  }

  #rows(from: number, lineBefore: number): CopyRows {
    const { format, columns } = this.#options;
    const block = this.#block;
    const problem = this.#splitter.problem;
    let failure = problem === undefined ? undefined : { error: this.#problemError() };
    const badRow = this.#firstBadRow(from);
    if (badRow !== undefined) {
      block.rowCount = badRow.row;
      failure = { error: this.#inContext(badRow.error, { line: lineBefore + badRow.row + 1 }) };
    }
    const wholeRows = block.rowCount;
    if (problem?.isShort === true && badRow === undefined) block.rowCount += 1;
    const failures = new CellFailures(block.rowCount, format.onError);
    const values = this.#isPlain ? this.#plainRows!.columns(block, failures) : this.#readAll(failures);
    block.rowCount = wholeRows;
    const skipped = failures.ignored().filter(({ row }) => row < wholeRows);
    if (failures.first !== undefined) failure = { error: this.#cellError(failures.first) };
    this.#hasFailed = failure !== undefined;
    const rowCount = failures.first?.row ?? block.rowCount;
    const kept = skipped.length === 0 ? undefined : keptRows(rowCount, skipped);
    const defaults = format.defaultText === undefined ? undefined : this.#defaults(rowCount, kept);
    const rowOf = (row: number): number => kept?.[row] ?? row;
    return {
      rowCount: kept?.length ?? rowCount,
      columns: kept === undefined ? values : values.map((column) => gatherColumn(column, kept, kept.length)),
      repeats: this.#isPlain && kept === undefined ? this.#plainRows?.repeats(rowCount) : undefined,
      defaults,
      skipped: skipped.map(({ row, column }): SkippedRow => {
        const cell = row * columns.length + column;
        const isNull = block.ends[cell] === NULL_CELL;
        return {
          line: block.lineNumbers[row],
          columnName: columns[column].name,
          value: isNull ? null : block.text(cell),
        };
      }),
      failure,
      place: (row, { withText }) => {
        const at = rowOf(row);
        return { line: block.lineNumbers[at], ...(withText ? { text: block.line(at) } : {}) };
      },
    };
  }

  #readAll(failures: CellFailures): Column[] {
    let leader: Uint32Array | undefined;
    return this.#readers.map((reader, column) => {
      const read = reader.read(this.#block, column, failures, leader);
      if (read.kind === 'dictionary') leader ??= read.codes;
      return read;
    });
  }

  #defaults(rowCount: number, kept: Uint32Array | undefined): (Uint8Array | undefined)[] {
    const { ends, width } = this.#block;
    return this.#options.columns.map((_, column) => {
      let marks: Uint8Array | undefined;
      for (let row = 0; row < rowCount; row++) {
        if (ends[row * width + column] !== DEFAULT_CELL) continue;
        marks ??= new Uint8Array(rowCount);
        marks[row] = 1;
      }
      return marks === undefined || kept === undefined ? marks : Uint8Array.from(kept, (row) => marks[row]);
    });
  }

  /** What the bytes are is asked of all rows at once; where they are no UTF-8, row by row. */
  #firstBadRow(from: number): { readonly row: number; readonly error: unknown } | undefined {
    const block = this.#block;
    const { bytes, rowCount, scratchStart, scratchAt } = block;
    if (rowCount === 0) return undefined;
    const end = block.rowEnds[rowCount - 1];
    const isGood = isUtf8(bytes.subarray(from, end)) && isUtf8(bytes.subarray(scratchStart, scratchAt));
    if (isGood && !block.buffer.subarray(from, end).includes(0)) return undefined;
    for (let row = 0; row < rowCount; row++) {
      const bad = firstBadBytes(block.line(row)) ?? this.#firstBadCell(row);
      if (bad !== undefined) return { row, error: invalidBytes(bad) };
    }
    return undefined;
  }

  #firstBadCell(row: number): Uint8Array | undefined {
    const { bytes, width, starts, ends } = this.#block;
    // Cells of rows that were read as they came are part of their lines.
    if (this.#isPlain && this.#plainRows?.isSplit(row) !== true) return undefined;
    for (let cell = row * width; cell < (row + 1) * width; cell++) {
      const bad = ends[cell] > NULL_CELL ? firstBadBytes(bytes.subarray(starts[cell], ends[cell])) : undefined;
      if (bad !== undefined) return bad;
    }
    return undefined;
  }

  #problemError(): unknown {
    const { problem } = this.#splitter;
    if (problem === undefined) return undefined;
    const { error, lineNumber, lineStart, lineEnd } = problem;
    if (lineStart === UNSHOWN) return this.#inContext(error, { line: lineNumber });
    return this.#inContext(error, { line: lineNumber, text: this.#block.bytes.subarray(lineStart, lineEnd) });
  }

  #cellError({ row, column, error }: CellFailure): unknown {
    const block = this.#block;
    const cell = row * block.width + column;
    return this.#inContext(error, {
      line: block.lineNumbers[row],
      columnName: this.#options.columns[column].name,
      value: block.ends[cell] === NULL_CELL ? null : block.text(cell),
    });
  }

  #inContext(error: unknown, place: CopyPlace): unknown {
    return inCopyContext(error, this.#options.tableName, place);
  }

  /** False: it is not whole yet. */
  #readHeader(): boolean {
    const { format, columns } = this.#options;
    const input = this.#input;
    const splitter = this.#splitter;
    const block = new CellBlock(Math.max(columns.length, MAX_HEADER_CELLS), 1);
    block.useBytes(input.bytes, input.capacity + 1);
    block.clear();
    const next = splitter.splitHeader(block, input.start, input.end, input.isEnded);
    if (next === input.start && splitter.problem === undefined) {
      if (!input.isEnded && !splitter.hasEnded) input.wantMore();
      return input.isEnded;
    }
    this.#needsHeader = false;
    input.taken(next);
    this.#block.useBytes(input.bytes, input.capacity + 1);
    if (splitter.problem !== undefined) {
      this.#hasFailed = true;
      throw this.#problemError();
    }
    if (format.header === 'match') this.#matchHeader(block);
    return true;
  }

  #matchHeader(block: CellBlock): void {
    const { format, columns } = this.#options;
    const { cellCount } = this.#splitter;
    const refuse = (message: string): unknown =>
      this.#inContext(badCopyData(message), { line: this.#splitter.lineNumber, text: block.line(0) });
    if (cellCount !== columns.length) {
      throw refuse(`wrong number of fields in header line: got ${cellCount}, expected ${columns.length}`);
    }
    for (const [at, { name }] of columns.entries()) {
      const start = `column name mismatch in header line field ${at + 1}: got`;
      if (block.ends[at] <= NULL_CELL) {
        throw refuse(`${start} null value ("${Buffer.from(format.nullText).toString()}"), expected "${name}"`);
      }
      const found = block.text(at);
      if (found !== name) throw refuse(`${start} "${found}", expected "${name}"`);
    }
  }
}

function keptRows(rowCount: number, skipped: readonly CellFailure[]): Uint32Array {
  const kept = new Uint32Array(rowCount - skipped.length);
  let at = 0;
  let next = 0;
  for (let row = 0; row < rowCount; row++) {
    if (skipped[next]?.row === row) next += 1;
    else kept[at++] = row;
  }
  return kept;
}

/** The first sequence that is no character, as long as its first byte says that it is; also a zero byte. */
function firstBadBytes(bytes: Uint8Array): Uint8Array | undefined {
  if (isUtf8(bytes) && !bytes.includes(0)) return undefined;
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at];
    const size = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 1;
    const sequence = bytes.subarray(at, at + size);
    if (first === 0 || sequence.length < size || !isUtf8(sequence)) return sequence;
    at += size;
  }
  return undefined;
}

function invalidBytes(bytes: Uint8Array): SqlError {
  const shown = Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
  return new SqlError(SqlState.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": ${shown}`);
}
