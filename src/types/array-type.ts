import { ByteReader, OutOfBytesError } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { formatArray, parseArray } from './array-text.ts';
import { binaryTooShort, invalidBinary, isIncorrectBinary } from './binary-form.ts';
import { MAX_DIMENSIONS, MAX_ELEMENTS, SqlArray, tooManyDimensions, tooManyElements } from './sql-array.ts';
import type { TypeContext, TypeDefinition } from './type-definition.ts';
import type { Value } from './value.ts';

/** The array type over an element type, which must have an `arrayOid`. */
export function arrayTypeOver(element: TypeDefinition): TypeDefinition {
  return {
    oid: element.arrayOid,
    name: `_${element.name}`,
    sqlName: `${element.sqlName}[]`,
    length: -1,
    category: 'A',
    isPreferred: false,
    arrayOid: 0,
    elementOid: element.oid,
    representation: 'value',
    isComparable: element.isComparable,
    parse: (text, context, typmod) => parseArray(text, (item) => element.parse(item, context, typmod)),
    format: (value, context) => formatArray(value as SqlArray, (item) => element.format(item, context)),
    readBinary: (bytes, context) => readArray(bytes, element, context),
    writeBinary: (value, writer) => writeArray(value as SqlArray, element, writer),
    compare: (left, right) => compareArrays(left as SqlArray, right as SqlArray, element),
    hashKey: (value) => arrayKey(value as SqlArray, element),
  };
}

/**
 *   | dimension count (int32) | 1 = has NULLs (int32) | OID of the element type |
 *   per dimension  | length (int32) | lower bound (int32) |
 *   per element    | length, -1 for NULL (int32) | the element's binary form |
 */
export function writeArray(array: SqlArray, element: TypeDefinition, writer: ByteWriter): void {
  writer.int32(array.dimensions.length);
  writer.int32(array.elements.includes(null) ? 1 : 0);
  writer.uint32(element.oid);
  for (let dimension = 0; dimension < array.dimensions.length; dimension++) {
    writer.int32(array.dimensions[dimension]!);
    writer.int32(array.lowerBounds[dimension]!);
  }
  for (const item of array.elements) {
    const lengthAt = writer.length;
    writer.int32(-1);
    if (item === null) continue;
    element.writeBinary(item, writer);
    writer.setInt32(lengthAt, writer.length - lengthAt - 4);
  }
}

/** Throws 08P01 for bytes that end too soon, 54000 for too many dimensions, and what the elements throw. */
export function readArray(bytes: Uint8Array, element: TypeDefinition, context: TypeContext): SqlArray {
  try {
    return readItems(new ByteReader(bytes), element, context);
  } catch (error) {
    if (error instanceof OutOfBytesError) throw binaryTooShort();
    throw error;
  }
}

/** Throws what PostgreSQL does, in its order. */
function readItems(reader: ByteReader, element: TypeDefinition, context: TypeContext): SqlArray {
  const dimensionCount = reader.int32();
  if (dimensionCount < 0) throw malformed(`invalid number of dimensions: ${dimensionCount}`);
  if (dimensionCount > MAX_DIMENSIONS) throw tooManyDimensions(dimensionCount);
  const flags = reader.int32();
  if (flags !== 0 && flags !== 1) throw malformed('invalid array flags');
  const elementOid = reader.uint32();
  if (elementOid !== element.oid) {
    throw new SqlError(
      SqlState.DatatypeMismatch,
      `binary data has array element type ${elementOid} instead of expected ${element.oid} (${element.sqlName})`,
    );
  }
  const dimensions: number[] = [];
  const lowerBounds: number[] = [];
  let count = dimensionCount === 0 ? 0 : 1;
  for (let dimension = 0; dimension < dimensionCount; dimension++) {
    const length = reader.int32();
    dimensions.push(length);
    lowerBounds.push(reader.int32());
    count = length < 0 ? Number.POSITIVE_INFINITY : count * length;
  }
  if (count > MAX_ELEMENTS) throw tooManyElements();
  // Each element has a length word: a count beyond that is a lie, and must not be allocated for.
  if (count > reader.remaining / 4) throw binaryTooShort();
  const items: Value[] = [];
  for (let index = 0; index < count; index++) {
    const length = reader.int32();
    if (length < -1 || length > reader.remaining) throw malformed('insufficient data left in message');
    items.push(length === -1 ? null : readItem(reader.bytes(length), index, element, context));
  }
  if (reader.remaining > 0) throw invalidBinary();
  return count === 0 ? new SqlArray([]) : new SqlArray(items, dimensions, lowerBounds);
}

function readItem(bytes: Uint8Array, index: number, element: TypeDefinition, context: TypeContext): Value {
  try {
    return element.readBinary(bytes, context);
  } catch (error) {
    if (!isIncorrectBinary(error)) throw error;
    throw malformed(`improper binary format in array element ${index + 1}`);
  }
}

function malformed(message: string): SqlError {
  return new SqlError(SqlState.InvalidBinaryRepresentation, message);
}

/** Element by element, NULL after all values; among arrays of equal elements the smaller shape first. */
export function compareArrays(left: SqlArray, right: SqlArray, element: TypeDefinition): number {
  const shared = Math.min(left.elements.length, right.elements.length);
  for (let index = 0; index < shared; index++) {
    const a = left.elements[index]!;
    const b = right.elements[index]!;
    if (a === null || b === null) {
      if (a !== b) return a === null ? 1 : -1;
      continue;
    }
    const order = element.compare(a, b);
    if (order !== 0) return order;
  }
  if (left.elements.length !== right.elements.length) return left.elements.length - right.elements.length;
  if (left.dimensions.length !== right.dimensions.length) return left.dimensions.length - right.dimensions.length;
  return (
    compareNumberLists(left.dimensions, right.dimensions) || compareNumberLists(left.lowerBounds, right.lowerBounds)
  );
}

function compareNumberLists(left: readonly number[], right: readonly number[]): number {
  for (let index = 0; index < left.length; index++) {
    const difference = left[index]! - right[index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The shape, then each element's key with its length, so that no two lists of keys run together. */
export function arrayKey(array: SqlArray, element: TypeDefinition): string {
  let key = `${array.dimensions.join(',')}|${array.lowerBounds.join(',')}|`;
  for (const item of array.elements) {
    if (item === null) key += 'N;';
    else {
      const itemKey = String(element.hashKey(item));
      key += `${itemKey.length}:${itemKey};`;
    }
  }
  return key;
}
