import type { Column } from './column.ts';

/** Rows that an operator hands on: columns of one length, some thousand rows at most. */
export interface Batch {
  readonly rowCount: number;
  readonly columns: readonly Column[];
  /** What whoever made the rows knows of them; who changes rows leaves it away. */
  readonly repeats?: RowRepeats | undefined;
}

/** Rows of which it is known that they are equal in some columns: those of one group. */
export interface RowRepeats {
  /** Indexes of the columns. */
  readonly columns: readonly number[];
  /** Per row the number of its group. */
  readonly groups: Uint32Array;
  readonly groupCount: number;
  /** Batches of the same source give the same number to the same values. */
  readonly source: object;
}

/** A stream of batches. A batch and its buffers are valid until the next one is asked for; who keeps rows copies them. */
export type BatchStream = AsyncGenerator<Batch, void, undefined>;
