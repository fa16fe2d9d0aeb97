import type { Batch } from '../columnar/batch.ts';
import { sliceBatch } from '../columnar/copy-rows.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { StatementControl } from '../execution/statement-control.ts';
import type { Cursor } from './cursors/cursor.ts';
import type { PreparedStatement } from './prepared-statement.ts';
import type { ResultColumn } from './result-column.ts';
import type { StatementRun } from './statement-run.ts';

export interface PortalOptions {
  readonly name: string;
  readonly statement: PreparedStatement;
  /** undefined: no result at all. */
  readonly columns: readonly ResultColumn[] | undefined;
  /** Text or binary, in the codes of the door that bound it. */
  readonly resultFormats: readonly number[];
  readonly control: StatementControl;
  /** undefined: the statement is empty. */
  readonly run: StatementRun | undefined;
  /** It was declared. */
  readonly cursor?: Cursor;
  /** Puts an error where it is in the text, for a plan that was made for another one. */
  readonly relocate?: ((error: unknown) => unknown) | undefined;
}

/** A statement with its parameters, ready to be fetched from, a number of rows at a time. */
export class Portal {
  readonly name: string;
  readonly statement: PreparedStatement;
  readonly columns: readonly ResultColumn[] | undefined;
  readonly resultFormats: readonly number[];
  readonly control: StatementControl;
  readonly cursor: Cursor | undefined;
  readonly #relocate: ((error: unknown) => unknown) | undefined;
  readonly #run: StatementRun | undefined;
  /** What its executions have taken and given so far. */
  elapsedMs = 0;
  rowCount = 0;
  /** Rows already pulled that the last fetch did not want. */
  #rest: Batch | undefined;
  #state: 'open' | 'finished' | 'closed' = 'open';

  constructor({ name, statement, columns, resultFormats, control, run, cursor, relocate }: PortalOptions) {
    this.name = name;
    this.statement = statement;
    this.columns = columns;
    this.resultFormats = resultFormats;
    this.control = control;
    this.#run = run;
    this.cursor = cursor;
    this.#relocate = relocate;
  }

  get isEmptyStatement(): boolean {
    return this.#run === undefined;
  }

  /** Throws 55000 when a command would run for a second time. */
  requireRunnable(): void {
    if (this.#state === 'closed' || (this.#state === 'finished' && this.#run?.isQuery !== true)) {
      throw new SqlError(SqlState.ObjectNotInPrerequisiteState, `portal "${this.name}" cannot be run`);
    }
  }

  /** At most `maxRows` rows (at least 1), undefined at the end. They are valid until the next call. */
  next(maxRows: number): Batch | undefined | Promise<Batch | undefined> {
    if (this.#state !== 'open') return undefined;
    const rest = this.#rest;
    if (rest !== undefined && rest.rowCount > 0) return this.#give(rest, maxRows);
    const pulled = this.#run?.next(maxRows);
    if (pulled instanceof Promise || pulled?.rowCount === 0) return this.#pullOn(pulled, maxRows);
    return this.#give(pulled, maxRows);
  }

  /** The first batch from here on that has rows. */
  async #pullOn(pulled: Batch | Promise<Batch | undefined>, maxRows: number): Promise<Batch | undefined> {
    let batch = await pulled;
    while (batch?.rowCount === 0) batch = await this.#run?.next(maxRows);
    return this.#give(batch, maxRows);
  }

  #give(batch: Batch | undefined, maxRows: number): Batch | undefined {
    if (batch === undefined) {
      this.#state = 'finished';
      return undefined;
    }
    if (batch.rowCount <= maxRows) {
      this.#rest = undefined;
      return batch;
    }
    this.#rest = sliceBatch(batch, maxRows, batch.rowCount);
    return sliceBatch(batch, 0, maxRows);
  }

  /** An error of its execution, as its text has it. */
  relocated(error: unknown): unknown {
    return this.#relocate === undefined ? error : this.#relocate(error);
  }

  tag(rowCount: number): string {
    return this.#run?.tag(rowCount) ?? '';
  }

  close(): Promise<void> | undefined {
    this.#state = 'closed';
    this.#rest = undefined;
    return this.#run?.close();
  }
}
