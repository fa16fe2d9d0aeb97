import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { fixedLengthView } from './binary-form.ts';
import { invalidDateTime } from './datetime-error.ts';
import { parseDateTime } from './datetime-input.ts';
import { formatDate } from './datetime-output.ts';
import { DATE_INFINITY_MARK, DATE_NEGATIVE_INFINITY_MARK, END_DATE, MIN_DATE } from './instant.ts';
import { parseIsoDays } from './iso-datetime.ts';
import { orderOfNumbers } from './number-type.ts';
import type { TypeContext, TypeDefinition } from './type-definition.ts';
import type { Value } from './value.ts';

function parseDate(text: string, context: TypeContext): number {
  const days = (text.length === 10 ? parseIsoDays(text) : undefined) ?? parseDateTime(text, 'date', context).days;
  if (days === undefined) throw invalidDateTime(text, 'date');
  if (Number.isFinite(days) && (days < MIN_DATE || days >= END_DATE)) {
    throw new SqlError(SqlState.DatetimeFieldOverflow, `date out of range: "${text}"`);
  }
  return days;
}

function readDate(bytes: Uint8Array): number {
  const days = fixedLengthView(bytes, 4).getInt32(0);
  if (days === DATE_INFINITY_MARK) return Number.POSITIVE_INFINITY;
  if (days === DATE_NEGATIVE_INFINITY_MARK) return Number.NEGATIVE_INFINITY;
  if (days < MIN_DATE || days >= END_DATE) throw new SqlError(SqlState.DatetimeFieldOverflow, 'date out of range');
  return days;
}

/** The days of a date with the infinities as the limits of int32. */
function markedDays(value: Value): number {
  const days = value as number;
  if (Number.isFinite(days)) return days;
  return days > 0 ? DATE_INFINITY_MARK : DATE_NEGATIVE_INFINITY_MARK;
}

export const date: TypeDefinition = {
  oid: 1082,
  name: 'date',
  sqlName: 'date',
  length: 4,
  category: 'D',
  isPreferred: false,
  arrayOid: 1182,
  elementOid: 0,
  representation: 'float64',
  ...orderOfNumbers,
  parse: parseDate,
  format: (value, context) => formatDate(value as number, context.dateStyle),
  readBinary: readDate,
  writeBinary: (value, writer) => writer.int32(markedDays(value)),
};
