import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { SortKey } from '../plan/sort-nodes.ts';
import type { ValuesNode } from '../plan/values-node.ts';
import type { FromItem } from '../syntax/from-ast.ts';
import type { Query, SelectStatement } from '../syntax/query-ast.ts';
import type { AggregateCollector } from './aggregate-collector.ts';
import type { BoundFrom } from './bind-from.ts';
import type { BoundGrouping } from './bind-grouping.ts';
import type { BoundLimits } from './bind-limit.ts';
import type { Distinctness } from './bind-sort.ts';
import type { BoundWindow } from './bind-window.ts';
import type { SelectItem } from './select-list.ts';
import type { SetCollector } from './set-collector.ts';
import type { WindowCollector } from './window-collector.ts';

/** The parts of a SELECT as they were bound, over the rows of its FROM. */
export interface SelectRecord {
  readonly items: readonly SelectItem[];
  readonly visibleCount: number;
  readonly where: Expression | undefined;
  readonly having: Expression | undefined;
  /** Over the items. */
  readonly sortKeys: readonly SortKey[];
  readonly grouping: BoundGrouping;
  readonly distinct: Distinctness;
  readonly limits: BoundLimits;
  readonly aggregates: AggregateCollector;
  readonly windows: WindowCollector;
  readonly sets: SetCollector;
  readonly boundWindows: readonly BoundWindow[];
}

/** ORDER BY and LIMIT of VALUES or a set operation; the keys are over `items`, which are over the result. */
export interface FrameRecord {
  readonly items: readonly SelectItem[];
  readonly sortKeys: readonly SortKey[];
  readonly limits: BoundLimits;
}

/**
 * What binding a query has found out about each part of its text, noted for who writes the query as text again: a plan has
 * lost the names.
 */
export class QueryRecord {
  readonly selects = new Map<SelectStatement, SelectRecord>();
  readonly values = new Map<SelectStatement, ValuesNode>();
  readonly frames = new Map<Query, FrameRecord>();
  readonly from = new Map<FromItem, BoundFrom>();
  /** Which query a plan in an expression was made of. */
  readonly queries = new Map<object, Query>();

  /** What the slots of correlated subqueries and lateral items are set to. */
  readonly slots = new Map<number, Expression>();

  queryOf(plan: object): Query | undefined {
    return this.queries.get(plan);
  }

  noteQuery(plan: LogicalPlan, query: Query): void {
    this.queries.set(plan, query);
  }
}
