import { createHash } from 'node:crypto';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { bytea } from '../../types/bytea.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { bpchar, text } from '../../types/string-types.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { WORDS } from './character-classes.ts';
import { lowerCase, upperCase } from './letter-case.ts';
import { likeEscape } from './like-pattern.ts';
import { trimPadding } from './text-form.ts';

const SURROGATE = /[\ud800-\udfff]/;
/** What one text value may grow to; a limit of JavaScript's strings lies not far above. */
const MAX_TEXT_LENGTH = 2 ** 28;

/** Characters, not UTF-16 units: those beyond U+FFFF count once. */
export function characterCount(value: string): number {
  if (!SURROGATE.test(value)) return value.length;
  let count = 0;
  for (const _ of value) count++;
  return count;
}

/** Characters `from` to `to` (exclusive), counted from 0. */
function characterSlice(value: string, from: number, to: number): string {
  if (!SURROGATE.test(value)) return value.slice(from, to);
  return [...value].slice(from, to).join('');
}

function substring(value: string, start: number, count: number): string {
  if (count < 0) throw new SqlError(SqlState.SubstringError, 'negative substring length not allowed');
  return characterSlice(value, Math.max(start - 1, 0), Math.max(start - 1 + count, 0));
}

/** `value` with `count` characters from `start` on replaced; as many as `replacement` has, unless told. */
function overlay(value: string, replacement: string, start: number, count = characterCount(replacement)): string {
  if (start <= 0) throw new SqlError(SqlState.SubstringError, 'negative substring length not allowed');
  if (start + count > 2147483647) throw new SqlError(SqlState.NumericValueOutOfRange, 'integer out of range');
  return (
    characterSlice(value, 0, start - 1) +
    replacement +
    characterSlice(value, Math.max(start - 1 + count, 0), Number.POSITIVE_INFINITY)
  );
}

const substringFrom = (value: string, start: number): string =>
  characterSlice(value, Math.max(start - 1, 0), Number.POSITIVE_INFINITY);

/** A negative count means all but so many characters. */
const left = (value: string, count: number): string =>
  characterSlice(value, 0, count >= 0 ? count : Math.max(characterCount(value) + count, 0));

const right = (value: string, count: number): string => {
  // The smallest integer has no opposite; PostgreSQL drops nothing then.
  if (count === -2147483648) return value;
  const length = characterCount(value);
  return characterSlice(value, count >= 0 ? Math.max(length - count, 0) : Math.min(-count, length), length);
};

function checkLength(length: number): void {
  if (length > MAX_TEXT_LENGTH) throw new SqlError(SqlState.ProgramLimitExceeded, 'requested length too large');
}

/** The first `count` characters of `fill` repeated. */
function filling(fill: string, count: number): string {
  const characters = SURROGATE.test(fill) ? [...fill] : undefined;
  if (characters === undefined) return fill.repeat(Math.ceil(count / fill.length)).slice(0, count);
  let filled = '';
  for (let at = 0; at < count; at++) filled += characters[at % characters.length];
  return filled;
}

function padded(value: string, length: number, fill: string, side: 'left' | 'right'): string {
  if (fill !== '') checkLength(length);
  const missing = length - characterCount(value);
  if (missing <= 0) return characterSlice(value, 0, Math.max(length, 0));
  if (fill === '') return value;
  return side === 'left' ? filling(fill, missing) + value : value + filling(fill, missing);
}

const leftPadded = (value: string, length: number, fill = ' '): string => padded(value, length, fill, 'left');
const rightPadded = (value: string, length: number, fill = ' '): string => padded(value, length, fill, 'right');

function repeat(value: string, count: number): string {
  if (count <= 0) return '';
  checkLength(value.length * count);
  return value.repeat(count);
}

/** Strips any of the characters in `set` from the ends. */
function trimmed(value: string, set: string, ends: { readonly start: boolean; readonly end: boolean }): string {
  const characters = SURROGATE.test(value) ? [...value] : value;
  const members = new Set(set);
  let from = 0;
  let to = characters.length;
  if (ends.start) while (from < to && members.has(characters[from]!)) from++;
  if (ends.end) while (to > from && members.has(characters[to - 1]!)) to--;
  if (to - from === characters.length) return value;
  return typeof characters === 'string' ? characters.slice(from, to) : characters.slice(from, to).join('');
}

const trimBoth = (value: string, set = ' '): string => trimmed(value, set, { start: true, end: true });
const trimLeft = (value: string, set = ' '): string => trimmed(value, set, { start: true, end: false });
const trimRight = (value: string, set = ' '): string => trimmed(value, set, { start: false, end: true });

/** Place of the first occurrence, from 1; 0 when there is none. */
function position(value: string, searched: string): number {
  const index = value.indexOf(searched);
  if (index < 0) return 0;
  return SURROGATE.test(value) ? characterCount(value.slice(0, index)) + 1 : index + 1;
}

function replace(value: string, from: string, to: string): string {
  return from === '' ? value : value.split(from).join(to);
}

/** Each character of `from` becomes its counterpart in `to`, or nothing when there is none. */
function translate(value: string, from: string, to: string): string {
  const replacements = new Map<string, string>();
  const targets = [...to];
  [...from].forEach((character, at) => {
    if (!replacements.has(character)) replacements.set(character, targets[at] ?? '');
  });
  let result = '';
  for (const character of value) result += replacements.get(character) ?? character;
  return result;
}

