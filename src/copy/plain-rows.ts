import type { RowRepeats } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import { ColumnBuilder } from '../columnar/column-builder.ts';
import type { TimeZone } from '../types/time-zone.ts';
import { type CellBlock, NULL_CELL } from './cell-block.ts';
import type { CellFailures } from './cell-failures.ts';
import type { CellReader } from './cell-reader.ts';
import { LateText } from './late-text.ts';
import { NumberCells, NumberForm, type NumberType } from './number-cells.ts';
import { behindNullMark, type PlainBytes } from './plain-bytes.ts';
import { readDate, readDouble, readInstant } from './read-cell.ts';
import type { RowSplitter } from './row-splitter.ts';
import { isSameBytes } from './same-bytes.ts';
import { TextCells } from './text-cells.ts';
import { NOT_PLAIN, NULL_CODE, TextStretch } from './text-stretch.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const TRUE = 0x74;
const FALSE = 0x66;

/** A number of so many digits is exact, and a power of ten of so many zeros too. */
const EXACT_DIGITS = 15;
/** So many digits without a sign fit every type of integers. */
const SMALL_DIGITS = 4;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => Number(`1e${exponent}`));

/** What is done with some columns that stand side by side. */
const Step = { Integers: 0, Doubles: 1, Instants: 2, Booleans: 3, Texts: 4, Cells: 5 } as const;
type Step = (typeof Step)[keyof typeof Step];

/** Blocks that are left to others once rows have turned out not to be plain, at first and at most. */
const FIRST_REST = 4;
const MAX_REST = 64;
/** Rows that are not plain may be one in so many. */
const PLAIN_PER_OTHER = 8;

export interface PlainRowsOptions {
  readonly plain: PlainBytes;
  readonly readers: readonly CellReader[];
  readonly timeZone: TimeZone;
}

/**
 * Reads rows of the usual form straight from their bytes, in one pass: numbers and instants become values, texts that stand
 * side by side are found together, other cells are noted for their readers. A row that has anything else in it (quotes,
 * escapes, strange numbers, too few cells) is left to the splitter, and its cells to the readers, among the others:
 *
 *   rows      plain   plain   other   plain  …
 *   numbers   here    here    reader  here
 *   texts     stretch stretch reader  stretch
 */
export class PlainRows {
  readonly #plain: PlainBytes;
  readonly #readers: readonly CellReader[];
  readonly #timeZone: TimeZone;
  readonly #steps: Step[] = [];
  /** Per step its columns, from `#firsts` to before `#ends`. */
  readonly #firsts: number[] = [];
  readonly #ends: number[] = [];
  /** Per step; undefined where it is not `Texts`. */
  #stretches: (TextStretch | undefined)[] = [];
  /** Per step that has a stretch the entry of each row. */
  #entries: Uint32Array[] = [];
  /** Per column. Used again for each block: who keeps rows copies them. */
  readonly #numbers: Float64Array[];
  readonly #codes: Uint32Array[];
  readonly #nulls: (Uint8Array | undefined)[];
  readonly #types: readonly (NumberType | undefined)[];
  /** Rows that the splitter has split. */
  #others: number[] = [];
  #rest = 0;
  #nextRest = FIRST_REST;

  constructor({ plain, readers, timeZone }: PlainRowsOptions) {
    this.#plain = plain;
    this.#readers = readers;
    this.#timeZone = timeZone;
    this.#types = readers.map((reader) => (reader instanceof NumberCells ? reader.number : undefined));
    this.#numbers = readers.map(() => new Float64Array(0));
    this.#codes = readers.map(() => new Uint32Array(0));
    this.#nulls = readers.map(() => undefined);
    this.#plan(readers.map((reader, column) => this.#stepOf(reader, column)));
  }

