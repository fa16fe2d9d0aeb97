/**
 * The proleptic Gregorian calendar as integer arithmetic, without Date objects. Days count from 2000-01-01, years are
 * astronomical (0 is 1 BC, -1 is 2 BC), months and days of the month count from 1.
 */

export const MICROS_PER_SECOND = 1_000_000;
export const MICROS_PER_MINUTE = 60_000_000;
export const MICROS_PER_HOUR = 3_600_000_000;
export const MICROS_PER_DAY = 86_400_000_000;
/** 1970-01-01 in days and in microseconds since 2000-01-01. */
export const UNIX_EPOCH_DAYS = -10_957;
export const UNIX_EPOCH_MICROS = UNIX_EPOCH_DAYS * MICROS_PER_DAY;
/** Julian day number of 2000-01-01. */
export const EPOCH_JULIAN_DAY = 2_451_545;

const DAYS_PER_400_YEARS = 146_097;
const DAYS_PER_100_YEARS = 36_524;
const DAYS_PER_4_YEARS = 1_461;
/** From 0000-03-01 to 2000-01-01: years that begin in March put the leap day last. */
const EPOCH_FROM_MARCH_OF_YEAR_0 = 730_425;

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days since 2000-01-01 of a date. Months outside 1…12 must have been carried into the year; any day number works. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_400_YEARS + dayOfEra - EPOCH_FROM_MARCH_OF_YEAR_0;
}

/** The date of so many days since 2000-01-01; any whole number, also far outside the types. */
export function civilFromDays(days: number): CivilDate {
  const shifted = days + EPOCH_FROM_MARCH_OF_YEAR_0;
  const era = Math.floor(shifted / DAYS_PER_400_YEARS);
  const dayOfEra = shifted - era * DAYS_PER_400_YEARS;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / (DAYS_PER_4_YEARS - 1)) +
      Math.floor(dayOfEra / DAYS_PER_100_YEARS) -
      Math.floor(dayOfEra / (DAYS_PER_400_YEARS - 1))) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `month` from 1. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : DAYS_OF_MONTH[month - 1]!;
}

/** Months since January of year 0: what month arithmetic and buckets of months count in. */
export function monthIndex(year: number, month: number): number {
  return year * 12 + month - 1;
}

/** The first day of the month with that index, in days since 2000-01-01. */
export function daysFromMonthIndex(index: number): number {
  const year = Math.floor(index / 12);
  return daysFromCivil(year, index - year * 12 + 1, 1);
}

/** The date `months` later; the day of the month is cut to the length of the target month (Jan 31 + 1 month = Feb 28). */
export function addMonths(days: number, months: number): number {
  const { year, month, day } = civilFromDays(days);
  const index = monthIndex(year, month) + months;
  const targetYear = Math.floor(index / 12);
  const targetMonth = index - targetYear * 12 + 1;
  return daysFromCivil(targetYear, targetMonth, Math.min(day, daysInMonth(targetYear, targetMonth)));
}

/** 0 = Sunday … 6 = Saturday. */
export function dayOfWeek(days: number): number {
  // 2000-01-01 was a Saturday.
  return floorModulo(days + 6, 7);
}

/** 1 = Monday … 7 = Sunday. */
export function isoDayOfWeek(days: number): number {
  return floorModulo(days + 5, 7) + 1;
}

/** 1 … 366. */
export function dayOfYear(days: number): number {
  return days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1;
}

/** ISO 8601 week and the year it belongs to: the year of the week's Thursday. */
export function isoWeek(days: number): { readonly year: number; readonly week: number } {
  const thursday = days - isoDayOfWeek(days) + 4;
  const { year } = civilFromDays(thursday);
  return { year, week: Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1 };
}

/** The Monday that begins ISO week `week` of `year`, in days since 2000-01-01. */
export function daysFromIsoWeek(year: number, week: number): number {
  // January 4 always lies in week 1.
  const january4 = daysFromCivil(year, 1, 4);
  return january4 - isoDayOfWeek(january4) + 1 + (week - 1) * 7;
}

/** A remainder that is never negative. */
export function floorModulo(value: number, divisor: number): number {
  const remainder = value % divisor;
  return remainder < 0 ? remainder + divisor : remainder + 0;
}
