import { ByteReader } from '../bytes/byte-reader.ts';
import { decodeUtf8 } from '../bytes/utf8.ts';
import { SqlState } from '../errors/sql-state.ts';
import { FatalError, protocolViolation } from './fatal-error.ts';

/** The first packet of a connection, of which there may be several: encryption is asked for before the real one. */
export type StartupPacket =
  | { readonly kind: 'ssl-request' }
  | { readonly kind: 'gss-request' }
  | { readonly kind: 'cancel'; readonly processId: number; readonly key: Uint8Array }
  | { readonly kind: 'unsupported'; readonly major: number; readonly minor: number }
  | StartupMessage;

export interface StartupMessage {
  readonly kind: 'startup';
  /** Of protocol 3: what the client asks for. */
  readonly minor: number;
  readonly parameters: ReadonlyMap<string, string>;
}

const CODE_MAJOR = 1234;
const CANCEL_MINOR = 5678;
const SSL_MINOR = 5679;
const GSS_MINOR = 5680;
const PROTOCOL_MAJOR = 3;
/** The newest protocol that we speak is 3.2. */
export const NEWEST_MINOR = 2;

/**
 * What follows the length word:
 *
 *   | major (int16) | minor (int16) | name, 0, value, 0 … | 0
 *   | 1234 | 5678 | process id (int32) | key              a CancelRequest; 5679 asks for TLS, 5680 for GSSAPI
 *
 * Throws 08P01 and 22021.
 */
export function decodeStartupPacket(packet: Uint8Array): StartupPacket {
  const reader = new ByteReader(packet);
  const major = reader.int16();
  const minor = reader.int16();
  if (major === CODE_MAJOR) {
    if (minor === SSL_MINOR) return { kind: 'ssl-request' };
    if (minor === GSS_MINOR) return { kind: 'gss-request' };
    if (minor === CANCEL_MINOR) {
      if (reader.remaining < 8) throw protocolViolation('invalid length of cancel request packet');
      return { kind: 'cancel', processId: reader.int32(), key: packet.slice(reader.position) };
    }
  }
  if (major !== PROTOCOL_MAJOR) return { kind: 'unsupported', major, minor };
  return { kind: 'startup', minor, parameters: decodeParameters(packet.subarray(reader.position)) };
}

function decodeParameters(bytes: Uint8Array): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  let at = 0;
  const next = (): string => {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw invalidLayout();
    const text = decodeUtf8(bytes.subarray(at, end));
    at = end + 1;
    return text;
  };
  for (;;) {
    const name = next();
    if (name === '') break;
    parameters.set(name, next());
  }
  if (at !== bytes.length) throw invalidLayout();
  return parameters;
}

function invalidLayout(): FatalError {
  return protocolViolation('invalid startup packet layout: expected terminator as last byte');
}

export function unsupportedProtocol(major: number, minor: number): FatalError {
  return new FatalError(
    SqlState.FeatureNotSupported,
    `unsupported frontend protocol ${major}.${minor}: server supports 3.0 to 3.${NEWEST_MINOR}`,
  );
}

/** What a startup message asks for. */
export interface StartupRequest {
  readonly userName: string;
  readonly databaseName: string | undefined;
  /** The minor protocol version to go on with. */
  readonly minor: number;
  /** Protocol options that we do not know; a client that sent some, or asked for a newer version, is told. */
  readonly unknownOptions: readonly string[];
  readonly mustNegotiate: boolean;
  /** In the order in which they apply: `options` first, as in PostgreSQL. */
  readonly settings: readonly (readonly [name: string, value: string])[];
}

/** Throws 28000 without a user, 0A000 for replication, 42601 for options that are no settings. */
export function readStartupRequest({ minor, parameters }: StartupMessage): StartupRequest {
  const userName = parameters.get('user') ?? '';
  if (userName === '') {
    throw new FatalError(
      SqlState.InvalidAuthorizationSpecification,
      'no PostgreSQL user name specified in startup packet',
    );
  }
  const replication = parameters.get('replication');
  if (replication !== undefined && !/^(off|false|no|0)$/i.test(replication)) {
    throw new FatalError(SqlState.FeatureNotSupported, 'replication connections are not supported');
  }
  const settings: (readonly [string, string])[] = commandLineSettings(parameters.get('options') ?? '');
  const unknownOptions: string[] = [];
  for (const [name, value] of parameters) {
    if (name.startsWith('_pq_.')) unknownOptions.push(name);
    else if (!['user', 'database', 'options', 'replication'].includes(name)) settings.push([name, value]);
  }
  const databaseName = parameters.get('database');
  return {
    userName,
    databaseName: databaseName === '' ? undefined : databaseName,
    minor: Math.min(minor, NEWEST_MINOR),
    unknownOptions,
    mustNegotiate: minor > NEWEST_MINOR || unknownOptions.length > 0,
    settings,
  };
}

/** `-c name=value`, `-cname=value` and `--name=value`; a backslash keeps the next character. */
function commandLineSettings(options: string): (readonly [string, string])[] {
  const settings: (readonly [string, string])[] = [];
  const words = commandLineWords(options);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    let assignment: string | undefined;
    if (word === '-c') assignment = words[++index];
    else if (word.startsWith('-c')) assignment = word.slice(2);
    else if (word.startsWith('--')) assignment = word.slice(2);
    const equals = assignment?.indexOf('=') ?? -1;
    if (assignment === undefined || equals < 1) {
      throw new FatalError(SqlState.SyntaxError, `invalid command-line argument for server process: ${word}`);
    }
    settings.push([assignment.slice(0, equals).replaceAll('-', '_'), assignment.slice(equals + 1)]);
  }
  return settings;
}

function commandLineWords(options: string): string[] {
  const words: string[] = [];
  for (const [word] of options.matchAll(/(?:\\[\s\S]|[^\s\\])+/g)) words.push(word.replaceAll(/\\([\s\S])/g, '$1'));
  return words;
}
