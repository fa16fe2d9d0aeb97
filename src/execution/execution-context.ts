import type { Snapshot, Table } from '../catalog/table.ts';
import type { FunctionEnvironment } from '../functions/environment.ts';
import type { Value } from '../types/value.ts';
import type { MemoryAccount } from './memory-account.ts';
import type { StatementControl } from './statement-control.ts';

/** What one execution of a plan works with: its view of the data, its parameters, its share of time and memory. */
export interface ExecutionContext {
  readonly snapshot: Snapshot;
  /** The table of a scan node; stored or system table. */
  table(oid: number): Table;
  /** What the scan that is marked as the target of UPDATE or DELETE reads instead, when rows are looked at again. */
  readonly target?: Table;
  /** Values of `$1`, `$2` …, of the types that binding decided. */
  readonly parameters: readonly Value[];
  readonly environment: FunctionEnvironment;
  readonly control: StatementControl;
  readonly memory: MemoryAccount;
}
