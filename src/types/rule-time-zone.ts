import { civilFromDays, daysFromCivil, isLeapYear, MICROS_PER_DAY, MICROS_PER_SECOND } from './civil-time.ts';
import { FixedTimeZone } from './fixed-time-zone.ts';
import type { TimeZone } from './time-zone.ts';

export type DayOfYear =
  | { readonly kind: 'day without leap days'; readonly day: number }
  /** From 0, and over a 29th of February. */
  | { readonly kind: 'day of year'; readonly day: number }
  /** `day` from 0 for Sunday; `week` 5 means the last one. */
  | { readonly kind: 'weekday of month'; readonly month: number; readonly week: number; readonly day: number };

/** A day of each year and when on it clocks change, by the time that they show before: some hours of another day, too. */
export interface DayRule {
  readonly on: DayOfYear;
  readonly timeSeconds: number;
}

interface NamedOffset {
  readonly name: string;
  /** East of Greenwich. */
  readonly offsetSeconds: number;
}

export interface ZoneRules {
  readonly name: string;
  readonly standard: NamedOffset;
  readonly summer: NamedOffset;
  /** Of the summer time. */
  readonly begin: DayRule;
  readonly end: DayRule;
}

interface Change {
  readonly atMicros: number;
  readonly to: NamedOffset;
}

/** After which the calendar, weekdays among it, comes again. */
const CYCLE_YEARS = 400;
const DAY_SECONDS = 86_400;
/** 2000-01-01 was a Saturday. */
const WEEKDAY_OF_EPOCH = 6;
const MAX_REMEMBERED_YEARS = 1000;

/** A zone that changes twice a year by the same rules in all years, as POSIX notation has it. */
export class RuleTimeZone implements TimeZone {
  readonly name: string;
  readonly #rules: ZoneRules;
  readonly #changes = new Map<number, readonly Change[]>();

  private constructor(rules: ZoneRules) {
    this.name = rules.name;
    this.#rules = rules;
  }

  /** A zone whose summer has no end in any year knows nothing else. */
  static of(rules: ZoneRules): TimeZone {
    for (let year = 1970; year < 1970 + CYCLE_YEARS; year++) {
      if (changesOf(year, rules).length > 0) return new RuleTimeZone(rules);
    }
    return new FixedTimeZone(rules.name, rules.summer.offsetSeconds, rules.summer.name);
  }

  offsetMicrosAt(utcMicros: number): number {
    return offsetOf(this.#before(utcMicros + 1).to);
  }

  localOffsetMicros(localMicros: number): number {
    const dayBefore = localMicros - MICROS_PER_DAY;
    const before = this.offsetMicrosAt(dayBefore);
    const change = this.#after(dayBefore);
    const after = offsetOf(change.to);
    const [early, late] = [localMicros - before, localMicros - after];
    if (early < change.atMicros && late < change.atMicros) return before;
    if (early > change.atMicros && late >= change.atMicros) return after;
    // Twice-told times count after the change, skipped ones before it.
    return early > late ? before : after;
  }

  toUtc(localMicros: number): number {
    return localMicros - this.localOffsetMicros(localMicros);
  }

  nextChange(fromMicros: number, toMicros: number): number | undefined {
    const { atMicros } = this.#after(fromMicros);
    return atMicros <= toMicros ? atMicros : undefined;
  }

  abbreviationAt(utcMicros: number): string {
    return this.#before(utcMicros + 1).to.name;
  }

  /** The last change before an instant. */
  #before(utcMicros: number): Change {
    for (let year = yearOf(utcMicros) + 1; ; year--) {
      const found = this.#ofYear(year).findLast(({ atMicros }) => atMicros < utcMicros);
      if (found !== undefined) return found;
    }
  }

  /** The first change after an instant. */
  #after(utcMicros: number): Change {
    for (let year = yearOf(utcMicros) - 1; ; year++) {
      const found = this.#ofYear(year).find(({ atMicros }) => atMicros > utcMicros);
      if (found !== undefined) return found;
    }
  }

  #ofYear(year: number): readonly Change[] {
    let changes = this.#changes.get(year);
    if (changes === undefined) {
      changes = changesOf(year, this.#rules);
      if (this.#changes.size >= MAX_REMEMBERED_YEARS) this.#changes.clear();
      this.#changes.set(year, changes);
    }
    return changes;
  }
}

/** In order; none in a year that has no other time but that of the summer. */
function changesOf(year: number, { standard, summer, begin, end }: ZoneRules): readonly Change[] {
  // Clocks show the time of the season that ends.
  const beginSeconds = secondsIntoYear(year, begin) - standard.offsetSeconds;
  const endSeconds = secondsIntoYear(year, end) - summer.offsetSeconds;
  const newYear = daysFromCivil(year, 1, 1) * MICROS_PER_DAY;
  const toSummer = { atMicros: newYear + beginSeconds * MICROS_PER_SECOND, to: summer };
  const toStandard = { atMicros: newYear + endSeconds * MICROS_PER_SECOND, to: standard };
  if (endSeconds < beginSeconds) return [toStandard, toSummer];
  const yearSeconds = (isLeapYear(year) ? 366 : 365) * DAY_SECONDS;
  const isWholeYear = endSeconds - beginSeconds >= yearSeconds + summer.offsetSeconds - standard.offsetSeconds;
  return endSeconds === beginSeconds || isWholeYear ? [] : [toSummer, toStandard];
}

/** By the clock, from the first of January. */
function secondsIntoYear(year: number, rule: DayRule): number {
  return dayInYear(year, rule.on) * DAY_SECONDS + rule.timeSeconds;
}

/** From 0. */
function dayInYear(year: number, rule: DayOfYear): number {
  switch (rule.kind) {
    case 'day without leap days':
      return rule.day >= 60 && isLeapYear(year) ? rule.day : rule.day - 1;
    case 'day of year':
      return rule.day;
    case 'weekday of month': {
      const first = daysFromCivil(year, rule.month, 1);
      const next = rule.month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, rule.month + 1, 1);
      let day = first + ((((rule.day - WEEKDAY_OF_EPOCH - first) % 7) + 7) % 7);
      for (let week = 1; week < rule.week && day + 7 < next; week++) day += 7;
      return day - daysFromCivil(year, 1, 1);
    }
  }
}

function offsetOf({ offsetSeconds }: NamedOffset): number {
  return offsetSeconds * MICROS_PER_SECOND + 0;
}

function yearOf(utcMicros: number): number {
  return civilFromDays(Math.floor(utcMicros / MICROS_PER_DAY)).year;
}
