import type { OutputBuffer } from '../cells/output-buffer.ts';
import { encodedUtf8, isServerEncoding } from '../types/text-encoding.ts';
import type { CopyFormat } from './copy-format.ts';
import { isSame } from './split-text.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BACKSLASH = 0x5c;
const POINT = 0x2e;

/** The letter behind the backslash for these control characters. */
const LETTERS = new Uint8Array(256);
for (const [letter, byte] of Object.entries({ b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 })) {
  LETTERS[byte] = letter.charCodeAt(0);
}

/** What a cell must have around or within it so that it is read back as it is. */
export interface CellEscape {
  /** Whether the bytes from `from` to `to` stand for themselves. */
  isPlain(bytes: Uint8Array, from: number, to: number): boolean;
  /** Gives the cell that was written from `start` to the end of `out` what it needs. */
  apply(out: OutputBuffer, start: number): void;
}

export function textEscape({ delimiter, encoding }: CopyFormat): CellEscape {
  const special = new Uint8Array(256);
  for (const byte of [8, 9, 10, 11, 12, 13, BACKSLASH, delimiter]) special[byte] = 1;
  if (!isServerEncoding(encoding)) special.fill(1, 0x80);
  return {
    isPlain: (bytes, from, to) => hasNone(special, bytes, from, to),
    apply(out, start) {
      if (hasNone(special, out.bytes, start, out.length)) return;
      const cell = encodedUtf8(out.bytes.slice(start, out.length), encoding);
      out.length = start;
      out.reserve(cell.length * 2);
      for (const byte of cell) {
        if (byte < 0x80 && special[byte] === 1) {
          out.bytes[out.length++] = BACKSLASH;
          out.bytes[out.length++] = LETTERS[byte] === 0 ? byte : LETTERS[byte];
        } else out.bytes[out.length++] = byte;
      }
    },
  };
}

/** `isForced`: quoted whatever it is; `isAlone`: the only cell of its row. */
export function csvEscape(
  { delimiter, quote, escape: escapeByte, nullText, encoding }: CopyFormat,
  { isForced, isAlone }: { readonly isForced: boolean; readonly isAlone: boolean },
): CellEscape {
  const special = new Uint8Array(256);
  for (const byte of [delimiter, quote, NEWLINE, RETURN]) special[byte] = 1;
  if (!isServerEncoding(encoding)) special.fill(1, 0x80);
  const isLikeNull = (bytes: Uint8Array, from: number, to: number): boolean =>
    isSame(bytes, from, to, nullText) ||
    (isAlone && to - from === 2 && bytes[from] === BACKSLASH && bytes[from + 1] === POINT);
  const isPlain = (bytes: Uint8Array, from: number, to: number): boolean =>
    !isForced && hasNone(special, bytes, from, to) && !isLikeNull(bytes, from, to);
  return {
    isPlain,
    apply(out, start) {
      if (isPlain(out.bytes, start, out.length)) return;
      const cell = encodedUtf8(out.bytes.slice(start, out.length), encoding);
      const isQuoted =
        isForced || isLikeNull(cell, 0, cell.length) || cell.some((byte) => byte < 0x80 && special[byte] === 1);
      out.length = start;
      out.reserve(cell.length * 2 + 2);
      if (isQuoted) out.bytes[out.length++] = quote;
      for (const byte of cell) {
        if (isQuoted && (byte === quote || byte === escapeByte)) out.bytes[out.length++] = escapeByte;
        out.bytes[out.length++] = byte;
      }
      if (isQuoted) out.bytes[out.length++] = quote;
    },
  };
}

function hasNone(special: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (special[bytes[at]] === 1) return false;
  return true;
}
