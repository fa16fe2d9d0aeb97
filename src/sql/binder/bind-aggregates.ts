import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { AggregateFunction } from '../../functions/function-definition.ts';
import { functionsNamed } from '../../functions/function-registry.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import { sameExpression } from '../expression/same-expression.ts';
import type { SortKey } from '../plan/sort-nodes.ts';
import type { FunctionCallSyntax, SyntaxExpression } from '../syntax/expression-ast.ts';
import type { OrderItem } from '../syntax/query-ast.ts';
import { AggregateCollector } from './aggregate-collector.ts';
import { bindCondition, bindOperand } from './bind-expression.ts';
import type { ResolvedFunction } from './bind-function-call.ts';
import { checkNoSets } from './bind-set-call.ts';
import { bindWrittenArguments } from './call-arguments.ts';
import { coerce, type Operand, resolveUnknown } from './coerce.ts';
import { tryCommonType } from './common-type.ts';
import { aggregatesOf, type ExpressionContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';
import { SetCollector } from './set-collector.ts';
import { sortOrderOf } from './sort-order.ts';
import { isUnknown } from './well-known-types.ts';
import { WindowCollector } from './window-collector.ts';

/** The aggregate of this name that is written with a star: count. */
export function starAggregate(name: string): AggregateFunction | undefined {
  for (const candidate of functionsNamed(name)) {
    if (candidate.kind === 'aggregate' && candidate.isStar === true) return candidate;
  }
  return undefined;
}

/** What decides the overload: the arguments in parentheses, and behind them the sort keys of WITHIN GROUP. */
export function bindArguments(
  context: ExpressionContext,
  syntax: FunctionCallSyntax,
  inOrder: ExpressionContext,
): readonly Operand[] {
  const operands = bindWrittenArguments(context, syntax);
  if (syntax.isWithinGroup !== true) return operands;
  return [...operands, ...(syntax.orderBy ?? []).map((item) => bindOperand(inOrder, item.expression))];
}

/**
 * ORDER BY within a call, wherever the call stands. Aggregates, window and set-returning functions are taken for what they
 * are there, and then refused as part of an aggregate.
 */
export function orderContext(context: ExpressionContext): ExpressionContext {
  const {
    aggregates = new AggregateCollector(),
    windows = new WindowCollector([]),
    sets = new SetCollector(),
  } = context;
  return { ...context, clause: 'ORDER BY', aggregates, windows, sets };
}

export interface FilterOptions {
  /** The call stands in a query further in than the one that it belongs to. */
  readonly isOfInner?: boolean;
}

/** FILTER (WHERE …), of an aggregate or over a window. */
export function bindFilter(
  { binding, scope, aggregates }: ExpressionContext,
  syntax: SyntaxExpression,
  { isOfInner = false }: FilterOptions,
): Expression {
  const context = { binding, scope, clause: 'FILTER', aggregates: isOfInner ? aggregates : undefined } as const;
  return bindCondition(context, syntax, 'FILTER');
}

export interface WrittenAggregate {
  readonly aggregate: AggregateFunction;
  readonly operands: readonly Operand[];
  readonly filter: Expression | undefined;
  /** Where the sort keys stand. */
  readonly inOrder: ExpressionContext;
  /** Has the arguments as the aggregate takes them, bound over the rows of FROM; absent for `count(*)`. */
  readonly resolved?: ResolvedFunction;
}

/** An aggregate call, handed to the SELECT's collector. */
export function bindAggregateCall(
  context: ExpressionContext,
  syntax: FunctionCallSyntax,
  { aggregate, operands, filter, inOrder, resolved }: WrittenAggregate,
): Expression {
  const { name, position } = syntax;
  if (aggregate.orderedSet !== undefined) checkOrderedSet(syntax, aggregate, operands);
  else if (syntax.isWithinGroup === true) {
    throw new SqlError(
      SqlState.WrongObjectType,
      `${name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP`,
      { position },
    );
  }
  if (aggregate.isStar === true && !syntax.isStar) {
    throw new SqlError(SqlState.WrongObjectType, `${name}(*) must be used to call a parameterless aggregate function`, {
      position,
    });
  }
  const type = resolved?.type ?? sqlType(aggregate.resultType);
  const filters = filter === undefined ? [] : [filter];
  const call = { function: aggregate, isDistinct: syntax.isDistinct, filter, type, position };
  if (aggregate.orderedSet !== undefined && resolved !== undefined) {
    const set = bindOrderedSet(context, syntax, aggregate, operands, resolved);
    checkLevels(inOrder, [...set.arguments, ...filters, ...set.direct]);
    return aggregatesOf(context, position).add({ ...call, ...set });
  }
  const values = resolved?.arguments ?? [];
  const setsBefore = inOrder.sets?.additionCount;
  const written = bindOrder(inOrder, syntax.orderBy ?? [], values);
  checkNoSets(inOrder, setsBefore, 'aggregate function calls cannot contain set-returning function calls');
  const orderBy = syntax.isDistinct ? distinctOrder(values, operands, written) : written;
  checkLevels(inOrder, [...values, ...orderBy.map((key) => key.expression), ...filters]);
  return aggregatesOf(context, position).add({
    ...call,
    arguments: values,
    ...(orderBy.length === 0 ? {} : { orderBy }),
    direct: [],
  });
}

/** Aggregates see rows: neither groups nor windows are there yet. */
export function checkLevels({ aggregates, windows }: ExpressionContext, values: readonly Expression[]): void {
  for (const value of values) {
    const inner = aggregates?.firstPositionIn(value);
    if (inner !== undefined) {
      throw new SqlError(SqlState.GroupingError, 'aggregate function calls cannot be nested', { position: inner });
    }
    const window = windows?.firstIn(value);
    if (window !== undefined) {
      throw new SqlError(SqlState.GroupingError, 'aggregate function calls cannot contain window function calls', {
        position: window.position,
      });
    }
  }
}

interface WrittenKey extends SortKey {
  readonly isArgument: boolean;
  readonly position: number;
}

/** ORDER BY within the parentheses: expressions only, neither numbers nor names of the select list's items. */
function bindOrder(
  context: ExpressionContext,
  items: readonly OrderItem[],
  values: readonly Expression[],
): readonly WrittenKey[] {
  const keys: WrittenKey[] = [];
  for (const item of items) {
    const operand = bindOperand(context, item.expression);
    // An argument that was cast for the aggregate's sake is sorted by as such; a literal is none yet.
    const argument = isUnknown(operand.expression.type)
      ? undefined
      : values.find(
          (value) => sameExpression(uncast(value), operand.expression) || sameExpression(value, operand.expression),
        );
    const expression = argument ?? resolveUnknown(context.binding, operand);
    const order = sortOrderOf(item, expression.type);
    if (keys.some((key) => sameExpression(key.expression, expression))) continue;
    keys.push({ expression, ...order, isArgument: argument !== undefined, position: startOf(item.expression) });
  }
  return keys;
}

function uncast(value: Expression): Expression {
  const isImplicit = (value.kind === 'relabel' || value.kind === 'text-cast') && value.coercion === 'implicit';
  return isImplicit ? value.argument : value;
}

/**
 * DISTINCT within the parentheses brings equal arguments together by sorting them: by ORDER BY, which may name arguments
 * only, and then by those that it leaves out. Throws 42P10.
 */
function distinctOrder(
  values: readonly Expression[],
  operands: readonly Operand[],
  written: readonly WrittenKey[],
): readonly SortKey[] {
  const other = written.find((key) => !key.isArgument);
  if (other !== undefined) {
    throw new SqlError(
      SqlState.InvalidColumnReference,
      'in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list',
      { position: other.position },
    );
  }
  const keys: SortKey[] = [...written];
  values.forEach((value, at) => {
    const { definition } = value.type;
    if (!definition.isComparable) {
      throw new SqlError(
        SqlState.UndefinedFunction,
        `could not identify an equality operator for type ${definition.sqlName}`,
        { position: startOf(operands[at]?.syntax) },
      );
    }
    if (keys.some((key) => sameExpression(key.expression, value))) return;
    keys.push({ expression: value, isDescending: false, nullsFirst: false });
  });
  return keys;
}

/** WITHIN GROUP, and as many direct arguments as the aggregate asks for. */
function checkOrderedSet(
  syntax: FunctionCallSyntax,
  { name, orderedSet }: AggregateFunction,
  operands: readonly Operand[],
): void {
  const { position } = syntax;
  if (syntax.isWithinGroup !== true) {
    throw new SqlError(SqlState.WrongObjectType, `WITHIN GROUP is required for ordered-set aggregate ${name}`, {
      position,
    });
  }
  if (syntax.over !== undefined) {
    throw new SqlError(SqlState.FeatureNotSupported, `OVER is not supported for ordered-set aggregate ${name}`, {
      position,
    });
  }
  const direct = syntax.arguments.length;
  const sorted = syntax.orderBy?.length ?? 0;
  const wanted = orderedSet?.directCount === 'hypothetical' ? sorted : orderedSet?.directCount;
  if (direct === wanted) return;
  const types = operands.map((operand) => operand.expression.type.definition.sqlName).join(', ');
  throw new SqlError(SqlState.UndefinedFunction, `function ${name}(${types}) does not exist`, {
    position,
    hint:
      orderedSet?.directCount === 'hypothetical'
        ? `To use the hypothetical-set aggregate ${name}, the number of hypothetical direct arguments (here ${direct}) must match the number of ordering columns (here ${sorted}).`
        : `There is an ordered-set aggregate ${name}, but it requires ${wanted} direct argument${wanted === 1 ? '' : 's'}, not ${direct}.`,
  });
}

interface BoundOrderedSet {
  readonly arguments: readonly Expression[];
  readonly orderBy: readonly SortKey[];
  readonly direct: readonly Expression[];
}

function bindOrderedSet(
  context: ExpressionContext,
  syntax: FunctionCallSyntax,
  { orderedSet }: AggregateFunction,
  operands: readonly Operand[],
  resolved: ResolvedFunction,
): BoundOrderedSet {
  const directCount = syntax.arguments.length;
  const items = syntax.orderBy ?? [];
  const values =
    orderedSet?.directCount === 'hypothetical'
      ? unifyHypothetical(context, operands, directCount)
      : resolved.arguments.map((value, at) => resolveUnknown(context.binding, { ...operands[at], expression: value }));
  const sorted = values.slice(directCount);
  return {
    direct: values.slice(0, directCount),
    arguments: sorted,
    orderBy: sorted.map((expression, at) => ({ expression, ...sortOrderOf(items[at], expression.type) })),
  };
}

/** Each hypothetical value and the key that it stands for have one type. Throws 42804. */
function unifyHypothetical(
  { binding }: ExpressionContext,
  operands: readonly Operand[],
  directCount: number,
): Expression[] {
  const unified = operands.map((operand) => operand.expression);
  for (let at = 0; at < directCount; at++) {
    const pair = [operands[directCount + at], operands[at]];
    const type = tryCommonType(pair);
    if (type === undefined) {
      const [sorted, direct] = pair.map((operand) => operand.expression.type.definition.sqlName);
      throw new SqlError(SqlState.DatatypeMismatch, `WITHIN GROUP types ${sorted} and ${direct} cannot be matched`, {
        position: startOf(operands[at].syntax),
      });
    }
    for (const place of [at, directCount + at]) {
      const value = coerce(binding, operands[place], { definition: type.definition, typmod: -1 }, 'implicit');
      invariant(value !== undefined, 'what has a common type can be cast to it');
      unified[place] = value;
    }
  }
  return unified;
}
