import type { Interval } from '../../types/interval.ts';
import { isMultirange } from '../../types/multirange-type.ts';
import type { Numeric } from '../../types/numeric.ts';
import { isRange } from '../../types/range-type.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import type { SqlMultirange, SqlRange } from '../../types/sql-range.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import type { Int64, Value } from '../../types/value.ts';
import type { IndexKey } from './index-key.ts';

/**
 * How the values of one type stand in keys: bytes in the order of the values, of which none is the beginning of another.
 *
 *   integers, instants, intervals   0x40 ± number of bytes | bytes, big-endian; of negative ones their complement
 *   doubles                         0x80 | the bits, so turned that they ascend; -0 as 0
 *   text, char(n), name             UTF-8 | 0x00, where 0x00 is 0x01 0x01 and 0x01 is 0x01 0x02
 *   bytea, macaddr, macaddr8        0x01 | as text
 *   inet, cidr                      number of bytes | per 4 bits of the network its place among all texts of 0 to 4 bits,
 *                                   a beginning before what it begins; 0x01 when the last had 4 | the bytes
 *   uuid                            0x01 | 16 bytes
 *   boolean                         0x01 or 0x02
 *   numeric                         kind | exponent as an integer | digits by twos, each pair + 1 | 0x00
 *   arrays                          0x02 and a value, or 0x03 for NULL, per element | 0x01 | the shape as integers
 *   ranges                          0x01 when empty, else 0x02 | lower bound | upper bound: 0x01 or 0x03 where there is none
 *                                   below or above, else 0x02 | the value | 0x01 when it lies inside (lower), outside (upper), else 0x02
 *   multiranges                     0x02 | its bounds, per range | 0x01
 *   NULL                            0xfe
 */
export interface KeyForm {
  push(key: IndexKey, value: Exclude<Value, null>): void;
  /** Doubles stand for integers. */
  readonly isInteger: boolean;
}

export const NULL_BYTE = 0xfe;

const INTEGER_ZERO = 0x40;
const INFINITE_BYTES = 20;
const DOUBLE = 0x80;
const NumericKind = { NegativeInfinity: 0x70, Negative: 0x78, Zero: 0x80, Positive: 0x88, Infinity: 0x8f, NaN: 0x90 };
const ArrayMark = { End: 0x01, Value: 0x02, Null: 0x03 };
const RangeMark = { Empty: 0x01, Bounds: 0x02 };
const BoundMark = { BelowAll: 0x01, Value: 0x02, AboveAll: 0x03 };
/** Where a bound's range begins or ends: at the value, or a hair above it; a hair below it, or at the value. */
const BoundPlace = { First: 0x01, Second: 0x02 };

const INTEGER_TYPES: ReadonlySet<string> = new Set([
  'int2',
  'int4',
  'int8',
  'oid',
  'date',
  'time',
  'timestamp',
  'timestamptz',
]);

const integerForm: KeyForm = { push: (key, value) => pushInteger(key, value as Int64), isInteger: true };
const instantForm: KeyForm = {
  // Of an instant ±infinity has two forms.
  push: (key, value) => pushInteger(key, canonicalInfinity(value as Int64)),
  isInteger: true,
};
const intervalForm: KeyForm = form((key, value) => pushInteger(key, (value as Interval).hashKey()));
const doubleForm: KeyForm = form((key, value) => pushDouble(key, value as number));
const booleanForm: KeyForm = form((key, value) => key.push(value === true ? 2 : 1));
const textForm: KeyForm = form((key, value) => pushText(key, value as string));
const bpcharForm: KeyForm = form((key, value) => pushText(key, withoutTrailingSpaces(value as string)));
const uuidForm: KeyForm = form((key, value) => pushUuid(key, value as string));
const byteaForm: KeyForm = form((key, value) => pushBytes(key, value as Uint8Array));
const addressForm: KeyForm = form((key, value) => pushAddress(key, value as Uint8Array));
const numericForm: KeyForm = form((key, value) => pushNumeric(key, value as Numeric));

export function keyFormOf(type: TypeDefinition): KeyForm {
  if (type.name === 'timestamp' || type.name === 'timestamptz') return instantForm;
  if (INTEGER_TYPES.has(type.name)) return integerForm;
  switch (type.representation) {
    case 'float64':
      return doubleForm;
    case 'int64':
      return integerForm;
    case 'boolean':
      return booleanForm;
    case 'text':
      if (type.name === 'bpchar') return bpcharForm;
      if (type.hasLooseEquality === true) return formOfObjects(type);
      return type.name === 'uuid' ? uuidForm : textForm;
    default:
      return formOfObjects(type);
  }
}

