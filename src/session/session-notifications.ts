import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { type Notification, type NotificationHub, type NotificationListener, sizeOf } from './notification-hub.ts';

/** PostgreSQL's limits, in bytes. */
const MAX_CHANNEL_BYTES = 63;
const MAX_PAYLOAD_BYTES = 7999;
/** What may wait for a client that is in a transaction, or does not read. */
const MAX_QUEUE_BYTES = 8 * 1_048_576;

type Action = { readonly kind: 'listen' | 'unlisten'; readonly channel: string } | { readonly kind: 'unlisten-all' };

/** What a savepoint goes back to. */
export interface NotificationMark {
  readonly actionCount: number;
  readonly notificationCount: number;
}

/**
 * LISTEN, NOTIFY and UNLISTEN of one session. What a transaction asks for happens when it commits; what arrives waits in a
 * queue until the client is between two transactions.
 */
export class SessionNotifications implements NotificationListener {
  readonly #hub: NotificationHub;
  readonly #processId: number;
  readonly #channels = new Set<string>();
  readonly #actions: Action[] = [];
  readonly #sent: Notification[] = [];
  readonly #queue: Notification[] = [];
  #queueBytes = 0;
  #onArrival: () => void = () => {};

  constructor(hub: NotificationHub, processId: number) {
    this.#hub = hub;
    this.#processId = processId;
  }

  /** Told when something has arrived. */
  onArrival(tell: () => void): void {
    this.#onArrival = tell;
  }

  /** The channels that the session listens to, in the order in which it began. */
  get channels(): readonly string[] {
    return [...this.#channels];
  }

  listen(channel: string): void {
    this.#actions.push({ kind: 'listen', channel });
  }

  /** undefined: all of them. */
  unlisten(channel: string | undefined): void {
    this.#actions.push(channel === undefined ? { kind: 'unlisten-all' } : { kind: 'unlisten', channel });
  }

  /** The same twice in a transaction is sent once. Throws 22023. */
  notify(channel: string, payload: string): void {
    if (channel === '') throw invalid('channel name cannot be empty');
    if (Buffer.byteLength(channel) > MAX_CHANNEL_BYTES) throw invalid('channel name too long');
    if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) throw invalid('payload string too long');
    const isKnown = this.#sent.some((known) => known.channel === channel && known.payload === payload);
    if (!isKnown) this.#sent.push({ processId: this.#processId, channel, payload });
  }

  mark(): NotificationMark {
    return { actionCount: this.#actions.length, notificationCount: this.#sent.length };
  }

  rollbackTo({ actionCount, notificationCount }: NotificationMark): void {
    this.#actions.length = actionCount;
    this.#sent.length = notificationCount;
  }

  /** The transaction has something to tell when it commits. */
  get hasSent(): boolean {
    return this.#sent.length > 0;
  }

  /** Throws 54000 when somebody who listens has no room: nothing is lost, so nothing is sent. */
  beforeCommit(): void {
    if (this.#sent.length === 0 || this.#hub.hasRoom(this.#sent)) return;
    throw new SqlError(SqlState.ProgramLimitExceeded, 'too many notifications in the NOTIFY queue');
  }

  committed(): void {
    for (const action of this.#actions) {
      if (action.kind === 'listen') this.#channels.add(action.channel);
      else if (action.kind === 'unlisten') this.#channels.delete(action.channel);
      else this.#channels.clear();
    }
    if (this.#actions.length > 0) {
      if (this.#channels.size > 0) this.#hub.add(this);
      else this.#hub.remove(this);
    }
    const sent = this.#sent.slice();
    this.rolledBack();
    if (sent.length > 0) this.#hub.publish(sent);
  }

  rolledBack(): void {
    this.#actions.length = 0;
    this.#sent.length = 0;
  }

  /** What has arrived, in order. */
  take(): readonly Notification[] {
    this.#queueBytes = 0;
    return this.#queue.splice(0);
  }

  get queueUsage(): number {
    return this.#queueBytes / MAX_QUEUE_BYTES;
  }

  listensTo(channel: string): boolean {
    return this.#channels.has(channel);
  }

  hasRoom(sizeBytes: number): boolean {
    return this.#queueBytes === 0 || this.#queueBytes + sizeBytes <= MAX_QUEUE_BYTES;
  }

  receive(notification: Notification): void {
    this.#queue.push(notification);
    this.#queueBytes += sizeOf(notification);
    this.#onArrival();
  }

  /** The session has ended. */
  close(): void {
    this.#hub.remove(this);
    this.#channels.clear();
    this.take();
  }
}

function invalid(message: string): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, message);
}
