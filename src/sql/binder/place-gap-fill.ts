import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { isFillFunction } from '../../functions/scalar/gap-fill.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import type { CallExpression, ColumnExpression, Expression } from '../expression/expression.ts';
import { sameExpression } from '../expression/same-expression.ts';
import { mapExpression, someExpression } from '../expression/walk-expression.ts';
import type { AggregateNode } from '../plan/aggregate-node.ts';
import type { GapFill, GapFillNode } from '../plan/gap-fill-node.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import { readsColumns } from './aggregate-collector.ts';
import { type GapFillQuery, isNull, refused } from './gap-fill-query.ts';
import { FIRST_SET_CALL, FIRST_WINDOW_CALL } from './stand-in-columns.ts';

/** A plan whose rows have no gaps, and expressions that read the filled columns there. */
interface PlacedGapFill {
  readonly plan: LogicalPlan;
  readonly expressions: readonly Expression[];
}

interface WrittenFill {
  readonly call: CallExpression;
  readonly value: Expression;
}

/** The aggregate node of a gap-filling SELECT: rows are grouped by the bucket alone, whatever range it has. */
export function overPlainBuckets(node: AggregateNode, { key, bucket }: GapFillQuery): AggregateNode {
  return { ...node, keys: node.keys.map((expression, at) => (at === key ? bucket : expression)) };
}

/**
 * Fills the gaps of `groups`, the rows that `node` makes and HAVING has left. `expressions` are over them; calls of locf
 * and interpolate within them become columns. `keyCount`: how many keys GROUP BY has; behind them is what depends on them.
 */
export function placeGapFill(
  query: GapFillQuery,
  groups: LogicalPlan,
  { keys }: AggregateNode,
  keyCount: number,
  expressions: readonly Expression[],
): PlacedGapFill {
  const width = groups.output.length;
  const fills: WrittenFill[] = [];
  const placed = expressions.map((expression) =>
    mapExpression(expression, (part) => {
      if (part.kind !== 'call' || !isFillFunction(part.function)) return part;
      return columnOf(width + numberOf(fills, part, width), part);
    }),
  );
  const values = fills.map(({ value }) => value);
  const output = [...groups.output, ...fills.map(({ call }) => outputOf(call))];
  const input: LogicalPlan = {
    kind: 'project',
    input: groups,
    expressions: [...groups.output.map(({ type }, at) => columnOf(at, { type })), ...values],
    output,
  };
  const groupColumns = [...Array(keyCount).keys()].filter((at) => at !== query.key);
  const sortKeys = [...groupColumns, query.key].map((at) => ({
    expression: columnOf(at, output[at]),
    isDescending: false,
    nullsFirst: false,
  }));
  const { width: bucketWidth, timeZone, origin, start, finish } = query;
  const node: GapFillNode = {
    kind: 'gap-fill',
    input: { kind: 'sort', input, keys: sortKeys, output },
    bucket: query.key,
    groups: groupColumns,
    dependents: [...keys.keys()].slice(keyCount),
    width: bucketWidth,
    timeZone,
    origin,
    start,
    finish,
    fills: fills.map(({ call }, at) => fillOf(call, width + at, output[query.key])),
    output,
  };
  return { plan: node, expressions: placed };
}

function columnOf(index: number, { type }: Pick<Expression, 'type'>): ColumnExpression {
  return { kind: 'column', index, type };
}

function outputOf({ function: called, type }: CallExpression): OutputColumn {
  return { name: called.name, type, tableOid: 0, columnNumber: 0 };
}

/** Equal calls fill one column. */
function numberOf(fills: WrittenFill[], call: CallExpression, width: number): number {
  const known = fills.findIndex((fill) => sameExpression(fill.call, call));
  if (known >= 0) return known;
  const [value] = call.arguments;
  for (const argument of call.arguments) check(call, argument, width);
  return fills.push({ call, value }) - 1;
}

/** What a fill reads is there before the gaps are filled: the first `width` columns. */
function check({ function: { name }, position }: CallExpression, argument: Expression, width: number): void {
  if (someExpression(argument, (part) => part.kind === 'column' && part.index >= FIRST_WINDOW_CALL)) {
    throw refused(`window functions must not be below ${name}`);
  }
  if (someExpression(argument, (part) => part.kind === 'column' && part.index >= FIRST_SET_CALL)) {
    throw notSupported(`a set-returning function below ${name}`, position);
  }
  if (someExpression(argument, (part) => part.kind === 'column' && part.index >= width)) {
    throw refused('multiple interpolate/locf function calls per resultset column not supported');
  }
}

function fillOf(call: CallExpression, column: number, { type: { definition } }: OutputColumn): GapFill {
  const written = (at: number): Expression | undefined => {
    const argument = call.arguments[at];
    return argument === undefined || isNull(argument) ? undefined : argument;
  };
  const maxGap = written(3);
  if (maxGap !== undefined && readsColumns(maxGap)) {
    throw new SqlError(
      SqlState.InvalidParameterValue,
      `invalid ${call.function.name} argument: max_gap must be a simple expression`,
    );
  }
  if (maxGap !== undefined && [int2, int4, int8].includes(definition)) {
    throw notSupported('max_gap with buckets of integers', call.position);
  }
  if (call.function.name === 'interpolate') {
    return {
      method: 'interpolate',
      column,
      previous: written(1),
      next: written(2),
      treatsNullAsMissing: undefined,
      maxGap,
    };
  }
  const treatsNull = written(2);
  if (treatsNull !== undefined && treatsNull.kind !== 'constant' && treatsNull.kind !== 'parameter') {
    throw refused('invalid locf argument: treat_null_as_missing must be a BOOL literal');
  }
  const isSet = treatsNull?.kind !== 'constant' || treatsNull.value === true;
  return {
    method: 'locf',
    column,
    previous: written(1),
    next: undefined,
    treatsNullAsMissing: isSet ? treatsNull : undefined,
    maxGap,
  };
}
