import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { addInt64, divideInt64, multiplyInt64, remainderInt64, subtractInt64, toInt64 } from '../../types/int64.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';
import { defineOperator, defineScalar } from '../define.ts';
import type { GuardedInline, ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';

interface IntegerRange {
  readonly min: number;
  readonly max: number;
  readonly message: string;
}

const SMALLINT: IntegerRange = { min: -32768, max: 32767, message: 'smallint out of range' };
const INTEGER: IntegerRange = { min: -2147483648, max: 2147483647, message: 'integer out of range' };

export function divisionByZero(): SqlError {
  return new SqlError(SqlState.DivisionByZero, 'division by zero');
}

function inRange(value: number, range: IntegerRange): number {
  if (value >= range.min && value <= range.max) return value;
  throw new SqlError(SqlState.NumericValueOutOfRange, range.message);
}

/** One operation on integers: for results up to 32 bits, for 64 bits, and as source. Adding 0 turns -0 into 0. */
interface IntegerOperation {
  narrow(range: IntegerRange): (left: number, right: number) => number;
  readonly wide: (left: Int64, right: Int64) => Int64;
  readonly source: (left: string, right: string) => string;
}

const add: IntegerOperation = {
  narrow: (range) => (left, right) => inRange(left + right, range),
  wide: addInt64,
  source: (left, right) => `${left} + ${right}`,
};

const subtract: IntegerOperation = {
  narrow: (range) => (left, right) => inRange(left - right, range),
  wide: subtractInt64,
  source: (left, right) => `${left} - ${right}`,
};

const multiply: IntegerOperation = {
  narrow: (range) => (left, right) => inRange(left * right + 0, range),
  wide: multiplyInt64,
  source: (left, right) => `${left} * ${right} + 0`,
};

const divide: IntegerOperation = {
  narrow: (range) => (left, right) => {
    if (right === 0) throw divisionByZero();
    return inRange(Math.trunc(left / right) + 0, range);
  },
  wide: divideInt64,
  source: (left, right) => `Math.trunc(${left} / ${right}) + 0`,
};

const remainder: IntegerOperation = {
  narrow: () => (left, right) => {
    if (right === 0) throw divisionByZero();
    return (left % right) + 0;
  },
  wide: remainderInt64,
  source: (left, right) => `${left} % ${right} + 0`,
};

/** NaN and ±Infinity, which a division by zero gives, fail these comparisons as well. */
const holds: Record<string, GuardedInline['holds']> = {
  int2: (result) => `${result} >= -32768 && ${result} <= 32767`,
  int4: (result) => `${result} >= -2147483648 && ${result} <= 2147483647`,
  int8: (result) => `${result} > -9007199254740992 && ${result} < 9007199254740992`,
};

function arithmetic(
  [name, oid, left, right]: readonly [string, number, TypeDefinition, TypeDefinition],
  operation: IntegerOperation,
): ScalarFunction {
  const isWide = left === int8 || right === int8;
  const result = isWide ? int8 : left === int4 || right === int4 ? int4 : int2;
  const evaluate = isWide ? operation.wide : operation.narrow(result === int4 ? INTEGER : SMALLINT);
  const guardedInline: GuardedInline = {
    source: operation.source as GuardedInline['source'],
    holds: holds[result.name]!,
  };
  return defineScalar(name, oid, [left, right], result, evaluate, { guardedInline });
}

type Row = readonly [
  operatorOid: number,
  name: string,
  functionOid: number,
  left: TypeDefinition,
  right: TypeDefinition,
];

function family(symbol: string, operation: IntegerOperation, rows: readonly Row[]): OperatorDefinition[] {
  return rows.map(([operatorOid, name, functionOid, left, right]) =>
    defineOperator(symbol, operatorOid, arithmetic([name, functionOid, left, right], operation)),
  );
}

const binaryOperators: readonly OperatorDefinition[] = [
  ...family('+', add, [
    [550, 'int2pl', 176, int2, int2],
    [551, 'int4pl', 177, int4, int4],
    [552, 'int24pl', 178, int2, int4],
    [553, 'int42pl', 179, int4, int2],
    [684, 'int8pl', 463, int8, int8],
    [688, 'int84pl', 1274, int8, int4],
    [692, 'int48pl', 1278, int4, int8],
    [818, 'int82pl', 837, int8, int2],
    [822, 'int28pl', 841, int2, int8],
  ]),
  ...family('-', subtract, [
    [554, 'int2mi', 180, int2, int2],
    [555, 'int4mi', 181, int4, int4],
    [556, 'int24mi', 182, int2, int4],
    [557, 'int42mi', 183, int4, int2],
    [685, 'int8mi', 464, int8, int8],
    [689, 'int84mi', 1275, int8, int4],
    [693, 'int48mi', 1279, int4, int8],
    [819, 'int82mi', 838, int8, int2],
    [823, 'int28mi', 942, int2, int8],
  ]),
  ...family('*', multiply, [
    [526, 'int2mul', 152, int2, int2],
    [514, 'int4mul', 141, int4, int4],
    [544, 'int24mul', 170, int2, int4],
    [545, 'int42mul', 171, int4, int2],
    [686, 'int8mul', 465, int8, int8],
    [690, 'int84mul', 1276, int8, int4],
    [694, 'int48mul', 1280, int4, int8],
    [820, 'int82mul', 839, int8, int2],
    [824, 'int28mul', 943, int2, int8],
  ]),
  ...family('/', divide, [
    [527, 'int2div', 153, int2, int2],
    [528, 'int4div', 154, int4, int4],
    [546, 'int24div', 172, int2, int4],
    [547, 'int42div', 173, int4, int2],
    [687, 'int8div', 466, int8, int8],
    [691, 'int84div', 1277, int8, int4],
    [695, 'int48div', 1281, int4, int8],
    [821, 'int82div', 840, int8, int2],
    [825, 'int28div', 948, int2, int8],
  ]),
  ...family('%', remainder, [
    [529, 'int2mod', 155, int2, int2],
    [530, 'int4mod', 156, int4, int4],
    [439, 'int8mod', 945, int8, int8],
  ]),
];

const negate = (range: IntegerRange) => (value: number) => inRange(0 - value, range);
const absolute = (range: IntegerRange) => (value: number) => inRange(Math.abs(value), range);
const negateInt8 = (value: Int64): Int64 => subtractInt64(0, value);
const absoluteInt8 = (value: Int64): Int64 => (value < 0 ? subtractInt64(0, value) : value);
const same = <T>(value: T): T => value;

const prefixOperators: readonly OperatorDefinition[] = [
  defineOperator('-', 559, defineScalar('int2um', 213, [int2], int2, negate(SMALLINT))),
  defineOperator('-', 558, defineScalar('int4um', 212, [int4], int4, negate(INTEGER))),
  defineOperator('-', 484, defineScalar('int8um', 462, [int8], int8, negateInt8)),
  defineOperator(
    '+',
    1917,
    defineScalar('int2up', 1911, [int2], int2, same, { mayThrow: false, inline: same<string> }),
  ),
  defineOperator(
    '+',
    1918,
    defineScalar('int4up', 1912, [int4], int4, same, { mayThrow: false, inline: same<string> }),
  ),
  defineOperator(
    '+',
    1916,
    defineScalar('int8up', 1910, [int8], int8, same, { mayThrow: false, inline: same<string> }),
  ),
  defineOperator('@', 682, defineScalar('int2abs', 1253, [int2], int2, absolute(SMALLINT))),
  defineOperator('@', 773, defineScalar('int4abs', 1251, [int4], int4, absolute(INTEGER))),
  defineOperator('@', 473, defineScalar('int8abs', 1230, [int8], int8, absoluteInt8)),
];

/** Bits of up to 32 are JavaScript's own; 64 bits go by way of BigInt. */
const bitwise64 =
  (operation: (left: bigint, right: bigint) => bigint) =>
  (left: Int64, right: Int64): Int64 =>
    toInt64(operation(BigInt(left), BigInt(right)));

/** PostgreSQL shifts as C does on its platforms: by the count modulo the width, within 32 bits for smallint. */
const shiftLeft64 = (value: Int64, count: number): Int64 =>
  toInt64(BigInt.asIntN(64, BigInt(value) << BigInt(count & 63)));
const shiftRight64 = (value: Int64, count: number): Int64 => toInt64(BigInt(value) >> BigInt(count & 63));

const bitOperators: readonly OperatorDefinition[] = [
  defineOperator(
    '&',
    1874,
    defineScalar('int2and', 1892, [int2, int2], int2, (a, b) => a & b, { mayThrow: false }),
  ),
  defineOperator(
    '&',
    1880,
    defineScalar('int4and', 1898, [int4, int4], int4, (a, b) => a & b, { mayThrow: false }),
  ),
  defineOperator(
    '&',
    1886,
    defineScalar(
      'int8and',
      1904,
      [int8, int8],
      int8,
      bitwise64((a, b) => a & b),
      { mayThrow: false },
    ),
  ),
  defineOperator(
    '|',
    1875,
    defineScalar('int2or', 1893, [int2, int2], int2, (a, b) => a | b, { mayThrow: false }),
  ),
  defineOperator(
    '|',
    1881,
    defineScalar('int4or', 1899, [int4, int4], int4, (a, b) => a | b, { mayThrow: false }),
  ),
  defineOperator(
    '|',
    1887,
    defineScalar(
      'int8or',
      1905,
      [int8, int8],
      int8,
      bitwise64((a, b) => a | b),
      { mayThrow: false },
    ),
  ),
  defineOperator(
    '#',
    1876,
    defineScalar('int2xor', 1894, [int2, int2], int2, (a, b) => a ^ b, { mayThrow: false }),
  ),
  defineOperator(
    '#',
    1882,
    defineScalar('int4xor', 1900, [int4, int4], int4, (a, b) => a ^ b, { mayThrow: false }),
  ),
  defineOperator(
    '#',
    1888,
    defineScalar(
      'int8xor',
      1906,
      [int8, int8],
      int8,
      bitwise64((a, b) => a ^ b),
      { mayThrow: false },
    ),
  ),
  defineOperator(
    '~',
    1877,
    defineScalar('int2not', 1895, [int2], int2, (a) => ~a, { mayThrow: false }),
  ),
  defineOperator(
    '~',
    1883,
    defineScalar('int4not', 1901, [int4], int4, (a) => ~a, { mayThrow: false }),
  ),
  defineOperator(
    '~',
    1889,
    defineScalar('int8not', 1907, [int8], int8, (a: Int64) => toInt64(~BigInt(a)), { mayThrow: false }),
  ),
  defineOperator(
    '<<',
    1878,
    defineScalar('int2shl', 1896, [int2, int4], int2, (a, b) => ((a << b) << 16) >> 16, { mayThrow: false }),
  ),
  defineOperator(
    '<<',
    1884,
    defineScalar('int4shl', 1902, [int4, int4], int4, (a, b) => a << b, { mayThrow: false }),
  ),
  defineOperator('<<', 1890, defineScalar('int8shl', 1908, [int8, int4], int8, shiftLeft64, { mayThrow: false })),
  defineOperator(
    '>>',
    1879,
    defineScalar('int2shr', 1897, [int2, int4], int2, (a, b) => ((a >> b) << 16) >> 16, { mayThrow: false }),
  ),
  defineOperator(
    '>>',
    1885,
    defineScalar('int4shr', 1903, [int4, int4], int4, (a, b) => a >> b, { mayThrow: false }),
  ),
  defineOperator('>>', 1891, defineScalar('int8shr', 1909, [int8, int4], int8, shiftRight64, { mayThrow: false })),
];

/** + - * / % and bits over smallint, integer and bigint: exact, 22003 past the result's range, 22012 for division by zero. */
export const integerOperators: readonly OperatorDefinition[] = [
  ...binaryOperators,
  ...prefixOperators,
  ...bitOperators,
];

/** The same operations under the names that are called as functions. */
export const integerFunctions: readonly ScalarFunction[] = [
  defineScalar('abs', 1398, [int2], int2, absolute(SMALLINT)),
  defineScalar('abs', 1397, [int4], int4, absolute(INTEGER)),
  defineScalar('abs', 1396, [int8], int8, absoluteInt8),
  arithmetic(['mod', 940, int2, int2], remainder),
  arithmetic(['mod', 941, int4, int4], remainder),
  arithmetic(['mod', 947, int8, int8], remainder),
];
