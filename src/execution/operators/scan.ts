import { ALL_TIME, type FieldRange, type SeriesPredicate, type TimeRange } from '../../catalog/scan-request.ts';
import type { Table, TableScan } from '../../catalog/table.ts';
import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { RowFilter } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { columnsUsed, hasSubquery, remapColumns } from '../../sql/expression/walk-expression.ts';
import type { ScanNode } from '../../sql/plan/logical-plan.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { indexCondition } from '../index-condition.ts';
import type { NewestLimit } from '../newest-limit.ts';
import { noteScan, type OperatorCounters } from '../operator-counters.ts';
import { fieldRangesOf } from '../scan-aggregate/field-ranges.ts';
import { resolveTimeRange } from '../scan-aggregate/time-range.ts';
import { settle } from '../subquery/settle.ts';

const MICROS_PER_DAY = 86_400_000_000;

/**
 * Rows of a table. The time range and the tag filters are the table's to apply (it knows its runs and series); the
 * remaining filters run here, after their value ranges have been offered to the table as hints. `newest`: how far back
 * rows are wanted, of a scan that gives them newest first.
 */
export async function* scan(
  node: ScanNode,
  context: ExecutionContext,
  counters?: OperatorCounters,
  newest?: NewestLimit,
): BatchStream {
  const [timeRange, index] = await settle(context, () => [
    scanTimeRange(node, context),
    node.index === undefined ? undefined : indexCondition(node.index, context),
  ]);
  if (timeRange === undefined || (node.index !== undefined && index === undefined)) return;
  const table = narrowedTable(node, context) ?? context.table(node.table.oid);
  const postponed = new Set<Expression>();
  let postponedCount = 0;
  const tableScan = table.scan(
    {
      columns: node.columns,
      timeRange,
      seriesPredicates: node.tagFilters.map((filter) => seriesPredicate(filter, node, context, postponed)),
      fieldRanges: fieldRanges(node, context),
      ...(node.take === 'last-per-series' ? { lastPerSeries: true } : {}),
      ...(node.take === 'newest-first' ? { order: 'newest-first' as const } : {}),
      ...(index === undefined ? {} : { index }),
    },
    context.snapshot,
  );
  await tableScan.prepare?.(context.control);
  if (newest !== undefined && node.filters.length === 0 && postponed.size === 0)
    tableScan.needNewest?.(newest.rowCount);
  const skip = newest === undefined ? undefined : skipper(tableScan, node, newest);
  let filter = rowFilter(node.filters, context);
  const waits = node.filters.some(hasSubquery);
  let selection = new Uint32Array(0);
  for (const morsel of tableScan.morsels()) {
    if (postponed.size > postponedCount) {
      postponedCount = postponed.size;
      filter = rowFilter([...postponed, ...node.filters], context);
    }
    // Some morsels are there only so that others get a turn.
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
    skip?.();
    for await (const batch of tableScan.read(morsel, context.control)) {
      if (filter === undefined) {
        yield batch;
        continue;
      }
      if (selection.length < batch.rowCount) selection = new Uint32Array(batch.rowCount);
      const passing = filter;
      const count = waits
        ? await settle(context, () => passing.select(batch, selection))
        : passing.select(batch, selection);
      if (counters !== undefined) counters.removedRows += batch.rowCount - count;
      if (count === batch.rowCount) yield batch;
      else if (count > 0) yield gatherBatch(batch, selection, count);
    }
  }
  if (counters !== undefined) noteScan(counters, tableScan.counters);
}

/** What stands for the table when rows are looked at again. */
function narrowedTable(
  { isTarget, lockSlot }: ScanNode,
  { target, lockedTables }: ExecutionContext,
): Table | undefined {
  if (isTarget === true) return target;
  return lockSlot === undefined ? undefined : lockedTables?.get(lockSlot);
}

