import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import { sameExpression } from '../expression/same-expression.ts';
import type { GroupingSyntax, SyntaxExpression } from '../syntax/expression-ast.ts';
import type { GroupItem, GroupingSetSyntax, SelectStatement } from '../syntax/query-ast.ts';
import type { AggregateCollector } from './aggregate-collector.ts';
import { levelOfAggregate } from './aggregate-level.ts';
import { checkLevels } from './bind-aggregates.ts';
import { bindOperand } from './bind-expression.ts';
import { findItem } from './bind-sort.ts';
import { aggregatesOf, type ExpressionContext } from './expression-context.ts';
import { startOf, writtenStartOf } from './expression-position.ts';
import type { SelectList } from './select-list.ts';
import { checkEquality } from './sort-order.ts';
import type { WindowCollector } from './window-collector.ts';

/** PostgreSQL's limits. */
const MAX_CUBE_ELEMENTS = 12;
const MAX_SETS = 4096;
const MAX_GROUPING_ARGUMENTS = 31;

/** What a SELECT groups by. Sets hold numbers of keys, in ascending order. */
export interface BoundGrouping {
  readonly keys: readonly Expression[];
  /** undefined: by all keys at once. */
  readonly sets: readonly (readonly number[])[] | undefined;
  /** The keys that are in every set. */
  readonly common: readonly number[];
}

/** GROUP BY over the rows of FROM. A bare name is a column of FROM first and an output name second. */
export function bindGrouping(
  context: ExpressionContext,
  { groupBy, groupsDistinct }: SelectStatement,
  list: SelectList,
  aggregates: AggregateCollector,
  windows: WindowCollector,
): BoundGrouping {
  const keys: Expression[] = [];
  const keyOf = (item: SyntaxExpression): number => {
    const at = findItem(context, item, list, 'GROUP BY');
    list.resolveUnknownAt(at);
    const { expression } = list.items[at];
    checkContent(expression, aggregates, windows);
    checkEquality(expression.type, writtenStartOf(item));
    const known = keys.findIndex((key) => sameExpression(key, expression));
    return known >= 0 ? known : keys.push(expression) - 1;
  };
  const perItem = groupBy.map((item) => setsOf(item, keyOf));
  const all = [...keys.keys()];
  if (!groupBy.some(isGroupingSet)) return { keys, sets: undefined, common: all };
  const sets = combinations(perItem);
  const chosen = groupsDistinct === true ? withoutRepeats(sets) : sets;
  // One set alone is what GROUP BY says without sets.
  if (chosen.length === 1 && chosen[0].length === keys.length) return { keys, sets: undefined, common: all };
  return { keys, sets: chosen, common: all.filter((key) => chosen.every((set) => set.includes(key))) };
}

function checkContent(expression: Expression, aggregates: AggregateCollector, windows: WindowCollector): void {
  const aggregate = aggregates.firstPositionIn(expression);
  if (aggregate !== undefined) {
    throw new SqlError(SqlState.GroupingError, 'aggregate functions are not allowed in GROUP BY', {
      position: aggregate,
    });
  }
  const window = windows.firstIn(expression);
  if (window !== undefined) {
    throw new SqlError(SqlState.WindowingError, 'window functions are not allowed in GROUP BY', {
      position: window.position,
    });
  }
}

type Sets = readonly (readonly number[])[];

function isGroupingSet(item: GroupItem): item is GroupingSetSyntax {
  return item.kind === 'grouping-set';
}

/** The grouping sets that one item of GROUP BY stands for. */
function setsOf(item: GroupItem, keyOf: (item: SyntaxExpression) => number): Sets {
  if (!isGroupingSet(item)) return [[keyOf(item)]];
  switch (item.form) {
    case 'empty':
      return [[]];
    case 'sets':
      return item.items.flatMap((member) => setsOf(member, keyOf));
    case 'list':
      return [elementOf(item.items, keyOf)];
    case 'rollup': {
      const elements = item.items.map((member) => elementOf([member], keyOf));
      return Array.from({ length: elements.length + 1 }, (_, dropped) =>
        union(elements.slice(0, elements.length - dropped)),
      );
    }
    case 'cube': {
      if (item.items.length > MAX_CUBE_ELEMENTS) {
        throw new SqlError(SqlState.TooManyColumns, `CUBE is limited to ${MAX_CUBE_ELEMENTS} elements`, {
          position: item.position,
        });
      }
      const elements = item.items.map((member) => elementOf([member], keyOf));
      const count = 2 ** elements.length;
      return Array.from({ length: count }, (_, at) =>
        union(elements.filter((_, bit) => ((count - 1 - at) >> bit) & 1)),
      );
    }
  }
}

/** Expressions that ROLLUP and CUBE take and leave together. */
function elementOf(items: readonly GroupItem[], keyOf: (item: SyntaxExpression) => number): readonly number[] {
  return union(items.map((item) => (isGroupingSet(item) ? elementOf(item.items, keyOf) : [keyOf(item)])));
}

function union(sets: Sets): readonly number[] {
  return [...new Set(sets.flat())].sort((left, right) => left - right);
}

/** Each set of one item with each of the others: GROUP BY a, ROLLUP (b). */
function combinations(perItem: readonly Sets[]): Sets {
  let combined: Sets = [[]];
  for (const sets of perItem) {
    if (combined.length * sets.length > MAX_SETS) {
      throw new SqlError(SqlState.StatementTooComplex, `too many grouping sets present (maximum ${MAX_SETS})`);
    }
    combined = combined.flatMap((left) => sets.map((right) => union([left, right])));
  }
  return combined;
}

function withoutRepeats(sets: Sets): Sets {
  return [...new Map(sets.map((set) => [set.join(), set])).values()];
}

/** GROUPING(a, b), whose arguments are looked for among the keys once these are known. */
export function bindGroupingCall(
  context: ExpressionContext,
  syntax: GroupingSyntax,
  isWithinSubquery = false,
): Expression {
  const { position } = syntax;
  if (syntax.arguments.length > MAX_GROUPING_ARGUMENTS) {
    throw new SqlError(SqlState.TooManyArguments, 'GROUPING must have fewer than 32 arguments', { position });
  }
  const undo = context.scope.outer?.mark();
  const operands = syntax.arguments.map((argument) => bindOperand(context, argument));
  const outer = levelOfAggregate(context, undefined, operands);
  if (outer !== undefined) {
    undo?.();
    return outer.capture(bindGroupingCall(outer.context, syntax, true));
  }
  const values = operands.map((operand) => operand.expression);
  checkLevels(context, values);
  const positions = syntax.arguments.map((argument) => startOf(argument));
  const groupings = aggregatesOf(context, position, 'grouping operations');
  return groupings.addGrouping({ arguments: values, positions, position, isWithinSubquery });
}
