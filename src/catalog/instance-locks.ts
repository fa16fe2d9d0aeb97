import type { AdvisoryLocking } from './advisory-locking.ts';
import type { TableLockState } from './table-locking.ts';

/** The locks of an instance, of every kind, and who waits for whom. */
export interface InstanceLocks {
  readonly tables: { states(): Iterable<TableLockState> };
  readonly advisory: Pick<AdvisoryLocking, 'states'>;
  readonly waits: { blockersOf(owner: object): Iterable<object> };
}
