import { FixedTimeZone } from './fixed-time-zone.ts';
import { formatOffset } from './format-offset.ts';
import { posixTimeZone } from './posix-time-zone.ts';
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

const MAX_OFFSET_SECONDS = 168 * 3600;

export const UTC: TimeZone = new FixedTimeZone('UTC', 0, 'UTC');

/** A zone a fixed number of seconds east of UTC, named as after SET TimeZone: `<+02>-02`. */
export function fixedTimeZone(offsetSeconds: number): TimeZone {
  const east = formatOffset(offsetSeconds, ':');
  return new FixedTimeZone(`<${east}>${formatOffset(-offsetSeconds, ':')}`, offsetSeconds, east);
}

/** In POSIX notation, as queries ask for it row by row. */
let describedZone: { readonly key: string; readonly zone: TimeZone } | undefined;

const knownZones = new Map<string, TimeZone>([['utc', UTC]]);

/**
 * The zone that SET TimeZone accepts under this name, in any case: a region (`Europe/Berlin`), a number of hours east
 * of Greenwich (`+02`, `-3.5`), or POSIX notation, whose sign counts west (`UTC+3`, `<+02>-02`, `CET-1CEST,M3.5.0,M10.5.0/3`).
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
  return abbreviatedTimeZone(name) ?? namedTimeZone(name);
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
  const region = RegionalTimeZone.find(name);
  if (region !== undefined) {
    knownZones.set(key, region);
    return region;
  }
  if (key === describedZone?.key) return describedZone.zone;
  // Names come from users: there are as many regions as there are, but of the others only the last is remembered.
  const zone = posixTimeZone(name);
  if (zone !== undefined) describedZone = { key, zone };
  return zone;
}
