import { ByteReader, OutOfBytesError } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { binaryTooLong, binaryTooShort } from './binary-form.ts';
import { type Bound, compareRanges, makeRange, type RangeSubtype } from './range-bounds.ts';
import { formatRange, readRangeText } from './range-text.ts';
import { SqlRange } from './sql-range.ts';
import type { TypeContext, TypeDefinition } from './type-definition.ts';
import type { Value } from './value.ts';

/** The type of the ranges over the values of another one. */
export interface RangeDefinition extends TypeDefinition, RangeSubtype {
  /** The type of the sets of such ranges. */
  readonly multirangeOid: number;
}

export interface RangeIdentity extends RangeSubtype {
  readonly oid: number;
  readonly arrayOid: number;
  readonly multirangeOid: number;
  readonly name: string;
}

export function isRange(type: TypeDefinition): type is RangeDefinition {
  return 'subtype' in type;
}

export function rangeType(identity: RangeIdentity): RangeDefinition {
  const { name, subtype } = identity;
  return {
    ...identity,
    sqlName: name,
    length: -1,
    category: 'R',
    isPreferred: false,
    elementOid: 0,
    representation: 'value',
    isComparable: true,
    parse: (text, context) => parseRange(text, identity, context),
    format: (value, context) => formatRange(value as SqlRange, (bound) => subtype.format(bound, context)),
    readBinary: (bytes, context) => readRange(bytes, identity, context),
    writeBinary: (value, writer) => writeRange(value as SqlRange, subtype, writer),
    compare: (left, right) => compareRanges(subtype, left as SqlRange, right as SqlRange),
    hashKey: (value) => rangeKey(value as SqlRange, subtype),
  };
}

function parseRange(text: string, type: RangeSubtype, context: TypeContext): SqlRange {
  const written = readRangeText(text);
  if (written === undefined) return SqlRange.empty;
  const boundOf = (bound: string | null): Value => (bound === null ? null : type.subtype.parse(bound, context, -1));
  const lower: Bound = { value: boundOf(written.lower), isLower: true, isInclusive: written.includesLower };
  const upper: Bound = { value: boundOf(written.upper), isLower: false, isInclusive: written.includesUpper };
  return makeRange(type, lower, upper);
}

const BinaryFlag = { Empty: 1, IncludesLower: 2, IncludesUpper: 4, NoLower: 8, NoUpper: 16 };

/**
 *   | flags (uint8) |
 *   lower bound, then upper bound, unless the flags say that there is none:  | length (int32) | its binary form |
 */
function writeRange(range: SqlRange, subtype: TypeDefinition, writer: ByteWriter): void {
  const { lower, upper, includesLower, includesUpper } = range;
  if (range.isEmpty) {
    writer.uint8(BinaryFlag.Empty);
    return;
  }
  writer.uint8(
    (includesLower ? BinaryFlag.IncludesLower : 0) |
      (includesUpper ? BinaryFlag.IncludesUpper : 0) |
      (lower === null ? BinaryFlag.NoLower : 0) |
      (upper === null ? BinaryFlag.NoUpper : 0),
  );
  for (const bound of [lower, upper]) {
    if (bound === null) continue;
    const lengthAt = writer.length;
    writer.int32(0);
    subtype.writeBinary(bound, writer);
    writer.setInt32(lengthAt, writer.length - lengthAt - 4);
  }
}

/** Throws 08P01 and 22P03 for wrong forms, 22000 for bounds the wrong way round. */
function readRange(bytes: Uint8Array, type: RangeSubtype, context: TypeContext): SqlRange {
  const { subtype } = type;
  try {
    const reader = new ByteReader(bytes);
    if (bytes.length === 0) throw binaryTooShort(1);
    const flags = reader.uint8();
    const isEmpty = (flags & BinaryFlag.Empty) !== 0;
    const readBound = (missing: number): Value => {
      if (isEmpty || (flags & missing) !== 0) return null;
      const bytes = reader.bytes(reader.int32());
      // PostgreSQL does not look at what stands behind a bound's value.
      return subtype.readBinary(subtype.length > 0 ? bytes.subarray(0, subtype.length) : bytes, context);
    };
    const lower = readBound(BinaryFlag.NoLower);
    const upper = readBound(BinaryFlag.NoUpper);
    if (reader.remaining > 0) throw binaryTooLong();
    if (isEmpty) return SqlRange.empty;
    return makeRange(
      type,
      { value: lower, isLower: true, isInclusive: (flags & BinaryFlag.IncludesLower) !== 0 },
      { value: upper, isLower: false, isInclusive: (flags & BinaryFlag.IncludesUpper) !== 0 },
    );
  } catch (error) {
    if (error instanceof OutOfBytesError) throw binaryTooShort();
    throw error;
  }
}

/** The brackets, and each bound's key with its length, so that no two keys run together. */
export function rangeKey(range: SqlRange, subtype: TypeDefinition): string {
  if (range.isEmpty) return 'empty';
  const keyOf = (bound: Value): string => {
    if (bound === null) return '';
    const key = String(subtype.hashKey(bound));
    return `${key.length}:${key}`;
  };
  const { lower, upper, includesLower, includesUpper } = range;
  return `${includesLower ? '[' : '('}${keyOf(lower)},${keyOf(upper)}${includesUpper ? ']' : ')'}`;
}
