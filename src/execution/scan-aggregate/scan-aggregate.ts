import type { Morsel, ScanSpan } from '../../catalog/table.ts';
import type { Batch, BatchStream } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { constantColumn } from '../../columnar/column-builder.ts';
import { sliceBatch, sliceColumn } from '../../columnar/copy-rows.ts';
import { bucketRule } from '../../functions/time-bucket/bucket-walker.ts';
import type { AggregateNode, ScanAggregation } from '../../sql/plan/aggregate-node.ts';
import type { ScanNode } from '../../sql/plan/scan-node.ts';
import { isOfSeries } from '../../sql/plan/series-expression.ts';
import { SLICE_GROUPS } from '../aggregate/group-slices.ts';
import type { GroupStates } from '../aggregate/group-states.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { noteScan, type OperatorCounters } from '../operator-counters.ts';
import { type OpenScan, openScan } from '../operators/open-scan.ts';
import { MorselQueue } from '../workers/morsel-queue.ts';
import { helpFor, ParallelAggregation } from '../workers/parallel-aggregation.ts';
import { dependsOnOrder, isDivisible } from '../workers/plan-for-threads.ts';
import { workEstimate } from '../workers/work-estimate.ts';
import { type BucketLimit, bucketLimit } from './bucket-limit.ts';
import { FieldGroups } from './field-groups.ts';
import { PassingRows } from './passing-rows.ts';
import { type BucketKey, RunGroups } from './run-groups.ts';
import { type CallPlace, newSpanCall, type SpanCall, type SpanRows } from './span-call.ts';
import { SpanFilter } from './span-filter.ts';

const OUTPUT_ROWS = 4096;

export type FusedAggregate = AggregateNode & { readonly input: ScanNode; readonly fusedScan: ScanAggregation };

/** What EXPLAIN ANALYZE prints of the aggregation and of its scan. */
export interface ScanAggregateCounters {
  readonly own: OperatorCounters;
  readonly scan: OperatorCounters;
}

/**
 * Scan, filter, bucket, group and aggregate in one: groups are whole series and stretches of time, so that a span falls
 * into few segments of one group each, and statistics stand for a segment that is a whole unit. Where that turns out not to
 * do (rows without a bucket, more groups than memory has room for) everything is computed by `otherwise` from the beginning;
 * nothing has been given out by then.
 */
export async function* scanAggregate(
  node: FusedAggregate,
  context: ExecutionContext,
  otherwise: () => BatchStream,
  counters?: ScanAggregateCounters,
): BatchStream {
  const hasLatestPartitionFirst = node.fusedScan.first?.isDescending === true;
  const open = await openScan(node.input, context, { hasLatestPartitionFirst });
  const bucket = bucketKey(node, context);
  if (open === undefined || open.tableScan.spans === undefined || bucket === null) {
    yield* otherwise();
    return;
  }
  const queue = newMorselQueue(node, bucket, open, context);
  if (queue?.plan() === true) {
    const help = helpFor(node, context);
    if (help !== undefined) {
      yield* parallelAggregate(new ParallelAggregation(node, open, queue, help, context), otherwise, counters);
      return;
    }
  }
  const aggregation = new Aggregation(node, bucket, open, context);
  try {
    const isDone = await aggregation.run(queue?.all() ?? open.tableScan.morsels(), counters?.scan);
    if (isDone) yield* aggregation.results();
    else {
      await aggregation.close();
      yield* otherwise();
    }
  } finally {
    await aggregation.close();
  }
}

/** undefined where there is nobody to help, or nothing to be helped with. */
function newMorselQueue(
  node: FusedAggregate,
  bucket: BucketKey | undefined,
  { tableScan }: OpenScan,
  { workers }: ExecutionContext,
): MorselQueue | undefined {
  if (workers === undefined || workers.count === 0 || !isDivisible(node)) return undefined;
  return MorselQueue.of(tableScan, workEstimate(node, bucket), {
    keepsOrder: dependsOnOrder(node),
    sizes: workers.sizes,
  });
}

async function* parallelAggregate(
  aggregation: ParallelAggregation,
  otherwise: () => BatchStream,
  counters: ScanAggregateCounters | undefined,
): BatchStream {
  try {
    if (await aggregation.run(counters)) {
      for await (const batch of aggregation.results()) {
        for (let row = 0; row < batch.rowCount; row += OUTPUT_ROWS) {
          yield sliceBatch(batch, row, Math.min(row + OUTPUT_ROWS, batch.rowCount));
        }
      }
      return;
    }
  } finally {
    await aggregation.close();
  }
  yield* otherwise();
}

