import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { oid } from '../../types/oid.ts';
import { regoper, regoperator, regproc, regprocedure, regTypes } from '../../types/reg-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { regtype } from '../../types/type-registry.ts';
import type { Int64 } from '../../types/value.ts';
import type { CastDefinition } from '../cast-definition.ts';
import { defineCast } from '../define.ts';

/**
 * OIDs are unsigned: PostgreSQL relabels the 32 bits of an integer, which here are numbers of another sign. The OIDs
 * of those conversions are ours; PostgreSQL has no function behind them.
 */
const INTEGER_TO_OID = 9001;
const OID_TO_INTEGER = 9002;

/** Casts that are nothing but another reading of the same bits to PostgreSQL. */
export function isOfSameBits({ method }: CastDefinition): boolean {
  return method === 'relabel' || method.oid === INTEGER_TO_OID || method.oid === OID_TO_INTEGER;
}

const unsigned = (value: number): number => value >>> 0;
const signed = (value: number): number => value | 0;
const same = (value: number): number => value;
const total = { mayThrow: false };
const unchanged = { mayThrow: false, inline: (value: string) => value };

function bigintToOid(value: Int64): number {
  if (value >= 0 && value <= 4294967295) return Number(value);
  throw new SqlError(SqlState.NumericValueOutOfRange, 'OID out of range');
}

const references = [...regTypes, regtype];

/** With and without the arguments. */
const synonyms: readonly (readonly [TypeDefinition, TypeDefinition])[] = [
  [regproc, regprocedure],
  [regoper, regoperator],
];

export const objectIdCasts: readonly CastDefinition[] = [
  ...[oid, ...references].flatMap((type): CastDefinition[] => [
    defineCast(int2, type, 'implicit', 313, unsigned, total),
    defineCast(int4, type, 'implicit', INTEGER_TO_OID, unsigned, total),
    defineCast(int8, type, 'implicit', 1287, bigintToOid),
    defineCast(type, int4, 'assignment', OID_TO_INTEGER, signed, total),
    defineCast(type, int8, 'assignment', 1288, same, unchanged),
  ]),
  ...references.flatMap((type): CastDefinition[] => [
    { source: type, target: oid, context: 'implicit', method: 'relabel' },
    { source: oid, target: type, context: 'implicit', method: 'relabel' },
  ]),
  ...synonyms.flatMap(([short, long]): CastDefinition[] => [
    { source: short, target: long, context: 'implicit', method: 'relabel' },
    { source: long, target: short, context: 'implicit', method: 'relabel' },
  ]),
];
