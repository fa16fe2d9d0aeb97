import { createServer, type Server, type Socket } from 'node:net';
import { SqlState } from '../errors/sql-state.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';
import type { Log } from '../session/log.ts';
import type { SessionRegistry } from '../session/session-registry.ts';
import type { AuthenticationMethod } from './authentication/authentication-method.ts';
import { trust } from './authentication/trust.ts';
import { Connection } from './connection.ts';
import { FatalError } from './fatal-error.ts';
import { noWireMetrics, type WireMetrics } from './wire-metrics.ts';

export interface PgWireServerOptions {
  readonly registry: SessionRegistry;
  readonly log: Log;
  readonly metrics?: WireMetrics;
  readonly authentication?: AuthenticationMethod;
  readonly timers?: Timers;
  /** Clients logged in at the same time. */
  readonly maxConnections?: number;
  /** Sockets that have not logged in yet; past this, the one that has waited longest is closed unanswered. */
  readonly maxPendingLogins?: number;
  readonly startupTimeoutMs?: number;
  readonly maxMessageBytes?: number;
}

const MAX_MESSAGE_BYTES = 67_108_864;
/** What a closing connection gets to deliver its last words. */
const LAST_WORDS_MS = 1_000;

/** The PostgreSQL door: accepts connections and keeps count of them. */
export class PgWireServer {
  readonly #options: Required<PgWireServerOptions>;
  readonly #server: Server;
  readonly #connections = new Map<Connection, { isLoggedIn: boolean }>();
  #loggedInCount = 0;
  #isStopping = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: PgWireServerOptions) {
    this.#options = {
      metrics: noWireMetrics,
      authentication: trust,
      timers: systemTimers,
      maxConnections: 100,
      maxPendingLogins: 400,
      startupTimeoutMs: 10_000,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      ...options,
    };
    // Half-open: a client may send all its messages, end its side, and still read the answers.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (socket) =>
      this.#accept(socket),
    );
  }

  /** Clients logged in. */
  get connectionCount(): number {
    return this.#loggedInCount;
  }

  /**
   * On a TCP address (port 0 takes a free one), or at the path of a Unix-domain socket, for which the port is 0. Rejects
   * when the address is in use.
   */
  listen(
    address: { readonly host: string; readonly port: number } | { readonly path: string },
  ): Promise<{ readonly port: number }> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(address, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.#options.log('error', 'accepting failed', { error: error.message }));
        const bound = this.#server.address();
        resolve(typeof bound === 'object' && bound !== null ? bound : { port: 0 });
      });
    });
  }

  /**
   * Takes no new connections and ends the others: idle ones now (57P01), running statements get `graceMs` and are
   * cancelled then. Resolves when all are gone.
   */
  async stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#isStopping = true;
    const hasClosed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections.keys()) connection.stop();
    if (!(await this.#emptyWithin(graceMs))) {
      for (const connection of this.#connections.keys()) connection.stopNow();
      if (!(await this.#emptyWithin(LAST_WORDS_MS))) {
        for (const connection of this.#connections.keys()) connection.destroy();
        await this.#emptyWithin(LAST_WORDS_MS);
      }
    }
    await hasClosed;
  }

  #accept(socket: Socket): void {
    const { metrics, maxPendingLogins } = this.#options;
    if (this.#isStopping) {
      metrics.connectionRefused();
      socket.destroy();
      return;
    }
    if (this.#connections.size - this.#loggedInCount >= maxPendingLogins) this.#dropOldestPending();
    const state = { isLoggedIn: false };
    const connection = new Connection(socket, { ...this.#options, admit: () => this.#admit(state) });
    this.#connections.set(connection, state);
    metrics.connectionOpened();
    void connection.run().then(() => {
      this.#connections.delete(connection);
      if (state.isLoggedIn) this.#loggedInCount--;
      metrics.connectionClosed();
      if (this.#connections.size === 0) this.#onEmpty?.();
    });
  }

  /** A client that means it logs in within milliseconds: a flood of silent sockets pushes out its own. */
  #dropOldestPending(): void {
    for (const [connection, { isLoggedIn }] of this.#connections) {
      if (isLoggedIn) continue;
      this.#options.metrics.connectionRefused();
      connection.destroy();
      return;
    }
  }

  /** After the startup packet, so that CancelRequest gets through when all places are taken. */
  #admit(state: { isLoggedIn: boolean }): void {
    if (this.#isStopping) throw new FatalError(SqlState.CannotConnectNow, 'the database system is shutting down');
    if (this.#loggedInCount >= this.#options.maxConnections) {
      this.#options.metrics.connectionRefused();
      throw new FatalError(SqlState.TooManyConnections, 'sorry, too many clients already');
    }
    state.isLoggedIn = true;
    this.#loggedInCount++;
  }

  #emptyWithin(timeoutMs: number): Promise<boolean> {
    if (this.#connections.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const cancel = this.#options.timers.after(timeoutMs, () => {
        this.#onEmpty = undefined;
        resolve(false);
      });
      this.#onEmpty = () => {
        cancel();
        resolve(true);
      };
    });
  }
}
