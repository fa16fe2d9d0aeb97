import { unreachable } from '../errors/invariant.ts';
import { CellKind, type CellSource } from './cell-source.ts';
import { NUMBER_BYTES, writeInteger } from './decimal-text.ts';
import { COPY_BYTES } from './encoded-dictionary.ts';
import { writeDouble, writeSingle } from './float-text.ts';
import { INSTANT_BYTES, writeTimeOfDay } from './instant-text.ts';
import { FLUSH_BYTES, type OutputBuffer } from './output-buffer.ts';

const HEADER_BYTES = 7;
/** Room for any cell of fixed size, and for the length word and the last copied word of any other. */
const CELL_BYTES = 4 + Math.max(NUMBER_BYTES, INSTANT_BYTES, COPY_BYTES);
/** Beyond this length of a cell, a view and `set` are faster than a loop over words. */
const LOOP_BYTES = 48;
const TWO_POW_32 = 4294967296;

const utf8 = new TextEncoder();

/**
 * DataRow messages (or CopyData in the binary format, whose rows have the same form) of the rows from `from` until `to`, or until the buffer is worth a write; returns the first row that is
 * still to come.
 *
 *   code | length (int32) | column count (int16) | per column: length (int32, -1 for NULL) | bytes
 *
 * One loop for all kinds of cells, which writes into the buffer itself: at millions of cells a second a call through an
 * interface for each is what a result costs. The room of a whole row is made before it; text of any length makes room for
 * itself and leaves that of the row.
 */
