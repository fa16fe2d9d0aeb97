import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { badCopyData } from './bad-copy-data.ts';
import { type CellBlock, DEFAULT_CELL, NULL_CELL } from './cell-block.ts';
import type { CopyFormat } from './copy-format.ts';
import { BACKSLASH, INCOMPLETE, LineSplitter, NEWLINE, NO_LINE, POINT, RETURN } from './line-splitter.ts';
import { UNSHOWN } from './row-splitter.ts';

const SMALL_X = 0x78;

/** What a letter behind a backslash stands for. */
const ESCAPES = new Uint8Array(256);
for (const [letter, byte] of Object.entries({ b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 })) {
  ESCAPES[letter.charCodeAt(0)] = byte;
}

type SplitterOptions = Pick<CopyFormat, 'delimiter' | 'nullText' | 'defaultText'>;

/**
 * COPY's text format: a line for each row, a byte between cells, and backslashes before what would be mistaken.
 * `columnNames`: of the cells of a row.
 */
export class TextSplitter extends LineSplitter {
  readonly #delimiter: number;
  readonly #nullText: Uint8Array;
  readonly #defaultText: Uint8Array | undefined;
  /** 1: a byte at which a cell may end or change its meaning. */
  readonly #special = new Uint8Array(256);
  /** No special byte but the backslash is beyond it. */
  readonly #lastSpecial: number;
  /** Of the row at hand. */
  #lineStart = 0;

  constructor({ delimiter, nullText, defaultText }: SplitterOptions, columnNames: readonly string[]) {
    super(columnNames);
    this.#delimiter = delimiter;
    this.#nullText = nullText;
    this.#defaultText = defaultText;
    for (const byte of [delimiter, NEWLINE, RETURN, BACKSLASH]) this.#special[byte] = 1;
    this.#lastSpecial = Math.max(delimiter, RETURN);
  }

  protected strayEnd(byte: typeof NEWLINE | typeof RETURN): SqlError {
    return byte === NEWLINE ? literalNewline() : literalReturn();
  }

  protected line(block: CellBlock, lineStart: number, to: number, isEnd: boolean): number {
    if (lineStart === to) return isEnd ? NO_LINE : INCOMPLETE;
    const { bytes, width } = block;
    const special = this.#special;
    const lastSpecial = this.#lastSpecial;
    const delimiter = this.#delimiter;
    const { rowCount } = block;
    let cell = rowCount * width;
    const lastCell = cell + width;
    let cellCount = 0;
    let at = lineStart;
    let cellStart = at;
    let hasEscapes = false;
    // The loop below needs no bound: a newline stands behind the data.
    bytes[to] = NEWLINE;
    this.#lineStart = lineStart;
    this.lineNumber += 1;
    for (;;) {
      let byte = bytes[at];
      while ((byte > lastSpecial && byte !== BACKSLASH) || special[byte] === 0) byte = bytes[++at];
      if (byte === delimiter) {
        if (cell < lastCell) this.#store(block, cell++, cellStart, at, hasEscapes);
        cellCount += 1;
        cellStart = ++at;
        hasEscapes = false;
        continue;
      }
      if (byte === BACKSLASH) {
        if (at + 1 >= to) {
          if (!isEnd) return this.incomplete();
          at += 1;
          continue;
        }
        if (bytes[at + 1] === POINT) {
          const next = this.#endMark(bytes, at + 2, to, isEnd);
          if (next === INCOMPLETE) return this.incomplete();
          if (this.problem !== undefined) return at;
          this.hasEnded = true;
          if (at === lineStart) {
            this.lineNumber -= 1;
            return NO_LINE;
          }
          if (cell < lastCell) this.#store(block, cell, cellStart, at, hasEscapes);
          return this.#finishLine(block, lineStart, at, cellCount + 1, next);
        }
        hasEscapes = true;
        at += 2;
        continue;
      }
      if (at >= to && !isEnd) return this.incomplete();
      const lineEnd = Math.min(at, to);
      const next = at >= to ? to : this.lineEndAt(bytes, at, to, isEnd);
      if (next === INCOMPLETE) return this.incomplete();
      if (cell < lastCell) this.#store(block, cell, cellStart, lineEnd, hasEscapes);
      return this.#finishLine(block, lineStart, lineEnd, cellCount + 1, next);
    }
  }

