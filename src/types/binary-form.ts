import type { ByteWriter } from '../bytes/byte-writer.ts';
import { decodeUtf8 } from '../bytes/utf8.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { int64FromParts } from './int64.ts';
import type { Int64 } from './value.ts';

const TWO_POW_32 = 4294967296;

const INCORRECT = 'incorrect binary data format';

/** The bytes of one value do not have the form of its type: some are left over. */
export function invalidBinary(): SqlError {
  return new SqlError(SqlState.InvalidBinaryRepresentation, INCORRECT);
}

/** Whether an error is `invalidBinary`, which whoever knows the value's place says with the place. */
export function isIncorrectBinary(error: unknown): boolean {
  return error instanceof SqlError && error.message === INCORRECT;
}

/** The bytes of one value end early; where a single byte is wanted, there is none. */
export function binaryTooShort(wantedBytes?: number): SqlError {
  const what = wantedBytes === 1 ? 'no data' : 'insufficient data';
  return new SqlError(SqlState.ProtocolViolation, `${what} left in message`);
}

/** The bytes of one value go on behind its end, where its type looks for that by itself (ranges). */
export function binaryTooLong(): SqlError {
  return new SqlError(SqlState.ProtocolViolation, 'invalid message format');
}

/** A view on a value of fixed length; throws 08P01 for a shorter one and 22P03 for a longer one. */
export function fixedLengthView(bytes: Uint8Array, length: number): DataView {
  if (bytes.length < length) throw binaryTooShort(length);
  if (bytes.length > length) throw invalidBinary();
  return new DataView(bytes.buffer, bytes.byteOffset, length);
}

/** Eight bytes, two's complement, big-endian. */
export function readInt64(view: DataView, at = 0): Int64 {
  return int64FromParts(view.getInt32(at), view.getUint32(at + 4));
}

/** Eight bytes, two's complement, big-endian. */
export function writeInt64(value: Int64, writer: ByteWriter): void {
  if (typeof value === 'bigint') {
    writer.int64(value);
    return;
  }
  const high = Math.floor(value / TWO_POW_32);
  writer.int32(high);
  writer.uint32(value - high * TWO_POW_32);
}

/** Text in UTF-8; throws 22021 for bytes that are none and for zero bytes. */
export function readText(bytes: Uint8Array): string {
  return decodeUtf8(bytes);
}

/** Text without the character of code 0, which PostgreSQL's text cannot hold; throws 22021. */
export function withoutZero(text: string): string {
  if (text.includes('\0')) {
    throw new SqlError(SqlState.CharacterNotInRepertoire, 'invalid byte sequence for encoding "UTF8": 0x00');
  }
  return text;
}
