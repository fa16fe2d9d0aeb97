import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { LogicalPlan } from './logical-plan.ts';
import type { PlanNode } from './plan-node.ts';

export type LockStrength = 'key share' | 'share' | 'no key update' | 'update';

/** FOR UPDATE and its like: rows that somebody else has changed meanwhile are looked at again as they are now. */
export interface LockRowsNode extends PlanNode {
  readonly kind: 'lock-rows';
  readonly input: LogicalPlan;
  /** All plain tables that the rows come from. */
  readonly marks: readonly RowMark[];
  /** Not all rows may be asked for: none is locked before it is. */
  readonly isLimited: boolean;
}

export interface RowMark {
  readonly table: TableDescriptor;
  readonly lockSlot: number;
  /** The column with the row's id. */
  readonly rowIdColumn: number;
  /** undefined: the row is not locked, but stays the same when others are looked at again. */
  readonly strength: LockStrength | undefined;
  readonly policy: 'wait' | 'nowait' | 'skip';
}
