import { unreachable } from '../../errors/invariant.ts';
import type { Expression } from '../expression/expression.ts';
import { operatorOf } from '../expression/operator-of.ts';
import { columnsUsed } from '../expression/walk-expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { ScanNode } from '../plan/scan-node.ts';
import { splitConjuncts } from './conjuncts.ts';
import type { PlannerFacts } from './planner-facts.ts';
import { ARRAY_LENGTH, shareOf } from './selectivity.ts';

/** How many rows a plan gives, and of how many different ones they were taken: of a filtered table, all it has. */
export interface PlanSize {
  readonly rows: number;
  readonly base: number;
}

/** Of tables that nothing is known about: the catalog's, and those of tests. */
const UNKNOWN_ROWS = 1000;
const FUNCTION_ROWS = 100;
const RANGE_SHARE = 0.3;
/** Rows that are equal in grouping keys. */
const GROUP_ROWS = 10;
/** Buckets in place of each that has rows. */
const GAP_ROWS = 2;

/** A guess that is good enough to tell large from small. */
export function estimateSize(plan: LogicalPlan, facts: PlannerFacts): PlanSize {
  const sizeOf = (input: LogicalPlan): PlanSize => estimateSize(input, facts);
  const rowsOf = (rows: number): PlanSize => ({ rows: Math.max(rows, 1), base: Math.max(rows, 1) });
  switch (plan.kind) {
    case 'scan':
      return sizeOfScan(plan, facts);
    case 'values':
      return rowsOf(plan.rows.length + (plan.moreRows?.rowCount ?? 0));
    case 'table-function':
      return rowsOf(plan.calls.some((call) => call.kind === 'set') ? FUNCTION_ROWS : 1);
    case 'filter': {
      const { rows, base } = sizeOf(plan.input);
      return { rows: rows * shareOf(splitConjuncts(plan.condition)), base };
    }
    case 'project':
    case 'sort':
    case 'lock-rows':
    case 'window':
      return sizeOf(plan.input);
    case 'gap-fill':
      return rowsOf(sizeOf(plan.input).rows * GAP_ROWS);
    case 'project-set':
      return rowsOf(sizeOf(plan.input).rows * GROUP_ROWS);
    case 'aggregate':
      return rowsOf(plan.keys.length === 0 ? 1 : sizeOf(plan.input).rows / GROUP_ROWS);
    case 'distinct':
    case 'distinct-on':
      return rowsOf(sizeOf(plan.input).rows / GROUP_ROWS);
    case 'join': {
      const left = sizeOf(plan.left);
      const right = sizeOf(plan.right);
      if (plan.type === 'semi' || plan.type === 'anti') return { rows: left.rows * RANGE_SHARE, base: left.base };
      const width = plan.left.output.length;
      const ties = plan.condition === undefined ? [] : splitConjuncts(plan.condition).filter(isEquality);
      const leftKeys = columnsUsed(...ties, ...plan.equalities.map((equality) => equality.left));
      const rightKeys = [
        ...columnsUsed(...ties).map((index) => index - width),
        ...columnsUsed(...plan.equalities.map((equality) => equality.right)),
      ];
      const joined = joinSizes(left, right, {
        isTied: plan.equalities.length > 0 || ties.length > 0,
        isLeftUnique: isUniqueBy(plan.left, leftKeys),
        isRightUnique: isUniqueBy(plan.right, rightKeys),
      });
      const least = plan.type === 'inner' ? 0 : plan.type === 'right' ? right.rows : left.rows;
      return { rows: Math.max(joined.rows, least), base: joined.base };
    }
    case 'as-of-join':
      return sizeOf(plan.left);
    case 'apply':
      return rowsOf(sizeOf(plan.left).rows * sizeOf(plan.right).rows);
    case 'limit':
    case 'top-n': {
      const input = sizeOf(plan.input);
      const count =
        plan.count?.kind === 'constant' && plan.count.value !== null ? Number(plan.count.value) : input.rows;
      return rowsOf(Math.min(input.rows, count));
    }
    case 'append':
      return rowsOf(plan.inputs.reduce((rows, input) => rows + sizeOf(input).rows, 0));
    case 'set-operation':
      return rowsOf(sizeOf(plan.left).rows);
    case 'with':
      return sizeOf(plan.input);
    case 'recursive-union':
      return rowsOf(sizeOf(plan.left).rows * GROUP_ROWS);
    case 'cte-scan':
    case 'working-table':
      return rowsOf(UNKNOWN_ROWS);
    default:
      return unreachable(plan);
  }
}

