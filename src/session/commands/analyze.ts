import { databaseTarget, tableTarget } from '../../catalog/access/access-target.ts';
import { ALL_TIME } from '../../catalog/scan-request.ts';
import type { Snapshot, Table } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { ColumnStatistics, TableStatistics } from '../../catalog/table-statistics.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { GroupTable } from '../../execution/group-table.ts';
import type { MemoryAccount } from '../../execution/memory-account.ts';
import { RowStore } from '../../execution/row-store.ts';
import type { StatementControl } from '../../execution/statement-control.ts';
import { wholeTable } from '../../sql/binder/bind-analyze.ts';
import type { AnalyzedTable, BoundAnalyze } from '../../sql/binder/bound-statement.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { warning } from '../notice.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** As many rows as PostgreSQL looks at by default, from as many places. */
const SAMPLE_ROWS = 30_000;
const SAMPLE_PLACES = 300;

/** ANALYZE: looks at a sample of each table and notes what the planner goes by. It is no part of a transaction. */
export async function analyze(statement: BoundAnalyze, scope: StatementScope): Promise<CommandResult> {
  scope.block.noteQuery();
  await gatherStatistics(statement, scope);
  return { tag: 'ANALYZE' };
}

export async function gatherStatistics({ tables, isVerbose }: BoundAnalyze, scope: StatementScope): Promise<void> {
  const { block } = scope;
  const transaction = block.current();
  const analyzed = tables ?? [...transaction.catalog().tables()].map(wholeTable);
  for (const { table, columns } of analyzed) {
    if (table.kind === 'system-table') {
      if (tables === undefined) continue;
      const why = 'cannot analyze non-tables or special system tables';
      scope.notice(warning(SqlState.Warning, `skipping "${table.name}" --- ${why}`));
    } else if (!mayMaintain(table, scope)) {
      const why = 'only table or database owner can analyze it';
      scope.notice(warning(SqlState.Warning, `skipping "${table.name}" --- ${why}`));
    } else await analyzeTable({ table, columns }, isVerbose, scope);
  }
}

/** VACUUM and ANALYZE are for the owner of a table, and that of its database. */
export function mayMaintain(table: TableDescriptor, { environment, block }: StatementScope): boolean {
  const { access, current, shared } = environment.identity;
  const database = shared.databaseByOid(block.database.oid);
  return (
    access.isOwner(current.oid, tableTarget(table)) ||
    (database !== undefined && access.isOwner(current.oid, databaseTarget(database)))
  );
}

async function analyzeTable(
  { table, columns }: AnalyzedTable,
  isVerbose: boolean,
  scope: StatementScope,
): Promise<void> {
  const { block, control, environment, notice } = scope;
  const transaction = block.current();
  const stored = transaction.table(table.oid);
  if (stored === undefined) return;
  const info = (message: string): void =>
    notice({ severity: 'INFO', code: SqlState.SuccessfulCompletion, message, fields: {} });
  if (isVerbose) info(`analyzing "${table.schemaName}.${table.name}"`);
  const snapshot = transaction.snapshot();
  const memory = environment.newMemoryAccount();
  try {
    const sample = await takeSample(stored, columns, snapshot, { control, memory });
    const rowCount = sample.isWhole ? sample.rows.rowCount : transaction.estimateRows(table.oid);
    block.database.statistics.put(table.oid, statisticsOf(table, columns, sample, rowCount));
    if (!isVerbose) return;
    const places = `scanned ${sample.readPlaces} of ${sample.places} parts`;
    info(`"${table.name}": ${places}; ${sample.rows.rowCount} rows in sample, ${rowCount} estimated total rows`);
    sample.rows.release();
  } finally {
    snapshot.release();
  }
}

interface Sample {
  readonly rows: RowStore;
  /** All rows of the table are in it. */
  readonly isWhole: boolean;
  readonly places: number;
  readonly readPlaces: number;
}

