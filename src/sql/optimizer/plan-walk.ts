import { unreachable } from '../../errors/invariant.ts';
import type { Expression } from '../expression/expression.ts';
import type { GapBound } from '../plan/gap-fill-node.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { SortKey } from '../plan/sort-nodes.ts';

/** The same plan over changed inputs; itself when nothing changed. */
export function mapInputs(plan: LogicalPlan, change: (input: LogicalPlan) => LogicalPlan): LogicalPlan {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'table-function':
    case 'cte-scan':
    case 'working-table':
      return plan;
    case 'append': {
      const inputs = plan.inputs.map(change);
      return inputs.every((input, at) => input === plan.inputs[at]) ? plan : { ...plan, inputs };
    }
    case 'with': {
      const tables = plan.tables.map((table) => {
        const changed = change(table.plan);
        return changed === table.plan ? table : { ...table, plan: changed };
      });
      const input = change(plan.input);
      const isSame = input === plan.input && tables.every((table, at) => table === plan.tables[at]);
      return isSame ? plan : { ...plan, tables, input };
    }
    case 'set-operation':
    case 'recursive-union':
    case 'apply':
    case 'as-of-join':
    case 'join': {
      const left = change(plan.left);
      const right = change(plan.right);
      return left === plan.left && right === plan.right ? plan : { ...plan, left, right };
    }
    default: {
      const input = change(plan.input);
      return input === plan.input ? plan : { ...plan, input };
    }
  }
}

/** Rebuilds a plan bottom-up: `change` sees each node over inputs that are changed already. */
export function mapPlan(plan: LogicalPlan, change: (plan: LogicalPlan) => LogicalPlan): LogicalPlan {
  return change(mapInputs(plan, (input) => mapPlan(input, change)));
}

/** Changes the expressions of one node, not of its inputs. */
export function mapNodeExpressions(plan: LogicalPlan, change: (expression: Expression) => Expression): LogicalPlan {
  const all = (expressions: readonly Expression[]): readonly Expression[] => expressions.map(change);
  const optional = (expression: Expression | undefined): Expression | undefined =>
    expression === undefined ? undefined : change(expression);
  const sortKeys = (keys: readonly SortKey[]): readonly SortKey[] =>
    keys.map((key) => ({ ...key, expression: change(key.expression) }));
  switch (plan.kind) {
    case 'scan':
      return {
        ...plan,
        timeBounds: plan.timeBounds.map((bound) => ({ ...bound, value: change(bound.value) })),
        tagFilters: all(plan.tagFilters),
        filters: all(plan.filters),
      };
    case 'values':
      return { ...plan, rows: plan.rows.map(all) };
    case 'table-function':
      return {
        ...plan,
        calls: plan.calls.map((call) =>
          call.kind === 'set' ? { ...call, arguments: all(call.arguments) } : { ...call, value: change(call.value) },
        ),
      };
    case 'project-set':
      return { ...plan, calls: plan.calls.map((call) => ({ ...call, arguments: all(call.arguments) })) };
    case 'apply':
      return {
        ...plan,
        bindings: plan.bindings.map(({ slot, value }) => ({ slot, value: change(value) })),
        condition: optional(plan.condition),
      };
    case 'as-of-join':
      return {
        ...plan,
        equalities: plan.equalities.map(({ left, right }) => ({ left: change(left), right: change(right) })),
        time: change(plan.time),
        bound: plan.bound === undefined ? undefined : { ...plan.bound, value: change(plan.bound.value) },
        within: plan.within.map((bound) => ({ ...bound, value: change(bound.value) })),
        ties: sortKeys(plan.ties),
        tieBreakers: sortKeys(plan.tieBreakers),
        condition: optional(plan.condition),
      };
    case 'filter':
      return { ...plan, condition: change(plan.condition) };
    case 'project':
      return { ...plan, expressions: all(plan.expressions) };
    case 'aggregate':
      return {
        ...plan,
        keys: all(plan.keys),
        aggregates: plan.aggregates.map((call) => ({
          ...call,
          arguments: all(call.arguments),
          filter: optional(call.filter),
          ...(call.orderBy === undefined ? {} : { orderBy: sortKeys(call.orderBy) }),
          ...(call.directArguments === undefined
            ? {}
            : {
                directArguments: call.directArguments.map((argument) =>
                  typeof argument === 'number' ? argument : change(argument),
                ),
              }),
        })),
      };
    case 'gap-fill': {
      const bounds = (list: readonly GapBound[]): readonly GapBound[] =>
        list.map((bound) => ({ ...bound, value: change(bound.value) }));
      return {
        ...plan,
        width: change(plan.width),
        timeZone: optional(plan.timeZone),
        origin: optional(plan.origin),
        start: bounds(plan.start),
        finish: bounds(plan.finish),
        fills: plan.fills.map((fill) => ({
          ...fill,
          previous: optional(fill.previous),
          next: optional(fill.next),
          treatsNullAsMissing: optional(fill.treatsNullAsMissing),
          maxGap: optional(fill.maxGap),
        })),
      };
    }
    case 'window':
      return {
        ...plan,
        partitionBy: all(plan.partitionBy),
        orderBy: sortKeys(plan.orderBy),
        frame: {
          ...plan.frame,
          start: { ...plan.frame.start, offset: optional(plan.frame.start.offset) },
          end: { ...plan.frame.end, offset: optional(plan.frame.end.offset) },
        },
        calls: plan.calls.map((call) => ({
          ...call,
          arguments: all(call.arguments),
          filter: optional(call.filter),
        })),
      };
    case 'distinct':
    case 'append':
    case 'lock-rows':
    case 'set-operation':
    case 'with':
    case 'cte-scan':
    case 'recursive-union':
    case 'working-table':
      return plan;
    case 'distinct-on':
      return { ...plan, keys: all(plan.keys) };
    case 'join':
      return {
        ...plan,
        equalities: plan.equalities.map(({ left, right }) => ({ left: change(left), right: change(right) })),
        condition: optional(plan.condition),
        ...(plan.keys === undefined ? {} : { keys: { ...plan.keys, value: change(plan.keys.value) } }),
      };
    case 'sort':
      return { ...plan, keys: plan.keys.map((key) => ({ ...key, expression: change(key.expression) })) };
    case 'limit':
      return {
        ...plan,
        offset: optional(plan.offset),
        count: optional(plan.count),
        ...(plan.ties === undefined
          ? {}
          : { ties: plan.ties.map((key) => ({ ...key, expression: change(key.expression) })) }),
      };
    case 'top-n':
      return {
        ...plan,
        keys: plan.keys.map((key) => ({ ...key, expression: change(key.expression) })),
        offset: optional(plan.offset),
        count: change(plan.count),
      };
    default:
      return unreachable(plan);
  }
}
