import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { float8 } from '../../types/float8.ts';
import { defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

/**
 * Trigonometry in degrees, exact where the answer is: sind(30) is 0.5. Each function is scaled by what the library gives
 * at the places whose values are known.
 */
const RADIANS_PER_DEGREE = Math.PI / 180;
const SIN_30 = Math.sin(30 * RADIANS_PER_DEGREE);
const ONE_MINUS_COS_60 = 1 - Math.cos(60 * RADIANS_PER_DEGREE);
const ASIN_HALF = Math.asin(0.5);
const ACOS_HALF = Math.acos(0.5);
const ATAN_ONE = Math.atan(1);

function outOfRange(): SqlError {
  return new SqlError(SqlState.NumericValueOutOfRange, 'input is out of range');
}

const sineTo30 = (degrees: number): number => Math.sin(degrees * RADIANS_PER_DEGREE) / SIN_30 / 2;
const cosineTo60 = (degrees: number): number => 1 - (1 - Math.cos(degrees * RADIANS_PER_DEGREE)) / ONE_MINUS_COS_60 / 2;

/** Within the first quadrant, 0 to 90 degrees. */
const sineOfQuadrant = (degrees: number): number => (degrees <= 30 ? sineTo30(degrees) : cosineTo60(90 - degrees));
const cosineOfQuadrant = (degrees: number): number => (degrees <= 60 ? cosineTo60(degrees) : sineTo30(90 - degrees));
const TAN_45 = sineOfQuadrant(45) / cosineOfQuadrant(45);
const COT_45 = cosineOfQuadrant(45) / sineOfQuadrant(45);

/** An angle brought into the first quadrant, and the signs that its functions have. */
interface Reduced {
  readonly degrees: number;
  readonly sineSign: number;
  readonly cosineSign: number;
}

function reduced(degrees: number): Reduced {
  if (Math.abs(degrees) === Number.POSITIVE_INFINITY) throw outOfRange();
  let angle = degrees % 360;
  let sineSign = 1;
  let cosineSign = 1;
  if (angle < 0) {
    angle = -angle;
    sineSign = -sineSign;
  }
  if (angle > 180) {
    angle = 360 - angle;
    sineSign = -sineSign;
  }
  if (angle > 90) {
    angle = 180 - angle;
    cosineSign = -cosineSign;
  }
  return { degrees: angle, sineSign, cosineSign };
}

function sine(degrees: number): number {
  const { degrees: angle, sineSign } = reduced(degrees);
  return sineSign * sineOfQuadrant(angle);
}

function cosine(degrees: number): number {
  const { degrees: angle, cosineSign } = reduced(degrees);
  return cosineSign * cosineOfQuadrant(angle);
}

/** Tangents are never -0. */
function tangent(degrees: number): number {
  const { degrees: angle, sineSign, cosineSign } = reduced(degrees);
  return sineSign * cosineSign * (sineOfQuadrant(angle) / cosineOfQuadrant(angle) / TAN_45) + 0;
}

function cotangent(degrees: number): number {
  const { degrees: angle, sineSign, cosineSign } = reduced(degrees);
  return sineSign * cosineSign * (cosineOfQuadrant(angle) / sineOfQuadrant(angle) / COT_45) + 0;
}

const arcSineTo90 = (value: number): number =>
  value <= 0.5 ? (Math.asin(value) / ASIN_HALF) * 30 : 90 - (Math.acos(value) / ACOS_HALF) * 60;
const arcCosineTo90 = (value: number): number =>
  value <= 0.5 ? 90 - (Math.asin(value) / ASIN_HALF) * 30 : (Math.acos(value) / ACOS_HALF) * 60;

function arcSine(value: number): number {
  if (value < -1 || value > 1) throw outOfRange();
  return value >= 0 ? arcSineTo90(value) : -arcSineTo90(-value);
}

function arcCosine(value: number): number {
  if (value < -1 || value > 1) throw outOfRange();
  return value >= 0 ? arcCosineTo90(value) : 90 + arcSineTo90(-value);
}

const arcTangent = (value: number): number => (Math.atan(value) / ATAN_ONE) * 45;
const arcTangent2 = (y: number, x: number): number => (Math.atan2(y, x) / ATAN_ONE) * 45;

function cotangentOfRadians(radians: number): number {
  if (Math.abs(radians) === Number.POSITIVE_INFINITY) throw outOfRange();
  return 1 / Math.tan(radians);
}

function arcHyperbolicCosine(value: number): number {
  if (value < 1) throw outOfRange();
  return Math.acosh(value);
}

function arcHyperbolicTangent(value: number): number {
  if (value < -1 || value > 1) throw outOfRange();
  return Math.atanh(value);
}

const of = (name: string, oid: number, compute: (value: number) => number): ScalarFunction =>
  defineScalar(name, oid, [float8], float8, compute);

export const trigonometricFunctions: readonly ScalarFunction[] = [
  of('sind', 2735, sine),
  of('cosd', 2736, cosine),
  of('tand', 2737, tangent),
  of('cotd', 2738, cotangent),
  of('asind', 2731, arcSine),
  of('acosd', 2732, arcCosine),
  of('atand', 2733, arcTangent),
  defineScalar('atan2d', 2734, [float8, float8], float8, arcTangent2, total),
  of('cot', 1607, cotangentOfRadians),
  of('sinh', 2462, Math.sinh),
  of('cosh', 2463, Math.cosh),
  of('tanh', 2464, Math.tanh),
  of('asinh', 2465, Math.asinh),
  of('acosh', 2466, arcHyperbolicCosine),
  of('atanh', 2467, arcHyperbolicTangent),
];
