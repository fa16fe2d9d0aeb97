import { type Column, valueAt } from '../columnar/column.ts';
import type { Expression } from '../sql/expression/expression.ts';
import type { StatementControl } from './statement-control.ts';

/** Runs of this many rows are sorted in one go (well under a millisecond), then merged in slices. */
const RUN_ROWS = 4096;

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
): Promise<Uint32Array> {
  let rows = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) rows[row] = row;
  for (let from = 0; from < rowCount; from += RUN_ROWS) {
    rows.subarray(from, Math.min(from + RUN_ROWS, rowCount)).sort(compare);
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  let spare = new Uint32Array(rowCount);
  for (let width = RUN_ROWS; width < rowCount; width *= 2) {
    for (let from = 0; from < rowCount; from += 2 * width) {
      const middle = Math.min(from + width, rowCount);
      const to = Math.min(from + 2 * width, rowCount);
      await mergeRuns(rows, spare, { from, middle, to }, compare, control);
    }
    [rows, spare] = [spare, rows];
  }
  return rows;
}

async function mergeRuns(
  source: Uint32Array,
  target: Uint32Array,
  { from, middle, to }: { from: number; middle: number; to: number },
  compare: RowComparator,
  control: StatementControl,
): Promise<void> {
  let left = from;
  let right = middle;
  let out = from;
  while (out < to) {
    const sliceEnd = Math.min(out + RUN_ROWS, to);
    while (out < sliceEnd) {
      const takeLeft = left < middle && (right >= to || compare(source[left], source[right]) <= 0);
      target[out++] = takeLeft ? source[left++] : source[right++];
    }
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}

/** Compares rows by several keys; ties keep their order. */
export function rowComparator(
  columns: readonly Column[],
  expressions: readonly Expression[],
  orders: readonly SortOrder[],
): RowComparator {
  const comparators = columns.map((column, key) => columnComparator(column, expressions[key], orders[key]));
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

function columnComparator(column: Column, expression: Expression, order: SortOrder): RowComparator {
  const byValue = valueComparator(column, expression);
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

function valueComparator(column: Column, expression: Expression): RowComparator {
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
      if (definition.name === 'bpchar') break;
      const ranks = column.dictionary.ranks();
      const { codes } = column;
      return (left, right) => ranks[codes[left]] - ranks[codes[right]];
    }
  }
  return (left, right) => definition.compare(valueAt(column, left), valueAt(column, right));
}
