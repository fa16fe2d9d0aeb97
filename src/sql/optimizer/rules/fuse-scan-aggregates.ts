import type { Expression } from '../../expression/expression.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed, hasSubquery, someExpression } from '../../expression/walk-expression.ts';
import type { AggregateNode, LogicalPlan, ScanNode, TopNNode } from '../../plan/logical-plan.ts';
import { mapPlan } from '../plan-walk.ts';
import { nodeExpressions } from '../subplans.ts';

/**
 * Lets the aggregation over a scan be computed with it, run by run, where no row has to be asked for its group:
 *
 *   GROUP BY time_bucket('1 hour', time), host    tags are those of the series, buckets are stretches of sorted times
 *   no GROUP BY                                   one group
 *
 * Under ORDER BY bucket LIMIT n it need not go on to buckets behind the first n that have rows.
 */
export function fuseScanAggregates(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => {
    if (node.kind === 'aggregate') return fuse(node);
    return node.kind === 'top-n' ? limitBuckets(node) : node;
  });
}

function limitBuckets(node: TopNNode): TopNNode {
  const { input, keys, offset, count } = node;
  if (input.kind !== 'aggregate' || input.fusedScan?.bucketKey === undefined) return node;
  const [{ expression, isDescending }] = keys;
  if (expression.kind !== 'column' || expression.index !== input.fusedScan.bucketKey) return node;
  if ([offset, count].some((limit) => limit !== undefined && hasSubquery(limit))) return node;
  return { ...node, input: { ...input, fusedScan: { ...input.fusedScan, first: { isDescending, offset, count } } } };
}

function fuse(node: AggregateNode): AggregateNode {
  const { input: scan, keys, groupingSets } = node;
  if (scan.kind !== 'scan' || groupingSets !== undefined) return node;
  if (scan.take !== undefined || scan.index !== undefined || scan.isTarget === true || scan.lockSlot !== undefined) {
    return node;
  }
  if (![...nodeExpressions(node), ...nodeExpressions(scan)].every(isSimple)) return node;
  const rowKeys = [...keys.keys()].filter((key) => !isOfSeries(keys[key], scan));
  const [bucketKey] = rowKeys;
  if (rowKeys.length > 1 || (bucketKey !== undefined && !isBucket(keys[bucketKey], scan))) return node;
  return { ...node, fusedScan: { bucketKey } };
}

function isSimple(expression: Expression): boolean {
  return !hasSubquery(expression) && !isVolatile(expression);
}

/** Reads tags alone, and cannot fail for a series none of whose rows are wanted. */
function isOfSeries(key: Expression, scan: ScanNode): boolean {
  const { timeSeries, columns } = scan.table;
  if (timeSeries === undefined) return false;
  const readsTags = columnsUsed(key).every((column) => columns[scan.columns[column]].role === 'tag');
  return readsTags && !someExpression(key, mayFail);
}

function mayFail(expression: Expression): boolean {
  switch (expression.kind) {
    case 'constant':
    case 'column':
    case 'parameter':
    case 'correlated':
    case 'relabel':
    case 'and':
    case 'or':
    case 'not':
    case 'null-test':
    case 'coalesce':
    case 'case':
      return false;
    case 'call':
      return expression.function.mayThrow;
    default:
      return true;
  }
}

/** A function that cuts the time column into buckets of a width that no row changes. */
function isBucket(key: Expression, scan: ScanNode): boolean {
  if (key.kind !== 'call' || key.function.bucketing === undefined) return false;
  const { timeArgument } = key.function.bucketing;
  const time = key.arguments[timeArgument];
  if (time.kind !== 'column') return false;
  const column = scan.table.columns[scan.columns[time.index]];
  if (column.role !== 'time' || column.isHidden === true || column.type.definition.representation !== 'int64') {
    return false;
  }
  return key.arguments.every((argument, at) => at === timeArgument || columnsUsed(argument).length === 0);
}
