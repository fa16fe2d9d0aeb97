import type { Batch } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import type { Dictionary } from '../columnar/dictionary.ts';
import type { ResultColumn } from '../session/result-column.ts';
import type { TypeContext } from '../types/type-definition.ts';
import { type BackendWriter, FLUSH_BYTES } from './backend-writer.ts';
import { binaryCells } from './binary-cells.ts';
import { type CellWriter, isPlainText } from './cell-writer.ts';
import { BackendCode, BINARY_FORMAT } from './message-code.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { formatOf } from './row-description.ts';
import { DictionaryCells, EncodedDictionary, EncodedDictionaryCells, StringCells, Utf8Cells } from './string-cells.ts';
import { textCells } from './text-cells.ts';

/** A dictionary this many times larger than a batch is not worth a table of its codes. */
const SPARSE_FACTOR = 8;

/**
 * Batches → DataRow messages, written straight from the columns into the output buffer.
 *
 *   'D' | length (int32) | column count (int16) | per column: length (int32, -1 for NULL) | bytes
 */
export class RowEncoder {
  readonly #columns: readonly ResultColumn[];
  readonly #formats: readonly number[];
  readonly #context: TypeContext;
  readonly #dictionaries = new Map<Dictionary, EncodedDictionary>();

  constructor(columns: readonly ResultColumn[], formats: readonly number[], context: TypeContext) {
    this.#columns = columns;
    this.#formats = formats;
    this.#context = context;
  }

  /** Writes all rows of a batch; waits whenever the client has not taken what was written before. */
  async write(batch: Batch, out: BackendWriter): Promise<void> {
    const cells = batch.columns.map((column, index) => this.#cellsOf(column, index, batch.rowCount));
    const validities = batch.columns.map((column) => column.validity);
    let row = 0;
    while (row < batch.rowCount) {
      row = writeRows(row, batch.rowCount, cells, validities, out.buffer);
      const drained = out.flushIfFull();
      if (drained !== undefined) await drained;
    }
  }

  #cellsOf(column: Column, index: number, rowCount: number): CellWriter {
    const type = this.#columns[index]!.type.definition;
    if (isPlainText(type)) {
      // Text is the same bytes in both formats.
      switch (column.kind) {
        case 'dictionary':
          return column.dictionary.size > rowCount * SPARSE_FACTOR
            ? new DictionaryCells(column)
            : new EncodedDictionaryCells(column, this.#encodedDictionary(column.dictionary));
        case 'bytes':
          return new Utf8Cells(column);
        case 'value':
          return new StringCells(column);
      }
    }
    return formatOf(this.#formats, index) === BINARY_FORMAT
      ? binaryCells(column, type)
      : textCells(column, type, this.#context);
  }

  #encodedDictionary(dictionary: Dictionary): EncodedDictionary {
    let encoded = this.#dictionaries.get(dictionary);
    if (encoded === undefined) {
      encoded = new EncodedDictionary(dictionary);
      this.#dictionaries.set(dictionary, encoded);
    }
    return encoded;
  }
}

/** Rows from `from` until the buffer is worth a write; returns the first row that is still to come. */
function writeRows(
  from: number,
  rowCount: number,
  cells: readonly CellWriter[],
  validities: readonly (Uint8Array | undefined)[],
  out: OutputBuffer,
): number {
  const width = cells.length;
  let row = from;
  let start = out.length;
  try {
    for (; row < rowCount && out.length < FLUSH_BYTES; row++) {
      start = out.length;
      out.reserve(7);
      out.bytes[start] = BackendCode.DataRow;
      out.length = start + 5;
      out.int16(width);
      for (let column = 0; column < width; column++) {
        const validity = validities[column];
        if (validity !== undefined && validity[row] === 0) out.int32(-1);
        else cells[column]!.write(row, out);
      }
      out.view.setInt32(start + 1, out.length - start - 1);
    }
  } catch (error) {
    // Half a row is no message: the client would wait for its rest and never see the error.
    out.length = start;
    throw error;
  }
  return row;
}
