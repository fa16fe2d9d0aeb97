import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { float8 } from '../../types/float8.ts';
import { int4 } from '../../types/int4.ts';
import { roundHalfEven } from '../../types/int64.ts';
import { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import { voidType } from '../../types/pseudo-types.ts';
import { defineOperator, defineScalar, total } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { floatOverflow, floatUnderflow } from '../operators/float-arithmetic.ts';
import { divisionByZero } from '../operators/integer-arithmetic.ts';

const isInfinite = (value: number): boolean => Math.abs(value) === Number.POSITIVE_INFINITY;

/** Finite arguments must give a finite result. */
function checkedResult(result: number, ...values: readonly number[]): number {
  if (isInfinite(result) && !values.some(isInfinite)) throw floatOverflow();
  return result;
}

function squareRoot(value: number): number {
  if (value < 0) {
    throw new SqlError(SqlState.InvalidArgumentForPowerFunction, 'cannot take square root of a negative number');
  }
  return Math.sqrt(value);
}

function power(base: number, exponent: number): number {
  if (Number.isNaN(base)) return exponent === 0 ? 1 : Number.NaN;
  if (Number.isNaN(exponent)) return base === 1 ? 1 : Number.NaN;
  if (base === 0 && exponent < 0) {
    throw new SqlError(SqlState.InvalidArgumentForPowerFunction, 'zero raised to a negative power is undefined');
  }
  if (base < 0 && Number.isFinite(exponent) && !Number.isInteger(exponent)) {
    const message = 'a negative number raised to a non-integer power yields a complex result';
    throw new SqlError(SqlState.InvalidArgumentForPowerFunction, message);
  }
  // JavaScript gives NaN for these, C gives 1.
  if (Math.abs(base) === 1 && isInfinite(exponent)) return 1;
  const result = base ** exponent;
  if (isInfinite(base) || isInfinite(exponent)) return result;
  if (isInfinite(result)) throw floatOverflow();
  if (result === 0 && base !== 0) throw floatUnderflow();
  return result;
}

function exponential(value: number): number {
  const result = Math.exp(value);
  if (Number.isNaN(value) || isInfinite(value)) return result;
  if (isInfinite(result)) throw floatOverflow();
  if (result === 0) throw floatUnderflow();
  return result;
}

const logarithm = (compute: (value: number) => number) => (value: number) => {
  if (value === 0) throw new SqlError(SqlState.InvalidArgumentForLogarithm, 'cannot take logarithm of zero');
  if (value < 0) {
    throw new SqlError(SqlState.InvalidArgumentForLogarithm, 'cannot take logarithm of a negative number');
  }
  return compute(value);
};

const inputOutOfRange = (): SqlError => new SqlError(SqlState.NumericValueOutOfRange, 'input is out of range');

/** sin, cos and tan of infinity are errors. */
const periodic = (compute: (value: number) => number) => (value: number) => {
  if (isInfinite(value)) throw inputOutOfRange();
  return checkedResult(compute(value), value);
};

/** asin and acos are defined from -1 to 1. */
const ofUnitRange = (compute: (value: number) => number) => (value: number) => {
  if (value < -1 || value > 1) throw inputOutOfRange();
  return compute(value);
};

const signOf = (value: number): number => (value > 0 ? 1 : value < 0 ? -1 : 0);

const RADIANS_PER_DEGREE = Math.PI / 180;

function radiansOf(degrees: number): number {
  const result = degrees * RADIANS_PER_DEGREE;
  if (result === 0 && degrees !== 0) throw floatUnderflow();
  return result;
}

/** The quotient of numerics cut to an integer. */
function integerQuotient(left: Numeric, right: Numeric): Numeric {
  if (!left.isFinite || !right.isFinite) return left.divide(right).truncate();
  if (right.sign() === 0) throw divisionByZero();
  const scale = Math.max(left.scale, right.scale);
  return Numeric.of(left.round(scale).unscaled / right.round(scale).unscaled, 0);
}

/** round and trunc go no further than numerics do: 131072 digits before the point, 16383 behind it. */
const withinScale = (scale: number): number => Math.min(Math.max(scale, -131_073), 16_383);
const roundNumeric = (value: Numeric, scale = 0): Numeric => value.round(withinScale(scale));
const truncateNumeric = (value: Numeric, scale = 0): Numeric => value.truncate(withinScale(scale));
const ceilNumeric = (value: Numeric): Numeric => value.ceil();
const floorNumeric = (value: Numeric): Numeric => value.floor();
const signOfNumeric = (value: Numeric): Numeric => (value.kind === 'nan' ? value : Numeric.of(BigInt(value.sign()), 0));

/** The number of decimals shown; NaN and infinities have none. */
const scaleOf = (value: Numeric): number | null => (value.isFinite ? value.scale : null);

function withoutTrailingZeros(value: Numeric): Numeric {
  if (!value.isFinite) return value;
  let { unscaled, scale } = value;
  while (scale > 0 && unscaled % 10n === 0n) {
    unscaled /= 10n;
    scale--;
  }
  return Numeric.of(unscaled, scale);
}

/** The number of decimals that the value needs. */
const minimalScale = (value: Numeric): number | null => scaleOf(withoutTrailingZeros(value));

function seedRandom(environment: FunctionEnvironment, seed: number): string {
  if (!(seed >= -1 && seed <= 1)) {
    const message = `setseed parameter ${shownParameter(seed)} is out of allowed range [-1,1]`;
    throw new SqlError(SqlState.InvalidParameterValue, message);
  }
  environment.seedRandom(seed);
  return '';
}

/** As C prints %g. */
const shownParameter = (value: number): string => String(Number(value.toPrecision(6)));

const volatileRandom = {
  volatility: 'volatile',
  usesEnvironment: true,
  mayThrow: false,
  countsCalls: true,
} as const;
const inlineCall = (name: string) => ({ mayThrow: false, inline: (value: string) => `Math.${name}(${value})` });

const squareRootFunction = defineScalar('dsqrt', 230, [float8], float8, squareRoot);
const cubeRootFunction = defineScalar('dcbrt', 231, [float8], float8, Math.cbrt, total);
const powerFunction = defineScalar('dpow', 232, [float8, float8], float8, power);

export const mathOperators: readonly OperatorDefinition[] = [
  defineOperator('^', 965, powerFunction),
  defineOperator('|/', 596, squareRootFunction),
  defineOperator('||/', 597, cubeRootFunction),
];

/** Functions of double precision, and those of numeric that need no series (see numeric-math.ts). */
export const mathFunctions: readonly ScalarFunction[] = [
  defineScalar('ceil', 2308, [float8], float8, Math.ceil, inlineCall('ceil')),
  defineScalar('ceil', 1711, [numeric], numeric, ceilNumeric, total),
  defineScalar('ceiling', 2320, [float8], float8, Math.ceil, inlineCall('ceil')),
  defineScalar('ceiling', 2167, [numeric], numeric, ceilNumeric, total),
  defineScalar('floor', 2309, [float8], float8, Math.floor, inlineCall('floor')),
  defineScalar('floor', 1712, [numeric], numeric, floorNumeric, total),
  defineScalar('round', 1342, [float8], float8, roundHalfEven, total),
  defineScalar('round', 1708, [numeric], numeric, roundNumeric, total),
  defineScalar('round', 1707, [numeric, int4], numeric, roundNumeric),
  defineScalar('trunc', 1343, [float8], float8, Math.trunc, inlineCall('trunc')),
  defineScalar('trunc', 1710, [numeric], numeric, truncateNumeric, total),
  defineScalar('trunc', 1709, [numeric, int4], numeric, truncateNumeric),
  defineScalar('sign', 2310, [float8], float8, signOf, total),
  defineScalar('sign', 1706, [numeric], numeric, signOfNumeric, total),
  defineScalar('sqrt', 1344, [float8], float8, squareRoot),
  defineScalar('cbrt', 1345, [float8], float8, Math.cbrt, total),
  defineScalar('power', 1368, [float8, float8], float8, power),
  defineScalar('pow', 1346, [float8, float8], float8, power),
  defineScalar('exp', 1347, [float8], float8, exponential),
  defineScalar('ln', 1341, [float8], float8, logarithm(Math.log)),
  defineScalar('log', 1340, [float8], float8, logarithm(Math.log10)),
  defineScalar('log10', 1194, [float8], float8, logarithm(Math.log10)),
  defineScalar('pi', 1610, [], float8, () => Math.PI, total),
  defineScalar('degrees', 1608, [float8], float8, (value: number) => checkedResult(value / RADIANS_PER_DEGREE, value)),
  defineScalar('radians', 1609, [float8], float8, radiansOf),
  defineScalar('sin', 1604, [float8], float8, periodic(Math.sin)),
  defineScalar('cos', 1605, [float8], float8, periodic(Math.cos)),
  defineScalar('tan', 1606, [float8], float8, periodic(Math.tan)),
  defineScalar('asin', 1600, [float8], float8, ofUnitRange(Math.asin)),
  defineScalar('acos', 1601, [float8], float8, ofUnitRange(Math.acos)),
  defineScalar('atan', 1602, [float8], float8, Math.atan, total),
  defineScalar('atan2', 1603, [float8, float8], float8, Math.atan2, total),
  defineScalar('div', 1973, [numeric, numeric], numeric, integerQuotient),
  defineScalar('min_scale', 5042, [numeric], int4, minimalScale, total),
  defineScalar('scale', 3281, [numeric], int4, scaleOf, total),
  defineScalar('trim_scale', 5043, [numeric], numeric, withoutTrailingZeros, total),
  defineScalar('setseed', 1599, [float8], voidType, seedRandom, {
    volatility: 'volatile',
    usesEnvironment: true,
    countsCalls: true,
  }),
  defineScalar('random', 1598, [], float8, (environment: FunctionEnvironment) => environment.random(), volatileRandom),
];
