import type { Batch } from '../../columnar/batch.ts';
import { gatherBatch, sliceBatch } from '../../columnar/copy-rows.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { StatementControl } from '../../execution/statement-control.ts';
import type { CursorFact } from '../../pg-catalog/pg-cursors.ts';
import type { CursorRows } from '../../sql/binder/cursor-rows.ts';
import type { FetchStatement } from '../../sql/syntax/session-ast.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { ResultColumn } from '../result-column.ts';
import type { StatementRun } from '../statement-run.ts';
import { KeptRows, type KeptRowsOptions } from './kept-rows.ts';

/** What a cursor keeps that was not declared SCROLL; beyond that it can go on only. */
const UNASKED_BYTES = 4 * 1_048_576;
/** What a cursor has in memory before it uses the disk. */
const MEMORY_BYTES = 16 * 1_048_576;

export interface CursorOptions {
  readonly name: string;
  readonly columns: readonly ResultColumn[];
  /** What names the rows of tables that its rows are; undefined: nothing does. */
  readonly rows: CursorRows | undefined;
  /** Of all that the query gives: what it shows, and what names rows. */
  readonly types: readonly SqlType[];
  readonly run: StatementRun;
  /** The leash of the query, which every FETCH holds in turn. */
  readonly control: StatementControl;
  readonly isBinary: boolean;
  readonly isHold: boolean;
  /** undefined: neither SCROLL nor NO SCROLL. */
  readonly isScroll: boolean | undefined;
  /** Of the DECLARE. */
  readonly text: string;
  /** µs since 2000-01-01 UTC. */
  readonly createdMicros: number;
  readonly room: Pick<KeptRowsOptions, 'memory' | 'spill'>;
}

type Fetch = Pick<FetchStatement, 'direction' | 'count'>;

/**
 * A query whose rows are fetched as they are wanted. It stands on a row, before the first one (0) or behind the last one;
 * only rows that are asked for are computed. What it has passed is kept where it may be asked to go back.
 */
export class Cursor {
  readonly name: string;
  readonly columns: readonly ResultColumn[];
  readonly isBinary: boolean;
  readonly isHold: boolean;
  readonly text: string;
  readonly createdMicros: number;
  readonly rows: CursorRows | undefined;
  readonly #options: CursorOptions;
  /** The batch that it has given last; its last row is the one on which it stands, unless it stands on none. */
  #given: Batch | undefined;
  #run: StatementRun | undefined;
  /** Rows that the query has given beyond those asked for; the kept ones do not have them yet. */
  #rest: Batch | undefined;
  /** How many rows were passed so far; all there are once the run has ended. */
  #passedCount = 0;
  #position = 0;
  /** The rows from `#keptFrom` on that were passed. */
  #kept: KeptRows | undefined;
  #keptFrom = 0;
  #goesOnOnly: boolean;
  #isHolding = false;
  /** What it might have passed meanwhile is not known: it can only be closed. */
  #hasFailed = false;

