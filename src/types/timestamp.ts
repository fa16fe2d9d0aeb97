import { SqlError } from '../errors/sql-error.ts';
import { invalidDateTime } from './datetime-error.ts';
import { parseDateTime } from './datetime-input.ts';
import { formatTimestamp } from './datetime-output.ts';
import { instantFromDays } from './instant.ts';
import { coerceInstant, instantForm, instantTextOutOfRange } from './instant-type.ts';
import { parseIsoClock, parseIsoDays } from './iso-datetime.ts';
import type { TypeContext, TypeDefinition } from './type-definition.ts';
import type { Int64 } from './value.ts';

/** A zone in the text is read and ignored, as the standard wants it. */
function parseTimestamp(text: string, context: TypeContext, typmod: number): Int64 {
  return coerceInstant(parseIso(text) ?? parseAny(text, context), typmod);
}

function parseIso(text: string): Int64 | undefined {
  const days = parseIsoDays(text);
  if (days === undefined) return undefined;
  if (text.length === 10) return instantFromDays(days, 0);
  const separator = text.charAt(10);
  const clock = separator === ' ' || separator === 'T' ? parseIsoClock(text, 11) : undefined;
  return clock === undefined ? undefined : instantFromDays(days, clock.micros);
}

function parseAny(text: string, context: TypeContext): Int64 {
  const { days, micros } = parseDateTime(text, 'timestamp', context);
  if (days === undefined) throw invalidDateTime(text, 'timestamp');
  if (!Number.isFinite(days)) return days;
  try {
    return instantFromDays(days, micros);
  } catch (error) {
    throw error instanceof SqlError ? instantTextOutOfRange(text) : error;
  }
}

/** A local time: µs since 2000-01-01 as clocks show it. */
export const timestamp: TypeDefinition = {
  ...instantForm,
  oid: 1114,
  name: 'timestamp',
  sqlName: 'timestamp without time zone',
  isPreferred: false,
  arrayOid: 1115,
  parse: parseTimestamp,
  format: (value, context) => formatTimestamp(value as Int64, context.dateStyle),
};