function formOfObjects(type: TypeDefinition): KeyForm {
  if (type.name === 'numeric') return numericForm;
  if (type.name === 'interval') return intervalForm;
  if (type.name === 'bytea' || type.name === 'macaddr' || type.name === 'macaddr8') return byteaForm;
  if (type.name === 'inet' || type.name === 'cidr') return addressForm;
  const element = type.elementOid === 0 ? undefined : elementTypeOf(type);
  if (element !== undefined) {
    const elementForm = keyFormOf(element);
    return form((key, value) => pushArray(key, value as SqlArray, elementForm));
  }
  if (isRange(type)) {
    const boundForm = keyFormOf(type.subtype);
    return form((key, value) => pushRange(key, value as SqlRange, boundForm));
  }
  if (isMultirange(type)) {
    const boundForm = keyFormOf(type.range.subtype);
    return form((key, value) => pushMultirange(key, value as SqlMultirange, boundForm));
  }
  // Equal as the values are, in an order of its own.
  return form((key, value) => pushText(key, String(type.hashKey(value))));
}

function form(push: KeyForm['push']): KeyForm {
  return { push, isInteger: false };
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

function canonicalInfinity(value: Int64): Int64 {
  if (value === INT64_MAX) return Number.POSITIVE_INFINITY;
  return value === INT64_MIN ? Number.NEGATIVE_INFINITY : value;
}

export function pushInteger(key: IndexKey, value: Int64): void {
  if (typeof value === 'bigint') {
    pushBigInteger(key, value);
    return;
  }
  const isNegative = value < 0;
  const magnitude = isNegative ? -value : value;
  if (magnitude === Number.POSITIVE_INFINITY) {
    key.push(isNegative ? INTEGER_ZERO - INFINITE_BYTES : INTEGER_ZERO + INFINITE_BYTES);
    return;
  }
  const low = magnitude >>> 0;
  const high = Math.floor(magnitude / 4294967296);
  const count = high > 0 ? 4 + bytesOf(high) : bytesOf(low);
  key.reserve(count + 1);
  const { bytes } = key;
  const turn = isNegative ? 0xff : 0;
  bytes[key.length++] = isNegative ? INTEGER_ZERO - count : INTEGER_ZERO + count;
  for (let shift = (count - 5) * 8; shift >= 0; shift -= 8) bytes[key.length++] = (high >>> shift) ^ turn;
  for (let shift = (Math.min(count, 4) - 1) * 8; shift >= 0; shift -= 8) bytes[key.length++] = (low >>> shift) ^ turn;
}

function pushBigInteger(key: IndexKey, value: bigint): void {
  const isNegative = value < 0n;
  let magnitude = isNegative ? -value : value;
  const digits: number[] = [];
  for (; magnitude > 0n; magnitude >>= 8n) digits.push(Number(magnitude & 255n));
  key.push(isNegative ? INTEGER_ZERO - digits.length : INTEGER_ZERO + digits.length);
  for (const digit of digits.reverse()) key.push(isNegative ? digit ^ 0xff : digit);
}

function bytesOf(word: number): number {
  return (39 - Math.clz32(word)) >>> 3;
}

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);
/** 0 where the first byte of a double in memory is its last. */
const FIRST_BYTE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 7 : 0;

function pushDouble(key: IndexKey, value: number): void {
  // One zero; one NaN, which is positive and above infinity.
  double[0] = value === 0 ? 0 : value === value ? value : Number.NaN;
  if (value !== value) doubleBytes[FIRST_BYTE] &= 0x7f;
  const isNegative = (doubleBytes[FIRST_BYTE] & 0x80) !== 0;
  key.push(DOUBLE);
  for (let index = 0; index < 8; index++) {
    const byte = doubleBytes[FIRST_BYTE === 0 ? index : 7 - index];
    key.push(isNegative ? byte ^ 0xff : index === 0 ? byte ^ 0x80 : byte);
  }
}

function pushText(key: IndexKey, text: string): void {
  const { length } = text;
  key.reserve(length + 1);
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 1 && unit < 0x80) key.push(unit);
    else if (unit <= 1) {
      key.push(1);
      key.push(unit + 1);
    } else if (unit < 0x800) {
      key.push(0xc0 | (unit >>> 6));
      key.push(0x80 | (unit & 0x3f));
    } else if ((unit & 0xf800) !== 0xd800) {
      key.push(0xe0 | (unit >>> 12));
      key.push(0x80 | ((unit >>> 6) & 0x3f));
      key.push(0x80 | (unit & 0x3f));
    } else {
      const point = text.codePointAt(index)!;
      if (point > 0xffff) {
        key.push(0xf0 | (point >>> 18));
        key.push(0x80 | ((point >>> 12) & 0x3f));
        key.push(0x80 | ((point >>> 6) & 0x3f));
        key.push(0x80 | (point & 0x3f));
        index++;
      } else {
        // Half a character, which is above all whole ones.
        key.push(0xf5);
        key.push(0x80 | ((unit >>> 6) & 0x3f));
        key.push(0x80 | (unit & 0x3f));
      }
    }
  }
  key.push(0);
}

