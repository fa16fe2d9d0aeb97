import { date } from '../../types/date.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';
import { operatorOf } from '../expression/operator-of.ts';
import type { GapBound } from '../plan/gap-fill-node.ts';
import type { ApplyNode, JoinNode } from '../plan/join-nodes.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import { readsColumns } from './aggregate-collector.ts';
import { coerce } from './coerce.ts';
import { planOfCommonTable } from './common-table.ts';
import type { StatementBinding } from './statement-binding.ts';

/** What conditions say that a column is between; either may be empty. */
export interface GapBounds {
  readonly start: readonly GapBound[];
  readonly finish: readonly GapBound[];
}

/** Types that compare with each other as the values of one line. */
const LINES = [new Set([int2, int4, int8]), new Set([date, timestamp, timestamptz])];

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/**
 * The bounds of column `index` of `plan` that hold for all its rows, whatever they are tested by: `where`, the conditions
 * of inner joins, and those of subqueries and views in FROM. Only comparisons with what reads no row count.
 */
export function inferGapBounds(
  binding: StatementBinding,
  plan: LogicalPlan,
  where: Expression | undefined,
  index: number,
): GapBounds {
  const start: GapBound[] = [];
  const finish: GapBound[] = [];
  const { type } = plan.output[index];
  const note = (condition: Expression | undefined, column: number): void => {
    for (const conjunct of conjunctsOf(condition)) {
      const bound = boundOf(binding, conjunct, column, type);
      if (bound === undefined) continue;
      const { operator, value } = bound;
      // The range is from its start up to its end, which is not in it.
      if (operator === '>' || operator === '>=') start.push({ value, isBehind: operator === '>' });
      else finish.push({ value, isBehind: operator === '<=' });
    }
  };
  note(where, index);
  followColumn(binding, plan, index, note);
  return { start, finish };
}

type Note = (condition: Expression | undefined, column: number) => void;

/** Tells `note` of every condition that the rows of a column pass below `plan`, and where the column is there. */
function followColumn(binding: StatementBinding, plan: LogicalPlan, index: number, note: Note): void {
  if (plan.kind === 'filter') note(plan.condition, index);
  if (plan.kind === 'join' || plan.kind === 'apply') {
    followSide(binding, plan, index, note);
    return;
  }
  const below = columnBelow(binding, plan, index);
  if (below !== undefined) followColumn(binding, below.plan, below.index, note);
}

/** Where a node has a column's values from, unchanged and with no rows beside those that it passes. */
function columnBelow(
  binding: StatementBinding,
  plan: LogicalPlan,
  index: number,
): { readonly plan: LogicalPlan; readonly index: number } | undefined {
  switch (plan.kind) {
    case 'project':
    case 'aggregate': {
      const definitions = plan.kind === 'project' ? plan.expressions : plan.groupingSets === undefined ? plan.keys : [];
      const definition = definitions[index];
      return definition?.kind === 'column' ? { plan: plan.input, index: definition.index } : undefined;
    }
    case 'cte-scan': {
      const table = planOfCommonTable(binding, plan.id);
      return table === undefined ? undefined : { plan: table, index: plan.columns[index] };
    }
    case 'filter':
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'distinct-on':
    case 'lock-rows':
    case 'with':
      return { plan: plan.input, index };
    default:
      return undefined;
  }
}

/** Where a join makes no rows up, what holds for the rows of a side holds for the joined rows. */
function followSide(binding: StatementBinding, plan: JoinNode | ApplyNode, index: number, note: Note): void {
  const width = plan.left.output.length;
  const { kind, type } = plan;
  if (type === 'inner') note(plan.condition, index);
  if (index < width) {
    if (type === 'inner' || type === 'left') followColumn(binding, plan.left, index, note);
  } else if (kind === 'join' && (type === 'inner' || type === 'right')) {
    // What a lateral item compares with may be another value for each row.
    followColumn(binding, plan.right, index - width, note);
  }
}

function conjunctsOf(condition: Expression | undefined): readonly Expression[] {
  if (condition === undefined) return [];
  return condition.kind === 'and' ? condition.arguments.flatMap(conjunctsOf) : [condition];
}

/** `column < value` in either order. */
function boundOf(
  binding: StatementBinding,
  condition: Expression,
  column: number,
  type: SqlType,
): { readonly operator: string; readonly value: Expression } | undefined {
  if (condition.kind !== 'call' || condition.arguments.length !== 2) return undefined;
  const name = operatorOf(condition.function)?.name ?? '';
  const mirrored = MIRRORED[name];
  if (mirrored === undefined) return undefined;
  const [left, right] = condition.arguments;
  const isLeft = isColumn(left, column);
  if (!isLeft && !isColumn(right, column)) return undefined;
  const value = isLeft ? right : left;
  if (readsColumns(value)) return undefined;
  const line = LINES.find((types) => types.has(type.definition));
  if (line?.has(value.type.definition) !== true) return undefined;
  const cast = coerce(binding, { expression: value, syntax: undefined }, type, 'explicit');
  return cast === undefined ? undefined : { operator: isLeft ? name : mirrored, value: cast };
}

/** The column itself, or as the comparison has cast it. */
function isColumn(expression: Expression, column: number): boolean {
  switch (expression.kind) {
    case 'column':
      return expression.index === column;
    case 'call':
      return (
        expression.coercion === 'implicit' &&
        expression.arguments.length === 1 &&
        isColumn(expression.arguments[0], column)
      );
    case 'relabel':
      return expression.coercion === 'implicit' && isColumn(expression.argument, column);
    default:
      return false;
  }
}
