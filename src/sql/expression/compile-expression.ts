import type { Batch } from '../../columnar/batch.ts';
import type { Column, DictionaryColumn } from '../../columnar/column.ts';
import { ColumnBuilder, constantColumn } from '../../columnar/column-builder.ts';
import { Dictionary } from '../../columnar/dictionary.ts';
import type { FunctionEnvironment } from '../../functions/environment.ts';
import type { Value } from '../../types/value.ts';
import { codeCache } from './code-cache.ts';
import { type ColumnShape, countsCalls, ExpressionEmitter } from './emit-expression.ts';
import type { Expression } from './expression.ts';
import { WideResults } from './expression-runtime.ts';
import type { SubquerySource } from './subquery-source.ts';
import { columnsUsed, someExpression } from './walk-expression.ts';

/** What expressions need besides rows. */
export interface EvaluationContext {
  readonly parameters: readonly Value[];
  readonly environment: FunctionEnvironment;
  /** Values of slots by their numbers: what is around the plan has set them. */
  readonly slots?: readonly Value[];
  readonly subqueries?: SubquerySource | undefined;
}

/**
 * One generated loop per layout of the columns that are read: narrow or wide, with or without NULLs. `Loop` is the
 * type of the loop.
 */
class LoopVariants<Loop> {
  readonly #columns: readonly number[];
  readonly #generate: (shapeOf: (index: number) => ColumnShape) => Loop;
  readonly #variants = new Map<string, Loop>();

  constructor(columns: readonly number[], generate: (shapeOf: (index: number) => ColumnShape) => Loop) {
    this.#columns = columns;
    this.#generate = generate;
  }

  for(batch: Batch): Loop {
    let key = '';
    for (const index of this.#columns) {
      const { kind, validity } = batch.columns[index];
      key += validity === undefined ? kind : `${kind}?`;
      key += ',';
    }
    let loop = this.#variants.get(key);
    if (loop === undefined) {
      const shapeOf = (index: number): ColumnShape => {
        const column = batch.columns[index];
        return { kind: column.kind, hasNulls: column.validity !== undefined };
      };
      loop = this.#generate(shapeOf);
      this.#variants.set(key, loop);
    }
    return loop;
  }
}

type FilterLoop = (
  columns: readonly Column[],
  rowCount: number,
  p: readonly Value[],
  e: FunctionEnvironment,
  selection: Uint32Array,
) => number;

/**
 * WHERE: finds the rows for which a boolean expression is true (neither false nor NULL). The rest of a conjunction is
 * not evaluated for a row that one of its conditions turned away, be it by NULL.
 */
export class RowFilter {
  readonly #context: EvaluationContext;
  readonly #loops: LoopVariants<FilterLoop>;

  constructor(condition: Expression, context: EvaluationContext) {
    this.#context = context;
    const conjuncts = condition.kind === 'and' ? condition.arguments : [condition];
    this.#loops = new LoopVariants(columnsUsed(condition), (shapeOf) => {
      const emitter = new ExpressionEmitter(shapeOf, context);
      if (someExpression(condition, countsCalls)) emitter.fetchSubqueries(condition);
      for (const conjunct of conjuncts) {
        const { value, isNull } = emitter.emit(conjunct);
        emitter.line(`if (!(${isNull === undefined ? value : `!(${isNull}) && ${value}`})) continue;`);
      }
      const body = `${emitter.takeLines()}\nselection[count++] = i;`;
      const source = `${emitter.captures}
return function filter(columns, rowCount, p, e, selection) {
${emitter.preamble}
let count = 0;
rows: for (let i = 0; i < rowCount; i++) {
${body}
}
return count;
};`;
      return codeCache.factory(source)(emitter.captured) as FilterLoop;
    });
  }

  /** Writes the passing rows of `batch` into `selection`, in order; returns how many there are. */
  select(batch: Batch, selection: Uint32Array): number {
    const loop = this.#loops.for(batch);
    return loop(batch.columns, batch.rowCount, this.#context.parameters, this.#context.environment, selection);
  }
}

/** Results of a loop: `out` takes the values, `valid` 1 or 0 a row; the loop returns the number of NULLs. */
type ValueLoop = (
  columns: readonly Column[],
  rowCount: number,
  p: readonly Value[],
  e: FunctionEnvironment,
  out: Float64Array | Uint8Array | Value[],
  valid: Uint8Array,
  wide: WideResults,
) => number;

/**
 * One expression of a select list or a key, computed for whole batches. The returned column's buffers are used again
 * for the next batch; bare column references are handed through.
 */
export class ColumnEvaluator {
  readonly #expression: Expression;
  readonly #context: EvaluationContext;
  readonly #loops: LoopVariants<ValueLoop>;
  readonly #wide = new WideResults();
  #numbers = new Float64Array(0);
  #bytes = new Uint8Array(0);
  #valid = new Uint8Array(0);
  #constant: Column | undefined;
  #constantRows = 0;

