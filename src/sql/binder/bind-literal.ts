import { SqlError } from '../../errors/sql-error.ts';
import { bit } from '../../types/bit.ts';
import { toInt64 } from '../../types/int64.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import { Numeric } from '../../types/numeric.ts';
import type { ConstantExpression } from '../expression/expression.ts';
import type { LiteralSyntax } from '../syntax/expression-ast.ts';
import { boolType, int4Type, int8Type, numericType, unknownType } from './well-known-types.ts';

const INT4_MAX = 2 ** 31 - 1;
const INT4_MIN = -(2 ** 31);
const INT8_MAX = 2n ** 63n - 1n;
const INT8_MIN = -(2n ** 63n);

/**
 * Integers are integer, else bigint, else numeric, whichever holds them first; decimals are numeric; strings and NULL
 * have no type yet.
 */
export function bindLiteral(syntax: LiteralSyntax): ConstantExpression {
  switch (syntax.type) {
    case 'null':
      return { kind: 'constant', value: null, type: unknownType };
    case 'string':
      return { kind: 'constant', value: syntax.value, type: unknownType };
    case 'bits':
      return bindBits(syntax);
    case 'boolean':
      return { kind: 'constant', value: syntax.value.startsWith('t'), type: boolType };
    default:
      return bindNumber(syntax.value.replaceAll('_', ''));
  }
}

/** Throws 22P02 at the literal. */
function bindBits({ value, position }: LiteralSyntax): ConstantExpression {
  try {
    return { kind: 'constant', value: bit.parse(value, neutralContext, -1), type: { definition: bit, typmod: -1 } };
  } catch (error) {
    throw error instanceof SqlError ? error.at(position) : error;
  }
}

function bindNumber(text: string): ConstantExpression {
  if (/^-?\d{1,9}$/.test(text)) return { kind: 'constant', value: Number(text) + 0, type: int4Type };
  const radix = /^(-?)(0[xob][0-9a-f]+)$/i.exec(text);
  if (radix === null && !/^-?\d+$/.test(text)) {
    return { kind: 'constant', value: Numeric.parse(text), type: numericType };
  }
  const whole = radix === null ? BigInt(text) : BigInt(radix[2]) * (radix[1] === '-' ? -1n : 1n);
  if (whole > INT8_MAX || whole < INT8_MIN) {
    return { kind: 'constant', value: Numeric.parse(whole.toString()), type: numericType };
  }
  const value = toInt64(whole);
  const isInt4 = value >= INT4_MIN && value <= INT4_MAX;
  return { kind: 'constant', value, type: isInt4 ? int4Type : int8Type };
}
