import { SqlState } from '../errors/sql-state.ts';
import { releaseBytes } from '../platform/release-bytes.ts';
import { FatalError, protocolViolation } from './fatal-error.ts';
import { FrontendCode } from './message-code.ts';

/**
 *   startup   | length (int32, counts itself) | body …
 *   later     | code (1 byte) | length (int32, counts itself, not the code) | body …
 */
export interface Frame {
  readonly code: number;
  /** Stays valid: its bytes are never written again. That of CopyData does so until the next message is asked for. */
  readonly body: Uint8Array;
}

/** Startup packets, and every message that has no reason to be large. */
export const SMALL_MESSAGE_BYTES = 10_000;

const KNOWN_CODES: ReadonlySet<number> = new Set(Object.values(FrontendCode));
const LARGE_CODES: ReadonlySet<number> = new Set([
  FrontendCode.Query,
  FrontendCode.Parse,
  FrontendCode.Bind,
  FrontendCode.FunctionCall,
  FrontendCode.CopyData,
]);

/** Chunks below this size are put together, so that a client which sends byte by byte does not cost an object for each. */
const SMALL_CHUNK_BYTES = 4096;
const MAX_JOINED_BYTES = 65_536;

/**
 * Bytes as they arrive → whole messages. Holds at most twice the bytes received: what a length announces is never
 * allocated ahead.
 */
export class MessageFramer {
  readonly #maxMessageBytes: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** Bytes after `#end` may be written: the buffer is ours and not the socket's. */
  #isOwn = false;
  #allowsLarge = false;
  /** A whole message that began in an earlier chunk; what `#bytes` holds comes behind it. */
  #straddling: Uint8Array | undefined;
  /** Chunks that come behind `#bytes`, in which whole messages wait. */
  readonly #later: Uint8Array[] = [];
  #laterBytes = 0;
  /** No message in `#bytes` but data of COPY was given out. */
  #holdsCopyData = false;
  /** Chunks of data of COPY that were read to their ends: their memory is free with the next message. */
  readonly #consumed: Uint8Array[] = [];
  /** Room for data of COPY that straddles two chunks: one for what was given out last, one for what comes next. */
  readonly #straddlingData: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];

  constructor(options: { readonly maxMessageBytes: number }) {
    this.#maxMessageBytes = options.maxMessageBytes;
  }

  /** Bytes received that are in no message given out yet. */
  get pendingBytes(): number {
    return this.#end - this.#start + this.#laterBytes + (this.#straddling?.length ?? 0);
  }

  /** The client is who it says: from now on messages may be large. */
  allowLargeMessages(): void {
    this.#allowsLarge = true;
  }

  push(received: Uint8Array): void {
    // A Buffer's slice would be a view; what follows relies on slices being copies.
    const chunk = new Uint8Array(received.buffer, received.byteOffset, received.byteLength);
    if (this.#later.length > 0 || (chunk.length >= SMALL_CHUNK_BYTES && this.#hasWhole())) this.#keepForLater(chunk);
    else this.#join(chunk);
  }

  #keepForLater(chunk: Uint8Array): void {
    const later = this.#later;
    const last = later[later.length - 1];
    this.#laterBytes += chunk.length;
    if (chunk.length >= SMALL_CHUNK_BYTES || last === undefined || last.length >= MAX_JOINED_BYTES) {
      later.push(chunk);
      return;
    }
    const joined = new Uint8Array(last.length + chunk.length);
    joined.set(last);
    joined.set(chunk, last.length);
    later[later.length - 1] = joined;
  }

