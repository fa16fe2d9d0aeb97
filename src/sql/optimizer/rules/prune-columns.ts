import { unreachable } from '../../../errors/invariant.ts';
import type { Expression } from '../../expression/expression.ts';
import { columnsUsed, remapColumns } from '../../expression/walk-expression.ts';
import type { AggregateNode, JoinNode, LogicalPlan, OutputColumn, ScanNode } from '../../plan/logical-plan.ts';
import { mapNodeExpressions } from '../plan-walk.ts';

/** A plan that gives fewer columns, and where the ones that were asked for went. */
interface Pruned {
  readonly plan: LogicalPlan;
  /** -1 for a column that is gone. */
  readonly indexOf: (index: number) => number;
}

/** Reads and computes only columns that something above uses. What the whole plan gives does not change. */
export function pruneColumns(plan: LogicalPlan): LogicalPlan {
  return prune(plan, new Set(plan.output.keys())).plan;
}

/** The result gives at least `needed`, in unchanged order. */
function prune(plan: LogicalPlan, needed: ReadonlySet<number>): Pruned {
  switch (plan.kind) {
    case 'scan':
      return pruneScan(plan, needed);
    case 'values': {
      const kept = ascending(needed);
      const rows = plan.rows.map((row) => pick(row, kept));
      return { plan: { ...plan, rows, output: pick(plan.output, kept) }, indexOf: placeIn(kept) };
    }
    case 'table-function':
      return { plan, indexOf: (index) => index };
    case 'project': {
      const kept = ascending(needed);
      const expressions = pick(plan.expressions, kept);
      const input = prune(plan.input, new Set(columnsUsed(...expressions)));
      return {
        plan: {
          ...plan,
          input: input.plan,
          expressions: expressions.map((expression) => remapColumns(expression, input.indexOf)),
          output: pick(plan.output, kept),
        },
        indexOf: placeIn(kept),
      };
    }
    case 'aggregate':
      return pruneAggregate(plan, needed);
    case 'join':
      return pruneJoin(plan, needed);
    case 'distinct': {
      // Rows are compared whole.
      const input = prune(plan.input, new Set(plan.output.keys()));
      return { plan: { ...plan, input: input.plan }, indexOf: input.indexOf };
    }
    case 'filter':
      return pruneThrough(plan, needed, [plan.condition]);
    case 'distinct-on':
      return pruneThrough(plan, needed, plan.keys);
    case 'sort':
    case 'top-n':
      return pruneThrough(
        plan,
        needed,
        plan.keys.map((key) => key.expression),
      );
    case 'limit':
      return pruneThrough(plan, needed, []);
    default:
      return unreachable(plan);
  }
}

type PassingNode = Extract<LogicalPlan, { kind: 'filter' | 'distinct-on' | 'sort' | 'top-n' | 'limit' }>;

/** A node that hands its input's columns on and reads some of them itself. */
function pruneThrough(plan: PassingNode, needed: ReadonlySet<number>, reads: readonly Expression[]): Pruned {
  const input = prune(plan.input, new Set([...needed, ...columnsUsed(...reads)]));
  const node = mapNodeExpressions(plan, (expression) => remapColumns(expression, input.indexOf)) as PassingNode;
  const output = namedAs(plan, input.plan.output, input.indexOf);
  return { plan: { ...node, input: input.plan, output }, indexOf: input.indexOf };
}

function pruneScan(plan: ScanNode, needed: ReadonlySet<number>): Pruned {
  const conditions = [...plan.tagFilters, ...plan.filters];
  const kept = ascending(new Set([...needed, ...columnsUsed(...conditions)]));
  const indexOf = placeIn(kept);
  const remap = (expression: Expression): Expression => remapColumns(expression, indexOf);
  return {
    plan: {
      ...plan,
      columns: pick(plan.columns, kept),
      tagFilters: plan.tagFilters.map(remap),
      filters: plan.filters.map(remap),
      output: pick(plan.output, kept),
    },
    indexOf,
  };
}

/** Keys make the groups and stay; aggregates that nobody reads go. */
function pruneAggregate(plan: AggregateNode, needed: ReadonlySet<number>): Pruned {
  const keyCount = plan.keys.length;
  const kept = ascending(new Set([...plan.keys.keys(), ...needed]));
  const aggregates = pick(
    plan.aggregates,
    kept.filter((index) => index >= keyCount).map((index) => index - keyCount),
  );
  const reads = [
    ...plan.keys,
    ...aggregates.flatMap((call) => (call.filter === undefined ? call.arguments : [...call.arguments, call.filter])),
  ];
  const input = prune(plan.input, new Set(columnsUsed(...reads)));
  const node = mapNodeExpressions({ ...plan, aggregates }, (expression) => remapColumns(expression, input.indexOf));
  return {
    plan: { ...(node as AggregateNode), input: input.plan, output: pick(plan.output, kept) },
    indexOf: placeIn(kept),
  };
}

function pruneJoin(plan: JoinNode, needed: ReadonlySet<number>): Pruned {
  const width = plan.left.output.length;
  const onBoth = plan.condition === undefined ? [] : columnsUsed(plan.condition);
  const all = [...needed, ...onBoth];
  const leftReads = columnsUsed(...plan.equalities.map((equality) => equality.left));
  const rightReads = columnsUsed(...plan.equalities.map((equality) => equality.right));
  const left = prune(plan.left, new Set([...all.filter((index) => index < width), ...leftReads]));
  const right = prune(
    plan.right,
    new Set([...all.filter((index) => index >= width).map((index) => index - width), ...rightReads]),
  );
  const newWidth = left.plan.output.length;
  const indexOf = (index: number): number => {
    if (index < width) return left.indexOf(index);
    const place = right.indexOf(index - width);
    return place < 0 ? -1 : newWidth + place;
  };
  return {
    plan: {
      ...plan,
      left: left.plan,
      right: right.plan,
      equalities: plan.equalities.map((equality) => ({
        left: remapColumns(equality.left, left.indexOf),
        right: remapColumns(equality.right, right.indexOf),
      })),
      condition: plan.condition === undefined ? undefined : remapColumns(plan.condition, indexOf),
      output: namedAs(plan, [...left.plan.output, ...right.plan.output], indexOf),
    },
    indexOf,
  };
}

/** The columns that are left, by the names that this node gives them, not its input. */
function namedAs(
  plan: LogicalPlan,
  left: readonly OutputColumn[],
  indexOf: (index: number) => number,
): readonly OutputColumn[] {
  const output = [...left];
  plan.output.forEach((column, index) => {
    const place = indexOf(index);
    if (place >= 0 && place < output.length) output[place] = column;
  });
  return output;
}

function ascending(indexes: ReadonlySet<number>): readonly number[] {
  return [...indexes].sort((a, b) => a - b);
}

function pick<T>(items: readonly T[], indexes: readonly number[]): T[] {
  return indexes.map((index) => items[index]);
}

/** The place of a kept column; -1 for one that is gone. */
function placeIn(kept: readonly number[]): (index: number) => number {
  const places = new Map(kept.map((index, place) => [index, place]));
  return (index) => places.get(index) ?? -1;
}