  /** Whether the next block may be read here. */
  takesBlock(splitter: RowSplitter): boolean {
    if (splitter.lineEnd !== 'newline' && splitter.lineEnd !== 'both') return false;
    if (this.#rest === 0) return true;
    this.#rest -= 1;
    return false;
  }

  /** Whether the splitter has split the row. */
  isSplit(row: number): boolean {
    return this.#others.includes(row);
  }

  /** As `RowSplitter.split`. */
  split(block: CellBlock, splitter: RowSplitter, from: number, to: number, isEnd: boolean): number {
    this.#prepare(block);
    let at = from;
    for (;;) {
      const row = block.rowCount;
      at = this.#read(block, splitter, at, to);
      splitter.lineNumber += block.rowCount - row;
      if (block.rowCount === block.maxRows) break;
      const other = block.rowCount;
      block.rowLimit = other + 1;
      const next = splitter.split(block, at, to, isEnd);
      block.rowLimit = block.maxRows;
      // Of a row that is too short the cells that are there are read as well.
      if (block.rowCount > other || splitter.problem?.isShort === true) this.#others.push(other);
      at = next;
      if (block.rowCount === other || splitter.problem !== undefined || splitter.hasEnded) break;
    }
    this.#judge(block.rowCount);
    return at;
  }

  /** The columns of the block that `split` has filled, as its readers would give them. */
  columns(block: CellBlock, failures: CellFailures): Column[] {
    const { rowCount } = block;
    const columns: Column[] = [];
    let leader: Extract<Column, { kind: 'dictionary' }> | undefined;
    for (const [index, step] of this.#steps.entries()) {
      const stretch = this.#stretches[index];
      for (let column = this.#firsts[index]!; column < this.#ends[index]!; column++) {
        let made: Column;
        if (step === Step.Cells) made = this.#readers[column]!.read(block, column, failures, leader?.codes);
        else if (stretch === undefined) made = this.#numberColumn(block, column, failures);
        else made = this.#textColumn(block, column, failures, stretch, index);
        if (made.kind === 'dictionary') leader ??= made;
        columns.push(made);
      }
      if (stretch?.noteRows(rowCount) === false) this.#readCells(index);
    }
    return columns;
  }

  /** Which rows of the block have the same texts side by side, where all of them were read here. */
  repeats(rowCount: number): RowRepeats | undefined {
    if (this.#others.length > 0) return undefined;
    let widest = -1;
    for (const [index, stretch] of this.#stretches.entries()) {
      if (stretch !== undefined && stretch.width > (this.#stretches[widest]?.width ?? 0)) widest = index;
    }
    const source = this.#stretches[widest];
    if (source === undefined) return undefined;
    const columns = Array.from({ length: source.width }, (_, cell) => this.#firsts[widest]! + cell);
    const groups = this.#entries[widest]!.subarray(0, rowCount);
    return { columns, groups, groupCount: source.entryCount, source };
  }

  #stepOf(reader: CellReader, column: number): Step {
    if (reader instanceof TextCells) return Step.Texts;
    switch (this.#types[column]?.form) {
      case NumberForm.Integer:
        return Step.Integers;
      case NumberForm.Double:
        return Step.Doubles;
      case NumberForm.Timestamp:
      case NumberForm.Timestamptz:
      case NumberForm.Date:
        return Step.Instants;
      case NumberForm.Boolean:
        return Step.Booleans;
      default:
        return Step.Cells;
    }
  }

  /** Columns side by side with which the same is done are one step. */
  #plan(stepOfColumn: readonly Step[]): void {
    for (const [column, step] of stepOfColumn.entries()) {
      if (this.#steps.at(-1) !== step) {
        this.#steps.push(step);
        this.#firsts.push(column);
        this.#ends.push(column);
      }
      this.#ends[this.#ends.length - 1] = column + 1;
    }
    this.#stretches = this.#steps.map((step, index) => {
      if (step !== Step.Texts) return undefined;
      const cells = this.#readers.slice(this.#firsts[index], this.#ends[index]) as TextCells[];
      return new TextStretch(cells, this.#plain);
    });
    this.#entries = this.#steps.map(() => new Uint32Array(0));
  }

  /** A stretch that seldom comes again: from the next block on its cells are read one by one. */
  #readCells(index: number): void {
    this.#steps[index] = Step.Cells;
    this.#stretches[index] = undefined;
  }

  #prepare(block: CellBlock): void {
    const { maxRows } = block;
    this.#others = [];
    this.#nulls.fill(undefined);
    for (const [index, step] of this.#steps.entries()) {
      if (step === Step.Cells) continue;
      if (step === Step.Texts && this.#entries[index]!.length < maxRows) {
        this.#entries[index] = new Uint32Array(maxRows);
      }
      for (let column = this.#firsts[index]!; column < this.#ends[index]!; column++) {
        if (step === Step.Texts) {
          if (this.#codes[column]!.length < maxRows) this.#codes[column] = new Uint32Array(maxRows);
        } else if (this.#numbers[column]!.length < maxRows) this.#numbers[column] = new Float64Array(maxRows);
      }
    }
  }

  /** Where most rows are others, blocks go to the splitter as a whole for a while. */
  #judge(rowCount: number): void {
    if (this.#others.length * PLAIN_PER_OTHER <= rowCount) {
      this.#nextRest = FIRST_REST;
      return;
    }
    this.#rest = this.#nextRest;
    this.#nextRest = Math.min(this.#nextRest * 2, MAX_REST);
  }

  #noteNull(column: number, row: number, maxRows: number): void {
    let marks = this.#nulls[column];
    if (marks === undefined) {
      marks = new Uint8Array(maxRows);
      this.#nulls[column] = marks;
    }
    marks[row] = 1;
  }

