import type { Morsel, ScanSpan, TableScan } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { constantColumn } from '../../columnar/column-builder.ts';
import { sliceColumn } from '../../columnar/copy-rows.ts';
import type { Accumulator, RowAccumulator, RunAccumulator } from '../../functions/function-definition.ts';
import { kernels } from '../../kernels/numeric-kernels.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { columnsUsed } from '../../sql/expression/walk-expression.ts';
import type { AggregateCall } from '../../sql/plan/aggregate-node.ts';
import {
  type AggregateState,
  isSorted,
  looksAsEqual,
  newAggregateState,
  partialStatesOf,
} from '../aggregate/aggregate-state.ts';
import { CallInput } from '../aggregate/call-input.ts';
import { GroupSlices, SLICE_BITS, SLICE_GROUPS } from '../aggregate/group-slices.ts';
import { sortedColumns } from '../aggregate/sorted-state.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { DistinctCall, type DistinctFallback, type GroupValues, SeriesDistinctCall } from './distinct-call.ts';
import type { FieldGroups } from './field-groups.ts';
import type { PassingRows } from './passing-rows.ts';
import type { RunGroups } from './run-groups.ts';

/** The group's number within its slice. */
const GROUP_MASK = SLICE_GROUPS - 1;

/** Where no more than one row in so many passes, these are brought together and others are not looked at. */
const MIN_THIN_SHARE = 32;

/** The rows of a span that are to be added to their groups. */
export interface SpanRows {
  readonly span: ScanSpan;
  /** 1 = the row passes; undefined: all do. */
  readonly mask: Uint8Array | undefined;
  readonly count: number;
  /** Of a whole run, of which there are statistics alone, undefined. */
  readonly passing: PassingRows | undefined;
  readonly groups: SpanGroups;
}

/** The groups of a span's rows, as far as all calls want to know them. */
export interface SpanGroups {
  readonly groupCount: number;
  /** The group of each row that passes. */
  passingGroups(count: number): Uint32Array;
}

/** One aggregate call over spans. */
export interface SpanCall {
  readonly sizeBytes: number;
  /** Not only new groups make it larger. */
  readonly growsByRows?: true;
  /** Before the spans of a morsel. */
  meet?(morsel: Morsel): void;
  reserve(groupCount: number): void;
  /** Whether `add` needs no more of the span, all of which is of one group, than its statistics. */
  acceptsStatistics(span: ScanSpan, group: number): boolean;
  add(rows: SpanRows): void | Promise<void>;
  /** The results of groups `from` to `to` (exclusive), which are those of one slice; `keys` are their keys. */
  results(from: number, to: number, keys: readonly Column[]): Column | Promise<Column>;
  /** The partial states of such groups, of calls that have them: `AggregateState.partialStates`. */
  states(from: number, to: number): readonly Column[];
  close(): Promise<void>;
}

/** Where a call's rows come from, and what they are grouped by. */
export interface CallPlace {
  readonly runs: RunGroups;
  /** Where rows have groups of their own; otherwise they have those of the stretches in `runs`. */
  readonly fields: FieldGroups | undefined;
  readonly scan: TableScan;
  /** Whether the expression has one value for all rows of a series. */
  isOfSeries(expression: Expression): boolean;
}

export function newSpanCall(
  call: AggregateCall,
  context: ExecutionContext,
  { runs, fields, scan, isOfSeries }: CallPlace,
): SpanCall {
  const [argument] = call.arguments;
  const isPlain = call.filter === undefined && !isSorted(call) && (!call.isDistinct || isUniqueAnyway(call));
  const readsColumn = call.arguments.length === 0 || (call.arguments.length === 1 && argument.kind === 'column');
  if (isPlain && readsColumn) {
    const types = call.arguments.map(({ type }) => type.definition);
    const newAccumulator = (): Accumulator => call.function.createAccumulator(types, context.environment);
    const column = argument?.kind === 'column' ? argument.index : undefined;
    if (fields === undefined && newAccumulator().runs !== undefined) return new RunCall(newAccumulator, column, runs);
    if (fields !== undefined && newAccumulator().rows !== undefined)
      return new RowCall(newAccumulator(), column, fields);
  }
  const isDistinct = call.isDistinct && call.filter === undefined && !isSorted(call) && call.arguments.length === 1;
  if (
    isDistinct &&
    fields === undefined &&
    call.directArguments === undefined &&
    looksAsEqual(argument.type.definition)
  ) {
    if (isOfSeries(argument)) return new SeriesDistinctCall(call, context, { argument, runs, scan });
    const column = argument.kind === 'column' ? argument.index : undefined;
    const newFallback = (): DenseCall => new DenseCall(call, context);
    const distinct = column === undefined ? undefined : DistinctCall.of(call, context, { column, runs, newFallback });
    if (distinct !== undefined) return distinct;
  }
  return new DenseCall(call, context);
}

