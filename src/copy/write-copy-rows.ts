import { CellKind, type CellSource } from '../cells/cell-source.ts';
import { NUMBER_BYTES, writeInteger } from '../cells/decimal-text.ts';
import { COPY_BYTES } from '../cells/encoded-dictionary.ts';
import { writeDouble, writeSingle } from '../cells/float-text.ts';
import { INSTANT_BYTES, writeTimeOfDay } from '../cells/instant-text.ts';
import { FLUSH_BYTES, type OutputBuffer } from '../cells/output-buffer.ts';
import type { CellEscape } from './text-escape.ts';

/** 'd' | length (int32): each row is a message of its own, as clients expect who read rows one by one. */
export const COPY_DATA = 0x64;
const HEADER_BYTES = 5;
/** Length word of an encoded cell, which is left out here. */
const LENGTH_BYTES = 4;
const NEWLINE = 0x0a;
/** Room for any cell of fixed size, the delimiter, and the last copied word of any other. */
const CELL_BYTES = 1 + Math.max(NUMBER_BYTES, INSTANT_BYTES, COPY_BYTES);
/** Beyond this length of a cell, a view and `set` are faster than a loop over words. */
const LOOP_BYTES = 48;

/** A column on its way out. */
export interface CopyCells {
  readonly source: CellSource;
  readonly escape: CellEscape;
  /** Numbers and dates too are looked at for what must be escaped. */
  readonly checksAll: boolean;
  /** Per code of the dictionary at hand, whether its string stands for itself: 1 = yes, 2 = no, 0 = not known yet. */
  plainCodes: Uint8Array;
}

export interface CopyRowForm {
  readonly delimiter: number;
  readonly nullText: Uint8Array;
}

/**
 * Rows from `from` until `to`, or until the buffer is worth a write, in COPY's text or csv format; returns the first row
 * that is still to come. One loop for all kinds of cells, as in `cells/write-rows.ts`.
 */
export function writeCopyRows(
  cells: readonly CopyCells[],
  from: number,
  to: number,
  out: OutputBuffer,
  { delimiter, nullText }: CopyRowForm,
): number {
  const width = cells.length;
  const room = HEADER_BYTES + 1 + width * (CELL_BYTES + nullText.length);
  let { bytes, view } = out;
  let at = out.length;
  let start = at;
  let row = from;
  try {
    for (; row < to && at < FLUSH_BYTES; row++) {
      start = at;
      if (at + room > bytes.length) {
        out.length = at;
        out.reserve(room);
        ({ bytes, view } = out);
      }
      bytes[at] = COPY_DATA;
      at += HEADER_BYTES;
      for (let column = 0; column < width; column++) {
        if (column > 0) bytes[at++] = delimiter;
        const item = cells[column];
        const { source } = item;
        const { validity } = source;
        if (validity !== undefined && validity[row] === 0) {
          for (let index = 0; index < nullText.length; index++) bytes[at++] = nullText[index];
          continue;
        }
        let end: number;
        switch (source.kind) {
          case CellKind.IntegerText:
            end = writeInteger(bytes, at, source.numbers[row]);
            break;
          case CellKind.DoubleText:
            end = writeDouble(bytes, at, source.numbers[row]);
            break;
          case CellKind.SingleText:
            end = writeSingle(bytes, at, source.numbers[row]);
            break;
          case CellKind.InstantText:
            end = source.instants.writeInstant(bytes, at, source.numbers[row]);
            break;
          case CellKind.DateText:
            end = source.instants.writeDate(bytes, at, source.numbers[row]);
            break;
          case CellKind.TimeText:
            end = writeTimeOfDay(bytes, at, source.numbers[row]);
            break;
          case CellKind.BooleanText:
            bytes[at] = source.bytes[row] === 1 ? 0x74 : 0x66;
            end = at + 1;
            break;
          case CellKind.EncodedDictionary: {
            const code = source.codes[row];
            const { encoded } = source;
            const size = encoded.sizeOf(code) - LENGTH_BYTES;
            const cellStart = encoded.starts[code] + LENGTH_BYTES;
            if (at + size + room > bytes.length) {
              out.length = at;
              out.reserve(size + room);
              ({ bytes, view } = out);
            }
            if (size > LOOP_BYTES) bytes.set(encoded.cell(cellStart, size), at);
            else {
              const texts = encoded.view;
              for (let index = 0; index < size; index += COPY_BYTES) {
                view.setInt32(at + index, texts.getInt32(cellStart + index, true), true);
              }
            }
            end = at + size;
            if (isPlainCode(item, code, bytes, at, end)) {
              at = end;
              continue;
            }
            break;
          }
          default:
            end = -1;
        }
        if (end >= 0 && source.kind !== CellKind.EncodedDictionary && !item.checksAll) {
          at = end;
          continue;
        }
        out.length = end < 0 ? at : end;
        if (end < 0) writeLongCell(source, row, out);
        item.escape.apply(out, at);
        at = out.length;
        out.reserve(room);
        ({ bytes, view } = out);
      }
      bytes[at++] = NEWLINE;
      view.setInt32(start + 1, at - start - 1);
    }
  } catch (error) {
    // Half a row is no message.
    out.length = start;
    throw error;
  }
  out.length = at;
  return row;
}

function isPlainCode(cells: CopyCells, code: number, bytes: Uint8Array, from: number, to: number): boolean {
  if (code >= cells.plainCodes.length) {
    const grown = new Uint8Array(Math.max(code + 1, cells.plainCodes.length * 2));
    grown.set(cells.plainCodes);
    cells.plainCodes = grown;
  }
  const known = cells.plainCodes[code];
  if (known !== 0) return known === 1;
  const isPlain = cells.escape.isPlain(bytes, from, to);
  cells.plainCodes[code] = isPlain ? 1 : 2;
  return isPlain;
}

/** Strings, and what has no way of its own. */
function writeLongCell(source: CellSource, row: number, out: OutputBuffer): void {
  switch (source.kind) {
    case CellKind.DictionaryStrings:
      out.text(source.strings[source.codes[row]]);
      break;
    case CellKind.Strings:
      out.text(source.strings[row]);
      break;
    case CellKind.Utf8:
      out.append(source.bytes.subarray(source.codes[row], source.codes[row + 1]));
      break;
    default: {
      const start = out.length;
      source.writeFormatted(row, out);
      out.bytes.copyWithin(start, start + LENGTH_BYTES, out.length);
      out.length -= LENGTH_BYTES;
    }
  }
}
