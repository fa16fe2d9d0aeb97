import type { Column } from './column.ts';

/** Rows that an operator hands on: columns of one length, some thousand rows at most. */
export interface Batch {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

/** A stream of batches. A batch and its buffers are valid until the next one is asked for; who keeps rows copies them. */
export type BatchStream = AsyncGenerator<Batch, void, undefined>;
