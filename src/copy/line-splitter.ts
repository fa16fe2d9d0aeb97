import type { SqlError } from '../errors/sql-error.ts';
import { badCopyData } from './bad-copy-data.ts';
import { type CellBlock, NULL_CELL } from './cell-block.ts';
import { type LineEnd, type RowSplitter, type SplitProblem, UNSHOWN } from './row-splitter.ts';

export const NEWLINE = 0x0a;
export const RETURN = 0x0d;
export const BACKSLASH = 0x5c;
export const POINT = 0x2e;

/** Outcomes of `line` that are no position. */
export const INCOMPLETE = -1;
export const NO_LINE = -2;

/** What text and csv share: lines that end alike, each a row of so many cells. */
export abstract class LineSplitter implements RowSplitter {
  lineEnd: LineEnd = 'unknown';
  cellCount = 0;
  lineNumber = 0;
  hasEnded = false;
  problem: SplitProblem | undefined;
  readonly #columnNames: readonly string[];

  /** `columnNames`: of the cells of a row. */
  constructor(columnNames: readonly string[]) {
    this.#columnNames = columnNames;
  }

  split(block: CellBlock, from: number, to: number, isEnd: boolean): number {
    const { width } = block;
    let at = from;
    while (block.rowCount < block.rowLimit && this.problem === undefined && !this.hasEnded) {
      const scratchAt = block.scratchAt;
      const end = this.line(block, at, to, isEnd);
      if (end === INCOMPLETE) block.scratchAt = scratchAt;
      if (end < 0) break;
      // A line without a byte is a row of one empty cell, or of none.
      const isEmptyRow = width === 0 && block.rowEnds[block.rowCount] === at;
      if (this.cellCount !== width && !isEmptyRow && this.problem === undefined) this.#wrongWidth(block, at);
      if (this.problem !== undefined) return end;
      block.rowCount += 1;
      at = end;
    }
    return at;
  }

  splitHeader(block: CellBlock, from: number, to: number, isEnd: boolean): number {
    const end = this.line(block, from, to, isEnd);
    return end < 0 ? from : end;
  }

  /** Splits the line at `lineStart`; returns where the next one begins. */
  protected abstract line(block: CellBlock, lineStart: number, to: number, isEnd: boolean): number;

  /** A newline, or a return, that does not end the line as those before it were ended. */
  protected abstract strayEnd(byte: typeof NEWLINE | typeof RETURN): SqlError;

  protected incomplete(): number {
    this.lineNumber -= 1;
    return INCOMPLETE;
  }

  protected refuse(error: SqlError, lineStart: number, lineEnd: number): void {
    this.problem = { error, lineNumber: this.lineNumber, lineStart, lineEnd, isShort: false };
  }

  /** The line ends at `at`, if it ends as the lines before it did; returns where the next one begins. */
  protected lineEndAt(bytes: Uint8Array, at: number, to: number, isEnd: boolean): number {
    const before = this.lineEnd;
    if (bytes[at] === NEWLINE) {
      if (before === 'return' || before === 'both') this.refuse(this.strayEnd(NEWLINE), UNSHOWN, 0);
      else this.lineEnd = 'newline';
      return at + 1;
    }
    if (before === 'newline') {
      this.refuse(this.strayEnd(RETURN), UNSHOWN, 0);
      return at + 1;
    }
    if (before === 'return') return at + 1;
    if (at + 1 >= to && !isEnd) return INCOMPLETE;
    if (at + 1 < to && bytes[at + 1] === NEWLINE) {
      this.lineEnd = 'both';
      return at + 2;
    }
    if (before === 'both') this.refuse(this.strayEnd(RETURN), UNSHOWN, 0);
    this.lineEnd = 'return';
    return at + 1;
  }

  #wrongWidth(block: CellBlock, lineStart: number): void {
    const { width, rowCount } = block;
    const error =
      this.cellCount > width
        ? badCopyData('extra data after last expected column')
        : badCopyData(`missing data for column "${this.#columnNames[this.cellCount]}"`);
    this.refuse(error, lineStart, block.rowEnds[rowCount]);
    if (this.cellCount > width || this.problem === undefined) return;
    this.problem = { ...this.problem, isShort: true };
    block.ends.fill(NULL_CELL, rowCount * width + this.cellCount, (rowCount + 1) * width);
  }
}
