import { connect, type Socket } from 'node:net';
import { serialize } from 'pg-protocol';

/** What came from the server: a whole message, a byte without a frame, or the end. */
export type Arrival =
  | { readonly kind: 'message'; readonly code: string; readonly bytes: Buffer }
  | { readonly kind: 'byte'; readonly letter: string }
  | { readonly kind: 'closed' };

/** A client that says exactly what it is told to, in the pieces that it is told to. */
export class WireConnection {
  readonly #socket: Socket;
  readonly #arrivals: Arrival[] = [];
  #pending: Buffer = Buffer.alloc(0);
  #awaitedBytes = 0;
  #wake: (() => void) | undefined;
  /** Process id and secret, once the server has told. */
  key: Buffer | undefined;
  isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
      this.#add({ kind: 'closed' });
    });
  }

  static open(host: string, port: number): Promise<WireConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port }, () => resolve(new WireConnection(socket)));
      socket.once('error', reject);
    });
  }

  /** Logs in, and throws when the server does not let it. */
  async logIn(parameters: Record<string, string>): Promise<void> {
    this.#socket.write(serialize.startup(parameters));
    for (;;) {
      const arrival = await this.next(10_000);
      if (arrival?.kind === 'message' && arrival.code === 'Z') return;
      if (arrival?.kind === 'message' && 'RSKN'.includes(arrival.code)) continue;
      throw new Error(`login refused: ${arrival?.kind === 'message' ? arrival.bytes.toString('utf8') : 'no answer'}`);
    }
  }

  /** The server will answer with bytes that have no frame. */
  expectBytes(count: number): void {
    this.#awaitedBytes += count;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > 0 && !this.#socket.destroyed) this.#socket.write(bytes);
  }

  /** One packet for each byte; the server has had the time to read it before the next one goes. */
  async writeByteByByte(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at++) {
      if (this.#socket.destroyed) return;
      this.#socket.write(bytes.subarray(at, at + 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  endHalf(): void {
    this.#socket.end();
  }

  drop(): void {
    this.#socket.destroy();
  }

  /** The next thing that came, or undefined when nothing does for so long. */
  async next(withinMs: number): Promise<Arrival | undefined> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const arrival = this.#arrivals.shift();
      if (arrival !== undefined) return arrival;
      const left = deadline - performance.now();
      if (left <= 0) return undefined;
      await this.#more(left);
    }
  }

  /** Says goodbye, and gives what came meanwhile. */
  async leave(): Promise<readonly Arrival[]> {
    // A client that never logged in has no Terminate to send.
    if (!this.isClosed && this.key === undefined) this.#socket.end();
    else if (!this.isClosed) this.#socket.end(serialize.end());
    const last: Arrival[] = [];
    for (;;) {
      const arrival = await this.next(2_000);
      if (arrival === undefined) this.#socket.destroy();
      if (arrival === undefined || arrival.kind === 'closed') return last;
      last.push(arrival);
    }
  }

  #more(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#wake = done;
    });
  }

  #receive(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const code = String.fromCharCode(this.#pending[0] ?? 0);
      if (this.#awaitedBytes > 0 && this.#pending.length > 0 && 'NSG'.includes(code)) {
        this.#awaitedBytes--;
        this.#add({ kind: 'byte', letter: code });
        this.#pending = this.#pending.subarray(1);
        continue;
      }
      if (this.#pending.length < 5) return;
      const length = this.#pending.readInt32BE(1) + 1;
      if (this.#pending.length < length) return;
      const bytes = Buffer.from(this.#pending.subarray(0, length));
      this.#pending = this.#pending.subarray(length);
      if (code === 'K') this.key = bytes.subarray(5);
      this.#add({ kind: 'message', code, bytes });
    }
  }

  #add(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    this.#wake?.();
  }
}
