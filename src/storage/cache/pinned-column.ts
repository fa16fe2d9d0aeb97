import type { Column } from '../../columnar/column.ts';

/** A decoded unit that stays where it is until `release`, which is called exactly once. */
export interface PinnedColumn {
  readonly column: Column;
  release(): void;
}

/** A column in buffers of its own, which the garbage collector frees. */
export function unsharedColumn(column: Column): PinnedColumn {
  return { column, release: () => {} };
}
