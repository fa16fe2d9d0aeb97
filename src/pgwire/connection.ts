import type { Socket } from 'node:net';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { Timers } from '../platform/timers.ts';
import type { Log } from '../session/log.ts';
import type { RegisteredSession, SessionRegistry } from '../session/session-registry.ts';
import type { AuthenticationMethod, TlsFacts } from './authentication/authentication-method.ts';
import { BackendWriter } from './backend-writer.ts';
import { WireCopyDoor } from './copy-door.ts';
import { errorReport } from './error-response.ts';
import { FatalError, protocolViolation } from './fatal-error.ts';
import { FrontendCode } from './message-code.ts';
import { MessageLoop } from './message-loop.ts';
import { ConnectionLostError, SocketChannel } from './socket-channel.ts';
import {
  decodeStartupPacket,
  NEWEST_MINOR,
  readStartupRequest,
  type StartupRequest,
  unsupportedProtocol,
} from './startup.ts';
import { secure, TLS_HANDSHAKE, type TlsProvider } from './tls/tls-upgrade.ts';
import type { WireMetrics } from './wire-metrics.ts';

export interface ConnectionOptions {
  readonly registry: SessionRegistry;
  readonly authentication: AuthenticationMethod;
  readonly timers: Timers;
  readonly log: Log;
  readonly metrics: WireMetrics;
  readonly maxMessageBytes: number;
  /** A client that has not logged in by then is cut off. */
  readonly startupTimeoutMs: number;
  /** Absent: there is no certificate, and no TLS. */
  readonly tls?: TlsProvider | undefined;
  /** Throws 53300 when all places among the connections are taken, whoever comes. */
  readonly requirePlace: () => void;
  /** Takes a place among the connections; throws 53300 when those that are left are kept for superusers. */
  readonly admit: (options: { readonly isSuperuser: boolean }) => void;
  /** Cancels what a session runs, if the key is right. */
  readonly cancel: (processId: number, key: Uint8Array, address: string) => void;
}

/** Where a client of a Unix-domain socket comes from. */
const LOCAL = 'local';
const CANCEL_KEY_BYTES = { old: 4, new: 32 } as const;

