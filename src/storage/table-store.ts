import type { Lsn } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { UnflushedDeletes } from './deletes/unflushed-deletes.ts';
import { PlainTable } from './index/plain-table.ts';
import { SeriesIndex } from './index/series-index.ts';
import { tagDefinitions } from './table-identity.ts';

/** What a table has beyond its rows: series, counters, keys. One per table, from its first commit until it is dropped. */
export class TableStore {
  readonly databaseOid: number;
  readonly oid: number;
  readonly series: SeriesIndex;
  /** The version after the last appended commit, published or not. */
  newest: TableDescriptor;
  /** Row ids of keyless and plain tables; never reused. */
  nextRowId = 1;
  /** How many of the series belong to published commits; the rest may come to nothing. */
  publishedSeriesCount = 0;
  /** LSN of the last commit that wrote rows, published or not. */
  lastAppendLsn: Lsn = 0;
  /** Grows when rows move from memory into a segment. */
  flushCount = 0;
  /** Deletes that stand in memory alone. */
  readonly unflushedDeletes = new UnflushedDeletes();
  /** Of a plain table alone. */
  readonly plain: PlainTable | undefined;
  isDropped = false;
  /**
   * The manifest has a merged segment whose inputs are still what is read here, and the server is being stopped: nothing of
   * the table is flushed any more, since what the manifest learned of the inputs would be lost.
   */
  isBehindManifest = false;
  /**
   * Why the table can be neither read nor written: its series or keys were lost. Rows that the log has for it are taken
   * in all the same, so that nothing else is lost.
   */
  damage: Error | undefined;

  constructor(databaseOid: number, descriptor: TableDescriptor) {
    this.databaseOid = databaseOid;
    this.oid = descriptor.oid;
    this.newest = descriptor;
    this.plain = descriptor.timeSeries === undefined ? new PlainTable() : undefined;
    this.series = new SeriesIndex(tagDefinitions(descriptor));
    // The one series of a table without tags, and of a plain table, is always there.
    if (this.series.tagNumbers.length === 0) this.#addOnlySeries();
  }

  /** Throws SqlError XX001 when the table is damaged. */
  assertWhole(): void {
    if (this.damage === undefined) return;
    throw new SqlError(SqlState.DataCorrupted, `table "${this.newest.name}" is damaged`, {
      detail: this.damage.message,
      hint: 'Restore the file from a backup and restart the server, or drop the table.',
    });
  }

  #addOnlySeries(): void {
    this.series.add([], 0);
    this.publishedSeriesCount = 1;
  }
}
