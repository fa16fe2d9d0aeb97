import { unreachable } from '../../../errors/invariant.ts';
import type { Expression } from '../../expression/expression.ts';
import { columnsUsed, remapColumns } from '../../expression/walk-expression.ts';
import type { AggregateCall, AggregateNode } from '../../plan/aggregate-node.ts';
import type { GapFillNode } from '../../plan/gap-fill-node.ts';
import { type ApplyNode, type AsOfJoinNode, hasRightSide, type JoinNode } from '../../plan/join-nodes.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import type { OutputColumn } from '../../plan/plan-node.ts';
import type { ScanNode, TimeBound } from '../../plan/scan-node.ts';
import type { SortKey } from '../../plan/sort-nodes.ts';
import type { ProjectSetNode } from '../../plan/table-function-nodes.ts';
import type { ValuesNode } from '../../plan/values-node.ts';
import type { WindowCall, WindowNode } from '../../plan/window-node.ts';
import { hasFailure } from '../constant-computation.ts';
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

/** Of VALUES with several rows every constant is computed, and its error raised, whoever reads it. */
function failingColumns({ rows, output }: ValuesNode): readonly number[] {
  if (rows.length < 2) return [];
  return [...output.keys()].filter((index) => rows.some((row) => hasFailure(row[index], undefined)));
}

