import type { SessionActivity } from '../pg-catalog/session-activity.ts';
import type { Clock } from '../platform/clock.ts';
import type { TransactionStatus } from './transaction-block.ts';

const IDLE_STATES = {
  idle: 'idle',
  'in-block': 'idle in transaction',
  failed: 'idle in transaction (aborted)',
} as const;

/** What a session does, or did last: kept from message to message for pg_stat_activity. */
export class ActivityRecord {
  readonly #clock: Clock;
  #query = '';
  #queryStart: number | undefined;
  #stateChange: number;
  #isHandling = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#stateChange = clock.nowMicros();
  }

  /** The text that is handled, or was last. */
  get query(): string {
    return this.#query;
  }

  /** A text has come, or is executed once more. */
  begin(query: string): void {
    const now = this.#clock.nowMicros();
    if (!this.#isHandling) this.#stateChange = now;
    this.#isHandling = true;
    this.#query = query;
    this.#queryStart = now;
  }

  /** The client has its answer, and it is its turn. */
  end(): void {
    this.#isHandling = false;
    this.#stateChange = this.#clock.nowMicros();
  }

  facts(status: TransactionStatus): Pick<SessionActivity, 'query' | 'queryStart' | 'stateChange' | 'state'> {
    return {
      query: this.#query,
      queryStart: this.#queryStart,
      stateChange: this.#stateChange,
      state: this.#isHandling ? 'active' : IDLE_STATES[status],
    };
  }
}
