import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { cidr, compareBits, inet, isV4, maskByte, maxBits, networkOf } from '../../types/inet.ts';
import { abbreviateCidr, formatCidr, formatHost, formatInet } from '../../types/inet-text.ts';
import { int4 } from '../../types/int4.ts';
import { text } from '../../types/string-types.ts';
import { defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

function withBits(address: Uint8Array, bits: number): Uint8Array {
  const changed = address.slice();
  changed[0] = bits;
  return changed;
}

/** -1 means all bits. Throws 22023. */
function checkedBits(address: Uint8Array, bits: number): number {
  if (bits === -1) return maxBits(address);
  if (bits >= 0 && bits <= maxBits(address)) return bits;
  throw new SqlError(SqlState.InvalidParameterValue, `invalid mask length: ${bits}`);
}

/** An address of all bits whose bytes are made of the mask's. */
function ofMask(address: Uint8Array, byteOf: (mask: number, byte: number) => number, bits: number): Uint8Array {
  return address.map((byte, at) => (at === 0 ? bits : byteOf(maskByte(address[0], at - 1), byte)));
}

/** The smallest network that has both in it. Throws 22023 for addresses of different versions. */
function merge(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== right.length) {
    throw new SqlError(SqlState.InvalidParameterValue, 'cannot merge addresses from different families');
  }
  let bits = Math.min(left[0], right[0]);
  while (compareBits(left, right, bits) !== 0) bits--;
  return networkOf(withBits(left, bits));
}

/** text(inet), which is the cast to all texts: with the bits, always. */
export const textOfInet: ScalarFunction = defineScalar('text', 730, [inet], text, formatCidr, total);

export const inetFunctions: readonly ScalarFunction[] = [
  textOfInet,
  defineScalar('abbrev', 598, [inet], text, formatInet, total),
  defineScalar('abbrev', 599, [cidr], text, abbreviateCidr, total),
  defineScalar(
    'broadcast',
    698,
    [inet],
    inet,
    (address: Uint8Array) => ofMask(address, (mask, byte) => byte | (~mask & 0xff), address[0]),
    total,
  ),
  defineScalar('family', 711, [inet], int4, (address: Uint8Array) => (isV4(address) ? 4 : 6), total),
  defineScalar('host', 699, [inet], text, formatHost, total),
  defineScalar(
    'hostmask',
    1362,
    [inet],
    inet,
    (address: Uint8Array) => ofMask(address, (mask) => ~mask & 0xff, maxBits(address)),
    total,
  ),
  defineScalar('inet_merge', 4063, [inet, inet], cidr, merge),
  defineScalar(
    'inet_same_family',
    4071,
    [inet, inet],
    bool,
    (left: Uint8Array, right: Uint8Array) => left.length === right.length,
    total,
  ),
  defineScalar('masklen', 697, [inet], int4, (address: Uint8Array) => address[0], total),
  defineScalar(
    'netmask',
    696,
    [inet],
    inet,
    (address: Uint8Array) => ofMask(address, (mask) => mask, maxBits(address)),
    total,
  ),
  defineScalar('network', 683, [inet], cidr, networkOf, total),
  defineScalar('set_masklen', 605, [inet, int4], inet, (address: Uint8Array, bits: number) =>
    withBits(address, checkedBits(address, bits)),
  ),
  defineScalar('set_masklen', 635, [cidr, int4], cidr, (address: Uint8Array, bits: number) =>
    networkOf(withBits(address, checkedBits(address, bits))),
  ),
  defineScalar(
    'network_cmp',
    926,
    [inet, inet],
    int4,
    (left: Uint8Array, right: Uint8Array) => inet.compare(left, right),
    total,
  ),
  defineScalar(
    'network_larger',
    3562,
    [inet, inet],
    inet,
    (left: Uint8Array, right: Uint8Array) => (inet.compare(left, right) > 0 ? left : right),
    total,
  ),
  defineScalar(
    'network_smaller',
    3563,
    [inet, inet],
    inet,
    (left: Uint8Array, right: Uint8Array) => (inet.compare(left, right) < 0 ? left : right),
    total,
  ),
];
