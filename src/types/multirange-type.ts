import { ByteReader, OutOfBytesError } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { binaryTooLong, binaryTooShort } from './binary-form.ts';
import {
  areAdjacent,
  compareBounds,
  compareRanges,
  enclose,
  lowerBound,
  type RangeSubtype,
  upperBound,
} from './range-bounds.ts';
import { readMultirangeText } from './range-text.ts';
import { type RangeDefinition, rangeKey } from './range-type.ts';
import { SqlMultirange, type SqlRange } from './sql-range.ts';
import type { TypeContext, TypeDefinition } from './type-definition.ts';

/** The type of sets of ranges. */
export interface MultirangeDefinition extends TypeDefinition {
  readonly range: RangeDefinition;
}

export interface MultirangeIdentity {
  readonly oid: number;
  readonly arrayOid: number;
  readonly name: string;
  readonly range: RangeDefinition;
}

export function isMultirange(type: TypeDefinition): type is MultirangeDefinition {
  return 'range' in type;
}

export function multirangeType(identity: MultirangeIdentity): MultirangeDefinition {
  const { name, range } = identity;
  return {
    ...identity,
    sqlName: name,
    length: -1,
    category: 'R',
    isPreferred: false,
    elementOid: 0,
    representation: 'value',
    isComparable: true,
    parse: (text, context) => parseMultirange(text, range, context),
    format: (value, context) =>
      `{${(value as SqlMultirange).ranges.map((item) => range.format(item, context)).join(',')}}`,
    readBinary: (bytes, context) => readMultirange(bytes, range, context),
    writeBinary: (value, writer) => writeMultirange(value as SqlMultirange, range, writer),
    compare: (left, right) => compareMultiranges(left as SqlMultirange, right as SqlMultirange, range.subtype),
    hashKey: (value) => (value as SqlMultirange).ranges.map((item) => rangeKey(item, range.subtype)).join(''),
  };
}

/** The set of what lies in any of the ranges: ascending, with those that overlap or touch made one. */
export function makeMultirange(type: RangeSubtype, ranges: readonly SqlRange[]): SqlMultirange {
  const { subtype } = type;
  const sorted = ranges.filter(({ isEmpty }) => !isEmpty).sort((left, right) => compareRanges(subtype, left, right));
  const merged: SqlRange[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last === undefined || isApart(type, last, range)) merged.push(range);
    else merged[merged.length - 1] = enclose(type, last, range);
  }
  return new SqlMultirange(merged);
}

/** Of two ranges in ascending order: whether something is missing between them. */
function isApart(type: RangeSubtype, left: SqlRange, right: SqlRange): boolean {
  const [end, start] = [upperBound(left), lowerBound(right)];
  return compareBounds(type.subtype, end, start) < 0 && !areAdjacent(type, end, start);
}

function parseMultirange(text: string, range: RangeDefinition, context: TypeContext): SqlMultirange {
  const ranges: SqlRange[] = [];
  for (const item of readMultirangeText(text)) ranges.push(range.parse(item, context, -1) as SqlRange);
  return makeMultirange(range, ranges);
}

/**
 *   | range count (int32) |
 *   per range  | length (int32) | the range's binary form |
 */
function writeMultirange({ ranges }: SqlMultirange, range: RangeDefinition, writer: ByteWriter): void {
  writer.int32(ranges.length);
  for (const item of ranges) {
    const lengthAt = writer.length;
    writer.int32(0);
    range.writeBinary(item, writer);
    writer.setInt32(lengthAt, writer.length - lengthAt - 4);
  }
}

function readMultirange(bytes: Uint8Array, range: RangeDefinition, context: TypeContext): SqlMultirange {
  try {
    const reader = new ByteReader(bytes);
    const count = reader.uint32();
    // Each range has a length word: a count beyond that is a lie.
    if (count > reader.remaining / 4) throw binaryTooShort();
    const ranges: SqlRange[] = [];
    for (let index = 0; index < count; index++) {
      ranges.push(range.readBinary(reader.bytes(reader.int32()), context) as SqlRange);
    }
    if (reader.remaining > 0) throw binaryTooLong();
    return makeMultirange(range, ranges);
  } catch (error) {
    if (error instanceof OutOfBytesError) throw binaryTooShort();
    throw error;
  }
}

/** Range by range; of two that begin alike the shorter one first. */
function compareMultiranges(left: SqlMultirange, right: SqlMultirange, subtype: TypeDefinition): number {
  const shared = Math.min(left.ranges.length, right.ranges.length);
  for (let index = 0; index < shared; index++) {
    const order = compareRanges(subtype, left.ranges[index]!, right.ranges[index]!);
    if (order !== 0) return order;
  }
  return left.ranges.length - right.ranges.length;
}
