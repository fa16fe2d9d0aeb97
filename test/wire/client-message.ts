import { serialize } from 'pg-protocol';
import { postgresTypeOid } from '../support/postgres-type-names.ts';
import { parseWords, type Word } from './words.ts';

/** What one line after `>` comes to. */
export interface ClientAction {
  readonly name: string;
  readonly bytes: Buffer;
  /** ReadyForQuery must follow, unless an error is in the way. */
  readonly awaitsReady: boolean;
  /** The server answers with a byte that is no message. */
  readonly awaitsByte: boolean;
  /** The client waits for so long before it goes on. */
  readonly pauseMs: number;
  /** After it the client says no more, or is gone. */
  readonly ending: 'half' | 'drop' | undefined;
  /** It opens a connection of its own kind: nobody logs in for it. */
  readonly isFirstContact: boolean;
}

/** What a message may refer to. */
export interface ClientWorld {
  readonly user: string;
  readonly database: string;
  /** Process id and secret of a connection, as BackendKeyData gave them. */
  key(connection: string): Buffer;
}

const PROTOCOL = { major: 3, minor: 0 };

/** Encodes a line such as `Query "SELECT 1"`. pg-protocol writes the bytes wherever it knows how to. */
export function clientAction(line: string, world: ClientWorld): ClientAction {
  const words = parseWords(line);
  const name = text(words[0]);
  const rest = words.slice(1);
  const bytes = encode(name, rest, world);
  return {
    name,
    bytes,
    awaitsReady: ['Query', 'Sync', 'FunctionCall', 'Startup', 'Message Q', 'Message S'].includes(
      name === 'Message' ? `Message ${text(rest[0])}` : name,
    ),
    awaitsByte: name === 'SSLRequest' || name === 'GSSENCRequest',
    pauseMs: name === 'Pause' ? Number(text(rest[0])) : 0,
    ending: name === 'End' ? 'half' : name === 'Drop' ? 'drop' : undefined,
    isFirstContact: ['Startup', 'SSLRequest', 'GSSENCRequest', 'CancelRequest', 'Connect'].includes(name),
  };
}

function encode(name: string, words: readonly Word[], world: ClientWorld): Buffer {
  const at = (index: number): string => text(words[index]);
  switch (name) {
    case 'Startup':
      return startup(words, world);
    case 'SSLRequest':
      return serialize.requestSsl();
    case 'GSSENCRequest':
      return Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30]);
    case 'CancelRequest':
      return cancelRequest(words, world);
    case 'Query':
      return serialize.query(at(0));
    case 'Parse':
      return parse(words);
    case 'Bind':
      return bind(words);
    case 'Describe':
      return serialize.describe({ type: target(at(0)), name: at(1) });
    case 'Close':
      return serialize.close({ type: target(at(0)), name: at(1) });
    case 'Execute':
      return words[1] === undefined
        ? serialize.execute({ portal: at(0) })
        : serialize.execute({ portal: at(0), rows: Number(at(1)) >>> 0 });
    case 'Flush':
      return serialize.flush();
    case 'Sync':
      return serialize.sync();
    case 'Terminate':
      return serialize.end();
    case 'Password':
      return serialize.password(at(0));
    case 'CopyData':
      return serialize.copyData(bytesOf(words[0]));
    case 'CopyDone':
      return serialize.copyDone();
    case 'CopyFail':
      return serialize.copyFail(at(0));
    case 'FunctionCall':
      return functionCall(words);
    // Any message at all: its letter and its body.
    case 'Message':
      return framed(at(0), Buffer.concat(words.slice(1).map(bytesOf)));
    // Bytes without a frame.
    case 'Raw':
      return Buffer.concat(words.map(bytesOf));
    case 'Connect':
    case 'Pause':
    case 'End':
    case 'Drop':
      return Buffer.alloc(0);
    default:
      throw new Error(`there is no message ${name}`);
  }
}

/** `Startup [3.2] user=… database=…`; the user and the database of the run unless given (`user=` leaves it out). */
function startup(words: readonly Word[], world: ClientWorld): Buffer {
  const parameters: Record<string, string> = { user: world.user, database: world.database };
  let version: { major: number; minor: number } | undefined;
  for (const word of words) {
    if (word.kind === 'option') {
      if (word.value === '' && word.name in parameters) delete parameters[word.name];
      else parameters[word.name] = word.value;
    } else {
      const [major = 3, minor = 0] = text(word).split('.').map(Number);
      version = { major, minor };
    }
  }
  if (version === undefined) return serialize.startup(parameters);
  const { major, minor } = { ...PROTOCOL, ...version };
  const fields = Object.entries(parameters).flatMap(([key, value]) => [zeroTerminated(key), zeroTerminated(value)]);
  return withLength(Buffer.concat([int16(major), int16(minor), ...fields, Buffer.from([0])]));
}

