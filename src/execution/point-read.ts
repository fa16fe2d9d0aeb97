import { ALL_TIME } from '../catalog/scan-request.ts';
import type { Batch } from '../columnar/batch.ts';
import { gatherBatch } from '../columnar/copy-rows.ts';
import { ColumnEvaluator, RowFilter } from '../sql/expression/compile-expression.ts';
import { conjunction } from '../sql/expression/conjunction.ts';
import type { Expression } from '../sql/expression/expression.ts';
import { isVolatile } from '../sql/expression/volatility.ts';
import { hasSubquery } from '../sql/expression/walk-expression.ts';
import type { LogicalPlan, ScanNode } from '../sql/plan/logical-plan.ts';
import type { ExecutionContext } from './execution-context.ts';
import { indexCondition } from './index-condition.ts';

/** A plan that reads the one row of a whole unique key, and computes a select list of it. */
export interface PointRead {
  readonly scan: ScanNode & Required<Pick<ScanNode, 'index'>>;
  /** undefined: the scan's columns as they are. */
  readonly expressions: readonly Expression[] | undefined;
}

const known = new WeakMap<LogicalPlan, PointRead | 'other'>();

/** Undefined for other plans; asked for again and again. */
export function pointReadOf(plan: LogicalPlan): PointRead | undefined {
  let found = known.get(plan);
  if (found === undefined) {
    found = findPointRead(plan) ?? 'other';
    known.set(plan, found);
  }
  return found === 'other' ? undefined : found;
}

function findPointRead(plan: LogicalPlan): PointRead | undefined {
  const scan = plan.kind === 'project' ? plan.input : plan;
  const expressions = plan.kind === 'project' ? plan.expressions : undefined;
  if (scan.kind !== 'scan' || !isWholeKey(scan)) return undefined;
  const { index } = scan;
  const values = index.equalTo.flatMap((equality) => (equality.kind === 'values' ? equality.values : []));
  const all = [...scan.filters, ...(expressions ?? []), ...values];
  if (all.some((expression) => hasSubquery(expression) || isVolatile(expression))) return undefined;
  return { scan: { ...scan, index }, expressions };
}

function isWholeKey(scan: ScanNode): scan is ScanNode & Required<Pick<ScanNode, 'index'>> {
  const { index, table, timeBounds, tagFilters, take, among, isTarget, lockSlot } = scan;
  if (index === undefined || table.kind === 'system-table' || table.timeSeries !== undefined) return false;
  if (take !== undefined || among !== undefined || isTarget === true || lockSlot !== undefined) return false;
  if (timeBounds.length > 0 || tagFilters.length > 0) return false;
  return (
    index.index.isUnique &&
    index.equalTo.length === index.index.columns.length &&
    index.equalTo.every((equality) => equality.kind === 'values' && equality.values.length === 1)
  );
}

/**
 * The rows of a point read without a promise; undefined when something is not in memory, and the plan has to be executed.
 * Throws what its expressions raise.
 */
export function readPoint({ scan, expressions }: PointRead, context: ExecutionContext): readonly Batch[] | undefined {
  const index = indexCondition(scan.index, context);
  if (index === undefined) return [];
  const request = { columns: scan.columns, timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [], index };
  const found = context.table(scan.table.oid).scan(request, context.snapshot).rowsNow?.();
  if (found === undefined || found.length === 0) return found;
  // Evaluators use their buffers again for the next batch.
  if (found.length > 1) return undefined;
  const condition = conjunction(scan.filters);
  const filter = condition === undefined ? undefined : new RowFilter(condition, context);
  const evaluators = expressions?.map((expression) => new ColumnEvaluator(expression, context));
  return found.flatMap((batch) => {
    const passing = filter === undefined ? batch : passed(batch, filter);
    if (passing.rowCount === 0) return [];
    if (evaluators === undefined) return [passing];
    return [{ rowCount: passing.rowCount, columns: evaluators.map((evaluator) => evaluator.evaluate(passing)) }];
  });
}

function passed(batch: Batch, filter: RowFilter): Batch {
  const selection = new Uint32Array(batch.rowCount);
  const count = filter.select(batch, selection);
  return count === batch.rowCount ? batch : gatherBatch(batch, selection, count);
}