/** The result gives at least `needed`, in unchanged order. */
function prune(plan: LogicalPlan, needed: ReadonlySet<number>): Pruned {
  switch (plan.kind) {
    case 'scan':
      return pruneScan(plan, needed);
    case 'values': {
      // Every literal is read, and its error raised, whoever needs it.
      if (plan.moreRows !== undefined) return { plan, indexOf: (index) => index };
      const kept = ascending(new Set([...needed, ...failingColumns(plan)]));
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
    case 'gap-fill':
      return pruneGapFill(plan, needed);
    case 'window':
      return pruneWindow(plan, needed);
    case 'join':
      return pruneJoin(plan, needed);
    case 'apply':
      return pruneApply(plan, needed);
    case 'as-of-join':
      return pruneAsOfJoin(plan, needed);
    case 'project-set':
      return pruneProjectSet(plan, needed);
    case 'append': {
      const kept = ascending(needed);
      const inputs = plan.inputs.map((input) => exactly(prune(input, needed), kept));
      return { plan: { ...plan, inputs, output: pick(plan.output, kept) }, indexOf: placeIn(kept) };
    }
    case 'cte-scan':
    case 'working-table': {
      const kept = ascending(needed);
      return {
        plan: { ...plan, columns: pick(plan.columns, kept), output: pick(plan.output, kept) },
        indexOf: placeIn(kept),
      };
    }
    case 'lock-rows': {
      const input = prune(plan.input, new Set([...needed, ...plan.marks.map((mark) => mark.rowIdColumn)]));
      const marks = plan.marks.map((mark) => ({ ...mark, rowIdColumn: input.indexOf(mark.rowIdColumn) }));
      const output = namedAs(plan, input.plan.output, input.indexOf);
      return { plan: { ...plan, input: input.plan, marks, output }, indexOf: input.indexOf };
    }
    case 'set-operation':
    case 'recursive-union': {
      // Rows are compared whole, or go round.
      const all = [...plan.output.keys()];
      const left = exactly(prune(plan.left, new Set(all)), all);
      const right = exactly(prune(plan.right, new Set(all)), all);
      return { plan: { ...plan, left, right }, indexOf: (index) => index };
    }
    case 'with': {
      const tables = plan.tables.map((table) => {
        const all = [...table.plan.output.keys()];
        return { ...table, plan: exactly(prune(table.plan, new Set(all)), all) };
      });
      const input = prune(plan.input, needed);
      const output = namedAs(plan, input.plan.output, input.indexOf);
      return { plan: { ...plan, tables, input: input.plan, output }, indexOf: input.indexOf };
    }
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
      return pruneThrough(
        plan,
        needed,
        (plan.ties ?? []).map((key) => key.expression),
      );
    default:
      return unreachable(plan);
  }
}

/** The pruned plan with the columns `kept` and no others, in this order: its neighbours have the same. */
function exactly({ plan, indexOf }: Pruned, kept: readonly number[]): LogicalPlan {
  if (plan.output.length === kept.length && kept.every((index, at) => indexOf(index) === at)) return plan;
  const places = kept.map(indexOf);
  return {
    kind: 'project',
    input: plan,
    expressions: places.map((index): Expression => ({ kind: 'column', index, type: plan.output[index].type })),
    output: pick(plan.output, places),
  };
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
  const firstCall = plan.keys.length;
  const firstGrouping = firstCall + plan.aggregates.length;
  const groupings = plan.groupings?.map((_, at) => firstGrouping + at) ?? [];
  const kept = ascending(new Set([...plan.keys.keys(), ...needed, ...groupings]));
  const aggregates = pick(
    plan.aggregates,
    kept.filter((index) => index >= firstCall && index < firstGrouping).map((index) => index - firstCall),
  );
  const reads = [...plan.keys, ...aggregates.flatMap(readsOf)];
  const input = prune(plan.input, new Set(columnsUsed(...reads)));
  const node = mapNodeExpressions({ ...plan, aggregates }, (expression) => remapColumns(expression, input.indexOf));
  return {
    plan: { ...(node as AggregateNode), input: input.plan, output: pick(plan.output, kept) },
    indexOf: placeIn(kept),
  };
}

/** What an aggregate or window function reads of the rows. */
function readsOf(call: AggregateCall | WindowCall): readonly Expression[] {
  const reads = [...call.arguments];
  if (call.filter !== undefined) reads.push(call.filter);
  if ('orderBy' in call && call.orderBy !== undefined) reads.push(...call.orderBy.map((key) => key.expression));
  return reads;
}

/** What makes the series and their buckets stays; fills that nobody reads go. */
function pruneGapFill(plan: GapFillNode, needed: ReadonlySet<number>): Pruned {
  const fills = plan.fills.filter((fill) => needed.has(fill.column));
  const lookups = fills.flatMap(({ previous, next }) => [previous, next].filter((part) => part !== undefined));
  const input = prune(plan.input, new Set([...needed, plan.bucket, ...plan.groups, ...columnsUsed(...lookups)]));
  const { indexOf } = input;
  const node = mapNodeExpressions({ ...plan, fills }, (expression) => remapColumns(expression, indexOf)) as GapFillNode;
  const kept = (columns: readonly number[]): number[] => columns.map(indexOf).filter((column) => column >= 0);
  return {
    plan: {
      ...node,
      input: input.plan,
      bucket: indexOf(plan.bucket),
      groups: kept(plan.groups),
      dependents: kept(plan.dependents),
      fills: node.fills.map((fill) => ({ ...fill, column: indexOf(fill.column) })),
      output: namedAs(plan, input.plan.output, indexOf),
    },
    indexOf,
  };
}

/** Calls that nobody reads go; a window without any is its input. */
function pruneWindow(plan: WindowNode, needed: ReadonlySet<number>): Pruned {
  const width = plan.input.output.length;
  const calls = plan.calls.filter((_, at) => needed.has(width + at));
  const passed = [...needed].filter((index) => index < width);
  if (calls.length === 0) return prune(plan.input, new Set(passed));
  const reads = [...plan.partitionBy, ...plan.orderBy.map((key) => key.expression), ...calls.flatMap(readsOf)];
  const input = prune(plan.input, new Set([...passed, ...columnsUsed(...reads)]));
  const node = mapNodeExpressions({ ...plan, calls }, (expression) => remapColumns(expression, input.indexOf));
  const newWidth = input.plan.output.length;
  const places = new Map(calls.map((call, at) => [width + plan.calls.indexOf(call), newWidth + at]));
  const indexOf = (index: number): number => (index < width ? input.indexOf(index) : (places.get(index) ?? -1));
  const output = namedAs(
    plan,
    [...input.plan.output, ...calls.map((call) => plan.output[width + plan.calls.indexOf(call)])],
    indexOf,
  );
  return { plan: { ...(node as WindowNode), input: input.plan, output }, indexOf };
}

function pruneJoin(plan: JoinNode, needed: ReadonlySet<number>): Pruned {
  const width = plan.left.output.length;
  const onBoth = plan.condition === undefined ? [] : columnsUsed(plan.condition);
  const all = [...needed, ...onBoth];
  const { keys } = plan;
  const keyReads = keys === undefined ? [] : [keys.value];
  const leftReads = columnsUsed(...plan.equalities.map((equality) => equality.left), ...keyReads);
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
      ...(keys === undefined ? {} : { keys: { ...keys, value: remapColumns(keys.value, left.indexOf) } }),
      output: namedAs(
        plan,
        hasRightSide(plan) ? [...left.plan.output, ...right.plan.output] : left.plan.output,
        indexOf,
      ),
    },
    indexOf,
  };
}

