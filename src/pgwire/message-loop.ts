import { unreachable } from '../errors/invariant.ts';
import { notSupported } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { nextTurn } from '../platform/next-turn.ts';
import type { Timers } from '../platform/timers.ts';
import type { Log } from '../session/log.ts';
import type { Session } from '../session/session.ts';
import type { BackendWriter } from './backend-writer.ts';
import { errorReport } from './error-response.ts';
import { bind, close, describe, execute, parse } from './extended-query.ts';
import { FatalError, protocolViolation } from './fatal-error.ts';
import { decodeFrontendMessage, type FrontendMessage } from './frontend-message.ts';
import { FrontendCode } from './message-code.ts';
import type { Frame } from './message-framing.ts';
import { simpleQuery } from './simple-query.ts';
import { ConnectionLostError, type SocketChannel } from './socket-channel.ts';

/** After this long without a real pause, other connections get their turn. */
const TURN_MS = 5;

/** The messages of the extended protocol, after whose errors everything up to Sync is skipped. */
const EXTENDED_CODES: ReadonlySet<number> = new Set([
  FrontendCode.Parse,
  FrontendCode.Bind,
  FrontendCode.Describe,
  FrontendCode.Execute,
  FrontendCode.Close,
  FrontendCode.Flush,
]);

/** The conversation after login, message by message. */
export class MessageLoop {
  readonly #session: Session;
  readonly #channel: SocketChannel;
  readonly #out: BackendWriter;
  readonly #timers: Timers;
  readonly #log: Log;
  #skipsToSync = false;
  /** ReadyForQuery was the last thing sent: the client owes us a message, and we owe it nothing. */
  #isReady = false;
  /** Notifications were sent to the client while it was idle, and it has not taken them. */
  #isDelivering = false;
  #stopReason: FatalError | undefined;
  /** What a message that was taken at once has begun; the loop waits for it. */
  #underway: Promise<void> | undefined;
  #hasTerminated = false;
  #turnEndsAt = performance.now() + TURN_MS;

  constructor(
    session: Session,
    channel: SocketChannel,
    out: BackendWriter,
    { timers, log }: { readonly timers: Timers; readonly log: Log },
  ) {
    this.#session = session;
    this.#channel = channel;
    this.#out = out;
    this.#timers = timers;
    this.#log = log;
    session.notifications.onArrival(() => this.#deliver());
  }

  /** Until the client leaves. Throws `FatalError` when it has to. */
  async run(): Promise<void> {
    await this.#ready();
    while (!this.#hasTerminated) {
      const underway = this.#underway;
      this.#underway = undefined;
      if (underway !== undefined) await underway;
      if (performance.now() >= this.#turnEndsAt) await this.#giveTurn();
      const frame = this.#channel.readyMessage();
      if (frame !== undefined) this.#underway = this.#take(frame);
      else if (this.#channel.hasEnded) return;
      else await this.#more();
    }
  }

  /** Undefined where the message is dealt with already. */
  #take(frame: Frame): Promise<void> | undefined {
    // The remains of a COPY that was refused; the protocol has us ignore them.
    if (isCopyMessage(frame)) return undefined;
    if (frame.code === FrontendCode.Terminate) {
      this.#hasTerminated = true;
      return undefined;
    }
    this.#isReady = false;
    return this.#handle(frame);
  }

  /**
   * Most messages are handled where they were received, without a promise. False: the loop has to go on, with what is
   * underway or has come.
   */
  readonly #takeNow = (): boolean => {
    this.#turnEndsAt = performance.now() + TURN_MS;
    try {
      while (this.#underway === undefined && !this.#hasTerminated) {
        const frame = this.#channel.readyMessage();
        // Whoever is idle for too long in a transaction is told by a timer, which begins anew with each message.
        if (frame === undefined) return this.#idleTimeoutMs === 0;
        this.#underway = this.#take(frame);
        if (performance.now() >= this.#turnEndsAt) return false;
      }
    } catch (error) {
      this.#underway = Promise.reject(error);
    }
    return false;
  };

  /** Ends the loop with `reason` as soon as the client has its answer. */
  stop(reason: FatalError): void {
    this.#stopReason = reason;
    if (this.#isReady) this.#channel.interrupt(reason);
  }

  /** How long the client may leave us waiting; 0: as long as it likes. */
  get #idleTimeoutMs(): number {
    if (!this.#isReady || this.#session.transactionStatus === 'idle') return 0;
    return this.#session.settings.idleInTransactionTimeoutMs;
  }

  async #more(): Promise<void> {
    const timeoutMs = this.#idleTimeoutMs;
    if (timeoutMs === 0) return this.#channel.more(this.#takeNow);
    const cancel = this.#timers.after(timeoutMs, () =>
      this.#channel.interrupt(
        new FatalError(
          SqlState.IdleInTransactionSessionTimeout,
          'terminating connection due to idle-in-transaction timeout',
        ),
      ),
    );
    try {
      await this.#channel.more(() => false);
    } finally {
      cancel();
    }
  }