  constructor(options: CursorOptions) {
    const { name, columns, rows, isBinary, isHold, isScroll, text, createdMicros, run } = options;
    this.rows = rows;
    this.name = name;
    this.columns = columns;
    this.isBinary = isBinary;
    this.isHold = isHold;
    this.text = text;
    this.createdMicros = createdMicros;
    this.#options = options;
    this.#run = run;
    this.#goesOnOnly = isScroll === false;
    if (!this.#goesOnOnly) this.#kept = this.#newKept(isScroll === true ? MEMORY_BYTES : Number.POSITIVE_INFINITY);
  }

  /** For pg_cursors. */
  get fact(): CursorFact {
    const { name, text: statement, isHold: isHoldable, isBinary, createdMicros } = this;
    return { name, statement, isHoldable, isBinary, isScrollable: !this.#goesOnOnly, createdMicros };
  }

  /** The leash of what computes the rows; undefined: they are all there. */
  get control(): StatementControl | undefined {
    return this.#run === undefined ? undefined : this.#options.control;
  }

  /** The rows of a FETCH, in the order in which they are fetched. Throws 55000 when it would have to go back and cannot. */
  async *fetch(fetch: Fetch): AsyncGenerator<Batch, void, undefined> {
    if (this.#hasFailed) {
      throw new SqlError(SqlState.ObjectNotInPrerequisiteState, `portal "${this.name}" cannot be run`);
    }
    try {
      for await (const batch of this.#fetch(fetch)) {
        const { rowCount, columns } = batch;
        yield { rowCount, columns: columns.slice(0, this.columns.length) };
      }
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  /** The row on which it stands, with what names it, in a batch of its own; undefined: it stands on none. */
  get currentRow(): Batch | undefined {
    const given = this.#given;
    if (given === undefined || !this.#isOnRow) return undefined;
    return sliceBatch(given, given.rowCount - 1, given.rowCount);
  }

  async *#fetch({ direction, count }: Fetch): AsyncGenerator<Batch, void, undefined> {
    switch (direction) {
      case 'forward':
      case 'backward': {
        const signed = direction === 'forward' ? count : -count;
        if (signed > 0) yield* this.#forward(signed);
        else if (signed < 0) yield* this.#backward(-signed);
        else yield* this.#current();
        return;
      }
      case 'absolute':
        if (count < 0) {
          await this.#skip(Number.POSITIVE_INFINITY);
          await this.#skipBack(-count - 1);
          yield* this.#backward(1);
        } else {
          if (count <= this.#position) this.#goTo(Math.max(count - 1, 0));
          if (count === 0) return;
          await this.#skip(count - 1 - this.#position);
          yield* this.#forward(1);
        }
        return;
      default:
        if (count > 0) {
          await this.#skip(count - 1);
          yield* this.#forward(1);
        } else if (count < 0) {
          await this.#skipBack(-count - 1);
          yield* this.#backward(1);
        } else yield* this.#current();
    }
  }

  /** MOVE: goes where FETCH would go; returns how many rows that would give. */
  async move(fetch: Fetch): Promise<number> {
    // Whether there is a current row needs no row.
    if (fetch.count === 0 && fetch.direction !== 'absolute') return this.#isOnRow ? 1 : 0;
    let rowCount = 0;
    for await (const batch of this.fetch(fetch)) rowCount += batch.rowCount;
    return rowCount;
  }

  /** WITH HOLD, when its transaction commits: all rows that may still be fetched are taken out of the query. */
  async hold(): Promise<void> {
    if (this.#run === undefined) return;
    this.#isHolding = true;
    if (this.#kept === undefined) {
      this.#kept = this.#newKept(MEMORY_BYTES);
      this.#keptFrom = this.#passedCount;
    }
    const hasMore = async (): Promise<boolean> => (await this.#pull(Number.POSITIVE_INFINITY)) !== undefined;
    while (await hasMore()) this.#options.control.check();
    await this.#endRun();
  }

  async close(): Promise<void> {
    this.#rest = undefined;
    const kept = this.#kept;
    this.#kept = undefined;
    await this.#endRun();
    await kept?.close();
  }

  get #isOnRow(): boolean {
    return this.#position > 0 && this.#position <= this.#passedCount;
  }

  async *#forward(count: number): AsyncGenerator<Batch, void, undefined> {
    for (let left = count; left > 0; ) {
      const batch = await this.#next(left);
      if (batch === undefined) {
        this.#position = this.#passedCount + 1;
        return;
      }
      this.#position += batch.rowCount;
      this.#given = batch;
      left -= batch.rowCount;
      yield batch;
    }
  }

  /** The rows behind the one it stands on. */
  async #next(count: number): Promise<Batch | undefined> {
    if (this.#position < this.#passedCount) {
      const wanted = Math.min(count, this.#passedCount - this.#position);
      return this.#kept?.read(this.#position - this.#keptFrom, wanted);
    }
    return this.#position > this.#passedCount ? undefined : this.#pull(count);
  }

  /** Rows that nobody has seen, which count as passed from now on. */
  async #pull(count: number): Promise<Batch | undefined> {
    let batch = this.#rest;
    this.#rest = undefined;
    while (batch === undefined || batch.rowCount === 0) {
      batch = await this.#run?.next();
      if (batch === undefined) return undefined;
    }
    const taken = sliceBatch(batch, 0, Math.min(count, batch.rowCount));
    if (taken.rowCount < batch.rowCount) this.#rest = sliceBatch(batch, taken.rowCount, batch.rowCount);
    this.#passedCount += taken.rowCount;
    if (this.#kept !== undefined) await this.#kept.append(taken);
    await this.#dropWhatNobodyAskedFor();
    return taken;
  }

  async #dropWhatNobodyAskedFor(): Promise<void> {
    const kept = this.#kept;
    if (this.#options.isScroll === true || this.#isHolding || (kept?.sizeBytes ?? 0) <= UNASKED_BYTES) return;
    this.#kept = undefined;
    this.#goesOnOnly = true;
    await kept?.close();
  }

  async *#backward(count: number): AsyncGenerator<Batch, void, undefined> {
    if (this.#goesOnOnly) throw scansForwardOnly();
    const target = this.#position - count;
    const first = Math.max(target, 1);
    while (this.#position > first) {
      const to = this.#position - 1;
      const batch = await this.#kept?.readBefore(to - this.#keptFrom, to - first + 1);
      if (batch === undefined) return;
      this.#position -= batch.rowCount;
      this.#given = reversed(batch);
      yield this.#given;
    }
    if (target < 1) this.#position = 0;
  }

  async *#current(): AsyncGenerator<Batch, void, undefined> {
    if (!this.#isOnRow) return;
    if (this.#goesOnOnly) throw scansForwardOnly();
    const batch = await this.#kept?.read(this.#position - 1 - this.#keptFrom, 1);
    if (batch !== undefined) yield batch;
  }

  async #skip(count: number): Promise<void> {
    for await (const _ of this.#forward(count));
  }

  async #skipBack(count: number): Promise<void> {
    if (this.#goesOnOnly) throw scansForwardOnly();
    this.#position = Math.max(this.#position - count, 0);
  }

  /** Back to a place that it has passed. */
  #goTo(position: number): void {
    if (this.#goesOnOnly && position < this.#position) throw scansForwardOnly();
    this.#position = position;
  }

  #newKept(memoryBytes: number): KeptRows {
    const { types, room } = this.#options;
    return new KeptRows({ types, memoryBytes, ...room });
  }

  async #endRun(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    await run?.close();
  }
}

function reversed(batch: Batch): Batch {
  const rows = Uint32Array.from({ length: batch.rowCount }, (_, row) => batch.rowCount - 1 - row);
  return gatherBatch(batch, rows, batch.rowCount);
}

function scansForwardOnly(): SqlError {
  return new SqlError(SqlState.ObjectNotInPrerequisiteState, 'cursor can only scan forward', {
    hint: 'Declare it with SCROLL option to enable backward scan.',
  });
}
