import { FixedTimeZone } from './fixed-time-zone.ts';
import { type DayOfYear, type DayRule, RuleTimeZone } from './rule-time-zone.ts';
import type { TimeZone } from './time-zone.ts';

const MAX_NAME_LENGTH = 255;
/** When clocks change in the United States, for zones that do not say it. */
const DEFAULT_RULES = ',M3.2.0,M11.1.0';
const HOUR_SECONDS = 3600;
/** A day may begin in the night after it, and up to a week later. */
const MAX_HOURS = 167;

/**
 * A zone that describes itself, as POSIX has it:
 *
 *   name | west of Greenwich | name in summer | west in summer | , | first day | /time | , | first day after | /time
 *   EST    5                   EDT              4                ,   M3.2.0      /2      ,   M11.1.0           /2
 *
 * What comes behind the first offset may be missing, and of the rest all but the name in summer. Names stand in <> where
 * they are not of letters, and may be empty. Undefined for what is no such text.
 */
export function posixTimeZone(text: string): TimeZone | undefined {
  if (text.length > MAX_NAME_LENGTH) return undefined;
  const name = text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
  const reader = new PosixReader(name);
  const standardName = reader.name();
  const standardWest = standardName === undefined ? undefined : reader.offset();
  if (standardName === undefined || standardWest === undefined) return undefined;
  if (reader.isAtEnd) return new FixedTimeZone(name, 0 - standardWest, standardName);
  const summerName = reader.name();
  if (summerName === undefined || summerName === '') return undefined;
  const isOffsetNext = !reader.isAtEnd && !reader.isAtRules;
  const summerWest = isOffsetNext ? reader.offset() : standardWest - HOUR_SECONDS;
  if (summerWest === undefined) return undefined;
  const rules = reader.isAtEnd ? new PosixReader(DEFAULT_RULES) : reader;
  const [begin, end] = [rules.rule(',;'), rules.rule(',')];
  if (begin === undefined || end === undefined || !rules.isAtEnd) return undefined;
  return RuleTimeZone.of({
    name,
    standard: { name: standardName, offsetSeconds: 0 - standardWest },
    summer: { name: summerName, offsetSeconds: 0 - summerWest },
    begin,
    end,
  });
}

/** Reads a text part by part; undefined where something else stands. */
class PosixReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  get isAtRules(): boolean {
    return ',;'.includes(this.#next());
  }

  name(): string | undefined {
    const quoted = this.#take(/<([^>]*)>/y);
    if (quoted !== undefined) return quoted[1];
    if (this.#next() === '<') return undefined;
    return this.#take(/[^\d,+-]*/y)?.[0];
  }

  /** Seconds; hours, minutes and seconds with a sign before them. */
  offset(): number | undefined {
    const sign = this.#take(/[+-]/y)?.[0];
    const hours = this.#number(0, MAX_HOURS);
    if (hours === undefined) return undefined;
    let seconds = hours * HOUR_SECONDS;
    for (const [unit, most] of SMALLER_UNITS) {
      if (this.#take(/:/y) === undefined) break;
      const count = this.#number(0, most);
      if (count === undefined) return undefined;
      seconds += count * unit;
    }
    return sign === '-' ? 0 - seconds : seconds;
  }

  /** One of `separators`, a day of the year, and the time of day at which clocks change. */
  rule(separators: string): DayRule | undefined {
    if (this.isAtEnd || !separators.includes(this.#next())) return undefined;
    this.#at++;
    const on = this.#day();
    if (on === undefined) return undefined;
    const timeSeconds = this.#take(/\//y) === undefined ? 2 * HOUR_SECONDS : this.offset();
    return timeSeconds === undefined ? undefined : { on, timeSeconds };
  }

  #day(): DayOfYear | undefined {
    if (this.#take(/J/y) !== undefined) {
      const day = this.#number(1, 365);
      return day === undefined ? undefined : { kind: 'day without leap days', day };
    }
    if (this.#take(/M/y) === undefined) {
      const day = this.#number(0, 365);
      return day === undefined ? undefined : { kind: 'day of year', day };
    }
    const month = this.#number(1, 12);
    const week = this.#take(/\./y) && this.#number(1, 5);
    const day = this.#take(/\./y) && this.#number(0, 6);
    if (month === undefined || week === undefined || day === undefined) return undefined;
    return { kind: 'weekday of month', month, week, day };
  }

  #number(least: number, most: number): number | undefined {
    const digits = this.#take(/\d+/y)?.[0];
    const value = digits === undefined ? Number.NaN : Number(digits);
    return value >= least && value <= most ? value : undefined;
  }

  #next(): string {
    return this.#text.charAt(this.#at);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }
}

const SMALLER_UNITS = [
  [60, 59],
  [1, 60],
] as const;
