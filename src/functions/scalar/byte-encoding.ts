import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bytea } from '../../types/bytea.ts';
import { int4 } from '../../types/int4.ts';
import { name, text } from '../../types/string-types.ts';
import {
  canConvert,
  decodeText,
  type EncodingName,
  encodeText,
  encodingNamed,
  encodingNumber,
  encodingOfNumber,
  maxCharacterLength,
  requireNoZero,
} from '../../types/text-encoding.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';

const BACKSLASH = 92;
const BASE64_LINE = 76;

function encode(bytes: Uint8Array, format: string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (format.toLowerCase()) {
    case 'hex':
      return buffer.toString('hex');
    case 'base64':
      return (buffer.toString('base64').match(new RegExp(`.{1,${BASE64_LINE}}`, 'g')) ?? []).join('\n');
    case 'escape':
      return encodeEscapes(bytes);
    default:
      throw unrecognizedEncoding(format);
  }
}

function decode(value: string, format: string): Uint8Array {
  switch (format.toLowerCase()) {
    case 'hex':
      return decodeHex(value);
    case 'base64':
      return decodeBase64(value);
    case 'escape':
      return decodeEscapes(value);
    default:
      throw unrecognizedEncoding(format);
  }
}

function unrecognizedEncoding(format: string): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, `unrecognized encoding: "${format}"`);
}

/** Zero and bytes beyond ASCII as octal numbers; what else cannot be printed stands for itself. */
function encodeEscapes(bytes: Uint8Array): string {
  let encoded = '';
  for (const byte of bytes) {
    if (byte === BACKSLASH) encoded += '\\\\';
    else if (byte === 0 || byte > 127) encoded += `\\${byte.toString(8).padStart(3, '0')}`;
    else encoded += String.fromCharCode(byte);
  }
  return encoded;
}

function decodeEscapes(value: string): Uint8Array {
  // The bytes of what is not escaped are those of its UTF-8 form.
  const escaped = Buffer.from(value).toString('latin1');
  const decoded = escaped.replace(/\\(\\|[0-3][0-7]{2})?/g, (_, sign: string | undefined) => {
    if (sign === undefined) {
      throw new SqlError(SqlState.InvalidTextRepresentation, 'invalid input syntax for type bytea');
    }
    return sign === '\\' ? sign : String.fromCharCode(Number.parseInt(sign, 8));
  });
  return Uint8Array.from(Buffer.from(decoded, 'latin1'));
}

const isBlank = (character: string): boolean => /[ \n\t\r]/.test(character);

/** Pairs of digits, with white space between pairs but not within them. */
function decodeHex(value: string): Uint8Array {
  const characters = [...value];
  const bytes: number[] = [];
  const digitAt = (at: number): number => {
    const character = characters[at];
    if (/^[0-9A-Fa-f]$/.test(character)) return Number.parseInt(character, 16);
    throw new SqlError(SqlState.InvalidParameterValue, `invalid hexadecimal digit: "${character}"`);
  };
  for (let at = 0; at < characters.length; ) {
    if (isBlank(characters[at])) {
      at++;
      continue;
    }
    const high = digitAt(at);
    if (at + 1 >= characters.length) {
      throw new SqlError(SqlState.InvalidParameterValue, 'invalid hexadecimal data: odd number of digits');
    }
    bytes.push(high * 16 + digitAt(at + 1));
    at += 2;
  }
  return Uint8Array.from(bytes);
}

const BASE64_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Groups of four characters are three bytes. A group that ends in `=` or `==` is two or one; so are those that follow it,
 * where it was not the last.
 */
function decodeBase64(value: string): Uint8Array {
  const bytes: number[] = [];
  let group = 0;
  let place = 0;
  let bytesInGroup = 3;
  for (const character of value) {
    if (isBlank(character)) continue;
    let digit = BASE64_DIGITS.indexOf(character);
    if (character === '=') {
      if (bytesInGroup === 3) {
        if (place < 2) {
          throw new SqlError(SqlState.InvalidParameterValue, 'unexpected "=" while decoding base64 sequence');
        }
        bytesInGroup = place - 1;
      }
      digit = 0;
    } else if (digit < 0) {
      const message = `invalid symbol "${character}" found while decoding base64 sequence`;
      throw new SqlError(SqlState.InvalidParameterValue, message);
    }
    group = (group << 6) | digit;
    if (++place < 4) continue;
    for (let byte = 0; byte < bytesInGroup; byte++) bytes.push((group >> (16 - byte * 8)) & 0xff);
    group = 0;
    place = 0;
  }
  if (place !== 0) {
    throw new SqlError(SqlState.InvalidParameterValue, 'invalid base64 end sequence', {
      hint: 'Input data is missing padding, is truncated, or is otherwise corrupted.',
    });
  }
  return Uint8Array.from(bytes);
}

