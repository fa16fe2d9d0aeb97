import type { ByteWriter } from '../bytes/byte-writer.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { fixedLengthView, readInt64, writeInt64 } from './binary-form.ts';
import {
  canonicalInstant,
  END_TIMESTAMP,
  INFINITY_MARK,
  isFiniteInstant,
  MIN_TIMESTAMP,
  NEGATIVE_INFINITY_MARK,
  roundInstant,
  timestampOutOfRange,
} from './instant.ts';
import { compareInt64 } from './int64.ts';
import type { TypeDefinition } from './type-definition.ts';
import type { Int64, Value } from './value.ts';

/** What timestamp and timestamptz share: all but their text form. */
export const instantForm = {
  length: 8,
  category: 'D',
  elementOid: 0,
  representation: 'int64',
  isComparable: true,
  readBinary: readInstant,
  writeBinary: (value, writer) => writeInstant(value as Int64, writer),
  compare: (left, right) => compareInt64(canonicalInstant(left as Int64), canonicalInstant(right as Int64)),
  hashKey: instantKey,
} as const satisfies Partial<TypeDefinition>;

function readInstant(bytes: Uint8Array): Int64 {
  const instant = canonicalInstant(readInt64(fixedLengthView(bytes, 8)));
  if (isFiniteInstant(instant) && (instant < MIN_TIMESTAMP || instant >= END_TIMESTAMP)) throw timestampOutOfRange();
  return instant;
}

function writeInstant(value: Int64, writer: ByteWriter): void {
  if (isFiniteInstant(value)) writeInt64(value, writer);
  else writer.int64(value > 0 ? INFINITY_MARK : NEGATIVE_INFINITY_MARK);
}

function instantKey(value: Value): Int64 {
  return canonicalInstant(value as Int64);
}

/** The modifier of a timestamp is its number of decimals. */
export function coerceInstant(value: Int64, typmod: number): Int64 {
  return typmod < 0 ? value : roundInstant(value, typmod);
}

/** An error of range that quotes the text, as input functions do. */
export function instantTextOutOfRange(text: string): SqlError {
  return new SqlError(SqlState.DatetimeFieldOverflow, `timestamp out of range: "${text}"`);
}
