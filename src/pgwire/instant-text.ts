import { civilFromDays, daysFromCivil, MICROS_PER_DAY } from '../types/civil-time.ts';
import { formatOffset } from '../types/format-offset.ts';
import type { TimeZone } from '../types/time-zone.ts';
import { writeMicroFraction, writePadded } from './decimal-text.ts';

/** Dates and times in DateStyle ISO as ASCII, straight into a buffer. */

/** Room that any of them fits in. */
export const INSTANT_BYTES = 48;

/** Years 1 to 9999: four digits and no BC. */
const FIRST_DAY = daysFromCivil(1, 1, 1);
const LAST_DAY = daysFromCivil(9999, 12, 31);

const COLON = 58;
const DASH = 45;
const BLANK = 32;

/** Consecutive rows mostly share their day and their offset from UTC, so both are remembered. */
export class InstantWriter {
  readonly #zone: TimeZone | undefined;
  #day = Number.NaN;
  readonly #dayText = new Uint8Array(10);
  #offsetQuarter = Number.NaN;
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
    const text = this.#dayText;
    for (let index = 0; index < 10; index++) bytes[at + index] = text[index]!;
    return at + 10;
  }

  /** `2024-02-29 23:59:59.5+01`; -1 outside the years 1 to 9999. */
  writeInstant(bytes: Uint8Array, at: number, micros: number): number {
    let local = micros;
    if (this.#zone !== undefined) {
      if (!(micros >= FIRST_DAY * MICROS_PER_DAY && micros <= LAST_DAY * MICROS_PER_DAY)) return -1;
      this.#setOffset(this.#zone, micros);
      local += this.#offsetMicros;
    }
    const day = Math.floor(local / MICROS_PER_DAY);
    let end = this.writeDate(bytes, at, day);
    if (end < 0) return -1;
    bytes[end] = BLANK;
    end = writeTimeOfDay(bytes, end + 1, local - day * MICROS_PER_DAY);
    if (this.#zone === undefined) return end;
    const offset = this.#offsetText;
    for (let index = 0; index < offset.length; index++) bytes[end + index] = offset[index]!;
    return end + offset.length;
  }

  #setDay(day: number): void {
    const { year, month, day: dayOfMonth } = civilFromDays(day);
    const text = this.#dayText;
    writePadded(text, 0, year, 4);
    text[4] = DASH;
    writePadded(text, 5, month, 2);
    text[7] = DASH;
    writePadded(text, 8, dayOfMonth, 2);
    this.#day = day;
  }

  #setOffset(zone: TimeZone, micros: number): void {
    // Since 2000 all zones have changed their clocks at full quarters of an hour; before that, any second will do.
    const quarter = micros >= 0 ? Math.floor(micros / 900_000_000) : Number.NaN;
    if (quarter === this.#offsetQuarter) return;
    this.#offsetQuarter = quarter;
    const offset = zone.offsetMicrosAt(micros);
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
  writePadded(bytes, at, hours, 2);
  bytes[at + 2] = COLON;
  writePadded(bytes, at + 3, minutes - hours * 60, 2);
  bytes[at + 5] = COLON;
  writePadded(bytes, at + 6, seconds - minutes * 60, 2);
  return writeMicroFraction(bytes, at + 8, micros - seconds * 1_000_000);
}
