import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { int4 } from '../../types/int4.ts';
import { macaddr, macaddr8 } from '../../types/macaddr.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { defineOperator, defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { type ComparisonNames, comparisonOperators, familyOf } from '../operators/comparison.ts';

const MAKER_BYTES = 3;
const SEVENTH_BIT = 0x02;

const makerOf = (address: Uint8Array): Uint8Array => address.map((byte, at) => (at < MAKER_BYTES ? byte : 0));
const complement = (address: Uint8Array): Uint8Array => address.map((byte) => ~byte & 0xff);
const and = (left: Uint8Array, right: Uint8Array): Uint8Array => left.map((byte, at) => byte & right[at]);
const or = (left: Uint8Array, right: Uint8Array): Uint8Array => left.map((byte, at) => byte | right[at]);

/** The six bytes around FF FE. Throws 22003 for an address without these. */
export function narrowed(address: Uint8Array): Uint8Array {
  if (address[3] === 0xff && address[4] === 0xfe) {
    return Uint8Array.of(...address.subarray(0, 3), ...address.subarray(5));
  }
  throw new SqlError(SqlState.NumericValueOutOfRange, 'macaddr8 data out of range to convert to macaddr', {
    hint: 'Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for example xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr.',
  });
}

const comparisonOf = (type: TypeDefinition) => (left: Uint8Array, right: Uint8Array) =>
  Math.sign(type.compare(left, right));

export const macaddrFunctions: readonly ScalarFunction[] = [
  defineScalar('trunc', 753, [macaddr], macaddr, makerOf, total),
  defineScalar('trunc', 4112, [macaddr8], macaddr8, makerOf, total),
  defineScalar(
    'macaddr8_set7bit',
    4125,
    [macaddr8],
    macaddr8,
    (address: Uint8Array) => address.map((byte, at) => (at === 0 ? byte | SEVENTH_BIT : byte)),
    total,
  ),
  defineScalar('macaddr_cmp', 836, [macaddr, macaddr], int4, comparisonOf(macaddr), total),
  defineScalar('macaddr8_cmp', 4119, [macaddr8, macaddr8], int4, comparisonOf(macaddr8), total),
];

/** Of each operator its OID, and the OID of its function. */
type Numbers = Readonly<Record<'not' | 'and' | 'or', readonly [number, number]>>;

function operatorsOf(type: TypeDefinition, names: ComparisonNames, numbers: Numbers): OperatorDefinition[] {
  const { name } = type;
  return [
    ...comparisonOperators(type, type, familyOf(type.compare), names),
    defineOperator('~', numbers.not[0], defineScalar(`${name}_not`, numbers.not[1], [type], type, complement, total)),
    defineOperator('&', numbers.and[0], defineScalar(`${name}_and`, numbers.and[1], [type, type], type, and, total)),
    defineOperator('|', numbers.or[0], defineScalar(`${name}_or`, numbers.or[1], [type, type], type, or, total)),
  ];
}

export const macaddrOperators: readonly OperatorDefinition[] = [
  ...operatorsOf(
    macaddr,
    [
      ['macaddr_eq', 830, 1220],
      ['macaddr_ne', 835, 1221],
      ['macaddr_lt', 831, 1222],
      ['macaddr_le', 832, 1223],
      ['macaddr_gt', 833, 1224],
      ['macaddr_ge', 834, 1225],
    ],
    { not: [3147, 3144], and: [3148, 3145], or: [3149, 3146] },
  ),
  ...operatorsOf(
    macaddr8,
    [
      ['macaddr8_eq', 4113, 3362],
      ['macaddr8_ne', 4118, 3363],
      ['macaddr8_lt', 4114, 3364],
      ['macaddr8_le', 4115, 3365],
      ['macaddr8_gt', 4116, 3366],
      ['macaddr8_ge', 4117, 3367],
    ],
    { not: [3368, 4120], and: [3369, 4121], or: [3370, 4122] },
  ),
];
