import { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Column, Validity } from '../../columnar/column.ts';
import type { Dictionary } from '../../columnar/dictionary.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { unreachable } from '../../errors/invariant.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { UnitBuffers } from '../cache/unit-buffers.ts';
import { decodeByteStrings } from '../codec/byte-strings.ts';
import { decodeBooleans, decodeCodes, decodeNumbers, encodeBooleans } from '../codec/choose-codec.ts';
import { CodecId } from '../codec/column-codec.ts';
import { decodeWide } from '../codec/wide.ts';

/**
 * A unit: up to 1,024 rows of one column. Only the values that are not NULL are written.
 *
 *   | codec of the values u8; 0: all rows are NULL, and the unit ends here
 *   | codec of the validity u8; 0: no row is NULL | validity, one boolean a row, unless 0 | values |
 */
const NOTHING = 0;

/** Appends a unit. `values` holds codec id and payload of the values; it is not read when all rows are NULL. */
export function writeUnit(validity: Validity, nullCount: number, values: Uint8Array, writer: ByteWriter): void {
  if (validity !== undefined && nullCount === validity.length) {
    writer.uint8(NOTHING);
    return;
  }
  writer.uint8(values[0]);
  if (validity === undefined || nullCount === 0) writer.uint8(NOTHING);
  else encodeBooleans(validity, writer);
  writer.bytes(values.subarray(1));
}

/** Whether the unit decodes to buffers of fixed size, as a frame of the cache has them. */
export function fitsFrame(bytes: Uint8Array, { representation }: TypeDefinition): boolean {
  switch (representation) {
    case 'boolean':
    case 'float64':
    case 'int64':
      return true;
    case 'text':
      return bytes[0] === CodecId.PackedCodes || bytes[0] === CodecId.CodeRuns;
    case 'value':
      return false;
    default:
      return unreachable(representation);
  }
}

/**
 * Decodes a unit of `rowCount` rows. `dictionary` is asked for only by units of codes. Throws `CorruptionError`, or
 * what readers of bytes throw, when the unit contradicts its format.
 */
export function decodeUnit(
  bytes: Uint8Array,
  type: TypeDefinition,
  rowCount: number,
  buffers: UnitBuffers,
  dictionary: () => Dictionary,
): Column {
  const reader = new ByteReader(bytes);
  const codecId = reader.uint8();
  let validity: Uint8Array | undefined;
  let valueCount = rowCount;
  if (codecId === NOTHING) {
    validity = buffers.validity(rowCount).fill(0);
    valueCount = 0;
  } else {
    const validityCodec = reader.uint8();
    if (validityCodec !== NOTHING) {
      validity = buffers.validity(rowCount);
      decodeBooleans(validityCodec, reader, validity);
      valueCount = 0;
      for (let row = 0; row < rowCount; row++) valueCount += validity[row];
      if (valueCount === 0) throw new CorruptionError(`values of ${rowCount} rows that are all NULL`);
    }
  }
  const column = decodeValues(codecId, reader, type, { rowCount, valueCount, validity }, buffers, dictionary);
  if (reader.remaining !== 0) throw new CorruptionError(`${reader.remaining} bytes after the last value`);
  return column;
}

interface UnitRows {
  readonly rowCount: number;
  /** Rows that are not NULL. */
  readonly valueCount: number;
  readonly validity: Validity;
}

function decodeValues(
  codecId: number,
  reader: ByteReader,
  type: TypeDefinition,
  rows: UnitRows,
  buffers: UnitBuffers,
  dictionary: () => Dictionary,
): Column {
  switch (type.representation) {
    case 'float64':
      return decodeNumberColumn(codecId, reader, rows, buffers);
    case 'int64':
      if (codecId === CodecId.WideOffset || codecId === CodecId.WidePlain) {
        return decodeWideColumn(codecId, reader, rows, buffers);
      }
      return decodeNumberColumn(codecId, reader, rows, buffers);
    case 'boolean': {
      const values = buffers.booleans(rows.rowCount);
      if (rows.valueCount > 0) decodeBooleans(codecId, reader, values.subarray(0, rows.valueCount));
      spread(values, rows);
      return { kind: 'boolean', values, validity: rows.validity };
    }
    case 'text':
      if (codecId === CodecId.PackedCodes || codecId === CodecId.CodeRuns) {
        return decodeCodeColumn(codecId, reader, rows, buffers, dictionary());
      }
      return decodeBytesColumn(codecId, reader, rows);
    case 'value':
      return decodeValueColumn(codecId, reader, type, rows);
    default:
      return unreachable(type.representation);
  }
}