/** `CancelRequest a`: with the key of connection a, or with `wrong` and another one. */
function cancelRequest(words: readonly Word[], world: ClientWorld): Buffer {
  const key = Buffer.from(world.key(text(words[0])));
  if (words[1] !== undefined) key[key.length - 1]! ^= 1;
  if (key.length === 8) return serialize.cancel(key.readInt32BE(0), key.readInt32BE(4));
  return withLength(Buffer.concat([int16(1234), int16(5678), key]));
}

function parse(words: readonly Word[]): Buffer {
  const types = words.slice(2).map((word) => typeOid(text(word)));
  return serialize.parse({ name: text(words[0]), text: text(words[1]), types });
}

/**
 * `Bind portal statement (values) [formats=…] [results=…]`. Without options pg-protocol writes it: a format for each value,
 * binary for bytes, and all results in text. Formats are text, binary or numbers.
 */
function bind(words: readonly Word[]): Buffer {
  const values = words[2]?.kind === 'list' ? words[2].words.map(valueOfWord) : [];
  const portal = text(words[0]);
  const statement = text(words[1]);
  const options = new Map(words.flatMap((word) => (word.kind === 'option' ? [[word.name, word.value]] : [])));
  if (options.size === 0) {
    return serialize.bind({ portal, statement, values: values.map((value) => readable(value)) });
  }
  return framed(
    'B',
    Buffer.concat([
      zeroTerminated(portal),
      zeroTerminated(statement),
      formatList(options.get('formats') ?? ''),
      int16(values.length),
      ...values.flatMap((value) => (value === null ? [int32(-1)] : [int32(value.length), value])),
      formatList(options.get('results') ?? ''),
    ]),
  );
}

/** pg-protocol sends strings as text and Buffers as binary. */
function readable(value: Buffer | null): string | Buffer | null {
  if (value === null || binaryValues.has(value)) return value;
  return value.toString('utf8');
}

const binaryValues = new WeakSet<Buffer>();

function valueOfWord(word: Word): Buffer | null {
  if (word.kind === 'text' && !word.isQuoted && word.text === 'NULL') return null;
  const bytes = bytesOf(word);
  if (word.kind === 'bytes') binaryValues.add(bytes);
  return bytes;
}

function formatList(list: string): Buffer {
  const formats = list === '' ? [] : list.split(',').map((word) => ({ text: 0, binary: 1 })[word] ?? Number(word));
  return Buffer.concat([int16(formats.length), ...formats.map(int16)]);
}

/** `FunctionCall oid (arguments) [formats=…] [result=…]` */
function functionCall(words: readonly Word[]): Buffer {
  const values = words[1]?.kind === 'list' ? words[1].words.map(valueOfWord) : [];
  const options = new Map(words.flatMap((word) => (word.kind === 'option' ? [[word.name, word.value]] : [])));
  return framed(
    'F',
    Buffer.concat([
      int32(Number(text(words[0]))),
      formatList(options.get('formats') ?? ''),
      int16(values.length),
      ...values.flatMap((value) => (value === null ? [int32(-1)] : [int32(value.length), value])),
      formatList(options.get('result') ?? 'text').subarray(2),
    ]),
  );
}

function typeOid(name: string): number {
  const oid = /^\d+$/.test(name) ? Number(name) : postgresTypeOid(name);
  if (oid === undefined) throw new Error(`there is no type ${name}`);
  return oid;
}

function target(letter: string): 'S' | 'P' {
  if (letter !== 'S' && letter !== 'P') throw new Error(`a statement (S) or a portal (P), not ${letter}`);
  return letter;
}

function text(word: Word | undefined): string {
  if (word === undefined) return '';
  if (word.kind === 'text') return word.text;
  throw new Error(`a text is wanted, not ${JSON.stringify(word)}`);
}

function bytesOf(word: Word | undefined): Buffer {
  if (word?.kind === 'bytes') return Buffer.from(word.bytes);
  return Buffer.from(text(word), 'utf8');
}

function framed(letter: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(letter, 'latin1'), withLength(body)]);
}

function withLength(body: Buffer): Buffer {
  return Buffer.concat([int32(body.length + 4), body]);
}

function zeroTerminated(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'utf8');
}

function int16(value: number): Buffer {
  return Buffer.from([(value >> 8) & 0xff, value & 0xff]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}