function pushBytes(key: IndexKey, value: Uint8Array): void {
  key.push(1);
  for (let index = 0; index < value.length; index++) {
    const byte = value[index];
    if (byte <= 1) {
      key.push(1);
      key.push(byte + 1);
    } else key.push(byte);
  }
  key.push(0);
}

function pushUuid(key: IndexKey, text: string): void {
  key.push(1);
  for (let index = 0; index < text.length; index += 2) {
    if (text.charCodeAt(index) === 45) index++;
    key.push((hexDigit(text.charCodeAt(index)) << 4) | hexDigit(text.charCodeAt(index + 1)));
  }
}

function hexDigit(unit: number): number {
  return unit <= 57 ? unit - 48 : unit - 87;
}

function pushNumeric(key: IndexKey, value: Numeric): void {
  if (value.kind !== 'finite') {
    if (value.kind === 'nan') key.push(NumericKind.NaN);
    else key.push(value.kind === 'infinity' ? NumericKind.Infinity : NumericKind.NegativeInfinity);
    return;
  }
  const sign = value.sign();
  if (sign === 0) {
    key.push(NumericKind.Zero);
    return;
  }
  const start = key.length + 1;
  key.push(sign > 0 ? NumericKind.Positive : NumericKind.Negative);
  const digits = String(sign > 0 ? value.unscaled : -value.unscaled);
  // value = 0.digits * 10^exponent
  pushInteger(key, digits.length - value.scale);
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end--;
  for (let index = 0; index < end; index += 2) {
    const second = index + 1 < end ? digits.charCodeAt(index + 1) - 48 : 0;
    key.push((digits.charCodeAt(index) - 48) * 10 + second + 1);
  }
  key.push(0);
  if (sign < 0) for (let index = start; index < key.length; index++) key.bytes[index] ^= 0xff;
}

function pushArray(key: IndexKey, { elements, dimensions, lowerBounds }: SqlArray, elementForm: KeyForm): void {
  for (const element of elements) {
    if (element === null) key.push(ArrayMark.Null);
    else {
      key.push(ArrayMark.Value);
      elementForm.push(key, element);
    }
  }
  key.push(ArrayMark.End);
  pushInteger(key, dimensions.length);
  for (const length of dimensions) pushInteger(key, length);
  for (const bound of lowerBounds) pushInteger(key, bound);
}

function pushRange(key: IndexKey, range: SqlRange, boundForm: KeyForm): void {
  key.push(range.isEmpty ? RangeMark.Empty : RangeMark.Bounds);
  if (!range.isEmpty) pushBounds(key, range, boundForm);
}

function pushBounds(key: IndexKey, range: SqlRange, boundForm: KeyForm): void {
  const { lower, upper, includesLower, includesUpper } = range;
  if (lower === null) key.push(BoundMark.BelowAll);
  else {
    key.push(BoundMark.Value);
    boundForm.push(key, lower);
    key.push(includesLower ? BoundPlace.First : BoundPlace.Second);
  }
  if (upper === null) key.push(BoundMark.AboveAll);
  else {
    key.push(BoundMark.Value);
    boundForm.push(key, upper);
    key.push(includesUpper ? BoundPlace.Second : BoundPlace.First);
  }
}

/**
 * The network comes first, and of two of which one lies within the other the wider one. Texts of up to 4 bits are counted
 * from 1: nothing, 0, 00, 000, 0000, 0001, 001 …
 */
function pushAddress(key: IndexKey, address: Uint8Array): void {
  const bits = address[0];
  key.push(address.length - 1);
  for (let start = 0; ; start += 4) {
    let place = 1;
    for (let at = 0; at < 4 && start + at < bits; at++) {
      const bit = (address[1 + ((start + at) >> 3)] >> (7 - ((start + at) & 7))) & 1;
      place += 1 + bit * (2 ** (4 - at) - 1);
    }
    key.push(place);
    if (start + 4 > bits) break;
  }
  for (let at = 1; at < address.length; at++) key.push(address[at]);
}

function pushMultirange(key: IndexKey, { ranges }: SqlMultirange, boundForm: KeyForm): void {
  for (const range of ranges) {
    key.push(RangeMark.Bounds);
    pushBounds(key, range, boundForm);
  }
  key.push(RangeMark.Empty);
}

function withoutTrailingSpaces(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 32) end--;
  return end === text.length ? text : text.slice(0, end);
}
