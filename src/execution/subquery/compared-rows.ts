import { valueAt } from '../../columnar/column.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import { KeyNumbers, type NumberedKey } from '../../columnar/key-numbers.ts';
import { invariant } from '../../errors/invariant.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { SubqueryExpression } from '../../sql/expression/expression.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { RowStore } from '../row-store.ts';
import { type HashedEquality, hashedEqualities } from './hashed-equalities.ts';
import { inputKey, inputTypes } from './input-key.ts';
import { leftColumns, openSubquery } from './run-subquery.ts';
import type { RunPlan } from './subquery-runtime.ts';

const SLICE_ROWS = 1024;
/** What an entry of a set holds, roughly. */
const KEY_BYTES = 64;
/** Rows for so many combinations of inputs are kept side by side. */
const MAX_KEPT = 16;

/** The rows of a subquery, kept to be compared with again and again. */
interface KeptRows {
  readonly store: RowStore;
  /** The keys of the rows without a NULL, where equality alone is asked for. */
  readonly keys: KeyNumbers | undefined;
  /** Whether there are rows with a NULL in a key. */
  readonly hasNulls: boolean;
  readonly keyBytes: number;
}

/**
 * `left op ANY (query)` and ALL: the rows are read once for each combination of the bindings' values. Where the
 * comparison is equality they are looked up by key, else compared one after the other.
 */
export class ComparedRows {
  readonly #expression: SubqueryExpression;
  readonly #run: RunPlan;
  readonly #equalities: readonly HashedEquality[] | undefined;
  readonly #bindingTypes: readonly TypeDefinition[];
  readonly #kept = new Map<unknown, KeptRows>();
  readonly #leftCount: number;

  constructor(expression: SubqueryExpression, run: RunPlan) {
    this.#expression = expression;
    this.#run = run;
    this.#leftCount = expression.left.length;
    this.#equalities = hashedEqualities(expression);
    this.#bindingTypes = inputTypes(expression).slice(this.#leftCount);
  }

  /** The result where it can be told at once; undefined: ask `compare`. */
  find(inputs: readonly Value[]): Value | undefined {
    if (this.#equalities === undefined) return undefined;
    const kept = this.#kept.get(this.#keyOf(inputs));
    if (kept?.keys === undefined) return undefined;
    if (kept.store.rowCount === 0) return false;
    const key = lookupKey(this.#equalities, (equality) => inputs[equality.left]);
    if (key !== undefined && kept.keys.get(key) !== undefined) return true;
    if (this.#leftCount === 1) return key === undefined || kept.hasNulls ? null : false;
    // With NULLs about, the items that are there decide whether two rows can be told apart.
    return key !== undefined && !kept.hasNulls ? false : undefined;
  }

  async compare(context: ExecutionContext, inputs: readonly Value[]): Promise<Value> {
    const kept = await this.#rowsFor(context, inputs);
    const found = this.find(inputs);
    if (found !== undefined) return found;
    return await this.#compareEach(context, inputs, kept);
  }

  async #compareEach(context: ExecutionContext, inputs: readonly Value[], { store }: KeptRows): Promise<Value> {
    const { comparison, form } = this.#expression;
    invariant(comparison !== undefined, 'ANY and ALL compare');
    const decisive = form === 'any';
    const evaluator = new ColumnEvaluator(comparison, context);
    let sawNull = false;
    for (const rows of store.batches()) {
      for (let from = 0; from < rows.rowCount; from += SLICE_ROWS) {
        const slice = sliceBatch(rows, from, Math.min(from + SLICE_ROWS, rows.rowCount));
        const { rowCount } = slice;
        const left = leftColumns(this.#expression, inputs, rowCount);
        const verdicts = evaluator.evaluate({ rowCount, columns: [...left, ...slice.columns] });
        for (let row = 0; row < rowCount; row++) {
          const verdict = valueAt(verdicts, row);
          if (verdict === decisive) return decisive;
          if (verdict === null) sawNull = true;
        }
        const turn = context.control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
    }
    return sawNull ? null : !decisive;
  }

  async #rowsFor(context: ExecutionContext, inputs: readonly Value[]): Promise<KeptRows> {
    const key = this.#keyOf(inputs);
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    this.#makeRoom(context);
    const types = this.#expression.plan.output.map((column) => column.type);
    const store = new RowStore(types, context.memory);
    for await (const batch of openSubquery(this.#expression, this.#run, context, inputs)) {
      store.append(batch);
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    const kept = await this.#withKeys(store, context);
    this.#kept.set(key, kept);
    return kept;
  }

  async #withKeys(store: RowStore, context: ExecutionContext): Promise<KeptRows> {
    const equalities = this.#equalities;
    if (equalities === undefined) return { store, keys: undefined, hasNulls: false, keyBytes: 0 };
    const keyBytes = store.rowCount * KEY_BYTES;
    context.memory.reserve(keyBytes);
    const evaluators = equalities.map((equality) => new ColumnEvaluator(equality.right, context));
    const keys = new KeyNumbers();
    let hasNulls = false;
    for (const rows of store.batches()) {
      for (let from = 0; from < rows.rowCount; from += SLICE_ROWS) {
        const slice = sliceBatch(rows, from, Math.min(from + SLICE_ROWS, rows.rowCount));
        const columns = evaluators.map((evaluator) => evaluator.evaluate(slice));
        for (let row = 0; row < slice.rowCount; row++) {
          const key = lookupKey(equalities, (_, at) => valueAt(columns[at], row));
          if (key === undefined) hasNulls = true;
          else if (keys.get(key) === undefined) keys.add(key, 1);
        }
        const turn = context.control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
    }
    return { store, keys, hasNulls, keyBytes };
  }

  #makeRoom(context: ExecutionContext): void {
    if (this.#kept.size < MAX_KEPT) return;
    const oldest = this.#kept.entries().next();
    if (oldest.done === true) return;
    const [key, { store, keyBytes }] = oldest.value;
    this.#kept.delete(key);
    store.release();
    context.memory.release(keyBytes);
  }

  #keyOf(inputs: readonly Value[]): unknown {
    if (this.#bindingTypes.length === 0) return undefined;
    return inputKey(inputs.slice(this.#leftCount), this.#bindingTypes);
  }
}

/** undefined when a part is NULL. */
function lookupKey(
  equalities: readonly HashedEquality[],
  valueFor: (equality: HashedEquality, at: number) => Value,
): NumberedKey | undefined {
  let joined = '';
  for (let at = 0; at < equalities.length; at++) {
    const equality = equalities[at];
    const value = valueFor(equality, at);
    if (value === null) return undefined;
    const key = equality.type.hashKey(value);
    if (equalities.length === 1) return Object.is(key, -0) ? 0 : key;
    const text = `${typeof key === 'string' ? 's' : 'n'}${Object.is(key, -0) ? 0 : key}`;
    joined += `${text.length}:${text}`;
  }
  return joined;
}
