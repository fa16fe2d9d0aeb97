import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { TypeDefinition } from './type-definition.ts';

const BACKSLASH = 92;

function parseBytea(text: string): Uint8Array {
  if (text.startsWith('\\x')) return parseHex(text.slice(2));
  const source = Buffer.from(text);
  const bytes = new Uint8Array(source.length);
  let length = 0;
  for (let at = 0; at < source.length; at++) {
    let byte = source[at]!;
    if (byte === BACKSLASH) {
      if (source[at + 1] === BACKSLASH) at++;
      else {
        const octal = source.toString('latin1', at + 1, at + 4);
        if (!/^[0-3][0-7]{2}$/.test(octal)) {
          throw new SqlError(SqlState.InvalidTextRepresentation, 'invalid input syntax for type bytea');
        }
        byte = Number.parseInt(octal, 8);
        at += 3;
      }
    }
    bytes[length++] = byte;
  }
  return bytes.slice(0, length);
}

/** Pairs of hexadecimal digits, white space between pairs. */
function parseHex(text: string): Uint8Array {
  // A space inside a pair is left standing and found to be no digit.
  const digits = text.replace(/([0-9a-fA-F]{2})[ \n\t\r]+|^[ \n\t\r]+/g, '$1');
  const wrong = /[^0-9a-fA-F]/u.exec(digits)?.[0];
  if (wrong !== undefined) {
    throw new SqlError(SqlState.InvalidParameterValue, `invalid hexadecimal digit: "${wrong}"`);
  }
  if (digits.length % 2 !== 0) {
    throw new SqlError(SqlState.InvalidParameterValue, 'invalid hexadecimal data: odd number of digits');
  }
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

function formatEscaped(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === BACKSLASH) text += '\\\\';
    else if (byte < 32 || byte > 126) text += `\\${byte.toString(8).padStart(3, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return text;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

export const bytea: TypeDefinition = {
  oid: 17,
  name: 'bytea',
  sqlName: 'bytea',
  length: -1,
  category: 'U',
  isPreferred: false,
  arrayOid: 1001,
  elementOid: 0,
  representation: 'value',
  isComparable: true,
  parse: parseBytea,
  format: (value, context) =>
    context.byteaOutput === 'hex' ? `\\x${hexOf(value as Uint8Array)}` : formatEscaped(value as Uint8Array),
  // The value outlives the message it came in.
  readBinary: (bytes) => bytes.slice(),
  writeBinary: (value, writer) => writer.bytes(value as Uint8Array),
  compare: (left, right) => Buffer.compare(left as Uint8Array, right as Uint8Array),
  hashKey: (value) => hexOf(value as Uint8Array),
};
