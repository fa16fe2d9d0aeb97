import { CellSource, findNeighbours } from '../cells/cell-source.ts';
import { FLUSH_BYTES, type OutputBuffer } from '../cells/output-buffer.ts';
import { writeRows } from '../cells/write-rows.ts';
import type { Batch } from '../columnar/batch.ts';
import type { TypeContext } from '../types/type-definition.ts';
import { BINARY_SIGNATURE } from './binary-copy-reader.ts';
import { type CopyFormat, isChosen } from './copy-format.ts';
import type { CopyColumn } from './copy-reader.ts';
import { csvEscape, textEscape } from './text-escape.ts';
import { COPY_DATA, type CopyCells, writeCopyRows } from './write-copy-rows.ts';

/** Code and length. */
const FRAME_BYTES = 5;
const NEWLINE = 0x0a;
const NO_CODES = new Uint8Array(0);

/** Where rows of COPY TO go, as CopyData messages. */
export interface CopySink {
  readonly buffer: OutputBuffer;
  /** The promise, if there is one, resolves when more may come. */
  flush(): Promise<void> | undefined;
}

/** Gives others a turn, and throws when the statement was cancelled. */
export interface CopyPace {
  yieldIfDue(): Promise<void> | undefined;
}

export interface CopyEncoderOptions {
  readonly format: CopyFormat;
  readonly columns: readonly CopyColumn[];
  readonly typeContext: TypeContext;
  readonly sink: CopySink;
  readonly pace: CopyPace;
}

/** Batches → CopyData messages, one for each row. */
export class CopyEncoder {
  readonly #options: CopyEncoderOptions;
  readonly #cells: readonly CopyCells[];
  readonly #sources: readonly CellSource[];
  readonly #dictionaries: (object | undefined)[];
  #hasBinaryHeader = false;

  constructor(options: CopyEncoderOptions) {
    const { format, columns, typeContext } = options;
    this.#options = options;
    const isBinary = format.kind === 'binary';
    this.#sources = columns.map(({ type }) => new CellSource(type.definition, typeContext, { isBinary }));
    this.#dictionaries = columns.map(() => undefined);
    const ofText = textEscape(format);
    this.#cells = columns.map(({ name }, at) => {
      const isForced = isChosen(format.forceQuote, name);
      return {
        source: this.#sources[at],
        escape: format.kind === 'csv' ? csvEscape(format, { isForced, isAlone: columns.length === 1 }) : ofText,
        checksAll: isForced || mayStandInNumbers(format),
        plainCodes: NO_CODES,
      };
    });
  }

  /** The header, if there is one. That of the binary format is one message with what comes next. */
  begin(): void {
    const { format, columns, sink } = this.#options;
    const { buffer } = sink;
    if (format.kind === 'binary' || format.header === 'none') return;
    const start = this.#beginMessage();
    for (const [at, { name }] of columns.entries()) {
      if (at > 0) buffer.uint8(format.delimiter);
      const cellStart = buffer.length;
      buffer.text(name);
      const unforced =
        format.kind === 'csv' ? csvEscape(format, { isForced: false, isAlone: columns.length === 1 }) : undefined;
      (unforced ?? this.#cells[at].escape).apply(buffer, cellStart);
    }
    buffer.uint8(NEWLINE);
    this.#endMessage(start);
  }

  /** All rows of a batch, which must stay as it is until the promise, if there is one, resolves. */
  write(batch: Batch): Promise<void> | undefined {
    for (const [at, source] of this.#sources.entries()) {
      const column = batch.columns[at];
      source.open(column, batch.rowCount);
      const dictionary = column.kind === 'dictionary' ? column.dictionary : undefined;
      if (dictionary === this.#dictionaries[at]) continue;
      this.#dictionaries[at] = dictionary;
      this.#cells[at].plainCodes = NO_CODES;
    }
    if (this.#options.format.kind === 'binary') findNeighbours(this.#sources);
    return this.#writeFrom(batch, 0);
  }

  /** What comes behind the last row. */
  end(): void {
    if (this.#options.format.kind !== 'binary') return;
    const start = this.#beginMessage();
    this.#options.sink.buffer.int16(-1);
    this.#endMessage(start);
    this.#putHeaderInto(start);
  }

  #writeFrom(batch: Batch, from: number): Promise<void> | undefined {
    const { sink, pace, format } = this.#options;
    let row = from;
    for (;;) {
      row = this.#writeSome(batch, row, sink.buffer, format);
      if (sink.buffer.length < FLUSH_BYTES) return undefined;
      const pause = sink.flush() ?? pace.yieldIfDue();
      if (pause !== undefined) return this.#writeRest(pause, batch, row);
    }
  }

  async #writeRest(pause: Promise<void>, batch: Batch, from: number): Promise<void> {
    const { sink, pace, format } = this.#options;
    await pause;
    let row = from;
    while (row < batch.rowCount) {
      const turn = pace.yieldIfDue();
      if (turn !== undefined) await turn;
      row = this.#writeSome(batch, row, sink.buffer, format);
      const drained = sink.buffer.length < FLUSH_BYTES ? undefined : sink.flush();
      if (drained !== undefined) await drained;
    }
  }

  #writeSome(batch: Batch, from: number, buffer: OutputBuffer, format: CopyFormat): number {
    if (format.kind !== 'binary') return writeCopyRows(this.#cells, from, batch.rowCount, buffer, format);
    const start = buffer.length;
    const to = this.#hasBinaryHeader || from === batch.rowCount ? batch.rowCount : from + 1;
    const next = writeRows(this.#sources, from, to, buffer, COPY_DATA);
    if (next > from) this.#putHeaderInto(start);
    return next < to || to === batch.rowCount
      ? next
      : writeRows(this.#sources, next, batch.rowCount, buffer, COPY_DATA);
  }

  /** The first message, at `start` and the last one so far, begins with the header: clients look for it there. */
  #putHeaderInto(start: number): void {
    if (this.#hasBinaryHeader) return;
    this.#hasBinaryHeader = true;
    const { buffer } = this.#options.sink;
    const body = buffer.bytes.slice(start + FRAME_BYTES, buffer.length);
    buffer.length = start + FRAME_BYTES;
    buffer.append(BINARY_SIGNATURE);
    buffer.int32(0);
    buffer.int32(0);
    buffer.append(body);
    this.#endMessage(start);
  }

  #beginMessage(): number {
    const { buffer } = this.#options.sink;
    const start = buffer.length;
    buffer.uint8(COPY_DATA);
    buffer.int32(0);
    return start;
  }

  #endMessage(start: number): void {
    const { buffer } = this.#options.sink;
    buffer.view.setInt32(start + 1, buffer.length - start - 1);
  }
}

/** Whether what must be escaped, or be told from NULL, may occur in numbers, dates and words such as true. */
function mayStandInNumbers({ kind, delimiter, quote, nullText }: CopyFormat): boolean {
  const inNumbers = /[-+.: /0-9A-Za-z]/;
  const bytes = kind === 'csv' ? [delimiter, quote] : [delimiter];
  if (bytes.some((byte) => inNumbers.test(String.fromCharCode(byte)))) return true;
  return kind === 'csv' && nullText.length > 0 && inNumbers.test(String.fromCharCode(nullText[0]));
}
