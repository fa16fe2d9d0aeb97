import type { Batch } from '../../columnar/batch.ts';

/**
 * Batches one after the other, without a promise where everything is in memory: a scan of cached units takes some
 * microseconds per batch, of which promises would be the greater part. A batch is valid until the next call.
 */
export interface BatchReader {
  /** undefined after the last one. */
  next(): Batch | undefined | Promise<Batch | undefined>;
  /** Lets go of what the last batch lies in. */
  close(): void;
}
