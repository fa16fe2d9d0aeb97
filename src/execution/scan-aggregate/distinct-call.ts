import type { Morsel, ScanSpan, TableScan } from '../../catalog/table.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { invariant } from '../../errors/invariant.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { AggregateCall } from '../../sql/plan/aggregate-node.ts';
import { type AggregateState, newAggregateState } from '../aggregate/aggregate-state.ts';
import { GroupSlices } from '../aggregate/group-slices.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { FieldIndex } from './field-index.ts';
import { GroupIndex } from './group-index.ts';
import { RunGroups } from './run-groups.ts';
import type { SpanCall, SpanRows } from './span-call.ts';

/** Values that an aggregate takes in one go. */
const FED_VALUES = 4096;

/** Values of groups, side by side. */
export interface GroupValues {
  readonly column: Column;
  readonly groups: Uint32Array;
  readonly rowCount: number;
}

/** What takes over where values have no small codes: it is given what was seen up to then. */
export interface DistinctFallback extends SpanCall {
  take(values: GroupValues, groupCount: number): void | Promise<void>;
}

/**
 * DISTINCT over a column whose values have small codes, in groups that are stretches of rows: an array with a place for
 * each value of each group. A span whose bounds have no value that all its groups do not know yet is not read.
 */
export class DistinctCall implements SpanCall {
  readonly growsByRows = true;
  readonly #call: AggregateCall;
  readonly #context: ExecutionContext;
  readonly #runs: RunGroups;
  readonly #newFallback: () => DistinctFallback;
  readonly #column: number;
  readonly #columns: readonly number[];
  #values: FieldIndex | undefined;
  #fallback: DistinctFallback | undefined;
  #results: AggregateState | undefined;
  #ids = new Uint32Array(0);
  #groupCount = 0;

  private constructor(
    call: AggregateCall,
    context: ExecutionContext,
    place: { readonly column: number; readonly runs: RunGroups; readonly newFallback: () => DistinctFallback },
    values: FieldIndex,
  ) {
    this.#call = call;
    this.#context = context;
    this.#runs = place.runs;
    this.#newFallback = place.newFallback;
    this.#column = place.column;
    this.#columns = [place.column];
    this.#values = values;
  }

  /** undefined where values of the type have no small codes. */
  static of(
    call: AggregateCall,
    context: ExecutionContext,
    place: { readonly column: number; readonly runs: RunGroups; readonly newFallback: () => DistinctFallback },
  ): DistinctCall | undefined {
    const values = FieldIndex.of([call.arguments[0].type]);
    return values === undefined ? undefined : new DistinctCall(call, context, place, values);
  }

  get sizeBytes(): number {
    return this.#values?.sizeBytes ?? this.#fallback?.sizeBytes ?? 0;
  }

  reserve(groupCount: number): void {
    this.#groupCount = groupCount;
    this.#fallback?.reserve(groupCount);
  }

  acceptsStatistics(span: ScanSpan, group: number): boolean {
    return this.#values?.hasAll(group, span.bounds(this.#column)) === true;
  }

