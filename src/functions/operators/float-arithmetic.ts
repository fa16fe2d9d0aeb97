import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { defineOperator, defineScalar } from '../define.ts';
import type { GuardedInline, ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { divisionByZero } from './integer-arithmetic.ts';

export function floatOverflow(): SqlError {
  return new SqlError(SqlState.NumericValueOutOfRange, 'value out of range: overflow');
}

export function floatUnderflow(): SqlError {
  return new SqlError(SqlState.NumericValueOutOfRange, 'value out of range: underflow');
}

/** Rounds to the result type: `real` keeps 24 bits of every result. */
type Rounding = (value: number) => number;

interface FloatOperation {
  kernel(round: Rounding): (left: number, right: number) => number;
  readonly symbol: string;
  /** Where the plain result needs no second look; a result of ±Infinity or NaN always gets one. */
  readonly holds: GuardedInline['holds'];
}

const isInfinite = (value: number): boolean => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;

const add: FloatOperation = {
  kernel: (round) => (left, right) => {
    const result = round(left + right);
    if (isInfinite(result) && !isInfinite(left) && !isInfinite(right)) throw floatOverflow();
    return result;
  },
  symbol: '+',
  holds: (result) => `${result} - ${result} === 0`,
};

const subtract: FloatOperation = {
  kernel: (round) => (left, right) => {
    const result = round(left - right);
    if (isInfinite(result) && !isInfinite(left) && !isInfinite(right)) throw floatOverflow();
    return result;
  },
  symbol: '-',
  holds: (result) => `${result} - ${result} === 0`,
};

const multiply: FloatOperation = {
  kernel: (round) => (left, right) => {
    const result = round(left * right);
    if (isInfinite(result) && !isInfinite(left) && !isInfinite(right)) throw floatOverflow();
    if (result === 0 && left !== 0 && right !== 0) throw floatUnderflow();
    return result;
  },
  symbol: '*',
  holds: (result, left, right) => `${result} - ${result} === 0 && (${result} !== 0 || ${left} === 0 || ${right} === 0)`,
};

const divide: FloatOperation = {
  kernel: (round) => (left, right) => {
    if (right === 0 && !Number.isNaN(left)) throw divisionByZero();
    const result = round(left / right);
    if (isInfinite(result) && !isInfinite(left)) throw floatOverflow();
    if (result === 0 && left !== 0 && !isInfinite(right)) throw floatUnderflow();
    return result;
  },
  symbol: '/',
  holds: (result, left, right) => `${result} - ${result} === 0 && ${right} !== 0 && (${result} !== 0 || ${left} === 0)`,
};

const asDouble: Rounding = (value) => value;
const asReal: Rounding = Math.fround;

type Row = readonly [
  operatorOid: number,
  name: string,
  functionOid: number,
  left: TypeDefinition,
  right: TypeDefinition,
];

function family(operation: FloatOperation, rows: readonly Row[]): OperatorDefinition[] {
  return rows.map(([operatorOid, name, functionOid, left, right]) => {
    const isReal = left === float4 && right === float4;
    const source = (a: string, b: string) => {
      const plain = `${a} ${operation.symbol} ${b}`;
      return isReal ? `Math.fround(${plain})` : plain;
    };
    const kernel = operation.kernel(isReal ? asReal : asDouble);
    const guardedInline = { source: source as GuardedInline['source'], holds: operation.holds };
    const implementation = defineScalar(name, functionOid, [left, right], isReal ? float4 : float8, kernel, {
      guardedInline,
    });
    return defineOperator(operation.symbol, operatorOid, implementation);
  });
}

const negate = (value: number): number => -value;
const negateInline = { mayThrow: false, inline: (value: string) => `-${value}` };
const same = (value: number): number => value;
const sameInline = { mayThrow: false, inline: (value: string) => value };
const absoluteInline = { mayThrow: false, inline: (value: string) => `Math.abs(${value})` };

/** + - * / over real and double precision. NaN and infinities pass through; 22003 where finite operands leave the range. */
export const floatOperators: readonly OperatorDefinition[] = [
  ...family(add, [
    [586, 'float4pl', 204, float4, float4],
    [591, 'float8pl', 218, float8, float8],
    [1116, 'float48pl', 281, float4, float8],
    [1126, 'float84pl', 285, float8, float4],
  ]),
  ...family(subtract, [
    [587, 'float4mi', 205, float4, float4],
    [592, 'float8mi', 219, float8, float8],
    [1117, 'float48mi', 282, float4, float8],
    [1127, 'float84mi', 286, float8, float4],
  ]),
  ...family(multiply, [
    [589, 'float4mul', 202, float4, float4],
    [594, 'float8mul', 216, float8, float8],
    [1119, 'float48mul', 279, float4, float8],
    [1129, 'float84mul', 283, float8, float4],
  ]),
  ...family(divide, [
    [588, 'float4div', 203, float4, float4],
    [593, 'float8div', 217, float8, float8],
    [1118, 'float48div', 280, float4, float8],
    [1128, 'float84div', 284, float8, float4],
  ]),
  defineOperator('-', 584, defineScalar('float4um', 206, [float4], float4, negate, negateInline)),
  defineOperator('-', 585, defineScalar('float8um', 220, [float8], float8, negate, negateInline)),
  defineOperator('+', 1919, defineScalar('float4up', 1913, [float4], float4, same, sameInline)),
  defineOperator('+', 1920, defineScalar('float8up', 1914, [float8], float8, same, sameInline)),
  defineOperator('@', 590, defineScalar('float4abs', 207, [float4], float4, Math.abs, absoluteInline)),
  defineOperator('@', 595, defineScalar('float8abs', 221, [float8], float8, Math.abs, absoluteInline)),
];

export const floatFunctions: readonly ScalarFunction[] = [
  defineScalar('abs', 1394, [float4], float4, Math.abs, absoluteInline),
  defineScalar('abs', 1395, [float8], float8, Math.abs, absoluteInline),
];