/** undefined: no key makes buckets; null: one does, in a way that has no rule. */
export function bucketKey(
  { keys, fusedScan }: FusedAggregate,
  context: ExecutionContext,
): BucketKey | undefined | null {
  const { bucketKey: key } = fusedScan;
  if (key === undefined) return undefined;
  const call = keys[key];
  if (call.kind !== 'call' || call.function.bucketing === undefined) return null;
  const { timeArgument } = call.function.bucketing;
  const time = call.arguments[timeArgument];
  if (time.kind !== 'column') return null;
  const values = call.arguments.map((argument, at) =>
    at === timeArgument ? null : evaluateExpression(argument, context),
  );
  const rule = bucketRule(call.function, values, context.environment);
  return rule === undefined ? null : { key, column: time.index, rule };
}

export class Aggregation {
  readonly #node: FusedAggregate;
  readonly #context: ExecutionContext;
  readonly #open: OpenScan;
  readonly #groups: RunGroups | FieldGroups;
  readonly #calls: readonly SpanCall[];
  readonly #growsByRows: boolean;
  readonly #passing: PassingRows;
  readonly #limit: BucketLimit | undefined;
  #filter: SpanFilter | undefined;
  #filterCount = 0;
  #knownGroups = -1;
  #reservedBytes = 0;
  #passedRows = 0;
  #removedRows = 0;

  constructor(node: FusedAggregate, bucket: BucketKey | undefined, open: OpenScan, context: ExecutionContext) {
    this.#node = node;
    this.#context = context;
    this.#open = open;
    const { fieldKeys = [], first } = node.fusedScan;
    const runs = new RunGroups(node.keys, bucket, { scan: open.tableScan, context, fieldKeys });
    const fields = fieldKeys.length === 0 ? undefined : new FieldGroups(node.keys, fieldKeys, { runs, context });
    this.#groups = fields ?? runs;
    const place: CallPlace = {
      runs,
      fields,
      scan: open.tableScan,
      isOfSeries: (expression) => isOfSeries(expression, node.input),
    };
    this.#calls = node.aggregates.map((call) => newSpanCall(call, context, place));
    this.#growsByRows = this.#calls.some((call) => call.growsByRows === true);
    this.#limit = bucketLimit(runs, first, context);
    this.#passing = new PassingRows(node.input.columns.length);
  }

  get groupCount(): number {
    return this.#groups.groupCount;
  }

  get passedRows(): number {
    return this.#passedRows;
  }

  get removedRows(): number {
    return this.#removedRows;
  }

  /** Takes all rows of the morsels in; false when this is no way to do it. */
  async run(morsels: Iterable<Morsel>, counters?: OperatorCounters): Promise<boolean> {
    const { control } = this.#context;
    const { tableScan } = this.#open;
    let isFeasible = this.#reserve();
    for (const morsel of morsels) {
      if (!isFeasible) return false;
      this.#prepare(morsel);
      const spans = tableScan.spans!(morsel, control, {
        hasWholeRuns: this.#filter === undefined && this.#groups.firstGroup === 0,
      });
      try {
        while (isFeasible) {
          const turn = control.yieldIfDue();
          if (turn !== undefined) await turn;
          const next = spans.next();
          const span = next instanceof Promise ? await next : next;
          if (span === undefined) break;
          const added = this.#add(span);
          isFeasible = added instanceof Promise ? await added : added;
        }
      } finally {
        spans.close();
      }
      this.#limit?.narrow(tableScan);
    }
    if (isFeasible && counters !== undefined) this.#note(counters);
    return isFeasible;
  }

