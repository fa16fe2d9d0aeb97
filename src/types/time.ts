import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { fixedLengthView, readInt64, writeInt64 } from './binary-form.ts';
import { MICROS_PER_DAY } from './civil-time.ts';
import { fieldOutOfRange, invalidDateTime } from './datetime-error.ts';
import { parseDateTime } from './datetime-input.ts';
import { formatClock } from './datetime-output.ts';
import { roundInstant } from './instant.ts';
import { orderOfNumbers } from './number-type.ts';
import { isNamedRegion } from './timetz.ts';
import type { TypeContext, TypeDefinition } from './type-definition.ts';
import type { Int64 } from './value.ts';

function parseTime(text: string, context: TypeContext, typmod: number): Int64 {
  const { micros, hasTime, days, zone } = parseDateTime(text, 'time', context, { isTimeOnly: true });
  if (!hasTime || (days !== undefined && !Number.isFinite(days))) throw invalidDateTime(text, 'time');
  // Without a day a region has no offset, though a time without a zone does not ask for it.
  if (days === undefined && isNamedRegion(text, zone)) throw invalidDateTime(text, 'time');
  if (micros > MICROS_PER_DAY) throw fieldOutOfRange(text, false);
  return coerceTime(micros, typmod);
}

/** The modifier of a time is its number of decimals. */
export function coerceTime(value: Int64, typmod: number): Int64 {
  return typmod < 0 ? value : roundInstant(value, typmod);
}

function readTime(bytes: Uint8Array): Int64 {
  const micros = readInt64(fixedLengthView(bytes, 8));
  if (micros < 0 || micros > MICROS_PER_DAY) throw new SqlError(SqlState.DatetimeFieldOverflow, 'time out of range');
  return micros;
}

/** µs since midnight, up to and including 24:00:00. */
export const time: TypeDefinition = {
  oid: 1083,
  name: 'time',
  sqlName: 'time without time zone',
  length: 8,
  category: 'D',
  isPreferred: false,
  arrayOid: 1183,
  elementOid: 0,
  representation: 'int64',
  ...orderOfNumbers,
  parse: parseTime,
  format: (value) => formatClock(value as number),
  readBinary: readTime,
  writeBinary: (value, writer) => writeInt64(value as Int64, writer),
};