export interface JoinTies {
  readonly isTied: boolean;
  /** Each row of the other side has one partner at most. */
  readonly isLeftUnique?: boolean;
  readonly isRightUnique?: boolean;
}

/** Rows of two inputs that an equality ties together, as often as keys of the smaller one are in the larger one. */
export function joinSizes(left: PlanSize, right: PlanSize, ties: JoinTies): PlanSize {
  const keys = ties.isRightUnique === true ? right.base : ties.isLeftUnique === true ? left.base : undefined;
  const pairs = left.rows * right.rows;
  const rows = ties.isTied ? pairs / Math.max(1, keys ?? Math.min(left.base, right.base)) : pairs;
  return { rows: Math.max(rows, 1), base: Math.max(left.base, right.base) };
}

/** Whether no two rows of a table are the same in these columns of its scan. */
export function isUniqueBy(plan: LogicalPlan, keys: readonly number[]): boolean {
  if (plan.kind === 'project') {
    const below = keys.flatMap((key) => {
      const expression = plan.expressions[key];
      return expression?.kind === 'column' ? [expression.index] : [];
    });
    return isUniqueBy(plan.input, below);
  }
  if (plan.kind === 'filter') return isUniqueBy(plan.input, keys);
  if (plan.kind === 'aggregate') return plan.keys.every((_, at) => keys.includes(at));
  if (plan.kind !== 'scan') return false;
  const numbers = keys.map((key) => plan.table.columns[plan.columns[key]]?.number);
  return plan.table.indexes.some(
    ({ isUnique, columns }) => isUnique && columns.every(({ columnNumber }) => numbers.includes(columnNumber)),
  );
}

function sizeOfScan(
  { table, columns, filters, tagFilters, timeBounds, index }: ScanNode,
  facts: PlannerFacts,
): PlanSize {
  const base = Math.max(facts.estimateRows(table) ?? UNKNOWN_ROWS, 1);
  const most = Math.min(mostByIndex(index), mostByUniqueKey(table, columns, filters));
  const statisticsOf = (at: number) => facts.columnStatistics?.(table, table.columns[columns[at]].number);
  const share = shareOf([...filters, ...tagFilters], statisticsOf) * RANGE_SHARE ** Math.min(timeBounds.length, 2);
  return { rows: Math.max(Math.min(base * share, most), 1), base };
}

function mostByIndex(index: ScanNode['index']): number {
  const isOne = index?.index.isUnique === true && index.equalTo.length === index.index.columns.length;
  return isOne ? 1 : Number.POSITIVE_INFINITY;
}

/** As many rows as there are different values that conditions leave of a unique key. */
function mostByUniqueKey(
  table: ScanNode['table'],
  columns: ScanNode['columns'],
  filters: readonly Expression[],
): number {
  if (filters.length === 0 || !table.indexes.some(({ isUnique }) => isUnique)) return Number.POSITIVE_INFINITY;
  const counts = new Map<number, number>();
  for (const filter of filters) {
    const count = valuesLeft(filter);
    if (count === undefined) continue;
    const { number } = table.columns[columns[count.column]];
    counts.set(number, Math.min(count.values, counts.get(number) ?? Number.POSITIVE_INFINITY));
  }
  const rows = table.indexes.map(({ isUnique, columns: keys }) =>
    isUnique
      ? keys.reduce((product, key) => product * (counts.get(key.columnNumber) ?? Number.POSITIVE_INFINITY), 1)
      : Number.POSITIVE_INFINITY,
  );
  return Math.min(...rows);
}

/** How many values a condition leaves of a column. */
function valuesLeft(filter: Expression): { readonly column: number; readonly values: number } | undefined {
  switch (filter.kind) {
    case 'call': {
      if (!isEquality(filter)) return undefined;
      const [left, right] = filter.arguments;
      if (left?.kind === 'column' && columnsUsed(right).length === 0) return { column: left.index, values: 1 };
      return right?.kind === 'column' && columnsUsed(left).length === 0
        ? { column: right.index, values: 1 }
        : undefined;
    }
    case 'in-list': {
      const { argument, list, isNegated } = filter;
      return isNegated || argument.kind !== 'column' ? undefined : { column: argument.index, values: list.length };
    }
    case 'array-comparison': {
      const isAny = !filter.isAll && operatorOf(filter.operator)?.name === '=';
      return isAny && filter.left.kind === 'column' ? { column: filter.left.index, values: ARRAY_LENGTH } : undefined;
    }
    default:
      return undefined;
  }
}

export function isEquality(condition: Expression): boolean {
  return condition.kind === 'call' && operatorOf(condition.function)?.name === '=';
}