/** Hands the limit on whenever it has changed. */
function skipper(tableScan: TableScan, { table }: ScanNode, newest: NewestLimit): () => void {
  const time = table.columns.find(({ number }) => number === table.timeSeries?.timeColumnNumber);
  const unitMicros = time?.type.definition.name === 'date' ? MICROS_PER_DAY : 1;
  let known = Number.NEGATIVE_INFINITY;
  return () => {
    if (newest.time <= known) return;
    known = newest.time;
    tableScan.skipBefore?.(known * unitMicros, { isInclusive: newest.hasMoreKeys });
  };
}

/** undefined: a bound is NULL, so no row can pass. */
function scanTimeRange(node: ScanNode, context: ExecutionContext): TimeRange | undefined {
  const { timeSeries } = node.table;
  if (timeSeries === undefined || node.timeBounds.length === 0) return ALL_TIME;
  return resolveTimeRange(node.timeBounds, context);
}

function fieldRanges(node: ScanNode, context: ExecutionContext): FieldRange[] {
  return fieldRangesOf(node.filters, context).map((range) => ({ ...range, column: node.columns[range.column] }));
}

function rowFilter(filters: readonly Expression[], context: ExecutionContext): RowFilter | undefined {
  const condition = conjunction(filters);
  return condition === undefined ? undefined : new RowFilter(condition, context);
}

/**
 * A filter over tags, renumbered so that it reads the series batch, which holds just the tags it mentions. One that
 * raises an error goes into `postponed` and lets its series pass: the error is for a row to show, and the time range
 * may leave none of that series.
 */
function seriesPredicate(
  filter: Expression,
  node: ScanNode,
  context: ExecutionContext,
  postponed: Set<Expression>,
): SeriesPredicate {
  const used = columnsUsed(filter);
  const tagColumns = used.map((index) => node.columns[index]);
  const seriesFilter = new RowFilter(
    remapColumns(filter, (index) => used.indexOf(index)),
    context,
  );
  const equalTo = tagEquality(filter, node, context);
  const select = (series: Batch, selection: Uint32Array): number => {
    try {
      return seriesFilter.select(series, selection);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      postponed.add(filter);
      for (let index = 0; index < series.rowCount; index++) selection[index] = index;
      return series.rowCount;
    }
  };
  return equalTo === undefined ? { tagColumns, select } : { tagColumns, select, equalTo };
}

/** `tag = 'x'` and `tag IN ('x', 'y')`, which an index answers. */
function tagEquality(
  filter: Expression,
  node: ScanNode,
  context: ExecutionContext,
): SeriesPredicate['equalTo'] | undefined {
  if (filter.kind === 'in-list' && !filter.isNegated && filter.argument.kind === 'column') {
    const values = filter.list.map((item) => rowIndependentText(item, context));
    if (values.some((value) => value === undefined)) return undefined;
    return {
      tagColumn: node.columns[filter.argument.index],
      values: values.filter((value) => typeof value === 'string'),
    };
  }
  if (filter.kind === 'call' && filter.function.name === 'texteq') {
    const [left, right] = filter.arguments;
    const column = left?.kind === 'column' ? left : right?.kind === 'column' ? right : undefined;
    const other = column === left ? right : left;
    if (column === undefined || other === undefined) return undefined;
    const value = rowIndependentText(other, context);
    if (value === undefined) return undefined;
    return { tagColumn: node.columns[column.index], values: value === null ? [] : [value] };
  }
  return undefined;
}

function rowIndependentText(expression: Expression, context: ExecutionContext): string | null | undefined {
  const value =
    expression.kind === 'constant'
      ? expression.value
      : expression.kind === 'parameter'
        ? context.parameters[expression.index]
        : expression.kind === 'correlated'
          ? context.slots?.[expression.slot]
          : undefined;
  return typeof value === 'string' || value === null ? value : undefined;
}

export function conjunction(filters: readonly Expression[]): Expression | undefined {
  const [first] = filters;
  if (first === undefined || filters.length === 1) return first;
  return { kind: 'and', arguments: filters, type: first.type };
}