  async *results(): BatchStream {
    const { groupCount, firstGroup } = this.#groups;
    for (let from = 0; from < groupCount; from += SLICE_GROUPS) {
      const to = Math.min(from + SLICE_GROUPS, groupCount);
      const rowCount = to - from;
      const keys = this.#groups.keyColumns(from, to);
      const columns = [...keys];
      for (const call of this.#calls) {
        const turn = this.#context.control.yieldIfDue();
        if (turn !== undefined) await turn;
        const column = call.results(from, to, keys);
        columns.push(column instanceof Promise ? await column : column);
      }
      // All keys are in the one grouping set there is.
      for (const _ of this.#node.groupings ?? []) columns.push(constantColumn('float64', 0, rowCount));
      const result: Batch = { rowCount, columns };
      for (let row = Math.max(firstGroup - from, 0); row < rowCount; row += OUTPUT_ROWS) {
        yield sliceBatch(result, row, Math.min(row + OUTPUT_ROWS, rowCount));
      }
    }
  }

  /** Groups `from` to `to` (exclusive), which are those of one slice, as other aggregations take them in. */
  states(from: number, to: number): GroupStates {
    const skipped = Math.max(this.#groups.firstGroup - from, 0);
    const real = (column: Column): Column => (skipped === 0 ? column : sliceColumn(column, skipped, to - from));
    const keys = this.#groups.keyColumns(from, to).map(real);
    return { rowCount: to - from - skipped, keys, states: this.#calls.map((call) => call.states(from, to).map(real)) };
  }

  async close(): Promise<void> {
    for (const call of this.#calls) await call.close();
    this.#context.memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }

  #prepare(morsel: Morsel): void {
    this.#groups.meet(morsel);
    for (const call of this.#calls) call.meet?.(morsel);
    const { filters } = this.#open;
    if (filters.length === this.#filterCount) return;
    this.#filterCount = filters.length;
    this.#filter = new SpanFilter(filters, this.#node.input.columns.length, this.#context);
  }

  #add(span: ScanSpan): boolean | Promise<boolean> {
    if (this.#limit?.excludes(span) === true) return true;
    if (span.split !== undefined) {
      if (this.#addWhole(span)) return this.#reserve();
      span.split();
      return true;
    }
    if (this.#filter === undefined) return this.#addRows(span, span.liveCount);
    const count = this.#filter.count(span);
    return count instanceof Promise
      ? count.then((passing) => this.#addRows(span, passing))
      : this.#addRows(span, count);
  }

  /** A whole run of one group, where its statistics suffice. */
  #addWhole(span: ScanSpan): boolean {
    const groups = this.#groups;
    if (!(groups instanceof RunGroups) || !groups.assignWhole(span)) return false;
    if (groups.groupCount !== this.#knownGroups) for (const call of this.#calls) call.reserve(groups.groupCount);
    const [group] = groups.groups;
    for (const call of this.#calls) if (!call.acceptsStatistics(span, group)) return false;
    const { rowCount } = span;
    this.#passedRows += rowCount;
    const rows: SpanRows = { span, mask: undefined, count: rowCount, passing: undefined, groups };
    for (const call of this.#calls) call.add(rows);
    return true;
  }

  #addRows(span: ScanSpan, count: number): boolean | Promise<boolean> {
    this.#passedRows += count;
    this.#removedRows += span.liveCount - count;
    if (count === 0) return true;
    const mask = count === span.rowCount ? undefined : (this.#filter?.mask ?? span.live);
    this.#passing.set(span, mask, count);
    const isAssigned = this.#groups.assign(span, mask, this.#passing);
    if (isAssigned instanceof Promise) {
      return isAssigned.then((isKnown) => isKnown && this.#callAll(span, mask, count));
    }
    return isAssigned && this.#callAll(span, mask, count);
  }

  #callAll(span: ScanSpan, mask: Uint8Array | undefined, count: number): boolean | Promise<boolean> {
    const groups = this.#groups;
    if (groups.groupCount !== this.#knownGroups) {
      for (const call of this.#calls) call.reserve(groups.groupCount);
    }
    return this.#callFrom(0, { span, mask, count, passing: this.#passing, groups });
  }

  #callFrom(first: number, rows: SpanRows): boolean | Promise<boolean> {
    for (let at = first; at < this.#calls.length; at++) {
      const pending = this.#calls[at].add(rows);
      if (pending !== undefined) return pending.then(() => this.#callFrom(at + 1, rows));
    }
    return this.#reserve();
  }

  /** False when there is no memory for the groups. */
  #reserve(): boolean {
    const { groupCount } = this.#groups;
    const isGrowing = groupCount !== this.#knownGroups || this.#passing.isUsed || this.#growsByRows;
    if (!isGrowing) return true;
    if (this.#knownGroups < 0) for (const call of this.#calls) call.reserve(groupCount);
    this.#knownGroups = groupCount;
    this.#limit?.update();
    const sizeBytes = this.#calls.reduce((size, call) => size + call.sizeBytes, this.#groups.sizeBytes);
    const growth = sizeBytes - this.#reservedBytes;
    if (growth <= 0) return true;
    if (!this.#context.memory.tryReserve(growth)) return false;
    this.#reservedBytes = sizeBytes;
    return true;
  }

  #note(counters: OperatorCounters): void {
    counters.loops++;
    counters.rows += this.#passedRows;
    counters.removedRows += this.#removedRows;
    noteScan(counters, this.#open.tableScan.counters);
  }
}
