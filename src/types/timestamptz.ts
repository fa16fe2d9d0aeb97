import { SqlError } from '../errors/sql-error.ts';
import { invalidDateTime } from './datetime-error.ts';
import { parseDateTime } from './datetime-input.ts';
import { formatTimestamptz } from './datetime-output.ts';
import { instantFromDays, instantOfLocalDay } from './instant.ts';
import { coerceInstant, instantForm, instantTextOutOfRange } from './instant-type.ts';
import { parseIsoClock, parseIsoDays } from './iso-datetime.ts';
import type { TypeContext, TypeDefinition } from './type-definition.ts';
import type { Int64 } from './value.ts';

const TYPE_NAME = 'timestamp with time zone';

function parseTimestamptz(text: string, context: TypeContext, typmod: number): Int64 {
  return coerceInstant(parseIso(text, context) ?? parseAny(text, context), typmod);
}

function parseIso(text: string, context: TypeContext): Int64 | undefined {
  const days = parseIsoDays(text);
  if (days === undefined) return undefined;
  if (text.length === 10) return instantOfLocalDay(days, 0, context.timeZone);
  const separator = text.charAt(10);
  const clock = separator === ' ' || separator === 'T' ? parseIsoClock(text, 11) : undefined;
  if (clock === undefined) return undefined;
  if (clock.offsetMicros !== undefined) return instantFromDays(days, clock.micros - clock.offsetMicros);
  return instantOfLocalDay(days, clock.micros, context.timeZone);
}

function parseAny(text: string, context: TypeContext): Int64 {
  const { days, micros, zone } = parseDateTime(text, TYPE_NAME, context);
  if (days === undefined) throw invalidDateTime(text, TYPE_NAME);
  if (!Number.isFinite(days)) return days;
  try {
    return instantOfLocalDay(days, micros, zone ?? context.timeZone);
  } catch (error) {
    throw error instanceof SqlError ? instantTextOutOfRange(text) : error;
  }
}

/** An instant: µs since 2000-01-01 00:00 UTC. */
export const timestamptz: TypeDefinition = {
  ...instantForm,
  oid: 1184,
  name: 'timestamptz',
  sqlName: 'timestamp with time zone',
  isPreferred: true,
  arrayOid: 1185,
  parse: parseTimestamptz,
  format: (value, context) => formatTimestamptz(value as Int64, context.timeZone, context.dateStyle),
};
