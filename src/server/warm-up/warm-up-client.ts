import { connect, type Socket } from 'node:net';
import type { WarmUpQuestion } from './warm-up-questions.ts';

const ERROR = 0x45;
const READY = 0x5a;
const HEADER_BYTES = 5;
const PROTOCOL_3_0 = 0x30000;

/** A client of our own that asks, waits for ReadyForQuery, and looks at nothing but whether there was an error. */
export class WarmUpClient {
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #settle: ((error: Error | undefined) => void) | undefined;
  #error: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the connection was closed')));
  }

  /** Logs in through a Unix-domain socket. */
  static async connect(path: string, startup: Readonly<Record<string, string>>): Promise<WarmUpClient> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      const connecting = connect({ path }, () => resolve(connecting));
      connecting.once('error', reject);
    });
    const client = new WarmUpClient(socket);
    const settings = Object.entries(startup).flatMap(([name, value]) => [cString(name), cString(value)]);
    await client.#send([sized([uint32(PROTOCOL_3_0), ...settings, Buffer.of(0)])]);
    return client;
  }

  /** Throws when the server answers with an error. */
  ask({ text, parameters }: WarmUpQuestion): Promise<void> {
    if (parameters === undefined) return this.#send([message('Q', cString(text))]);
    const values = parameters.flatMap((value) => [uint32(Buffer.byteLength(value)), Buffer.from(value)]);
    return this.#send([
      message('P', cString(''), cString(text), uint16(0)),
      message('B', cString(''), cString(''), uint16(0), uint16(parameters.length), ...values, uint16(0)),
      message('D', Buffer.from('P'), cString('')),
      message('E', cString(''), uint32(0)),
      message('S'),
    ]);
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(messages: readonly Buffer[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#error = undefined;
      this.#settle = (error) => (error === undefined ? resolve() : reject(error));
      this.#socket.write(Buffer.concat(messages));
    });
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let at = 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const end = at + 1 + bytes.readUInt32BE(at + 1);
      if (end > bytes.length) break;
      if (bytes[at] === ERROR) this.#error = new Error(errorText(bytes.subarray(at + HEADER_BYTES, end)));
      if (bytes[at] === READY) this.#end(this.#error);
      at = end;
    }
    this.#pending = bytes.subarray(at);
  }

  #end(error: Error | undefined): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(error);
  }
}

/** The message among the fields of an ErrorResponse: each a letter and a text that ends in zero. */
function errorText(fields: Buffer): string {
  return (
    fields
      .toString()
      .split('\0')
      .find((field) => field.startsWith('M'))
      ?.slice(1) ?? 'unknown error'
  );
}

function message(code: string, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(code), sized(parts)]);
}

/** The length counts itself. */
function sized(parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([uint32(body.length + 4), body]);
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
