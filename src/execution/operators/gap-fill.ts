import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { columnOf } from '../../columnar/column-builder.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { GapFill, GapFillNode } from '../../sql/plan/gap-fill-node.ts';
import { addInt64 } from '../../types/int64.ts';
import type { Interval } from '../../types/interval.ts';
import type { Int64, Value } from '../../types/value.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { CarryForward, type ColumnFill, Interpolation } from '../gap-fill/column-fill.ts';
import { type FilledColumn, GapOutput } from '../gap-fill/gap-output.ts';
import { bucketIsNull, type GapRange, gapRange } from '../gap-fill/gap-range.ts';
import { MaxGap } from '../gap-fill/max-gap.ts';
import { settle } from '../subquery/settle.ts';
import { ChangeFinder } from '../window/window-run.ts';

/**
 * time_bucket_gapfill: hands rows on, which come series by series in the order of their buckets, and puts a row before
 * those that leave buckets out. Rows outside of the range are handed on as well. Nothing is kept but the last row.
 */
export async function* gapFill(input: BatchStream, node: GapFillNode, context: ExecutionContext): BatchStream {
  const filler = await settle(context, () => new GapFiller(node, context, gapRange(node, context)));
  for await (const batch of input) {
    if (batch.rowCount > 0) yield* filler.fill(batch);
  }
  yield* filler.finish();
}

interface Fill extends FilledColumn {
  readonly previous: ColumnEvaluator | undefined;
  readonly next: ColumnEvaluator | undefined;
}

class GapFiller {
  readonly #node: GapFillNode;
  readonly #context: ExecutionContext;
  readonly #range: GapRange;
  readonly #fills: readonly Fill[];
  readonly #output: GapOutput;
  readonly #seriesChanges: ChangeFinder;
  #changes = new Uint32Array(0);
  /** The last row seen: it stands for its series when the batch it came in is gone. */
  #last: Batch;
  #isInSeries: boolean;
  /** The bucket that comes next in the series, from `finish` on none. */
  #expected: Int64;

  constructor(node: GapFillNode, context: ExecutionContext, range: GapRange) {
    this.#node = node;
    this.#context = context;
    this.#range = range;
    this.#fills = node.fills.map((fill) => this.#fillOf(fill));
    this.#output = new GapOutput(node, this.#fills);
    this.#seriesChanges = new ChangeFinder(node.groups.map((group) => node.input.output[group].type));
    const columns = node.input.output.map(({ type }) => columnOf(type.definition.representation, [null]));
    this.#last = { rowCount: 1, columns };
    this.#expected = range.start;
    // Without groups the one series is there whatever rows come.
    this.#isInSeries = node.groups.length === 0;
  }

