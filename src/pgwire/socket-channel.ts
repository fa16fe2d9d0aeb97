import type { Socket } from 'node:net';
import type { Timers } from '../platform/timers.ts';
import type { ByteSink } from './backend-writer.ts';
import { type Frame, MessageFramer } from './message-framing.ts';

/** The client is gone: nobody is left to tell. */
export class ConnectionLostError extends Error {
  constructor() {
    super('connection lost');
    this.name = 'ConnectionLostError';
  }
}

/** Beyond what the next message needs, this many bytes are read ahead before the socket is paused. */
const READ_AHEAD_BYTES = 262_144;
const LAST_BYTES_MS = 1_000;

export interface SocketChannelOptions {
  readonly maxMessageBytes: number;
  /** Told when the connection breaks, whatever is going on at that moment. */
  readonly onLost: () => void;
  readonly onBytes: (direction: 'received' | 'sent', count: number) => void;
}

/** A socket as whole messages in and bytes out, with back-pressure both ways. */
export class SocketChannel implements ByteSink {
  readonly framer: MessageFramer;
  readonly #socket: Socket;
  readonly #options: SocketChannelOptions;
  readonly #listeners: Readonly<Record<'data' | 'end' | 'drain' | 'close', (chunk: Buffer) => void>>;
  #hasEnded = false;
  #isLost = false;
  #interruption: Error | undefined;
  #wakeReader: (() => void) | undefined;
  /** Handles what has come; false: somebody who waits for it has to be woken. */
  #takeNow: (() => boolean) | undefined;
  #wakeWriter: (() => void) | undefined;

  constructor(socket: Socket, options: SocketChannelOptions) {
    this.#socket = socket;
    this.#options = options;
    this.framer = new MessageFramer({ maxMessageBytes: options.maxMessageBytes });
    this.#listeners = {
      data: (chunk: Buffer) => this.#receive(chunk),
      end: () => {
        this.#hasEnded = true;
        this.#wakeReader?.();
      },
      drain: () => this.#wakeWriter?.(),
      close: () => {
        this.#isLost = true;
        this.#wakeReader?.();
        this.#wakeWriter?.();
        options.onLost();
      },
    };
    for (const [event, listener] of Object.entries(this.#listeners)) socket.on(event, listener);
    // A broken connection also closes; who waits is woken then.
    socket.on('error', () => {});
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** The first byte that the client sends, which stays; undefined when it has hung up. */
  firstByte(): Promise<number | undefined> {
    return this.#next(() => this.framer.firstByte);
  }

  /** Gives the socket to somebody else, with what has come and was not read. Nothing more is heard of it here. */
  release(): { readonly socket: Socket; readonly received: Uint8Array } {
    const socket = this.#socket;
    for (const [event, listener] of Object.entries(this.#listeners)) socket.off(event, listener);
    socket.pause();
    return { socket, received: this.framer.takePending() };
  }

  /** The body of the next startup packet; undefined when the client has hung up. */
  startupPacket(): Promise<Uint8Array | undefined> {
    return this.#next(() => this.framer.nextStartupPacket());
  }

  /**
   * The next message; undefined when the client has hung up. Throws what `interrupt` was given, and what `check` throws,
   * which is called before each wait and after `wake`.
   */
  message(check?: () => void): Promise<Frame | undefined> {
    return this.#next(() => this.framer.next(), check);
  }

  /** The next message if it has come already. Throws what `interrupt` was given. */
  readyMessage(): Frame | undefined {
    if (this.#interruption !== undefined) throw this.#interruption;
    return this.#isLost ? undefined : this.framer.next();
  }

  /** The client has hung up, or is gone: no message will come but those that have. */
  get hasEnded(): boolean {
    return this.#hasEnded || this.#isLost;
  }

  /**
   * Waits until something has come, the client has hung up, or the wait is interrupted. As long as `takeNow` deals with all
   * that comes, right when it comes, the wait goes on.
   */
  more(takeNow: () => boolean): Promise<void> {
    this.#takeNow = takeNow;
    return this.#nextEvent();
  }

  /** Whoever waits for a message checks whether it still wants one. */
  wake(): void {
    this.#wakeReader?.();
  }

  /** Makes the wait for a message, now or next time, end in an error. */
  interrupt(error: Error): void {
    this.#interruption = error;
    this.#wakeReader?.();
  }

  write(bytes: Uint8Array, release?: () => void): Promise<void> | undefined {
    if (this.#isLost) throw new ConnectionLostError();
    this.#options.onBytes('sent', bytes.length);
    if (this.#socket.write(bytes, release)) return undefined;
    return new Promise((resolve, reject) => {
      this.#wakeWriter = () => {
        this.#wakeWriter = undefined;
        if (this.#isLost) reject(new ConnectionLostError());
        else resolve();
      };
    });
  }

  /**
   * Sends what was written and closes. Unread bytes are dropped, or the system would reset the connection; a client that
   * does not take its last bytes within a second loses them.
   */
  close(timers: Timers): void {
    this.#socket.removeAllListeners('data');
    this.#socket.resume();
    this.#socket.destroySoon();
    const cancel = timers.after(LAST_BYTES_MS, () => this.#socket.destroy());
    this.#socket.once('close', cancel);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#options.onBytes('received', chunk.length);
    this.framer.push(chunk);
    const wake = this.#wakeReader;
    const takeNow = this.#takeNow;
    if (wake === undefined) {
      if (this.framer.pendingBytes > READ_AHEAD_BYTES) this.#socket.pause();
    } else if (takeNow === undefined) wake();
    else {
      // What is handled may wait for messages of its own: COPY does.
      this.#wakeReader = undefined;
      this.#takeNow = undefined;
      if (takeNow()) {
        this.#wakeReader = wake;
        this.#takeNow = takeNow;
      } else wake();
    }
  }

  async #next<T>(take: () => T | undefined, check?: () => void): Promise<T | undefined> {
    for (;;) {
      check?.();
      if (this.#interruption !== undefined) throw this.#interruption;
      if (this.#isLost) return undefined;
      const message = take();
      if (message !== undefined) return message;
      if (this.#hasEnded) return undefined;
      await this.#nextEvent();
    }
  }

  #nextEvent(): Promise<void> {
    this.#socket.resume();
    return new Promise<void>((resolve) => {
      this.#wakeReader = () => {
        this.#wakeReader = undefined;
        this.#takeNow = undefined;
        resolve();
      };
    });
  }
}