  add(rows: SpanRows): void | Promise<void> {
    if (this.#fallback !== undefined) return this.#fallback.add(rows);
    if (this.#isKnown(rows.span)) return;
    const pending = rows.span.load(this.#columns);
    return pending === undefined ? this.#addColumn(rows) : pending.then(() => this.#addColumn(rows));
  }

  async results(from: number, to: number, keys: readonly Column[]): Promise<Column> {
    if (this.#fallback !== undefined) return this.#fallback.results(from, to, keys);
    const values = this.#values!;
    this.#results ??= await feed(this.#call, this.#context, {
      valueCount: values.groupCount - 1,
      groupCount: this.#groupCount,
      valuesOf(first, end) {
        const groups = Uint32Array.from({ length: end - first }, (_, at) => values.outerOf(first + at + 1));
        return { column: values.keyColumns(first + 1, end + 1)[0], groups, rowCount: end - first };
      },
    });
    return this.#results.results(from, to, []);
  }

  states(): never {
    invariant(false, 'what is distinct in parts of the rows is not in all');
  }

  async close(): Promise<void> {
    await this.#fallback?.close();
    await this.#results?.close();
  }

  /** Whether the statistics show that the span has no new value. */
  #isKnown(span: ScanSpan): boolean {
    const bounds = span.bounds(this.#column);
    const { groups, segmentCount } = this.#runs;
    for (let segment = 0; segment < segmentCount; segment++) {
      if (!this.#values!.hasAll(groups[segment], bounds)) return false;
    }
    return true;
  }

  #addColumn(rows: SpanRows): void | Promise<void> {
    const { span, mask } = rows;
    const { rowCount } = span;
    const runs = this.#runs;
    const values = this.#values!;
    if (!values.encode([span.column(this.#column)], [span.bounds(this.#column)], rowCount, runs.groupCount)) {
      return this.#fallBack(values, rows);
    }
    if (this.#ids.length < rowCount) this.#ids = new Uint32Array(rowCount);
    for (let segment = 0; segment < runs.segmentCount; segment++) {
      values.assign(runs.groups[segment], runs.from[segment], runs.to[segment], mask, this.#ids);
    }
  }

  async #fallBack(values: FieldIndex, rows: SpanRows): Promise<void> {
    const fallback = this.#newFallback();
    fallback.reserve(this.#groupCount);
    this.#fallback = fallback;
    this.#values = undefined;
    for (let from = 1; from < values.groupCount; from += FED_VALUES) {
      const to = Math.min(from + FED_VALUES, values.groupCount);
      const groups = Uint32Array.from({ length: to - from }, (_, at) => values.outerOf(from + at));
      const [column] = values.keyColumns(from, to);
      await fallback.take({ column, groups, rowCount: to - from }, this.#groupCount);
    }
    await fallback.add(rows);
  }
}

/** DISTINCT over what is the same for all rows of a series: no row is asked. */
export class SeriesDistinctCall implements SpanCall {
  readonly growsByRows = true;
  readonly #call: AggregateCall;
  readonly #context: ExecutionContext;
  readonly #runs: RunGroups;
  /** The values are groups of their own. */
  readonly #values: RunGroups;
  readonly #pairs = new GroupIndex();
  #results: AggregateState | undefined;
  #groupCount = 0;

  /** `argument` reads tags alone, and cannot fail. */
  constructor(
    call: AggregateCall,
    context: ExecutionContext,
    place: { readonly argument: Expression; readonly runs: RunGroups; readonly scan: TableScan },
  ) {
    this.#call = call;
    this.#context = context;
    this.#runs = place.runs;
    this.#values = new RunGroups([place.argument], undefined, { scan: place.scan, context });
  }

  get sizeBytes(): number {
    return this.#values.sizeBytes + this.#pairs.sizeBytes;
  }

  meet(morsel: Morsel): void {
    this.#values.meet(morsel);
  }

  reserve(groupCount: number): void {
    this.#groupCount = groupCount;
  }

  acceptsStatistics(): boolean {
    return true;
  }

  add({ span }: SpanRows): void {
    const runs = this.#runs;
    const values = this.#values;
    values.assign(span, undefined);
    let at = 0;
    for (let segment = 0; segment < runs.segmentCount; segment++) {
      const to = runs.to[segment];
      while (values.to[at] <= runs.from[segment]) at++;
      for (let place = at; place < values.segmentCount && values.from[place] < to; place++) {
        // A segment is put together of stretches of one series each, in all of which some row passes.
        this.#pairs.groupOf(runs.groups[segment], values.groups[place]);
      }
    }
  }

  async results(from: number, to: number): Promise<Column> {
    const pairs = this.#pairs;
    const [column] = this.#values.keyColumns(0, this.#values.groupCount);
    this.#results ??= await feed(this.#call, this.#context, {
      valueCount: pairs.groupCount,
      groupCount: this.#groupCount,
      valuesOf(first, end) {
        const groups = Uint32Array.from({ length: end - first }, (_, at) => pairs.tagsOf(first + at));
        const rows = Uint32Array.from({ length: end - first }, (_, at) => pairs.bucketOf(first + at));
        return { column: gatherColumn(column, rows, end - first), groups, rowCount: end - first };
      },
    });
    return this.#results.results(from, to, []);
  }

  states(): never {
    invariant(false, 'what is distinct in parts of the rows is not in all');
  }

  async close(): Promise<void> {
    await this.#results?.close();
  }
}

/** Gives the aggregate each value of each group once. */
async function feed(
  call: AggregateCall,
  context: ExecutionContext,
  seen: {
    readonly valueCount: number;
    readonly groupCount: number;
    valuesOf(from: number, to: number): GroupValues;
  },
): Promise<AggregateState> {
  const state = newAggregateState({ ...call, isDistinct: false }, context);
  const slices = new GroupSlices();
  state.reserve(seen.groupCount);
  for (let from = 0; from < seen.valueCount; from += FED_VALUES) {
    const { column, groups, rowCount } = seen.valuesOf(from, Math.min(from + FED_VALUES, seen.valueCount));
    slices.set(groups, rowCount, seen.groupCount);
    const updated = state.update([column], slices, rowCount);
    if (updated !== undefined) await updated;
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  return state;
}
