/*
 * Addresses of the Internet as text. An address is its bytes, 4 or 16 of them, behind the number of bits that say which
 * network it is in: | bits | address |.
 */

const V4_BYTES = 4;
const V6_BYTES = 16;
const WORDS = 8;

/** The address with its bits, or undefined for what is none. */
export function parseInet(text: string): Uint8Array | undefined {
  if (text.includes(':')) return parseV6(text);
  // An octet may be missing behind a dot at the end, and all but the first where the bits are said.
  const match = /^(\d+(?:\.\d+)*)\.?(?:\/(\d+))?$/.exec(text);
  const octets = octetsIn(match?.[1]);
  if (octets === undefined || octets.length > V4_BYTES) return undefined;
  if (match?.[2] === undefined && octets.length < V4_BYTES) return undefined;
  const bits = match?.[2] === undefined ? V4_BYTES * 8 : Number(match[2]);
  if (bits > V4_BYTES * 8 || octets.length < Math.floor(bits / 8)) return undefined;
  return addressOf(bits, octets, V4_BYTES);
}

/** The same for cidr, where octets may be left out and are filled up. What is right of the bits is not looked at. */
export function parseCidr(text: string): Uint8Array | undefined {
  if (text.includes(':')) return parseV6(text);
  const match = /^(?:0[xX]([0-9a-fA-F]+)|(\d+(?:\.\d+)*))(?:\/(\d+))?$/.exec(text);
  const octets = match?.[1] === undefined ? octetsIn(match?.[2]) : octetsOfHex(match[1]);
  if (octets === undefined || octets.length > V4_BYTES) return undefined;
  const bits = match?.[3] === undefined ? bitsOfClass(octets) : Number(match[3]);
  return bits > V4_BYTES * 8 ? undefined : addressOf(bits, octets, V4_BYTES);
}

function octetsIn(dotted: string | undefined): number[] | undefined {
  const octets = dotted?.split('.').map(Number);
  return octets?.every((octet) => octet <= 255) === true ? octets : undefined;
}

/** Two digits an octet; an odd one at the end is a high one. */
function octetsOfHex(digits: string): number[] {
  return (digits.match(/..?/g) ?? []).map((pair) => Number.parseInt(pair.padEnd(2, '0'), 16));
}

/** How many bits a network has that does not say so: by its class, but no fewer than are written. */
function bitsOfClass(octets: readonly number[]): number {
  const [first = 0] = octets;
  const ofClass = first >= 240 ? 32 : first >= 224 ? 8 : first >= 192 ? 24 : first >= 128 ? 16 : 8;
  const bits = Math.max(ofClass, octets.length * 8);
  return bits === 8 && first === 224 ? 4 : bits;
}

function addressOf(bits: number, octets: readonly number[], length: number): Uint8Array {
  const address = new Uint8Array(1 + length);
  address[0] = bits;
  address.set(octets, 1);
  return address;
}

function parseV6(text: string): Uint8Array | undefined {
  const match = /^([^/]*)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text);
  const bits = match?.[2] === undefined ? V6_BYTES * 8 : Number(match[2]);
  // Where the bits follow, one sign too many may stand before them.
  const written = match?.[2] === undefined ? match?.[1] : match[1]?.replace(/(?<=[^:]):$|(?<=\.\d+)\.$/, '');
  const octets = written === undefined ? undefined : octetsOfV6(written);
  return octets === undefined || bits > V6_BYTES * 8 ? undefined : addressOf(bits, octets, V6_BYTES);
}

function octetsOfV6(text: string): number[] | undefined {
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  if (tail === undefined) {
    const octets = octetsOfWords(head, true);
    return octets?.length === V6_BYTES ? octets : undefined;
  }
  const before = octetsOfWords(head, false);
  const behind = octetsOfWords(tail, true);
  if (before === undefined || behind === undefined) return undefined;
  const missing = V6_BYTES - before.length - behind.length;
  return missing > 0 ? [...before, ...new Array<number>(missing).fill(0), ...behind] : undefined;
}