/** Fields count from 1, from the end if negative. */
function splitPart(value: string, delimiter: string, field: number): string {
  if (field === 0) throw new SqlError(SqlState.InvalidParameterValue, 'field position must not be zero');
  if (value === '') return '';
  const parts = delimiter === '' ? [value] : value.split(delimiter);
  return parts[field > 0 ? field - 1 : parts.length + field] ?? '';
}

const reverse = (value: string): string => [...value].reverse().join('');

/** Words are runs of letters and digits. */
const capitalized = (value: string): string =>
  value.replace(WORDS, (word) => {
    const [first = ''] = word;
    return upperCase(first) + lowerCase(word.slice(first.length));
  });

const codeOfFirst = (value: string): number => value.codePointAt(0) ?? 0;

function characterOf(code: number): string {
  if (code === 0) throw new SqlError(SqlState.ProgramLimitExceeded, 'null character not permitted');
  if (code < 0) throw new SqlError(SqlState.InvalidParameterValue, 'character number must be positive');
  if (code > 0x10ffff) {
    throw new SqlError(SqlState.ProgramLimitExceeded, `requested character too large for encoding: ${code}`);
  }
  if (code >= 0xd800 && code <= 0xdfff) {
    throw new SqlError(SqlState.ProgramLimitExceeded, `requested character not valid for encoding: ${code}`);
  }
  return String.fromCodePoint(code);
}

const byteCount = (value: string): number => Buffer.byteLength(value);
const byteLength = (value: Uint8Array): number => value.length;
const md5 = (value: string | Uint8Array): string => createHash('md5').update(value).digest('hex');
const hexadecimal = (bits: 32 | 64) => (value: Int64) => BigInt.asUintN(bits, BigInt(value)).toString(16);
const paddedLength = (value: string): number => characterCount(trimPadding(value));

export const textFunctions: readonly ScalarFunction[] = [
  defineScalar('length', 1317, [text], int4, characterCount, total),
  defineScalar('length', 1318, [bpchar], int4, paddedLength, total),
  defineScalar('length', 2010, [bytea], int4, byteLength, total),
  defineScalar('char_length', 1381, [text], int4, characterCount, total),
  defineScalar('char_length', 1372, [bpchar], int4, paddedLength, total),
  defineScalar('character_length', 1369, [text], int4, characterCount, total),
  defineScalar('character_length', 1367, [bpchar], int4, paddedLength, total),
  defineScalar('octet_length', 1374, [text], int4, byteCount, total),
  defineScalar('octet_length', 1375, [bpchar], int4, byteCount, total),
  defineScalar('octet_length', 720, [bytea], int4, byteLength, total),
  defineScalar('bit_length', 1811, [text], int4, (value: string) => byteCount(value) * 8, total),
  defineScalar('bit_length', 1810, [bytea], int4, (value: Uint8Array) => value.length * 8, total),
  defineScalar('lower', 870, [text], text, lowerCase, total),
  defineScalar('upper', 871, [text], text, upperCase, total),
  defineScalar('initcap', 872, [text], text, capitalized, total),
  defineScalar('btrim', 884, [text, text], text, trimBoth, total),
  defineScalar('btrim', 885, [text], text, trimBoth, total),
  defineScalar('ltrim', 875, [text, text], text, trimLeft, total),
  defineScalar('ltrim', 881, [text], text, trimLeft, total),
  defineScalar('rtrim', 876, [text, text], text, trimRight, total),
  defineScalar('rtrim', 882, [text], text, trimRight, total),
  defineScalar('substring', 936, [text, int4, int4], text, substring),
  defineScalar('substring', 937, [text, int4], text, substringFrom, total),
  defineScalar('substr', 877, [text, int4, int4], text, substring),
  defineScalar('substr', 883, [text, int4], text, substringFrom, total),
  defineScalar('overlay', 1404, [text, text, int4, int4], text, overlay),
  defineScalar('overlay', 1405, [text, text, int4], text, overlay),
  defineScalar('left', 3060, [text, int4], text, left, total),
  defineScalar('right', 3061, [text, int4], text, right, total),
  defineScalar('lpad', 873, [text, int4, text], text, leftPadded),
  defineScalar('lpad', 879, [text, int4], text, leftPadded),
  defineScalar('rpad', 874, [text, int4, text], text, rightPadded),
  defineScalar('rpad', 880, [text, int4], text, rightPadded),
  defineScalar('repeat', 1622, [text, int4], text, repeat),
  defineScalar('replace', 2087, [text, text, text], text, replace),
  defineScalar('translate', 878, [text, text, text], text, translate, total),
  defineScalar('position', 849, [text, text], int4, position, total),
  defineScalar('strpos', 868, [text, text], int4, position, total),
  defineScalar('split_part', 2088, [text, text, int4], text, splitPart),
  defineScalar('reverse', 3062, [text], text, reverse, total),
  defineScalar('ascii', 1620, [text], int4, codeOfFirst, total),
  defineScalar('chr', 1621, [int4], text, characterOf),
  defineScalar('md5', 2311, [text], text, md5, total),
  defineScalar('md5', 2321, [bytea], text, md5, total),
  defineScalar('to_hex', 2089, [int4], text, hexadecimal(32), total),
  defineScalar('to_hex', 2090, [int8], text, hexadecimal(64), total),
  defineScalar('like_escape', 1637, [text, text], text, likeEscape),
  defineScalar(
    'starts_with',
    3696,
    [text, text],
    bool,
    (value: string, prefix: string) => value.startsWith(prefix),
    total,
  ),
];
