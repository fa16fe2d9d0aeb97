import { ByteReader, OutOfBytesError } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { binaryTooShort, invalidBinary } from './binary-form.ts';
import { NUMERIC_MAX_SCALE, Numeric, type NumericKind, powerOfTen } from './numeric.ts';
import type { TypeDefinition } from './type-definition.ts';

const TYPMOD_HEADER = 4;

/** The modifier of `numeric(precision, scale)`; scales from -1000 to 1000. */
export function numericTypmod(precision: number, scale: number): number {
  return ((precision << 16) | (scale & 0x7ff)) + TYPMOD_HEADER;
}

/** Decimal digits in all, of a type modifier that is not -1. */
export function numericPrecision(typmod: number): number {
  return ((typmod - TYPMOD_HEADER) >> 16) & 0xffff;
}

/** Digits behind the point; negative ones round before it. */
export function numericScale(typmod: number): number {
  // Eleven bits with sign.
  return (((typmod - TYPMOD_HEADER) & 0x7ff) ^ 1024) - 1024;
}

/** Rounds to the declared scale; throws 22003 when the digits before the point are too many. */
export function coerceNumeric(value: Numeric, typmod: number): Numeric {
  if (typmod < TYPMOD_HEADER || value.kind === 'nan') return value;
  const precision = numericPrecision(typmod);
  const scale = numericScale(typmod);
  if (!value.isFinite) {
    throw fieldOverflow(`A field with precision ${precision}, scale ${scale} cannot hold an infinite value.`);
  }
  const rounded = value.round(scale);
  const integerDigits = precision - scale;
  // Rounded values of scale s are whole multiples of 10^-s.
  const limit = integerDigits + rounded.scale;
  const magnitude = rounded.unscaled < 0n ? -rounded.unscaled : rounded.unscaled;
  if (magnitude !== 0n && (limit < 0 || magnitude >= powerOfTen(limit))) {
    const bound = integerDigits === 0 ? '1' : `10^${integerDigits}`;
    throw fieldOverflow(
      `A field with precision ${precision}, scale ${scale} must round to an absolute value less than ${bound}.`,
    );
  }
  return rounded;
}

function fieldOverflow(detail: string): SqlError {
  return new SqlError(SqlState.NumericValueOutOfRange, 'numeric field overflow', { detail });
}

/**
 * The binary form, in groups of four decimal digits:
 *
 *   | group count (int16) | weight of the first group (int16) | sign (uint16) | display scale (int16) | groups (int16) … |
 */
const POSITIVE = 0x0000;
const NEGATIVE = 0x4000;
const SPECIAL_SIGNS: Readonly<Record<Exclude<NumericKind, 'finite'>, number>> = {
  nan: 0xc000,
  infinity: 0xd000,
  '-infinity': 0xf000,
};

function writeNumeric(value: Numeric, writer: ByteWriter): void {
  if (value.kind !== 'finite') {
    writer.int16(0);
    writer.int16(0);
    writer.int16(SPECIAL_SIGNS[value.kind]);
    // PostgreSQL's infinities carry a scale of 32, which nobody reads.
    writer.int16(value.kind === 'nan' ? 0 : 32);
    return;
  }
  const isNegative = value.unscaled < 0n;
  const magnitude = isNegative ? -value.unscaled : value.unscaled;
  const fractionGroups = Math.ceil(value.scale / 4);
  const aligned = magnitude === 0n ? '' : String(magnitude) + '0'.repeat(fractionGroups * 4 - value.scale);
  const groups = (aligned.length + 3) >> 2;
  const digits = aligned.padStart(groups * 4, '0');
  let end = groups;
  while (end > 0 && digits.startsWith('0000', (end - 1) * 4)) end--;
  writer.int16(end);
  writer.int16(end === 0 ? 0 : groups - fractionGroups - 1);
  writer.int16(isNegative ? NEGATIVE : POSITIVE);
  writer.int16(value.scale);
  for (let group = 0; group < end; group++) writer.int16(Number(digits.slice(group * 4, group * 4 + 4)));
}

function readNumeric(bytes: Uint8Array): Numeric {
  try {
    return readGroups(new ByteReader(bytes));
  } catch (error) {
    if (error instanceof OutOfBytesError) throw binaryTooShort();
    throw error;
  }
}

function readGroups(reader: ByteReader): Numeric {
  const groupCount = reader.int16() & 0xffff;
  const weight = reader.int16();
  const sign = reader.int16() & 0xffff;
  const scale = reader.int16() & 0xffff;
  if (sign === SPECIAL_SIGNS.nan) return Numeric.NaN;
  if (sign === SPECIAL_SIGNS.infinity) return Numeric.Infinity;
  if (sign === SPECIAL_SIGNS['-infinity']) return Numeric.NegativeInfinity;
  if (sign !== POSITIVE && sign !== NEGATIVE) throw malformed('invalid sign in external "numeric" value');
  if (scale > NUMERIC_MAX_SCALE) throw malformed('invalid scale in external "numeric" value');
  if (reader.remaining < groupCount * 2) throw binaryTooShort();
  if (reader.remaining > groupCount * 2) throw invalidBinary();
  let digits = '';
  for (let group = 0; group < groupCount; group++) {
    const value = reader.int16();
    if (value < 0 || value > 9999) throw malformed('invalid digit in external "numeric" value');
    digits += String(value).padStart(4, '0');
  }
  // `digits` counts 10^-decimals; bring it to the display scale, dropping what lies beyond it.
  const decimals = (groupCount - 1 - weight) * 4;
  const whole = BigInt(digits === '' ? '0' : digits);
  const unscaled = decimals <= scale ? whole * powerOfTen(scale - decimals) : whole / powerOfTen(decimals - scale);
  return Numeric.of(sign === NEGATIVE ? -unscaled : unscaled, scale);
}

function malformed(message: string): SqlError {
  return new SqlError(SqlState.InvalidBinaryRepresentation, message);
}

export const numeric: TypeDefinition = {
  oid: 1700,
  name: 'numeric',
  sqlName: 'numeric',
  length: -1,
  category: 'N',
  isPreferred: false,
  arrayOid: 1231,
  elementOid: 0,
  representation: 'value',
  isComparable: true,
  parse: (text, _context, typmod) => coerceNumeric(Numeric.parse(text), typmod),
  format: (value) => (value as Numeric).toString(),
  readBinary: readNumeric,
  writeBinary: (value, writer) => writeNumeric(value as Numeric, writer),
  compare: (left, right) => (left as Numeric).compare(right as Numeric),
  hashKey: (value) => (value as Numeric).hashKey(),
};
