import type { Expression } from '../../expression/expression.ts';
import { isVolatile } from '../../expression/volatility.ts';
import type { CommonTablePlan, CteScanNode, WithNode } from '../../plan/common-table-nodes.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import { mapInputs, mapPlan } from '../plan-walk.ts';
import { nodeExpressions, visitPlan } from '../subplans.ts';

/**
 * A common table that is read once is a subquery: its conditions and columns are then those of the place where it is
 * read. One that nobody reads goes. MATERIALIZED, recursion, row locks and volatile functions keep a table as it is; NOT MATERIALIZED
 * makes a subquery of it however often it is read.
 */
export function inlineCommonTables(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => (node.kind === 'with' ? inline(node) : node));
}

function inline(node: WithNode): LogicalPlan {
  let { input } = node;
  let tables: CommonTablePlan[] = [];
  // What only an unread table reads is unread itself.
  for (const table of [...node.tables].reverse()) {
    if (scanCount(table.id, [...tables.map(({ plan }) => plan), input]) > 0) tables = [table, ...tables];
  }
  for (let place = 0; place < tables.length; ) {
    const table = tables[place];
    const readers = [...tables.slice(place + 1).map(({ plan }) => plan), input];
    const count = scanCount(table.id, readers);
    const inlining = new Inlining(table);
    const changed = isInlined(table, count) ? readers.map((reader) => inlining.into(reader)) : readers;
    if (inlining.count < count) {
      place += 1;
      continue;
    }
    input = changed[changed.length - 1];
    const later = tables.slice(place + 1).map((reader, at) => ({ ...reader, plan: changed[at] }));
    tables = [...tables.slice(0, place), ...later];
  }
  return tables.length === 0 ? input : { ...node, tables, input };
}

function scanCount(id: number, plans: readonly LogicalPlan[]): number {
  let count = 0;
  for (const plan of plans) {
    visitPlan(plan, (node) => {
      if (node.kind === 'cte-scan' && node.id === id) count += 1;
    });
  }
  return count;
}

function isInlined({ plan, materialized }: CommonTablePlan, count: number): boolean {
  if (materialized === 'always' || plan.kind === 'recursive-union') return false;
  let isFixed = false;
  let hasSlots = false;
  visitPlan(plan, (node) => {
    isFixed ||= node.kind === 'lock-rows' || nodeExpressions(node).some(isVolatile);
    hasSlots ||= node.kind === 'apply' || nodeExpressions(node).some(readsSlots);
  });
  if (isFixed) return false;
  // The slots of lateral joins and subqueries are there once.
  return count === 1 || (materialized === 'never' && !hasSlots);
}

function readsSlots(expression: Expression): boolean {
  return expression.kind === 'subquery' || expression.kind === 'correlated';
}

/** Puts a table's plan where it is scanned; not within expressions and what runs again and again, where it is better kept. */
class Inlining {
  readonly #table: CommonTablePlan;
  count = 0;

  constructor(table: CommonTablePlan) {
    this.#table = table;
  }

  into(plan: LogicalPlan): LogicalPlan {
    if (plan.kind === 'cte-scan' && plan.id === this.#table.id) return this.#subquery(plan);
    if (plan.kind === 'apply' || plan.kind === 'recursive-union') return { ...plan, left: this.into(plan.left) };
    return mapInputs(plan, (input) => this.into(input));
  }

  #subquery({ columns, output }: CteScanNode): LogicalPlan {
    this.count += 1;
    // A copy: each node of a plan stands in one place.
    const input = mapPlan(this.#table.plan, (node) => ({ ...node }));
    const expressions = columns.map((index, at): Expression => ({ kind: 'column', index, type: output[at].type }));
    return { kind: 'project', input, expressions, output };
  }
}
