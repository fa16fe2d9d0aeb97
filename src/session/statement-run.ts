import type { Batch } from '../columnar/batch.ts';

/** One execution of one statement, pulled batch by batch. */
export interface StatementRun {
  /** The next rows; undefined at the end. Valid until the next call. */
  next(): Promise<Batch | undefined>;
  /** Gives back what the run holds, whether or not it came to its end. May be called twice. */
  close(): Promise<void>;
  /** The command tag once the rows are out; `rowCount` is what the last fetch gave. */
  tag(rowCount: number): string;
  /** A query can be fetched from once more after its end (and gives nothing); a command cannot. */
  readonly isQuery: boolean;
}

export interface CommandResult {
  readonly tag: string;
  readonly rows?: Batch | undefined;
}

/** A command that does its work at the first pull and has few rows to show for it, if any. */
export class CommandRun implements StatementRun {
  readonly isQuery: boolean;
  readonly #perform: () => CommandResult | Promise<CommandResult>;
  #result: CommandResult | undefined;

  /** `givesRows`: SHOW and EXPLAIN may be fetched from like queries. */
  constructor(perform: () => CommandResult | Promise<CommandResult>, options: { givesRows: boolean }) {
    this.#perform = perform;
    this.isQuery = options.givesRows;
  }

  async next(): Promise<Batch | undefined> {
    if (this.#result !== undefined) return undefined;
    this.#result = await this.#perform();
    return this.#result.rows;
  }

  async close(): Promise<void> {}

  tag(): string {
    return this.#result?.tag ?? '';
  }
}
