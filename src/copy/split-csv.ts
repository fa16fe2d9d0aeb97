import type { SqlError } from '../errors/sql-error.ts';
import { badCopyData } from './bad-copy-data.ts';
import { type CellBlock, DEFAULT_CELL, NULL_CELL } from './cell-block.ts';
import { type CopyFormat, isChosen } from './copy-format.ts';
import { BACKSLASH, INCOMPLETE, LineSplitter, NEWLINE, NO_LINE, POINT, RETURN } from './line-splitter.ts';
import { isSame } from './split-text.ts';

type SplitterOptions = Pick<
  CopyFormat,
  'delimiter' | 'quote' | 'escape' | 'nullText' | 'defaultText' | 'forceNotNull' | 'forceNull'
>;

/** CSV as PostgreSQL has it: quotes may begin and end within a cell, and what was quoted is never NULL. */
export class CsvSplitter extends LineSplitter {
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  readonly #nullText: Uint8Array;
  readonly #defaultText: Uint8Array | undefined;
  /** Per cell of a row, FORCE_NOT_NULL and FORCE_NULL; undefined: none has either. */
  readonly #forces: readonly { readonly notNull: boolean; readonly isNull: boolean }[] | undefined;
  /** 1: a byte at which a cell without quotes may end, or get some. */
  readonly #special = new Uint8Array(256);
  /** No special byte is beyond it. Most bytes of a cell are, and need no look into the table. */
  readonly #lastSpecial: number;
  /** Of the row at hand: where it begins, and how many lines ended within quotes. */
  #lineStart = 0;
  #innerLines = 0;

  constructor(options: SplitterOptions, columnNames: readonly string[]) {
    super(columnNames);
    const { delimiter, quote, forceNotNull, forceNull } = options;
    this.#delimiter = delimiter;
    this.#quote = quote;
    this.#escape = options.escape;
    this.#nullText = options.nullText;
    this.#defaultText = options.defaultText;
    const forces = columnNames.map((name) => ({
      notNull: isChosen(forceNotNull, name),
      isNull: isChosen(forceNull, name),
    }));
    this.#forces = forces.some(({ notNull, isNull }) => notNull || isNull) ? forces : undefined;
    for (const byte of [delimiter, quote, NEWLINE, RETURN]) this.#special[byte] = 1;
    this.#lastSpecial = this.#special.lastIndexOf(1);
  }

  protected strayEnd(byte: typeof NEWLINE | typeof RETURN): SqlError {
    return byte === NEWLINE ? unquotedNewline() : unquotedReturn();
  }

  protected line(block: CellBlock, lineStart: number, to: number, isEnd: boolean): number {
    if (lineStart === to) return isEnd ? NO_LINE : INCOMPLETE;
    const { bytes, width, starts, ends } = block;
    const special = this.#special;
    const lastSpecial = this.#lastSpecial;
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    const isPlain = this.#forces === undefined && this.#defaultText === undefined && this.#nullText.length === 0;
    let cell = block.rowCount * width;
    const lastCell = cell + width;
    let cellCount = 0;
    let at = lineStart;
    let cellStart = at;
    // The loops below need no bound: a newline stands behind the data.
    bytes[to] = NEWLINE;
    this.#lineStart = lineStart;
    this.#innerLines = 0;
    this.lineNumber += 1;
    if (bytes[at] === BACKSLASH) {
      const mark = this.#endMark(bytes, at, to, isEnd);
      if (mark === INCOMPLETE) return this.incomplete();
      if (mark >= 0) {
        this.hasEnded = true;
        this.lineNumber -= 1;
        return NO_LINE;
      }
    }
    for (;;) {
      let byte = bytes[at];
      while (byte > lastSpecial || special[byte] === 0) byte = bytes[++at];
      if (byte === quote && at < to) {
        at = this.#quoted(block, cellStart, at, to, isEnd, cell < lastCell ? cell : -1);
        if (at === INCOMPLETE) return this.incomplete();
        if (this.problem !== undefined) return to;
        if (cell < lastCell) this.#check(block, cell++, true);
        byte = bytes[at];
      } else if (cell < lastCell) {
        const end = Math.min(at, to);
        starts[cell] = cellStart;
        if (isPlain) ends[cell++] = end === cellStart ? NULL_CELL : end;
        else {
          ends[cell] = end;
          this.#check(block, cell++, false);
        }
      }
      cellCount += 1;
      if (byte === delimiter && at < to) {
        cellStart = ++at;
        continue;
      }
      if (at >= to && !isEnd) return this.incomplete();
      const lineEnd = Math.min(at, to);
      const next = at >= to ? to : this.lineEndAt(bytes, at, to, isEnd);
      if (next === INCOMPLETE) return this.incomplete();
      const { rowCount } = block;
      this.lineNumber += this.#innerLines;
      block.rowStarts[rowCount] = lineStart;
      block.rowEnds[rowCount] = lineEnd;
      block.lineNumbers[rowCount] = this.lineNumber;
      this.cellCount = cellCount;
      return next;
    }
  }

