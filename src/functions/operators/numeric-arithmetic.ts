import type { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import { defineOperator, defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { power } from '../scalar/numeric-math.ts';

const add = (left: Numeric, right: Numeric): Numeric => left.add(right);
const subtract = (left: Numeric, right: Numeric): Numeric => left.subtract(right);
const multiply = (left: Numeric, right: Numeric): Numeric => left.multiply(right);
const divide = (left: Numeric, right: Numeric): Numeric => left.divide(right);
const remainder = (left: Numeric, right: Numeric): Numeric => left.remainder(right);
const negate = (value: Numeric): Numeric => value.negate();
const absolute = (value: Numeric): Numeric => value.abs();
const same = (value: Numeric): Numeric => value;

/** + - * / % ^ over numeric, exact or at PostgreSQL's scale. */
export const numericOperators: readonly OperatorDefinition[] = [
  defineOperator('+', 1758, defineScalar('numeric_add', 1724, [numeric, numeric], numeric, add)),
  defineOperator('-', 1759, defineScalar('numeric_sub', 1725, [numeric, numeric], numeric, subtract)),
  defineOperator('*', 1760, defineScalar('numeric_mul', 1726, [numeric, numeric], numeric, multiply)),
  defineOperator('/', 1761, defineScalar('numeric_div', 1727, [numeric, numeric], numeric, divide)),
  defineOperator('%', 1762, defineScalar('numeric_mod', 1729, [numeric, numeric], numeric, remainder)),
  defineOperator('^', 1038, defineScalar('numeric_power', 1739, [numeric, numeric], numeric, power)),
  defineOperator('-', 1751, defineScalar('numeric_uminus', 1771, [numeric], numeric, negate, total)),
  defineOperator('+', 1921, defineScalar('numeric_uplus', 1915, [numeric], numeric, same, total)),
  defineOperator('@', 1763, defineScalar('numeric_abs', 1704, [numeric], numeric, absolute, total)),
];

export const numericFunctions: readonly ScalarFunction[] = [
  defineScalar('abs', 1705, [numeric], numeric, absolute, total),
  defineScalar('mod', 1728, [numeric, numeric], numeric, remainder),
];
