import type { Dictionary } from '../../columnar/dictionary.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { FunctionEnvironment } from '../../functions/environment.ts';
import type { ScalarFunction } from '../../functions/function-definition.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { type RecordField, SqlRecord } from '../../types/sql-record.ts';
import type { Value } from '../../types/value.ts';

/** What generated loops call by reference: the parts of evaluation that are not worth inlining. */

/** `left operator ANY (array)`: true as soon as one element says so, NULL when one might have (PostgreSQL 9.24.3). */
export function compareWithArray(
  operator: ScalarFunction,
  /** For an operator that asks for it. */
  environment: FunctionEnvironment | undefined,
  left: Value,
  array: SqlArray,
  isAll: boolean,
): boolean | null {
  let sawNull = false;
  for (const element of array.elements) {
    if (left === null || element === null) {
      sawNull = true;
      continue;
    }
    const verdict =
      environment === undefined ? operator.evaluate(left, element) : operator.evaluate(environment, left, element);
    if (verdict === null) sawNull = true;
    else if (verdict !== isAll) return !isAll;
  }
  return sawNull ? null : isAll;
}

export function makeArray(elements: readonly Value[]): SqlArray {
  return new SqlArray(elements);
}

/** Arrays as elements make a dimension more; they must agree in their dimensions. Throws 2202E. */
export function makeNestedArray(elements: readonly Value[]): SqlArray {
  const arrays = elements as readonly (SqlArray | null)[];
  const first = arrays.find((array) => array !== null && !array.isEmpty) ?? null;
  if (first === null) return new SqlArray([]);
  const shape = `${first.dimensions}/${first.lowerBounds}`;
  const inner: Value[] = [];
  for (const array of arrays) {
    if (array === null || `${array.dimensions}/${array.lowerBounds}` !== shape) {
      throw new SqlError(
        SqlState.ArraySubscriptError,
        'multidimensional arrays must have array expressions with matching dimensions',
      );
    }
    for (const item of array.elements) inner.push(item);
  }
  return new SqlArray(inner, [arrays.length, ...first.dimensions], [1, ...first.lowerBounds]);
}

export function makeRecord(fields: readonly RecordField[], values: readonly Value[]): SqlRecord {
  return new SqlRecord(fields, values);
}

export function fieldOf(row: SqlRecord | null, index: number): Value {
  return row === null ? null : row.values[index];
}

/** A row IS NULL when all of its columns are, IS NOT NULL when none is: of some rows neither is true. */
export function testRecordNull(row: SqlRecord | null, isNegated: boolean): boolean {
  if (row === null) return !isNegated;
  return row.values.every((value) => (value === null) !== isNegated);
}

export const MEMO_UNKNOWN = 0;
export const MEMO_NULL = 1;
export const MEMO_VALUE = 2;
/** For booleans the state is the value: 2 = false, 3 = true. */
export const MEMO_TRUE = 3;

/**
 * The results of an expression over one dictionary column, one per code (index 0 is NULL, index code + 1 the code):
 * `host LIKE 'web%'` is decided once per host, not per row. Filled as rows ask; a batch with another dictionary starts
 * it anew, a dictionary that has grown keeps what is known.
 */
export class DictionaryMemo {
  #dictionary: Dictionary | undefined;
  #states: Uint8Array = new Uint8Array(0);
  readonly values: Value[] = [];

  statesFor(dictionary: Dictionary): Uint8Array {
    const size = dictionary.size + 1;
    if (dictionary !== this.#dictionary) {
      this.#dictionary = dictionary;
      this.#states = new Uint8Array(size);
      this.values.length = 0;
    } else if (this.#states.length < size) {
      const grown = new Uint8Array(Math.max(size, this.#states.length * 2));
      grown.set(this.#states);
      this.#states = grown;
    }
    return this.#states;
  }
}

/** 64-bit results that passed ±2^53 in a batch: they turn the result column wide. */
export class WideResults {
  readonly rows: number[] = [];
  readonly values: bigint[] = [];

  add(row: number, value: bigint): void {
    this.rows.push(row);
    this.values.push(value);
  }

  clear(): void {
    this.rows.length = 0;
    this.values.length = 0;
  }
}