/** One client from the first byte to the last: login, then messages until it leaves, is told to, or breaks the rules. */
export class Connection {
  readonly #options: ConnectionOptions;
  /** Another one once there is TLS: nothing that came in clear is left in it. */
  #channel: SocketChannel;
  #out: BackendWriter;
  #tls: TlsFacts | undefined;
  #isDestroyed = false;
  readonly #remoteAddress: string;
  readonly #remotePort: number | undefined;
  /** Of the server, as the client has called it. */
  readonly #localAddress: string | undefined;
  readonly #localPort: number | undefined;
  #registered: RegisteredSession | undefined;
  #loop: MessageLoop | undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#options = options;
    this.#remoteAddress = socket.remoteAddress ?? LOCAL;
    this.#remotePort = socket.remotePort;
    this.#localAddress = socket.localAddress;
    this.#localPort = socket.localPort;
    this.#channel = this.#newChannel(socket);
    this.#out = new BackendWriter(this.#channel);
  }

  /** Of the client; `local` when it has come by a Unix-domain socket. */
  get address(): string {
    return this.#remoteAddress;
  }

  #newChannel(socket: Socket): SocketChannel {
    const { maxMessageBytes, metrics } = this.#options;
    return new SocketChannel(socket, {
      maxMessageBytes,
      onLost: () => this.#registered?.session.cancel('user'),
      onBytes: (direction, count) => metrics.bytes(direction, count),
    });
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      const request = await this.#logIn();
      if (request === undefined) return;
      const { session, cancelKey } = this.#openSession(request);
      for (const [name, value] of session.settings.takeChangedReports()) this.#out.parameterStatus(name, value);
      this.#out.backendKeyData(session.processId, cancelKey);
      this.#loop = new MessageLoop(session, this.#channel, this.#out, this.#options);
      await this.#loop.run();
    } catch (error) {
      this.#giveUp(error);
    } finally {
      await this.#close();
    }
  }

  /** Closes as soon as nothing runs: at once when the client is idle. */
  stop(): void {
    if (this.#loop === undefined) this.#channel.interrupt(shuttingDown());
    else this.#loop.stop(shuttingDown());
  }

  /** Cancels what runs; the client is told that the server goes down. */
  stopNow(): void {
    this.#channel.interrupt(shuttingDown());
    this.#registered?.session.cancel('shutdown');
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#channel.destroy();
  }

  /** undefined: the client wanted no session, or has hung up. */
  async #logIn(): Promise<StartupRequest | undefined> {
    const cutOff = this.#options.timers.after(this.#options.startupTimeoutMs, () => this.destroy());
    try {
      const request = await this.#startUp();
      if (request === undefined) return undefined;
      this.#options.requirePlace();
      await this.#options.authentication.authenticate({
        userName: request.userName,
        databaseName: this.#options.registry.databaseNameOf(request),
        remoteAddress: this.#remoteAddress === LOCAL ? undefined : this.#remoteAddress,
        tls: this.#tls,
        out: this.#out,
        answer: () => this.#passwordMessage(),
      });
      this.#out.authenticationOk();
      return request;
    } finally {
      cutOff();
    }
  }

  async #startUp(): Promise<StartupRequest | undefined> {
    let hasAskedForTls = false;
    let hasAskedForGss = false;
    if (this.#options.tls !== undefined && (await this.#channel.firstByte()) === TLS_HANDSHAKE) {
      if (!(await this.#secure({ needsProtocol: true }))) return undefined;
      hasAskedForTls = true;
      hasAskedForGss = true;
    }
    for (;;) {
      const bytes = await this.#channel.startupPacket();
      if (bytes === undefined) return undefined;
      const packet = decodeStartupPacket(bytes);
      switch (packet.kind) {
        case 'cancel':
          this.#options.cancel(packet.processId, packet.key, this.#remoteAddress);
          return undefined;
        case 'ssl-request':
          if (hasAskedForTls) throw unsupportedProtocol(1234, 5679);
          hasAskedForTls = true;
          if (this.#options.tls === undefined || this.#remoteAddress === LOCAL) {
            await this.#refuseEncryption('SSL');
            break;
          }
          this.#requireNothingSent('SSL');
          this.#out.consent();
          await this.#out.flush();
          if (!(await this.#secure({ needsProtocol: false }))) return undefined;
          // Encryption within encryption is nobody's wish.
          hasAskedForGss = true;
          break;
        case 'gss-request':
          if (hasAskedForGss) throw unsupportedProtocol(1234, 5680);
          hasAskedForGss = true;
          await this.#refuseEncryption('GSSAPI encryption');
          break;
        case 'unsupported':
          throw unsupportedProtocol(packet.major, packet.minor);
        default: {
          const request = readStartupRequest(packet);
          if (request.mustNegotiate) {
            this.#out.negotiateProtocolVersion(0x30000 + request.minor, request.unknownOptions);
          }
          return request;
        }
      }
    }
  }

  /** False: it came to nothing, and the connection is closed. Nothing is said in clear to who has begun with TLS. */
  async #secure(options: { readonly needsProtocol: boolean }): Promise<boolean> {
    const { tls, log } = this.#options;
    const { socket, received } = this.#channel.release();
    if (tls === undefined || this.#isDestroyed) {
      socket.destroy();
      return false;
    }
    try {
      const secured = await secure(socket, tls, { received, ...options });
      this.#tls = secured.facts;
      this.#channel = this.#newChannel(secured.socket);
      this.#out = new BackendWriter(this.#channel);
      if (this.#isDestroyed) this.#channel.destroy();
      return true;
    } catch (error) {
      log('info', 'TLS handshake failed', { remoteAddress: this.#remoteAddress, error: (error as Error).message });
      return false;
    }
  }

  /** A client waits for this answer: bytes that came before it are somebody else's (CVE-2021-23214). */
  async #refuseEncryption(method: string): Promise<void> {
    this.#requireNothingSent(method);
    this.#out.refusal();
    await this.#out.flush();
  }

  #requireNothingSent(method: string): void {
    if (this.#channel.framer.pendingBytes > 0) {
      throw new FatalError(SqlState.ProtocolViolation, `received unencrypted data after ${method} request`, {
        detail: 'This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.',
      });
    }
  }

  async #passwordMessage(): Promise<Uint8Array> {
    await this.#out.flush();
    const frame = await this.#channel.message();
    if (frame === undefined) throw new ConnectionLostError();
    if (frame.code !== FrontendCode.Password) {
      throw protocolViolation(`expected password response, got message type ${frame.code}`);
    }
    return frame.body;
  }

  #openSession(request: StartupRequest): RegisteredSession {
    const registered = this.#options.registry.open({
      userName: request.userName,
      databaseName: request.databaseName,
      remoteAddress: this.#remoteAddress,
      remotePort: this.#remotePort,
      localAddress: this.#localAddress,
      localPort: this.#localPort,
      cancelKeyBytes: request.minor >= NEWEST_MINOR ? CANCEL_KEY_BYTES.new : CANCEL_KEY_BYTES.old,
    });
    this.#registered = registered;
    this.#options.admit({ isSuperuser: registered.session.roles.login.isSuperuser });
    registered.session.onTerminate(() => this.stopNow());
    registered.session.onNotice((notice) => this.#out.report(notice));
    this.#out.useEncoding(() => registered.session.settings.clientEncoding);
    registered.session.useCopyDoor(new WireCopyDoor(this.#channel, this.#out));
    registered.session.applyStartupSettings(request.settings);
    this.#channel.framer.allowLargeMessages();
    return registered;
  }

  /** The last words: whatever ends a connection is fatal. */
  #giveUp(error: unknown): void {
    if (error instanceof ConnectionLostError || this.#channel.isLost) return;
    const report = errorReport(error, this.#options.log);
    if (error instanceof SqlError && report.code !== SqlState.AdminShutdown) {
      this.#options.log('info', 'connection refused or ended', {
        remoteAddress: this.#remoteAddress,
        code: report.code,
        reason: report.message,
      });
    }
    this.#out.report({ ...report, severity: 'FATAL' });
  }

  async #close(): Promise<void> {
    try {
      // Not awaited: a client that reads nothing must not keep us.
      this.#out.flush()?.catch(() => {});
    } catch (error) {
      if (!(error instanceof ConnectionLostError))
        this.#options.log('error', 'closing failed', { error: String(error) });
    }
    this.#channel.close(this.#options.timers);
    if (this.#registered === undefined) return;
    try {
      await this.#options.registry.close(this.#registered.session);
    } catch (error) {
      errorReport(error, this.#options.log);
    }
  }
}

function shuttingDown(): FatalError {
  return new FatalError(SqlState.AdminShutdown, 'terminating connection due to administrator command');
}
