import { ALL_TIME, type IndexCondition } from '../catalog/scan-request.ts';
import type { Batch } from '../columnar/batch.ts';
import { gatherBatch } from '../columnar/copy-rows.ts';
import { ColumnEvaluator, RowFilter } from '../sql/expression/compile-expression.ts';
import { conjunction } from '../sql/expression/conjunction.ts';
import type { Expression } from '../sql/expression/expression.ts';
import { isVolatile } from '../sql/expression/volatility.ts';
import { hasSubquery } from '../sql/expression/walk-expression.ts';
import type { LogicalPlan } from '../sql/plan/logical-plan.ts';
import type { ScanNode } from '../sql/plan/scan-node.ts';
import type { Value } from '../types/value.ts';
import { evaluateExpression } from './evaluate-constant.ts';
import type { ExecutionContext } from './execution-context.ts';

/** A plan that reads the one row of a whole unique key, and computes a select list of it. */
export interface PointRead {
  readonly scan: ScanNode & Required<Pick<ScanNode, 'index'>>;
  /** What the key's columns are equal to. */
  readonly key: readonly Expression[];
  /** What is left to be asked of the row. */
  readonly filters: readonly Expression[];
  /** Which of the scan's columns are selected, where nothing is computed. */
  readonly selected: readonly number[] | undefined;
  /** undefined: the scan's columns as they are. */
  readonly expressions: readonly Expression[] | undefined;
}

const INTEGERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8']);

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
  const key = index.equalTo.flatMap((equality) => (equality.kind === 'values' ? equality.values : []));
  const all = [...scan.filters, ...(expressions ?? []), ...key];
  if (all.some((expression) => hasSubquery(expression) || isVolatile(expression))) return undefined;
  const selected = expressions?.flatMap((expression) => (expression.kind === 'column' ? [expression.index] : []));
  return {
    scan: { ...scan, index },
    key,
    filters: isAnsweredByKey(scan) ? [] : scan.filters,
    selected: selected?.length === expressions?.length ? selected : undefined,
    expressions,
  };
}

/**
 * Whether a row that an index gives needs not be looked at again: integers that are equal have the same key, and no others
 * have.
 */
function isAnsweredByKey({ index, filters }: ScanNode): boolean {
  if (index === undefined || index.index.method !== 'btree') return false;
  const { conditions, equalTo } = index;
  if (conditions.length !== equalTo.length || filters.length !== equalTo.length) return false;
  return filters.every(
    (filter) =>
      conditions.includes(filter) &&
      filter.kind === 'call' &&
      filter.arguments.every(({ type }) => INTEGERS.has(type.definition.name)),
  );
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
export function readPoint(point: PointRead, context: ExecutionContext): readonly Batch[] | undefined {
  const { scan, filters, selected, expressions } = point;
  const index = keyCondition(point, context);
  if (index === undefined) return [];
  const request = { columns: scan.columns, timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [], index };
  const found = context.table(scan.table.oid).scan(request, context.snapshot).rowsNow?.();
  if (found === undefined || found.length === 0) return found;
  // Evaluators use their buffers again for the next batch.
  if (found.length > 1) return undefined;
  const condition = conjunction(filters);
  const passing = condition === undefined ? found[0] : passed(found[0], new RowFilter(condition, context));
  const { rowCount, columns } = passing;
  if (rowCount === 0) return [];
  if (selected !== undefined) return [{ rowCount, columns: selected.map((at) => columns[at]) }];
  if (expressions === undefined) return [passing];
  const computed = expressions.map((expression) => new ColumnEvaluator(expression, context).evaluate(passing));
  return [{ rowCount, columns: computed }];
}

/** Undefined: some value is NULL, which no row is equal to. */
function keyCondition({ scan, key }: PointRead, context: ExecutionContext): IndexCondition | undefined {
  const values: Value[] = [];
  for (const expression of key) {
    const value = evaluateExpression(expression, context);
    if (value === null) return undefined;
    values.push(value);
  }
  return { indexOid: scan.index.index.oid, equalTo: [values] };
}

function passed(batch: Batch, filter: RowFilter): Batch {
  const selection = new Uint32Array(batch.rowCount);
  const count = filter.select(batch, selection);
  return count === batch.rowCount ? batch : gatherBatch(batch, selection, count);
}
