import type { Column } from '../../columnar/column.ts';
import { wideAt } from '../../columnar/column.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';

const PLUS_INFINITY_MARK = 9223372036854775807n;
const MINUS_INFINITY_MARK = -9223372036854775808n;

/** Where the statistics of a unit say something else than its values; undefined when they agree. */
export function disagreement(
  column: Column,
  rowCount: number,
  type: TypeDefinition,
  statistics: UnitStatistics,
): string | undefined {
  const found = statistics.kind === 'int64' ? int64Facts(column, rowCount, type) : facts(column, rowCount, statistics);
  for (const [name, value] of Object.entries(found)) {
    const stated = (statistics as unknown as Record<string, Fact>)[name];
    if (stated === undefined || isSame(value, stated)) continue;
    return `the statistics have ${name} ${stated}, the values ${value}`;
  }
  return undefined;
}

type Fact = number | bigint | boolean;

/** 0 and -0 are one, NaN is itself, and numbers equal the bigints of their value. */
function isSame(left: Fact, right: Fact): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: a number and a bigint may be equal
  return left == right || Object.is(left, right);
}

/** The rows that hold a value, in order. */
function* valueRows({ validity }: Column, rowCount: number): Generator<number> {
  for (let row = 0; row < rowCount; row++) if (validity === undefined || validity[row] !== 0) yield row;
}

function facts(column: Column, rowCount: number, { kind }: UnitStatistics): Record<string, Fact> {
  let valueCount = 0;
  for (const _row of valueRows(column, rowCount)) valueCount++;
  const counts = { rowCount, nullCount: rowCount - valueCount };
  if (kind === 'boolean' && column.kind === 'boolean') {
    let trueCount = 0;
    for (const row of valueRows(column, rowCount)) trueCount += column.values[row];
    return { ...counts, trueCount };
  }
  if (kind === 'float64' && column.kind === 'number') {
    return { ...counts, ...float64Facts(column.values, valueRows(column, rowCount)) };
  }
  return counts;
}

function float64Facts(values: Float64Array, rows: Iterable<number>): Record<string, Fact> {
  let [min, max, sum, first, last] = [Number.NaN, Number.NaN, 0, Number.NaN, Number.NaN];
  let [firstRow, lastRow] = [-1, -1];
  let [hasNaN, hasInfinity] = [false, false];
  for (const row of rows) {
    const value = values[row];
    if (firstRow < 0) {
      firstRow = row;
      first = value;
    }
    lastRow = row;
    last = value;
    sum += value;
    if (Number.isNaN(value)) {
      hasNaN = true;
      continue;
    }
    hasInfinity ||= !Number.isFinite(value);
    if (!(value >= min)) min = value;
    if (!(value <= max)) max = value;
  }
  return { min, max, sum, first, last, firstRow, lastRow, hasNaN, hasInfinity };
}

function int64Facts(column: Column, rowCount: number, type: TypeDefinition): Record<string, Fact> {
  const hasSum = type.category === 'N';
  const isWide = column.kind === 'wide';
  const valueAtRow = (row: number): number | bigint => {
    if (column.kind === 'number') return column.values[row];
    const value = column.kind === 'wide' ? wideAt(column, row) : Number.NaN;
    if (type.category !== 'D') return value;
    if (value === PLUS_INFINITY_MARK) return Number.POSITIVE_INFINITY;
    return value === MINUS_INFINITY_MARK ? Number.NEGATIVE_INFINITY : value;
  };
  let [min, max, first, last]: (number | bigint)[] = [Number.NaN, Number.NaN, Number.NaN, Number.NaN];
  let sum = 0n;
  let [firstRow, lastRow, valueCount] = [-1, -1, 0];
  for (const row of valueRows(column, rowCount)) {
    const value = valueAtRow(row);
    if (firstRow < 0) {
      firstRow = row;
      first = value;
    }
    lastRow = row;
    last = value;
    valueCount++;
    if (hasSum) sum += BigInt(value);
    if (!(value >= min!)) min = value;
    if (!(value <= max!)) max = value;
  }
  const hasInfinity = min === Number.NEGATIVE_INFINITY || max === Number.POSITIVE_INFINITY;
  const edges = { min: min!, max: max!, first: first!, last: last! };
  const nullCount = rowCount - valueCount;
  return { rowCount, nullCount, isWide, hasInfinity, sum, firstRow, lastRow, ...edges };
}
