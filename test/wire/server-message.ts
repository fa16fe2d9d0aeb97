import type { BackendMessage } from 'pg-protocol/dist/messages.js';
import { Parser } from 'pg-protocol/dist/parser.js';
import { postgresTypeName } from '../support/postgres-type-names.ts';
import { writeText, writeValue } from './words.ts';

// biome-ignore lint/suspicious/noExplicitAny: the codec's messages have a class each
type AnyMessage = any;

/** Names for what is another number or text in every run. */
export interface NameKeeper {
  /** `#1`, `#2` … for the OIDs of what users made, in the order in which they turn up. */
  oid(oid: number): string;
  /** The name of the connection with this process id. */
  processOf(processId: number): string;
  /** Texts with the names of this run in them, such as the script's schema. */
  text(text: string): string;
  readonly ignoredFields: ReadonlySet<string>;
}

const FIRST_USER_OID = 16_384;
/** Where in PostgreSQL's sources an error arose is nobody's business. */
const PLACE_FIELDS = new Set(['F', 'L', 'R']);

/** Functions of PostgreSQL by whose name drivers tell what to do next. */
const DECISIVE_ROUTINES: ReadonlySet<string> = new Set(['RevalidateCachedQuery']);

/** A whole message as one line. pg-protocol reads it wherever it can; what it does not keep is read here. */
export function describeServerMessage(bytes: Buffer, names: NameKeeper): string {
  const code = String.fromCharCode(bytes[0]!);
  const body = bytes.subarray(5);
  switch (code) {
    case 'v':
      return negotiation(body);
    case 'V':
      return `FunctionCallResponse ${writeValue(values(body, 0, 1)[0] ?? null)}`;
    default:
      return describeParsed(code, parsed(bytes), body, names);
  }
}

function parsed(bytes: Buffer): AnyMessage {
  let message: BackendMessage | undefined;
  new Parser().parse(bytes, (one) => (message = one));
  if (message === undefined) throw new Error(`no whole message: ${bytes.toString('hex')}`);
  return message;
}

function describeParsed(code: string, message: AnyMessage, body: Buffer, names: NameKeeper): string {
  switch (code) {
    case 'R':
      return authentication(message, body);
    case 'K':
      return `BackendKeyData ${body.length - 4}`;
    case 'S':
      return parameterStatus(message, names);
    case 'Z':
      return `ReadyForQuery ${message.status}`;
    case 'T':
      return `RowDescription${message.fields.map((field: AnyMessage) => ` ${describeColumn(field, names)}`).join(',')}`;
    case 't':
      return `ParameterDescription${message.dataTypeIDs.map((oid: number) => ` ${typeName(oid, names)}`).join('')}`;
    case 'D':
      return dataRow(message, body, names);
    case 'C':
      return `CommandComplete ${writeText(message.text)}`;
    case 'E':
      return `ErrorResponse ${report(body, names)}`;
    case 'N':
      return `NoticeResponse ${report(body, names)}`;
    case 'A':
      return `NotificationResponse ${names.processOf(message.processId)} ${writeText(message.channel)} ${writeText(message.payload)}`;
    case 'G':
    case 'H':
    case 'W':
      return `${{ G: 'CopyInResponse', H: 'CopyOutResponse', W: 'CopyBothResponse' }[code]} ${copyFormats(body)}`;
    case 'd':
      return `CopyData ${writeValue(Buffer.from(message.chunk))}`;
    default: {
      const name = BARE_MESSAGES[code];
      if (name === undefined) return `Unknown ${code} \\x${body.toString('hex')}`;
      return body.length === 0 ? name : `${name} \\x${body.toString('hex')}`;
    }
  }
}

const BARE_MESSAGES: Readonly<Record<string, string>> = {
  '1': 'ParseComplete',
  '2': 'BindComplete',
  '3': 'CloseComplete',
  I: 'EmptyQueryResponse',
  n: 'NoData',
  s: 'PortalSuspended',
  c: 'CopyDone',
};

