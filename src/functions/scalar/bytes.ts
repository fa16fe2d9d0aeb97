import { createHash } from 'node:crypto';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { bytea } from '../../types/bytea.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import type { Int64 } from '../../types/value.ts';
import { defineOperator, defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { like, likeEscape } from './like-pattern.ts';

const INT4_MAX = 2_147_483_647;

function negativeLength(): SqlError {
  return new SqlError(SqlState.SubstringError, 'negative substring length not allowed');
}

function substring(value: Uint8Array, start: number, count: number): Uint8Array {
  if (count < 0) throw negativeLength();
  return value.slice(Math.max(start - 1, 0), Math.max(start - 1 + count, 0));
}

const substringFrom = (value: Uint8Array, start: number): Uint8Array => value.slice(Math.max(start - 1, 0));

function overlay(value: Uint8Array, replacement: Uint8Array, start: number, count = replacement.length): Uint8Array {
  if (start <= 0) throw negativeLength();
  if (start + count > INT4_MAX) throw new SqlError(SqlState.NumericValueOutOfRange, 'integer out of range');
  const head = value.subarray(0, start - 1);
  const tail = value.subarray(Math.max(start - 1 + count, 0));
  const result = new Uint8Array(head.length + replacement.length + tail.length);
  result.set(head);
  result.set(replacement, head.length);
  result.set(tail, head.length + replacement.length);
  return result;
}

/** Place of the first occurrence, from 1; 0 when there is none. */
const position = (value: Uint8Array, searched: Uint8Array): number => asBuffer(value).indexOf(searched) + 1;

function asBuffer(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.length);
}

function trimmed(value: Uint8Array, set: Uint8Array, ends: { readonly start: boolean; readonly end: boolean }) {
  let from = 0;
  let to = value.length;
  if (ends.start) while (from < to && set.includes(value[from])) from++;
  if (ends.end) while (to > from && set.includes(value[to - 1])) to--;
  return value.slice(from, to);
}

/** Bytes and bits count from 0. */
function checkIndex(index: Int64, count: number): number {
  if (index >= 0 && index < count) return Number(index);
  throw new SqlError(SqlState.ArraySubscriptError, `index ${index} out of valid range, 0..${count - 1}`);
}

const byteAt = (value: Uint8Array, index: number): number => value[checkIndex(index, value.length)];

function withByte(value: Uint8Array, index: number, byte: number): Uint8Array {
  const at = checkIndex(index, value.length);
  const changed = value.slice();
  changed[at] = byte & 0xff;
  return changed;
}

const bitAt = (value: Uint8Array, index: Int64): number => {
  const at = checkIndex(index, value.length * 8);
  return (value[Math.floor(at / 8)] >> (at % 8)) & 1;
};

function withBit(value: Uint8Array, index: Int64, bit: number): Uint8Array {
  const at = checkIndex(index, value.length * 8);
  if (bit !== 0 && bit !== 1) throw new SqlError(SqlState.InvalidParameterValue, 'new bit must be 0 or 1');
  const changed = value.slice();
  const mask = 1 << (at % 8);
  const byte = Math.floor(at / 8);
  changed[byte] = bit === 1 ? changed[byte] | mask : changed[byte] & ~mask;
  return changed;
}

const BITS_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

function bitCount(value: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < value.length; at++) count += BITS_OF_BYTE[value[at]];
  return count;
}

const digest = (algorithm: string) => (value: Uint8Array) =>
  new Uint8Array(createHash(algorithm).update(value).digest());

/** Bytes as characters U+0000 to U+00FF, in which LIKE works as it does in text. */
const asCharacters = (value: Uint8Array): string => asBuffer(value).toString('latin1');

const matches = (value: Uint8Array, pattern: Uint8Array): boolean => like(asCharacters(value), asCharacters(pattern));
const doesNotMatch = (value: Uint8Array, pattern: Uint8Array): boolean => !matches(value, pattern);
const escaped = (pattern: Uint8Array, escapeByte: Uint8Array): Uint8Array =>
  Uint8Array.from(Buffer.from(likeEscape(asCharacters(pattern), asCharacters(escapeByte)), 'latin1'));

export const byteOperators: readonly OperatorDefinition[] = [
  defineOperator('~~', 2016, defineScalar('bytealike', 2005, [bytea, bytea], bool, matches)),
  defineOperator('!~~', 2017, defineScalar('byteanlike', 2006, [bytea, bytea], bool, doesNotMatch)),
];

/** What can be done with binary strings; encode() and the like are in byte-encoding.ts. */
export const byteFunctions: readonly ScalarFunction[] = [
  defineScalar('substring', 2012, [bytea, int4, int4], bytea, substring),
  defineScalar('substring', 2013, [bytea, int4], bytea, substringFrom, total),
  defineScalar('substr', 2085, [bytea, int4, int4], bytea, substring),
  defineScalar('substr', 2086, [bytea, int4], bytea, substringFrom, total),
  defineScalar('overlay', 749, [bytea, bytea, int4, int4], bytea, overlay),
  defineScalar('overlay', 752, [bytea, bytea, int4], bytea, overlay),
  defineScalar('position', 2014, [bytea, bytea], int4, position, total),
  defineScalar('btrim', 2015, [bytea, bytea], bytea, (value, set) => trimmed(value, set, { start: true, end: true })),
  defineScalar('ltrim', 6195, [bytea, bytea], bytea, (value, set) => trimmed(value, set, { start: true, end: false })),
  defineScalar('rtrim', 6196, [bytea, bytea], bytea, (value, set) => trimmed(value, set, { start: false, end: true })),
  defineScalar('get_bit', 723, [bytea, int8], int4, bitAt),
  defineScalar('set_bit', 724, [bytea, int8, int4], bytea, withBit),
  defineScalar('get_byte', 721, [bytea, int4], int4, byteAt),
  defineScalar('set_byte', 722, [bytea, int4, int4], bytea, withByte),
  defineScalar('bit_count', 6163, [bytea], int8, bitCount, total),
  defineScalar('sha224', 3419, [bytea], bytea, digest('sha224'), total),
  defineScalar('sha256', 3420, [bytea], bytea, digest('sha256'), total),
  defineScalar('sha384', 3421, [bytea], bytea, digest('sha384'), total),
  defineScalar('sha512', 3422, [bytea], bytea, digest('sha512'), total),
  defineScalar('like', 2007, [bytea, bytea], bool, matches),
  defineScalar('notlike', 2008, [bytea, bytea], bool, doesNotMatch),
  defineScalar('like_escape', 2009, [bytea, bytea], bytea, escaped),
];