  /** Whether a message can be given out without another byte, from the part of the buffer that is pending. */
  #hasWhole(): boolean {
    const pending = this.#end - this.#start;
    if (this.#straddling !== undefined) return true;
    if (!this.#allowsLarge || pending < 5) return false;
    const length = this.#int32(this.#start + 1);
    return length >= 4 && length < pending;
  }

  /** Puts a chunk behind what is pending. */
  #join(chunk: Uint8Array): void {
    const pending = this.#end - this.#start;
    if (pending === 0) {
      this.#useChunk(chunk, 0);
      return;
    }
    if (this.#straddling === undefined && this.#completes(chunk)) return;
    const needed = this.#end + chunk.length;
    if (!this.#isOwn || needed > this.#bytes.length) {
      // Messages given out lie in the old buffer: it is left alone, and what is pending moves to a new one.
      const grown = new Uint8Array((pending + chunk.length) * 2);
      grown.set(this.#bytes.subarray(this.#start, this.#end));
      this.#leaveChunk();
      this.#bytes = grown;
      this.#start = 0;
      this.#end = pending;
      this.#isOwn = true;
      this.#holdsCopyData = false;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
    releaseBytes(chunk);
  }

  #leaveChunk(): void {
    if (this.#holdsCopyData && !this.#isOwn) this.#consumed.push(this.#bytes);
  }

  #useChunk(chunk: Uint8Array, start: number): void {
    this.#leaveChunk();
    this.#bytes = chunk;
    this.#start = start;
    this.#end = chunk.length;
    this.#isOwn = false;
    this.#holdsCopyData = true;
  }

  /**
   * Puts the one message that is pending together with its rest, and leaves what follows where it came: in a stream of data
   * nothing else needs to be copied. False when the message is longer, or no good.
   */
  #completes(chunk: Uint8Array): boolean {
    const pending = this.#end - this.#start;
    const code = this.#bytes[this.#start];
    if (!this.#allowsLarge || pending < 5 || !KNOWN_CODES.has(code)) return false;
    const length = this.#int32(this.#start + 1);
    const rest = length + 1 - pending;
    if (length < 4 || length > this.#limitOf(code) || rest <= 0 || rest > chunk.length) return false;
    const message = this.#roomFor(code, length + 1);
    message.set(this.#bytes.subarray(this.#start, this.#end));
    message.set(chunk.subarray(0, rest), pending);
    this.#straddling = message;
    this.#useChunk(chunk, rest);
    return true;
  }

  #roomFor(code: number, sizeBytes: number): Uint8Array {
    if (code !== FrontendCode.CopyData) return new Uint8Array(sizeBytes);
    const rooms = this.#straddlingData;
    rooms.reverse();
    if (rooms[0].length < sizeBytes) rooms[0] = new Uint8Array(sizeBytes);
    return rooms[0].subarray(0, sizeBytes);
  }

  #limitOf(code: number): number {
    return this.#allowsLarge && LARGE_CODES.has(code) ? this.#maxMessageBytes : SMALL_MESSAGE_BYTES;
  }

  /** The first byte of what is pending; undefined while there is none. */
  get firstByte(): number | undefined {
    return this.#end > this.#start ? this.#bytes[this.#start] : undefined;
  }

  /** What is pending, which is no message of ours. */
  takePending(): Uint8Array {
    for (let chunk = this.#later.shift(); chunk !== undefined; chunk = this.#later.shift()) this.#join(chunk);
    this.#laterBytes = 0;
    const pending = this.#bytes.slice(this.#start, this.#end);
    this.#start = this.#end;
    return pending;
  }

  /** The body of the next startup packet, or undefined until it is whole. Throws 08P01 for a length out of bounds. */
  nextStartupPacket(): Uint8Array | undefined {
    if (this.pendingBytes < 4) return undefined;
    const length = this.#int32(this.#start);
    if (length < 8 || length > SMALL_MESSAGE_BYTES) throw protocolViolation('invalid length of startup packet');
    if (this.pendingBytes < length) return undefined;
    const body = this.#bytes.subarray(this.#start + 4, this.#start + length);
    this.#start += length;
    this.#holdsCopyData = false;
    return body;
  }

  /** The next message, or undefined until it is whole. Throws 08P01 for an unknown code or a length out of bounds. */
  next(): Frame | undefined {
    while (this.#consumed.length > 0) releaseBytes(this.#consumed.pop()!);
    for (;;) {
      const frame = this.#takeStraddling() ?? this.#nextInBuffer();
      if (frame !== undefined) return frame;
      const chunk = this.#later.shift();
      if (chunk === undefined) return undefined;
      this.#laterBytes -= chunk.length;
      this.#join(chunk);
    }
  }

  #takeStraddling(): Frame | undefined {
    const straddling = this.#straddling;
    if (straddling === undefined) return undefined;
    this.#straddling = undefined;
    return { code: straddling[0], body: straddling.subarray(5) };
  }

  #nextInBuffer(): Frame | undefined {
    const pending = this.#end - this.#start;
    if (pending === 0) return undefined;
    const code = this.#bytes[this.#start]!;
    if (!KNOWN_CODES.has(code)) throw protocolViolation(`invalid frontend message type ${code}`);
    if (pending < 5) return undefined;
    const length = this.#int32(this.#start + 1);
    const limit = this.#limitOf(code);
    if (length < 4) throw protocolViolation('invalid message length');
    if (length > limit) throw tooLong(length, limit, LARGE_CODES.has(code));
    if (pending < length + 1) return undefined;
    const end = this.#start + 1 + length;
    const body = this.#bytes.subarray(this.#start + 5, end);
    this.#start = end;
    if (code !== FrontendCode.CopyData) this.#holdsCopyData = false;
    return { code, body };
  }

  #int32(at: number): number {
    const bytes = this.#bytes;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
}

function tooLong(length: number, limit: number, mayBeLarge: boolean): FatalError {
  return new FatalError(SqlState.ProtocolViolation, 'invalid message length', {
    detail: `The message has ${length} bytes, and at most ${limit} are taken.`,
    hint: mayBeLarge ? 'Send less at a time, or raise "max-message-size" in the configuration.' : undefined,
  });
}
