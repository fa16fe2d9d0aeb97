import type { Expression } from '../expression/expression.ts';
import { sameExpression } from '../expression/same-expression.ts';
import { hasSubquery } from '../expression/walk-expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { SortKey } from '../plan/sort-nodes.ts';
import type { WindowCall, WindowFrame } from '../plan/window-node.ts';
import type { BoundWindow } from './bind-window.ts';
import type { WindowCollector } from './window-collector.ts';

/** A window with the calls over it, as numbers into the collector's. */
interface PlacedWindow {
  readonly window: BoundWindow;
  readonly calls: { readonly at: number; readonly call: WindowCall }[];
}

/** The plan that computes a SELECT's window functions, and where each of them is in its output. */
export interface PlacedWindows {
  readonly plan: LogicalPlan;
  readonly columnOf: (call: number) => number;
}

/**
 * Window nodes over `input`, one for each different window that is called, each over its rows in order. `change` turns
 * the windows' expressions into ones over `input`.
 */
export function placeWindows(
  input: LogicalPlan,
  collector: WindowCollector,
  windows: readonly BoundWindow[],
  change: (expression: Expression) => Expression,
): PlacedWindows {
  const computed = new ComputedColumns(input);
  const placed: PlacedWindow[] = [];
  const changed = windows.map((window) => changedWindow(window, (key) => computed.columnFor(change(key))));
  collector.calls.forEach(({ call, definition }, at) => {
    const window = changed[definition];
    const item = { at, call: changedCall(call, (part) => computed.withoutSubquery(change(part))) };
    const known = placed.find((candidate) => sameWindow(candidate.window, window));
    if (known === undefined) placed.push({ window, calls: [item] });
    else known.calls.push(item);
  });
  let plan = computed.plan();
  let order: readonly SortKey[] = [];
  const columns = new Map<number, number>();
  for (const { window, calls } of inEvaluationOrder(placed, changed)) {
    const keys = sortKeysOf(window);
    if (!startsWith(order, keys)) {
      plan = { kind: 'sort', input: plan, keys, output: plan.output };
      order = keys;
    }
    for (const [offset, { at }] of calls.entries()) columns.set(at, plan.output.length + offset);
    plan = {
      kind: 'window',
      input: plan,
      partitionBy: window.partitionBy,
      orderBy: window.orderBy,
      frame: window.frame,
      calls: calls.map(({ call }) => call),
      output: [...plan.output, ...calls.map(({ call }) => outputOf(call.function.name, call.type))],
    };
  }
  return { plan, columnOf: (call) => columns.get(call) ?? -1 };
}

/** Keys that are more than a column are computed once, for the sort and for telling partitions and peers apart. */
class ComputedColumns {
  readonly #input: LogicalPlan;
  readonly #expressions: Expression[] = [];

  constructor(input: LogicalPlan) {
    this.#input = input;
  }

  columnFor(expression: Expression): Expression {
    if (expression.kind === 'column') return expression;
    let at = this.#expressions.findIndex((known) => sameExpression(known, expression));
    if (at < 0) at = this.#expressions.push(expression) - 1;
    return { kind: 'column', index: this.#input.output.length + at, type: expression.type };
  }

  /** Subqueries are run by projections. */
  withoutSubquery(expression: Expression): Expression {
    return hasSubquery(expression) ? this.columnFor(expression) : expression;
  }

  plan(): LogicalPlan {
    const input = this.#input;
    if (this.#expressions.length === 0) return input;
    const passed = input.output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
    return {
      kind: 'project',
      input,
      expressions: [...passed, ...this.#expressions],
      output: [...input.output, ...this.#expressions.map(({ type }) => outputOf('?column?', type))],
    };
  }
}

function outputOf(name: string, type: OutputColumn['type']): OutputColumn {
  return { name, type, tableOid: 0, columnNumber: 0 };
}

/** The columns that a window's definition and its calls read. */
function changedWindow(window: BoundWindow, change: (expression: Expression) => Expression): BoundWindow {
  return {
    ...window,
    partitionBy: window.partitionBy.map(change),
    orderBy: window.orderBy.map((key) => ({ ...key, expression: change(key.expression) })),
  };
}

function changedCall(call: WindowCall, change: (expression: Expression) => Expression): WindowCall {
  return {
    ...call,
    arguments: call.arguments.map(change),
    filter: call.filter === undefined ? undefined : change(call.filter),
  };
}

function sortKeysOf({ partitionBy, orderBy }: BoundWindow): SortKey[] {
  const keys: SortKey[] = partitionBy.map((expression) => ({ expression, isDescending: false, nullsFirst: false }));
  for (const key of orderBy) {
    if (!keys.some((known) => sameExpression(known.expression, key.expression))) keys.push(key);
  }
  return keys;
}

/** Whether rows in the order of `order` are in that of `keys` as well. */
function startsWith(order: readonly SortKey[], keys: readonly SortKey[]): boolean {
  return keys.every((key, at) => order[at] !== undefined && sameKey(order[at], key));
}

/**
 * Windows that need the same order of rows stand one behind the other, those that need more of it first; as in
 * PostgreSQL, whose rows come out in the order of the last one. Keys count by where they are first written.
 */
function inEvaluationOrder(placed: readonly PlacedWindow[], all: readonly BoundWindow[]): readonly PlacedWindow[] {
  const written = all.flatMap((window) => [...window.orderBy.map((key) => key.expression), ...window.partitionBy]);
  const ranked = placed.map((item) => ({
    item,
    keys: sortKeysOf(item.window).map(({ expression, isDescending, nullsFirst }) => [
      written.findIndex((candidate) => sameExpression(candidate, expression)),
      isDescending ? 1 : 0,
      nullsFirst ? 1 : 0,
    ]),
  }));
  ranked.sort((left, right) => {
    for (let at = 0; at < Math.min(left.keys.length, right.keys.length); at++) {
      for (let part = 0; part < 3; part++) {
        const difference = right.keys[at][part] - left.keys[at][part];
        if (difference !== 0) return difference;
      }
    }
    return right.keys.length - left.keys.length;
  });
  return ranked.map(({ item }) => item);
}

function sameWindow(left: BoundWindow, right: BoundWindow): boolean {
  return (
    left.partitionBy.length === right.partitionBy.length &&
    left.partitionBy.every((key, at) => sameExpression(key, right.partitionBy[at])) &&
    left.orderBy.length === right.orderBy.length &&
    left.orderBy.every((key, at) => sameKey(key, right.orderBy[at])) &&
    sameFrame(left.frame, right.frame)
  );
}

function sameKey(left: SortKey, right: SortKey): boolean {
  return (
    left.isDescending === right.isDescending &&
    left.nullsFirst === right.nullsFirst &&
    sameExpression(left.expression, right.expression)
  );
}

function sameFrame(left: WindowFrame, right: WindowFrame): boolean {
  if (left.mode !== right.mode || left.exclusion !== right.exclusion) return false;
  return sameBound(left.start, right.start) && sameBound(left.end, right.end);
}

function sameBound(left: WindowFrame['start'], right: WindowFrame['start']): boolean {
  if (left.kind !== right.kind || left.range !== right.range) return false;
  if (left.offset === undefined || right.offset === undefined) return left.offset === right.offset;
  return sameExpression(left.offset, right.offset);
}
