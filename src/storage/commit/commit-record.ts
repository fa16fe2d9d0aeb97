import { ByteReader, OutOfBytesError } from '../../bytes/byte-reader.ts';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import type { CatalogObject } from '../../catalog/catalog-object.ts';
import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import type { SequenceDescriptor, SequenceState } from '../../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Column } from '../../columnar/column.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { unreachable } from '../../errors/invariant.ts';
import { toInt64 } from '../../types/int64.ts';
import { storedType } from '../../types/stored-type.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { typeByOid } from '../../types/type-registry.ts';
import type { BlockColumn, RowBlock } from '../memtable/row-block.ts';
import { readStagedRows, type StagedRows, writeStagedRows } from '../staging/staged-record.ts';
import { alignedCopy, bytesOf, readColumn, writeColumn } from './column-record.ts';
import type { DescriptorJson } from './descriptor-json.ts';
import { descriptorFromJson, descriptorToJson } from './descriptor-json.ts';
import { type EnumJson, enumFromJson, enumToJson, lostEnumType, type TypeLookup, typesOfEnum } from './enum-json.ts';
import { objectFromJson } from './object-json.ts';
import { type SequenceJson, sequenceFromJson, sequenceToJson } from './sequence-json.ts';

/** What a commit does, in order: each operation may rely on those before it. */
export type CommitOperation =
  | CreateTable
  | AlterTable
  | DropTable
  | NewSeries
  | AppendRows
  | StagedRows
  | DeleteRows
  | TruncateTable
  | PutSequence
  | DropSequence
  | CountSequence
  | PutEnum
  | DropEnum
  | PutObject
  | DropObject;

export interface CreateTable {
  readonly kind: 'create-table';
  readonly table: TableDescriptor;
}

/** `table` is the whole new version. */
export interface AlterTable {
  readonly kind: 'alter-table';
  readonly table: TableDescriptor;
}

export interface DropTable {
  readonly kind: 'drop-table';
  readonly tableOid: number;
}

/** Series `firstId` to `firstId + count - 1`, with one column of values per tag. */
export interface NewSeries {
  readonly kind: 'new-series';
  readonly tableOid: number;
  readonly firstId: number;
  readonly count: number;
  readonly tags: readonly BlockColumn[];
}

export interface AppendRows {
  readonly kind: 'rows';
  readonly tableOid: number;
  /** Version of the table's schema that the rows were checked against. */
  readonly schemaVersion: number;
  readonly blocks: readonly RowBlock[];
}

/**
 * Deletes what earlier commits wrote: all versions of a point, or the rows with the row ids where there are such. Blocks
 * name rows alone and have no columns.
 */
export interface DeleteRows {
  readonly kind: 'delete';
  readonly tableOid: number;
  readonly blocks: readonly RowBlock[];
}

/** Deletes all rows that earlier commits wrote. */
export interface TruncateTable {
  readonly kind: 'truncate';
  readonly tableOid: number;
}

/** A new sequence, or a new version of one, and where it counts from. */
export interface PutSequence {
  readonly kind: 'put-sequence';
  readonly sequence: SequenceDescriptor;
  readonly state: SequenceState;
}

export interface DropSequence {
  readonly kind: 'drop-sequence';
  readonly sequenceOid: number;
}

/** A replay goes on counting from here: values up to `state` may have been given out. */
export interface CountSequence {
  readonly kind: 'count-sequence';
  readonly sequenceOid: number;
  readonly state: SequenceState;
}

/** A new enum, or a new version of one: then the tables with columns of it get new versions too. */
export interface PutEnum {
  readonly kind: 'put-enum';
  readonly enum: EnumDescriptor;
}

export interface DropEnum {
  readonly kind: 'drop-enum';
  readonly enumOid: number;
}

/** A schema or a comment: a new one, or a new version. */
export interface PutObject {
  readonly kind: 'put-object';
  readonly object: CatalogObject;
}

export interface DropObject {
  readonly kind: 'drop-object';
  /** `objectKey`. */
  readonly key: string;
}

