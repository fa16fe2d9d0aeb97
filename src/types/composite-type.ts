import { ByteReader, OutOfBytesError } from '../bytes/byte-reader.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { binaryTooShort, invalidBinary } from './binary-form.ts';
import { applyTypmod } from './coerce-length.ts';
import { record } from './record-type.ts';
import { type RecordField, SqlRecord } from './sql-record.ts';
import type { TypeContext, TypeDefinition } from './type-definition.ts';
import type { Value } from './value.ts';

const PLAIN_NAME = /^[a-z_][a-z0-9_]*$/;

/** What makes the row type of a table. */
export interface CompositeIdentity {
  readonly oid: number;
  readonly name: string;
  readonly fields: readonly RecordField[];
}

/** A row type that has a name, and can therefore be read. */
export function compositeType({ oid, name, fields }: CompositeIdentity): TypeDefinition {
  return {
    ...record,
    oid,
    name,
    sqlName: PLAIN_NAME.test(name) ? name : `"${name.replaceAll('"', '""')}"`,
    category: 'C',
    isComparable: fields.every(({ type }) => type.definition.isComparable),
    fields,
    parse: (text, context) => parseRecord(text, fields, context),
    readBinary: (bytes, context) => readRecord(bytes, fields, context),
  };
}

/** `(1,"a b",)`: nothing between two commas is NULL. Throws 22P02. */
function parseRecord(text: string, fields: readonly RecordField[], context: TypeContext): SqlRecord {
  const malformed = (detail: string): SqlError =>
    new SqlError(SqlState.InvalidTextRepresentation, `malformed record literal: "${text}"`, { detail });
  let at = /^\s*/.exec(text)?.[0].length ?? 0;
  if (text.charAt(at) !== '(') throw malformed('Missing left parenthesis.');
  at += 1;
  const values: Value[] = [];
  for (const [index, { type }] of fields.entries()) {
    if (index > 0) {
      if (text.charAt(at) !== ',') throw malformed('Too few columns.');
      at += 1;
    }
    const item = readItem(text, at);
    if (item === undefined) throw malformed('Unexpected end of input.');
    at = item.end;
    const value = item.text === null ? null : type.definition.parse(item.text, context, type.typmod);
    values.push(applyTypmod(value, type, false));
  }
  if (text.charAt(at) !== ')') throw malformed('Too many columns.');
  if (!/^\s*$/.test(text.slice(at + 1))) throw malformed('Junk after right parenthesis.');
  return new SqlRecord(fields, values);
}

/** Up to a comma or the closing parenthesis outside quotes; undefined when the text ends before. */
function readItem(text: string, start: number): { readonly text: string | null; readonly end: number } | undefined {
  const first = text.charAt(start);
  if (first === ',' || first === ')') return { text: null, end: start };
  let item = '';
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (!isQuoted && (character === ',' || character === ')')) return { text: item, end: at };
    if (character === '\\') {
      at += 1;
      if (at === text.length) return undefined;
      item += text.charAt(at);
    } else if (character !== '"') item += character;
    else if (isQuoted && text.charAt(at + 1) === '"') {
      item += '"';
      at += 1;
    } else isQuoted = !isQuoted;
  }
  return undefined;
}

/** The form that `writeBinary` of a record draws. Throws 22P03 and 42804. */
function readRecord(bytes: Uint8Array, fields: readonly RecordField[], context: TypeContext): SqlRecord {
  try {
    const reader = new ByteReader(bytes);
    const count = reader.int32();
    if (count !== fields.length) {
      throw new SqlError(SqlState.DatatypeMismatch, `wrong number of columns: ${count}, expected ${fields.length}`);
    }
    const values = fields.map(({ type: { definition } }, at) => {
      const typeOid = reader.uint32();
      if (typeOid !== definition.oid) {
        throw new SqlError(
          SqlState.DatatypeMismatch,
          `binary data has type ${typeOid} instead of expected ${definition.oid} (${definition.sqlName}) in record column ${at + 1}`,
        );
      }
      const length = reader.int32();
      return length === -1 ? null : definition.readBinary(reader.bytes(length), context);
    });
    if (reader.remaining > 0) throw invalidBinary();
    return new SqlRecord(fields, values);
  } catch (error) {
    if (error instanceof OutOfBytesError) throw binaryTooShort();
    throw error;
  }
}
