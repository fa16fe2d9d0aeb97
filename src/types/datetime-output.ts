import { unreachable } from '../errors/invariant.ts';
import { civilFromDays, dayOfWeek, MICROS_PER_DAY, MICROS_PER_MINUTE } from './civil-time.ts';
import { formatFraction } from './format-fraction.ts';
import { formatOffset } from './format-offset.ts';
import { dayOf, isFiniteInstant, microsOfDay } from './instant.ts';
import type { TimeZone } from './time-zone.ts';
import type { TypeContext } from './type-definition.ts';
import type { Int64 } from './value.ts';

type DateStyle = TypeContext['dateStyle'];

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** What a zone in POSIX notation calls itself is cut off there. */
const MAX_ABBREVIATION_LENGTH = 10;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `00` … `99`: most of what instants are made of. */
const TWO_DIGITS = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));

/** A local time in the session's DateStyle. */
export function formatTimestamp(value: Int64, style: DateStyle): string {
  if (!isFiniteInstant(value)) return value > 0 ? 'infinity' : '-infinity';
  const day = dayOf(value);
  const micros = microsOfDay(value, day);
  if (style.format !== 'ISO') return formatStyled(day, micros, style, '');
  return isAfterChrist(day) ? `${isoDate(day)} ${formatClock(micros)}` : formatStyled(day, micros, style, '');
}

/** An instant as the clocks in `zone` show it, with the offset or the abbreviation in use there. */
export function formatTimestamptz(value: Int64, zone: TimeZone, style: DateStyle): string {
  if (!isFiniteInstant(value)) return value > 0 ? 'infinity' : '-infinity';
  const utc = Number(value);
  const offset = zone.offsetMicrosAt(utc);
  // The day and time are shifted apart from each other: their sum may pass the range, or what a double holds exactly.
  let day = dayOf(value);
  let micros = microsOfDay(value, day) + offset;
  const carriedDays = Math.floor(micros / MICROS_PER_DAY);
  day += carriedDays;
  micros -= carriedDays * MICROS_PER_DAY;
  if (style.format === 'ISO') {
    if (!isAfterChrist(day)) return formatStyled(day, micros, style, isoOffset(offset));
    return `${isoDate(day)} ${formatClock(micros)}${isoOffset(offset)}`;
  }
  return formatStyled(day, micros, style, ` ${zone.abbreviationAt(utc).slice(0, MAX_ABBREVIATION_LENGTH)}`);
}

/** `days` since 2000-01-01 in the session's DateStyle. */
export function formatDate(days: number, style: DateStyle): string {
  if (!Number.isFinite(days)) return days > 0 ? 'infinity' : '-infinity';
  if (style.format === 'ISO' && isAfterChrist(days)) return isoDate(days);
  const { year, month, day } = civilFromDays(days);
  const shownYear = String(year > 0 ? year : 1 - year).padStart(4, '0');
  const era = year > 0 ? '' : ' BC';
  const [mm, dd] = [TWO_DIGITS[month], TWO_DIGITS[day]];
  const isDayFirst = style.order === 'DMY';
  switch (style.format) {
    case 'ISO':
      return `${shownYear}-${mm}-${dd}${era}`;
    case 'SQL':
      return `${isDayFirst ? `${dd}/${mm}` : `${mm}/${dd}`}/${shownYear}${era}`;
    case 'German':
      return `${dd}.${mm}.${shownYear}${era}`;
    case 'Postgres':
      return `${isDayFirst ? `${dd}-${mm}` : `${mm}-${dd}`}-${shownYear}${era}`;
    default:
      return unreachable(style.format);
  }
}

/** A time of day, up to 24:00:00: `04:05:06.7`. */
export function formatClock(micros: number): string {
  const minutes = Math.floor(micros / MICROS_PER_MINUTE);
  const rest = micros - minutes * MICROS_PER_MINUTE;
  const hours = (minutes / 60) | 0;
  const seconds = (rest / 1_000_000) | 0;
  const fraction = rest - seconds * 1_000_000;
  const clock = `${TWO_DIGITS[hours]}:${TWO_DIGITS[minutes - hours * 60]}:${TWO_DIGITS[seconds]}`;
  return fraction === 0 ? clock : clock + formatFraction(fraction);
}

function formatStyled(days: number, micros: number, style: DateStyle, zone: string): string {
  const { year, month, day } = civilFromDays(days);
  const era = year > 0 ? '' : ' BC';
  const clock = formatClock(micros);
  if (style.format === 'Postgres') {
    const shownYear = String(year > 0 ? year : 1 - year).padStart(4, '0');
    const monthName = MONTHS[month - 1];
    const monthAndDay = style.order === 'DMY' ? `${TWO_DIGITS[day]} ${monthName}` : `${monthName} ${TWO_DIGITS[day]}`;
    return `${WEEKDAYS[dayOfWeek(days)]} ${monthAndDay} ${clock} ${shownYear}${zone}${era}`;
  }
  const date = formatDate(days, style);
  return `${era === '' ? date : date.slice(0, -era.length)} ${clock}${zone}${era}`;
}

/** 0001-01-01 and later. */
function isAfterChrist(day: number): boolean {
  return day >= -730_119;
}

// Rows of a table lie close together in time: the date and offset of the last one usually serve the next one too.
let lastDay = 0;
let lastDate = '2000-01-01';
let lastOffset = 0;
let lastOffsetText = '+00';

function isoDate(day: number): string {
  if (day !== lastDay) {
    const { year, month, day: dayOfMonth } = civilFromDays(day);
    const shownYear = year > 999 ? year : String(year).padStart(4, '0');
    lastDate = `${shownYear}-${TWO_DIGITS[month]}-${TWO_DIGITS[dayOfMonth]}`;
    lastDay = day;
  }
  return lastDate;
}

function isoOffset(offsetMicros: number): string {
  if (offsetMicros !== lastOffset) {
    lastOffsetText = formatOffset(offsetMicros / 1_000_000, ':');
    lastOffset = offsetMicros;
  }
  return lastOffsetText;
}
