import { connect, type Socket } from 'node:net';
import { serialize } from 'pg-protocol';
import type { BackendMessage } from 'pg-protocol/dist/messages.js';
import { Parser } from 'pg-protocol/dist/parser.js';

/** One message of the server: as it came, and in a word or two for comparing whole conversations. */
export interface Received {
  readonly code: string;
  readonly body: Buffer;
  /** `DataRow 1|x|NULL`, `ErrorResponse 42601`, `ReadyForQuery I` … */
  readonly summary: string;
  readonly message: BackendMessage;
}

// biome-ignore lint/suspicious/noExplicitAny: the codec's messages have a class each
type AnyMessage = any;

/** A client that says exactly what it is told to, byte by byte if need be. */
export class WireClient {
  readonly socket: Socket;
  readonly received: Received[] = [];
  isClosed = false;
  #pending = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #isRaw: boolean;
  raw = Buffer.alloc(0);

  private constructor(socket: Socket, isRaw: boolean) {
    this.socket = socket;
    this.#isRaw = isRaw;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake?.();
    });
  }

  /** Without a startup packet; `raw` keeps what comes first as plain bytes until `readMessages`. */
  static open(port: number, options: { raw?: boolean } = {}): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port }, () => resolve(new WireClient(socket, options.raw ?? false)));
      socket.once('error', reject);
    });
  }

  /** Over a socket that is open already. */
  static over(socket: Socket, options: { raw?: boolean } = {}): WireClient {
    return new WireClient(socket, options.raw ?? false);
  }

  /** Logged in and ready. */
  static async login(port: number, parameters: Record<string, string> = {}): Promise<WireClient> {
    const client = await WireClient.open(port);
    client.send(serialize.startup({ user: 'postgres', database: 'tidewire', ...parameters }));
    await client.untilReady();
    return client;
  }

  send(...messages: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(messages));
  }

  /** Summaries of everything up to and including `count` ReadyForQuery; without the parameter statuses. */
  async untilReady(count = 1): Promise<string[]> {
    let left = count;
    return this.#take((message) => message.code === 'Z' && --left === 0);
  }

  async untilClosed(): Promise<string[]> {
    return this.#take(() => false);
  }

  async until(code: string): Promise<string[]> {
    return this.#take((message) => message.code === code);
  }

  /** The next message, whatever it is. */
  async next(): Promise<Received> {
    for (;;) {
      const message = this.received.shift();
      if (message !== undefined) return message;
      if (this.isClosed) throw new Error('the connection was closed');
      await this.#more();
    }
  }

  /** The fields of the next message of this code; what comes before it is passed over. */
  async message(code: string): Promise<AnyMessage> {
    for (;;) {
      const received = await this.next();
      if (received.code === code) return received.message;
    }
  }

  async query(text: string): Promise<string[]> {
    this.send(serialize.query(text));
    return this.untilReady();
  }

  readMessages(): void {
    this.#isRaw = false;
    const bytes = this.raw;
    this.raw = Buffer.alloc(0);
    this.#receive(bytes);
  }

  /** Until so many bytes came, or the end. */
  async rawBytes(count: number): Promise<Buffer> {
    while (this.raw.length < count && !this.isClosed) await this.#more();
    return this.raw;
  }

  async close(): Promise<void> {
    this.socket.end(serialize.end());
    while (!this.isClosed) await this.#more();
  }

  async #take(isLast: (message: Received) => boolean): Promise<string[]> {
    const taken: string[] = [];
    for (;;) {
      const message = this.received.shift();
      if (message === undefined) {
        if (this.isClosed) return [...taken, 'closed'];
        await this.#more();
        continue;
      }
      if (message.code !== 'S') taken.push(message.summary);
      if (isLast(message)) return taken;
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing more came; so far: ${this.received.length}`)), 20_000);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #receive(chunk: Buffer): void {
    if (this.#isRaw) {
      this.raw = Buffer.concat([this.raw, chunk]);
    } else {
      this.#pending = Buffer.concat([this.#pending, chunk]);
      while (this.#pending.length >= 5) {
        const length = this.#pending.readInt32BE(1) + 1;
        if (this.#pending.length < length) break;
        this.#add(Buffer.from(this.#pending.subarray(0, length)));
        this.#pending = this.#pending.subarray(length);
      }
    }
    this.#wake?.();
  }

  #add(bytes: Buffer): void {
    const code = String.fromCharCode(bytes[0]!);
    let message: AnyMessage = { name: 'unknown' };
    if (code !== 'v') new Parser().parse(bytes, (parsed: AnyMessage) => (message = parsed));
    const body = bytes.subarray(5);
    this.received.push({ code, body, message, summary: summarize(code, message) });
  }
}

function summarize(code: string, message: AnyMessage): string {
  switch (code) {
    case 'Z':
      return `ReadyForQuery ${message.status}`;
    case 'T':
      return `RowDescription ${message.fields.map((field: AnyMessage) => `${field.name}:${field.dataTypeID}:${field.format}`).join(' ')}`;
    case 'D':
      return `DataRow ${message.fields.map((field: string | null) => field ?? 'NULL').join('|')}`;
    case 'C':
      return `CommandComplete ${message.text}`;
    case 'E':
      return `ErrorResponse ${message.severity} ${message.code}`;
    case 'N':
      return `NoticeResponse ${message.severity} ${message.code}`;
    case 'S':
      return `ParameterStatus ${message.parameterName}=${message.parameterValue}`;
    case 't':
      return `ParameterDescription ${message.dataTypeIDs.join(' ')}`.trimEnd();
    case 'v':
      return 'NegotiateProtocolVersion';
    default:
      return message.name;
  }
}