function decodeNumberColumn(codecId: number, reader: ByteReader, rows: UnitRows, buffers: UnitBuffers): Column {
  const values = buffers.numbers(rows.rowCount);
  if (rows.valueCount === rows.rowCount) decodeNumbers(codecId, reader, values);
  else if (rows.valueCount > 0) decodeNumbers(codecId, reader, values.subarray(0, rows.valueCount));
  spread(values, rows);
  return { kind: 'number', values, validity: rows.validity };
}

function decodeWideColumn(codecId: number, reader: ByteReader, rows: UnitRows, buffers: UnitBuffers): Column {
  const high = buffers.high(rows.rowCount);
  const low = buffers.low(rows.rowCount);
  decodeWide(codecId, reader, { high: high.subarray(0, rows.valueCount), low: low.subarray(0, rows.valueCount) });
  spread(high, rows);
  spread(low, rows);
  return { kind: 'wide', high, low, validity: rows.validity };
}

function decodeCodeColumn(
  codecId: number,
  reader: ByteReader,
  rows: UnitRows,
  buffers: UnitBuffers,
  dictionary: Dictionary,
): Column {
  const codes = buffers.codes(rows.rowCount);
  const valueCodes = codes.subarray(0, rows.valueCount);
  decodeCodes(codecId, reader, valueCodes);
  let max = 0;
  for (let row = 0; row < valueCodes.length; row++) if (valueCodes[row] > max) max = valueCodes[row];
  if (max >= dictionary.size) throw new CorruptionError(`code ${max} in a dictionary of ${dictionary.size}`);
  spread(codes, rows);
  return { kind: 'dictionary', codes, dictionary, validity: rows.validity };
}

/** Text that was not worth a dictionary, on the heap. NULLs are empty strings beside their validity. */
function decodeBytesColumn(codecId: number, reader: ByteReader, rows: UnitRows): Column {
  const { rowCount, valueCount, validity } = rows;
  const offsets = new Uint32Array(rowCount + 1);
  if (valueCount === 0) return { kind: 'bytes', offsets, bytes: new Uint8Array(0), validity };
  const strings = decodeByteStrings(codecId, reader, valueCount);
  if (strings.codes === undefined) {
    let index = 0;
    for (let row = 0; row < rowCount; row++) {
      if (validity === undefined || validity[row] === 1) index++;
      offsets[row + 1] = strings.offsets[index];
    }
    return { kind: 'bytes', offsets, bytes: strings.bytes, validity };
  }
  let size = 0;
  for (let index = 0; index < valueCount; index++) {
    const code = strings.codes[index];
    size += strings.offsets[code + 1] - strings.offsets[code];
  }
  const bytes = new Uint8Array(size);
  let index = 0;
  for (let row = 0; row < rowCount; row++) {
    offsets[row + 1] = offsets[row];
    if (validity !== undefined && validity[row] === 0) continue;
    const code = strings.codes[index++];
    bytes.set(strings.bytes.subarray(strings.offsets[code], strings.offsets[code + 1]), offsets[row]);
    offsets[row + 1] += strings.offsets[code + 1] - strings.offsets[code];
  }
  return { kind: 'bytes', offsets, bytes, validity };
}

/** Values in their binary form. Rows with the same bytes share one object. */
function decodeValueColumn(codecId: number, reader: ByteReader, type: TypeDefinition, rows: UnitRows): Column {
  const { rowCount, valueCount, validity } = rows;
  const values: Value[] = new Array<Value>(rowCount).fill(null);
  if (valueCount === 0) return { kind: 'value', values, validity };
  const { offsets, bytes, codes } = decodeByteStrings(codecId, reader, valueCount);
  const distinct: Value[] = [];
  for (let index = 0; index + 1 < offsets.length; index++) {
    distinct.push(type.readBinary(bytes.subarray(offsets[index], offsets[index + 1]), neutralContext));
  }
  let index = 0;
  for (let row = 0; row < rowCount; row++) {
    if (validity !== undefined && validity[row] === 0) continue;
    values[row] = distinct[codes === undefined ? index : codes[index]];
    index++;
  }
  return { kind: 'value', values, validity };
}

/** Moves the values at the front of `target` to the rows that are not NULL; the others become 0. */
function spread(target: Float64Array | Int32Array | Uint32Array | Uint8Array, rows: UnitRows): void {
  const { rowCount, validity } = rows;
  let from = rows.valueCount;
  if (from === rowCount || validity === undefined) return;
  for (let row = rowCount - 1; row >= 0; row--) target[row] = validity[row] === 1 ? target[--from] : 0;
}
