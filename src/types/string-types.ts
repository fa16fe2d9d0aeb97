import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { fixedLengthView, readText, withoutZero } from './binary-form.ts';
import { compareUtf8 } from './compare-utf8.ts';
import type { TypeDefinition } from './type-definition.ts';

/** What all types represented as a string share: the text is its own text form and, in UTF-8, its binary form. */
export const textForm = {
  length: -1,
  isPreferred: false,
  elementOid: 0,
  representation: 'text',
  isComparable: true,
  parse: withoutZero,
  format: (value) => value as string,
  readBinary: readText,
  writeBinary: (value, writer) => {
    writer.string(value as string);
  },
  compare: (left, right) => compareUtf8(left as string, right as string),
  hashKey: (value) => value as string,
} as const satisfies Partial<TypeDefinition>;

export const text: TypeDefinition = {
  ...textForm,
  oid: 25,
  name: 'text',
  sqlName: 'text',
  category: 'S',
  isPreferred: true,
  arrayOid: 1009,
};

const TYPMOD_HEADER = 4;

/** The modifier of `varchar(length)` and `char(length)`. */
export function lengthTypmod(length: number): number {
  return length + TYPMOD_HEADER;
}

/** The declared length in characters, or undefined. */
export function declaredLength(typmod: number): number | undefined {
  return typmod < TYPMOD_HEADER ? undefined : typmod - TYPMOD_HEADER;
}

/** Cuts to the declared length. An assignment may lose nothing but spaces (22001), an explicit cast may. */
export function coerceVarchar(value: string, typmod: number, isExplicit: boolean): string {
  const length = declaredLength(typmod);
  // No string has more characters than UTF-16 units: most need not be counted.
  if (length === undefined || value.length <= length) return value;
  return cut(value, length, isExplicit, `character varying(${length})`);
}

export const varchar: TypeDefinition = {
  ...textForm,
  oid: 1043,
  name: 'varchar',
  sqlName: 'character varying',
  category: 'S',
  arrayOid: 1015,
  parse: (value, _context, typmod) => coerceVarchar(withoutZero(value), typmod, false),
};

/** Cuts like `coerceVarchar`, and fills up with spaces. */
export function coerceBpchar(value: string, typmod: number, isExplicit: boolean): string {
  const length = declaredLength(typmod);
  if (length === undefined) return value;
  const kept = value.length <= length ? value : cut(value, length, isExplicit, `character(${length})`);
  const missing = length - characterCount(kept);
  return missing > 0 ? kept + ' '.repeat(missing) : kept;
}

/** `char(n)` compares without the spaces that fill it up. */
export const bpchar: TypeDefinition = {
  ...textForm,
  oid: 1042,
  name: 'bpchar',
  sqlName: 'character',
  category: 'S',
  arrayOid: 1014,
  hasLooseEquality: true,
  parse: (value, _context, typmod) => coerceBpchar(withoutZero(value), typmod, false),
  compare: (left, right) => compareUtf8(withoutTrailingSpaces(left as string), withoutTrailingSpaces(right as string)),
  hashKey: (value) => withoutTrailingSpaces(value as string),
};

const NAME_BYTES = 63;

/** A name's first 63 bytes, cut between characters. */
export function truncateName(value: string): string {
  if (value.length * 3 <= NAME_BYTES || Buffer.byteLength(value) <= NAME_BYTES) return value;
  let size = 0;
  let kept = '';
  for (const character of value) {
    size += Buffer.byteLength(character);
    if (size > NAME_BYTES) break;
    kept += character;
  }
  return kept;
}

export const name: TypeDefinition = {
  ...textForm,
  oid: 19,
  name: 'name',
  sqlName: 'name',
  length: 64,
  category: 'S',
  arrayOid: 1003,
  parse: (value) => truncateName(withoutZero(value)),
  readBinary: (bytes) => {
    const value = readText(bytes);
    if (bytes.length <= NAME_BYTES) return value;
    throw new SqlError(SqlState.NameTooLong, 'identifier too long', {
      detail: 'Identifier must be less than 64 characters.',
    });
  },
};

/** The one-byte type "char", a string of at most one character with the code of the byte. */
export const char: TypeDefinition = {
  ...textForm,
  oid: 18,
  name: 'char',
  sqlName: '"char"',
  length: 1,
  category: 'Z',
  arrayOid: 1002,
  parse: parseChar,
  format: (value) => formatChar(value as string),
  readBinary: (bytes) => charOfByte(fixedLengthView(bytes, 1).getUint8(0)),
  writeBinary: (value, writer) => writer.uint8((value as string) === '' ? 0 : (value as string).charCodeAt(0)),
};

/** Bytes beyond ASCII in octal: `\\377`. */
export function formatChar(value: string): string {
  const code = value.charCodeAt(0);
  return code >= 0x80 ? `\\${code.toString(8)}` : value;
}

/** The first byte of a text, or the one that it names in octal. */
export function parseChar(value: string): string {
  const octal = /^\\([0-7]{3})$/.exec(value)?.[1];
  if (octal !== undefined) return charOfByte(Number.parseInt(octal, 8) & 0xff);
  if (value === '' || value.charCodeAt(0) < 0x80) return value.slice(0, 1);
  return charOfByte(Buffer.from(value)[0]!);
}

function charOfByte(byte: number): string {
  return byte === 0 ? '' : String.fromCharCode(byte);
}

/** A literal or parameter whose type is not known yet. */
export const unknown: TypeDefinition = {
  ...textForm,
  oid: 705,
  name: 'unknown',
  sqlName: 'unknown',
  length: -2,
  category: 'X',
  arrayOid: 0,
  isComparable: false,
};

/** Stored expressions of the system catalogs; nothing reads them back. They are grouped and ordered as the texts that they are. */
export const pg_node_tree: TypeDefinition = {
  ...textForm,
  oid: 194,
  name: 'pg_node_tree',
  sqlName: 'pg_node_tree',
  category: 'Z',
  arrayOid: 0,
};

/** Access privileges in the system catalogs, in their text form. */
export const aclitem: TypeDefinition = {
  ...textForm,
  oid: 1033,
  name: 'aclitem',
  sqlName: 'aclitem',
  length: 12,
  category: 'U',
  arrayOid: 1034,
  isComparable: false,
};

function cut(value: string, length: number, isExplicit: boolean, typeName: string): string {
  const end = offsetOfCharacter(value, length);
  if (end === value.length) return value;
  if (!isExplicit && /[^ ]/.test(value.slice(end))) {
    throw new SqlError(SqlState.StringDataRightTruncation, `value too long for type ${typeName}`);
  }
  return value.slice(0, end);
}

/** Where character number `count` starts, in UTF-16 units, or the end. */
function offsetOfCharacter(value: string, count: number): number {
  let offset = 0;
  for (let seen = 0; seen < count && offset < value.length; seen++) {
    offset += (value.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

/** Characters, not UTF-16 units. */
export function characterCount(value: string): number {
  let count = 0;
  for (let offset = 0; offset < value.length; count++) offset += (value.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

function withoutTrailingSpaces(value: string): string {
  let end = value.length;
  while (end > 0 && value.charCodeAt(end - 1) === 32) end--;
  return end === value.length ? value : value.slice(0, end);
}