  /**
   * The rest of a cell in which a quote was met at `at`, put into `cell` (-1: nowhere); returns where it ends: at a
   * delimiter, at the end of a line, or at `to`.
   */
  #quoted(block: CellBlock, cellStart: number, at: number, to: number, isEnd: boolean, cell: number): number {
    const { bytes } = block;
    const special = this.#special;
    const quote = this.#quote;
    const escapeByte = this.#escape;
    if (cellStart === at && quote === escapeByte) {
      // Mostly there is one pair of quotes around the cell, and nothing to take off within.
      const close = bytes.indexOf(quote, at + 1);
      if (close >= 0 && close + 1 < to && special[bytes[close + 1]] === 1 && bytes[close + 1] !== quote) {
        if (cell >= 0) {
          block.starts[cell] = at + 1;
          block.ends[cell] = close;
        }
        this.#countLines(bytes, at + 1, close);
        return close + 1;
      }
    }
    let target = block.scratchAt;
    const start = target;
    for (let index = cellStart; index < at; index++) bytes[target++] = bytes[index];
    let isInQuotes = false;
    let quoteStart = at;
    for (;;) {
      if (at >= to) {
        if (!isEnd) return INCOMPLETE;
        if (!isInQuotes) break;
        this.#countLines(bytes, quoteStart, to);
        this.lineNumber += this.#innerLines;
        this.refuse(badCopyData('unterminated CSV quoted field'), this.#lineStart, to);
        return to;
      }
      const byte = bytes[at];
      if (isInQuotes) {
        if (byte === escapeByte) {
          if (at + 1 >= to && !isEnd) return INCOMPLETE;
          const next = at + 1 < to ? bytes[at + 1] : -1;
          if (next === quote || next === escapeByte) {
            bytes[target++] = next;
            at += 2;
            continue;
          }
        }
        if (byte === quote) {
          this.#countLines(bytes, quoteStart, at);
          isInQuotes = false;
        } else bytes[target++] = byte;
        at += 1;
        continue;
      }
      if (byte === quote) {
        isInQuotes = true;
        quoteStart = at + 1;
      } else if (special[byte] === 1) break;
      else bytes[target++] = byte;
      at += 1;
    }
    if (cell >= 0) {
      block.starts[cell] = start;
      block.ends[cell] = target;
      bytes[target] = NEWLINE;
      block.scratchAt = target + 1;
    }
    return at;
  }

  #countLines(bytes: Uint8Array, from: number, to: number): void {
    // As PostgreSQL counts them: it looks for returns as long as it does not know how lines end.
    const byte = this.lineEnd === 'newline' ? NEWLINE : RETURN;
    for (let at = bytes.indexOf(byte, from); at >= 0 && at < to; at = bytes.indexOf(byte, at + 1)) this.#innerLines++;
  }

  /** NULL, or the default? */
  #check(block: CellBlock, cell: number, wasQuoted: boolean): void {
    const { bytes, starts, ends, width } = block;
    const force = this.#forces?.[cell % width];
    const isNull = isSame(bytes, starts[cell], ends[cell], this.#nullText);
    if (isNull && (wasQuoted ? force?.isNull === true : force?.notNull !== true)) ends[cell] = NULL_CELL;
    else if (
      !wasQuoted &&
      this.#defaultText !== undefined &&
      isSame(bytes, starts[cell], ends[cell], this.#defaultText)
    ) {
      ends[cell] = DEFAULT_CELL;
    }
  }

  /** Where the line behind `\.` begins if nothing else stands in this one; `NO_LINE`: it is a line like any other. */
  #endMark(bytes: Uint8Array, at: number, to: number, isEnd: boolean): number {
    if (at + 1 >= to) return isEnd ? NO_LINE : INCOMPLETE;
    if (bytes[at + 1] !== POINT) return NO_LINE;
    if (at + 2 >= to) return isEnd ? to : INCOMPLETE;
    return bytes[at + 2] === NEWLINE || bytes[at + 2] === RETURN ? at + 3 : NO_LINE;
  }
}

function unquotedReturn(): SqlError {
  return badCopyData('unquoted carriage return found in data', 'Use quoted CSV field to represent carriage return.');
}

function unquotedNewline(): SqlError {
  return badCopyData('unquoted newline found in data', 'Use quoted CSV field to represent newline.');
}
