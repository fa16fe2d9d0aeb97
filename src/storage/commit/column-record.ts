import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { ByteWriter as Writer } from '../../bytes/byte-writer.ts';
import type { Column, DictionaryColumn, Validity } from '../../columnar/column.ts';
import { valueAt } from '../../columnar/column.ts';
import { Dictionary } from '../../columnar/dictionary.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { unreachable } from '../../errors/invariant.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';

/**
 * A column in a commit record: what memory holds, cheaply packed, since it is written at ingest speed and read only in
 * recovery.
 *
 *   | form (uint8), 128 added when there are NULLs | validity bits, if so | values |
 *
 *   float64    8 bytes a value, little-endian
 *   int8 … 32  numbers that happen to be small integers
 *   wide       high words (int32), then low words (uint32)
 *   boolean    bits
 *   codes      count (varint), the strings, then codes of 1, 2 or 4 bytes
 *   strings    length (varint) and UTF-8 each
 *   values     length (varint) and the type's binary form each
 */
const Form = { Float64: 0, Int8: 1, Int16: 2, Int32: 3, Wide: 4, Boolean: 5, Codes: 6, Strings: 7, Values: 8 } as const;

const HAS_NULLS = 128;

/** The first `rowCount` values, in the smallest of the forms that hold them. */
export function writeColumn(writer: ByteWriter, column: Column, type: TypeDefinition, rowCount: number): void {
  const validity = column.validity;
  switch (column.kind) {
    case 'number': {
      const form = numberForm(column.values, validity, rowCount);
      writeHead(writer, form, validity, rowCount);
      writeNumbers(writer, form, column.values, validity, rowCount);
      return;
    }
    case 'wide':
      writeHead(writer, Form.Wide, validity, rowCount);
      writer.bytes(bytesOf(column.high, rowCount));
      writer.bytes(bytesOf(column.low, rowCount));
      return;
    case 'boolean':
      writeHead(writer, Form.Boolean, validity, rowCount);
      writer.bytes(packBits(column.values, rowCount));
      return;
    case 'dictionary':
      writeHead(writer, Form.Codes, validity, rowCount);
      writeCodes(writer, column, rowCount);
      return;
    case 'bytes':
    case 'value': {
      const isText = type.representation === 'text';
      writeHead(writer, isText ? Form.Strings : Form.Values, validity, rowCount);
      const scratch = new Writer(64);
      for (let row = 0; row < rowCount; row++) {
        const value = valueAt(column, row);
        if (value === null) continue;
        if (isText) writer.lengthPrefixedString(value as string);
        else {
          scratch.clear();
          type.writeBinary(value, scratch);
          writer.varint(scratch.length);
          writer.bytes(scratch.view());
        }
      }
      return;
    }
    default:
      unreachable(column);
  }
}

/** Buffers of its own. Throws CorruptionError for a form that nobody knows. */
export function readColumn(reader: ByteReader, type: TypeDefinition, rowCount: number): Column {
  const head = reader.uint8();
  const validity = (head & HAS_NULLS) === 0 ? undefined : unpackBits(reader, rowCount);
  const form = head & ~HAS_NULLS;
  switch (form) {
    case Form.Float64:
      return { kind: 'number', values: new Float64Array(alignedCopy(reader, rowCount * 8)), validity };
    case Form.Int8:
      return { kind: 'number', values: Float64Array.from(new Int8Array(alignedCopy(reader, rowCount))), validity };
    case Form.Int16:
      return { kind: 'number', values: Float64Array.from(new Int16Array(alignedCopy(reader, rowCount * 2))), validity };
    case Form.Int32:
      return { kind: 'number', values: Float64Array.from(new Int32Array(alignedCopy(reader, rowCount * 4))), validity };
    case Form.Wide: {
      const high = new Int32Array(alignedCopy(reader, rowCount * 4));
      const low = new Uint32Array(alignedCopy(reader, rowCount * 4));
      return { kind: 'wide', high, low, validity };
    }
    case Form.Boolean:
      return { kind: 'boolean', values: unpackBits(reader, rowCount), validity };
    case Form.Codes:
      return readCodes(reader, rowCount, validity);
    case Form.Strings:
    case Form.Values: {
      const values: Value[] = new Array(rowCount).fill(null);
      for (let row = 0; row < rowCount; row++) {
        if (validity !== undefined && validity[row] === 0) continue;
        values[row] =
          form === Form.Strings
            ? reader.lengthPrefixedString()
            : type.readBinary(reader.bytes(reader.varint()), neutralContext);
      }
      return { kind: 'value', values, validity };
    }
    default:
      throw new CorruptionError(`a column of form ${form} in a commit record`);
  }
}

