import type { Batch } from '../../columnar/batch.ts';
import type { SortKey } from '../../sql/plan/sort-nodes.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { rowComparator, sortRows } from '../row-sorter.ts';
import { RowStore } from '../row-store.ts';
import { sortBytesPerRow, storedKeys } from '../stored-keys.ts';
import { mergeRuns } from './merge-runs.ts';
import type { SpillFile } from './spill-file.ts';

const OUTPUT_ROWS = 1024;
/** Runs that are read at a time; more are merged in several passes. */
const MAX_MERGED_RUNS = 64;
/** Once rows go to disk, longer runs save little. */
const MAX_RUN_ROWS = 1 << 20;

/**
 * A stable sort that writes sorted runs to temporary files when its rows pass the memory of the statement, and merges
 * them at the end. Closed by who made it.
 */
export class ExternalSorter {
  readonly #types: readonly SqlType[];
  readonly #keys: readonly SortKey[];
  readonly #context: ExecutionContext;
  #store: RowStore;
  #runs: SpillFile[] = [];
  #spilledBytes = 0;
  /** What sorting the stored rows will take beside them. */
  #sortBytes = 0;

  constructor(types: readonly SqlType[], keys: readonly SortKey[], context: ExecutionContext) {
    this.#types = types;
    this.#keys = keys;
    this.#context = context;
    this.#store = new RowStore(types, context.memory);
  }

  /** What went to disk; 0 when all was sorted in memory. */
  get spilledBytes(): number {
    return this.#spilledBytes;
  }

  async add(batch: Batch): Promise<void> {
    if (this.#runs.length > 0 && this.#store.rowCount >= MAX_RUN_ROWS) await this.#spillRun();
    if (!this.#tryAppend(batch)) {
      if (this.#store.rowCount > 0 && this.#context.spill !== undefined) await this.#spillRun();
      this.#reserveSort(batch.rowCount);
      this.#store.append(batch);
    }
    const turn = this.#context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }

  /** Puts what is still in memory to disk, for others to have the room. */
  async leaveMemory(): Promise<void> {
    if (this.#store.rowCount > 0 && this.#context.spill !== undefined) await this.#spillRun();
  }

  /** The rows in order; nothing can be added afterwards. */
  async *rows(): AsyncGenerator<Batch, void, undefined> {
    if (this.#runs.length === 0) {
      yield* this.#sortedStore();
      return;
    }
    if (this.#store.rowCount > 0) await this.#spillRun();
    while (this.#runs.length > MAX_MERGED_RUNS) await this.#mergeFirstRuns();
    yield* this.#merged(this.#runs);
  }

  async close(): Promise<void> {
    this.#releaseStore();
    for (const run of this.#runs.splice(0)) await run.close();
  }

  async *#sortedStore(): AsyncGenerator<Batch, void, undefined> {
    const order = await sortedRows(this.#store, this.#keys, this.#context);
    for (let from = 0; from < order.length; from += OUTPUT_ROWS) {
      const rows = order.subarray(from, Math.min(from + OUTPUT_ROWS, order.length));
      yield this.#store.gather(rows, rows.length);
      const turn = this.#context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  }

  async #spillRun(): Promise<void> {
    this.#runs.push(await this.#write(this.#sortedStore()));
    this.#releaseStore();
    this.#store = new RowStore(this.#types, this.#context.memory);
  }

  #tryAppend(batch: Batch): boolean {
    const { memory } = this.#context;
    const sortBytes = batch.rowCount * sortBytesPerRow(this.#keys.length);
    if (!memory.tryReserve(sortBytes)) return false;
    if (!this.#store.tryAppend(batch)) {
      memory.release(sortBytes);
      return false;
    }
    this.#sortBytes += sortBytes;
    return true;
  }

  #reserveSort(rowCount: number): void {
    const sortBytes = rowCount * sortBytesPerRow(this.#keys.length);
    this.#context.memory.reserve(sortBytes);
    this.#sortBytes += sortBytes;
  }

  #releaseStore(): void {
    this.#store.release();
    this.#context.memory.release(this.#sortBytes);
    this.#sortBytes = 0;
  }

  /** Neighbours become one run, which stands where the first of them stood: the sort stays stable. */
  async #mergeFirstRuns(): Promise<void> {
    const merged: SpillFile[] = [];
    const runs = this.#runs;
    while (runs.length > 0) {
      const some = runs.slice(0, MAX_MERGED_RUNS);
      const run = await this.#write(this.#merged(some));
      runs.splice(0, some.length);
      merged.push(run);
      // Seen by `close` should the next merge fail.
      this.#runs = [...merged, ...runs];
      for (const file of some) await file.close();
    }
  }

  #merged(runs: readonly SpillFile[]): AsyncGenerator<Batch, void, undefined> {
    return mergeRuns(
      runs.map((run) => run.read()),
      this.#types,
      this.#keys,
      this.#context,
    );
  }

  async #write(rows: AsyncGenerator<Batch, void, undefined>): Promise<SpillFile> {
    const { spill } = this.#context;
    if (spill === undefined) throw new Error('a sort spills only where there is room for it');
    const file = await spill.create(this.#types);
    try {
      for await (const batch of rows) {
        const written = file.append(batch);
        if (written !== undefined) await written;
      }
      await file.finish();
    } catch (error) {
      await file.close().catch(() => {});
      throw error;
    }
    this.#spilledBytes += file.sizeBytes;
    return file;
  }
}

/** The numbers of the stored rows in the order of `keys`. */
export async function sortedRows(
  store: RowStore,
  keys: readonly SortKey[],
  context: ExecutionContext,
): Promise<Uint32Array> {
  const expressions = keys.map((key) => key.expression);
  const columns = await storedKeys(store, expressions, context);
  const compare = await rowComparator(columns, expressions, keys, context.control);
  return sortRows(store.rowCount, compare, context.control);
}
