import { ALL_TIME } from '../catalog/scan-request.ts';
import type { Column } from '../columnar/column.ts';
import { SqlState } from '../errors/sql-state.ts';
import { nextTurn } from '../platform/next-turn.ts';
import { StoredTable } from '../storage/scan/stored-table.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import { memtablesOf, type TableLayers } from '../storage/versions/table-layers.ts';
import { isBeyondDoubles } from './exact-integers.ts';
import { IngestError } from './ingest-batch.ts';
import type { Widening } from './ingest-rules.ts';

/** How long a request waits for statements that are writing to the table. */
const LOCK_TIMEOUT_MS = 5000;

/**
 * Keeps all others from writing to the tables whose columns are to become double precision. Returns how to let them go,
 * after the commit. Rejects with 55P03 when a table stays locked.
 */
export async function lockForWidening(engine: StorageEngine, widenings: readonly Widening[]): Promise<() => void> {
  const owner = {};
  const release = () => engine.locks.releaseAll(owner);
  try {
    for (const oid of new Set(widenings.map(({ table }) => table.oid))) {
      await engine.locks.acquire(oid, owner, 'exclusive', { lockTimeoutMs: LOCK_TIMEOUT_MS });
    }
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Throws IngestError for a value beyond ±2^53, where doubles have gaps. To be called when nothing is committed meanwhile,
 * and all that was is published.
 */
export async function assertExact(
  engine: StorageEngine,
  databaseOid: number,
  widenings: readonly Widening[],
): Promise<void> {
  for (const widening of widenings) {
    const layers = engine.state.layers.table(widening.table.oid);
    if (layers === undefined || isNarrow(layers, widening.columnNumber)) continue;
    if (await hasWideValue(engine, databaseOid, widening)) {
      const { table, columnNumber, row } = widening;
      const { name } = table.columns.find(({ number }) => number === columnNumber)!;
      throw new IngestError(
        SqlState.NumericValueOutOfRange,
        `field type conflict: input field "${name}" on measurement "${table.name}" is type float, and the column cannot ` +
          'become double precision: it holds integers beyond 2^53, which would lose digits',
        table.name,
        row,
      );
    }
  }
}

/** Statistics and the form of columns in memory tell that every value, deleted ones too, is within ±2^53. */
function isNarrow({ partitions }: TableLayers, columnNumber: number): boolean {
  for (const partition of partitions) {
    for (const memtable of memtablesOf(partition)) if (memtable.column(columnNumber)?.isWide === true) return false;
    for (const { isDamaged, reader } of partition.segments) {
      if (isDamaged) return false;
      if (!reader.hasColumn(columnNumber)) continue;
      for (let unit = 0; unit < reader.unitCount; unit++) {
        const statistics = reader.statistics(columnNumber, unit);
        if (statistics.kind === 'int64' && statistics.isWide) return false;
      }
    }
  }
  return true;
}

/** Whether some row that is there has a value beyond ±2^53. */
async function hasWideValue(engine: StorageEngine, databaseOid: number, widening: Widening): Promise<boolean> {
  const { table, columnNumber } = widening;
  const snapshot = engine.snapshot(databaseOid, undefined);
  try {
    const position = table.columns.findIndex(({ number }) => number === columnNumber);
    const scan = new StoredTable(table).scan(
      { columns: [position], timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [] },
      snapshot,
    );
    let batchCount = 0;
    const control = {
      yieldIfDue: () => (++batchCount % 16 === 0 ? nextTurn() : undefined),
    };
    for (const morsel of scan.morsels()) {
      for await (const batch of scan.read(morsel, control)) {
        if (isBeyond(batch.columns[0]!, batch.rowCount)) return true;
      }
    }
    return false;
  } finally {
    snapshot.release();
  }
}

function isBeyond(column: Column, rowCount: number): boolean {
  if (column.kind !== 'wide') return false;
  for (let row = 0; row < rowCount; row++) {
    if (column.validity !== undefined && column.validity[row] === 0) continue;
    if (isBeyondDoubles(column.high[row], column.low[row])) return true;
  }
  return false;
}
