import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { RecordField } from './sql-record.ts';
import type { TimeZone } from './time-zone.ts';
import type { Value } from './value.ts';

/**
 * How the values of a type lie in memory, as scalar / as column (`columnar/column.ts`):
 *
 *   boolean   true, false          BooleanColumn
 *   float64   number               NumberColumn: smallint, integer, oid, real, double precision, date (days since 2000-01-01),
 *                                  enums (sort orders of their labels)
 *   int64     Int64                NumberColumn, or WideColumn when some value passes ±2^53: bigint, time (µs since
 *                                  midnight), timetz (packed, see timetz.ts), timestamp, timestamptz (µs since 2000-01-01; ±Infinity as numbers)
 *   text      string               DictionaryColumn, BytesColumn or ValueColumn: text, varchar, char, name, "char", uuid, bit, json,
 *                                  jsonb (in its canonical form)
 *   value     object               ValueColumn: numeric, interval, bytea, inet, macaddr, arrays, records, ranges,
 *                                  multiranges
 */
export type Representation = 'boolean' | 'float64' | 'int64' | 'text' | 'value';

/** pg_type.typcategory; E are enums, C row types, R ranges and multiranges. */
export type TypeCategory = 'A' | 'B' | 'C' | 'D' | 'E' | 'I' | 'N' | 'R' | 'S' | 'T' | 'U' | 'V' | 'X' | 'Z' | 'P';

/** Session settings and facts which text input and output depend on. */
export interface TypeContext {
  readonly timeZone: TimeZone;
  /** DateStyle: the output format and the field order of ambiguous input. */
  readonly dateStyle: { readonly format: 'ISO' | 'Postgres' | 'SQL' | 'German'; readonly order: 'MDY' | 'DMY' | 'YMD' };
  readonly intervalStyle: 'postgres' | 'postgres_verbose' | 'sql_standard' | 'iso_8601';
  readonly extraFloatDigits: number;
  readonly byteaOutput: 'hex' | 'escape';
  /** Start of the transaction in µs since 2000-01-01 UTC: what the inputs 'now', 'today' … mean. */
  readonly transactionStart: number;
  /** Looks names up for regclass and regproc; without it they know numbers only. */
  readonly resolveName?: NameResolver;
}

/** Kinds of objects that have a reg type, beside relations and types: a function by its name or with its arguments … */
export type NamedKind = 'function' | 'procedure' | 'operator' | 'operator-signature' | 'role' | 'schema' | 'collation';

/** Names of catalog objects as text input and output sees them: found through the search path, qualified where needed. */
export interface NameResolver {
  relation(name: string): number | undefined;
  relationName(oid: number): string | undefined;
  /** Objects of other kinds. Throws 42725 for a name of several. */
  object?(kind: NamedKind, name: string): number | undefined;
  objectName?(kind: NamedKind, oid: number): string | undefined;
  /** Types that were created; the built-in ones are known anyway. */
  type?(name: string): number | undefined;
  typeName?(oid: number): string | undefined;
}

/**
 * One SQL type: its identity in pg_type, its text and binary forms (PostgreSQL's, to the byte), its order.
 * Input functions throw `SqlError` 22P02 and its like without a position; the caller knows the place.
 */
export interface TypeDefinition {
  readonly oid: number;
  /** pg_type.typname: `int8`. */
  readonly name: string;
  /** What format_type prints without a modifier: `bigint`. */
  readonly sqlName: string;
  /** pg_type.typlen: bytes, -1 for variable length, -2 for a C string. */
  readonly length: number;
  readonly category: TypeCategory;
  readonly isPreferred: boolean;
  /** OID of the array type over this one; 0 when there is none. */
  readonly arrayOid: number;
  /** OID of the element of an array type; 0 for others. */
  readonly elementOid: number;
  readonly representation: Representation;
  /** False for json, xid …: no btree order, so no ORDER BY, GROUP BY or DISTINCT (42883). */
  readonly isComparable: boolean;
  /** Of an enum: the sort orders of its labels, ascending. */
  readonly enumOrders?: readonly number[];
  /**
   * Of types represented as text: equal values may be different strings (char(n) does not count the spaces that fill it
   * up, jsonb not the zeros at the end of its numbers), so that only `compare` and `hashKey` tell.
   */
  readonly hasLooseEquality?: boolean;
  /** Of a record whose columns are known while a statement is bound: a row's type. */
  readonly fields?: readonly RecordField[];

  parse(text: string, context: TypeContext, typmod: number): Value;
  format(value: Value, context: TypeContext): string;
  /** Throws 22P03 when the bytes have the wrong length or form. `bytes` is exactly one value. */
  readBinary(bytes: Uint8Array, context: TypeContext): Value;
  /** Appends the value's binary form, without the length word. */
  writeBinary(value: Value, writer: ByteWriter): void;
  /** Total order of non-NULL values (btree order: NaN after all numbers, text by UTF-8 bytes). */
  compare(left: Value, right: Value): number;
  /** A key for a `Map`: two non-NULL values are equal exactly when their keys are. */
  hashKey(value: Value): string | number | bigint | boolean;
}

/** A type with its modifier (`numeric(10,2)`, `varchar(5)`); -1 means none. */
export interface SqlType {
  readonly definition: TypeDefinition;
  readonly typmod: number;
}
