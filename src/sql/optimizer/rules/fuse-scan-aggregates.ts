import type { Expression } from '../../expression/expression.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed, hasSubquery } from '../../expression/walk-expression.ts';
import type { AggregateNode } from '../../plan/aggregate-node.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import type { ScanNode } from '../../plan/scan-node.ts';
import { isOfSeries } from '../../plan/series-expression.ts';
import type { TopNNode } from '../../plan/sort-nodes.ts';
import { mapPlan } from '../plan-walk.ts';
import { nodeExpressions } from '../subplans.ts';

/**
 * Lets the aggregation over a scan of a time-series table be computed with it, run by run. Of most keys no row has to be
 * asked:
 *
 *   GROUP BY time_bucket('1 hour', time), host    tags are those of the series, buckets are stretches of sorted times
 *   GROUP BY host, status                         the rows of a stretch are parted by their fields
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
  const bucketKey = rowKeys.find((key) => isBucket(keys[key], scan));
  const fieldKeys = rowKeys.filter((key) => key !== bucketKey);
  if (fieldKeys.length === 0) return { ...node, fusedScan: { bucketKey } };
  return scan.table.timeSeries === undefined ? node : { ...node, fusedScan: { bucketKey, fieldKeys } };
}

function isSimple(expression: Expression): boolean {
  return !hasSubquery(expression) && !isVolatile(expression);
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
