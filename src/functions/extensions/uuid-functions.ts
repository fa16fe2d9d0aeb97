import { createHash } from 'node:crypto';
import { text } from '../../types/string-types.ts';
import { uuid } from '../../types/uuid.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';

/** From the beginning of the Gregorian calendar to 2000-01-01, in units of 100 ns. */
const GREGORIAN_TICKS = 131_659_776_000_000_000n;
const CLOCK_SEQUENCE_BITS = 0x3fff;
const MULTICAST = 0x01;
const LOCALLY_ADMINISTERED = 0x02;

/** The time and the node of the last one: two within a microsecond have successive times. */
let lastTicks = 0n;
let clockSequence: number | undefined;
let ownNode: Uint8Array | undefined;

function formatUuid(bytes: Uint8Array): string {
  const digits = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Sets the four bits of the version, and the two of the variant. */
function withVersion(bytes: Uint8Array, version: number): Uint8Array {
  bytes[6] = (bytes[6] & 0x0f) | (version << 4);
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes;
}

function randomNode(environment: FunctionEnvironment): Uint8Array {
  const node = new Uint8Array(6);
  environment.fillRandom(node);
  node[0] |= MULTICAST | LOCALLY_ADMINISTERED;
  return node;
}

/** By time. A server has no address of its own that it would tell everybody: its node is a random number. */
function timeUuid(environment: FunctionEnvironment, node: Uint8Array): string {
  const ticks = BigInt(Math.round(environment.clock())) * 10n + GREGORIAN_TICKS;
  lastTicks = ticks > lastTicks ? ticks : lastTicks + 1n;
  if (clockSequence === undefined) {
    const bytes = new Uint8Array(2);
    environment.fillRandom(bytes);
    clockSequence = ((bytes[0] << 8) | bytes[1]) & CLOCK_SEQUENCE_BITS;
  }
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(lastTicks & 0xffffffffn));
  view.setUint16(4, Number((lastTicks >> 32n) & 0xffffn));
  view.setUint16(6, Number((lastTicks >> 48n) & 0x0fffn));
  view.setUint16(8, clockSequence);
  bytes.set(node, 10);
  return formatUuid(withVersion(bytes, 1));
}

function timeUuidOfServer(environment: FunctionEnvironment): string {
  ownNode ??= randomNode(environment);
  return timeUuid(environment, ownNode);
}

function randomUuid(environment: FunctionEnvironment): string {
  const bytes = new Uint8Array(16);
  environment.fillRandom(bytes);
  return formatUuid(withVersion(bytes, 4));
}

/** Of a name within a name space: the same ones each time. */
function namedUuid(algorithm: 'md5' | 'sha1', version: number) {
  return (space: string, name: string): string => {
    const hash = createHash(algorithm)
      .update(Buffer.from(space.replaceAll('-', ''), 'hex'))
      .update(name)
      .digest();
    return formatUuid(withVersion(Uint8Array.from(hash.subarray(0, 16)), version));
  };
}

const constant =
  (value: string): (() => string) =>
  () =>
    value;
const isVolatile = { volatility: 'volatile', usesEnvironment: true, mayThrow: false } as const;
const isTotal = { mayThrow: false } as const;
const spaceArguments = { ...isTotal, argumentNames: ['namespace', 'name'] } as const;

/** What the extension uuid-ossp brings. */
export const uuidFunctions: readonly ScalarFunction[] = [
  defineScalar('uuid_nil', 15_260, [], uuid, constant('00000000-0000-0000-0000-000000000000'), isTotal),
  defineScalar('uuid_ns_dns', 15_261, [], uuid, constant('6ba7b810-9dad-11d1-80b4-00c04fd430c8'), isTotal),
  defineScalar('uuid_ns_url', 15_262, [], uuid, constant('6ba7b811-9dad-11d1-80b4-00c04fd430c8'), isTotal),
  defineScalar('uuid_ns_oid', 15_263, [], uuid, constant('6ba7b812-9dad-11d1-80b4-00c04fd430c8'), isTotal),
  defineScalar('uuid_ns_x500', 15_264, [], uuid, constant('6ba7b814-9dad-11d1-80b4-00c04fd430c8'), isTotal),
  defineScalar('uuid_generate_v1', 15_265, [], uuid, timeUuidOfServer, isVolatile),
  defineScalar(
    'uuid_generate_v1mc',
    15_266,
    [],
    uuid,
    (environment: FunctionEnvironment) => timeUuid(environment, randomNode(environment)),
    isVolatile,
  ),
  defineScalar('uuid_generate_v3', 15_267, [uuid, text], uuid, namedUuid('md5', 3), spaceArguments),
  defineScalar('uuid_generate_v4', 15_268, [], uuid, randomUuid, isVolatile),
  defineScalar('uuid_generate_v5', 15_269, [uuid, text], uuid, namedUuid('sha1', 5), spaceArguments),
];
