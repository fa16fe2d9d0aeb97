import type { ByteWriter } from '../bytes/byte-writer.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { binaryTooShort, invalidBinary } from './binary-form.ts';
import { textForm } from './string-types.ts';
import type { TypeDefinition } from './type-definition.ts';

/*
 * Strings of bits are texts of 0 and 1: their order, a beginning before what it begins, is the order of such texts.
 */

/** Digits of base 2, or of base 16 behind an x; a b may stand before the former. Throws 22P02. */
function parseBits(text: string): string {
  if (/^x/i.test(text)) {
    let bits = '';
    for (const digit of text.slice(1)) {
      if (!/^[0-9a-fA-F]$/.test(digit)) throw invalidDigit(digit, 'hexadecimal');
      bits += Number.parseInt(digit, 16).toString(2).padStart(4, '0');
    }
    return bits;
  }
  const bits = /^b/i.test(text) ? text.slice(1) : text;
  const wrong = /[^01]/u.exec(bits)?.[0];
  if (wrong !== undefined) throw invalidDigit(wrong, 'binary');
  return bits;
}

function invalidDigit(digit: string, base: 'binary' | 'hexadecimal'): SqlError {
  return new SqlError(SqlState.InvalidTextRepresentation, `"${digit}" is not a valid ${base} digit`);
}

/** | bit count (int32) | the bits from left to right, the last byte filled up with zeros | */
function writeBits(bits: string, writer: ByteWriter): void {
  writer.int32(bits.length);
  for (let at = 0; at < bits.length; at += 8) {
    writer.uint8(Number.parseInt(bits.slice(at, at + 8).padEnd(8, '0'), 2));
  }
}

function readBits(bytes: Uint8Array): string {
  if (bytes.length < 4) throw binaryTooShort();
  const count = new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0);
  if (count < 0) {
    throw new SqlError(SqlState.InvalidBinaryRepresentation, 'invalid length in external bit string');
  }
  const byteCount = Math.ceil(count / 8);
  if (bytes.length < 4 + byteCount) throw binaryTooShort();
  if (bytes.length > 4 + byteCount) throw invalidBinary();
  let bits = '';
  for (const byte of bytes.subarray(4)) bits += byte.toString(2).padStart(8, '0');
  return bits.slice(0, count);
}

/** More bits than a value may have: as a modifier it says nothing. */
const MAX_BITS = 2 ** 31 - 8;

/** The modifier of bit and bit varying is the number of bits. Assignments refuse another number, casts cut and fill up. */
export function coerceBits(bits: string, length: number, isExplicit: boolean): string {
  if (bits.length === length || length > MAX_BITS) return bits;
  if (isExplicit) return bits.slice(0, length).padEnd(length, '0');
  throw new SqlError(
    SqlState.StringDataLengthMismatch,
    `bit string length ${bits.length} does not match type bit(${length})`,
  );
}

/** Casts cut off what is too long, assignments throw 22001. */
export function coerceVaryingBits(bits: string, length: number, isExplicit: boolean): string {
  if (bits.length <= length) return bits;
  if (isExplicit) return bits.slice(0, length);
  throw new SqlError(SqlState.StringDataRightTruncation, `bit string too long for type bit varying(${length})`);
}

export const bit: TypeDefinition = {
  ...textForm,
  oid: 1560,
  name: 'bit',
  sqlName: 'bit',
  category: 'V',
  arrayOid: 1561,
  parse: (text, _context, typmod) => (typmod < 0 ? parseBits(text) : coerceBits(parseBits(text), typmod, false)),
  readBinary: readBits,
  writeBinary: (value, writer) => writeBits(value as string, writer),
};

export const varbit: TypeDefinition = {
  ...bit,
  oid: 1562,
  name: 'varbit',
  sqlName: 'bit varying',
  isPreferred: true,
  arrayOid: 1563,
  parse: (text, _context, typmod) => (typmod < 0 ? parseBits(text) : coerceVaryingBits(parseBits(text), typmod, false)),
};
