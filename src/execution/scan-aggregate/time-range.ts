import type { TimeRange } from '../../catalog/scan-request.ts';
import type { TimeBound } from '../../sql/plan/scan-node.ts';
import { canonicalInstant } from '../../types/instant.ts';
import { addInt64, compareInt64 } from '../../types/int64.ts';
import type { Int64 } from '../../types/value.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';

const MICROS_PER_DAY = 86_400_000_000;

/**
 * The half-open range of instants which all bounds allow; undefined when a bound is NULL. Dates stand for their
 * midnight. Times are whole µs, so `time > t` is `time >= t + 1`.
 */
export function resolveTimeRange(bounds: readonly TimeBound[], context: ExecutionContext): TimeRange | undefined {
  let from: Int64 = Number.NEGATIVE_INFINITY;
  let to: Int64 = Number.POSITIVE_INFINITY;
  for (const bound of bounds) {
    const value = evaluateExpression(bound.value, context);
    if (value === null) return undefined;
    const isDate = bound.value.type.definition.name === 'date';
    const start = isDate ? scaleDays(value as number) : canonicalInstant(value as Int64);
    const next = isInfinite(start) ? start : addInt64(start, isDate ? MICROS_PER_DAY : 1);
    const lower = bound.operator === '>' ? next : bound.operator === '>=' || bound.operator === '=' ? start : undefined;
    const upper = bound.operator === '<' ? start : bound.operator === '<=' || bound.operator === '=' ? next : undefined;
    // Stored times are finite: nothing is after infinity, nothing equals it.
    if (bound.operator === '=' && isInfinite(start)) return { from: 0, to: 0 };
    if (lower !== undefined && compareInt64(lower, from) > 0) from = lower;
    if (upper !== undefined && compareInt64(upper, to) < 0) to = upper;
  }
  return { from, to };
}

function scaleDays(days: number): Int64 {
  const micros = days * MICROS_PER_DAY;
  return Number.isSafeInteger(micros) || isInfinite(micros) ? micros : BigInt(days) * BigInt(MICROS_PER_DAY);
}

function isInfinite(value: Int64): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}
