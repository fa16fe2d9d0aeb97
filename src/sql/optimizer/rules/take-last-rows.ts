import { int8 } from '../../../types/int8.ts';
import { sqlType } from '../../../types/type-registry.ts';
import type { Expression } from '../../expression/expression.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed, hasSubquery } from '../../expression/walk-expression.ts';
import type { AggregateCall, AggregateNode } from '../../plan/aggregate-node.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import type { ScanNode } from '../../plan/scan-node.ts';
import type { DistinctNode, DistinctOnNode } from '../../plan/set-nodes.ts';
import type { SortKey, TopNNode } from '../../plan/sort-nodes.ts';
import { mapPlan } from '../plan-walk.ts';

/**
 * Lets a scan give only rows that can be in the result, where time decides which these are:
 *
 *   SELECT DISTINCT ON (tags …) … ORDER BY tags …, time DESC    the last row of each series
 *   SELECT last(x, time), max(time) … GROUP BY tags …           likewise
 *   SELECT DISTINCT tags …                                      likewise: it has one
 *   SELECT … ORDER BY time DESC LIMIT n                         newest first, as far back as n rows
 *   SELECT last(x, time), max(time) …                           newest first, as far back as one row
 *
 * The first row of a group of whole series is the last row of one of them, unless conditions on fields drop that row: then
 * an older one counts, and the plan stays as it is. Conditions on tags and time bounds are the scan's own.
 */
export function takeLastRows(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => {
    switch (node.kind) {
      case 'distinct-on':
        return takeLast(node);
      case 'distinct':
        return takeTags(node);
      case 'aggregate':
        return takeLastOfGroups(node);
      case 'top-n':
        return takeNewest(node);
      default:
        return node;
    }
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

function takeTags(plan: DistinctNode): LogicalPlan {
  const found = scanBelow(plan.input);
  if (found === undefined || found.scan.filters.length > 0) return plan;
  const { scan, columnOf, over } = found;
  const areTags = plan.output.every(({ type }, index) => {
    const column = columnOf({ kind: 'column', index, type });
    return column !== undefined && roleOf(scan, column) === 'tag';
  });
  return areTags ? { ...plan, input: over({ ...scan, take: 'last-per-series' }) } : plan;
}

function takeLastOfGroups(plan: AggregateNode): LogicalPlan {
  const { input: scan, keys, aggregates } = plan;
  if (scan.kind !== 'scan' || !canTake(scan)) return plan;
  if (keys.length === 0 && plan.groupingSets === undefined && aggregates.length > 0) {
    const isNewest = aggregates.every((call) => call.filter === undefined && isOfLastRow(scan, call));
    if (isNewest) return { ...plan, input: newestRow(scan) };
  }
  const isBySeries = keys.every((key) => readsTags(scan, key)) && keys.length + aggregates.length > 0;
  if (!isBySeries || scan.filters.length > 0) return plan;
  const isLast = aggregates.every(
    (call) =>
      (call.filter === undefined || readsTags(scan, call.filter)) &&
      (isOfLastRow(scan, call) || isOfSeries(scan, call)),
  );
  return isLast ? { ...plan, input: { ...scan, take: 'last-per-series' } } : plan;
}

/** What the newest row alone decides: the greatest time, and values beside it. */
function isOfLastRow(scan: ScanNode, call: AggregateCall): boolean {
  const { function: called, arguments: values, orderBy, directArguments } = call;
  if (orderBy !== undefined || directArguments !== undefined || call.isDistinct) return false;
  if (values.some((value) => isVolatile(value) || hasSubquery(value))) return false;
  const [first, second] = values;
  if (called.name === 'max') return first?.kind === 'column' && isTime(scan, first.index);
  const isBesideTime = called.name === 'last' || called.name === 'max_by';
  return isBesideTime && values.length === 2 && second.kind === 'column' && isTime(scan, second.index);
}

/** The same for one row of a series as for all of them. */
function isOfSeries(scan: ScanNode, { function: called, arguments: values, orderBy }: AggregateCall): boolean {
  return called.ignoresDuplicates === true && orderBy === undefined && values.every((value) => readsTags(scan, value));
}

function readsTags(scan: ScanNode, expression: Expression): boolean {
  if (isVolatile(expression) || hasSubquery(expression)) return false;
  return columnsUsed(expression).every((column) => roleOf(scan, column) === 'tag');
}

function newestRow(scan: ScanNode): TopNNode {
  const index = scan.columns.findIndex((_, column) => isTime(scan, column));
  const expression: Expression = { kind: 'column', index, type: scan.output[index].type };
  return {
    kind: 'top-n',
    input: { ...scan, take: 'newest-first' },
    keys: [{ expression, isDescending: true, nullsFirst: true }],
    offset: undefined,
    count: { kind: 'constant', value: 1, type: sqlType(int8) },
    output: scan.output,
  };
}

function canTake({ take, table, isTarget, lockSlot }: ScanNode): boolean {
  return take === undefined && table.timeSeries !== undefined && isTarget !== true && lockSlot === undefined;
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
    if (!canTake(plan)) return undefined;
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
