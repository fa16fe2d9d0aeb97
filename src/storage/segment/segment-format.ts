import { crc32 } from 'node:zlib';
import { ByteReader } from '../../bytes/byte-reader.ts';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';

/**
 * The frame of a segment (docs/format/segment.md draws the rest):
 *
 *   | header, 16 bytes | chunks | footer | trailer, 24 bytes |
 *
 *   header    | magic, 8 bytes | format version u32le | CRC-32 of the 12 bytes before u32le |
 *   trailer   | footer size u32le | CRC-32 of the footer u32le | format version u32le
 *             | CRC-32 of the 12 bytes before u32le | magic, 8 bytes |
 */
export const FORMAT_VERSION = 1;
export const HEADER_BYTES = 16;
export const TRAILER_BYTES = 24;

const HEADER_MAGIC = Uint8Array.from([0x54, 0x57, 0x53, 0x45, 0x47, 0x0d, 0x0a, 0x1a]); // TWSEG\r\n^Z
const TRAILER_MAGIC = Uint8Array.from([0x54, 0x57, 0x53, 0x45, 0x47, 0x45, 0x4e, 0x44]); // TWSEGEND

/** Units of one column that lie next to each other in the file. */
export const CHUNK_UNITS = 64;

export interface Trailer {
  readonly footerBytes: number;
  readonly footerCrc: number;
}

export function encodeHeader(): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES);
  writer.bytes(HEADER_MAGIC);
  writer.uint32le(FORMAT_VERSION);
  writer.uint32le(crc32(writer.view()));
  return writer.copy();
}

export function checkHeader(bytes: Uint8Array): void {
  const reader = new ByteReader(bytes);
  expectMagic(reader.bytes(HEADER_MAGIC.length), HEADER_MAGIC, 'begins');
  const version = reader.uint32le();
  if (reader.uint32le() !== crc32(bytes.subarray(0, HEADER_BYTES - 4))) {
    throw new CorruptionError('header checksum mismatch');
  }
  expectVersion(version);
}

export function encodeTrailer({ footerBytes, footerCrc }: Trailer): Uint8Array {
  const writer = new ByteWriter(TRAILER_BYTES);
  writer.uint32le(footerBytes);
  writer.uint32le(footerCrc);
  writer.uint32le(FORMAT_VERSION);
  writer.uint32le(crc32(writer.view()));
  writer.bytes(TRAILER_MAGIC);
  return writer.copy();
}

export function decodeTrailer(bytes: Uint8Array): Trailer {
  const reader = new ByteReader(bytes);
  const footerBytes = reader.uint32le();
  const footerCrc = reader.uint32le();
  const version = reader.uint32le();
  const crc = reader.uint32le();
  expectMagic(reader.bytes(TRAILER_MAGIC.length), TRAILER_MAGIC, 'ends');
  if (crc !== crc32(bytes.subarray(0, 12))) throw new CorruptionError('trailer checksum mismatch');
  expectVersion(version);
  return { footerBytes, footerCrc };
}

function expectMagic(bytes: Uint8Array, magic: Uint8Array, verb: string): void {
  for (let index = 0; index < magic.length; index++) {
    if (bytes[index] !== magic[index]) throw new CorruptionError(`no segment ${verb} here`);
  }
}

function expectVersion(version: number): void {
  if (version !== FORMAT_VERSION) {
    throw new CorruptionError(`format version ${version}; this program reads version ${FORMAT_VERSION}`);
  }
}
