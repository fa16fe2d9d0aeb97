import { ByteReader, OutOfBytesError } from '../bytes/byte-reader.ts';
import { decodeUtf8 } from '../bytes/utf8.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { decodeText, type EncodingName, isServerEncoding } from '../types/text-encoding.ts';
import { protocolViolation } from './fatal-error.ts';
import { FrontendCode } from './message-code.ts';
import type { Frame } from './message-framing.ts';

/** What a client says once it is logged in. */
export type FrontendMessage =
  | QueryMessage
  | ParseMessage
  | BindMessage
  | DescribeMessage
  | ExecuteMessage
  | CloseMessage
  | { readonly kind: 'flush' }
  | { readonly kind: 'sync' }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'function-call' }
  | { readonly kind: 'copy' }
  | { readonly kind: 'password' };

export interface QueryMessage {
  readonly kind: 'query';
  readonly text: string;
}

export interface ParseMessage {
  readonly kind: 'parse';
  readonly name: string;
  readonly text: string;
  /** 0: to be inferred. */
  readonly parameterTypeOids: readonly number[];
}

export interface BindMessage {
  readonly kind: 'bind';
  readonly portal: string;
  readonly statement: string;
  readonly parameterFormats: readonly number[];
  /** null is NULL; the bytes lie in the message. */
  readonly parameters: readonly (Uint8Array | null)[];
  readonly resultFormats: readonly number[];
}

export interface DescribeMessage {
  readonly kind: 'describe';
  readonly target: 'statement' | 'portal';
  readonly name: string;
}

export interface ExecuteMessage {
  readonly kind: 'execute';
  readonly portal: string;
  /** Infinity: all. */
  readonly maxRows: number;
}

export interface CloseMessage {
  readonly kind: 'close';
  readonly target: 'statement' | 'portal';
  readonly name: string;
}

/**
 * Throws 08P01 when the body does not have the form that its code promises; 22021 for text that is no UTF-8. Neither ends the
 * connection, since the frame has told where the next message begins.
 */
export function decodeFrontendMessage({ code, body }: Frame, encoding: EncodingName = 'UTF8'): FrontendMessage {
  const reader = new ByteReader(body);
  try {
    const message = decodeBody(code, reader, body, encoding);
    if (reader.remaining > 0 && !IGNORED_BODIES.has(message.kind)) throw malformed('invalid message format');
    return message;
  } catch (error) {
    if (error instanceof OutOfBytesError) throw malformed('insufficient data left in message');
    throw error;
  }
}

function malformed(message: string, where?: string): SqlError {
  return new SqlError(SqlState.ProtocolViolation, message, { where });
}

const IGNORED_BODIES: ReadonlySet<string> = new Set(['function-call', 'copy', 'password']);

function decodeBody(code: number, reader: ByteReader, body: Uint8Array, encoding: EncodingName): FrontendMessage {
  const text = (): string => zeroTerminated(reader, body, encoding);
  switch (code) {
    case FrontendCode.Query:
      return { kind: 'query', text: text() };
    case FrontendCode.Parse:
      return { kind: 'parse', name: text(), text: text(), parameterTypeOids: list(reader, 4, () => reader.uint32()) };
    case FrontendCode.Bind: {
      const portal = text();
      return {
        kind: 'bind',
        portal,
        statement: text(),
        parameterFormats: list(reader, 2, () => reader.int16()),
        parameters: list(reader, 4, (index) => parameter(reader, parameterPlace(portal, index))),
        resultFormats: list(reader, 2, () => reader.int16()),
      };
    }
    case FrontendCode.Describe:
      return { kind: 'describe', target: target(reader, 'DESCRIBE'), name: text() };
    case FrontendCode.Execute:
      return { kind: 'execute', portal: text(), maxRows: rowLimit(reader.int32()) };
    case FrontendCode.Close:
      return { kind: 'close', target: target(reader, 'CLOSE'), name: text() };
    case FrontendCode.Flush:
      return { kind: 'flush' };
    case FrontendCode.Sync:
      return { kind: 'sync' };
    case FrontendCode.Terminate:
      return { kind: 'terminate' };
    case FrontendCode.FunctionCall:
      return { kind: 'function-call' };
    case FrontendCode.CopyData:
    case FrontendCode.CopyDone:
    case FrontendCode.CopyFail:
      return { kind: 'copy' };
    case FrontendCode.Password:
      return { kind: 'password' };
    default:
      throw protocolViolation(`invalid frontend message type ${code}`);
  }
}

/** A count (int16, unsigned) and as many items of at least `itemBytes` each. */
function list<T>(reader: ByteReader, itemBytes: number, item: (index: number) => T): T[] {
  const count = reader.int16() & 0xffff;
  if (count * itemBytes > reader.remaining) throw malformed('insufficient data left in message');
  const items: T[] = [];
  for (let index = 0; index < count; index++) items.push(item(index));
  return items;
}

function parameter(reader: ByteReader, place: string): Uint8Array | null {
  const length = reader.int32();
  if (length === -1) return null;
  if (length < 0 || length > reader.remaining) throw malformed('insufficient data left in message', place);
  return reader.bytes(length);
}

/** How errors name a parameter; `index` counts from 0. */
export function parameterPlace(portal: string, index: number): string {
  return `${portal === '' ? 'unnamed portal' : `portal "${portal}"`} parameter $${index + 1}`;
}

function rowLimit(maxRows: number): number {
  return maxRows <= 0 ? Number.POSITIVE_INFINITY : maxRows;
}

function target(reader: ByteReader, message: string): 'statement' | 'portal' {
  if (reader.remaining === 0) throw malformed('no data left in message');
  const code = reader.uint8();
  if (code === 0x53) return 'statement';
  if (code === 0x50) return 'portal';
  throw new SqlError(SqlState.ProtocolViolation, `invalid ${message} message subtype ${code}`);
}

function zeroTerminated(reader: ByteReader, body: Uint8Array, encoding: EncodingName): string {
  const start = reader.position;
  const end = body.indexOf(0, start);
  if (end < 0) throw malformed('invalid string in message');
  const bytes = reader.bytes(end - start);
  reader.uint8();
  return isServerEncoding(encoding) ? decodeUtf8(bytes) : decodeText(bytes, encoding);
}
