import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { type GapFillBuckets, gapFillBuckets, isPositiveWidth } from '../../functions/time-bucket/gap-fill-buckets.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { GapBound, GapFillNode } from '../../sql/plan/gap-fill-node.ts';
import { isFiniteInstant } from '../../types/instant.ts';
import { addInt64 } from '../../types/int64.ts';
import type { Int64, Value } from '../../types/value.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';

/** The buckets that every series is to have: from the one that starts at `start` as long as they start before `finish`. */
export interface GapRange {
  readonly buckets: GapFillBuckets;
  readonly start: Int64;
  readonly finish: Int64;
  readonly timeZone: string | undefined;
}

const HINT = 'Specify start and finish as arguments or in the WHERE clause.';

/** Computes what a statement says of the buckets. Throws 22023 as TimescaleDB words it. */
export function gapRange(node: GapFillNode, context: ExecutionContext): GapRange {
  const computed = (expression: Expression): Value => evaluateExpression(expression, context);
  const type = node.input.output[node.bucket].type.definition;
  const width = computed(node.width);
  if (width === null) throw invalid('bucket_width cannot be NULL');
  if (!isPositiveWidth(width)) throw invalid('bucket_width must be greater than 0');
  const timeZone = node.timeZone === undefined ? undefined : computed(node.timeZone);
  if (timeZone === null) throw invalid('timezone cannot be NULL');
  const zoneName = timeZone as string | undefined;
  const origin = node.origin === undefined ? null : computed(node.origin);
  const buckets = gapFillBuckets(type, { width, timeZone: zoneName, origin: (origin ?? undefined) as Int64 });
  const start = tightest(node.start, 'start', context, (value, other) => value > other);
  const finish = tightest(node.finish, 'finish', context, (value, other) => value < other);
  if (start === Number.NEGATIVE_INFINITY) throw invalid('start cannot be infinite', HINT);
  if (finish === Number.POSITIVE_INFINITY) throw invalid('finish cannot be infinite', HINT);
  return { buckets, start: buckets.startOf(start), finish, timeZone: zoneName };
}

/** The bound that leaves least. */
function tightest(
  bounds: readonly GapBound[],
  name: string,
  context: ExecutionContext,
  isTighter: (value: Int64, other: Int64) => boolean,
): Int64 {
  let best: Int64 | undefined;
  for (const { value: expression, isBehind } of bounds) {
    const value = evaluateExpression(expression, context) as Int64 | null;
    if (value === null) throw invalid(`${name} cannot be NULL`, HINT);
    const bound = isBehind && isFiniteInstant(value) ? addInt64(value, 1) : canonical(value);
    if (best === undefined || isTighter(bound, best)) best = bound;
  }
  return best ?? 0;
}

function canonical(value: Int64): Int64 {
  if (isFiniteInstant(value)) return value;
  return value > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

function invalid(problem: string, hint?: string): SqlError {
  return new SqlError(
    SqlState.InvalidParameterValue,
    `invalid time_bucket_gapfill argument: ${problem}`,
    hint === undefined ? {} : { hint },
  );
}

/** A row without a bucket has no place among those that have one. */
export function bucketIsNull(): SqlError {
  return invalid('ts cannot be NULL');
}