export function writeRows(
  sources: readonly CellSource[],
  from: number,
  to: number,
  out: OutputBuffer,
  code: number,
): number {
  const width = sources.length;
  const room = HEADER_BYTES + width * CELL_BYTES;
  let { bytes, view } = out;
  let at = out.length;
  let start = at;
  let row = from;
  for (let column = 0; column < width; column++) sources[column].neighboursEndAt = 0;
  try {
    for (; row < to && at < FLUSH_BYTES; row++) {
      start = at;
      if (at + room > bytes.length) {
        out.length = at;
        out.reserve(room);
        ({ bytes, view } = out);
      }
      bytes[at] = code;
      view.setInt16(at + 5, width);
      at += HEADER_BYTES;
      let neighboursFirst = -1;
      for (let column = 0; column < width; column++) {
        const source = sources[column];
        const { validity } = source;
        if (validity !== undefined && validity[row] === 0) {
          view.setInt32(at, -1);
          at += 4;
          continue;
        }
        let end: number;
        const { kind } = source;
        switch (kind) {
          case CellKind.IntegerText:
            end = writeInteger(bytes, at + 4, source.numbers[row]);
            break;
          case CellKind.DoubleText:
            end = writeDouble(bytes, at + 4, source.numbers[row]);
            break;
          case CellKind.SingleText:
            end = writeSingle(bytes, at + 4, source.numbers[row]);
            break;
          case CellKind.InstantText:
            end = source.instants.writeInstant(bytes, at + 4, source.numbers[row]);
            break;
          case CellKind.DateText:
            end = source.instants.writeDate(bytes, at + 4, source.numbers[row]);
            break;
          case CellKind.TimeText:
            end = writeTimeOfDay(bytes, at + 4, source.numbers[row]);
            break;
          case CellKind.BooleanText:
            bytes[at + 4] = source.bytes[row] === 1 ? 0x74 : 0x66;
            end = at + 5;
            break;
          case CellKind.EncodedDictionary: {
            const { neighboursEnd } = source;
            if (neighboursEnd > 0) {
              const startAt = source.neighboursStartAt;
              const size = source.neighboursEndAt - startAt;
              if (size > 0 && sameCodes(sources, column, neighboursEnd, row)) {
                if (at + size + room > bytes.length) {
                  out.length = at;
                  out.reserve(size + room);
                  ({ bytes, view } = out);
                }
                bytes.copyWithin(at, startAt, startAt + size);
                source.neighboursStartAt = at;
                at += size;
                source.neighboursEndAt = at;
                column = neighboursEnd - 1;
                continue;
              }
              source.neighboursStartAt = at;
              neighboursFirst = column;
            }
            const code = source.codes[row];
            const { encoded } = source;
            const size = encoded.sizeOf(code);
            const cellStart = encoded.starts[code];
            if (at + size + room > bytes.length) {
              out.length = at;
              out.reserve(size + room);
              ({ bytes, view } = out);
            }
            if (size > LOOP_BYTES) bytes.set(encoded.cell(cellStart, size), at);
            else {
              const cells = encoded.view;
              for (let index = 0; index < size; index += COPY_BYTES) {
                view.setInt32(at + index, cells.getInt32(cellStart + index, true), true);
              }
            }
            // The length word came with the cell.
            at += size;
            if (neighboursFirst >= 0 && column + 1 === sources[neighboursFirst].neighboursEnd) {
              sources[neighboursFirst].neighboursEndAt = at;
              neighboursFirst = -1;
            }
            continue;
          }
          case CellKind.DictionaryStrings:
          case CellKind.Strings: {
            const text = source.strings[kind === CellKind.Strings ? row : source.codes[row]];
            const most = text.length * 3;
            if (at + most + room > bytes.length) {
              out.length = at;
              out.reserve(most + room);
              ({ bytes, view } = out);
            }
            end = writeText(bytes, at + 4, text);
            break;
          }
          case CellKind.Utf8: {
            const textStart = source.codes[row];
            const size = source.codes[row + 1] - textStart;
            if (at + size + room > bytes.length) {
              out.length = at;
              out.reserve(size + room);
              ({ bytes, view } = out);
            }
            const text = source.bytes;
            if (size > LOOP_BYTES) bytes.set(text.subarray(textStart, textStart + size), at + 4);
            else for (let index = 0; index < size; index++) bytes[at + 4 + index] = text[textStart + index];
            end = at + 4 + size;
            break;
          }
          case CellKind.Int16Binary:
            view.setInt16(at + 4, source.numbers[row]);
            end = at + 6;
            break;
          case CellKind.Int32Binary:
            view.setInt32(at + 4, source.numbers[row]);
            end = at + 8;
            break;
          case CellKind.Int64Binary: {
            const value = source.numbers[row];
            if (value === Number.POSITIVE_INFINITY) {
              view.setInt32(at + 4, 0x7fffffff);
              view.setInt32(at + 8, -1);
            } else if (value === Number.NEGATIVE_INFINITY) {
              view.setInt32(at + 4, -0x80000000);
              view.setInt32(at + 8, 0);
            } else {
              const high = Math.floor(value / TWO_POW_32);
              view.setInt32(at + 4, high);
              view.setUint32(at + 8, value - high * TWO_POW_32);
            }
            end = at + 12;
            break;
          }
          case CellKind.WideBinary:
            // The marks of ±infinity are the same on the wire.
            view.setInt32(at + 4, source.high[row]);
            view.setUint32(at + 8, source.codes[row]);
            end = at + 12;
            break;
          case CellKind.SingleBinary:
            view.setFloat32(at + 4, source.numbers[row]);
            end = at + 8;
            break;
          case CellKind.DoubleBinary:
            view.setFloat64(at + 4, source.numbers[row]);
            end = at + 12;
            break;
          case CellKind.BooleanBinary:
            bytes[at + 4] = source.bytes[row];
            end = at + 5;
            break;
          case CellKind.FormattedText:
          case CellKind.FormattedBinary:
            end = -1;
            break;
          default:
            return unreachable(kind);
        }
        if (end < 0) {
          out.length = at;
          source.writeFormatted(row, out);
          at = out.length;
          out.reserve(room);
          ({ bytes, view } = out);
        } else {
          view.setInt32(at, end - at - 4);
          at = end;
        }
      }
      view.setInt32(start + 1, at - start - 1);
    }
  } catch (error) {
    // Half a row is no message: the client would wait for its rest and never see the error.
    out.length = start;
    throw error;
  }
  out.length = at;
  return row;
}

/** Whether the columns from `first` to `end` (exclusive) have the same text as in the row before. */
function sameCodes(sources: readonly CellSource[], first: number, end: number, row: number): boolean {
  for (let column = first; column < end; column++) {
    const { codes } = sources[column];
    if (codes[row] !== codes[row - 1]) return false;
  }
  return true;
}

/** Short texts are mostly ASCII, and a loop beats the call into the encoder. */
function writeText(bytes: Uint8Array, at: number, text: string): number {
  const size = text.length;
  if (size <= 64) {
    let index = 0;
    while (index < size) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) break;
      bytes[at + index] = unit;
      index++;
    }
    if (index === size) return at + size;
  }
  return at + utf8.encodeInto(text, bytes.subarray(at)).written;
}
