import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { binaryTooShort, fixedLengthView, invalidBinary } from './binary-form.ts';
import { bytea } from './bytea.ts';
import { invalidInput } from './integer-input.ts';
import type { TypeDefinition } from './type-definition.ts';

const MACADDR_BYTES = 6;
const MACADDR8_BYTES = 8;

const NUMBER = '\\s*([+-]?(?:0x)?[0-9a-f]+)';
const PAIR = '\\s*([0-9a-f]{2}|[+-][0-9a-f]|[0-9a-f](?![0-9a-f]))';

/** The six ways to write six bytes; numbers between : and - may have any length. */
const FORMS: readonly RegExp[] = [
  new Array<string>(6).fill(NUMBER).join(':'),
  new Array<string>(6).fill(NUMBER).join('-'),
  `${PAIR}${PAIR}${PAIR}:${PAIR}${PAIR}${PAIR}`,
  `${PAIR}${PAIR}${PAIR}-${PAIR}${PAIR}${PAIR}`,
  `${PAIR}${PAIR}\\.${PAIR}${PAIR}\\.${PAIR}${PAIR}`,
  `${PAIR}${PAIR}-${PAIR}${PAIR}-${PAIR}${PAIR}`,
  new Array<string>(6).fill(PAIR).join(''),
].map((form) => new RegExp(`^${form}\\s*$`, 'i'));

function parseMacaddr(text: string): Uint8Array {
  for (const form of FORMS) {
    const match = form.exec(text);
    if (match === null) continue;
    const octets = match.slice(1).map((digits) => Number.parseInt(digits, 16));
    if (octets.some((octet) => octet < 0 || octet > 255)) {
      throw new SqlError(SqlState.NumericValueOutOfRange, `invalid octet value in "macaddr" value: "${text}"`);
    }
    return Uint8Array.from(octets);
  }
  throw invalidInput('macaddr', text);
}

/** Pairs of digits, six or eight, each with the same sign behind it or none; what is one character more is not looked at. */
const MACADDR8 = /^\s*((?:[0-9a-f]{2}[:.-]?){6}|(?:[0-9a-f]{2}[:.-]?){8})(?:\s*|[^\s])$/i;

function parseMacaddr8(text: string): Uint8Array {
  const written = MACADDR8.exec(text)?.[1] ?? '';
  if (new Set(written.replace(/[0-9a-f]/gi, '')).size > 1 || written === '') throw invalidInput('macaddr8', text);
  return widened(new Uint8Array(Buffer.from(written.replace(/[:.-]/g, ''), 'hex')));
}

/** Eight bytes for six: FF and FE go between its halves. */
export function widened(address: Uint8Array): Uint8Array {
  if (address.length === MACADDR8_BYTES) return address;
  return Uint8Array.of(...address.subarray(0, 3), 0xff, 0xfe, ...address.subarray(3));
}

function formatMacaddr(address: Uint8Array): string {
  return Array.from(address, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}

function readMacaddr(bytes: Uint8Array): Uint8Array {
  if (bytes.length < MACADDR_BYTES) throw binaryTooShort(1);
  fixedLengthView(bytes, MACADDR_BYTES);
  return bytes.slice();
}

function readMacaddr8(bytes: Uint8Array): Uint8Array {
  if (bytes.length === MACADDR_BYTES) return widened(bytes);
  if (bytes.length < MACADDR8_BYTES) throw binaryTooShort(1);
  if (bytes.length > MACADDR8_BYTES) throw invalidBinary();
  return bytes.slice();
}

/** Six bytes: `08:00:2b:01:02:03`. */
export const macaddr: TypeDefinition = {
  ...bytea,
  oid: 829,
  name: 'macaddr',
  sqlName: 'macaddr',
  length: MACADDR_BYTES,
  arrayOid: 1040,
  parse: parseMacaddr,
  format: (value) => formatMacaddr(value as Uint8Array),
  readBinary: readMacaddr,
};

/** Eight bytes: `08:00:2b:01:02:03:04:05`. */
export const macaddr8: TypeDefinition = {
  ...macaddr,
  oid: 774,
  name: 'macaddr8',
  sqlName: 'macaddr8',
  length: MACADDR8_BYTES,
  arrayOid: 775,
  parse: parseMacaddr8,
  readBinary: readMacaddr8,
};
