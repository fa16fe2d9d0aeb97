import { ByteReader } from '../../../src/bytes/byte-reader.ts';
import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import type { ColumnCodec, NumberCodec } from '../../../src/storage/codec/column-codec.ts';

/** The bits of doubles, so that NaN payloads and -0 count. */
export function bitsOf(values: Float64Array): bigint[] {
  return Array.from(new BigUint64Array(values.slice().buffer));
}

export function encoded<Values>(codec: ColumnCodec<Values>, values: Values): Uint8Array | undefined {
  const writer = new ByteWriter();
  return codec.encode(values, writer) ? writer.copy() : undefined;
}

/** What `codec` makes of the values, or undefined when it declines them. The target holds garbage first. */
export function roundTrip(codec: NumberCodec, values: Float64Array): Float64Array | undefined {
  const bytes = encoded(codec, values);
  if (bytes === undefined) return undefined;
  const target = new Float64Array(values.length).fill(123.456);
  const reader = new ByteReader(bytes);
  codec.decode(reader, target);
  if (reader.remaining !== 0) throw new Error(`${reader.remaining} bytes left over`);
  return target;
}

/** A NaN with these bits, which must be those of one. */
export function doubleOfBits(bits: bigint): Float64Array {
  return new Float64Array(BigUint64Array.of(bits).buffer);
}
