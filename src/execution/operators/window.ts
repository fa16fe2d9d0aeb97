import type { Batch, BatchStream } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { sliceBatch, sliceColumn } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { FrameBound, WindowNode } from '../../sql/plan/window-node.ts';
import type { Value } from '../../types/value.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { copyRows, RowStore } from '../row-store.ts';
import { settle } from '../subquery/settle.ts';
import { CHUNK_ROWS, inChunks } from '../window/chunked.ts';
import { evaluateCall, WindowInputs } from '../window/evaluate-call.ts';
import { checkOffsets, FrameFinder, type FrameOffsets } from '../window/window-frames.ts';
import { ChangeFinder, RUN_BYTES_PER_ROW, windowRun } from '../window/window-run.ts';

const OUTPUT_ROWS = 1024;
/** Small partitions are computed together, at least this many rows at a time. */
const MIN_RUN_ROWS = 4096;

/**
 * Window functions: rows come partition by partition, are kept until their partition is whole, and go on with a column
 * for each call.
 */
export async function* window(input: BatchStream, node: WindowNode, context: ExecutionContext): BatchStream {
  const run = new Run(node, context);
  const offsets = await settle(context, () => frameOffsets(node, context));
  try {
    for await (const batch of input) {
      if (batch.rowCount === 0) continue;
      run.append(batch);
      if (run.isDue) yield* run.finishPartitions(offsets, { isLast: false });
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    yield* run.finishPartitions(offsets, { isLast: true });
  } finally {
    run.release();
  }
}

/** The offsets of the frame, which PostgreSQL looks at before the first row. */
function frameOffsets({ frame }: WindowNode, context: ExecutionContext): FrameOffsets {
  const offsetOf = ({ offset }: FrameBound): Value =>
    offset === undefined ? null : evaluateExpression(offset, context);
  const offsets = { start: offsetOf(frame.start), end: offsetOf(frame.end) };
  checkOffsets(frame, offsets);
  return offsets;
}

/** The rows that are kept: partitions that are whole, and the beginning of one that goes on. */
class Run {
  readonly #node: WindowNode;
  readonly #context: ExecutionContext;
  readonly #partitionKeys: readonly ColumnEvaluator[];
  readonly #partitionChanges: ChangeFinder;
  #rows: RowStore;
  readonly #inputs: WindowInputs;
  /** Where partitions begin. */
  #starts: number[] = [];
  #changes = new Uint32Array(0);
  /** What the results of the partitions at hand take. */
  #resultBytes = 0;
  readonly #reserve = (sizeBytes: number): void => {
    this.#context.memory.reserve(sizeBytes);
    this.#resultBytes += sizeBytes;
  };

  constructor(node: WindowNode, context: ExecutionContext) {
    this.#node = node;
    this.#context = context;
    this.#partitionKeys = node.partitionBy.map((key) => new ColumnEvaluator(key, context));
    this.#partitionChanges = new ChangeFinder(node.partitionBy.map((key) => key.type));
    this.#rows = this.#newStore();
    this.#inputs = new WindowInputs(node, context);
  }

  append(batch: Batch): void {
    if (this.#changes.length < batch.rowCount) this.#changes = new Uint32Array(batch.rowCount);
    const keys = this.#partitionKeys.map((key) => key.evaluate(batch));
    const count = this.#partitionChanges.find(keys, batch.rowCount, this.#changes);
    for (let at = 0; at < count; at++) this.#starts.push(this.#rows.rowCount + this.#changes[at]);
    this.#inputs.append(batch);
    this.#rows.append(batch);
  }

  /** Enough rows are whole: at least as many as are not, so that copying these costs no more than a share. */
  get isDue(): boolean {
    const whole = this.#starts[this.#starts.length - 1];
    return whole >= MIN_RUN_ROWS && whole >= this.#rows.rowCount - whole;
  }

  /** Computes and gives the partitions that are whole; at the end of the input the last one is. */
  async *finishPartitions(offsets: FrameOffsets, { isLast }: { readonly isLast: boolean }): BatchStream {
    const rowCount = isLast ? this.#rows.rowCount : this.#starts[this.#starts.length - 1];
    const starts = Uint32Array.from(isLast ? this.#starts : this.#starts.slice(0, -1));
    const all = await this.#rows.whole(this.#context.control);
    const rows = sliceBatch(all, 0, rowCount);
    const inputs = await this.#inputs.finish(all, rowCount);
    this.#reserve(rowCount * (RUN_BYTES_PER_ROW + this.#node.calls.length * 16));
    const results = await this.#compute(rows, starts, offsets, inputs);
    const columns = [...rows.columns, ...results];
    for (let from = 0; from < rowCount; from += OUTPUT_ROWS) {
      yield sliceBatch({ rowCount, columns }, from, Math.min(from + OUTPUT_ROWS, rowCount));
      const turn = this.#context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    this.#releaseResults();
    if (!isLast) await this.#keepFrom(rowCount);
  }

  release(): void {
    this.#releaseResults();
    this.#rows.release();
    this.#inputs.release();
  }

  #releaseResults(): void {
    this.#context.memory.release(this.#resultBytes);
    this.#resultBytes = 0;
  }

  async #compute(
    rows: Batch,
    starts: Uint32Array,
    offsets: FrameOffsets,
    inputs: WindowInputs,
  ): Promise<readonly Column[]> {
    const { orderBy, frame, calls } = this.#node;
    const { control, environment } = this.#context;
    const keys = orderBy.map((key) => new ColumnEvaluator(key.expression, this.#context).evaluate(rows));
    const peers = await this.#peers(keys, starts, rows.rowCount);
    const run = await windowRun(rows.rowCount, starts, peers, frame.exclusion, control);
    const [order] = orderBy;
    const key = order === undefined ? undefined : { column: keys[0], order, environment };
    const frames = new FrameFinder(frame, offsets, run, key);
    await inChunks(rows.rowCount, control, (from, to) => frames.fill(from, to));
    const results: Column[] = [];
    for (const [at, call] of calls.entries()) {
      results.push(await evaluateCall(call, run, inputs.of(at), this.#context, this.#reserve));
    }
    return results;
  }

  /** Where peers change: partitions begin, or a sort key differs. Without ORDER BY all rows of a partition are peers. */
  async #peers(keys: readonly Column[], starts: Uint32Array, rowCount: number): Promise<Uint32Array> {
    if (keys.length === 0) return starts;
    const changes = new Uint32Array(rowCount);
    const inChunk = new Uint32Array(CHUNK_ROWS);
    const finder = new ChangeFinder(this.#node.orderBy.map((key) => key.expression.type));
    let count = 0;
    await inChunks(rowCount, this.#context.control, (from, to) => {
      const slices = keys.map((key) => sliceColumn(key, from, to));
      const found = finder.find(slices, to - from, inChunk);
      for (let at = 0; at < found; at++) changes[count++] = from + inChunk[at];
    });
    return merged(starts, changes.subarray(0, count));
  }

  /** Rows of the partition that goes on, copied to stores of their own. */
  async #keepFrom(from: number): Promise<void> {
    const all = this.#rows;
    this.#rows = this.#newStore();
    await copyRows(all, from, this.#rows, this.#context.control);
    all.release();
    await this.#inputs.keepFrom(from);
    this.#starts = [0];
  }

  #newStore(): RowStore {
    return new RowStore(
      this.#node.input.output.map((column) => column.type),
      this.#context.memory,
    );
  }
}

/** Two ascending lists as one, without repeats. */
function merged(left: Uint32Array, right: Uint32Array): Uint32Array {
  const all = new Uint32Array(left.length + right.length);
  let count = 0;
  let at = 0;
  for (const value of left) {
    while (at < right.length && right[at] < value) all[count++] = right[at++];
    if (at < right.length && right[at] === value) at++;
    all[count++] = value;
  }
  while (at < right.length) all[count++] = right[at++];
  return all.subarray(0, count);
}