/** The bytes of the first `count` elements. All machines that we run on are little-endian, as the format is. */
export function bytesOf(
  values: Float64Array | Int32Array | Uint32Array | Int16Array | Int8Array,
  count: number,
): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, count * values.BYTES_PER_ELEMENT);
}

/** The next `sizeBytes` bytes in a buffer of their own, so that typed arrays may lie over it. */
export function alignedCopy(reader: ByteReader, sizeBytes: number): ArrayBuffer {
  const buffer = new ArrayBuffer(sizeBytes);
  new Uint8Array(buffer).set(reader.bytes(sizeBytes));
  return buffer;
}

function writeHead(writer: ByteWriter, form: number, validity: Validity, rowCount: number): void {
  writer.uint8(validity === undefined ? form : form | HAS_NULLS);
  if (validity !== undefined) writer.bytes(packBits(validity, rowCount));
}

/** The narrowest form; most float columns are found out at their first value. */
function numberForm(values: Float64Array, validity: Validity, rowCount: number): number {
  let min = 0;
  let max = 0;
  for (let row = 0; row < rowCount; row++) {
    if (validity !== undefined && validity[row] === 0) continue;
    const value = values[row];
    // -0 and NaN are no integers here.
    if (value !== (value | 0) || (value === 0 && 1 / value < 0)) return Form.Float64;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min >= -128 && max <= 127) return Form.Int8;
  return min >= -32768 && max <= 32767 ? Form.Int16 : Form.Int32;
}

function writeNumbers(
  writer: ByteWriter,
  form: number,
  values: Float64Array,
  validity: Validity,
  rowCount: number,
): void {
  if (form === Form.Float64) {
    writer.bytes(bytesOf(values, rowCount));
    return;
  }
  const packed =
    form === Form.Int8
      ? new Int8Array(rowCount)
      : form === Form.Int16
        ? new Int16Array(rowCount)
        : new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (validity === undefined || validity[row] === 1) packed[row] = values[row];
  }
  writer.bytes(bytesOf(packed, rowCount));
}

function writeCodes(writer: ByteWriter, column: DictionaryColumn, rowCount: number): void {
  const localCodes = new Map<number, number>();
  const local = new Uint32Array(rowCount);
  let previous = -1;
  let previousLocal = 0;
  for (let row = 0; row < rowCount; row++) {
    if (column.validity !== undefined && column.validity[row] === 0) continue;
    const code = column.codes[row];
    if (code !== previous) {
      let known = localCodes.get(code);
      if (known === undefined) {
        known = localCodes.size;
        localCodes.set(code, known);
      }
      previous = code;
      previousLocal = known;
    }
    local[row] = previousLocal;
  }
  writer.varint(localCodes.size);
  for (const code of localCodes.keys()) writer.lengthPrefixedString(column.dictionary.string(code));
  if (localCodes.size <= 256) writer.bytes(Uint8Array.from(local));
  else if (localCodes.size <= 65536) {
    const narrow = Uint16Array.from(local);
    writer.bytes(new Uint8Array(narrow.buffer));
  } else writer.bytes(bytesOf(local, rowCount));
}

function readCodes(reader: ByteReader, rowCount: number, validity: Validity): DictionaryColumn {
  const dictionary = new Dictionary();
  const size = reader.varint();
  for (let index = 0; index < size; index++) dictionary.codeOf(reader.lengthPrefixedString());
  let codes: Uint32Array;
  if (size <= 256) codes = Uint32Array.from(reader.bytes(rowCount));
  else if (size <= 65536) codes = Uint32Array.from(new Uint16Array(alignedCopy(reader, rowCount * 2)));
  else codes = new Uint32Array(alignedCopy(reader, rowCount * 4));
  for (let row = 0; row < rowCount; row++) {
    if ((validity === undefined || validity[row] === 1) && codes[row] >= dictionary.size) {
      throw new CorruptionError(`code ${codes[row]} of a dictionary of ${dictionary.size} strings`);
    }
  }
  return { kind: 'dictionary', codes, dictionary, validity };
}

function packBits(flags: Uint8Array, rowCount: number): Uint8Array {
  const bits = new Uint8Array((rowCount + 7) >>> 3);
  for (let row = 0; row < rowCount; row++) bits[row >>> 3] |= flags[row] << (row & 7);
  return bits;
}

function unpackBits(reader: ByteReader, rowCount: number): Uint8Array {
  const bits = reader.bytes((rowCount + 7) >>> 3);
  const flags = new Uint8Array(rowCount);
  for (let row = 0; row < rowCount; row++) flags[row] = (bits[row >>> 3] >>> (row & 7)) & 1;
  return flags;
}