/** The first rows of parts of the table that lie as far from each other as can be. */
async function takeSample(
  table: Table,
  positions: readonly number[],
  snapshot: Snapshot,
  { control, memory }: { readonly control: StatementControl; readonly memory: MemoryAccount },
): Promise<Sample> {
  const rows = new RowStore(
    positions.map((at): SqlType => table.descriptor.columns[at].type),
    memory,
  );
  const scan = table.scan({ columns: positions, timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [] }, snapshot);
  if (scan.prepare !== undefined) await scan.prepare(control);
  const morsels = [...scan.morsels()];
  const count = Math.min(morsels.length, SAMPLE_PLACES);
  const share = Math.ceil(SAMPLE_ROWS / Math.max(count, 1));
  let isWhole = count === morsels.length;
  for (let place = 0; place < count; place++) {
    let taken = 0;
    for await (const batch of scan.read(morsels[Math.floor((place * morsels.length) / count)], control)) {
      const part = sliceBatch(batch, 0, Math.min(batch.rowCount, share - taken));
      rows.append(part);
      taken += part.rowCount;
      if (taken >= share) {
        isWhole = false;
        break;
      }
    }
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  return { rows, isWhole, places: morsels.length, readPlaces: count };
}

function statisticsOf(
  table: TableDescriptor,
  positions: readonly number[],
  { rows, isWhole }: Sample,
  rowCount: number,
): TableStatistics {
  const columns = new Map<number, ColumnStatistics>();
  for (const [at, column] of rows.columns().entries()) {
    const { number, type } = table.columns[positions[at]];
    columns.set(number, columnStatistics(column, type, { sampleCount: rows.rowCount, rowCount, isWhole }));
  }
  return { rowCount, columns };
}

interface SampleSize {
  readonly sampleCount: number;
  readonly rowCount: number;
  readonly isWhole: boolean;
}

function columnStatistics(
  column: Column,
  type: SqlType,
  { sampleCount, rowCount, isWhole }: SampleSize,
): ColumnStatistics {
  let nullCount = 0;
  let minimum: number | undefined;
  let maximum: number | undefined;
  for (let row = 0; row < sampleCount; row++) {
    if (column.validity !== undefined && column.validity[row] === 0) {
      nullCount += 1;
      continue;
    }
    if (column.kind !== 'number' && column.kind !== 'wide') continue;
    const value = Number(valueAt(column, row));
    if (!Number.isFinite(value)) continue;
    minimum = minimum === undefined ? value : Math.min(minimum, value);
    maximum = maximum === undefined ? value : Math.max(maximum, value);
  }
  const nullFraction = sampleCount === 0 ? 0 : nullCount / sampleCount;
  const distinctCount = type.definition.isComparable
    ? countDistinct(column, type, { sampleCount, rowCount: rowCount * (1 - nullFraction), isWhole })
    : sampleCount - nullCount;
  return { nullFraction, distinctCount, minimum, maximum };
}

/**
 * By the estimator of Haas and Stokes, which PostgreSQL uses too: of n rows of N, d different values, f1 of them once,
 * n·d / (n − f1 + f1·n/N).
 */
function countDistinct(column: Column, type: SqlType, { sampleCount, rowCount, isWhole }: SampleSize): number {
  const table = new GroupTable([type]);
  const groups = new Int32Array(sampleCount);
  table.assignNonNull([column], sampleCount, groups);
  const found = table.groupCount;
  if (isWhole || found === 0) return found;
  const counts = new Uint32Array(found);
  let count = 0;
  for (const group of groups) {
    if (group < 0) continue;
    counts[group] += 1;
    count += 1;
  }
  const single = counts.reduce((sum, times) => sum + (times === 1 ? 1 : 0), 0);
  const estimate = (count * found) / (count - single + (single * count) / Math.max(rowCount, count));
  return Math.min(Math.max(estimate, found), Math.max(rowCount, found));
}
