import type { ByteWriter } from '../bytes/byte-writer.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { binaryTooShort, invalidBinary } from './binary-form.ts';
import { bytea } from './bytea.ts';
import { formatCidr, formatInet, parseCidr, parseInet } from './inet-text.ts';
import { invalidInput } from './integer-input.ts';
import type { TypeDefinition } from './type-definition.ts';

const V4_FAMILY = 2;
const V6_FAMILY = 3;

const V4_LENGTH = 5;
const V6_LENGTH = 17;

export function isV4(address: Uint8Array): boolean {
  return address.length === V4_LENGTH;
}

/** As many bits as an address of this kind has. */
export function maxBits(address: Uint8Array): number {
  return (address.length - 1) * 8;
}

/** A byte of the mask that has `bits` ones from the left. */
export function maskByte(bits: number, index: number): number {
  const left = bits - index * 8;
  return left >= 8 ? 0xff : left <= 0 ? 0 : (0xff << (8 - left)) & 0xff;
}

/** The first address of the network that an address is in. */
export function networkOf(address: Uint8Array): Uint8Array {
  return address.map((byte, at) => (at === 0 ? byte : byte & maskByte(address[0], at - 1)));
}

/** The order of the first `bits` bits. */
export function compareBits(left: Uint8Array, right: Uint8Array, bits: number): number {
  for (let index = 0; index * 8 < bits; index++) {
    const mask = maskByte(bits, index);
    const difference = (left[index + 1] & mask) - (right[index + 1] & mask);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Version 4 before 6, then by the network, the wider one first, then by the whole address. */
function compareAddresses(left: Uint8Array, right: Uint8Array): number {
  if (left.length !== right.length) return Math.sign(left.length - right.length);
  return (
    compareBits(left, right, Math.min(left[0], right[0])) ||
    left[0] - right[0] ||
    compareBits(left, right, maxBits(left))
  );
}

function hasHostBits(address: Uint8Array): boolean {
  return compareBits(address, networkOf(address), maxBits(address)) !== 0;
}

const BITS_RIGHT_OF_MASK = { detail: 'Value has bits set to right of mask.' } as const;

function parseNetwork(text: string): Uint8Array {
  const address = parseCidr(text);
  if (address === undefined) throw invalidInput('cidr', text);
  if (!hasHostBits(address)) return address;
  throw new SqlError(SqlState.InvalidTextRepresentation, `invalid cidr value: "${text}"`, BITS_RIGHT_OF_MASK);
}

function parseAddress(text: string): Uint8Array {
  const address = parseInet(text);
  if (address === undefined) throw invalidInput('inet', text);
  return address;
}

/** | family (uint8): 2 or 3 | bits (uint8) | 1 = cidr (uint8) | length (uint8) | address | */
function writeAddress(address: Uint8Array, isCidr: boolean, writer: ByteWriter): void {
  writer.uint8(isV4(address) ? V4_FAMILY : V6_FAMILY);
  writer.uint8(address[0]);
  writer.uint8(isCidr ? 1 : 0);
  writer.uint8(address.length - 1);
  writer.bytes(address.subarray(1));
}

/** Throws 22P03 and 08P01. Whether the bytes say that they are a cidr does not count. */
function readAddress(bytes: Uint8Array, name: 'inet' | 'cidr'): Uint8Array {
  const invalid = (what: string): SqlError =>
    new SqlError(SqlState.InvalidBinaryRepresentation, `invalid ${what} in external "${name}" value`);
  if (bytes.length < 1) throw binaryTooShort(1);
  const [family, bits, , length] = bytes;
  if (family !== V4_FAMILY && family !== V6_FAMILY) throw invalid('address family');
  if (bytes.length < 2) throw binaryTooShort(1);
  const size = family === V4_FAMILY ? V4_LENGTH - 1 : V6_LENGTH - 1;
  if (bits > size * 8) throw invalid('bits');
  if (bytes.length < 4) throw binaryTooShort(1);
  if (length !== size) throw invalid('length');
  if (bytes.length < 4 + size) throw binaryTooShort(1);
  if (bytes.length > 4 + size) throw invalidBinary();
  const address = new Uint8Array(1 + size);
  address[0] = bits;
  address.set(bytes.subarray(4), 1);
  if (name === 'cidr' && hasHostBits(address)) {
    throw new SqlError(SqlState.InvalidBinaryRepresentation, 'invalid external "cidr" value', BITS_RIGHT_OF_MASK);
  }
  return address;
}

/** The address of a host, and which network it is in: | bits | 4 or 16 bytes |. */
export const inet: TypeDefinition = {
  ...bytea,
  oid: 869,
  name: 'inet',
  sqlName: 'inet',
  category: 'I',
  isPreferred: true,
  arrayOid: 1041,
  parse: parseAddress,
  format: (value) => formatInet(value as Uint8Array),
  readBinary: (bytes) => readAddress(bytes, 'inet'),
  writeBinary: (value, writer) => writeAddress(value as Uint8Array, false, writer),
  compare: (left, right) => compareAddresses(left as Uint8Array, right as Uint8Array),
};

/** A network: an address without anything right of its bits. */
export const cidr: TypeDefinition = {
  ...inet,
  oid: 650,
  name: 'cidr',
  sqlName: 'cidr',
  isPreferred: false,
  arrayOid: 651,
  parse: parseNetwork,
  format: (value) => formatCidr(value as Uint8Array),
  readBinary: (bytes) => readAddress(bytes, 'cidr'),
  writeBinary: (value, writer) => writeAddress(value as Uint8Array, true, writer),
};
