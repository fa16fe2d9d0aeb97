import {
  ALL_TIME,
  type FieldRange,
  type ScanRequest,
  type SeriesPredicate,
  type TimeRange,
} from '../../catalog/scan-request.ts';
import type { Table, TableScan } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import { valueAt } from '../../columnar/column.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { RowFilter } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { columnsUsed, remapColumns } from '../../sql/expression/walk-expression.ts';
import type { ScanNode } from '../../sql/plan/scan-node.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { indexCondition } from '../index-condition.ts';
import { fieldRangesOf } from '../scan-aggregate/field-ranges.ts';
import { resolveTimeRange } from '../scan-aggregate/time-range.ts';
import { settle } from '../subquery/settle.ts';

/** A scan whose time range, tags and index have been handed to its table. */
export class OpenScan {
  readonly tableScan: TableScan;
  readonly #node: ScanNode;
  readonly #postponed: ReadonlySet<Expression>;

  constructor(node: ScanNode, tableScan: TableScan, postponed: ReadonlySet<Expression>) {
    this.#node = node;
    this.tableScan = tableScan;
    this.#postponed = postponed;
  }

  /** What is left to test row by row; grows while morsels are asked for, when conditions over tags have failed. */
  get filters(): readonly Expression[] {
    return this.#postponed.size === 0 ? this.#node.filters : [...this.#postponed, ...this.#node.filters];
  }
}

/**
 * The time range and the tag filters are the table's to apply (it knows its runs and series); the value ranges of the
 * others are offered to it as hints. undefined: no row can pass.
 */
export async function openScan(
  node: ScanNode,
  context: ExecutionContext,
  options: Pick<ScanRequest, 'hasLatestPartitionFirst'> = {},
): Promise<OpenScan | undefined> {
  const [timeRange, index] = await settle(context, () => [
    scanTimeRange(node, context),
    node.index === undefined ? undefined : indexCondition(node.index, context),
  ]);
  if (timeRange === undefined || (node.index !== undefined && index === undefined)) return undefined;
  const table = narrowedTable(node, context) ?? context.table(node.table.oid);
  const postponed = new Set<Expression>();
  const tableScan = table.scan(
    {
      columns: node.columns,
      timeRange,
      seriesPredicates: [
        ...(node.among ?? []).map((among) => amongPredicate(among, node)),
        ...node.tagFilters.map((filter) => seriesPredicate(filter, node, context, postponed)),
      ],
      fieldRanges: fieldRanges(node, context),
      ...(node.take === 'last-per-series' ? { lastPerSeries: true } : {}),
      ...(node.take === 'newest-first' ? { order: 'newest-first' as const } : {}),
      ...(node.take === undefined ? { isUnordered: true } : {}),
      ...(index === undefined ? {} : { index }),
      ...options,
    },
    context.snapshot,
  );
  await tableScan.prepare?.(context.control);
  return new OpenScan(node, tableScan, postponed);
}

/** What stands for the table when rows are looked at again. */
function narrowedTable(
  { isTarget, lockSlot }: ScanNode,
  { target, lockedTables }: ExecutionContext,
): Table | undefined {
  if (isTarget === true) return target;
  return lockSlot === undefined ? undefined : lockedTables?.get(lockSlot);
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

function amongPredicate(
  { column, values }: NonNullable<ScanNode['among']>[number],
  { columns, output }: ScanNode,
): SeriesPredicate {
  const { definition } = output[column].type;
  const wanted = new Set(values.map((value) => definition.hashKey(value)));
  const tagColumn = columns[column];
  const select = ({ rowCount, columns: [tag] }: Batch, selection: Uint32Array): number => {
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      const value = valueAt(tag, row);
      if (value !== null && wanted.has(definition.hashKey(value))) selection[count++] = row;
    }
    return count;
  };
  const areTexts = values.every((value) => typeof value === 'string');
  return { tagColumns: [tagColumn], select, ...(areTexts ? { equalTo: { tagColumn, values } } : {}) };
}

/** A list of more tags than this is looked at from each series. */
const MAX_LISTED_TAGS = 10_000;

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
  if (filter.kind === 'in-constants' && !filter.isNegated && filter.argument.kind === 'column') {
    const { argument, constants } = filter;
    if (argument.type.definition.name !== 'text' || constants.length > MAX_LISTED_TAGS) return undefined;
    const values = Array.from({ length: constants.length }, (_, at) => constants.at(at) as string);
    return { tagColumn: node.columns[argument.index], values };
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