export interface CommitRecord {
  readonly databaseOid: number;
  readonly operations: readonly CommitOperation[];
}

const FORMAT_VERSION = 1;
const Code = {
  CreateTable: 1,
  AlterTable: 2,
  DropTable: 3,
  NewSeries: 4,
  Rows: 5,
  Delete: 6,
  Truncate: 7,
  Staged: 8,
} as const;
/** Sequences, enums, schemas and comments. */
const ObjectCode = {
  PutSequence: 16,
  DropSequence: 17,
  CountSequence: 18,
  PutEnum: 19,
  DropEnum: 20,
  PutObject: 21,
  DropObject: 22,
} as const;

const IS_PARTIAL = 1;
const HAS_FRACTIONS = 2;
const HAS_ROW_IDS = 4;
const ONE_SERIES = 8;
const NARROW_TIMES = 16;
const SUCCESSIVE_ROW_IDS = 32;

/**
 * The body of one record of the write-ahead log: one commit.
 *
 *   | version (uint8) | database OID | operation count | operations |        OIDs, counts, ids: varint
 *
 *   create, alter  | 1, 2 | descriptor as JSON, with its length |
 *   drop           | 3 | table OID |
 *   new series     | 4 | table OID | first id | count | tag count | column number, type OID, column … |
 *   rows           | 5 | table OID | schema version | block count | blocks |
 *   delete         | 6 | table OID | block count | blocks |
 *   truncate       | 7 | table OID |
 *   staged rows    | 8 | table OID | schema version | next row id | segment count | segments |
 *   put sequence   | 16 | descriptor as JSON, with its length | state |
 *   drop sequence  | 17 | sequence OID |
 *   count sequence | 18 | sequence OID | state |
 *   put enum       | 19 | descriptor as JSON, with its length |
 *   drop enum      | 20 | enum OID |
 *   put object     | 21 | schema or comment as JSON, with its length |
 *   drop object    | 22 | its key, with its length |
 *
 *   segment        | zigzag of partition (varint) | flags (uint8) | name | file, offset, size, if it lies in a pack | size |
 *                  SHA-256 | row count | name, place in a pack, row count of its deletes, if it has any |
 *   state          | last value (int64, big-endian) | 1 = is called (uint8) |
 *
 *   block          | zigzag of partition (varint) | row count | flags (uint8) | series ids (uint32, one if all are the
 *                  same) | times (float64; or the first and uint32 offsets) | fractions (uint32) | row ids (float64, the
 *                  first alone if they are successive) | column count | column number, type OID, column … |
 *
 * Raw numbers are little-endian. The log around it checks the bytes; a record that contradicts itself is corruption.
 */
export function encodeCommit(record: CommitRecord): Uint8Array {
  const writer = new ByteWriter(estimateBytes(record));
  writer.uint8(FORMAT_VERSION);
  writer.varint(record.databaseOid);
  writer.varint(record.operations.length);
  for (const operation of record.operations) writeOperation(writer, operation);
  return writer.view();
}

/** `encodeCommit` of a large record, in steps of a block each. */
export function* encodeCommitInSteps(record: CommitRecord): Generator<void, Uint8Array, undefined> {
  const writer = new ByteWriter(estimateBytes(record));
  writer.uint8(FORMAT_VERSION);
  writer.varint(record.databaseOid);
  writer.varint(record.operations.length);
  for (const operation of record.operations) {
    if (operation.kind !== 'rows' && operation.kind !== 'delete') {
      writeOperation(writer, operation);
      continue;
    }
    writeBlocksHead(writer, operation);
    for (const block of operation.blocks) {
      writeBlock(writer, block);
      yield;
    }
  }
  return writer.view();
}

/**
 * `enums`: the enum of an OID as it was before the commit; those that the record itself puts are known from there on.
 * Columns of others are of a type without labels (`isLostEnum`).
 */
