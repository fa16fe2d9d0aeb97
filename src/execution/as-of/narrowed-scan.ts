import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { columnsUsed } from '../../sql/expression/walk-expression.ts';
import type { AsOfJoinNode } from '../../sql/plan/join-nodes.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { ScanNode, TimeBound } from '../../sql/plan/scan-node.ts';
import { canonicalInstant } from '../../types/instant.ts';
import type { Int64, Value } from '../../types/value.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';
import { RowBuffer } from '../row-buffer.ts';
import { compareTimes, type ExactTimes, exactTimes } from './exact-times.ts';

/** Rows of the left side that are kept to look at before the right side is read. */
const MAX_KEPT_ROWS = 1 << 20;
/** What a value may take at most, most often. */
const VALUE_BYTES = 64;
/** Of more keys, all series are read. */
const MAX_KEYS = 1024;

/**
 * What of the right side of an as-of join, a scan of a time-series table, can be of use to its left side: the series that
 * have its keys, and times as far as its own reach.
 */
export class NarrowedScan {
  readonly #node: AsOfJoinNode;
  readonly #context: ExecutionContext;
  readonly #scan: ScanNode | undefined;
  readonly #keys: readonly KeyValues[];
  readonly #bound: Extent | undefined;
  readonly #within: readonly Extent[];
  readonly #buffer: RowBuffer;
  /** All of the left side was seen. */
  #isComplete = false;