  constructor(expression: Expression, context: EvaluationContext) {
    this.#expression = expression;
    this.#context = context;
    this.#loops = new LoopVariants(columnsUsed(expression), (shapeOf) =>
      generateValueLoop(expression, shapeOf, context),
    );
  }

  evaluate(batch: Batch): Column {
    const { rowCount } = batch;
    const bare = stripRelabels(this.#expression);
    if (bare.kind === 'column') return batch.columns[bare.index];
    if (bare.kind === 'constant') return this.#repeat(bare.value, rowCount);
    if (bare.kind === 'correlated') return this.#repeat(this.#context.slots?.[bare.slot] ?? null, rowCount);
    if (bare.kind === 'parameter') return this.#repeat(this.#context.parameters[bare.index] ?? null, rowCount);

    const loop = this.#loops.for(batch);
    const { parameters, environment } = this.#context;
    if (this.#valid.length < rowCount) this.#valid = new Uint8Array(rowCount);
    const valid = this.#valid;
    const wide = this.#wide;
    const { representation } = this.#expression.type.definition;
    if (representation === 'float64' || representation === 'int64') {
      if (this.#numbers.length < rowCount) this.#numbers = new Float64Array(rowCount);
      wide.clear();
      const nulls = loop(batch.columns, rowCount, parameters, environment, this.#numbers, valid, wide);
      const validity = nulls === 0 ? undefined : valid.subarray(0, rowCount);
      if (wide.rows.length > 0) return widened(this.#numbers, wide, rowCount, validity);
      return { kind: 'number', values: this.#numbers.subarray(0, rowCount), validity };
    }
    if (representation === 'boolean') {
      if (this.#bytes.length < rowCount) this.#bytes = new Uint8Array(rowCount);
      const nulls = loop(batch.columns, rowCount, parameters, environment, this.#bytes, valid, wide);
      const validity = nulls === 0 ? undefined : valid.subarray(0, rowCount);
      return { kind: 'boolean', values: this.#bytes.subarray(0, rowCount), validity };
    }
    const values: Value[] = new Array(rowCount);
    const nulls = loop(batch.columns, rowCount, parameters, environment, values, valid, wide);
    return { kind: 'value', values, validity: nulls === 0 ? undefined : valid.subarray(0, rowCount) };
  }

  #repeat(value: Value, rowCount: number): Column {
    const { representation } = this.#expression.type.definition;
    if (this.#constant === undefined || this.#constantRows < rowCount) {
      this.#constant =
        representation === 'text' && value !== null
          ? repeatedText(value as string, rowCount)
          : constantColumn(representation, value, rowCount);
      this.#constantRows = rowCount;
    }
    return this.#constantRows === rowCount ? this.#constant : firstRows(this.#constant, rowCount);
  }
}

function generateValueLoop(
  expression: Expression,
  shapeOf: (index: number) => ColumnShape,
  context: EvaluationContext,
): ValueLoop {
  const emitter = new ExpressionEmitter(shapeOf, context);
  if (someExpression(expression, countsCalls)) emitter.fetchSubqueries(expression);
  const { value, isNull } = emitter.emit(expression);
  const { representation } = expression.type.definition;
  const store =
    representation === 'boolean'
      ? `out[i] = ${value} ? 1 : 0;`
      : representation === 'int64'
        ? `if (typeof ${value} === 'bigint') wide.add(i, ${value}); else out[i] = ${value};`
        : `out[i] = ${value};`;
  const storeNull = representation === 'text' || representation === 'value' ? 'out[i] = null;' : '';
  const body =
    isNull === undefined
      ? store
      : `if (${isNull}) { valid[i] = 0; nulls++; ${storeNull} } else { valid[i] = 1; ${store} }`;
  const source = `${emitter.captures}
return function evaluate(columns, rowCount, p, e, out, valid, wide) {
${emitter.preamble}
let nulls = 0;
rows: for (let i = 0; i < rowCount; i++) {
${emitter.takeLines()}
${body}
}
return nulls;
};`;
  return codeCache.factory(source)(emitter.captured) as ValueLoop;
}

function stripRelabels(expression: Expression): Expression {
  return expression.kind === 'relabel' ? stripRelabels(expression.argument) : expression;
}

function repeatedText(value: string, rowCount: number): DictionaryColumn {
  return {
    kind: 'dictionary',
    codes: new Uint32Array(rowCount),
    dictionary: Dictionary.of([value]),
    validity: undefined,
  };
}

function firstRows(column: Column, rowCount: number): Column {
  const validity = column.validity?.subarray(0, rowCount);
  switch (column.kind) {
    case 'number':
      return { ...column, values: column.values.subarray(0, rowCount), validity };
    case 'boolean':
      return { ...column, values: column.values.subarray(0, rowCount), validity };
    case 'dictionary':
      return { ...column, codes: column.codes.subarray(0, rowCount), validity };
    default:
      return { ...column, validity };
  }
}

function widened(numbers: Float64Array, wide: WideResults, rowCount: number, validity: Uint8Array | undefined): Column {
  const builder = new ColumnBuilder('int64', { capacity: rowCount });
  let next = 0;
  for (let row = 0; row < rowCount; row++) {
    if (next < wide.rows.length && wide.rows[next] === row) builder.push(wide.values[next++]);
    else if (validity !== undefined && validity[row] === 0) builder.pushNull();
    else builder.push(numbers[row]);
  }
  return builder.finish();
}