/** The slots that the right side reads stay set, also where it gives nothing of use. */
function pruneApply(plan: ApplyNode, needed: ReadonlySet<number>): Pruned {
  const width = plan.left.output.length;
  const all = [...needed, ...(plan.condition === undefined ? [] : columnsUsed(plan.condition))];
  const bound = columnsUsed(...plan.bindings.map(({ value }) => value));
  const left = prune(plan.left, new Set([...all.filter((index) => index < width), ...bound]));
  const right = prune(plan.right, new Set(all.filter((index) => index >= width).map((index) => index - width)));
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
      bindings: plan.bindings.map(({ slot, value }) => ({ slot, value: remapColumns(value, left.indexOf) })),
      condition: plan.condition === undefined ? undefined : remapColumns(plan.condition, indexOf),
      output: namedAs(plan, [...left.plan.output, ...right.plan.output], indexOf),
    },
    indexOf,
  };
}

/** What only finds the rows of the right side is read, but not shown. */
function pruneAsOfJoin(plan: AsOfJoinNode, needed: ReadonlySet<number>): Pruned {
  const { equalities, time, bound, within, ties, tieBreakers, condition } = plan;
  const width = plan.left.output.length;
  const all = new Set([...needed, ...(condition === undefined ? [] : columnsUsed(condition))]);
  const bounds = bound === undefined ? within : [bound, ...within];
  const leftReads = columnsUsed(...equalities.map((equality) => equality.left), ...bounds.map(({ value }) => value));
  const rightReads = columnsUsed(
    ...equalities.map((equality) => equality.right),
    ...[...ties, ...tieBreakers].map((key) => key.expression),
    time,
  );
  const places = ascending(all).filter((index) => index >= width);
  const shown = places.map((index) => plan.shown[index - width]);
  const left = prune(plan.left, new Set([...[...all].filter((index) => index < width), ...leftReads]));
  const right = prune(plan.right, new Set([...shown, ...rightReads]));
  const newWidth = left.plan.output.length;
  const indexOf = (index: number): number => {
    if (index < width) return left.indexOf(index);
    const place = places.indexOf(index);
    return place < 0 ? -1 : newWidth + place;
  };
  const remapped = (value: TimeBound): TimeBound => ({ ...value, value: remapColumns(value.value, left.indexOf) });
  const remappedKeys = (keys: readonly SortKey[]): SortKey[] =>
    keys.map((key) => ({ ...key, expression: remapColumns(key.expression, right.indexOf) }));
  const newShown = shown.map(right.indexOf);
  return {
    plan: {
      ...plan,
      left: left.plan,
      right: right.plan,
      equalities: equalities.map((equality) => ({
        left: remapColumns(equality.left, left.indexOf),
        right: remapColumns(equality.right, right.indexOf),
      })),
      time: remapColumns(time, right.indexOf),
      bound: bound === undefined ? undefined : remapped(bound),
      within: within.map(remapped),
      ties: remappedKeys(ties),
      tieBreakers: remappedKeys(tieBreakers),
      shown: newShown,
      condition: condition === undefined ? undefined : remapColumns(condition, indexOf),
      output: namedAs(plan, [...left.plan.output, ...pick(right.plan.output, newShown)], indexOf),
    },
    indexOf,
  };
}

/** All calls stay: together they say how often a row comes. */
function pruneProjectSet(plan: ProjectSetNode, needed: ReadonlySet<number>): Pruned {
  const width = plan.input.output.length;
  const reads = columnsUsed(...plan.calls.flatMap((call) => call.arguments));
  const input = prune(plan.input, new Set([...[...needed].filter((index) => index < width), ...reads]));
  const newWidth = input.plan.output.length;
  const indexOf = (index: number): number => (index < width ? input.indexOf(index) : newWidth + index - width);
  const calls = plan.calls.map((call) => ({
    ...call,
    arguments: call.arguments.map((argument) => remapColumns(argument, input.indexOf)),
  }));
  const output = namedAs(plan, [...input.plan.output, ...plan.output.slice(width)], indexOf);
  return { plan: { ...plan, input: input.plan, calls, output }, indexOf };
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
