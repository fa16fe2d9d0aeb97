import { createServer, type Server, type Socket } from 'node:net';
import { SqlState } from '../errors/sql-state.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';
import type { Log } from '../session/log.ts';
import type { SessionRegistry } from '../session/session-registry.ts';
import type { AuthenticationMethod } from './authentication/authentication-method.ts';
import { trust } from './authentication/trust.ts';
import { CancelGuard } from './cancel-guard.ts';
import { Connection } from './connection.ts';
import { FatalError } from './fatal-error.ts';
import type { TlsProvider } from './tls/tls-upgrade.ts';
import { noWireMetrics, type WireMetrics } from './wire-metrics.ts';

export interface PgWireServerOptions {
  readonly registry: SessionRegistry;
  readonly log: Log;
  readonly metrics?: WireMetrics;
  readonly authentication?: AuthenticationMethod;
  readonly timers?: Timers;
  /** Absent: no TLS. */
  readonly tls?: TlsProvider | undefined;
  /** Clients logged in at the same time. */
  readonly maxConnections?: number;
  /** How many of these places are kept for superusers. */
  readonly reservedConnections?: number;
  /** Sockets that have not logged in yet; past this, the one that has waited longest is closed unanswered. */
  readonly maxPendingLogins?: number;
  /** Of them from one address. */
  readonly maxPendingPerAddress?: number;
  readonly startupTimeoutMs?: number;
  readonly maxMessageBytes?: number;
}

const MAX_MESSAGE_BYTES = 67_108_864;
/** A client that is gone without a word is found out after a while. */
const KEEP_ALIVE_MS = 60_000;
/** What a closing connection gets to deliver its last words. */
const LAST_WORDS_MS = 1_000;

/** The PostgreSQL door: accepts connections and keeps count of them. */
export class PgWireServer {
  readonly #options: Required<PgWireServerOptions>;
  /** One for each address. */
  readonly #servers: Server[] = [];
  readonly #cancels: CancelGuard;
  readonly #connections = new Map<Connection, { isLoggedIn: boolean }>();
  #loggedInCount = 0;
  #isStopping = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: PgWireServerOptions) {
    this.#options = {
      metrics: noWireMetrics,
      authentication: trust,
      timers: systemTimers,
      tls: undefined,
      maxConnections: 100,
      reservedConnections: 3,
      maxPendingLogins: 400,
      maxPendingPerAddress: 200,
      startupTimeoutMs: 10_000,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      ...options,
    };
    this.#cancels = new CancelGuard(options.registry);
  }

  /** Clients logged in. */
  get connectionCount(): number {
    return this.#loggedInCount;
  }

  /**
   * Opens one more place to connect to: a TCP address (port 0 takes a free one), or at the path of a Unix-domain socket, for which the port is 0. Rejects
   * when the address is in use.
   */
  listen(
    address: { readonly host: string; readonly port: number } | { readonly path: string },
  ): Promise<{ readonly port: number }> {
    // Half-open: a client may send all its messages, end its side, and still read the answers.
    const server = createServer(
      { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
      (socket) => this.#accept(socket),
    );
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(address, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#options.log('error', 'accepting failed', { error: error.message }));
        this.#servers.push(server);
        const bound = server.address();
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
    const hasClosed = Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
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
    const { metrics, maxPendingLogins, maxPendingPerAddress } = this.#options;
    if (this.#isStopping) {
      metrics.connectionRefused();
      socket.destroy();
      return;
    }
    const address = socket.remoteAddress;
    if (this.#connections.size - this.#loggedInCount >= maxPendingLogins) this.#dropOldestPending();
    else if (address !== undefined && this.#pendingFrom(address) >= maxPendingPerAddress) {
      this.#dropOldestPending(address);
    }
    const state = { isLoggedIn: false };
    const connection = new Connection(socket, {
      ...this.#options,
      requirePlace: () => this.#requirePlace({ isSuperuser: true }),
      admit: (options) => this.#admit(state, options),
      cancel: (processId, key, from) => this.#cancels.cancel(processId, key, from),
    });
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
  #dropOldestPending(address?: string): void {
    for (const [connection, { isLoggedIn }] of this.#connections) {
      if (isLoggedIn || (address !== undefined && connection.address !== address)) continue;
      this.#options.metrics.connectionRefused();
      connection.destroy();
      return;
    }
  }

  #pendingFrom(address: string): number {
    let count = 0;
    for (const [connection, { isLoggedIn }] of this.#connections) {
      if (!isLoggedIn && connection.address === address) count++;
    }
    return count;
  }

  /** After the startup packet, so that CancelRequest gets through when all places are taken. */
  #requirePlace({ isSuperuser }: { readonly isSuperuser: boolean }): void {
    if (this.#isStopping) throw new FatalError(SqlState.CannotConnectNow, 'the database system is shutting down');
    const { maxConnections, reservedConnections, metrics } = this.#options;
    if (this.#loggedInCount >= maxConnections) {
      metrics.connectionRefused();
      throw new FatalError(SqlState.TooManyConnections, 'sorry, too many clients already');
    }
    if (isSuperuser || this.#loggedInCount < maxConnections - reservedConnections) return;
    metrics.connectionRefused();
    throw new FatalError(
      SqlState.TooManyConnections,
      'remaining connection slots are reserved for non-replication superuser connections',
    );
  }

  #admit(state: { isLoggedIn: boolean }, options: { readonly isSuperuser: boolean }): void {
    this.#requirePlace(options);
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
