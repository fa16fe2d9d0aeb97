import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { gatherBatch, sliceColumn } from '../../columnar/copy-rows.ts';
import { gatherOrNull } from '../../columnar/gather-or-null.ts';
import { PICK_DEFAULT, PICK_NULL, type WindowFunction, type WindowRows } from '../../functions/function-definition.ts';
import { ColumnEvaluator, RowFilter } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { WindowCall, WindowNode } from '../../sql/plan/window-node.ts';
import { bool } from '../../types/bool.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { copyRows, RowStore } from '../row-store.ts';
import { inChunks } from './chunked.ts';
import { aggregateFrames } from './frame-aggregates.ts';

/** The argument columns of one call over a run, and the rows that its FILTER lets pass. */
export interface CallInput {
  readonly columns: readonly Column[];
  readonly live: Uint8Array | undefined;
}

/** The results of one call at all rows of a run. */
export function evaluateCall(
  { function: callee, arguments: values, type }: WindowCall,
  rows: WindowRows,
  input: CallInput,
  { control, environment }: ExecutionContext,
  reserve: (sizeBytes: number) => void,
): Promise<Column> {
  if (callee.kind === 'window') return evaluateWindowFunction(callee, type, rows, input.columns, control);
  return aggregateFrames({
    function: callee,
    argumentTypes: values.map((value) => value.type.definition),
    resultType: type.definition,
    input: { rows, inputs: input.columns, live: input.live },
    environment,
    control,
    reserve,
  });
}

async function evaluateWindowFunction(
  callee: WindowFunction,
  type: SqlType,
  rows: WindowRows,
  inputs: readonly Column[],
  control: ExecutionContext['control'],
): Promise<Column> {
  const { rowCount } = rows;
  const evaluation = callee.evaluate(rows, inputs);
  if (evaluation.kind === 'numbers') {
    const values = new Float64Array(rowCount);
    const validity = new Uint8Array(rowCount).fill(1);
    await inChunks(rowCount, control, (from, to) => evaluation.fill(from, to, values, validity));
    return { kind: 'number', values, validity: validity.includes(0) ? validity : undefined };
  }
  const picked = new Int32Array(rowCount);
  await inChunks(rowCount, control, (from, to) => evaluation.pick(from, to, picked));
  const [values, , defaults] = inputs;
  if (defaults === undefined) return gatherOrNull(values, picked, rowCount);
  const results = new ColumnBuilder(type.definition.representation, { capacity: rowCount });
  await inChunks(rowCount, control, (from, to) => {
    for (let row = from; row < to; row++) {
      if (picked[row] === PICK_DEFAULT) results.pushFrom(defaults, row);
      else if (picked[row] === PICK_NULL) results.pushNull();
      else results.pushFrom(values, picked[row]);
    }
  });
  return results.finish();
}

/** Where an argument is found: a column of the input, or one that is computed as rows come. */
type Place = { readonly kind: 'input' | 'computed'; readonly index: number };

/** A call's arguments and FILTER, the latter as a computed boolean. */
interface CallPlaces {
  readonly arguments: readonly Place[];
  readonly filter: Place | undefined;
}

/**
 * The arguments of a window node's calls, computed once for each row as it comes; FILTER first, since rows that it drops
 * must not raise what their arguments would.
 */
export class WindowInputs {
  readonly #places: readonly CallPlaces[];
  readonly #computed: readonly ComputedArgument[];
  readonly #context: ExecutionContext;
  #store: RowStore;
  #inputs: readonly Column[] = [];
  #computedColumns: readonly Column[] = [];
  #rowCount = 0;

  constructor(node: WindowNode, context: ExecutionContext) {
    const computed: ComputedArgument[] = [];
    const placeOf = (expression: Expression, filter: RowFilter | undefined): Place => {
      if (expression.kind === 'column') return { kind: 'input', index: expression.index };
      return { kind: 'computed', index: computed.push(new ComputedArgument(expression, filter, context)) - 1 };
    };
    this.#places = node.calls.map((call) => {
      if (call.filter === undefined) {
        return { arguments: call.arguments.map((argument) => placeOf(argument, undefined)), filter: undefined };
      }
      const filter = new RowFilter(call.filter, context);
      const passes = computed.push(new ComputedArgument(undefined, filter, context)) - 1;
      return {
        arguments: call.arguments.map((argument) => placeOf(argument, filter)),
        filter: { kind: 'computed', index: passes },
      };
    });
    this.#computed = computed;
    this.#context = context;
    this.#store = this.#newStore();
  }

  append(batch: Batch): void {
    if (this.#computed.length === 0) return;
    const columns = this.#computed.map((argument) => argument.evaluate(batch));
    this.#store.append({ rowCount: batch.rowCount, columns });
  }

  /** No more rows: the first `rowCount` of them are asked for. */
  async finish(rows: Batch, rowCount: number): Promise<this> {
    this.#inputs = rows.columns;
    this.#computedColumns = (await this.#store.whole(this.#context.control)).columns;
    this.#rowCount = rowCount;
    return this;
  }

  of(call: number): CallInput {
    const places = this.#places[call];
    const passes = places.filter === undefined ? undefined : this.#column(places.filter);
    return {
      columns: places.arguments.map((place) => this.#column(place)),
      live: passes?.kind === 'boolean' ? passes.values : undefined,
    };
  }

  /** Forgets the rows before `from`; more may come. */
  async keepFrom(from: number): Promise<void> {
    if (this.#computed.length === 0) return;
    const all = this.#store;
    this.#store = this.#newStore();
    await copyRows(all, from, this.#store, this.#context.control);
    all.release();
  }

  release(): void {
    this.#store.release();
  }

  #column({ kind, index }: Place): Column {
    const column = kind === 'input' ? this.#inputs[index] : this.#computedColumns[index];
    return sliceColumn(column, 0, this.#rowCount);
  }

  #newStore(): RowStore {
    return new RowStore(
      this.#computed.map((argument) => argument.type),
      this.#context.memory,
    );
  }
}

/** One argument for all rows of a batch: NULL where FILTER drops the row. Without an expression, what FILTER says. */
class ComputedArgument {
  readonly type: SqlType;
  readonly #filter: RowFilter | undefined;
  readonly #evaluator: ColumnEvaluator | undefined;

  constructor(expression: Expression | undefined, filter: RowFilter | undefined, context: ExecutionContext) {
    this.type = expression?.type ?? sqlType(bool);
    this.#filter = filter;
    this.#evaluator = expression === undefined ? undefined : new ColumnEvaluator(expression, context);
  }

  evaluate(batch: Batch): Column {
    const { rowCount } = batch;
    if (this.#filter === undefined) return this.#evaluate(batch);
    const selection = new Uint32Array(rowCount);
    const count = this.#filter.select(batch, selection);
    if (this.#evaluator === undefined) {
      const values = new Uint8Array(rowCount);
      for (let index = 0; index < count; index++) values[selection[index]] = 1;
      return { kind: 'boolean', values, validity: undefined };
    }
    if (count === rowCount) return this.#evaluate(batch);
    const places = new Int32Array(rowCount).fill(PICK_NULL);
    for (let index = 0; index < count; index++) places[selection[index]] = index;
    return gatherOrNull(this.#evaluate(gatherBatch(batch, selection, count)), places, rowCount);
  }

  #evaluate(batch: Batch): Column {
    if (this.#evaluator === undefined) throw new Error('a filter has no value of its own');
    return this.#evaluator.evaluate(batch);
  }
}
