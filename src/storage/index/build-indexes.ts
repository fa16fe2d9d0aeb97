import type { IndexDescriptor } from '../../catalog/index-descriptor.ts';
import type { Lsn } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Memtable } from '../memtable/memtable.ts';
import { MissingColumns } from '../missing-value.ts';
import { segmentStretches } from '../scan/stretch.ts';
import type { StoredSegment } from '../stored-segment.ts';
import { PLAIN_PARTITION } from '../table-identity.ts';
import { findPartition, memtablesOf, type TableLayers } from '../versions/table-layers.ts';
import type { IndexMemory } from './index-memory.ts';
import { type ColumnLookup, KeyEncoder } from './key-encoder.ts';
import { RowIdList } from './key-index.ts';
import { duplicatedKey } from './key-violation.ts';
import { newTableIndex, type TableIndex } from './plain-table.ts';

/** Rows that are taken in before anybody else gets a turn. */
const ROWS_PER_STEP = 1024;

export interface RowsToIndex {
  /** The rows up to `lsn`. */
  readonly layers: TableLayers | undefined;
  readonly lsn: Lsn;
  /** Segments of the transaction's own, whose deletes count all. */
  readonly staged: readonly StoredSegment[];
  /** Rows that are to be left out. */
  readonly isDeleted: (rowId: number) => boolean;
}

export interface BuildOptions {
  readonly memory: IndexMemory;
  readonly sinceLsn: Lsn;
  /** Throws 23505 for two rows with one key of a unique index, rather than trusting that there are none. */
  readonly checksKeys: boolean;
  /** Called after every thousand keys; a promise when others are to have a turn. */
  readonly pause: () => Promise<void> | undefined;
}

/** Indexes over the rows of a plain table, all in one walk. Rejects with 23505, XX001 and what `pause` throws. */
export async function buildIndexes(
  table: TableDescriptor,
  descriptors: readonly IndexDescriptor[],
  rows: RowsToIndex,
  options: BuildOptions,
): Promise<TableIndex[]> {
  const indexes = descriptors.map((descriptor) =>
    newTableIndex(new KeyEncoder(table, descriptor), options.memory, options.sinceLsn),
  );
  const builder = new Builder(table, indexes, rows, options);
  try {
    const partition = rows.layers === undefined ? undefined : findPartition(rows.layers, PLAIN_PARTITION);
    for (const segment of partition?.segments ?? []) {
      if (segment.entry.minLsn <= rows.lsn) await builder.addSegment(segment, rows.lsn);
    }
    for (const memtable of partition === undefined ? [] : memtablesOf(partition)) await builder.addMemtable(memtable);
    for (const segment of rows.staged) await builder.addSegment(segment, Number.POSITIVE_INFINITY);
    return indexes;
  } catch (error) {
    for (const { entries } of indexes) entries.release();
    throw error;
  }
}

class Builder {
  readonly #table: TableDescriptor;
  readonly #indexes: readonly TableIndex[];
  readonly #rows: RowsToIndex;
  readonly #options: BuildOptions;
  readonly #missing: MissingColumns;
  readonly #found = new RowIdList();

  constructor(table: TableDescriptor, indexes: readonly TableIndex[], rows: RowsToIndex, options: BuildOptions) {
    this.#table = table;
    this.#indexes = indexes;
    this.#rows = rows;
    this.#options = options;
    this.#missing = MissingColumns.of(table);
  }

  async addSegment({ reader, deletes }: StoredSegment, lsn: Lsn): Promise<void> {
    const dead = deletes.deadAt(lsn);
    if (dead.clearedRows > 0) return;
    const numbers = [...new Set(this.#indexes.flatMap(({ encoder }) => encoder.columnNumbers))];
    const options = { hidden: { dead: dead.rows, own: undefined }, missing: this.#missing };
    const stretches = segmentStretches(reader, { from: 0, to: reader.rowCount }, numbers, () => true, options);
    for (let stretch = await stretches.next(); stretch !== undefined; stretch = await stretches.next()) {
      const { columns, rowCount, times } = stretch;
      try {
        // Plain tables are sorted by row id.
        await this.#add((number) => columns[numbers.indexOf(number)], times, rowCount);
      } finally {
        stretch.release();
      }
    }
  }

  async addMemtable(memtable: Memtable): Promise<void> {
    const { lsn } = this.#rows;
    const rowCount = memtable.rowCountAt(lsn);
    const { clearedRows, rows } = memtable.deletes.deadAt(lsn);
    const isDead = new Uint8Array(rowCount).fill(1, 0, Math.min(clearedRows, rowCount));
    for (const row of rows) if (row < rowCount) isDead[row] = 1;
    const live = new Uint32Array(ROWS_PER_STEP);
    const rowIds = new Float64Array(ROWS_PER_STEP);
    for (let from = 0; from < rowCount; from += ROWS_PER_STEP) {
      let count = 0;
      for (let row = from; row < Math.min(from + ROWS_PER_STEP, rowCount); row++) {
        if (isDead[row] === 1) continue;
        rowIds[count] = memtable.rowIdAt(row);
        live[count++] = row;
      }
      const end = count;
      const columnOf: ColumnLookup = (number) =>
        memtable.gather(number, live, 0, end) ?? this.#missing.column(number, memtable.schemaVersion, end);
      await this.#add(columnOf, rowIds, end);
    }
  }

  async #add(columnOf: ColumnLookup, rowIds: Float64Array, rowCount: number): Promise<void> {
    this.#options.memory.assertRoom();
    const { isDeleted } = this.#rows;
    for (const { encoder, entries } of this.#indexes) {
      encoder.read(columnOf);
      const isChecked = this.#options.checksKeys && encoder.descriptor.isUnique;
      for (let row = 0; row < rowCount; row++) {
        if (isDeleted(rowIds[row])) continue;
        if (encoder.ofRow(row) && isChecked) {
          this.#found.clear();
          entries.find(encoder.key, this.#found);
          if (this.#found.count > 0) throw duplicatedKey(this.#table, encoder, encoder.valuesAt(columnOf, row));
        }
        entries.add(encoder.key, rowIds[row]);
      }
      const turn = this.#options.pause();
      if (turn !== undefined) await turn;
    }
  }
}
