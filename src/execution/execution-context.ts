import type { Snapshot, Table } from '../catalog/table.ts';
import type { FunctionEnvironment } from '../functions/environment.ts';
import type { LockStrength, RowMark } from '../sql/plan/lock-rows-node.ts';
import type { Value } from '../types/value.ts';
import type { CommonTables } from './common-tables.ts';
import type { MemoryAccount } from './memory-account.ts';
import type { SpillSpace } from './spill/spill-space.ts';
import type { StatementControl } from './statement-control.ts';
import type { SubqueryRuntime } from './subquery/subquery-runtime.ts';
import type { ScanWorkers } from './workers/share-task.ts';

/** What became of rows that were to be locked. */
export interface RowFates {
  readonly fates: readonly ('current' | 'replaced' | 'deleted' | 'skipped')[];
  /** Of replaced rows the id of the newest version, which is locked; of others their own. */
  readonly rowIds: Float64Array;
}

export interface RowLocker {
  /** Before the first row. Throws 25006 in a read-only transaction. */
  begin(strength: LockStrength, tableOid: number): Promise<void>;
  /** Waits as `policy` says. Rejects with 40001, 40P01 and 55P03. */
  lock(mark: Pick<RowMark, 'table' | 'policy'>, strength: LockStrength, rowIds: Float64Array): Promise<RowFates>;
  /** Sees all that is committed by now; to be released. */
  newestSnapshot(): Snapshot;
}

/** What one execution of a plan works with: its view of the data, its parameters, its share of time and memory. */
export interface ExecutionContext {
  readonly snapshot: Snapshot;
  /** The table of a scan node; stored or system table. */
  table(oid: number): Table;
  /** What the scan that is marked as the target of UPDATE or DELETE reads instead, when rows are looked at again. */
  readonly target?: Table;
  /** By lock slot, what scans read instead when rows of FOR UPDATE are looked at again. */
  readonly lockedTables?: ReadonlyMap<number, Table>;
  /** Locks rows for FOR UPDATE and its like; absent: no plan asks for it. */
  readonly rowLocker?: RowLocker;
  /** Values of `$1`, `$2` …, of the types that binding decided. */
  readonly parameters: readonly Value[];
  readonly environment: FunctionEnvironment;
  /** Values of slots by their numbers: what is around the plan has set them. */
  readonly slots?: readonly Value[];
  /** The subqueries of the statement; absent until a plan is executed. */
  readonly subqueries?: SubqueryRuntime | undefined;
  readonly control: StatementControl;
  readonly memory: MemoryAccount;
  /** Threads that help with large scans; absent: there are none. */
  readonly workers?: ScanWorkers;
  /** Where operators put rows that memory has no room for; absent: they fail with 53200. */
  readonly spill?: SpillSpace;
  /** What the WITH clauses around a plan have made; absent: none. */
  readonly commonTables?: CommonTables | undefined;
}