function authentication(message: AnyMessage, body: Buffer): string {
  const name = `${message.name[0].toUpperCase()}${message.name.slice(1)}`;
  const mechanisms: readonly string[] = message.mechanisms ?? [];
  if (body.readInt32BE(0) === 5) return name;
  return [name, ...mechanisms].join(' ');
}

/** The version is each server's own. */
function parameterStatus(message: AnyMessage, names: NameKeeper): string {
  const value = message.parameterName === 'server_version' ? '<version>' : names.text(message.parameterValue);
  return `ParameterStatus ${message.parameterName}=${writeText(value)}`;
}

/** `name type/length`, then what is not the rule: the modifier, the column of a table, the binary format. */
function describeColumn(field: AnyMessage, names: NameKeeper): string {
  const { name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier, format } = field;
  const parts = [writeText(name), `${typeName(dataTypeID, names)}/${dataTypeSize}`];
  if (dataTypeModifier !== -1) parts.push(`typmod ${dataTypeModifier}`);
  if (tableID !== 0 || columnID !== 0) parts.push(`of ${ownOid(tableID, names)}.${columnID}`);
  if (format !== 'text') parts.push('binary');
  return parts.join(' ');
}

function typeName(oid: number, names: NameKeeper): string {
  return oid >= FIRST_USER_OID ? names.oid(oid) : postgresTypeName(oid);
}

function ownOid(oid: number, names: NameKeeper): string {
  return oid >= FIRST_USER_OID ? names.oid(oid) : String(oid);
}

function dataRow(message: AnyMessage, body: Buffer, names: NameKeeper): string {
  const cells = values(body, 2, body.readUInt16BE(0));
  if (cells.length !== message.fields.length) throw new Error('the codec counts other values in a DataRow');
  return ['DataRow', ...cells.map((cell) => names.text(writeValue(cell)))].join(' ');
}

function values(body: Buffer, start: number, count: number): readonly (Buffer | null)[] {
  const found: (Buffer | null)[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    const length = body.readInt32BE(at);
    at += 4;
    found.push(length === -1 ? null : body.subarray(at, at + length));
    at += Math.max(length, 0);
  }
  if (at !== body.length) throw new Error(`${body.length - at} bytes after the last value`);
  return found;
}

/** `ERROR 42601 "message" P=8 …`: severity, code, message, then the other fields by their letters. */
function report(body: Buffer, names: NameKeeper): string {
  const fields = new Map<string, string>();
  let at = 0;
  while (body[at] !== 0) {
    const end = body.indexOf(0, at);
    fields.set(String.fromCharCode(body[at]!), body.toString('utf8', at + 1, end));
    at = end + 1;
  }
  const severity = fields.get('S') ?? '-';
  const words = [severity];
  if (fields.get('V') !== severity) words.push(`V=${fields.get('V') ?? '-'}`);
  words.push(fields.get('C') ?? '-');
  if (!names.ignoredFields.has('M')) words.push(names.text(JSON.stringify(fields.get('M') ?? '')));
  for (const [letter, value] of fields) {
    if ('SVCM'.includes(letter) || names.ignoredFields.has(letter)) continue;
    if (PLACE_FIELDS.has(letter) && !DECISIVE_ROUTINES.has(value)) continue;
    words.push(`${letter}=${names.text(writeText(value))}`);
  }
  return words.join(' ');
}

function copyFormats(body: Buffer): string {
  const formats: number[] = [];
  for (let at = 3; at < body.length; at += 2) formats.push(body.readInt16BE(at));
  return [body[0] === 0 ? 'text' : 'binary', `(${formats.join(' ')})`].join(' ');
}

function negotiation(body: Buffer): string {
  const version = body.readInt32BE(0);
  const options = body.toString('utf8', 8).split('\0').slice(0, -1);
  return [`NegotiateProtocolVersion ${version >> 16}.${version & 0xffff}`, ...options.map(writeText)].join(' ');
}
