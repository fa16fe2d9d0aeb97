import type { CopyFormat } from './copy-format.ts';

const BACKSLASH = 0x5c;
const LETTER_N = 0x4e;
const DOUBLE_QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** Tab, comma, semicolon, bar: no byte of a number or an instant. */
const DELIMITERS: ReadonlySet<number> = new Set([0x09, 0x2c, 0x3b, 0x7c]);

/** What plain cells are separated by, and what else stands in none of them. */
export interface PlainBytes {
  readonly delimiter: number;
  /** NULL is a cell of no bytes; otherwise it is `\N`. */
  readonly isNullEmpty: boolean;
  /** 1: a byte at which a plain cell ends, or is none. */
  readonly special: Uint8Array;
}

/** undefined: the options are not those with which cells may be read as they come (see `PlainRows`). */
export function plainBytes(format: CopyFormat): PlainBytes | undefined {
  const { kind, delimiter, quote, nullText, defaultText, forceNotNull, forceNull } = format;
  if (kind === 'binary' || defaultText !== undefined || !DELIMITERS.has(delimiter)) return undefined;
  if (forceNotNull.length > 0 || forceNull.length > 0) return undefined;
  if (kind === 'csv' && quote !== DOUBLE_QUOTE) return undefined;
  const isNullEmpty = nullText.length === 0;
  const isUsual = kind === 'text' && nullText.length === 2 && nullText[0] === BACKSLASH && nullText[1] === LETTER_N;
  if (!isNullEmpty && !isUsual) return undefined;
  const special = new Uint8Array(256);
  for (const byte of [delimiter, NEWLINE, RETURN, kind === 'csv' ? DOUBLE_QUOTE : BACKSLASH]) special[byte] = 1;
  return { delimiter, isNullEmpty, special };
}

/** Behind a NULL cell written `\N` that begins at `at`; -1: it does not. Bytes end in a newline. */
export function behindNullMark(bytes: Uint8Array, at: number, { special }: PlainBytes): number {
  return bytes[at] === BACKSLASH && bytes[at + 1] === LETTER_N && special[bytes[at + 2]] === 1 ? at + 2 : -1;
}
