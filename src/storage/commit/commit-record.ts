import { ByteReader, OutOfBytesError } from '../../bytes/byte-reader.ts';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import type { SequenceState } from '../../catalog/sequence-descriptor.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { unreachable } from '../../errors/invariant.ts';
import { toInt64 } from '../../types/int64.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { typeByOid } from '../../types/type-registry.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import { readStagedRows, writeStagedRows } from '../staging/staged-record.ts';
import { readBlock, readColumns, writeBlock, writeColumns } from './block-record.ts';
import type { AppendRows, CommitOperation, DeleteRows } from './commit-operation.ts';
import { type DescriptorJson, descriptorFromJson, descriptorToJson } from './descriptor-json.ts';
import { type EnumJson, enumFromJson, enumToJson, lostEnumType, type TypeLookup, typesOfEnum } from './enum-json.ts';
import { objectFromJson } from './object-json.ts';
import { type SequenceJson, sequenceFromJson, sequenceToJson } from './sequence-json.ts';

/** What one transaction does to one database, in the order of `operations`. */
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

/**
 * The body of one record of the write-ahead log: one commit.
 *
 *   | version (uint8) | database OID | operation count | operations |        OIDs, counts, ids: varint
 *
 *   create, alter  | 1, 2 | descriptor as JSON, with its length |
 *   drop           | 3 | table OID |
 *   new series     | 4 | table OID | first id | count | columns of tags |
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
 * Columns of tags and blocks are drawn in block-record.ts. Raw numbers are little-endian. The log around it checks the
 * bytes; a record that contradicts itself is corruption.
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
