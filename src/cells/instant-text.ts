import { civilFromDays, daysFromCivil, MICROS_PER_DAY } from '../types/civil-time.ts';
import { formatOffset } from '../types/format-offset.ts';
import type { TimeZone } from '../types/time-zone.ts';
import { writeFour, writeMicroFraction, writeTwo } from './decimal-text.ts';

/** Dates and times in DateStyle ISO as ASCII, straight into a buffer. */

/** Room that any of them fits in. */
export const INSTANT_BYTES = 48;

/** Years 1 to 9999: four digits and no BC. */
const FIRST_DAY = daysFromCivil(1, 1, 1);
const LAST_DAY = daysFromCivil(9999, 12, 31);
const FIRST_MICROS = FIRST_DAY * MICROS_PER_DAY;
const LAST_MICROS = LAST_DAY * MICROS_PER_DAY;

const MICROS_PER_MINUTE = 60_000_000;
const COLON = 58;
const DASH = 45;
const BLANK = 32;

/** `2024-02-29 23:59:` */
const PREFIX_BYTES = 17;

/** Consecutive rows mostly share their minute and their offset from UTC, so the text of both is remembered. */
export class InstantWriter {
  readonly #zone: TimeZone | undefined;
  #day = Number.NaN;
  /** The instants from `#knownFrom` to `#knownTo` (exclusive) lie in the remembered minute, which begins at `#minuteStart`. */
  #knownFrom = 0;
  #knownTo = 0;
  #minuteStart = 0;
  readonly #prefix = new Uint8Array(PREFIX_BYTES);
  #offsetMicros = 0;
  #offsetText: Uint8Array = new Uint8Array(0);

  /** With a zone, instants are written as local time and offset (timestamptz), without as they are. */
  constructor(zone: TimeZone | undefined) {
    this.#zone = zone;
  }

  /** `2024-02-29`; -1 outside the years 1 to 9999. */
  writeDate(bytes: Uint8Array, at: number, day: number): number {
    if (!(day >= FIRST_DAY && day <= LAST_DAY)) return -1;
    if (day !== this.#day) this.#setDay(day);
    const prefix = this.#prefix;
    for (let index = 0; index < 10; index++) bytes[at + index] = prefix[index];
    return at + 10;
  }

  /** `2024-02-29 23:59:59.5+01`; -1 outside the years 1 to 9999. */
  writeInstant(bytes: Uint8Array, at: number, micros: number): number {
    if (!(micros >= this.#knownFrom && micros < this.#knownTo) && !this.#setMinute(micros)) return -1;
    const rest = micros - this.#minuteStart;
    const prefix = this.#prefix;
    for (let index = 0; index < PREFIX_BYTES; index++) bytes[at + index] = prefix[index];
    const second = (rest / 1_000_000) | 0;
    writeTwo(bytes, at + PREFIX_BYTES, second);
    const end = writeMicroFraction(bytes, at + PREFIX_BYTES + 2, (rest - second * 1_000_000) | 0);
    const offset = this.#offsetText;
    for (let index = 0; index < offset.length; index++) bytes[end + index] = offset[index];
    return end + offset.length;
  }

  /** False outside the years 1 to 9999. */
  #setMinute(micros: number): boolean {
    if (!(micros >= FIRST_MICROS && micros <= LAST_MICROS)) return false;
    // Until all is set, nothing is known.
    this.#knownTo = this.#knownFrom;
    if (this.#zone !== undefined) this.#setOffset(this.#zone.offsetMicrosAt(micros));
    const local = micros + this.#offsetMicros;
    const day = Math.floor(local / MICROS_PER_DAY);
    if (!(day >= FIRST_DAY && day <= LAST_DAY)) return false;
    if (day !== this.#day) this.#setDay(day);
    const ofDay = local - day * MICROS_PER_DAY;
    const minute = Math.floor(ofDay / MICROS_PER_MINUTE);
    const hour = (minute / 60) | 0;
    const prefix = this.#prefix;
    prefix[10] = BLANK;
    writeTwo(prefix, 11, hour);
    prefix[13] = COLON;
    writeTwo(prefix, 14, minute - hour * 60);
    prefix[16] = COLON;
    this.#minuteStart = micros - (ofDay - minute * MICROS_PER_MINUTE);
    // Since 2000 all zones have changed their clocks at full minutes. Before that any second will do.
    const isWholeMinute = micros >= 0 || this.#zone === undefined;
    this.#knownFrom = isWholeMinute ? this.#minuteStart : micros;
    this.#knownTo = isWholeMinute ? this.#minuteStart + MICROS_PER_MINUTE : micros + 1;
    return true;
  }

  #setDay(day: number): void {
    const { year, month, day: dayOfMonth } = civilFromDays(day);
    const prefix = this.#prefix;
    writeFour(prefix, 0, year);
    prefix[4] = DASH;
    writeTwo(prefix, 5, month);
    prefix[7] = DASH;
    writeTwo(prefix, 8, dayOfMonth);
    this.#day = day;
  }

  #setOffset(offset: number): void {
    if (offset === this.#offsetMicros && this.#offsetText.length > 0) return;
    this.#offsetMicros = offset;
    this.#offsetText = Buffer.from(formatOffset(offset / 1_000_000, ':'), 'latin1');
  }
}

/** `23:59:59.999999` of microseconds since midnight, up to `24:00:00`. */
export function writeTimeOfDay(bytes: Uint8Array, at: number, micros: number): number {
  const seconds = Math.floor(micros / 1_000_000);
  const minutes = (seconds / 60) | 0;
  const hours = (minutes / 60) | 0;
  writeTwo(bytes, at, hours);
  bytes[at + 2] = COLON;
  writeTwo(bytes, at + 3, minutes - hours * 60);
  bytes[at + 5] = COLON;
  writeTwo(bytes, at + 6, seconds - minutes * 60);
  return writeMicroFraction(bytes, at + 8, (micros - seconds * 1_000_000) | 0);
}
