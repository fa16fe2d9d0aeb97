import type { Batch } from '../../columnar/batch.ts';
import { valueAt } from '../../columnar/column.ts';
import { constantColumn } from '../../columnar/column-builder.ts';
import { gatherBatch, sliceBatch } from '../../columnar/copy-rows.ts';
import { rowNameColumns } from '../../database/row-name-columns.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { withCommonTable } from '../../execution/common-tables.ts';
import { executePlan, type PlanCounters } from '../../execution/execute-plan.ts';
import { RowBuffer } from '../../execution/row-buffer.ts';
import { RowStore } from '../../execution/row-store.ts';
import type { BoundConflict, BoundInsert, ConflictUpdate, RowsPlan } from '../../sql/binder/bound-statement.ts';
import { xid } from '../../types/oid.ts';
import { sqlType } from '../../types/type-registry.ts';
import { affectedTwice, type Existing, type ExistingRows, existingRows } from './existing-rows.ts';
import { columnsOf, inBatches, type ModificationRun, type Modified } from './modify.ts';

/** Rows that are looked up and written in one go. */
const ROWS_AT_ONCE = 1024;

/**
 * INSERT … ON CONFLICT. Rows are taken some at a time: what has none of their keys is inserted, what has one is locked and
 * updated, or the row is left out. Who was faster with a key makes all that is not written yet be looked at once more.
 */
export async function upsert(
  bound: BoundInsert & { readonly onConflict: BoundConflict },
  run: ModificationRun,
  counters: PlanCounters | undefined,
): Promise<Modified> {
  const { source, onConflict } = bound;
  const { context, constraints } = run;
  const writer = new Upsert(bound, run);
  const rowsAtOnce = onConflict.update?.changesKeys === true ? 1 : ROWS_AT_ONCE;
  for await (const batch of executePlan(source, context, counters)) {
    const refused = constraints.firstRefused(batch);
    const end = refused?.row ?? batch.rowCount;
    for (let from = 0; from < end; from += rowsAtOnce) {
      await writer.write(sliceBatch(batch, from, Math.min(from + rowsAtOnce, end)));
      await context.control.yieldIfDue();
    }
    if (refused !== undefined) throw refused.error;
  }
  return writer.result();
}

/** One row that is to be inserted, and the one that is there in its place. */
interface Pair {
  readonly row: number;
  readonly id: number;
}

class Upsert {
  readonly #bound: BoundInsert & { readonly onConflict: BoundConflict };
  readonly #run: ModificationRun;
  readonly #existing: ExistingRows;
  readonly #returned: RowStore | undefined;
  #insertedCount = 0;
  #updatedCount = 0;
  #conflictCount = 0;

