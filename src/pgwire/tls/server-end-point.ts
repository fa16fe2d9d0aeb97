import { createHash } from 'node:crypto';

/** Object identifiers of signatures, as DER has them, and the hash that each is over. */
const HASHES: ReadonlyMap<string, 'sha256' | 'sha384' | 'sha512'> = new Map([
  // MD5 and SHA-1 count as SHA-256 (RFC 5929).
  ['2a864886f70d010104', 'sha256'],
  ['2a864886f70d010105', 'sha256'],
  ['2a8648ce3d0401', 'sha256'],
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
]);

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;

/**
 * What a client binds its password to: the hash of the server's certificate, given in DER, with the hash of its signature.
 * undefined where that is not defined (Ed25519, RSA-PSS): then there is nothing to bind to.
 *
 *   Certificate  ::=  SEQUENCE  { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OID, … }, signature }
 */
export function serverEndPoint(certificate: Uint8Array): Uint8Array | undefined {
  const outer = element(certificate, 0);
  const signed = outer && element(certificate, outer.start);
  const algorithm = signed && element(certificate, signed.end);
  const identifier = algorithm && element(certificate, algorithm.start);
  if (outer?.tag !== SEQUENCE || algorithm?.tag !== SEQUENCE || identifier?.tag !== OBJECT_IDENTIFIER) return undefined;
  const hash = HASHES.get(Buffer.from(certificate.subarray(identifier.start, identifier.end)).toString('hex'));
  return hash === undefined ? undefined : createHash(hash).update(certificate).digest();
}

interface Element {
  readonly tag: number;
  /** Of the contents. */
  readonly start: number;
  readonly end: number;
}

function element(bytes: Uint8Array, at: number): Element | undefined {
  if (at + 2 > bytes.length) return undefined;
  let length = bytes[at + 1];
  let start = at + 2;
  if (length > 0x80) {
    const lengthBytes = length & 0x7f;
    if (lengthBytes > 4 || start + lengthBytes > bytes.length) return undefined;
    length = 0;
    for (const end = start + lengthBytes; start < end; start++) length = length * 256 + bytes[start];
  }
  return start + length > bytes.length ? undefined : { tag: bytes[at], start, end: start + length };
}
