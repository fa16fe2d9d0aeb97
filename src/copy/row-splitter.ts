import type { SqlError } from '../errors/sql-error.ts';
import type { CellBlock } from './cell-block.ts';

/** Ends of lines, known from the first one on. */
export type LineEnd = 'unknown' | 'newline' | 'return' | 'both';

/** In `SplitProblem.lineStart`: the line is not shown. */
export const UNSHOWN = -1;

/** A row that cannot be read; those before it can. */
export interface SplitProblem {
  readonly error: SqlError;
  readonly lineNumber: number;
  /** The cells that are there come first, should they be wrong too: the row stands in the block behind the last one. */
  readonly isShort: boolean;
  /** Where the line stands, or `UNSHOWN`. */
  readonly lineStart: number;
  readonly lineEnd: number;
}

/** Finds lines and the cells in them. */
export interface RowSplitter {
  /**
   * Adds the whole rows of `block.bytes` from `from` up to `to` to the block, until it is full, and returns where the next
   * row begins. The byte at `to` may be overwritten. `isEnd`: nothing comes behind `to`, so that the last row needs no end.
   */
  split(block: CellBlock, from: number, to: number, isEnd: boolean): number;
  /** As `split`, but one line of any number of cells, of which the block takes as many as it can. */
  splitHeader(block: CellBlock, from: number, to: number, isEnd: boolean): number;
  /** How many cells the last line had. */
  readonly cellCount: number;
  /** Why the row after the last one of the block is none. */
  readonly problem: SplitProblem | undefined;
  /** The mark of the end was read: what follows is nobody's. */
  readonly hasEnded: boolean;
  /** Of the last line that was split; who reads lines without it counts them here. */
  lineNumber: number;
  readonly lineEnd: LineEnd;
}
