import type { Batch } from '../../columnar/batch.ts';
import type { StatementRun } from '../statement-run.ts';
import type { Cursor } from './cursor.ts';

/** A cursor as the portal of the protocol that it is too: Execute fetches on. */
export class CursorRun implements StatementRun {
  readonly isQuery = true;
  readonly #cursor: Cursor;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  async next(maxRows = Number.POSITIVE_INFINITY): Promise<Batch | undefined> {
    for await (const batch of this.#cursor.fetch({ direction: 'forward', count: maxRows })) return batch;
    return undefined;
  }

  close(): Promise<void> {
    return this.#cursor.close();
  }

  tag(rowCount: number): string {
    return `SELECT ${rowCount}`;
  }
}

/** FETCH: the rows go out as they are fetched. */
export class FetchRun implements StatementRun {
  readonly isQuery = true;
  readonly #open: () => AsyncGenerator<Batch, void, undefined>;
  #rows: AsyncGenerator<Batch, void, undefined> | undefined;
  #rowCount = 0;

  /** `open` finds the cursor, when the first row is asked for. */
  constructor(open: () => AsyncGenerator<Batch, void, undefined>) {
    this.#open = open;
  }

  async next(): Promise<Batch | undefined> {
    this.#rows ??= this.#open();
    const { value, done } = await this.#rows.next();
    if (done === true) return undefined;
    this.#rowCount += value.rowCount;
    return value;
  }

  async close(): Promise<void> {
    await this.#rows?.return();
  }

  tag(): string {
    return `FETCH ${this.#rowCount}`;
  }
}