function isUniqueAnyway({ function: callee }: AggregateCall): boolean {
  return callee.ignoresDuplicates === true;
}

/** An aggregate over a column as it is stored, or count(*): segments are added whole, or from what statistics say of them. */
class RunCall implements SpanCall {
  readonly #newRuns: () => { readonly accumulator: Accumulator; readonly runs: RunAccumulator };
  /** By slice of groups. */
  readonly #slices: { readonly accumulator: Accumulator; readonly runs: RunAccumulator }[] = [];
  readonly #column: number | undefined;
  readonly #columns: readonly number[];
  readonly #groups: RunGroups;
  readonly #rowSlices = new GroupSlices();
  #live = new Uint8Array(0);

  constructor(newAccumulator: () => Accumulator, column: number | undefined, groups: RunGroups) {
    this.#groups = groups;
    this.#newRuns = () => {
      const accumulator = newAccumulator();
      return { accumulator, runs: accumulator.runs! };
    };
    this.#column = column;
    this.#columns = column === undefined ? [] : [column];
  }

  get sizeBytes(): number {
    return this.#slices.reduce((size, { accumulator }) => size + accumulator.sizeBytes, 0);
  }

  reserve(groupCount: number): void {
    const last = Math.max(groupCount - 1, 0) >>> SLICE_BITS;
    while (this.#slices.length <= last) {
      this.#slices.at(-1)?.accumulator.reserve(SLICE_GROUPS);
      this.#slices.push(this.#newRuns());
    }
    this.#slices[last].accumulator.reserve(groupCount - last * SLICE_GROUPS);
  }

  add(rows: SpanRows): void | Promise<void> {
    const { span, mask } = rows;
    const groups = this.#groups;
    if (this.#column === undefined) {
      for (let segment = 0; segment < groups.segmentCount; segment++) {
        const group = groups.groups[segment];
        this.#slices[group >>> SLICE_BITS].runs.addStatistics(undefined, groups.counts[segment], group & GROUP_MASK);
      }
      return;
    }
    if ((mask === undefined || mask === span.live) && groups.segmentCount === 1) {
      const [group] = groups.groups;
      const { runs } = this.#slices[group >>> SLICE_BITS];
      const statistics = span.statistics(this.#column);
      if (statistics !== undefined && runs.acceptsStatistics(statistics, span.liveCount)) {
        runs.addStatistics(statistics, span.liveCount, group & GROUP_MASK);
        return;
      }
    }
    const pending = span.load(this.#columns);
    if (pending !== undefined) return pending.then(() => this.#addColumn(rows, this.#column!));
    this.#addColumn(rows, this.#column);
  }

  acceptsStatistics(span: ScanSpan, group: number): boolean {
    if (this.#column === undefined) return true;
    const statistics = span.statistics(this.#column);
    return (
      statistics !== undefined && this.#slices[group >>> SLICE_BITS].runs.acceptsStatistics(statistics, span.rowCount)
    );
  }

  results(from: number, to: number): Column {
    return this.#slices[from >>> SLICE_BITS].accumulator.results(to - from);
  }

  states(from: number, to: number): readonly Column[] {
    return this.#slices[from >>> SLICE_BITS].accumulator.partialStates(to - from);
  }

  async close(): Promise<void> {}

  #addColumn({ span, mask, count, passing }: SpanRows, index: number): void {
    const groups = this.#groups;
    const isThin = mask !== undefined && count * MIN_THIN_SHARE < span.rowCount;
    const column = isThin ? passing!.column(index) : span.column(index);
    const bounds = span.bounds(index);
    const live = isThin ? column.validity : this.#liveRows(column, mask, span.rowCount);
    const { from, to } = isThin ? groups.passingSegments() : groups;
    const { groups: numbers, segmentCount } = groups;
    for (let start = 0; start < segmentCount; ) {
      const slice = numbers[start] >>> SLICE_BITS;
      const { runs } = this.#slices[slice];
      if (!runs.accepts(column, bounds)) {
        const rowGroups = isThin ? groups.passingGroups(count) : groups.rowGroups(span.rowCount);
        const rowCount = isThin ? count : span.rowCount;
        this.#addRows(column, { from: from[start], rowCount, rowGroups, mask: isThin ? undefined : mask });
        return;
      }
      let end = start + 1;
      while (end < segmentCount && numbers[end] >>> SLICE_BITS === slice) end++;
      runs.add(column, { from, to, groups: numbers, start, end, base: slice << SLICE_BITS }, live);
      start = end;
    }
  }

  /** The rows from `from` on, one by one. */
  #addRows(
    column: Column,
    rows: { from: number; rowCount: number; rowGroups: Uint32Array; mask: Uint8Array | undefined },
  ): void {
    const { from, rowCount, rowGroups, mask } = rows;
    this.#rowSlices.set(rowGroups.subarray(from), rowCount - from, this.#groups.groupCount);
    const columns = [from === 0 ? column : sliceColumn(column, from, rowCount)];
    for (const part of this.#rowSlices.rows(columns, mask?.subarray(from, rowCount))) {
      this.#slices[part.slice].accumulator.update(part.columns, part.groups, part.rowCount, part.filter);
    }
  }

  #liveRows({ validity }: Column, mask: Uint8Array | undefined, rowCount: number): Uint8Array | undefined {
    if (mask === undefined) return validity;
    if (validity === undefined) return mask;
    if (this.#live.length < rowCount) this.#live = new Uint8Array(rowCount);
    this.#live.set(mask.subarray(0, rowCount));
    kernels.and(this.#live, validity, 0, rowCount);
    return this.#live;
  }
}

/** The same over rows that each have a group of their own. All states lie in one accumulator. */
class RowCall implements SpanCall {
  readonly #accumulator: Accumulator;
  readonly #rows: RowAccumulator;
  readonly #column: number | undefined;
  readonly #columns: readonly number[];
  readonly #groups: FieldGroups;
  #valueGroups = new Uint32Array(0);
  /** Of all groups, once they are asked for. */
  #states: readonly Column[] | undefined;

  constructor(accumulator: Accumulator, column: number | undefined, groups: FieldGroups) {
    this.#accumulator = accumulator;
    this.#rows = accumulator.rows!;
    this.#column = column;
    this.#columns = column === undefined ? [] : [column];
    this.#groups = groups;
  }

  get sizeBytes(): number {
    return this.#accumulator.sizeBytes;
  }

  reserve(groupCount: number): void {
    this.#accumulator.reserve(groupCount);
  }

  acceptsStatistics(): boolean {
    return false;
  }

  add(rows: SpanRows): void | Promise<void> {
    const { rowGroups, rowCount } = this.#groups;
    if (this.#column === undefined) {
      this.#rows.add(undefined, rowGroups, rowCount, undefined);
      return;
    }
    const pending = rows.span.load(this.#columns);
    if (pending !== undefined) return pending.then(() => this.#addColumn(rows, this.#column!));
    this.#addColumn(rows, this.#column);
  }

  results(from: number, to: number): Column {
    return this.#rows.resultsOf(from, to);
  }

  states(from: number, to: number): readonly Column[] {
    this.#states ??= this.#accumulator.partialStates(this.#groups.groupCount);
    return this.#states.map((column) => sliceColumn(column, from, to));
  }

  async close(): Promise<void> {}

  #addColumn({ span, mask, passing }: SpanRows, index: number): void {
    const { rowGroups, rowCount, isGathered } = this.#groups;
    const column = isGathered ? passing!.column(index) : span.column(index);
    const bounds = span.bounds(index);
    if (this.#rows.accepts(column, bounds, rowCount)) {
      const groups = column.validity === undefined ? rowGroups : this.#withoutNulls(column.validity, rowCount);
      this.#rows.add(column, groups, rowCount, bounds);
    } else this.#accumulator.update([column], rowGroups, rowCount, isGathered ? undefined : mask);
  }

  /** The groups, with 0 where there is no value. */
  #withoutNulls(validity: Uint8Array, rowCount: number): Uint32Array {
    if (this.#valueGroups.length < rowCount) this.#valueGroups = new Uint32Array(rowCount);
    const { rowGroups } = this.#groups;
    for (let row = 0; row < rowCount; row++) this.#valueGroups[row] = rowGroups[row] & -validity[row];
    return this.#valueGroups;
  }
}

/** Any other call: over computed values, with FILTER, DISTINCT or an order, or of several arguments. */
class DenseCall implements DistinctFallback {
  readonly #columns: readonly number[];
  readonly #call: AggregateCall;
  readonly #context: ExecutionContext;
  readonly #state: AggregateState;
  readonly #input: CallInput;
  readonly #slices = new GroupSlices();
  #groups = new Uint32Array(0);

  constructor(call: AggregateCall, context: ExecutionContext) {
    this.#call = call;
    this.#context = context;
    this.#state = newAggregateState(call, context);
    const expressions = isSorted(call) ? sortedColumns(call) : call.arguments;
    this.#input = new CallInput(call, expressions, context);
    const read = call.filter === undefined ? expressions : [...expressions, call.filter];
    this.#columns = [...new Set(read.flatMap((expression) => columnsUsed(expression)))];
  }

  get sizeBytes(): number {
    return this.#state.sizeBytes;
  }

  reserve(groupCount: number): void {
    this.#state.reserve(groupCount);
  }

  acceptsStatistics(): boolean {
    return false;
  }

  add(rows: SpanRows): void | Promise<void> {
    const batch = rows.passing!.batch(this.#columns);
    return batch instanceof Promise ? batch.then((ready) => this.#addBatch(ready, rows)) : this.#addBatch(batch, rows);
  }

  /** Values that were distinct up to now. */
  take({ column, groups, rowCount }: GroupValues, groupCount: number): void | Promise<void> {
    this.#slices.set(groups, rowCount, groupCount);
    return this.#state.update([column], this.#slices, rowCount);
  }

  results(from: number, to: number, keys: readonly Column[]): Column | Promise<Column> {
    const direct = (this.#call.directArguments ?? []).map((argument) => {
      if (typeof argument === 'number') return keys[argument];
      const value = evaluateExpression(argument, this.#context);
      return constantColumn(argument.type.definition.representation, value, to - from);
    });
    return this.#state.results(from, to, direct);
  }

  states(from: number, to: number): readonly Column[] {
    return partialStatesOf(this.#state, from, to);
  }

  close(): Promise<void> {
    return this.#state.close();
  }

  #addBatch(batch: Batch, { groups, count }: SpanRows): void | Promise<void> {
    const evaluated = this.#input.evaluate(batch);
    // Subqueries alone take time, and a call that has one is not computed here.
    if (evaluated instanceof Promise) throw new TypeError('an aggregate over spans has no subqueries');
    const { columns, rowCount, selection } = evaluated;
    if (rowCount === 0) return;
    const all = groups.passingGroups(count);
    const own = selection === undefined ? all : this.#at(all, selection, rowCount);
    this.#slices.set(own, rowCount, groups.groupCount);
    return this.#state.update(columns, this.#slices, rowCount);
  }

  #at(groups: Uint32Array, selection: Uint32Array, count: number): Uint32Array {
    if (this.#groups.length < count) this.#groups = new Uint32Array(count);
    for (let index = 0; index < count; index++) this.#groups[index] = groups[selection[index]];
    return this.#groups;
  }
}
