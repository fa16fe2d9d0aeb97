import type { Expression } from '../../expression/expression.ts';
import { isVolatile } from '../../expression/volatility.ts';
import type { DistinctOnNode, LogicalPlan, ScanNode, SortKey, TopNNode } from '../../plan/logical-plan.ts';
import { mapPlan } from '../plan-walk.ts';

/**
 * Lets a scan give only rows that can be in the result, where time decides which these are:
 *
 *   SELECT DISTINCT ON (tags …) … ORDER BY tags …, time DESC    the last row of each series
 *   SELECT … ORDER BY time DESC LIMIT n                         newest first, as far back as n rows
 *
 * The first row of a group of whole series is the last row of one of them, unless conditions on fields drop that row: then
 * an older one counts, and the plan stays as it is. Conditions on tags and time bounds are the scan's own.
 */
export function takeLastRows(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => {
    if (node.kind === 'distinct-on') return takeLast(node);
    return node.kind === 'top-n' ? takeNewest(node) : node;
  });
}

function takeLast(plan: DistinctOnNode): LogicalPlan {
  const { input: sort, keys } = plan;
  if (sort.kind !== 'sort') return plan;
  const found = scanBelow(sort.input);
  if (found === undefined || found.scan.filters.length > 0) return plan;
  const { scan, columnOf, over } = found;
  const leading = sort.keys.slice(0, keys.length).map((key) => columnOf(key.expression));
  const areGroupsOfSeries = keys.every((key) => {
    const column = columnOf(key);
    return column !== undefined && roleOf(scan, column) === 'tag' && leading.includes(column);
  });
  const ranking: SortKey | undefined = sort.keys[keys.length];
  if (!areGroupsOfSeries || ranking === undefined || !ranking.isDescending) return plan;
  if (!leading.every((column) => column !== undefined && roleOf(scan, column) === 'tag')) return plan;
  if (!isTime(scan, columnOf(ranking.expression))) return plan;
  return { ...plan, input: { ...sort, input: over({ ...scan, take: 'last-per-series' }) } };
}

function takeNewest(plan: TopNNode): LogicalPlan {
  const { input, keys } = plan;
  const first: SortKey | undefined = keys[0];
  if (input.kind !== 'scan' || input.take !== undefined || first === undefined || !first.isDescending) return plan;
  const { expression } = first;
  if (expression.kind !== 'column' || !isTime(input, expression.index)) return plan;
  return { ...plan, input: { ...input, take: 'newest-first' } };
}

/** A scan under projections that compute nothing which must not be left out. */
interface ScanBelow {
  readonly scan: ScanNode;
  /** The scan's column that an expression over the projections is; undefined for what is computed. */
  readonly columnOf: (expression: Expression) => number | undefined;
  /** The projections over another scan of the same columns. */
  readonly over: (scan: ScanNode) => LogicalPlan;
}

function scanBelow(plan: LogicalPlan): ScanBelow | undefined {
  if (plan.kind === 'scan') {
    if (plan.take !== undefined || plan.table.timeSeries === undefined) return undefined;
    const columnOf = (expression: Expression) => (expression.kind === 'column' ? expression.index : undefined);
    return { scan: plan, columnOf, over: (scan) => scan };
  }
  if (plan.kind !== 'project' || plan.expressions.some(isVolatile)) return undefined;
  const below = scanBelow(plan.input);
  if (below === undefined) return undefined;
  return {
    scan: below.scan,
    columnOf: (expression) =>
      expression.kind === 'column' ? below.columnOf(plan.expressions[expression.index]) : undefined,
    over: (scan) => ({ ...plan, input: below.over(scan) }),
  };
}

function roleOf({ table, columns }: ScanNode, column: number): string | undefined {
  return table.columns[columns[column]]?.role;
}

function isTime(scan: ScanNode, column: number | undefined): boolean {
  const { timeSeries } = scan.table;
  if (timeSeries === undefined || column === undefined) return false;
  return scan.table.columns[scan.columns[column]]?.number === timeSeries.timeColumnNumber;
}
