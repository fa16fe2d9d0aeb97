import { type Column, valueAt } from '../columnar/column.ts';
import type { Dictionary } from '../columnar/dictionary.ts';
import type { Expression } from '../sql/expression/expression.ts';
import { compareUtf8 } from '../types/compare-utf8.ts';
import type { StatementControl } from './statement-control.ts';

/** Runs of this many rows are sorted in one go (about a millisecond), then merged in slices. */
const RUN_ROWS = 4096;
const MIN_RUN_ROWS = 16;
/** Texts of this length cost about as much to compare as numbers. */
const SHORT_TEXT = 64;

type RowComparator = (left: number, right: number) => number;

export interface SortOrder {
  readonly isDescending: boolean;
  readonly nullsFirst: boolean;
}

/**
 * A stable sort of row numbers by key columns that never holds the event loop: short runs by the engine's own sort, then
 * merges that give way when a turn is due.
 */
export async function sortRows(
  rowCount: number,
  compare: RowComparator,
  control: StatementControl,
  runRows = RUN_ROWS,
): Promise<Uint32Array> {
  let rows = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) rows[row] = row;
  for (let from = 0; from < rowCount; from += runRows) {
    rows.subarray(from, Math.min(from + runRows, rowCount)).sort(compare);
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  let spare = new Uint32Array(rowCount);
  for (let width = runRows; width < rowCount; width *= 2) {
    for (let from = 0; from < rowCount; from += 2 * width) {
      const middle = Math.min(from + width, rowCount);
      const to = Math.min(from + 2 * width, rowCount);
      await mergeRuns(rows, spare, { from, middle, to, sliceRows: runRows }, compare, control);
    }
    [rows, spare] = [spare, rows];
  }
  return rows;
}

async function mergeRuns(
  source: Uint32Array,
  target: Uint32Array,
  { from, middle, to, sliceRows }: { from: number; middle: number; to: number; sliceRows: number },
  compare: RowComparator,
  control: StatementControl,
): Promise<void> {
  let left = from;
  let right = middle;
  let out = from;
  while (out < to) {
    const sliceEnd = Math.min(out + sliceRows, to);
    while (out < sliceEnd) {
      const takeLeft = left < middle && (right >= to || compare(source[left], source[right]) <= 0);
      target[out++] = takeLeft ? source[left++] : source[right++];
    }
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}

/**
 * The place of each string of a dictionary in byte order, so that rows are sorted by numbers. Sorted in slices as rows
 * are: a million texts, or a few very long ones, must not hold the event loop.
 */
export async function rankTexts(dictionary: Dictionary, control: StatementControl): Promise<Uint32Array> {
  const strings = dictionary.strings();
  const meanBytes = dictionary.sizeBytes / Math.max(strings.length, 1);
  const runRows = Math.max(MIN_RUN_ROWS, Math.floor(RUN_ROWS / Math.max(1, meanBytes / (SHORT_TEXT * 4))));
  const byText = (left: number, right: number): number => compareUtf8(strings[left], strings[right]);
  const order = await sortRows(strings.length, byText, control, runRows);
  const ranks = new Uint32Array(strings.length);
  for (let rank = 0; rank < order.length; rank++) ranks[order[rank]] = rank;
  return ranks;
}

/** Compares rows by several keys; ties keep their order. */
export async function rowComparator(
  columns: readonly Column[],
  expressions: readonly Expression[],
  orders: readonly SortOrder[],
  control: StatementControl,
): Promise<RowComparator> {
  const comparators: RowComparator[] = [];
  for (const [key, column] of columns.entries()) {
    const isRanked = column.kind === 'dictionary' && expressions[key].type.definition.hasLooseEquality !== true;
    const ranks = isRanked ? await rankTexts(column.dictionary, control) : undefined;
    comparators.push(columnComparator(column, ranks, expressions[key], orders[key]));
  }
  const first = comparators[0];
  if (first === undefined) return (left, right) => left - right;
  if (comparators.length === 1) return (left, right) => first(left, right) || left - right;
  return (left, right) => {
    for (const comparator of comparators) {
      const order = comparator(left, right);
      if (order !== 0) return order;
    }
    return left - right;
  };
}

function columnComparator(
  column: Column,
  ranks: Uint32Array | undefined,
  expression: Expression,
  order: SortOrder,
): RowComparator {
  const byValue = valueComparator(column, ranks, expression);
  const directed: RowComparator = order.isDescending ? (left, right) => byValue(right, left) : byValue;
  const { validity } = column;
  if (validity === undefined) return directed;
  const nullSign = order.nullsFirst ? -1 : 1;
  return (left, right) => {
    if (validity[left] === 0) return validity[right] === 0 ? 0 : nullSign;
    if (validity[right] === 0) return -nullSign;
    return directed(left, right);
  };
}

function valueComparator(column: Column, ranks: Uint32Array | undefined, expression: Expression): RowComparator {
  const { definition } = expression.type;
  switch (column.kind) {
    case 'number': {
      const { values } = column;
      return (left, right) => {
        const a = values[left];
        const b = values[right];
        if (a < b) return -1;
        if (a > b) return 1;
        if (a === b) return 0;
        // PostgreSQL: NaN equals itself and follows every number.
        return (a !== a ? 1 : 0) - (b !== b ? 1 : 0);
      };
    }
    case 'boolean': {
      const { values } = column;
      return (left, right) => values[left] - values[right];
    }
    case 'dictionary': {
      if (ranks === undefined) break;
      const { codes } = column;
      return (left, right) => ranks[codes[left]] - ranks[codes[right]];
    }
  }
  return (left, right) => definition.compare(valueAt(column, left), valueAt(column, right));
}
