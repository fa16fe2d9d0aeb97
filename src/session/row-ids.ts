import type { Batch } from '../columnar/batch.ts';
import { invariant } from '../errors/invariant.ts';

/** The ids of rows of a plain table, which are all that names them: the first column of the batch. */
export function rowIdsOf({ rowCount, columns }: Batch): Float64Array {
  const [names] = columns;
  invariant(names?.kind === 'number', 'row ids are numbers');
  return names.values.slice(0, rowCount);
}
