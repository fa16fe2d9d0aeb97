import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { ColumnStatistics } from '../../catalog/table-statistics.ts';
import type { FunctionEnvironment } from '../../functions/environment.ts';

/** What is known of the data when a plan is made. It decides how rows are found, never which. */
export interface PlannerFacts {
  /** About how many rows a table has; undefined: not known. */
  estimateRows(table: TableDescriptor): number | undefined;
  /** What ANALYZE has found out about a column; undefined: nothing. */
  columnStatistics?(table: TableDescriptor, columnNumber: number): ColumnStatistics | undefined;
  /** The settings that the plan belongs to; absent where there are none. */
  functions?(): FunctionEnvironment;
}

export const noFacts: PlannerFacts = { estimateRows: () => undefined };
