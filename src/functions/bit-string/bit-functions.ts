import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bit, varbit } from '../../types/bit.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { defineOperator, defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { type ComparisonNames, comparisonOperators, familyOf } from '../operators/comparison.ts';

const INT4_MAX = 2_147_483_647;

function negativeLength(): SqlError {
  return new SqlError(SqlState.SubstringError, 'negative substring length not allowed');
}

function substring(bits: string, start: number, count: number): string {
  if (count < 0) throw negativeLength();
  return bits.slice(Math.max(start - 1, 0), Math.max(start - 1 + count, 0));
}

const substringFrom = (bits: string, start: number): string => bits.slice(Math.max(start - 1, 0));

function overlay(bits: string, replacement: string, start: number, count = replacement.length): string {
  if (start <= 0) throw negativeLength();
  if (start + count > INT4_MAX) throw new SqlError(SqlState.NumericValueOutOfRange, 'integer out of range');
  return bits.slice(0, start - 1) + replacement + bits.slice(Math.max(start - 1 + count, 0));
}

/** Place of the first occurrence, from 1; 0 when there is none. */
const position = (bits: string, searched: string): number => (bits === '' ? 0 : bits.indexOf(searched) + 1);

/** Bits count from 0, from the left. */
function checkIndex(bits: string, index: number): void {
  if (index >= 0 && index < bits.length) return;
  throw new SqlError(SqlState.ArraySubscriptError, `bit index ${index} out of valid range (0..${bits.length - 1})`);
}

function bitAt(bits: string, index: number): number {
  checkIndex(bits, index);
  return Number(bits.charAt(index));
}

function withBit(bits: string, index: number, value: number): string {
  checkIndex(bits, index);
  if (value !== 0 && value !== 1) throw new SqlError(SqlState.InvalidParameterValue, 'new bit must be 0 or 1');
  return `${bits.slice(0, index)}${value}${bits.slice(index + 1)}`;
}

const octetLength = (bits: string): number => Math.ceil(bits.length / 8);
const countOnes = (bits: string): number => bits.replaceAll('0', '').length;

/** Bit by bit. Throws 22026 for strings of different lengths. */
function combine(
  name: 'AND' | 'OR' | 'XOR',
  isOne: (ones: number) => boolean,
): (left: string, right: string) => string {
  return (left, right) => {
    if (left.length !== right.length) {
      throw new SqlError(SqlState.StringDataLengthMismatch, `cannot ${name} bit strings of different sizes`);
    }
    let bits = '';
    for (let at = 0; at < left.length; at++) {
      bits += isOne(left.charCodeAt(at) + right.charCodeAt(at) - 96) ? '1' : '0';
    }
    return bits;
  };
}

export const andBits = combine('AND', (ones) => ones === 2);
export const orBits = combine('OR', (ones) => ones > 0);
export const xorBits = combine('XOR', (ones) => ones === 1);

const complement = (bits: string): string => bits.replace(/[01]/g, (digit) => (digit === '0' ? '1' : '0'));

/** What is pushed out is lost, the length stays. */
function shifted(bits: string, places: number): string {
  const { length } = bits;
  if (places >= 0) return bits.slice(places).padEnd(length, '0');
  return bits.slice(0, Math.max(length + places, 0)).padStart(length, '0');
}

/** By how much the first bytes that differ do so; of a beginning and what it begins -1 or 1. */
function compareBits(left: string, right: string): number {
  const shared = Math.min(octetLength(left), octetLength(right)) * 8;
  for (let at = 0; at < shared; at += 8) {
    const difference = byteAt(left, at) - byteAt(right, at);
    if (difference !== 0) return difference;
  }
  return Math.sign(left.length - right.length);
}

const byteAt = (bits: string, at: number): number => Number.parseInt(bits.slice(at, at + 8).padEnd(8, '0'), 2);

export const bitFunctions: readonly ScalarFunction[] = [
  defineScalar('substring', 1680, [bit, int4, int4], bit, substring),
  defineScalar('substring', 1699, [bit, int4], bit, substringFrom, total),
  defineScalar('overlay', 3030, [bit, bit, int4, int4], bit, overlay),
  defineScalar('overlay', 3031, [bit, bit, int4], bit, overlay),
  defineScalar('position', 1698, [bit, bit], int4, position, total),
  defineScalar('length', 1681, [bit], int4, (bits: string) => bits.length, total),
  defineScalar('bit_length', 1812, [bit], int4, (bits: string) => bits.length, total),
  defineScalar('octet_length', 1682, [bit], int4, octetLength, total),
  defineScalar('bit_count', 6162, [bit], int8, countOnes, total),
  defineScalar('get_bit', 3032, [bit, int4], int4, bitAt),
  defineScalar('set_bit', 3033, [bit, int4, int4], bit, withBit),
  defineScalar('bitcmp', 1596, [bit, bit], int4, compareBits, total),
  defineScalar('varbitcmp', 1672, [varbit, varbit], int4, compareBits, total),
];

function comparisons(type: TypeDefinition, names: ComparisonNames): OperatorDefinition[] {
  return comparisonOperators(type, type, familyOf(type.compare), names);
}

export const bitOperators: readonly OperatorDefinition[] = [
  ...comparisons(bit, [
    ['biteq', 1581, 1784],
    ['bitne', 1582, 1785],
    ['bitlt', 1595, 1786],
    ['bitle', 1594, 1788],
    ['bitgt', 1593, 1787],
    ['bitge', 1592, 1789],
  ]),
  ...comparisons(varbit, [
    ['varbiteq', 1666, 1804],
    ['varbitne', 1667, 1805],
    ['varbitlt', 1671, 1806],
    ['varbitle', 1670, 1808],
    ['varbitgt', 1669, 1807],
    ['varbitge', 1668, 1809],
  ]),
  defineOperator('&', 1791, defineScalar('bitand', 1673, [bit, bit], bit, andBits)),
  defineOperator('|', 1792, defineScalar('bitor', 1674, [bit, bit], bit, orBits)),
  defineOperator('#', 1793, defineScalar('bitxor', 1675, [bit, bit], bit, xorBits)),
  defineOperator('~', 1794, defineScalar('bitnot', 1676, [bit], bit, complement, total)),
  defineOperator('<<', 1795, defineScalar('bitshiftleft', 1677, [bit, int4], bit, shifted, total)),
  defineOperator(
    '>>',
    1796,
    defineScalar(
      'bitshiftright',
      1678,
      [bit, int4],
      bit,
      (bits: string, places: number) => shifted(bits, -places),
      total,
    ),
  ),
  defineOperator(
    '||',
    1797,
    defineScalar('bitcat', 1679, [varbit, varbit], varbit, (left: string, right: string) => left + right, total),
  ),
];
