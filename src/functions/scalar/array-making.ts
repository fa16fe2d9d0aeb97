import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { int4 } from '../../types/int4.ts';
import { anyarray, anyelement } from '../../types/pseudo-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

const MAX_DIMENSIONS = 6;
const MAX_ELEMENTS = 134_217_727;
const integers = arrayTypeOf(int4) as TypeDefinition;
const texts = arrayTypeOf(text) as TypeDefinition;

function nullNotAllowed(message: string): SqlError {
  return new SqlError(SqlState.NullValueNotAllowed, message);
}

function wrongSubscripts(detail: string): SqlError {
  return new SqlError(SqlState.ArraySubscriptError, 'wrong number of array subscripts', { detail });
}

/** An array of one value, of these lengths per dimension. Throws 22004, 2202E and 54000. */
function fill(value: Value, lengths: SqlArray | null, bounds?: SqlArray | null): SqlArray {
  if (lengths === null || bounds === null) throw nullNotAllowed('dimension array or low bound array cannot be null');
  if (lengths.dimensions.length > 1) throw wrongSubscripts('Dimension array must be one dimensional.');
  if (lengths.elements.includes(null)) throw nullNotAllowed('dimension values cannot be null');
  const dimensions = lengths.elements as readonly number[];
  if (dimensions.length > MAX_DIMENSIONS) {
    throw new SqlError(
      SqlState.ProgramLimitExceeded,
      `number of array dimensions (${dimensions.length}) exceeds the maximum allowed (${MAX_DIMENSIONS})`,
    );
  }
  if (bounds !== undefined) {
    if (bounds.dimensions.length > 1) throw wrongSubscripts('Dimension array must be one dimensional.');
    if (bounds.elements.includes(null)) throw nullNotAllowed('dimension values cannot be null');
    if (bounds.elements.length !== dimensions.length) {
      throw wrongSubscripts('Low bound array has different size than dimensions array.');
    }
  }
  let count = dimensions.length === 0 ? 0 : 1;
  for (const length of dimensions) {
    count *= length;
    if (length < 0 || count > MAX_ELEMENTS) {
      throw new SqlError(SqlState.ProgramLimitExceeded, `array size exceeds the maximum allowed (${MAX_ELEMENTS})`);
    }
  }
  if (count === 0) return new SqlArray([]);
  return new SqlArray(
    new Array<Value>(count).fill(value),
    dimensions,
    bounds?.elements as readonly number[] | undefined,
  );
}

/** Without the last `count` entries of the first dimension; subscripts count from 1 then. */
function trim(array: SqlArray, count: number): SqlArray {
  const length = array.dimensions[0] ?? 0;
  if (count < 0 || count > length) {
    throw new SqlError(SqlState.ArraySubscriptError, `number of elements to trim must be between 0 and ${length}`);
  }
  if (count === length) return new SqlArray([]);
  const rowSize = array.elements.length / length;
  return new SqlArray(array.elements.slice(0, (length - count) * rowSize), [
    length - count,
    ...array.dimensions.slice(1),
  ]);
}

/** Split at a delimiter, or into characters for NULL; fields that are `nullText` become NULL. */
function split(value: string | null, delimiter: string | null, nullText: string | null = null): SqlArray | null {
  if (value === null) return null;
  if (value === '') return new SqlArray([]);
  const fields = delimiter === null ? [...value] : delimiter === '' ? [value] : value.split(delimiter);
  return new SqlArray(nullText === null ? fields : fields.map((field) => (field === nullText ? null : field)));
}

/** `[1:2][1:3]`; NULL for an empty array. */
function dimensionsText({ dimensions, lowerBounds }: SqlArray): string | null {
  if (dimensions.length === 0) return null;
  return dimensions.map((length, at) => `[${lowerBounds[at]}:${lowerBounds[at] + length - 1}]`).join('');
}

const handlesNull = { handlesNull: true } as const;

export const arrayMakingFunctions: readonly ScalarFunction[] = [
  defineScalar('array_fill', 1193, [anyelement, integers], anyarray, fill, handlesNull),
  defineScalar('array_fill', 1286, [anyelement, integers, integers], anyarray, fill, handlesNull),
  defineScalar('trim_array', 6172, [anyarray, int4], anyarray, trim),
  defineScalar('array_dims', 747, [anyarray], text, dimensionsText, { mayThrow: false }),
  defineScalar('string_to_array', 394, [text, text], texts, split, { handlesNull: true, mayThrow: false }),
  defineScalar('string_to_array', 376, [text, text, text], texts, split, { handlesNull: true, mayThrow: false }),
];
