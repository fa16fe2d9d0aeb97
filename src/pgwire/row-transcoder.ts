import type { OutputBuffer } from '../cells/output-buffer.ts';
import type { ResultColumn } from '../session/result-column.ts';
import { type EncodingName, encodedUtf8 } from '../types/text-encoding.ts';
import { convertTexts, type TextPlace, textPlace } from './binary-text.ts';
import { BINARY_FORMAT } from './message-code.ts';
import { formatOf } from './row-description.ts';

/** Code and length of a message, and the count of its columns. */
const HEADER_BYTES = 7;

/** DataRow messages in UTF-8 → the same ones in the client's encoding. */
export class RowTranscoder {
  readonly #places: readonly TextPlace[];
  readonly #convert: (bytes: Uint8Array) => Uint8Array;

  constructor(columns: readonly ResultColumn[], formats: readonly number[], encoding: EncodingName) {
    this.#places = columns.map(({ type }, index) =>
      formatOf(formats, index) === BINARY_FORMAT ? textPlace(type.definition) : 'whole',
    );
    this.#convert = (bytes) => encodedUtf8(bytes, encoding);
  }

  /** Whole messages. Those before one that throws 22P05 are written. */
  write(rows: Uint8Array, out: OutputBuffer): void {
    const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
    for (let at = 0; at < rows.length; ) {
      const end = at + 1 + view.getInt32(at + 1);
      this.#writeRow(rows, view, at, out);
      at = end;
    }
  }

  #writeRow(rows: Uint8Array, view: DataView, from: number, out: OutputBuffer): void {
    const cells: (Uint8Array | undefined)[] = [];
    let at = from + HEADER_BYTES;
    let sizeBytes = HEADER_BYTES - 1;
    for (const place of this.#places) {
      const length = view.getInt32(at);
      at += 4;
      const cell = length < 0 ? undefined : convertTexts(rows.subarray(at, at + length), place, this.#convert);
      cells.push(cell);
      sizeBytes += 4 + (cell?.length ?? 0);
      at += Math.max(length, 0);
    }
    out.uint8(rows[from]);
    out.int32(sizeBytes);
    out.int16(cells.length);
    for (const cell of cells) {
      out.int32(cell?.length ?? -1);
      if (cell !== undefined) out.append(cell);
    }
  }
}