  /** Adds plain rows to the block while there are some, and returns where the first other one begins. */
  #read(block: CellBlock, splitter: RowSplitter, from: number, to: number): number {
    const { bytes, buffer, view, width, starts, ends, maxRows, rowStarts, rowEnds, lineNumbers } = block;
    const { delimiter, special, isNullEmpty } = this.#plain;
    const steps = this.#steps;
    const stepCount = steps.length;
    const firsts = this.#firsts;
    const lasts = this.#ends;
    const numbers = this.#numbers;
    const types = this.#types;
    const zone = this.#timeZone;
    const isReturnFirst = splitter.lineEnd === 'both';
    const firstLine = splitter.lineNumber + 1 - block.rowCount;
    // Per step of instants the cell that was read last: rows next to each other often have the same.
    const lastStarts = new Int32Array(width);
    const lastLengths = new Int32Array(width).fill(-1);
    const lastValues = new Float64Array(width);
    let row = block.rowCount;
    let rowStart = from;
    // The loops below need no bound: a newline stands behind the data.
    bytes[to] = NEWLINE;
    rows: for (; row < maxRows && rowStart < to; row++) {
      let at = rowStart;
      if (bytes[at] === BACKSLASH) {
        // The end of the data, unless it is a NULL.
        if (isNullEmpty || behindNullMark(bytes, at, this.#plain) < 0) break;
      }
      for (let step = 0; step < stepCount; step++) {
        const end = lasts[step]!;
        for (let column = firsts[step]!; column < end; column++) {
          if (column > 0) {
            if (bytes[at] !== delimiter) break rows;
            at += 1;
          }
          const start = at;
          let byte = bytes[at];
          switch (steps[step]) {
            case Step.Integers: {
              let isNegative = false;
              if (byte === MINUS) {
                isNegative = true;
                byte = bytes[++at];
              }
              const digits = at;
              let value = 0;
              for (let digit = byte - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO) {
                value = value * 10 + digit;
              }
              const count = at - digits;
              if (count === 0 || count > EXACT_DIGITS) break;
              if (isNegative) value = 0 - value;
              if (count > SMALL_DIGITS || isNegative) {
                const { min, max } = types[column]!;
                if (value < min || value > max) break rows;
              }
              numbers[column]![row] = value;
              continue;
            }
            case Step.Doubles: {
              let isNegative = false;
              if (byte === MINUS) {
                isNegative = true;
                byte = bytes[++at];
              }
              const digits = at;
              let value = 0;
              for (let digit = byte - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO) {
                value = value * 10 + digit;
              }
              let count = at - digits;
              if (bytes[at] === POINT) {
                const fraction = at + 1;
                for (let digit = bytes[++at] - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO) {
                  value = value * 10 + digit;
                }
                count += at - fraction;
                // Clinger's fast path: both are exact, so that one division rounds once.
                if (count <= EXACT_DIGITS) value /= POWERS_OF_TEN[at - fraction];
              }
              if (count > 0 && count <= EXACT_DIGITS && special[bytes[at]] === 1) {
                numbers[column]![row] = isNegative ? -value : value;
                continue;
              }
              if (count === 0) break;
              while (special[bytes[at]] === 0) at += 1;
              value = readDouble(bytes, buffer, start, at);
              if (Number.isNaN(value)) break rows;
              numbers[column]![row] = value;
              continue;
            }
            case Step.Instants: {
              const length = lastLengths[column];
              if (
                length > 0 &&
                start + length <= to &&
                special[bytes[start + length]] === 1 &&
                isSameBytes(view, start, view, lastStarts[column], length)
              ) {
                at = start + length;
                numbers[column]![row] = lastValues[column];
                continue;
              }
              while (special[bytes[at]] === 0) at += 1;
              if (at === start) break;
              const { form } = types[column]!;
              const value =
                form === NumberForm.Date
                  ? readDate(bytes, start, at)
                  : readInstant(bytes, start, at, form === NumberForm.Timestamptz ? zone : undefined);
              if (Number.isNaN(value)) break rows;
              numbers[column]![row] = value;
              lastStarts[column] = start;
              lastLengths[column] = at - start;
              lastValues[column] = value;
              continue;
            }
            case Step.Booleans:
              if ((byte !== TRUE && byte !== FALSE) || special[bytes[at + 1]] !== 1) break;
              numbers[column]![row] = byte === TRUE ? 1 : 0;
              at += 1;
              continue;
            case Step.Texts: {
              // All columns of the step at once.
              const stretch = this.#stretches[step]!;
              at = stretch.match(block, start, to);
              if (at === NOT_PLAIN) break rows;
              this.#entries[step]![row] = stretch.entry;
              column = end;
              continue;
            }
            default: {
              while (special[bytes[at]] === 0) at += 1;
              const cell = row * width + column;
              if (at === start) {
                const nullEnd = isNullEmpty ? at : behindNullMark(bytes, at, this.#plain);
                starts[cell] = start;
                ends[cell] = nullEnd < 0 ? start : NULL_CELL;
                if (nullEnd >= 0) at = nullEnd;
                continue;
              }
              starts[cell] = start;
              ends[cell] = at;
              continue;
            }
          }
          // Of numbers: there are no digits. It may be NULL.
          at = isNullEmpty ? start : behindNullMark(bytes, start, this.#plain);
          if (at < 0 || special[bytes[at]] !== 1) break rows;
          this.#noteNull(column, row, maxRows);
        }
      }
      const rowEnd = at;
      if (isReturnFirst) {
        if (bytes[at] !== RETURN) break;
        at += 1;
      }
      if (bytes[at] !== NEWLINE || at >= to) break;
      rowStarts[row] = rowStart;
      rowEnds[row] = rowEnd;
      lineNumbers[row] = firstLine + row;
      rowStart = at + 1;
    }
    block.rowCount = row;
    return rowStart;
  }

  #numberColumn(block: CellBlock, column: number, failures: CellFailures): Column {
    const { rowCount, maxRows, width, ends } = block;
    const reader = this.#readers[column] as NumberCells;
    const values = this.#numbers[column]!.subarray(0, rowCount);
    let wide: Map<number, bigint> | undefined;
    for (const row of this.#others) {
      if (row >= rowCount || row >= failures.rowLimit) break;
      const cell = row * width + column;
      this.#forgetNull(column, row);
      if (ends[cell] <= NULL_CELL) {
        this.#noteNull(column, row, maxRows);
        continue;
      }
      const value = reader.valueAt(block, cell, failures, { row, column });
      if (typeof value === 'bigint') {
        wide ??= new Map();
        wide.set(row, value);
      } else values[row] = value ?? 0;
    }
    const validity = this.#validity(column, rowCount);
    if (wide !== undefined) return wideColumn(values, validity, wide);
    if (this.#types[column]!.form !== NumberForm.Boolean) return { kind: 'number', values, validity };
    return { kind: 'boolean', values: Uint8Array.from(values), validity };
  }

  #textColumn(block: CellBlock, column: number, failures: CellFailures, stretch: TextStretch, step: number): Column {
    const find = () => this.#readText(block, column, failures, stretch, step);
    // Of rows that were read by others failures are to be known now.
    if (this.#others.length > 0) return find();
    return new LateText((this.#readers[column] as TextCells).dictionary, find);
  }

  #readText(
    block: CellBlock,
    column: number,
    failures: CellFailures,
    stretch: TextStretch,
    step: number,
  ): Extract<Column, { kind: 'dictionary' }> {
    const { rowCount, maxRows, width, ends } = block;
    const reader = this.#readers[column] as TextCells;
    const codes = this.#codes[column]!.subarray(0, rowCount);
    const entries = this.#entries[step]!;
    const known = stretch.codes;
    const { width: stride } = stretch;
    const offset = column - this.#firsts[step]!;
    const others = this.#others;
    let next = 0;
    for (let row = 0; row < rowCount; row++) {
      let code: number;
      if (row === others[next]) {
        next += 1;
        const cell = row * width + column;
        if (row >= failures.rowLimit || ends[cell] <= NULL_CELL) code = NULL_CODE;
        else code = reader.codeAt(block, cell, failures, { row, column }) ?? NULL_CODE;
      } else code = known[entries[row] * stride + offset];
      if (code === NULL_CODE) {
        this.#noteNull(column, row, maxRows);
        code = 0;
      }
      codes[row] = code;
    }
    return { kind: 'dictionary', codes, dictionary: reader.dictionary, validity: this.#validity(column, rowCount) };
  }

  /** A plain row that turned out to be another one may have left a mark. */
  #forgetNull(column: number, row: number): void {
    const marks = this.#nulls[column];
    if (marks !== undefined) marks[row] = 0;
  }

  #validity(column: number, rowCount: number): Uint8Array | undefined {
    const marks = this.#nulls[column];
    if (marks === undefined) return undefined;
    const validity = marks.subarray(0, rowCount);
    for (let row = 0; row < rowCount; row++) validity[row] = 1 - validity[row];
    return validity.includes(0) ? validity : undefined;
  }
}

function wideColumn(values: Float64Array, validity: Uint8Array | undefined, wide: ReadonlyMap<number, bigint>): Column {
  const builder = new ColumnBuilder('int64', { capacity: values.length });
  for (let row = 0; row < values.length; row++) {
    if (validity?.[row] === 0) builder.pushNull();
    else builder.push(wide.get(row) ?? values[row]);
  }
  return builder.finish();
}
