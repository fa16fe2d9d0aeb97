import { type Column, valueAt } from '../columnar/column.ts';
import type { Dictionary } from '../columnar/dictionary.ts';
import type { Expression } from '../sql/expression/expression.ts';
import { compareUtf8 } from '../types/compare-utf8.ts';
import { ChunkedColumn } from './chunked-column.ts';
import type { StatementControl } from './statement-control.ts';

/** Runs of this many rows are sorted in one go (about a millisecond, even by several keys), then merged in slices. */
const RUN_ROWS = 1024;
const MIN_RUN_ROWS = 16;
/** Rows between two looks at the clock where little is done for each. */
const SLICE_ROWS = 16_384;
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
  for (let from = 0; from < rowCount; from += runRows) {
    const run = rows.subarray(from, Math.min(from + runRows, rowCount));
    for (let row = 0; row < run.length; row++) run[row] = from + row;
    run.sort(compare);
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
  await inSlices(order.length, control, (from, to) => {
    for (let rank = from; rank < to; rank++) ranks[order[rank]] = rank;
  });
  return ranks;
}

async function inSlices(
  count: number,
  control: StatementControl,
  work: (from: number, to: number) => void,
): Promise<void> {
  for (let from = 0; from < count; from += SLICE_ROWS) {
    work(from, Math.min(from + SLICE_ROWS, count));
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}

/** A column whose rows are compared: one that lies side by side, or in chunks. */
type ComparedColumn = Pick<ChunkedColumn, 'kind' | 'hasNulls' | 'isNull' | 'valueAt' | 'whole'>;

/** Compares rows by several keys; ties keep their order. */
export async function rowComparator(
  columns: readonly (Column | ChunkedColumn)[],
  expressions: readonly Expression[],
  orders: readonly SortOrder[],
  control: StatementControl,
): Promise<RowComparator> {
  const comparators: RowComparator[] = [];
  for (const [key, given] of columns.entries()) {
    const column = given instanceof ChunkedColumn ? given : sideBySide(given);
    const byValue = await valueComparator(column, expressions[key], control);
    comparators.push(directed(byValue, column, orders[key]));
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

function sideBySide(column: Column): ComparedColumn {
  const { kind, validity } = column;
  return {
    kind,
    hasNulls: validity !== undefined,
    isNull: (row) => validity !== undefined && validity[row] === 0,
    valueAt: (row) => valueAt(column, row),
    whole: async () => column,
  };
}

function directed(byValue: RowComparator, column: ComparedColumn, order: SortOrder): RowComparator {
  const byOrder: RowComparator = order.isDescending ? (left, right) => byValue(right, left) : byValue;
  if (!column.hasNulls) return byOrder;
  const nullSign = order.nullsFirst ? -1 : 1;
  return (left, right) => {
    if (column.isNull(left)) return column.isNull(right) ? 0 : nullSign;
    if (column.isNull(right)) return -nullSign;
    return byOrder(left, right);
  };
}

/** Numbers lie side by side to be compared, and texts become numbers: the places of theirs among the column's. */
async function valueComparator(
  column: ComparedColumn,
  { type: { definition } }: Expression,
  control: StatementControl,
): Promise<RowComparator> {
  const isRanked = column.kind === 'dictionary' && definition.hasLooseEquality !== true;
  if (isRanked || column.kind === 'number' || column.kind === 'boolean') {
    const whole = await column.whole(control);
    if (whole.kind === 'number') return byNumber(whole.values);
    if (whole.kind === 'boolean') return byDifference(whole.values);
    if (whole.kind === 'dictionary') {
      const { codes } = whole;
      const ranks = await rankTexts(whole.dictionary, control);
      return (left, right) => ranks[codes[left]] - ranks[codes[right]];
    }
  }
  return (left, right) => definition.compare(column.valueAt(left), column.valueAt(right));
}

function byNumber(values: Float64Array): RowComparator {
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

function byDifference(values: Uint8Array): RowComparator {
  return (left, right) => values[left] - values[right];
}
