import { CellSource, findNeighbours } from '../cells/cell-source.ts';
import { FLUSH_BYTES, OutputBuffer } from '../cells/output-buffer.ts';
import { writeRows } from '../cells/write-rows.ts';
import type { Batch } from '../columnar/batch.ts';
import type { ResultColumn } from '../session/result-column.ts';
import { type EncodingName, isServerEncoding } from '../types/text-encoding.ts';
import type { TypeContext } from '../types/type-definition.ts';
import type { BackendWriter } from './backend-writer.ts';
import { BackendCode, BINARY_FORMAT } from './message-code.ts';
import { formatOf } from './row-description.ts';
import { RowTranscoder } from './row-transcoder.ts';

/** Gives others a turn, and throws when the statement was cancelled. */
export interface Pace {
  yieldIfDue(): Promise<void> | undefined;
}

/** Batches → DataRow messages, written straight from the columns into the output buffer. */
export class RowEncoder {
  readonly #sources: readonly CellSource[];
  readonly #pace: Pace;
  /** Absent: the client takes UTF-8, as nearly all do. */
  readonly #transcoder: RowTranscoder | undefined;

  constructor(
    columns: readonly ResultColumn[],
    formats: readonly number[],
    context: TypeContext,
    pace: Pace,
    encoding: EncodingName = 'UTF8',
  ) {
    if (!isServerEncoding(encoding)) this.#transcoder = new RowTranscoder(columns, formats, encoding);
    this.#sources = columns.map(
      ({ type }, index) =>
        new CellSource(type.definition, context, { isBinary: formatOf(formats, index) === BINARY_FORMAT }),
    );
    this.#pace = pace;
  }

  #writeRows(row: number, batch: Batch, out: BackendWriter): number {
    const { buffer } = out;
    if (this.#transcoder === undefined)
      return writeRows(this.#sources, row, batch.rowCount, buffer, BackendCode.DataRow);
    const plain = new OutputBuffer();
    const next = writeRows(this.#sources, row, batch.rowCount, plain, BackendCode.DataRow);
    const { bytes, release } = plain.take();
    try {
      this.#transcoder.write(bytes, buffer);
    } finally {
      release?.();
    }
    return next;
  }

  /**
   * Writes all rows of a batch. Gives a promise as soon as the client has not taken what was written before, or others
   * are due; the batch must stay as it is until then.
   */
  write(batch: Batch, out: BackendWriter): Promise<void> | undefined {
    for (let index = 0; index < this.#sources.length; index++) {
      this.#sources[index].open(batch.columns[index], batch.rowCount);
    }
    findNeighbours(this.#sources);
    let row = 0;
    for (;;) {
      row = this.#writeRows(row, batch, out);
      if (out.buffer.length < FLUSH_BYTES && row >= batch.rowCount) return undefined;
      const pause = out.flush() ?? this.#pace.yieldIfDue();
      if (pause !== undefined) return this.#writeRest(pause, batch, row, out);
    }
  }

  async #writeRest(pause: Promise<void>, batch: Batch, from: number, out: BackendWriter): Promise<void> {
    await pause;
    let row = from;
    while (row < batch.rowCount) {
      const turn = this.#pace.yieldIfDue();
      if (turn !== undefined) await turn;
      row = this.#writeRows(row, batch, out);
      const drained = out.flushIfFull();
      if (drained !== undefined) await drained;
    }
  }
}
