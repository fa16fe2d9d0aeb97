import type { ByteWriter } from '../bytes/byte-writer.ts';
import { fixedLengthView, readInt64, writeInt64 } from './binary-form.ts';
import { toInt64 } from './int64.ts';
import { Interval } from './interval.ts';
import type { IntervalField } from './interval-input.ts';
import type { TypeDefinition } from './type-definition.ts';

/**
 * The modifier of an interval type: in the high half the fields it is restricted to, one bit each, in the low half the
 * decimals of its seconds.
 */
const FULL_RANGE = 0x7fff;
const FULL_PRECISION = 0xffff;
const FIELD_BITS: readonly (readonly [IntervalField, number])[] = [
  ['year', 1 << 2],
  ['month', 1 << 1],
  ['day', 1 << 3],
  ['hour', 1 << 10],
  ['minute', 1 << 11],
  ['second', 1 << 12],
];

/** The modifier for `interval <first> to <last> (precision)`; both fields absent means all. */
export function intervalTypmod(
  options: { readonly first?: IntervalField; readonly last?: IntervalField; readonly precision?: number } = {},
): number {
  const { first, last = first, precision = FULL_PRECISION } = options;
  let range = 0;
  let isInside = false;
  for (const [field, bit] of FIELD_BITS) {
    if (field === first) isInside = true;
    if (isInside) range |= bit;
    if (field === last) isInside = false;
  }
  return ((first === undefined ? FULL_RANGE : range) << 16) | precision;
}

/** The first and last field of a restricted interval, or undefined for all fields. */
export function intervalRange(
  typmod: number,
): { readonly first: IntervalField; readonly last: IntervalField } | undefined {
  const range = (typmod >> 16) & FULL_RANGE;
  if (typmod < 0 || range === FULL_RANGE) return undefined;
  const fields = FIELD_BITS.filter(([, bit]) => (range & bit) !== 0);
  const first = fields[0]?.[0];
  const last = fields.at(-1)?.[0];
  return first === undefined || last === undefined ? undefined : { first, last };
}

/** Whether the modifier names all fields or such as can be declared together: DAY TO MINUTE, but not DAY and MINUTE. */
export function isIntervalTypmod(typmod: number): boolean {
  const range = (typmod >> 16) & FULL_RANGE;
  if (range === FULL_RANGE) return true;
  const fields = intervalRange(typmod);
  if (fields === undefined || intervalTypmod(fields) >> 16 !== range) return false;
  return (
    fields.first === fields.last || fields.last === 'month' || (fields.first !== 'year' && fields.first !== 'month')
  );
}

/** Decimals of the seconds, or undefined when not restricted. */
export function intervalPrecision(typmod: number): number | undefined {
  const precision = typmod & 0xffff;
  return typmod < 0 || precision === FULL_PRECISION ? undefined : precision;
}

const MICROS_PER_FIELD: Readonly<Partial<Record<IntervalField, number>>> = { hour: 3_600_000_000, minute: 60_000_000 };

/** Cuts off what lies below the last field of the range; rounds seconds to the declared decimals. */
export function coerceInterval(value: Interval, typmod: number): Interval {
  const range = intervalRange(typmod);
  const precision = intervalPrecision(typmod);
  if (range === undefined && precision === undefined) return value;
  let { months, days, micros } = value;
  if (range?.last === 'year') months -= months % 12;
  if (range?.last === 'year' || range?.last === 'month') days = 0;
  if (range?.last === 'year' || range?.last === 'month' || range?.last === 'day') micros = 0;
  const unit = range === undefined ? undefined : MICROS_PER_FIELD[range.last];
  if (unit !== undefined) micros = truncate(micros, unit);
  if (precision !== undefined && precision < 6) micros = round(micros, 10 ** (6 - precision));
  return new Interval(months, days, micros);
}

function truncate(micros: number | bigint, unit: number): number | bigint {
  if (typeof micros === 'bigint') return toInt64(micros - (micros % BigInt(unit)));
  return micros - (micros % unit);
}

/** To a multiple of `unit`, half away from zero. */
function round(micros: number | bigint, unit: number): number | bigint {
  const half = BigInt(unit) / 2n;
  const exact = BigInt(micros);
  const shifted = exact < 0n ? exact - half : exact + half;
  return toInt64(shifted - (shifted % BigInt(unit)));
}

/** | microseconds (int64) | days (int32) | months (int32) | */
function writeInterval(value: Interval, writer: ByteWriter): void {
  writeInt64(value.micros, writer);
  writer.int32(value.days);
  writer.int32(value.months);
}

function readInterval(bytes: Uint8Array): Interval {
  const view = fixedLengthView(bytes, 16);
  return new Interval(view.getInt32(12), view.getInt32(8), readInt64(view));
}

export const interval: TypeDefinition = {
  oid: 1186,
  name: 'interval',
  sqlName: 'interval',
  length: 16,
  category: 'T',
  isPreferred: true,
  arrayOid: 1187,
  elementOid: 0,
  representation: 'value',
  isComparable: true,
  parse: (text, context, typmod) => {
    const range = intervalRange(typmod);
    const parsed = Interval.parse(text, {
      style: context.intervalStyle,
      ...(range === undefined
        ? {}
        : { lastField: range.last, startsAtMinute: range.first === 'minute' && range.last === 'second' }),
    });
    return coerceInterval(parsed, typmod);
  },
  format: (value, context) => (value as Interval).toString(context.intervalStyle),
  readBinary: readInterval,
  writeBinary: (value, writer) => writeInterval(value as Interval, writer),
  compare: (left, right) => (left as Interval).compare(right as Interval),
  hashKey: (value) => (value as Interval).hashKey(),
};