function requireEncoding(encoding: string, role: 'source ' | 'destination ' | ''): EncodingName {
  const found = encodingNamed(encoding);
  if (found !== undefined) return found;
  throw new SqlError(SqlState.InvalidParameterValue, `invalid ${role}encoding name "${encoding}"`);
}

const convertFrom = (bytes: Uint8Array, source: string): string =>
  decodeText(bytes, requireEncoding(source, 'source '));
const convertTo = (value: string, target: string): Uint8Array =>
  encodeText(value, requireEncoding(target, 'destination '));

function convert(bytes: Uint8Array, source: string, target: string): Uint8Array {
  const from = requireEncoding(source, 'source ');
  const to = requireEncoding(target, 'destination ');
  if (!canConvert(from, to)) {
    const message = `default conversion function for encoding "${from}" to "${to}" does not exist`;
    throw new SqlError(SqlState.UndefinedFunction, message);
  }
  if (from === to) {
    decodeText(bytes, from);
    return bytes;
  }
  return encodeText(decodeText(bytes, from, to), to);
}

const lengthInEncoding = (bytes: Uint8Array, encoding: string): number => {
  const found = requireEncoding(encoding, '');
  if (found !== 'UTF8' && maxCharacterLength(found) === 1) {
    requireNoZero(bytes, found);
    return bytes.length;
  }
  return [...decodeText(bytes, found)].length;
};

/** Letters without their accents exist for a few encodings only, and this database's is none of them. */
function toAscii(value: string, encoding: EncodingName): string {
  if (!['LATIN1', 'LATIN2', 'LATIN9', 'WIN1250'].includes(encoding)) {
    const message = `encoding conversion from ${encoding} to ASCII not supported`;
    throw new SqlError(SqlState.FeatureNotSupported, message);
  }
  // The bytes of UTF-8 would be taken for those of that encoding.
  if (/[^\0-\x7f]/.test(value)) throw notSupported('to_ascii of text beyond ASCII');
  return value;
}

function namedEncoding(encoding: string): EncodingName {
  const found = encodingNamed(encoding);
  if (found !== undefined) return found;
  throw new SqlError(SqlState.UndefinedObject, `${encoding} is not a valid encoding name`);
}

function encodingAt(number: number): EncodingName {
  const found = encodingOfNumber(number);
  if (found === undefined) {
    throw new SqlError(SqlState.UndefinedObject, `${number} is not a valid encoding code`);
  }
  return found;
}

const stable = { volatility: 'stable' } as const;
const fact = { volatility: 'stable', mayThrow: false } as const;

/** Binary strings as text and the other way round, and what is known about encodings. */
export const byteEncodingFunctions: readonly ScalarFunction[] = [
  defineScalar('encode', 1946, [bytea, text], text, encode),
  defineScalar('decode', 1947, [text, text], bytea, decode),
  defineScalar('convert_from', 1714, [bytea, name], text, convertFrom, stable),
  defineScalar('convert_to', 1717, [text, name], bytea, convertTo, stable),
  defineScalar('convert', 1813, [bytea, name, name], bytea, convert, stable),
  defineScalar('length', 1713, [bytea, name], int4, lengthInEncoding, stable),
  defineScalar('to_ascii', 1845, [text], text, (value: string) => toAscii(value, 'UTF8')),
  defineScalar('to_ascii', 1846, [text, int4], text, (value: string, number: number) =>
    toAscii(value, encodingAt(number)),
  ),
  defineScalar('to_ascii', 1847, [text, name], text, (value: string, encoding: string) =>
    toAscii(value, namedEncoding(encoding)),
  ),
  defineScalar(
    'pg_client_encoding',
    810,
    [],
    name,
    ({ session }: FunctionEnvironment) => session.setting('client_encoding') ?? 'UTF8',
    { volatility: 'stable', usesEnvironment: true, mayThrow: false },
  ),
  defineScalar('getdatabaseencoding', 1039, [], name, () => 'UTF8', fact),
  defineScalar('pg_char_to_encoding', 1264, [name], int4, encodingNumber, fact),
  defineScalar('pg_encoding_to_char', 1597, [int4], name, (number: number) => encodingOfNumber(number) ?? '', fact),
  defineScalar(
    'pg_encoding_max_length',
    2319,
    [int4],
    int4,
    (number: number) => {
      const found = encodingOfNumber(number);
      return found === undefined ? null : maxCharacterLength(found);
    },
    { mayThrow: false },
  ),
];
