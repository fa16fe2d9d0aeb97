import { MICROS_PER_SECOND } from './civil-time.ts';
import type { TimeZone } from './time-zone.ts';

/** A zone without changes. */
export class FixedTimeZone implements TimeZone {
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