  #handle(frame: Frame): Promise<void> | undefined {
    if (this.#skipsToSync && frame.code !== FrontendCode.Sync) {
      // Skipped, but still checked: what is no message ends the connection.
      return undefined;
    }
    let performed: Promise<void> | undefined;
    try {
      performed =
        this.#perform(decodeFrontendMessage(frame, this.#session.settings.clientEncoding)) ?? this.#out.flushIfFull();
    } catch (error) {
      return this.#recover(frame.code, error);
    }
    return performed === undefined ? undefined : this.#finish(frame.code, performed);
  }

  async #finish(code: number, performed: Promise<void>): Promise<void> {
    try {
      await performed;
      await this.#out.flushIfFull();
    } catch (error) {
      await this.#recover(code, error);
    }
  }

  /** Undefined where it is done already. */
  #perform(message: FrontendMessage): Promise<void> | undefined {
    const session = this.#session;
    const out = this.#out;
    switch (message.kind) {
      case 'query':
        return this.#readyAfter(simpleQuery(session, message, out));
      case 'parse':
        return parse(session, message, out);
      case 'bind':
        return bind(session, message, out);
      case 'describe':
        describe(session, message, out);
        return undefined;
      case 'execute':
        return execute(session, message, out);
      case 'close':
        return close(session, message, out);
      case 'flush':
        return out.flush();
      case 'sync':
        this.#skipsToSync = false;
        return this.#readyAfter(session.endMessage());
      case 'function-call':
        throw notSupported('the function call message');
      case 'copy':
        return undefined;
      case 'password':
        throw protocolViolation(`invalid frontend message type ${FrontendCode.Password}`);
      case 'terminate':
        return undefined;
      default:
        return unreachable(message);
    }
  }

  #readyAfter(performed: Promise<void> | undefined): Promise<void> | undefined {
    return performed === undefined ? this.#ready() : performed.then(() => this.#ready());
  }

  async #recover(code: number, error: unknown): Promise<void> {
    if (error instanceof ConnectionLostError) throw error;
    const report = errorReport(error, this.#log);
    if (report.severity === 'FATAL') throw error;
    await this.#session.fail();
    this.#out.report(report);
    if (EXTENDED_CODES.has(code)) {
      // After an error the protocol has us skip every message up to the next Sync.
      this.#skipsToSync = true;
      await this.#out.flush();
    } else {
      await this.#ready();
    }
  }

  /** What was notified goes out between two transactions; a client that reads nothing gets no more than it has taken. */
  #deliver(): void {
    if (!this.#isReady || this.#isDelivering || this.#session.transactionStatus !== 'idle') return;
    try {
      this.#writeNotifications();
      const drained = this.#out.flush();
      if (drained === undefined) return;
      this.#isDelivering = true;
      drained
        .catch(() => {})
        .finally(() => {
          this.#isDelivering = false;
          this.#deliver();
        });
    } catch (error) {
      // The reader of the connection learns of its end by itself.
      if (!(error instanceof ConnectionLostError)) throw error;
    }
  }

  #writeNotifications(): void {
    for (const { processId, channel, payload } of this.#session.notifications.take()) {
      this.#out.notification(processId, channel, payload);
    }
  }

  #ready(): Promise<void> | undefined {
    if (this.#session.transactionStatus === 'idle') this.#writeNotifications();
    for (const [name, value] of this.#session.settings.takeChangedReports()) this.#out.parameterStatus(name, value);
    this.#session.noteReady();
    this.#out.readyForQuery(this.#session.transactionStatus);
    const flushed = this.#out.flush();
    if (flushed !== undefined) return flushed.then(() => this.#awaitClient());
    this.#awaitClient();
    return undefined;
  }

  #awaitClient(): void {
    this.#isReady = true;
    // What arrived while the client was taking its answer.
    this.#deliver();
    if (this.#stopReason !== undefined) throw this.#stopReason;
  }

  /** Messages that lie ready are handled without a real pause between them, however many a client pipelines. */
  async #giveTurn(): Promise<void> {
    await nextTurn();
    this.#turnEndsAt = performance.now() + TURN_MS;
  }
}

function isCopyMessage({ code }: Frame): boolean {
  return code === FrontendCode.CopyData || code === FrontendCode.CopyDone || code === FrontendCode.CopyFail;
}
