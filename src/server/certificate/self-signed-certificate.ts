import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bitString,
  boolean,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  tagged,
  time,
  utf8String,
} from './der.ts';

const OID = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  clientAuthentication: '1.3.6.1.5.5.7.3.2',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

const DAY_MS = 86_400_000;
/** A clock that is a little behind must not call the certificate not yet valid. */
const BACKDATED_MS = 3_600_000;
const SERIAL_BYTES = 16;
const DIGITAL_SIGNATURE_AND_SIGNING = 0x84;

export interface CertificatePair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/**
 * A key on the curve P-256 and a certificate for it that it has signed itself (X.509 version 3). Clients take it as their
 * own authority (`sslrootcert`), for the names and addresses that stand in it.
 */
export function selfSignedCertificate(options: {
  /** Names and addresses of the server; the first is its common name. */
  readonly hosts: readonly string[];
  readonly days: number;
  readonly now: Date;
}): CertificatePair {
  const { hosts, days, now } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = sequence(objectIdentifier(OID.ecdsaWithSha256));
  const name = sequence(set(sequence(objectIdentifier(OID.commonName), utf8String(hosts[0] ?? 'localhost'))));
  const serial = randomBytes(SERIAL_BYTES);
  // A serial number is positive.
  serial[0] = (serial[0] & 0x7f) | 0x40;
  const signed = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name,
    sequence(time(new Date(now.getTime() - BACKDATED_MS)), time(new Date(now.getTime() + days * DAY_MS))),
    name,
    keyInfo,
    tagged(0xa3, sequence(...extensions(hosts, keyInfo))),
  );
  const signature = sign('sha256', signed, { key: privateKey, dsaEncoding: 'der' });
  return {
    certificatePem: pem('CERTIFICATE', sequence(signed, algorithm, bitString(signature))),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extensions(hosts: readonly string[], keyInfo: Uint8Array): Buffer[] {
  const extension = (oid: string, isCritical: boolean, contents: Buffer): Buffer =>
    sequence(objectIdentifier(oid), ...(isCritical ? [boolean(true)] : []), octetString(contents));
  const uses = [OID.serverAuthentication, OID.clientAuthentication].map(objectIdentifier);
  const keyId = createHash('sha1').update(keyInfo).digest();
  return [
    extension(OID.basicConstraints, true, sequence(boolean(true))),
    extension(OID.keyUsage, true, bitString(Buffer.from([DIGITAL_SIGNATURE_AND_SIGNING]), 2)),
    extension(OID.extendedKeyUsage, false, sequence(...uses)),
    extension(OID.subjectKeyIdentifier, false, octetString(keyId)),
    extension(OID.subjectAlternativeName, false, sequence(...hosts.map(alternativeName))),
  ];
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 0 ? tagged(0x82, Buffer.from(host, 'latin1')) : tagged(0x87, addressBytes(host));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const bytes = Buffer.alloc(16);
  const [head = '', tail] = address.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  for (const [at, group] of before.entries()) bytes.writeUInt16BE(group, at * 2);
  for (const [at, group] of after.entries()) bytes.writeUInt16BE(group, 16 - (after.length - at) * 2);
  return bytes;
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
