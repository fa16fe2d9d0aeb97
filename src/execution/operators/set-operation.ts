import type { BatchStream } from '../../columnar/batch.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import type { SetOperationNode } from '../../sql/plan/set-nodes.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';

/** Bytes per group beside the table: how often the right side has it, whether the left has shown it. */
const GROUP_BYTES = 5;

/** INTERSECT and EXCEPT: counts the rows of the right side, then lets those of the left pass by these counts. */
export async function* setOperation(
  left: BatchStream,
  right: BatchStream,
  { operation, isAll, output }: SetOperationNode,
  context: ExecutionContext,
): BatchStream {
  const counts = new RowCounts(new GroupTable(output.map((column) => column.type)), context);
  try {
    for await (const batch of right) {
      const groups = counts.groupsOf(batch.columns, batch.rowCount);
      for (let row = 0; row < batch.rowCount; row++) counts.inRight[groups[row]]++;
      await context.control.yieldIfDue();
    }
    const isWantedInRight = operation === 'intersect';
    for await (const batch of left) {
      const groups = counts.groupsOf(batch.columns, batch.rowCount);
      const { inRight, isShown } = counts;
      const selection = new Uint32Array(batch.rowCount);
      let count = 0;
      for (let row = 0; row < batch.rowCount; row++) {
        const group = groups[row];
        const isInRight = inRight[group] > 0;
        // With ALL each row of the right answers for one of the left.
        if (isAll && isInRight) inRight[group]--;
        if (isInRight !== isWantedInRight || (!isAll && isShown[group] === 1)) continue;
        isShown[group] = 1;
        selection[count++] = row;
      }
      if (count > 0) yield gatherBatch(batch, selection, count);
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  } finally {
    counts.release();
    await right.return();
    await left.return();
  }
}

/** The distinct rows of both sides, numbered, and what is known of each. */
class RowCounts {
  readonly #table: GroupTable;
  readonly #context: ExecutionContext;
  #groups = new Uint32Array(1024);
  #reservedBytes = 0;
  inRight = new Uint32Array(1024);
  isShown = new Uint8Array(1024);

  constructor(table: GroupTable, context: ExecutionContext) {
    this.#table = table;
    this.#context = context;
  }

  /** The number of each row; the counters have room for it. Throws 53200. */
  groupsOf(columns: Parameters<GroupTable['assign']>[0], rowCount: number): Uint32Array {
    if (this.#groups.length < rowCount) this.#groups = new Uint32Array(rowCount);
    this.#table.assign(columns, rowCount, this.#groups);
    const { groupCount } = this.#table;
    if (groupCount > this.inRight.length) {
      const capacity = Math.max(groupCount, this.inRight.length * 2);
      const inRight = new Uint32Array(capacity);
      const isShown = new Uint8Array(capacity);
      inRight.set(this.inRight);
      isShown.set(this.isShown);
      this.inRight = inRight;
      this.isShown = isShown;
    }
    const sizeBytes = this.#table.sizeBytes + this.inRight.length * GROUP_BYTES;
    if (sizeBytes > this.#reservedBytes) {
      this.#context.memory.reserve(sizeBytes - this.#reservedBytes);
      this.#reservedBytes = sizeBytes;
    }
    return this.#groups;
  }

  release(): void {
    this.#context.memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }
}
