import type { Batch } from '../../src/columnar/batch.ts';
import { gatherBatch } from '../../src/columnar/copy-rows.ts';

/** The same rows in buffers of their own. */
export function copyBatch(batch: Batch): Batch {
  return gatherBatch(
    batch,
    Uint32Array.from({ length: batch.rowCount }, (_, row) => row),
    batch.rowCount,
  );
}
