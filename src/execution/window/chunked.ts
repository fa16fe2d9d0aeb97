import type { StatementControl } from '../statement-control.ts';

/** Rows between two looks at the clock: well under a millisecond of simple work. */
export const CHUNK_ROWS = 4096;

/** Does `work` for all rows, some thousand at a time, and lets others have their turns in between. */
export async function inChunks(
  rowCount: number,
  control: StatementControl,
  work: (from: number, to: number) => void,
): Promise<void> {
  for (let from = 0; from < rowCount; from += CHUNK_ROWS) {
    work(from, Math.min(from + CHUNK_ROWS, rowCount));
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}
