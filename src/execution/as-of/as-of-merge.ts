import type { BatchStream } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { AsOfJoinNode } from '../../sql/plan/join-nodes.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { SortKey } from '../../sql/plan/sort-nodes.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { ExternalSorter } from '../spill/external-sorter.ts';
import { ascendingKeys } from './as-of-index.ts';
import { compareTimes, type ExactTimes, exactTimes } from './exact-times.ts';
import type { FoundRows } from './found-rows.ts';

/**
 * An as-of join of sides that are too large for memory: both are sorted by key and time, from early to late where the
 * latest row is wanted and from late to early otherwise, and walked through side by side. The last right row that was
 * passed is the nearest one.
 */
export class AsOfMerge {
  readonly #node: AsOfJoinNode;
  readonly #context: ExecutionContext;
  /** Towards the left row: 1 from early to late. */
  readonly #sign: 1 | -1;
  readonly #isInclusive: boolean;
  readonly #leftRows: ExternalSorter;
  readonly #rightRows: ExternalSorter;

  constructor(node: AsOfJoinNode, context: ExecutionContext) {
    const { equalities, bound, direction } = node;
    this.#node = node;
    this.#context = context;
    this.#sign = direction === 'latest' ? 1 : -1;
    this.#isInclusive = bound?.operator === '<=' || bound?.operator === '>=';
    const leftOrder = equalities.map((equality) => ascending(equality.left));
    if (bound !== undefined) {
      leftOrder.push({ expression: bound.value, isDescending: this.#sign < 0, nullsFirst: false });
    }
    const byTime = ascendingKeys(node).map((key) => (this.#sign > 0 ? key : reversed(key)));
    const rightOrder = [...equalities.map((equality) => ascending(equality.right)), ...byTime];
    this.#leftRows = new ExternalSorter(typesOf(node.left), leftOrder, context);
    this.#rightRows = new ExternalSorter(typesOf(node.right), rightOrder, context);
  }

  /** What went to disk. */
  get spilledBytes(): number {
    return this.#leftRows.spilledBytes + this.#rightRows.spilledBytes;
  }

  /** Takes the left side, which nobody else keeps then. */
  async addLeft(left: BatchStream): Promise<void> {
    for await (const batch of left) await this.#leftRows.add(batch);
    await this.#leftRows.leaveMemory();
  }

  async *find(right: readonly BatchStream[]): AsyncGenerator<FoundRows, void, undefined> {
    const { equalities, bound, shown, time } = this.#node;
    for (const stream of right) for await (const batch of stream) await this.#rightRows.add(batch);
    const keys = equalities.map((equality) => new ColumnEvaluator(equality.left, this.#context));
    const bounds = bound === undefined ? undefined : new ColumnEvaluator(bound.value, this.#context);
    const rows = new PassedRows(this.#rightRows.rows(), this.#node, this.#context);
    await rows.load();
    // The time comes last: how far away it may be is tested afterwards.
    const types = [...shown.map((column) => this.#node.right.output[column].type), time.type];
    for await (const batch of this.#leftRows.rows()) {
      const { rowCount } = batch;
      const probe: KeyedRows = {
        keys: keys.map((key) => key.evaluate(batch)),
        times: bounds === undefined ? undefined : exactTimes(bounds.evaluate(batch), rowCount),
      };
      const builders = types.map(({ definition }) => new ColumnBuilder(definition.representation));
      const isFound = new Uint8Array(rowCount);
      for (let row = 0; row < rowCount; row++) {
        if (!hasNull(probe, row)) {
          while (rows.isAtRow && this.#isPassed(rows, probe, row)) {
            const pending = rows.pass();
            if (pending !== undefined) await pending;
          }
          isFound[row] = rows.isPassed(probe.keys, row) ? 1 : 0;
        }
        if (isFound[row] === 1) rows.pushPassed(builders);
        else for (const builder of builders) builder.pushNull();
      }
      const columns = builders.map((builder) => builder.finish());
      const places = Uint32Array.from({ length: rowCount }, (_, row) => row);
      const times = exactTimes(columns[shown.length], rowCount);
      const found = columns.slice(0, shown.length).map((column) => ({
        gather: (rows: Uint32Array, count: number) => gatherColumn(column, rows, count),
      }));
      yield { left: batch, isFound, shown: found, rows: places, times, places };
      const turn = this.#context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  }

  async close(): Promise<void> {
    await this.#leftRows.close();
    await this.#rightRows.close();
  }

  /** Whether the next right row stands before the left row's place, or at it where that counts. */
  #isPassed(rows: PassedRows, probe: KeyedRows, row: number): boolean {
    const byKey = rows.compareKey(probe.keys, row);
    if (byKey !== 0 || probe.times === undefined) return byKey <= 0;
    const order = this.#sign * rows.compareTime(probe.times, row);
    return order < 0 || (order === 0 && this.#isInclusive);
  }
}

/** The keys of rows, and their times. */
interface KeyedRows {
  readonly keys: readonly Column[];
  readonly times: ExactTimes | undefined;
}

function hasNull({ keys, times }: KeyedRows, row: number): boolean {
  if (times?.validity !== undefined && times.validity[row] === 0) return true;
  return keys.some((key) => key.validity !== undefined && key.validity[row] === 0);
}

interface PassedRow {
  readonly keys: readonly Column[];
  /** The columns that are shown, and the time. */
  readonly columns: readonly Column[];
  readonly row: number;
}

/** The right side in order: the next row, and the one that was passed last. Rows without a key or a time are left out. */
class PassedRows {
  readonly #stream: BatchStream;
  readonly #node: AsOfJoinNode;
  readonly #keys: readonly ColumnEvaluator[];
  readonly #time: ColumnEvaluator;
  /** Of the rows that are there now. */
  #keyed: KeyedRows = { keys: [], times: undefined };
  #columns: readonly Column[] = [];
  #rowCount = 0;
  #row = 0;
  #passed: PassedRow | undefined;

  constructor(stream: BatchStream, node: AsOfJoinNode, context: ExecutionContext) {
    this.#stream = stream;
    this.#node = node;
    this.#keys = node.equalities.map((equality) => new ColumnEvaluator(equality.right, context));
    this.#time = new ColumnEvaluator(node.time, context);
  }

  get isAtRow(): boolean {
    return this.#row < this.#rowCount;
  }

  /** Goes to the next row, or to the first one. */
  async load(): Promise<void> {
    while (this.#row >= this.#rowCount) {
      // The batch of the row that was passed is about to be overwritten.
      if (this.#passed !== undefined) this.#passed = copied(this.#passed);
      const { value: batch, done } = await this.#stream.next();
      if (done === true) return;
      const time = this.#time.evaluate(batch);
      this.#keyed = { keys: this.#keys.map((key) => key.evaluate(batch)), times: exactTimes(time, batch.rowCount) };
      this.#columns = [...this.#node.shown.map((column) => batch.columns[column]), time];
      this.#rowCount = batch.rowCount;
      this.#row = 0;
      this.#skipNulls();
    }
  }

  /** Passes the next row. A promise where rows have to be read for the one behind it. */
  pass(): Promise<void> | undefined {
    this.#passed = { keys: this.#keyed.keys, columns: this.#columns, row: this.#row };
    this.#row++;
    this.#skipNulls();
    return this.#row < this.#rowCount ? undefined : this.load();
  }

  /** The next row's key against a left row's. */
  compareKey(keys: readonly Column[], row: number): number {
    return this.#compare(this.#keyed.keys, this.#row, keys, row);
  }

  compareTime(times: ExactTimes, row: number): number {
    const own = this.#keyed.times;
    return own === undefined ? 0 : compareTimes(own, this.#row, times, row);
  }

  /** Whether the row that was passed last has the key of a left row. */
  isPassed(keys: readonly Column[], row: number): boolean {
    const passed = this.#passed;
    return passed !== undefined && this.#compare(passed.keys, passed.row, keys, row) === 0;
  }

  pushPassed(builders: readonly ColumnBuilder[]): void {
    const passed = this.#passed;
    if (passed === undefined) return;
    for (let at = 0; at < builders.length; at++) builders[at].pushFrom(passed.columns[at], passed.row);
  }

  #skipNulls(): void {
    while (this.#row < this.#rowCount && hasNull(this.#keyed, this.#row)) this.#row++;
  }

  #compare(left: readonly Column[], leftRow: number, right: readonly Column[], rightRow: number): number {
    for (const [at, { right: key }] of this.#node.equalities.entries()) {
      const order = key.type.definition.compare(valueAt(left[at], leftRow), valueAt(right[at], rightRow));
      if (order !== 0) return order;
    }
    return 0;
  }
}

function copied({ keys, columns, row }: PassedRow): PassedRow {
  const rows = Uint32Array.of(row);
  const one = (column: Column): Column => gatherColumn(column, rows, 1);
  return { keys: keys.map(one), columns: columns.map(one), row: 0 };
}

function ascending(expression: Expression): SortKey {
  return { expression, isDescending: false, nullsFirst: false };
}

function reversed(key: SortKey): SortKey {
  return { ...key, isDescending: !key.isDescending, nullsFirst: !key.nullsFirst };
}

function typesOf({ output }: LogicalPlan): SqlType[] {
  return output.map((column) => column.type);
}
