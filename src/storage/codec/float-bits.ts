import { invariant } from '../../errors/invariant.ts';
import { UNIT_ROWS } from './column-codec.ts';

invariant(new Uint8Array(new Uint32Array([1]).buffer)[0] === 1, 'the processor is little-endian, as our files are');

/**
 * The bits of doubles. NaNs have payloads which the language may lose when a value passes through a variable, so codecs
 * that keep bits copy bytes and compare words.
 */

/** The bytes of `values`, shared. */
export function bytesOf(values: Float64Array | Float32Array | Uint32Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The words of `values`, shared: low word at 2 · row, high word at 2 · row + 1. */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

const scratchValues = new Float64Array(UNIT_ROWS);
const scratchWords = new Uint32Array(scratchValues.buffer);

/** A copy of the words of at most 1,024 values, valid until the next call. */
export function copiedWords(values: Float64Array): Uint32Array {
  scratchValues.set(values);
  return scratchWords;
}