  async *fill(batch: Batch): BatchStream {
    const { groups, bucket } = this.#node;
    const { finish, buckets } = this.#range;
    if (this.#changes.length < batch.rowCount) this.#changes = new Uint32Array(batch.rowCount);
    const keys = groups.map((group) => batch.columns[group]);
    const changeCount = groups.length === 0 ? 0 : this.#seriesChanges.find(keys, batch.rowCount, this.#changes);
    let change = 0;
    for (let row = 0; row < batch.rowCount; row++) {
      if (change < changeCount && this.#changes[change] === row) {
        change += 1;
        yield* row === 0 ? this.#endSeries(this.#last, 0) : this.#endSeries(batch, row - 1);
        this.#beginSeries();
      }
      const time = timeAt(batch.columns[bucket], row);
      if (this.#expected < time && this.#expected < finish) {
        this.#beginGaps(batch, row, time);
        yield* this.#gapsBefore(time, batch, row);
      }
      if (!(time < this.#expected)) this.#expected = time < finish ? buckets.nextAfter(time) : finish;
      if (this.#isStart(time)) await this.#askForPreviousOf(batch, row, time);
      this.#output.addRow(batch, row, time);
      if (this.#output.isFull) yield* this.#flush(batch);
    }
    for (const { fill } of this.#fills) fill.keepSeen();
    yield* this.#flush(batch);
    this.#last = gatherBatch(batch, Uint32Array.of(batch.rowCount - 1), 1);
  }

  async *finish(): BatchStream {
    yield* this.#endSeries(this.#last, 0);
  }

  #beginSeries(): void {
    this.#isInSeries = true;
    this.#expected = this.#range.start;
    for (const { fill } of this.#fills) fill.beginSeries();
  }

  /** Fills the buckets behind the last row of a series, which is `row` of `source`. */
  async *#endSeries(source: Batch, row: number): BatchStream {
    const { finish } = this.#range;
    if (!this.#isInSeries || !(this.#expected < finish)) return;
    for (const { fill } of this.#fills) fill.beginGaps(undefined);
    for (const { fill, next } of this.#fills) {
      if (next !== undefined && fill.lacksNext) fill.setNext(await this.#lookUp(next, source, row, this.#expected));
    }
    yield* this.#gapsBefore(finish, source, row);
    // The rows that follow are of another batch.
    if (source === this.#last) yield* this.#flush(source);
  }

  #beginGaps(batch: Batch, row: number, time: Int64): void {
    for (const { column, fill } of this.#fills) fill.beginGaps({ value: valueAt(batch.columns[column], row), time });
  }

  /** Fills the buckets before `time`. */
  async *#gapsBefore(time: Int64, source: Batch, row: number): BatchStream {
    const { buckets, finish } = this.#range;
    if (this.#isStart(this.#expected)) await this.#askForPrevious(source, row, this.#expected);
    while (this.#expected < time && this.#expected < finish) {
      this.#output.addGap(row, this.#expected);
      this.#expected = buckets.nextAfter(this.#expected);
      if (this.#output.isFull) yield* this.#flush(source);
    }
  }

  #isStart(time: Int64): boolean {
    return time <= this.#range.start && time >= this.#range.start;
  }

  /** Of the first bucket: those behind it have it, or a row, before them. */
  async #askForPrevious(source: Batch, row: number, time: Int64): Promise<void> {
    for (const { fill, previous } of this.#fills) {
      if (previous !== undefined && fill.lacksPrevious) {
        fill.setPrevious(await this.#lookUp(previous, source, row, time));
      }
    }
  }

  async #askForPreviousOf(batch: Batch, row: number, time: Int64): Promise<void> {
    for (const { column, fill, previous } of this.#fills) {
      if (previous !== undefined && fill.lacksPreviousFor(batch.columns[column], row)) {
        fill.setPrevious(await this.#lookUp(previous, batch, row, time));
      }
    }
  }

  /** The value of an expression over a gap's row. */
  async #lookUp(evaluator: ColumnEvaluator, source: Batch, row: number, time: Int64): Promise<Value> {
    const { groups, dependents, bucket, input } = this.#node;
    const columns = input.output.map(({ type }, index) => {
      const isShared = groups.includes(index) || dependents.includes(index);
      const value = index === bucket ? time : isShared ? valueAt(source.columns[index], row) : null;
      return columnOf(type.definition.representation, [value]);
    });
    return settle(this.#context, () => valueAt(evaluator.evaluate({ rowCount: 1, columns }), 0));
  }

  async *#flush(source: Batch): BatchStream {
    const batch = this.#output.take(source);
    if (batch !== undefined) yield batch;
    const turn = this.#context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }

  #fillOf(fill: GapFill): Fill {
    const evaluatorOf = (expression: Expression | undefined): ColumnEvaluator | undefined =>
      expression === undefined ? undefined : new ColumnEvaluator(expression, this.#context);
    return {
      column: fill.column,
      fill: this.#columnFill(fill),
      previous: evaluatorOf(fill.previous),
      next: evaluatorOf(fill.next),
    };
  }

  #columnFill({ method, column, treatsNullAsMissing, maxGap: width }: GapFill): ColumnFill {
    const { output } = this.#node.input;
    const { buckets, start, timeZone } = this.#range;
    const timeType = output[this.#node.bucket].type.definition;
    const gap = width === undefined ? null : (evaluateExpression(width, this.#context) as Interval | null);
    const maxGap = gap === null ? undefined : new MaxGap(gap, timeType, timeZone);
    if (method === 'interpolate') {
      return new Interpolation({ maxGap, type: output[column].type.definition, timeType });
    }
    return new CarryForward({
      maxGap,
      treatsNullAsMissing:
        treatsNullAsMissing !== undefined && evaluateExpression(treatsNullAsMissing, this.#context) === true,
      timeBefore: () => buckets.startOf(addInt64(start, -1)),
    });
  }
}

function timeAt(column: Column, row: number): Int64 {
  const time = valueAt(column, row) as Int64 | null;
  if (time === null) throw bucketIsNull();
  return time;
}
