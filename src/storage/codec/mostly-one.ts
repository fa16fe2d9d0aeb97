import { CorruptionError } from '../../errors/corruption-error.ts';
import { bits } from './bits.ts';
import { CodecId, type NumberCodec, UNIT_ROWS } from './column-codec.ts';
import { decimalScaled } from './decimal-scaled.ts';
import { bytesOf, copiedWords, wordsOf } from './float-bits.ts';
import { frameOfReference } from './frame-of-reference.ts';
import { plain } from './plain.ts';

/** Above this share the others are better packed with the common value among them. */
const MAX_OTHER_SHARE = 0.5;
/** How the others are written, the first that takes them. */
const OTHERS: readonly NumberCodec[] = [frameOfReference, decimalScaled, plain];

const isOther = new Uint8Array(UNIT_ROWS);
const others = new Float64Array(UNIT_ROWS);

/**
 * Mostly one: a value that more than half of the rows have (no tip, no toll, no error) at one bit a row, and the others.
 *
 *   | common value f64le | count of the others varint | per row a bit, 1 = one of the others: `bits`
 *   | codec of the others u8: 1, 6 or 8 | their payload |          absent when there are none
 */
export const mostlyOne: NumberCodec = {
  id: CodecId.MostlyOne,
  name: 'mostly one',
  encode(values, writer) {
    const common = commonRow(values);
    const words = copiedWords(values);
    let count = 0;
    for (let row = 0; row < values.length; row++) {
      const isCommon = words[row * 2] === words[common * 2] && words[row * 2 + 1] === words[common * 2 + 1];
      isOther[row] = isCommon ? 0 : 1;
      if (!isCommon) others[count++] = values[row];
    }
    if (count > values.length * MAX_OTHER_SHARE) return false;
    writer.bytes(bytesOf(values).subarray(common * 8, common * 8 + 8));
    writer.varint(count);
    if (count === 0) return true;
    bits.encode(isOther.subarray(0, values.length), writer);
    for (const codec of OTHERS) {
      const start = writer.length;
      writer.uint8(codec.id);
      if (codec.encode(others.subarray(0, count), writer)) break;
      writer.truncate(start);
    }
    return true;
  },
  decode(reader, target) {
    const commonBytes = reader.bytes(8);
    const count = reader.varint();
    if (count > target.length) throw new CorruptionError(`${count} other values in ${target.length} rows`);
    fillWith(commonBytes, target);
    if (count === 0) return;
    const marks = isOther.subarray(0, target.length);
    bits.decode(reader, marks);
    const id = reader.uint8();
    const codec = OTHERS.find((candidate) => candidate.id === id);
    if (codec === undefined) throw new CorruptionError(`codec ${id} where the other values are expected`);
    codec.decode(reader, others.subarray(0, count));
    // Words rather than doubles: a NaN keeps its payload.
    const from = wordsOf(others);
    const to = wordsOf(target);
    let index = 0;
    for (let row = 0; row < target.length; row++) {
      if (marks[row] === 0) continue;
      if (index < count) {
        to[row * 2] = from[index * 2];
        to[row * 2 + 1] = from[index * 2 + 1];
      }
      index++;
    }
    if (index !== count) throw new CorruptionError(`${index} rows with other values instead of ${count}`);
  },
};

/** A row with the value that more than half of the rows have, if there is one (after Boyer and Moore). */
function commonRow(values: Float64Array): number {
  const words = copiedWords(values);
  let candidate = 0;
  let lead = 0;
  for (let row = 0; row < values.length; row++) {
    if (lead === 0) candidate = row;
    const isSame = words[row * 2] === words[candidate * 2] && words[row * 2 + 1] === words[candidate * 2 + 1];
    lead += isSame ? 1 : -1;
  }
  return candidate;
}

function fillWith(valueBytes: Uint8Array, target: Float64Array): void {
  const bytes = bytesOf(target);
  bytes.set(valueBytes);
  if (!Number.isNaN(target[0])) target.fill(target[0]);
  else for (let filled = 8; filled < bytes.length; filled *= 2) bytes.copyWithin(filled, 0, filled);
}
