import type { Batch } from '../columnar/batch.ts';

/** One execution of one statement, pulled batch by batch. What needs not be waited for comes without a promise. */
export interface StatementRun {
  /** The next rows; undefined at the end. Valid until the next call. `maxRows`: more are not wanted now, but may be given. */
  next(maxRows?: number): Batch | undefined | Promise<Batch | undefined>;
  /** Gives back what the run holds, whether or not it came to its end. May be called twice. */
  close(): Promise<void> | undefined;
  /** The command tag once the rows are out; `rowCount` is what the last fetch gave. */
  tag(rowCount: number): string;
  /** A query can be fetched from once more after its end (and gives nothing); a command cannot. */
  readonly isQuery: boolean;
}

export interface CommandResult {
  /** Made of the number of rows that the last fetch gave, where the command says so. */
  readonly tag: string | ((rowCount: number) => string);
  readonly rows?: readonly Batch[];
}

/** A command that does all its work at the first pull, and then has rows to show for it or not. */
export class CommandRun implements StatementRun {
  readonly isQuery: boolean;
  readonly #perform: () => CommandResult | Promise<CommandResult>;
  #result: CommandResult | undefined;
  #nextBatch = 0;

  /** `givesRows`: SHOW, EXPLAIN and RETURNING may be fetched from like queries. */
  constructor(perform: () => CommandResult | Promise<CommandResult>, options: { givesRows: boolean }) {
    this.#perform = perform;
    this.isQuery = options.givesRows;
  }

  next(): Batch | undefined | Promise<Batch | undefined> {
    if (this.#result !== undefined) return this.#nextRows(this.#result);
    const result = this.#perform();
    return result instanceof Promise ? result.then((later) => this.#nextRows(later)) : this.#nextRows(result);
  }

  #nextRows(result: CommandResult): Batch | undefined {
    this.#result = result;
    return result.rows?.[this.#nextBatch++];
  }

  close(): undefined {}

  tag(rowCount: number): string {
    const tag = this.#result?.tag ?? '';
    return typeof tag === 'string' ? tag : tag(rowCount);
  }
}