  #finishLine(block: CellBlock, lineStart: number, lineEnd: number, cellCount: number, next: number): number {
    const { rowCount } = block;
    block.rowStarts[rowCount] = lineStart;
    block.rowEnds[rowCount] = lineEnd;
    block.lineNumbers[rowCount] = this.lineNumber;
    this.cellCount = cellCount;
    // A cell that was refused is shown with its whole line.
    if (this.problem?.lineStart === lineStart) this.problem = { ...this.problem, lineEnd };
    return next;
  }

  /** Behind `\.` the line must end, as the lines before it did. */
  #endMark(bytes: Uint8Array, at: number, to: number, isEnd: boolean): number {
    if (at >= to) return isEnd ? to : INCOMPLETE;
    const before = this.lineEnd;
    if (bytes[at] === RETURN && before !== 'newline') {
      if (at + 1 >= to && !isEnd && before !== 'return') return INCOMPLETE;
      if (at + 1 < to && bytes[at + 1] === NEWLINE && before !== 'return') return at + 2;
      if (before !== 'both') return at + 1;
      this.refuse(badCopyData('end-of-copy marker does not match previous newline style'), UNSHOWN, 0);
      return at;
    }
    if (bytes[at] === NEWLINE && before !== 'return' && before !== 'both') return at + 1;
    const isOtherEnd = bytes[at] === NEWLINE || bytes[at] === RETURN;
    const message = isOtherEnd
      ? 'end-of-copy marker does not match previous newline style'
      : 'end-of-copy marker corrupt';
    this.refuse(badCopyData(message), UNSHOWN, 0);
    return at;
  }

  #store(block: CellBlock, cell: number, start: number, end: number, hasEscapes: boolean): void {
    const { bytes } = block;
    block.starts[cell] = start;
    if (isSame(bytes, start, end, this.#nullText)) block.ends[cell] = NULL_CELL;
    else if (this.#defaultText !== undefined && isSame(bytes, start, end, this.#defaultText)) {
      block.ends[cell] = DEFAULT_CELL;
    } else if (hasEscapes) this.#unescape(block, cell, start, end);
    else block.ends[cell] = end;
  }

  #unescape(block: CellBlock, cell: number, start: number, end: number): void {
    const { bytes } = block;
    let target = block.scratchAt;
    block.starts[cell] = target;
    for (let at = start; at < end; ) {
      const byte = bytes[at++];
      if (byte !== BACKSLASH || at >= end) {
        bytes[target++] = byte;
        continue;
      }
      const next = bytes[at++];
      if (next >= 0x30 && next <= 0x37) {
        let value = next - 0x30;
        for (let digits = 1; digits < 3 && at < end && bytes[at] >= 0x30 && bytes[at] <= 0x37; digits++) {
          value = value * 8 + bytes[at++] - 0x30;
        }
        bytes[target++] = value & 0xff;
      } else if (next === SMALL_X && at < end && hexDigit(bytes[at]) >= 0) {
        let value = hexDigit(bytes[at++]);
        if (at < end && hexDigit(bytes[at]) >= 0) value = value * 16 + hexDigit(bytes[at++]);
        bytes[target++] = value;
      } else {
        bytes[target++] = ESCAPES[next] === 0 ? next : ESCAPES[next];
      }
      if (bytes[target - 1] === 0) this.refuse(zeroByte(), this.#lineStart, this.#lineStart);
    }
    block.ends[cell] = target;
    // Between two cells something that is a character by itself, so that the halves of one in each are not taken for whole.
    bytes[target] = NEWLINE;
    block.scratchAt = target + 1;
  }
}

export function isSame(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  const { length } = text;
  if (end - start !== length) return false;
  for (let index = 0; index < length; index++) if (bytes[start + index] !== text[index]) return false;
  return true;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function literalReturn(): SqlError {
  return badCopyData('literal carriage return found in data', 'Use "\\r" to represent carriage return.');
}

function literalNewline(): SqlError {
  return badCopyData('literal newline found in data', 'Use "\\n" to represent newline.');
}

function zeroByte(): SqlError {
  return new SqlError(SqlState.CharacterNotInRepertoire, 'invalid byte sequence for encoding "UTF8": 0x00');
}
