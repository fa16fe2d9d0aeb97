import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('ledger-process.mjs', import.meta.url));

/** What was tried and what was acknowledged, by key. */
export interface LedgerEntries {
  readonly attempted: ReadonlySet<string>;
  readonly acknowledged: ReadonlySet<string>;
}

/** The ledger of a crash test, which lives in a process of its own. */
export class Ledger {
  /** How many acknowledgements were passed on. */
  acknowledgedCount = 0;
  readonly #process: ChildProcess;

  constructor() {
    this.#process = fork(SCRIPT, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  /** To be waited for before the write is sent. */
  begin(key: string): Promise<void> {
    return this.#send(['begin', key]);
  }

  acknowledge(key: string): Promise<void> {
    this.acknowledgedCount++;
    return this.#send(['acknowledge', key]);
  }

  async read(): Promise<LedgerEntries> {
    const answer = new Promise<{ attempted: string[]; acknowledged: string[] }>((resolve) =>
      this.#process.once('message', resolve as (message: unknown) => void),
    );
    await this.#send(['read']);
    const { attempted, acknowledged } = await answer;
    return { attempted: new Set(attempted), acknowledged: new Set(acknowledged) };
  }

  close(): void {
    this.#process.disconnect();
  }

  #send(message: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#process.send(message, (error) => (error ? reject(error) : resolve()));
    });
  }
}
