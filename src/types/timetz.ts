import type { ByteWriter } from '../bytes/byte-writer.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { fixedLengthView, readInt64, writeInt64 } from './binary-form.ts';
import { MICROS_PER_DAY } from './civil-time.ts';
import { fieldOutOfRange, invalidDateTime } from './datetime-error.ts';
import { type DateTimeInput, parseDateTime } from './datetime-input.ts';
import { formatClock } from './datetime-output.ts';
import { formatOffset } from './format-offset.ts';
import { dayOf, localOfInstant, roundInstant } from './instant.ts';
import { compareInt64, toInt64 } from './int64.ts';
import { RegionalTimeZone } from './regional-time-zone.ts';
import { RuleTimeZone } from './rule-time-zone.ts';
import type { TimeZone } from './time-zone.ts';
import type { TypeContext, TypeDefinition } from './type-definition.ts';
import type { Int64 } from './value.ts';

const TYPE_NAME = 'time with time zone';
const MICROS_PER_SECOND = 1_000_000;
const MAX_ZONE_SECONDS = 57_599;

/** A time of day somewhere: µs since midnight there, and how many seconds west of Greenwich that is. */
export interface TimeWithZone {
  readonly micros: number;
  readonly secondsWest: number;
}

/**
 * A value is one 64-bit integer that sorts as PostgreSQL does, by the time in UTC and then from east to west:
 *
 *   | µs since midnight UTC, which may lie in the day before or after (47 bits) | seconds west + 65536 (17 bits) |
 */
const ZONE_STEPS = 131_072;
const ZONE_BIAS = 65_536;

/** `micros` since midnight in the zone. */
export function packTimetz({ micros, secondsWest }: TimeWithZone): Int64 {
  const utc = micros + secondsWest * MICROS_PER_SECOND;
  const packed = utc * ZONE_STEPS + secondsWest + ZONE_BIAS;
  if (Math.abs(packed) < Number.MAX_SAFE_INTEGER) return packed;
  return toInt64(BigInt(utc) * BigInt(ZONE_STEPS) + BigInt(secondsWest + ZONE_BIAS));
}

export function unpackTimetz(value: Int64): TimeWithZone {
  const utc = typeof value === 'number' ? Math.floor(value / ZONE_STEPS) : Number(value >> 17n);
  const zone = typeof value === 'number' ? value - utc * ZONE_STEPS : Number(value & BigInt(ZONE_STEPS - 1));
  const secondsWest = zone - ZONE_BIAS;
  return { micros: utc - secondsWest * MICROS_PER_SECOND, secondsWest };
}

/** Clocks in `zone` at a time of the day on which the transaction began. */
export function timetzToday(micros: number, zone: TimeZone, context: TypeContext): Int64 {
  const today = dayOf(localOfInstant(context.transactionStart, context.timeZone));
  return packTimetz({ micros, secondsWest: secondsWestOf(zone.localOffsetMicros(today * MICROS_PER_DAY + micros)) });
}

/** Of an offset from UTC, positive to the east, as `TimeZone` gives it. */
export function secondsWestOf(offsetMicros: number): number {
  return 0 - offsetMicros / MICROS_PER_SECOND;
}

/** Where the text has no zone, the session's; a region's offset is known on a day only, today's unless the text has one. */
function parseTimetz(text: string, context: TypeContext, typmod: number): Int64 {
  const input = parseDateTime(text, TYPE_NAME, context, { isTimeOnly: true });
  const { micros, hasTime, days } = input;
  if (!hasTime || (days !== undefined && !Number.isFinite(days))) throw invalidDateTime(text, TYPE_NAME);
  if (micros > MICROS_PER_DAY) throw fieldOutOfRange(text, false);
  return coerceTimetz(inZone(text, input, context), typmod);
}

/** Whether a text names a region or says when clocks change; an abbreviation may follow a region's history without being its name. */
export function isNamedRegion(text: string, zone: TimeZone | undefined): boolean {
  if (zone instanceof RuleTimeZone) return true;
  return zone instanceof RegionalTimeZone && text.toLowerCase().includes(zone.name.toLowerCase());
}

function inZone(text: string, { micros, days, zone }: DateTimeInput, context: TypeContext): Int64 {
  if (days !== undefined) {
    const offset = (zone ?? context.timeZone).localOffsetMicros(days * MICROS_PER_DAY + micros);
    return packTimetz({ micros, secondsWest: secondsWestOf(offset) });
  }
  if (isNamedRegion(text, zone)) throw invalidDateTime(text, TYPE_NAME);
  return timetzToday(micros, zone ?? context.timeZone, context);
}

/** The modifier is the number of decimals. */
export function coerceTimetz(value: Int64, typmod: number): Int64 {
  if (typmod < 0) return value;
  const { micros, secondsWest } = unpackTimetz(value);
  return packTimetz({ micros: Number(roundInstant(micros, typmod)), secondsWest });
}

/** `04:05:06.7+02`, in every DateStyle. */
function formatTimetz(value: Int64): string {
  const { micros, secondsWest } = unpackTimetz(value);
  return formatClock(micros) + formatOffset(0 - secondsWest, ':');
}

/** | µs since midnight (int64) | seconds west of Greenwich (int32) | */
function readTimetz(bytes: Uint8Array): Int64 {
  const view = fixedLengthView(bytes, 12);
  const micros = readInt64(view);
  const secondsWest = view.getInt32(8);
  if (micros < 0 || micros > MICROS_PER_DAY) throw new SqlError(SqlState.DatetimeFieldOverflow, 'time out of range');
  if (Math.abs(secondsWest) > MAX_ZONE_SECONDS) {
    throw new SqlError(SqlState.InvalidTimeZoneDisplacement, 'time zone displacement out of range');
  }
  return packTimetz({ micros: Number(micros), secondsWest });
}

function writeTimetz(value: Int64, writer: ByteWriter): void {
  const { micros, secondsWest } = unpackTimetz(value);
  writeInt64(micros, writer);
  writer.int32(secondsWest);
}

export const timetz: TypeDefinition = {
  oid: 1266,
  name: 'timetz',
  sqlName: TYPE_NAME,
  length: 12,
  category: 'D',
  isPreferred: false,
  arrayOid: 1270,
  elementOid: 0,
  representation: 'int64',
  isComparable: true,
  parse: parseTimetz,
  format: (value) => formatTimetz(value as Int64),
  readBinary: readTimetz,
  writeBinary: (value, writer) => writeTimetz(value as Int64, writer),
  compare: (left, right) => compareInt64(left as Int64, right as Int64),
  hashKey: (value) => value as Int64,
};
