import { arrayKey, compareArrays, readArray, writeArray } from './array-type.ts';
import { int2 } from './int2.ts';
import { oid } from './oid.ts';
import { SqlArray } from './sql-array.ts';
import type { TypeDefinition } from './type-definition.ts';

/** The list types of the system catalogs: arrays of one dimension from subscript 0, written `1 2 3`. */
function vectorType(identity: {
  readonly oid: number;
  readonly name: string;
  readonly arrayOid: number;
  readonly element: TypeDefinition;
}): TypeDefinition {
  const { element, ...names } = identity;
  return {
    ...names,
    sqlName: identity.name,
    length: -1,
    category: 'A',
    isPreferred: false,
    elementOid: element.oid,
    representation: 'value',
    isComparable: true,
    parse: (text, context) => vectorOf(items(text).map((item) => element.parse(item, context, -1) as number)),
    format: (value) => (value as SqlArray).elements.join(' '),
    readBinary: (bytes, context) => vectorOf(readArray(bytes, element, context).elements as readonly number[]),
    writeBinary: (value, writer) => writeArray(value as SqlArray, element, writer),
    compare: (left, right) => compareArrays(left as SqlArray, right as SqlArray, element),
    hashKey: (value) => arrayKey(value as SqlArray, element),
  };
}

function items(text: string): readonly string[] {
  return text.match(/[+-]?\d+|\S.*/gs) ?? [];
}

/** A value of int2vector or oidvector. Even without elements it has its one dimension. */
export function vectorOf(elements: readonly number[]): SqlArray {
  return new SqlArray(elements, [elements.length], [0]);
}

export const int2vector = vectorType({ oid: 22, name: 'int2vector', arrayOid: 1006, element: int2 });
export const oidvector = vectorType({ oid: 30, name: 'oidvector', arrayOid: 1013, element: oid });