  constructor(node: AsOfJoinNode, context: ExecutionContext) {
    const { right, equalities, time, bound, within } = node;
    this.#node = node;
    this.#context = context;
    this.#scan = right.kind === 'scan' && right.table.timeSeries !== undefined ? right : undefined;
    this.#keys = equalities.flatMap(({ left, right: key }) => {
      const column = this.#scan === undefined ? undefined : tagOf(this.#scan, key);
      return column === undefined ? [] : [new KeyValues(left, column, context)];
    });
    // Other columns that rows are ordered by say nothing of where they are stored.
    const isByTime = this.#scan !== undefined && isTimeOf(this.#scan, time);
    this.#bound = bound === undefined || !isByTime ? undefined : new Extent(bound, context);
    this.#within = isByTime ? within.map((other) => new Extent(other, context)) : [];
    this.#buffer = new RowBuffer(context.memory);
  }

  /** Looks at the left side as far as it can be kept; gives all of its rows. */
  async read(left: BatchStream): Promise<BatchStream> {
    if (this.#scan === undefined) return left;
    const { memory, control } = this.#context;
    for (;;) {
      const { value: batch, done } = await left.next();
      if (done === true) break;
      const roughBytes = batch.rowCount * batch.columns.length * VALUE_BYTES;
      const hasRoom = this.#buffer.rowCount < MAX_KEPT_ROWS && memory.tryReserve(roughBytes);
      if (!hasRoom) return chained(this.#buffer.read(), batch, left);
      memory.release(roughBytes);
      this.#buffer.append(batch);
      for (const key of this.#keys) key.add(batch);
      this.#bound?.add(batch);
      for (const other of this.#within) other.add(batch);
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    this.#isComplete = true;
    return this.#buffer.read();
  }

  /** What is to be read in place of the right side. */
  plans(): readonly LogicalPlan[] {
    const scan = this.#scan;
    if (scan === undefined || !this.#isComplete) return [this.#node.right];
    const extents = this.#bound === undefined ? this.#within : [this.#bound, ...this.#within];
    // No row has a key, or a time, to be found by.
    if (this.#keys.some((key) => key.isEmpty) || extents.some((extent) => extent.isEmpty)) return [];
    const among = this.#keys.flatMap((key) => key.among() ?? []);
    const timeBounds = [...scan.timeBounds, ...this.#reach()];
    const reached: ScanNode = { ...scan, timeBounds, ...(among.length === 0 ? {} : { among }) };
    if (this.#bound === undefined || among.length === 0 || !this.#isBySeries(scan)) return [reached];
    const start = this.#bound.earliest();
    return [
      { ...reached, timeBounds: [...timeBounds, { operator: '<', value: start }], take: 'last-per-series' },
      { ...reached, timeBounds: [...timeBounds, { operator: '>=', value: start }] },
    ];
  }

  close(): Promise<void> {
    return this.#buffer.close();
  }

  /** The bounds of the join as they are for the left row that reaches furthest. */
  #reach(): TimeBound[] {
    const { direction } = this.#node;
    const furthest = (extent: Extent, isUpper: boolean): TimeBound => ({
      operator: extent.operator,
      value: isUpper ? extent.latest() : extent.earliest(),
    });
    const isUpper = direction === 'latest';
    return [
      ...(this.#bound === undefined ? [] : [furthest(this.#bound, isUpper)]),
      ...this.#within.map((extent) => furthest(extent, !isUpper)),
    ];
  }

  /** Whether the last row of a series before some time stands for all that it has before it. */
  #isBySeries({ filters, table, columns }: ScanNode): boolean {
    const { direction, equalities } = this.#node;
    if (direction !== 'latest' || filters.length > 0) return false;
    return equalities.every(({ right }) =>
      columnsUsed(right).every((column) => table.columns[columns[column]]?.role === 'tag'),
    );
  }
}

function tagOf({ table, columns }: ScanNode, key: Expression): number | undefined {
  if (key.kind !== 'column') return undefined;
  return table.columns[columns[key.index]]?.role === 'tag' ? key.index : undefined;
}

function isTimeOf({ table, columns }: ScanNode, time: Expression): boolean {
  return time.kind === 'column' && table.columns[columns[time.index]]?.number === table.timeSeries?.timeColumnNumber;
}

async function* chained(before: BatchStream, batch: Batch, rest: BatchStream): BatchStream {
  yield* before;
  yield batch;
  yield* rest;
}

/** The different values that the left side has for a tag of the right side. */
class KeyValues {
  readonly #column: number;
  readonly #evaluator: ColumnEvaluator;
  readonly #table: GroupTable;
  #groups = new Int32Array(1024);

  constructor(key: Expression, column: number, context: ExecutionContext) {
    this.#column = column;
    this.#evaluator = new ColumnEvaluator(key, context);
    this.#table = new GroupTable([key.type]);
  }

  get isEmpty(): boolean {
    return this.#table.groupCount === 0;
  }

  add(batch: Batch): void {
    if (this.#table.groupCount > MAX_KEYS) return;
    if (this.#groups.length < batch.rowCount) this.#groups = new Int32Array(batch.rowCount);
    this.#table.assignNonNull([this.#evaluator.evaluate(batch)], batch.rowCount, this.#groups);
  }

  /** undefined: too many to name. */
  among(): NonNullable<ScanNode['among']>[number] | undefined {
    const count = this.#table.groupCount;
    if (count > MAX_KEYS) return undefined;
    const [keys] = this.#table.keyColumns() as [Column];
    const values: Value[] = [];
    for (let row = 0; row < count; row++) values.push(valueAt(keys, row));
    return { column: this.#column, values };
  }
}

/** The earliest and the latest value of a bound. */
class Extent {
  readonly operator: TimeBound['operator'];
  readonly #value: Expression;
  readonly #evaluator: ColumnEvaluator;
  #earliest: Value = null;
  #latest: Value = null;
  /** Both, as they are compared. */
  #known: ExactTimes | undefined;

  constructor({ operator, value }: TimeBound, context: ExecutionContext) {
    this.operator = operator;
    this.#value = value;
    this.#evaluator = new ColumnEvaluator(value, context);
  }

  get isEmpty(): boolean {
    return this.#known === undefined;
  }

  add(batch: Batch): void {
    const column = this.#evaluator.evaluate(batch);
    const times = exactTimes(column, batch.rowCount);
    const { validity } = times;
    let first = -1;
    let last = -1;
    for (let row = 0; row < batch.rowCount; row++) {
      if (validity !== undefined && validity[row] === 0) continue;
      if (first < 0 || compareTimes(times, row, times, first) < 0) first = row;
      if (last < 0 || compareTimes(times, row, times, last) > 0) last = row;
    }
    if (first < 0) return;
    const known = this.#known;
    if (known === undefined || compareTimes(times, first, known, 0) < 0) this.#earliest = valueAt(column, first);
    if (known === undefined || compareTimes(times, last, known, 1) > 0) this.#latest = valueAt(column, last);
    this.#known = {
      nearest: Float64Array.of(nearestOf(this.#earliest), nearestOf(this.#latest)),
      rests: Float64Array.of(restOf(this.#earliest), restOf(this.#latest)),
      validity: undefined,
    };
  }

  earliest(): Expression {
    return this.#constant(this.#earliest);
  }

  latest(): Expression {
    return this.#constant(this.#latest);
  }

  #constant(value: Value): Expression {
    return { kind: 'constant', value: canonicalInstant(value as Int64), type: this.#value.type };
  }
}

function nearestOf(value: Value): number {
  return Number(canonicalInstant(value as Int64));
}

function restOf(value: Value): number {
  const time = canonicalInstant(value as Int64);
  return typeof time === 'bigint' ? Number(time - BigInt(Number(time))) : 0;
}
