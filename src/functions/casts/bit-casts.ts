import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bit, varbit } from '../../types/bit.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { toInt64 } from '../../types/int64.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';
import type { CastDefinition } from '../cast-definition.ts';
import { defineCast, defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

/** What the bits of a value can be counted with. */
const MAX_BITS = 2_147_483_640;

/** The lowest bits of the two's complement, as many as are declared: one without a declaration. */
function bitsOfInteger(value: Int64, declared = -1): string {
  const length = declared <= 0 || declared > MAX_BITS ? 1 : declared;
  return BigInt.asUintN(length, BigInt(value)).toString(2).padStart(length, '0');
}

/** Calls get the declared length as a second argument; `coerce` sees to that. */
const fromInteger = (type: TypeDefinition, oid: number): ScalarFunction =>
  defineScalar('bit', oid, [type, int4], bit, bitsOfInteger, total);

function toInteger(bits: string): number {
  if (bits.length > 32) throw new SqlError(SqlState.NumericValueOutOfRange, 'integer out of range');
  return bits === '' ? 0 : Number.parseInt(bits, 2) | 0;
}

function toBigInteger(bits: string): Int64 {
  if (bits.length > 64) throw new SqlError(SqlState.NumericValueOutOfRange, 'bigint out of range');
  return bits === '' ? 0 : toInt64(BigInt.asIntN(64, BigInt(`0b${bits}`)));
}

export const bitCasts: readonly CastDefinition[] = [
  { source: bit, target: varbit, context: 'implicit', method: 'relabel' },
  { source: varbit, target: bit, context: 'implicit', method: 'relabel' },
  { source: int4, target: bit, context: 'explicit', method: fromInteger(int4, 1683) },
  { source: int8, target: bit, context: 'explicit', method: fromInteger(int8, 2075) },
  defineCast(bit, int4, 'explicit', 1684, toInteger),
  defineCast(bit, int8, 'explicit', 2076, toBigInteger),
];
