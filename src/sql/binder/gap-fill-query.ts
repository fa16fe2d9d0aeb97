import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { gapFillArguments, isFillFunction, isGapFillBucket } from '../../functions/scalar/gap-fill.ts';
import type { CallExpression, Expression } from '../expression/expression.ts';
import { childrenOf } from '../expression/walk-expression.ts';
import type { GapBound, GapFillNode } from '../plan/gap-fill-node.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import { type AggregateCollector, readsColumns } from './aggregate-collector.ts';
import { callFunction } from './bind-function-call.ts';
import type { BoundGrouping } from './bind-grouping.ts';
import { type GapBounds, inferGapBounds } from './gap-fill-bounds.ts';
import type { SelectItem } from './select-list.ts';
import { FIRST_AGGREGATE, FIRST_GROUPING, FIRST_WINDOW_CALL } from './stand-in-columns.ts';
import type { StatementBinding } from './statement-binding.ts';
import type { WindowCollector } from './window-collector.ts';

/** A SELECT grouped by time_bucket_gapfill, as far as its plan is not known yet. */
export interface GapFillQuery extends Pick<GapFillNode, 'width' | 'timeZone' | 'origin' | 'start' | 'finish'> {
  /** The number of the grouping key that is the bucket. */
  readonly key: number;
  /** The same key without the range: time_bucket. */
  readonly bucket: Expression;
}

interface GroupedSelect {
  /** The rows of FROM. */
  readonly from: LogicalPlan;
  readonly where: Expression | undefined;
  readonly items: readonly SelectItem[];
  readonly grouping: BoundGrouping;
  readonly aggregates: AggregateCollector;
  readonly windows: WindowCollector;
}

const HINT = 'Specify start and finish as arguments or in the WHERE clause.';

/**
 * What a SELECT with GROUP BY says of filling gaps; undefined when it does not ask for it. Throws 0A000 and 22023 as
 * TimescaleDB words them.
 */
export function findGapFill(binding: StatementBinding, select: GroupedSelect): GapFillQuery | undefined {
  const { items, grouping } = select;
  const found: FoundCalls = { buckets: [], aggregatedFills: [] };
  for (const { expression } of items) collect(select, expression, found);
  const [call] = found.buckets;
  if (call === undefined) return undefined;
  if (found.buckets.length > 1) throw refused('multiple time_bucket_gapfill calls not allowed');
  const [aggregated] = found.aggregatedFills;
  if (aggregated !== undefined) throw refused(`aggregate functions must be below ${aggregated.function.name}`);
  const key = grouping.keys.findIndex(isBucketCall);
  if (key < 0) {
    throw new SqlError(SqlState.InvalidParameterValue, 'no top level time_bucket_gapfill in group by clause');
  }
  if (grouping.sets !== undefined) throw notSupported('time_bucket_gapfill with grouping sets', call.position);
  return queryOf(binding, select, key, call);
}

function queryOf(
  binding: StatementBinding,
  { from, where }: GroupedSelect,
  key: number,
  call: CallExpression,
): GapFillQuery {
  const { width, time, timeZone, start, finish, origin } = gapFillArguments(call.function, call.arguments);
  if (readsColumns(width)) throw invalid('bucket_width must be a simple expression');
  if (timeZone !== undefined && readsColumns(timeZone)) {
    throw new SqlError(SqlState.FeatureNotSupported, 'time_bucket_gapfill does not support non-constant timezone', {
      hint: 'Use a constant timezone value.',
    });
  }
  if (origin !== undefined && readsColumns(origin)) throw invalid('origin must be a simple expression');
  let inferred: GapBounds | undefined;
  const boundsOf = (written: Expression | undefined, name: 'start' | 'finish'): readonly GapBound[] => {
    if (written !== undefined && !isNull(written)) {
      if (readsColumns(written)) throw invalid(`${name} must be a simple expression`);
      return [{ value: written, isBehind: false }];
    }
    if (time.kind !== 'column') {
      throw invalid('ts needs to refer to a single column if no start or finish is supplied', HINT);
    }
    inferred ??= inferGapBounds(binding, from, where, time.index);
    if (inferred[name].length > 0) return inferred[name];
    throw new SqlError(
      SqlState.InvalidParameterValue,
      `missing time_bucket_gapfill argument: could not infer ${name} from WHERE clause`,
      { hint: HINT },
    );
  };
  const hasOrigin = origin !== undefined && !isNull(origin);
  const plain = [width, time, ...(timeZone === undefined ? [] : [timeZone]), ...(hasOrigin ? [origin] : [])];
  const operands = plain.map((expression) => ({ expression, syntax: undefined }));
  return {
    key,
    bucket: callFunction(binding, 'time_bucket', operands, call.position),
    width,
    timeZone,
    origin: hasOrigin ? origin : undefined,
    start: boundsOf(start, 'start'),
    finish: boundsOf(finish, 'finish'),
  };
}

function isBucketCall(expression: Expression): boolean {
  return expression.kind === 'call' && isGapFillBucket(expression.function);
}

export function isNull(expression: Expression): boolean {
  return expression.kind === 'constant' && expression.value === null;
}

interface FoundCalls {
  readonly buckets: CallExpression[];
  /** Calls of locf and interpolate within aggregates, where nothing is filled yet. */
  readonly aggregatedFills: CallExpression[];
}

/** Looks into an expression, what it aggregates and its window functions. */
function collect(select: GroupedSelect, expression: Expression, found: FoundCalls, isAggregated = false): void {
  const { aggregates, windows } = select;
  if (expression.kind === 'call') {
    if (isGapFillBucket(expression.function)) found.buckets.push(expression);
    else if (isAggregated && isFillFunction(expression.function)) found.aggregatedFills.push(expression);
  } else if (expression.kind === 'column' && expression.index >= FIRST_WINDOW_CALL) {
    const { call } = windows.calls[expression.index - FIRST_WINDOW_CALL];
    for (const argument of call.arguments) collect(select, argument, found);
  } else if (expression.kind === 'column' && isAggregate(expression.index)) {
    for (const argument of aggregates.callOf(expression.index).arguments) collect(select, argument, found, true);
  }
  for (const child of childrenOf(expression)) collect(select, child, found, isAggregated);
}

function isAggregate(index: number): boolean {
  return index >= FIRST_AGGREGATE && index < FIRST_GROUPING;
}

export function refused(message: string): SqlError {
  return new SqlError(SqlState.FeatureNotSupported, message);
}

function invalid(problem: string, hint?: string): SqlError {
  return new SqlError(
    SqlState.InvalidParameterValue,
    `invalid time_bucket_gapfill argument: ${problem}`,
    hint === undefined ? {} : { hint },
  );
}
