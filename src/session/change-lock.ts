import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { TableLockMode } from '../catalog/table-locking.ts';

/** The lock under which rows of a table are updated and deleted: those of a plain table are locked one by one as well. */
export function changeLock({ timeSeries }: TableDescriptor): TableLockMode {
  return timeSeries === undefined ? 'append' : 'write';
}
