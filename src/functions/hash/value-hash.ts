import type { Numeric } from '../../types/numeric.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64, Value } from '../../types/value.ts';
import { hashBytes, hashBytesExtended } from './hash-bytes.ts';

/** How values of one type are hashed: to 32 bits, and to 64 bits with a seed. */
export interface ValueHash {
  plain(value: Value): number;
  extended(value: Value, seed: bigint): bigint;
}

const INT64_MAX = 2n ** 63n - 1n;
const INT32_MAX = 2 ** 31 - 1;

/** A hash by the bytes of a value. */
function byBytes<T extends Value>(bytesOf: (value: T) => Uint8Array): ValueHash {
  return {
    plain: (value) => hashBytes(bytesOf(value as T)),
    extended: (value, seed) => hashBytesExtended(bytesOf(value as T), seed),
  };
}

function int32Bytes(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
}

/** Numbers that fit into 32 bits have the hash of these. */
function int64Bytes(value: Int64): Uint8Array {
  const exact = typeof value === 'bigint' ? value : Number.isFinite(value) ? BigInt(value) : infinite(value);
  const high = Number(BigInt.asIntN(32, exact >> 32n));
  return int32Bytes(Number(BigInt.asIntN(32, exact)) ^ (exact >= 0n ? high : ~high));
}

const infinite = (sign: number): bigint => (sign > 0 ? INT64_MAX : -INT64_MAX - 1n);

function dayBytes(day: number): Uint8Array {
  return int32Bytes(Number.isFinite(day) ? day : day > 0 ? INT32_MAX : -INT32_MAX - 1);
}

/** Zeros of both signs are one value. */
const ofDouble: ValueHash = {
  plain: (value) => (value === 0 ? 0 : hashBytes(doubleBytes(value as number))),
  extended: (value, seed) =>
    value === 0 ? BigInt.asUintN(64, seed) : hashBytesExtended(doubleBytes(value as number), seed),
};

function doubleBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

const encoder = new TextEncoder();
const ofText = byBytes((value: string) => encoder.encode(value));
const ofInt32 = byBytes(int32Bytes);
const ofInt64 = byBytes(int64Bytes);
const ofRawBytes = byBytes((value: Uint8Array) => value);

const OFFSETS = 65_536;

/** The halves of the block, the higher one first, and the offset. */
function tidBytes(tid: number): Uint8Array {
  const offset = tid % OFFSETS;
  const block = (tid - offset) / OFFSETS;
  const [high, low] = [Math.floor(block / OFFSETS), block % OFFSETS];
  return Uint8Array.of(high, high >> 8, low, low >> 8, offset, offset >> 8);
}

/** Digits to the base of 10,000 without zeros at either end, and the power that the first one is multiplied by. */
function digitsOf(value: Numeric): { readonly bytes: Uint8Array; readonly weight: number } | undefined {
  const [whole = '', fraction = ''] = value.toString().replace('-', '').split('.');
  const before = whole.padStart(Math.ceil(whole.length / 4) * 4, '0');
  const after = fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0');
  const digits = `${before}${after}`.match(/\d{4}/g)?.map(Number) ?? [];
  const first = digits.findIndex((digit) => digit !== 0);
  if (first < 0) return undefined;
  const last = digits.findLastIndex((digit) => digit !== 0);
  const bytes = digits.slice(first, last + 1).flatMap((digit) => [digit & 0xff, digit >> 8]);
  return { bytes: Uint8Array.from(bytes), weight: before.length / 4 - 1 - first };
}

/** However many zeros are written behind it; of the sign nothing is left. */
const ofNumeric: ValueHash = {
  plain: (value) => {
    if (!(value as Numeric).isFinite) return 0;
    const digits = digitsOf(value as Numeric);
    return digits === undefined ? -1 : hashBytes(digits.bytes) ^ digits.weight;
  },
  extended: (value, seed) => {
    if (!(value as Numeric).isFinite) return BigInt.asUintN(64, seed);
    const digits = digitsOf(value as Numeric);
    if (digits === undefined) return BigInt.asUintN(64, seed - 1n);
    return hashBytesExtended(digits.bytes, seed) ^ BigInt.asUintN(64, BigInt(digits.weight));
  },
};

const HASHES: Readonly<Record<string, ValueHash>> = {
  bool: byBytes((value: boolean) => int32Bytes(value ? 1 : 0)),
  char: byBytes((value: string) => int32Bytes(((encoder.encode(value)[0] ?? 0) << 24) >> 24)),
  int2: ofInt32,
  int4: ofInt32,
  oid: ofInt32,
  date: byBytes(dayBytes),
  int8: ofInt64,
  time: ofInt64,
  timestamp: ofInt64,
  timestamptz: ofInt64,
  float4: ofDouble,
  float8: ofDouble,
  numeric: ofNumeric,
  name: ofText,
  text: ofText,
  varchar: ofText,
  bpchar: byBytes((value: string) => encoder.encode(value.replace(/ +$/, ''))),
  bytea: ofRawBytes,
  macaddr: ofRawBytes,
  macaddr8: ofRawBytes,
  uuid: byBytes((value: string) => Uint8Array.from(Buffer.from(value.replaceAll('-', ''), 'hex'))),
  tid: byBytes(tidBytes),
};

/** undefined: values of the type have no hash here. */
export function hashOf({ name }: TypeDefinition): ValueHash | undefined {
  return HASHES[name];
}