const WORD = /^[0-9a-fA-F]{1,4}$/;
const DOTTED = /^(?:(?:0|[1-9]\d{0,2})?\.){0,3}(?:0|[1-9]\d{0,2})$/;

/** Words between colons, the last of which may be an address of version 4; those of its octets that are not there are 0. */
function octetsOfWords(text: string, mayEndInV4: boolean): number[] | undefined {
  const octets: number[] = [];
  if (text === '') return octets;
  const words = text.split(':');
  for (const [at, word] of words.entries()) {
    if (WORD.test(word)) {
      const value = Number.parseInt(word, 16);
      octets.push(value >> 8, value & 255);
      continue;
    }
    if (!mayEndInV4 || at < words.length - 1 || !DOTTED.test(word)) return undefined;
    const last = word.split('.').map(Number);
    if (last.some((octet) => octet > 255)) return undefined;
    octets.push(...last, ...new Array<number>(V4_BYTES - last.length).fill(0));
  }
  return octets;
}

/** The address alone: `10.1.2.3`, `2001:db8::1`. */
export function formatHost(address: Uint8Array): string {
  const octets = address.subarray(1);
  return octets.length === V4_BYTES ? octets.join('.') : formatV6(octets);
}

/** With the bits unless they are all. */
export function formatInet(address: Uint8Array): string {
  const host = formatHost(address);
  return address[0] === (address.length - 1) * 8 ? host : `${host}/${address[0]}`;
}

/** With the bits, always. */
export function formatCidr(address: Uint8Array): string {
  return `${formatHost(address)}/${address[0]}`;
}

function wordsOf(octets: Uint8Array): number[] {
  return Array.from({ length: octets.length / 2 }, (_, at) => octets[at * 2] * 256 + octets[at * 2 + 1]);
}

function formatV6(octets: Uint8Array): string {
  const words = wordsOf(octets);
  const zeros = longestZeros(words);
  return isV4InV6(words, zeros) ? v4InV6(zeros, octets.subarray(12)) : withoutZeros(words, zeros);
}

interface Zeros {
  readonly start: number;
  readonly length: number;
}

/** The first of the longest runs of words that are 0; one alone is not worth leaving out. */
function longestZeros(words: readonly number[]): Zeros {
  let best: Zeros = { start: WORDS, length: 1 };
  for (let start = 0; start < words.length; start++) {
    let end = start;
    while (end < words.length && words[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
    start = Math.max(start, end - 1);
  }
  return best;
}

/** `::1.2.3.4` and `::ffff:1.2.3.4`. */
function isV4InV6(words: readonly number[], { start, length }: Zeros): boolean {
  return start === 0 && words.length > 6 && (length === 6 || (length === 5 && words[5] === 0xffff));
}

function v4InV6({ length }: Zeros, octets: Uint8Array): string {
  return `${length === 5 ? '::ffff:' : '::'}${octets.join('.')}`;
}

function withoutZeros(words: readonly number[], { start, length }: Zeros): string {
  const hex = words.map((word) => word.toString(16));
  if (start >= words.length) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** As short as a network can be written: `10.1/16`, `2001:db8/32`. */
export function abbreviateCidr(address: Uint8Array): string {
  const bits = address[0];
  if (address.length === 1 + V4_BYTES) {
    const shown = address.subarray(1, 1 + Math.max(1, Math.ceil(bits / 8)));
    return `${bits === 0 ? '0' : shown.join('.')}/${bits}`;
  }
  if (bits === 0) return '::/0';
  const octets = address.subarray(1);
  const words = wordsOf(octets).slice(0, Math.max(2, Math.ceil(bits / 16)));
  const zeros = longestZeros(words);
  if (isV4InV6(words, zeros)) {
    const shown = words.length < WORDS ? 2 : bits > 120 ? 4 : 3;
    return `${v4InV6(zeros, octets.subarray(12, 12 + shown))}/${bits}`;
  }
  // Here a word alone is left out too.
  const lone = zeros.start < WORDS ? -1 : words.indexOf(0);
  return `${withoutZeros(words, lone < 0 ? zeros : { start: lone, length: 1 })}/${bits}`;
}
