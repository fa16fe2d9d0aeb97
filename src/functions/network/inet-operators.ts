import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { compareBits, inet } from '../../types/inet.ts';
import { int8 } from '../../types/int8.ts';
import { INT64_MAX, INT64_MIN, toInt64 } from '../../types/int64.ts';
import type { Int64 } from '../../types/value.ts';
import { defineOperator, defineScalar, total } from '../define.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { comparisonOperators, familyOf } from '../operators/comparison.ts';

function share(left: Uint8Array, right: Uint8Array, bits: number): boolean {
  return left.length === right.length && compareBits(left, right, bits) === 0;
}

const isWithin = (left: Uint8Array, right: Uint8Array): boolean => left[0] > right[0] && share(left, right, right[0]);
const isWithinOrEqual = (left: Uint8Array, right: Uint8Array): boolean =>
  left[0] >= right[0] && share(left, right, right[0]);
const overlap = (left: Uint8Array, right: Uint8Array): boolean => share(left, right, Math.min(left[0], right[0]));

/** Byte by byte; the bits are the more of the two. Throws 22023 for addresses of different versions. */
function combine(
  name: 'AND' | 'OR',
  combineBytes: (left: number, right: number) => number,
): (left: Uint8Array, right: Uint8Array) => Uint8Array {
  return (left, right) => {
    if (left.length !== right.length) {
      throw new SqlError(SqlState.InvalidParameterValue, `cannot ${name} inet values of different sizes`);
    }
    return left.map((byte, at) => (at === 0 ? Math.max(byte, right[0]) : combineBytes(byte, right[at])));
  };
}

function numberOf(address: Uint8Array): bigint {
  let number = 0n;
  for (let at = 1; at < address.length; at++) number = (number << 8n) | BigInt(address[at]);
  return number;
}

function outOfRange(): SqlError {
  return new SqlError(SqlState.NumericValueOutOfRange, 'result is out of range');
}

const IPV6_BITS = 128;

function add(address: Uint8Array, count: bigint): Uint8Array {
  let number = numberOf(address) + count;
  if (number < 0n || number >> BigInt((address.length - 1) * 8) > 0n) throw outOfRange();
  const moved = address.slice();
  for (let at = moved.length - 1; at > 0; at--) {
    moved[at] = Number(number & 255n);
    number >>= 8n;
  }
  return moved;
}

function distance(left: Uint8Array, right: Uint8Array): Int64 {
  if (left.length !== right.length) {
    throw new SqlError(SqlState.InvalidParameterValue, 'cannot subtract inet values of different sizes');
  }
  // All bytes of the addresses are calculated with: what goes around is the distance in the other direction.
  const difference = BigInt.asIntN(IPV6_BITS, numberOf(left) - numberOf(right));
  if (difference < INT64_MIN || difference > INT64_MAX) throw outOfRange();
  return toInt64(difference);
}

const complement = (address: Uint8Array): Uint8Array => address.map((byte, at) => (at === 0 ? byte : ~byte & 0xff));

const relations = [
  ['<<', 931, 'network_sub', 927, isWithin],
  ['<<=', 932, 'network_subeq', 928, isWithinOrEqual],
  ['>>', 933, 'network_sup', 929, (left: Uint8Array, right: Uint8Array) => isWithin(right, left)],
  ['>>=', 934, 'network_supeq', 930, (left: Uint8Array, right: Uint8Array) => isWithinOrEqual(right, left)],
  ['&&', 3552, 'network_overlap', 3551, overlap],
] as const;

export const inetOperators: readonly OperatorDefinition[] = [
  ...comparisonOperators(inet, inet, familyOf(inet.compare), [
    ['network_eq', 920, 1201],
    ['network_ne', 925, 1202],
    ['network_lt', 921, 1203],
    ['network_le', 922, 1204],
    ['network_gt', 923, 1205],
    ['network_ge', 924, 1206],
  ]),
  ...relations.map(([symbol, operatorOid, name, functionOid, evaluate]) =>
    defineOperator(symbol, operatorOid, defineScalar(name, functionOid, [inet, inet], bool, evaluate, total)),
  ),
  defineOperator('~', 2634, defineScalar('inetnot', 2627, [inet], inet, complement, total)),
  defineOperator(
    '&',
    2635,
    defineScalar(
      'inetand',
      2628,
      [inet, inet],
      inet,
      combine('AND', (left, right) => left & right),
    ),
  ),
  defineOperator(
    '|',
    2636,
    defineScalar(
      'inetor',
      2629,
      [inet, inet],
      inet,
      combine('OR', (left, right) => left | right),
    ),
  ),
  defineOperator(
    '+',
    2637,
    defineScalar('inetpl', 2630, [inet, int8], inet, (address: Uint8Array, count: Int64) =>
      add(address, BigInt(count)),
    ),
  ),
  defineOperator(
    '+',
    2638,
    defineScalar('int8pl_inet', 2631, [int8, inet], inet, (count: Int64, address: Uint8Array) =>
      add(address, BigInt(count)),
    ),
  ),
  defineOperator(
    '-',
    2639,
    defineScalar('inetmi_int8', 2632, [inet, int8], inet, (address: Uint8Array, count: Int64) =>
      // The least integer is its own opposite, as in the hardware that PostgreSQL leaves it to.
      add(address, BigInt.asIntN(64, -BigInt(count))),
    ),
  ),
  defineOperator('-', 2640, defineScalar('inetmi', 2633, [inet, inet], int8, distance)),
];