export function decodeCommit(body: Uint8Array, enums: TypeLookup = () => undefined): CommitRecord {
  const reader = new ByteReader(body);
  try {
    const version = reader.uint8();
    if (version !== FORMAT_VERSION) throw new CorruptionError(`a commit record of format ${version}`);
    const databaseOid = reader.varint();
    const count = reader.varint();
    const operations: CommitOperation[] = [];
    const own = new Map<number, TypeDefinition>();
    const types: TypeLookup = (oid) => typeByOid(oid) ?? own.get(oid) ?? enums(oid) ?? lostEnumType(oid);
    for (let index = 0; index < count; index++) {
      const operation = readOperation(reader, types);
      if (operation.kind === 'put-enum') for (const type of typesOfEnum(operation.enum)) own.set(type.oid, type);
      operations.push(operation);
    }
    if (reader.remaining > 0) throw new CorruptionError(`${reader.remaining} bytes after the end of a commit record`);
    return { databaseOid, operations };
  } catch (error) {
    if (error instanceof OutOfBytesError || error instanceof SyntaxError || error instanceof TypeError) {
      throw new CorruptionError(`a commit record cannot be read: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function writeOperation(writer: ByteWriter, operation: CommitOperation): void {
  switch (operation.kind) {
    case 'create-table':
    case 'alter-table':
      writer.uint8(operation.kind === 'create-table' ? Code.CreateTable : Code.AlterTable);
      writer.lengthPrefixedString(JSON.stringify(descriptorToJson(operation.table)));
      return;
    case 'drop-table':
      writer.uint8(Code.DropTable);
      writer.varint(operation.tableOid);
      return;
    case 'new-series':
      writer.uint8(Code.NewSeries);
      writer.varint(operation.tableOid);
      writer.varint(operation.firstId);
      writer.varint(operation.count);
      writeColumns(writer, operation.tags, operation.count);
      return;
    case 'rows':
    case 'delete':
      writeBlocksHead(writer, operation);
      for (const block of operation.blocks) writeBlock(writer, block);
      return;
    case 'staged':
      writer.uint8(Code.Staged);
      writeStagedRows(writer, operation);
      return;
    case 'truncate':
      writer.uint8(Code.Truncate);
      writer.varint(operation.tableOid);
      return;
    case 'put-sequence':
      writer.uint8(ObjectCode.PutSequence);
      writer.lengthPrefixedString(JSON.stringify(sequenceToJson(operation.sequence)));
      writeState(writer, operation.state);
      return;
    case 'drop-sequence':
      writer.uint8(ObjectCode.DropSequence);
      writer.varint(operation.sequenceOid);
      return;
    case 'count-sequence':
      writer.uint8(ObjectCode.CountSequence);
      writer.varint(operation.sequenceOid);
      writeState(writer, operation.state);
      return;
    case 'put-enum':
      writer.uint8(ObjectCode.PutEnum);
      writer.lengthPrefixedString(JSON.stringify(enumToJson(operation.enum)));
      return;
    case 'drop-enum':
      writer.uint8(ObjectCode.DropEnum);
      writer.varint(operation.enumOid);
      return;
    case 'put-object':
      writer.uint8(ObjectCode.PutObject);
      writer.lengthPrefixedString(JSON.stringify(operation.object));
      return;
    case 'drop-object':
      writer.uint8(ObjectCode.DropObject);
      writer.lengthPrefixedString(operation.key);
      return;
    default:
      unreachable(operation);
  }
}

function writeBlocksHead(writer: ByteWriter, operation: AppendRows | DeleteRows): void {
  writer.uint8(operation.kind === 'rows' ? Code.Rows : Code.Delete);
  writer.varint(operation.tableOid);
  if (operation.kind === 'rows') writer.varint(operation.schemaVersion);
  writer.varint(operation.blocks.length);
}

function writeState(writer: ByteWriter, { lastValue, isCalled }: SequenceState): void {
  writer.int64(BigInt(lastValue));
  writer.uint8(isCalled ? 1 : 0);
}

function readState(reader: ByteReader): SequenceState {
  return { lastValue: toInt64(reader.int64()), isCalled: reader.uint8() === 1 };
}

function readOperation(reader: ByteReader, types: TypeLookup): CommitOperation {
  const code = reader.uint8();
  switch (code) {
    case Code.CreateTable:
    case Code.AlterTable: {
      const table = descriptorFromJson(JSON.parse(reader.lengthPrefixedString()) as DescriptorJson, types);
      return { kind: code === Code.CreateTable ? 'create-table' : 'alter-table', table };
    }
    case Code.DropTable:
      return { kind: 'drop-table', tableOid: reader.varint() };
    case Code.NewSeries: {
      const tableOid = reader.varint();
      const firstId = reader.varint();
      const count = reader.varint();
      return { kind: 'new-series', tableOid, firstId, count, tags: readColumns(reader, count) };
    }
    case Code.Rows: {
      const tableOid = reader.varint();
      const schemaVersion = reader.varint();
      return { kind: 'rows', tableOid, schemaVersion, blocks: readBlocks(reader) };
    }
    case Code.Delete: {
      const tableOid = reader.varint();
      return { kind: 'delete', tableOid, blocks: readBlocks(reader) };
    }
    case Code.Staged:
      return readStagedRows(reader);
    case Code.Truncate:
      return { kind: 'truncate', tableOid: reader.varint() };
    case ObjectCode.PutSequence: {
      const sequence = sequenceFromJson(JSON.parse(reader.lengthPrefixedString()) as SequenceJson);
      return { kind: 'put-sequence', sequence, state: readState(reader) };
    }
    case ObjectCode.DropSequence:
      return { kind: 'drop-sequence', sequenceOid: reader.varint() };
    case ObjectCode.CountSequence: {
      const sequenceOid = reader.varint();
      return { kind: 'count-sequence', sequenceOid, state: readState(reader) };
    }
    case ObjectCode.PutEnum:
      return { kind: 'put-enum', enum: enumFromJson(JSON.parse(reader.lengthPrefixedString()) as EnumJson) };
    case ObjectCode.DropEnum:
      return { kind: 'drop-enum', enumOid: reader.varint() };
    case ObjectCode.PutObject:
      return { kind: 'put-object', object: objectFromJson(JSON.parse(reader.lengthPrefixedString())) };
    case ObjectCode.DropObject:
      return { kind: 'drop-object', key: reader.lengthPrefixedString() };
    default:
      throw new CorruptionError(`operation ${code} in a commit record`);
  }
}

function readBlocks(reader: ByteReader): RowBlock[] {
  const count = reader.varint();
  const blocks: RowBlock[] = [];
  for (let index = 0; index < count; index++) blocks.push(readBlock(reader));
  return blocks;
}

function writeBlock(writer: ByteWriter, block: RowBlock): void {
  const { rowCount, times } = block;
  const oneSeries = isConstant(block.seriesIds, rowCount);
  const offsets = timeOffsets(times, rowCount);
  const successive = block.rowIds !== undefined && isSuccessive(block.rowIds, rowCount);
  writer.varint(block.partition < 0 ? -block.partition * 2 - 1 : block.partition * 2);
  writer.varint(rowCount);
  writer.uint8(
    (block.isPartial ? IS_PARTIAL : 0) |
      (block.fractions !== undefined ? HAS_FRACTIONS : 0) |
      (block.rowIds !== undefined ? HAS_ROW_IDS : 0) |
      (oneSeries ? ONE_SERIES : 0) |
      (offsets !== undefined ? NARROW_TIMES : 0) |
      (successive ? SUCCESSIVE_ROW_IDS : 0),
  );
  writer.bytes(bytesOf(block.seriesIds, oneSeries ? 1 : rowCount));
  if (offsets !== undefined) {
    writer.float64le(times[0]);
    writer.bytes(bytesOf(offsets, rowCount));
  } else writer.bytes(bytesOf(times, rowCount));
  if (block.fractions !== undefined) writer.bytes(bytesOf(block.fractions, rowCount));
  if (block.rowIds !== undefined) writer.bytes(bytesOf(block.rowIds, successive ? 1 : rowCount));
  writeColumns(writer, block.columns, rowCount);
}

function readBlock(reader: ByteReader): RowBlock {
  const zigzag = reader.varint();
  const partition = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  const rowCount = reader.varint();
  const flags = reader.uint8();
  let seriesIds: Uint32Array;
  if ((flags & ONE_SERIES) !== 0) seriesIds = new Uint32Array(rowCount).fill(reader.uint32le());
  else seriesIds = new Uint32Array(alignedCopy(reader, rowCount * 4));
  let times: Float64Array;
  if ((flags & NARROW_TIMES) !== 0) {
    const first = reader.float64le();
    times = Float64Array.from(new Uint32Array(alignedCopy(reader, rowCount * 4)));
    for (let row = 0; row < rowCount; row++) times[row] += first;
  } else times = new Float64Array(alignedCopy(reader, rowCount * 8));
  const fractions = (flags & HAS_FRACTIONS) === 0 ? undefined : new Uint32Array(alignedCopy(reader, rowCount * 4));
  let rowIds: Float64Array | undefined;
  if ((flags & HAS_ROW_IDS) !== 0) {
    if ((flags & SUCCESSIVE_ROW_IDS) !== 0) {
      const first = reader.float64le();
      rowIds = new Float64Array(rowCount);
      for (let row = 0; row < rowCount; row++) rowIds[row] = first + row;
    } else rowIds = new Float64Array(alignedCopy(reader, rowCount * 8));
  }
  const isPartial = (flags & IS_PARTIAL) !== 0;
  return {
    partition,
    rowCount,
    seriesIds,
    times,
    fractions,
    rowIds,
    isPartial,
    columns: readColumns(reader, rowCount),
  };
}

function writeColumns(writer: ByteWriter, columns: readonly BlockColumn[], rowCount: number): void {
  writer.varint(columns.length);
  for (const { number, type, column } of columns) {
    writer.varint(number);
    const stored = storedType(type);
    writer.varint(stored.oid);
    writeColumn(writer, column, stored, rowCount);
  }
}

function readColumns(reader: ByteReader, rowCount: number): BlockColumn[] {
  const count = reader.varint();
  const columns: BlockColumn[] = [];
  for (let index = 0; index < count; index++) {
    const number = reader.varint();
    const type: TypeDefinition | undefined = typeByOid(reader.varint());
    if (type === undefined) throw new CorruptionError(`column ${number} of an unknown type in a commit record`);
    const column: Column = readColumn(reader, type, rowCount);
    columns.push({ number, type, column });
  }
  return columns;
}

/** Whole offsets from the first time, where they fit 32 bits: half the bytes for nearly every block. */
function timeOffsets(times: Float64Array, rowCount: number): Uint32Array | undefined {
  if (rowCount < 2) return undefined;
  const first = times[0];
  const offsets = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const offset = times[row] - first;
    const word = offset >>> 0;
    if (word !== offset || first + word !== times[row]) return undefined;
    offsets[row] = word;
  }
  return offsets;
}

function isConstant(values: Uint32Array, count: number): boolean {
  for (let index = 1; index < count; index++) if (values[index] !== values[0]) return false;
  return count > 0;
}

function isSuccessive(values: Float64Array, count: number): boolean {
  for (let index = 1; index < count; index++) if (values[index] !== values[0] + index) return false;
  return count > 0;
}

/** Growing a buffer copies it: a good guess at the start spares that. */
function estimateBytes(record: CommitRecord): number {
  let sizeBytes = 256;
  for (const operation of record.operations) {
    if (operation.kind === 'new-series') sizeBytes += operation.count * operation.tags.length * 16;
    else if (operation.kind === 'rows' || operation.kind === 'delete') {
      for (const block of operation.blocks) sizeBytes += 128 + block.rowCount * (20 + block.columns.length * 9);
    } else sizeBytes += 2048;
  }
  return sizeBytes;
}
