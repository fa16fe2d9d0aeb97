import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { fixedLengthView } from './binary-form.ts';
import { invalidInput } from './integer-input.ts';
import { orderOfNumbers } from './number-type.ts';
import type { TypeDefinition } from './type-definition.ts';

export const OID_MAX = 4_294_967_295;
/** From here on they are those of objects that users make: the FirstNormalObjectId of PostgreSQL. */
export const FIRST_USER_OID = 16_384;
const UINT32_MODULUS = 4_294_967_296;

/** What all types of object identifiers share: an unsigned integer of 32 bits. */
export const unsigned32 = {
  length: 4,
  elementOid: 0,
  representation: 'float64',
  ...orderOfNumbers,
  readBinary: (bytes) => fixedLengthView(bytes, 4).getUint32(0),
  writeBinary: (value, writer) => writer.uint32(value as number),
} as const satisfies Partial<TypeDefinition>;

/** Decimal digits; negative numbers down to -2^31 stand for the same 32 bits. Throws 22P02 or 22003. */
export function parseOid(text: string): number {
  const match = /^\s*([+-]?\d+)\s*$/.exec(text);
  if (match === null) throw invalidInput('oid', text);
  const value = Number(match[1]);
  if (value > OID_MAX || value < -2_147_483_648) {
    throw new SqlError(SqlState.NumericValueOutOfRange, `value "${text}" is out of range for type oid`);
  }
  return value < 0 ? value + UINT32_MODULUS : value + 0;
}

export const oid: TypeDefinition = {
  oid: 26,
  name: 'oid',
  sqlName: 'oid',
  category: 'N',
  isPreferred: true,
  arrayOid: 1028,
  ...unsigned32,
  parse: parseOid,
  format: (value) => String(value),
};

/** Transaction ids compare for equality only: they wrap around. */
export const xid: TypeDefinition = {
  oid: 28,
  name: 'xid',
  sqlName: 'xid',
  category: 'U',
  isPreferred: false,
  arrayOid: 1011,
  ...unsigned32,
  isComparable: false,
  // PostgreSQL reads as many digits as there are, and takes none for 0.
  parse: (text) => Number(BigInt.asUintN(32, BigInt(/^\s*(-?\d+)/.exec(text)?.[1] ?? '0'))),
  format: (value) => String(value),
};

/** Number of a command within its transaction. */
export const cid: TypeDefinition = { ...xid, oid: 29, name: 'cid', sqlName: 'cid', arrayOid: 1012 };
