import type { Float64Statistics, Int64Statistics, UnitStatistics } from '../../columnar/unit-statistics.ts';

const MAX_EXACT = 2 ** 53;

/** The statistics of rows and those behind them, taken together. Both are of one kind. */
export function joinStatistics(left: UnitStatistics, right: UnitStatistics): UnitStatistics {
  const counts = { rowCount: left.rowCount + right.rowCount, nullCount: left.nullCount + right.nullCount };
  if (left.kind === 'boolean' && right.kind === 'boolean') {
    return { kind: 'boolean', ...counts, trueCount: left.trueCount + right.trueCount };
  }
  if (left.kind === 'float64' && right.kind === 'float64') return { ...joinFloats(left, right), ...counts };
  if (left.kind === 'int64' && right.kind === 'int64') return { ...joinIntegers(left, right), ...counts };
  return { kind: 'count', ...counts };
}

/** Without a value all but the counts is that of the other side, whose rows are moved on. */
function joinFloats(left: Float64Statistics, right: Float64Statistics): Float64Statistics {
  if (left.nullCount === left.rowCount) return moved(right, left.rowCount);
  if (right.nullCount === right.rowCount) return left;
  return {
    ...left,
    hasNaN: left.hasNaN || right.hasNaN,
    hasInfinity: left.hasInfinity || right.hasInfinity,
    // NaN where there is nothing else.
    min: right.min < left.min || Number.isNaN(left.min) ? right.min : left.min,
    max: right.max > left.max || Number.isNaN(left.max) ? right.max : left.max,
    sum: left.sum + right.sum,
    last: right.last,
    lastRow: left.rowCount + right.lastRow,
  };
}

function joinIntegers(left: Int64Statistics, right: Int64Statistics): Int64Statistics {
  if (left.nullCount === left.rowCount) return moved(right, left.rowCount);
  if (right.nullCount === right.rowCount) return left;
  return {
    ...left,
    isWide: left.isWide || right.isWide,
    hasInfinity: left.hasInfinity || right.hasInfinity,
    min: right.min < left.min ? right.min : left.min,
    max: right.max > left.max ? right.max : left.max,
    sum: addExactly(left.sum, right.sum),
    last: right.last,
    lastRow: left.rowCount + right.lastRow,
  };
}

function moved<T extends Float64Statistics | Int64Statistics>(statistics: T, rows: number): T {
  if (statistics.nullCount === statistics.rowCount) return statistics;
  return { ...statistics, firstRow: statistics.firstRow + rows, lastRow: statistics.lastRow + rows };
}

function addExactly(left: number | bigint, right: number | bigint): number | bigint {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Math.abs(sum) < MAX_EXACT) return sum;
  }
  return BigInt(left) + BigInt(right);
}
