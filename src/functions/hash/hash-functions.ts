import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { toInt64 } from '../../types/int64.ts';
import { macaddr, macaddr8 } from '../../types/macaddr.ts';
import { numeric } from '../../types/numeric-type.ts';
import { oid } from '../../types/oid.ts';
import { anyarray, anymultirange, anyrange } from '../../types/pseudo-types.ts';
import type { RangeDefinition } from '../../types/range-type.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import type { SqlMultirange, SqlRange } from '../../types/sql-range.ts';
import { bpchar, char, name, text } from '../../types/string-types.ts';
import { tid } from '../../types/tid.ts';
import { time } from '../../types/time.ts';
import { timestamp } from '../../types/timestamp.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import { uuid } from '../../types/uuid.ts';
import type { Int64, Value } from '../../types/value.ts';
import { defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { overRange } from '../range/over-range.ts';
import { hashBytes, hashBytesExtended } from './hash-bytes.ts';
import { hashOf, type ValueHash } from './value-hash.ts';

/** By type: the name and the OIDs of its function, and of the one that takes a seed. */
const FUNCTIONS: readonly (readonly [TypeDefinition, string, number, string, number])[] = [
  [char, 'hashchar', 454, 'hashcharextended', 446],
  [int2, 'hashint2', 449, 'hashint2extended', 441],
  [int4, 'hashint4', 450, 'hashint4extended', 425],
  [int8, 'hashint8', 949, 'hashint8extended', 442],
  [oid, 'hashoid', 453, 'hashoidextended', 445],
  [float4, 'hashfloat4', 451, 'hashfloat4extended', 443],
  [float8, 'hashfloat8', 452, 'hashfloat8extended', 444],
  [numeric, 'hash_numeric', 432, 'hash_numeric_extended', 780],
  [name, 'hashname', 455, 'hashnameextended', 447],
  [text, 'hashtext', 400, 'hashtextextended', 448],
  [bpchar, 'hashbpchar', 1080, 'hashbpcharextended', 972],
  [time, 'time_hash', 1688, 'time_hash_extended', 3409],
  [timestamp, 'timestamp_hash', 2039, 'timestamp_hash_extended', 3411],
  [uuid, 'uuid_hash', 2963, 'uuid_hash_extended', 3412],
  [macaddr, 'hashmacaddr', 399, 'hashmacaddrextended', 778],
  [macaddr8, 'hashmacaddr8', 328, 'hashmacaddr8extended', 781],
  [tid, 'hashtid', 2233, 'hashtidextended', 2234],
];

const signed = (hash: bigint): Int64 => toInt64(BigInt.asIntN(64, hash));

/** Throws 42883 for an element that has no hash. */
function elementHash(type: TypeDefinition): ValueHash {
  const hash = hashOf(type);
  if (hash !== undefined) return hash;
  throw new SqlError(SqlState.UndefinedFunction, `could not identify a hash function for type ${type.sqlName}`);
}

/** 31 times what is known, and the next one. */
const joined = (known: number, next: number): number => (Math.imul(known, 31) + next) | 0;
const joinedExtended = (known: bigint, next: bigint): bigint => BigInt.asUintN(64, known * 31n + next);

function ofArray(functionName: string, functionOid: number, moreTypes: readonly TypeDefinition[]): ScalarFunction {
  const isExtended = moreTypes.length > 0;
  const evaluateFor = (element: ValueHash) =>
    isExtended
      ? ({ elements }: SqlArray, seed: Int64) =>
          signed(
            elements.reduce<bigint>(
              (known, value) => joinedExtended(known, value === null ? 0n : element.extended(value, BigInt(seed))),
              1n,
            ),
          )
      : ({ elements }: SqlArray) =>
          elements.reduce<number>((known, value) => joined(known, value === null ? 0 : element.plain(value)), 1);
  const generic: ScalarFunction = defineScalar(
    functionName,
    functionOid,
    [anyarray, ...moreTypes],
    isExtended ? int8 : int4,
    () => null,
    {
      specialize: (types) => {
        const type = elementTypeOf(types[0]);
        return type === undefined
          ? generic
          : { ...generic, argumentTypes: types, evaluate: evaluateFor(elementHash(type)) };
      },
    },
  );
  return generic;
}

const EMPTY = 0x01;
const LOWER_INCLUDED = 0x02;
const UPPER_INCLUDED = 0x04;
const LOWER_INFINITE = 0x08;
const UPPER_INFINITE = 0x10;

function flagsOf({ isEmpty, lower, upper, includesLower, includesUpper }: SqlRange): Uint8Array {
  if (isEmpty) return Uint8Array.of(EMPTY, 0, 0, 0);
  const flags =
    (includesLower ? LOWER_INCLUDED : 0) |
    (includesUpper ? UPPER_INCLUDED : 0) |
    (lower === null ? LOWER_INFINITE : 0) |
    (upper === null ? UPPER_INFINITE : 0);
  return Uint8Array.of(flags, 0, 0, 0);
}

function hashRange(range: SqlRange, bound: ValueHash): number {
  const { isEmpty, lower, upper } = range;
  const hashOfBound = (value: Value) => (isEmpty || value === null ? 0 : bound.plain(value));
  const below = hashBytes(flagsOf(range)) ^ hashOfBound(lower);
  return ((below << 1) | (below >>> 31)) ^ hashOfBound(upper);
}

function hashRangeExtended(range: SqlRange, bound: ValueHash, seed: bigint): bigint {
  const { isEmpty, lower, upper } = range;
  const hashOfBound = (value: Value) => (isEmpty || value === null ? 0n : bound.extended(value, seed));
  const below = hashBytesExtended(flagsOf(range), seed) ^ hashOfBound(lower);
  // Each half goes around by itself.
  const turned = ((below << 1n) & 0xffff_fffe_ffff_fffen) | ((below >> 31n) & 0x1_0000_0001n);
  return turned ^ hashOfBound(upper);
}

const boundHash = ({ subtype }: RangeDefinition): ValueHash => elementHash(subtype);

/** Numbers of 32 and 64 bits that equal values have in common: those of PostgreSQL, so that others may have kept them. */
export const hashFunctions: readonly ScalarFunction[] = [
  ...FUNCTIONS.flatMap(([type, plainName, plainOid, extendedName, extendedOid]) => {
    const hash = elementHash(type);
    return [
      defineScalar(plainName, plainOid, [type], int4, (value: Value) => hash.plain(value), total),
      defineScalar(
        extendedName,
        extendedOid,
        [type, int8],
        int8,
        (value: Value, seed: Int64) => signed(hash.extended(value, BigInt(seed))),
        total,
      ),
    ];
  }),
  ofArray('hash_array', 626, []),
  ofArray('hash_array_extended', 782, [int8]),
  overRange('hash_range', 3902, [anyrange], int4, (type) => (range: SqlRange) => hashRange(range, boundHash(type))),
  overRange(
    'hash_range_extended',
    3417,
    [anyrange, int8],
    int8,
    (type) => (range: SqlRange, seed: Int64) => signed(hashRangeExtended(range, boundHash(type), BigInt(seed))),
  ),
  overRange(
    'hash_multirange',
    4278,
    [anymultirange],
    int4,
    (type) =>
      ({ ranges }: SqlMultirange) =>
        ranges.reduce((known, range) => joined(known, hashRange(range, boundHash(type))), 1),
  ),
  overRange(
    'hash_multirange_extended',
    4279,
    [anymultirange, int8],
    int8,
    (type) =>
      ({ ranges }: SqlMultirange, seed: Int64) =>
        signed(
          ranges.reduce(
            (known, range) => joinedExtended(known, hashRangeExtended(range, boundHash(type), BigInt(seed))),
            1n,
          ),
        ),
  ),
];
