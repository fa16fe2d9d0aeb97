import type { BatchStream } from '../../columnar/batch.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';
import { Overflow } from '../spill/overflow.ts';
import { MAX_LEVEL } from '../spill/row-partitions.ts';

export interface DistinctRows {
  readonly keys: readonly Expression[];
  /** Of the input's columns; undefined: the order of the input is kept, so that no row may wait. */
  readonly types: readonly SqlType[] | undefined;
}

/**
 * Of rows with equal keys only the first, in the input's order: DISTINCT (all columns are keys) and DISTINCT ON (the
 * input comes sorted, so that "first" means what ORDER BY says). Rows of keys for which there is no memory wait on disk.
 */
export async function* distinct(
  input: BatchStream,
  rows: DistinctRows,
  context: ExecutionContext,
  level = 0,
): BatchStream {
  const { keys, types } = rows;
  const { memory, spill } = context;
  const evaluators = keys.map((key) => new ColumnEvaluator(key, context));
  const keyTypes = keys.map((key) => key.type);
  const table = new GroupTable(keyTypes);
  let groups = new Uint32Array(1024);
  let selection = new Uint32Array(1024);
  let reservedBytes = 0;
  let overflow: Overflow | undefined;
  try {
    for await (const batch of input) {
      const { rowCount } = batch;
      if (groups.length < rowCount) {
        groups = new Uint32Array(rowCount);
        selection = new Uint32Array(rowCount);
      }
      const columns = evaluators.map((evaluator) => evaluator.evaluate(batch));
      // All of a table that may not grow was given out.
      if (overflow !== undefined) await overflow.take(batch, columns, table);
      else {
        let known = table.groupCount;
        table.assign(columns, rowCount, groups);
        let count = 0;
        for (let row = 0; row < rowCount; row++) {
          if (groups[row] !== known) continue;
          selection[count++] = row;
          known += 1;
        }
        const growth = table.sizeBytes - reservedBytes;
        if (growth > 0) {
          if (memory.tryReserve(growth)) reservedBytes += growth;
          else if (spill === undefined || types === undefined || level === MAX_LEVEL) memory.reserve(growth);
          else {
            overflow = new Overflow({ types, keyTypes, space: spill, level });
            table.close();
          }
        }
        if (count > 0) yield gatherBatch(batch, selection, count);
      }
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    memory.release(reservedBytes);
    reservedBytes = 0;
    for (const file of (await overflow?.finish()) ?? []) yield* distinct(file.read(), rows, context, level + 1);
  } finally {
    memory.release(reservedBytes);
    await overflow?.close();
  }
}
