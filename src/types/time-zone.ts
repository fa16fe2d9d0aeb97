import { notSupported, type SqlError } from '../errors/sql-error.ts';
import { formatOffset } from './format-offset.ts';
import { RegionalTimeZone } from './regional-time-zone.ts';
import { abbreviatedZone } from './time-zone-abbreviations.ts';

/** The relation of local time to UTC somewhere. Instants are µs since 2000-01-01 UTC, local times the same count read off a wall clock. */
export interface TimeZone {
  /** As SHOW TimeZone prints it. */
  readonly name: string;
  /** Local time minus UTC at an instant: positive east of Greenwich. */
  offsetMicrosAt(utcMicros: number): number;
  /**
   * The offset that applies to a local time. A time skipped by a change is read with the offset before it, a time that
   * happens twice with the offset after it, as in PostgreSQL.
   */
  localOffsetMicros(localMicros: number): number;
  /** The instant of a local time, by the same rule. Beyond ±2^53 µs use `localOffsetMicros` and 64-bit arithmetic. */
  toUtc(localMicros: number): number;
  /** The first instant after `fromMicros` and not after `toMicros` from which another offset applies. */
  nextChange(fromMicros: number, toMicros: number): number | undefined;
  /** `CET`, or the offset (`+05`, `-0330`) where no letters are in use: what the DateStyles other than ISO print. */
  abbreviationAt(utcMicros: number): string;
}

const MICROS_PER_SECOND = 1_000_000;
const MAX_OFFSET_SECONDS = 168 * 3600;

/** A zone without changes. */
class FixedTimeZone implements TimeZone {
  readonly name: string;
  readonly #offsetMicros: number;
  readonly #abbreviation: string;

  constructor(name: string, offsetSeconds: number, abbreviation: string) {
    this.name = name;
    this.#offsetMicros = offsetSeconds * MICROS_PER_SECOND;
    this.#abbreviation = abbreviation;
  }

  offsetMicrosAt(): number {
    return this.#offsetMicros;
  }

  localOffsetMicros(): number {
    return this.#offsetMicros;
  }

  toUtc(localMicros: number): number {
    return localMicros - this.#offsetMicros;
  }

  nextChange(): undefined {
    return undefined;
  }

  abbreviationAt(): string {
    return this.#abbreviation;
  }
}

export const UTC: TimeZone = new FixedTimeZone('UTC', 0, 'UTC');

/** A zone a fixed number of seconds east of UTC, named as after SET TimeZone: `<+02>-02`. */
export function fixedTimeZone(offsetSeconds: number): TimeZone {
  const east = formatOffset(offsetSeconds, ':');
  return new FixedTimeZone(`<${east}>${formatOffset(-offsetSeconds, ':')}`, offsetSeconds, east);
}

const knownZones = new Map<string, TimeZone>([['utc', UTC]]);

/**
 * The zone that SET TimeZone accepts under this name, in any case: a region (`Europe/Berlin`), a number of hours east
 * of Greenwich (`+02`, `-3.5`), or POSIX notation, whose sign counts west (`UTC+3`, `<+02>-02`, `+02:30`). POSIX rules
 * for daylight saving other than the named ones (`EST5EDT`) are unknown to us.
 */
export function timeZone(name: string): TimeZone | undefined {
  if (/^\s*[+-]?(\d+\.?\d*|\.\d+)$/.test(name)) {
    const offsetSeconds = Math.trunc(Number(name) * 3600);
    return Math.abs(offsetSeconds) <= MAX_OFFSET_SECONDS ? fixedTimeZone(offsetSeconds) : undefined;
  }
  return namedTimeZone(name);
}

/**
 * The zone that AT TIME ZONE, date_trunc and the like take from a text: abbreviations (`CEST`) count too, and bare
 * numbers follow POSIX, so that `+02` lies west of Greenwich here.
 */
export function timeZoneOperand(name: string): TimeZone | undefined {
  const zone = abbreviatedTimeZone(name) ?? namedTimeZone(name);
  if (zone === undefined && isDaylightNotation(name)) throw daylightNotSupported();
  return zone;
}

/** POSIX notation with a time for the summer, whose rules we do not know. */
export function isDaylightNotation(name: string): boolean {
  return POSIX_DAYLIGHT_ZONE.test(name);
}

export function daylightNotSupported(): SqlError {
  return notSupported('daylight saving time in POSIX notation');
}

/** The zone behind an abbreviation such as `CEST`, `z` or `IST`; some follow a region's history. */
export function abbreviatedTimeZone(name: string): TimeZone | undefined {
  const meaning = abbreviatedZone(name);
  if (meaning === undefined) return undefined;
  return typeof meaning === 'number' ? new FixedTimeZone(name, meaning, name.toUpperCase()) : namedTimeZone(meaning);
}

/** A region or POSIX notation; no abbreviations and no bare numbers of hours east. */
export function namedTimeZone(name: string): TimeZone | undefined {
  const key = name.toLowerCase();
  const known = knownZones.get(key);
  if (known !== undefined) return known;
  const zone = RegionalTimeZone.find(name) ?? posixTimeZone(name);
  // Names come from users: the memo must not grow with their typos, but zones are finite (regions) or cheap (POSIX).
  if (zone instanceof RegionalTimeZone) knownZones.set(key, zone);
  return zone;
}

/** A name, which may be of anything and of nothing, and an offset to the west. */
const POSIX_ZONE = /^(?:<([^>]*)>|(?!<)([^\d,+-]*))([+-]?)(\d+)(?::(\d+)(?::(\d+))?)?$/;

/** Behind the offset the name of another time, whatever it is made of (`-1.5` has one), its offset, and rules. */
const POSIX_DAYLIGHT_ZONE =
  /^(?:<[^>]*>|[^\d,+-]*)[+-]?\d{1,3}(?::\d+){0,2}(?:<[^>]+>|[^\d,+:-][^\d,+-]*)(?:[+-]?\d{1,3}(?::\d+){0,2})?(?:[,;].*)?$/;

function posixTimeZone(name: string): TimeZone | undefined {
  const match = POSIX_ZONE.exec(name);
  if (match === null) return undefined;
  const [, quoted, plain, sign, hours, minutes = '0', seconds = '0'] = match;
  if (Number(hours) > 167 || Number(minutes) > 59 || Number(seconds) > 60) return undefined;
  const west = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  const offsetSeconds = sign === '-' ? west : 0 - west;
  return new FixedTimeZone(inCapitals(name), offsetSeconds, inCapitals(quoted ?? plain ?? ''));
}

function inCapitals(name: string): string {
  return name.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}