  constructor(bound: BoundInsert & { readonly onConflict: BoundConflict }, run: ModificationRun) {
    const { table, onConflict, returning } = bound;
    const { transaction, context, wait, firstRowId } = run;
    this.#bound = bound;
    this.#run = run;
    const { arbiterOids, update } = onConflict;
    const reads = update?.reads ?? [];
    const changesKeys = update?.changesKeys === true;
    this.#existing = existingRows({ table, arbiterOids, reads, changesKeys, transaction, context, wait, firstRowId });
    if (returning === undefined) return;
    this.#returned = new RowStore(
      returning.map((column) => column.type),
      context.memory,
    );
  }

  result(): Modified {
    const returned = this.#returned;
    return {
      rowCount: this.#insertedCount + this.#updatedCount,
      conflictCount: this.#conflictCount,
      insertedCount: this.#insertedCount,
      returned:
        returned === undefined ? [] : inBatches({ rowCount: returned.rowCount, columns: returned.columns() }, 0),
    };
  }

  /** Rows that NOT NULL and CHECK allow. */
  async write(rows: Batch): Promise<void> {
    const { update } = this.#bound.onConflict;
    for (let isRepeated = false; ; isRepeated = true) {
      const existing = await this.#existing.find(rows, { isRepeated });
      const pairs: Pair[] = [];
      const fresh: number[] = [];
      for (let row = 0; row < rows.rowCount; row++) {
        if (existing.ids[row] >= 0) pairs.push({ row, id: existing.ids[row] });
        else if (existing.earlier[row] < 0) fresh.push(row);
      }
      if (update !== undefined) {
        if (existing.earlier.some((other) => other >= 0)) throw affectedTwice();
        for (const { row } of pairs) this.#existing.refuseWritten(existing, row, rows);
        if (!(await existing.lock(update.changesKeys ? 'update' : 'no key update'))) continue;
      }
      const inserted = gatherBatch(rows, Uint32Array.from(fresh), fresh.length);
      if (!(await this.#insert(inserted))) continue;
      this.#conflictCount += rows.rowCount - fresh.length;
      const updated = update === undefined ? undefined : await this.#update(update, rows, existing, pairs);
      await this.#noteReturned(rows, fresh, updated);
      return;
    }
  }

  /** False when somebody else was faster with one of the keys that are looked for. */
  async #insert(rows: Batch): Promise<boolean> {
    if (rows.rowCount === 0) return true;
    const { table } = this.#bound;
    const { transaction, constraints, wait, context } = this.#run;
    try {
      await transaction.append(table.oid, rows, wait);
    } catch (error) {
      if (!this.#isConflict(error)) throw error;
      context.control.check();
      await transaction.whenPublished();
      return false;
    }
    this.#insertedCount += rows.rowCount;
    this.#existing.noteWritten(rows);
    const lookup = constraints.inserted(rows);
    if (lookup !== undefined) await lookup;
    return true;
  }

  #isConflict(error: unknown): boolean {
    if (!(error instanceof SqlError) || error.code !== SqlState.UniqueViolation) return false;
    const { table, onConflict } = this.#bound;
    const { arbiterOids } = onConflict;
    if (table.uniqueKey !== undefined) return arbiterOids.includes(table.uniqueKey.indexOid);
    return table.indexes.some(({ oid, name }) => arbiterOids.includes(oid) && name === error.fields.constraintName);
  }

  /** Of rows that are there several times, the first that fulfils the condition changes the row, and no other may. */
  async #update(update: ConflictUpdate, rows: Batch, existing: Existing, pairs: readonly Pair[]): Promise<Written> {
    const written: Written = { places: [], store: this.#newRows() };
    const changed = new Set<number>();
    let pending = pairs;
    while (pending.length > 0) {
      const twice = pending.find(({ id }) => changed.has(id));
      if (twice !== undefined) throw affectedTwice();
      const taken = new Set<number>();
      const first = pending.filter(({ id }) => !taken.has(id) && taken.add(id));
      const rest = pending.filter((pair) => !first.includes(pair));
      for (const id of await this.#updateDistinct(update, rows, existing, first, written)) changed.add(id);
      pending = rest;
    }
    return written;
  }

  /** Updates rows of which each is there once. Returns those that were changed. */
  async #updateDistinct(
    update: ConflictUpdate,
    rows: Batch,
    existing: Existing,
    pairs: readonly Pair[],
    written: Written,
  ): Promise<number[]> {
    const { table } = this.#bound;
    const { transaction, constraints, context, wait } = this.#run;
    const { nameCount, oldColumns, source } = update;
    const before = await existing.read(pairs.map(({ id }) => id));
    const proposed = gatherBatch(
      rows,
      Uint32Array.from(pairs, ({ row }) => row),
      pairs.length,
    );
    const both: Batch = { rowCount: pairs.length, columns: [...before.columns, ...proposed.columns] };
    const result = new RowStore(
      source.output.map(({ type }) => type),
      context.memory,
    );
    await this.#execute(update, both, result);
    const all: Batch = { rowCount: result.rowCount, columns: result.columns() };
    result.release();
    if (all.rowCount === 0) return [];
    const oldStart = source.output.length - oldColumns.length;
    const names = columnsOf(all, 0, nameCount);
    const newRows = columnsOf(all, nameCount, oldStart);
    const refused = constraints.firstRefused(newRows);
    if (refused !== undefined) throw refused.error;
    await transaction.update(table.oid, names, newRows, wait);
    const old = columnsOf(all, oldStart, source.output.length);
    constraints.changed({ rowCount: all.rowCount, oldColumns, old, rows: newRows });
    this.#existing.noteWritten(newRows);
    this.#updatedCount += all.rowCount;
    const chosen = this.#pairsOf(update, before, names, pairs);
    for (const { row } of chosen) written.places.push(row);
    written.store?.append(withXmax(newRows, transaction.writerNumber));
    return chosen.map(({ id }) => id);
  }

  /** To which pairs the rows that are named belong: these are among those, in the same order. */
  #pairsOf({ nameCount }: ConflictUpdate, before: Batch, names: Batch, pairs: readonly Pair[]): Pair[] {
    const { table } = this.#bound;
    const positions = rowNameColumns(table);
    const columns = positions.map((at) => before.columns[at]);
    const chosen: Pair[] = [];
    let at = 0;
    for (let row = 0; row < names.rowCount; row++) {
      const name = nameAt(names.columns, row);
      while (at < pairs.length && nameAt(columns, at) !== name) at += 1;
      invariant(at < pairs.length && nameCount === columns.length, 'rows that are updated are among those found');
      chosen.push(pairs[at]);
      at += 1;
    }
    return chosen;
  }

  async #noteReturned(rows: Batch, fresh: readonly number[], updated: Written | undefined): Promise<void> {
    const { returning } = this.#bound.onConflict;
    if (returning === undefined || this.#returned === undefined) return;
    const store = this.#newRows();
    if (store === undefined) return;
    if (fresh.length > 0) store.append(withXmax(gatherBatch(rows, Uint32Array.from(fresh), fresh.length), 0));
    const changed = updated?.store;
    if (changed !== undefined && changed.rowCount > 0) {
      store.append({ rowCount: changed.rowCount, columns: changed.columns() });
    }
    const places = [...fresh, ...(updated?.places ?? [])];
    const order = Uint32Array.from(places.keys()).sort((left, right) => places[left] - places[right]);
    if (order.length > 0) await this.#execute(returning, store.gather(order, order.length), this.#returned);
    store.release();
    changed?.release();
  }

  /** Rows of the table and the xmax of each, where RETURNING asks for them. */
  #newRows(): RowStore | undefined {
    const { table, returning } = this.#bound;
    if (returning === undefined) return undefined;
    const types = table.columns.filter((column) => column.isHidden !== true).map(({ type }) => type);
    return new RowStore([...types, sqlType(xid)], this.#run.context.memory);
  }

  async #execute({ id, source }: RowsPlan, rows: Batch, into: RowStore): Promise<void> {
    const { context } = this.#run;
    const buffer = new RowBuffer(context.memory);
    try {
      buffer.append(rows);
      for await (const batch of executePlan(source, withCommonTable(context, id, buffer))) into.append(batch);
    } finally {
      await buffer.close();
    }
  }
}

/** Rows that were updated. */
interface Written {
  /** Of the rows in whose stead they were, in the order of `store`. */
  readonly places: number[];
  /** undefined: nobody asks for them. */
  readonly store: RowStore | undefined;
}

function withXmax({ rowCount, columns }: Batch, xmax: number): Batch {
  return { rowCount, columns: [...columns, constantColumn('float64', xmax, rowCount)] };
}

function nameAt(columns: Batch['columns'], row: number): string {
  return columns.map((column) => String(valueAt(column, row))).join('/');
}
