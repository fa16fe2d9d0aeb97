import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Batch } from '../../columnar/batch.ts';
import { type Column, type DictionaryColumn, textOf, type ValueColumn } from '../../columnar/column.ts';
import { Dictionary } from '../../columnar/dictionary.ts';
import { unreachable } from '../../errors/invariant.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';

/**
 * Batches as bytes, for temporary files that this process alone reads, once, with the types it wrote them with: numbers
 * lie as they do in memory, texts once per batch and distinct string, other values in their type's binary form.
 *
 *   batch   rowCount u32, then each column
 *   column  kind u8, plus 128 when validity bytes (one a row) follow; then the kind's own part
 */
const NUMBER = 0;
const WIDE = 1;
const BOOLEAN = 2;
const DICTIONARY = 3;
const TEXTS = 4;
const VALUES = 5;
const HAS_NULLS = 128;

/** Appends a batch; the types are not written: who reads it knows them. */
export function writeBatch(batch: Batch, types: readonly SqlType[], writer: ByteWriter): void {
  const { rowCount } = batch;
  writer.uint32le(rowCount);
  for (let index = 0; index < types.length; index++) writeColumn(batch.columns[index], types[index], rowCount, writer);
}

export function readBatch(types: readonly SqlType[], reader: ByteReader): Batch {
  const rowCount = reader.uint32le();
  return { rowCount, columns: types.map((type) => readColumn(type, rowCount, reader)) };
}

function writeColumn(column: Column, type: SqlType, rowCount: number, writer: ByteWriter): void {
  const { validity } = column;
  const nulls = validity === undefined ? 0 : HAS_NULLS;
  const begin = (kind: number): void => {
    writer.uint8(kind | nulls);
    if (validity !== undefined) writer.bytes(validity.subarray(0, rowCount));
  };
  switch (column.kind) {
    case 'number':
      begin(NUMBER);
      writer.bytes(bytesOf(column.values, rowCount));
      break;
    case 'wide':
      begin(WIDE);
      writer.bytes(bytesOf(column.high, rowCount));
      writer.bytes(bytesOf(column.low, rowCount));
      break;
    case 'boolean':
      begin(BOOLEAN);
      writer.bytes(column.values.subarray(0, rowCount));
      break;
    case 'dictionary':
      begin(DICTIONARY);
      writeDictionary(column, rowCount, writer);
      break;
    case 'bytes':
      begin(TEXTS);
      for (let row = 0; row < rowCount; row++) {
        if (validity === undefined || validity[row] === 1) writer.lengthPrefixedString(textOf(column, row));
      }
      break;
    case 'value':
      if (type.definition.representation === 'text') {
        begin(TEXTS);
        writeTexts(column, rowCount, writer);
      } else {
        begin(VALUES);
        writeValues(column, type, rowCount, writer);
      }
      break;
    default:
      unreachable(column);
  }
}

/** The strings that occur, in order of first occurrence, then a local code a row. */
function writeDictionary(column: DictionaryColumn, rowCount: number, writer: ByteWriter): void {
  const { codes, dictionary, validity } = column;
  const local = new Map<number, number>();
  const rows = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (validity !== undefined && validity[row] === 0) continue;
    const code = codes[row];
    let known = local.get(code);
    if (known === undefined) {
      known = local.size;
      local.set(code, known);
    }
    rows[row] = known;
  }
  writer.varint(local.size);
  for (const code of local.keys()) writer.lengthPrefixedString(dictionary.string(code));
  writer.bytes(bytesOf(rows, rowCount));
}

function writeTexts(column: ValueColumn, rowCount: number, writer: ByteWriter): void {
  for (let row = 0; row < rowCount; row++) {
    if (column.validity !== undefined && column.validity[row] === 0) continue;
    writer.lengthPrefixedString(column.values[row] as string);
  }
}

function writeValues(column: ValueColumn, { definition }: SqlType, rowCount: number, writer: ByteWriter): void {
  for (let row = 0; row < rowCount; row++) {
    if (column.validity !== undefined && column.validity[row] === 0) continue;
    const at = writer.length;
    writer.uint32le(0);
    definition.writeBinary(column.values[row], writer);
    writer.setUint32le(at, writer.length - at - 4);
  }
}

function readColumn(type: SqlType, rowCount: number, reader: ByteReader): Column {
  const head = reader.uint8();
  const validity = head >= HAS_NULLS ? reader.bytes(rowCount).slice() : undefined;
  switch (head & ~HAS_NULLS) {
    case NUMBER:
      return { kind: 'number', values: read(new Float64Array(rowCount), reader), validity };
    case WIDE: {
      const high = read(new Int32Array(rowCount), reader);
      return { kind: 'wide', high, low: read(new Uint32Array(rowCount), reader), validity };
    }
    case BOOLEAN:
      return { kind: 'boolean', values: read(new Uint8Array(rowCount), reader), validity };
    case DICTIONARY: {
      const dictionary = new Dictionary();
      for (let left = reader.varint(); left > 0; left--) dictionary.codeOf(reader.lengthPrefixedString());
      return { kind: 'dictionary', codes: read(new Uint32Array(rowCount), reader), dictionary, validity };
    }
    case TEXTS:
      return {
        kind: 'value',
        values: readEach(rowCount, validity, () => reader.lengthPrefixedString()),
        validity,
      };
    default:
      return {
        kind: 'value',
        values: readEach(rowCount, validity, () =>
          type.definition.readBinary(reader.bytes(reader.uint32le()), neutralContext),
        ),
        validity,
      };
  }
}

function readEach(rowCount: number, validity: Uint8Array | undefined, next: () => Value): Value[] {
  const values: Value[] = new Array(rowCount);
  for (let row = 0; row < rowCount; row++) values[row] = validity === undefined || validity[row] === 1 ? next() : null;
  return values;
}

type Numbers = Float64Array | Int32Array | Uint32Array | Uint8Array;

function bytesOf(values: Numbers, count: number): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, count * values.BYTES_PER_ELEMENT);
}

/** Copied, since the bytes need not lie where such numbers may. */
function read<Values extends Numbers>(values: Values, reader: ByteReader): Values {
  bytesOf(values, values.length).set(reader.bytes(values.byteLength));
  return values;
}
