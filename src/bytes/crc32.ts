import { crc32 as zlibCrc32 } from 'node:zlib';

/**
 * CRC-32 (the polynomial of zlib and Ethernet) as an unsigned 32-bit number. To checksum several pieces as one, pass
 * the checksum of those before as `seed`.
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return zlibCrc32(bytes, seed);
}
