import type { ByteWriter } from '../bytes/byte-writer.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { RecordField, SqlRecord } from './sql-record.ts';
import type { TypeContext, TypeDefinition } from './type-definition.ts';

/** Columns that would not be read back as themselves stand in quotes. */
const NEEDS_QUOTES = /^$|[(),"\\\s]/;

/** `(1,"a b",)`: NULL is nothing at all, an empty text a pair of quotes. */
function formatRecord({ fields, values }: SqlRecord, context: TypeContext): string {
  const columns = values.map((value, at) => {
    if (value === null) return '';
    const text = fields[at].type.definition.format(value, context);
    return NEEDS_QUOTES.test(text) ? `"${text.replace(/["\\]/g, '$&$&')}"` : text;
  });
  return `(${columns.join(',')})`;
}

/**
 *   | column count (int32) |
 *   per column | OID of its type | length, -1 for NULL (int32) | the value's binary form |
 */
function writeRecord({ fields, values }: SqlRecord, writer: ByteWriter): void {
  writer.int32(values.length);
  for (const [at, value] of values.entries()) {
    const { definition } = fields[at].type;
    writer.uint32(definition.oid);
    const lengthAt = writer.length;
    writer.int32(-1);
    if (value === null) continue;
    definition.writeBinary(value, writer);
    writer.setInt32(lengthAt, writer.length - lengthAt - 4);
  }
}

/**
 * Column by column, NULL after all values. Throws 42804 for rows that are not of one shape, 42883 for values of types without
 * an order (`missing`, as the message says it).
 */
export function compareRecords(left: SqlRecord, right: SqlRecord, missing = 'a comparison function'): number {
  const shared = Math.min(left.values.length, right.values.length);
  for (let at = 0; at < shared; at++) {
    const { definition } = left.fields[at].type;
    const other = right.fields[at].type.definition;
    if (definition.oid !== other.oid) {
      throw new SqlError(
        SqlState.DatatypeMismatch,
        `cannot compare dissimilar column types ${definition.sqlName} and ${other.sqlName} at record column ${at + 1}`,
      );
    }
    const a = left.values[at];
    const b = right.values[at];
    if (a === null || b === null) {
      if (a !== b) return a === null ? 1 : -1;
      continue;
    }
    if (!definition.isComparable) {
      throw new SqlError(SqlState.UndefinedFunction, `could not identify ${missing} for type ${definition.sqlName}`);
    }
    const order = definition.compare(a, b);
    if (order !== 0) return order;
  }
  if (left.values.length === right.values.length) return 0;
  throw new SqlError(SqlState.DatatypeMismatch, 'cannot compare record types with different numbers of columns');
}

/** Each column's key with its length, so that no two lists of keys run together. */
function recordKey({ fields, values }: SqlRecord): string {
  let key = '';
  for (const [at, value] of values.entries()) {
    if (value === null) key += 'N;';
    else {
      const itemKey = String(fields[at].type.definition.hashKey(value));
      key += `${itemKey.length}:${itemKey};`;
    }
  }
  return key;
}

function refuseInput(): never {
  throw new SqlError(SqlState.FeatureNotSupported, 'input of anonymous composite types is not implemented');
}

/** A row of whatever columns. It has no input: only rows that a statement makes are of this type. */
export const record: TypeDefinition = {
  oid: 2249,
  name: 'record',
  sqlName: 'record',
  length: -1,
  category: 'P',
  isPreferred: false,
  arrayOid: 2287,
  elementOid: 0,
  representation: 'value',
  isComparable: true,
  parse: refuseInput,
  format: (value, context) => formatRecord(value as SqlRecord, context),
  readBinary: refuseInput,
  writeBinary: (value, writer) => writeRecord(value as SqlRecord, writer),
  compare: (left, right) => compareRecords(left as SqlRecord, right as SqlRecord),
  hashKey: (value) => recordKey(value as SqlRecord),
};

/** Records and rows of named types. */
export function isRecordType(type: TypeDefinition): boolean {
  return type.fields !== undefined || type.oid === record.oid;
}

const shapes = new Map<string, TypeDefinition>();
/** More shapes than statements have; past it a shape is made anew, which only costs. */
const MAX_SHAPES = 10_000;

/** `record` with the columns known: what a row constructor or a table's name means. One object for each shape. */
export function recordTypeOver(fields: readonly RecordField[]): TypeDefinition {
  const key = fields.map(({ name, type }) => `${name.length}:${name}${type.definition.oid},${type.typmod}`).join(';');
  const shape = shapes.get(key);
  // An enum's definition is another object once it has other labels.
  if (shape?.fields?.every((field, at) => field.type.definition === fields[at].type.definition) === true) return shape;
  const made = { ...record, fields };
  if (shapes.size < MAX_SHAPES || shape !== undefined) shapes.set(key, made);
  return made;
}
