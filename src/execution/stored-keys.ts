import { sliceBatch } from '../columnar/copy-rows.ts';
import { ColumnEvaluator } from '../sql/expression/compile-expression.ts';
import type { Expression } from '../sql/expression/expression.ts';
import type { ChunkedColumn } from './chunked-column.ts';
import { type ChunkedColumnBuilder, chunkedColumnBuilder } from './chunked-column-builder.ts';
import type { ExecutionContext } from './execution-context.ts';
import type { RowStore } from './row-store.ts';

/** Rows for which a key is computed in one go. */
const SLICE_ROWS = 1024;

/** Keys over stored rows, an entry a row: columns that are stored are handed through, others computed bit by bit. */
export async function storedKeys(
  store: RowStore,
  expressions: readonly Expression[],
  context: ExecutionContext,
): Promise<readonly ChunkedColumn[]> {
  const stored = store.chunked();
  const keys = expressions.map((expression): ChunkedColumn | ComputedKey => {
    const place = storedPlace(expression);
    return place === undefined ? new ComputedKey(expression, context) : stored[place];
  });
  const computed = keys.filter((key) => key instanceof ComputedKey);
  if (computed.length > 0) {
    for (const batch of store.batches()) {
      for (const key of computed) key.beginChunk();
      for (let from = 0; from < batch.rowCount; from += SLICE_ROWS) {
        const slice = sliceBatch(batch, from, Math.min(from + SLICE_ROWS, batch.rowCount));
        for (const { evaluator, builder } of computed) {
          builder.append(evaluator.evaluate(slice), 0, slice.rowCount);
        }
        const turn = context.control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
    }
  }
  return keys.map((key) => (key instanceof ComputedKey ? key.builder.finish() : key));
}

class ComputedKey {
  readonly evaluator: ColumnEvaluator;
  readonly builder: ChunkedColumnBuilder;
  #chunkCount = 0;

  constructor(expression: Expression, context: ExecutionContext) {
    this.evaluator = new ColumnEvaluator(expression, context);
    this.builder = chunkedColumnBuilder(expression.type.definition.representation);
  }

  beginChunk(): void {
    if (this.#chunkCount++ > 0) this.builder.endChunk();
  }
}

/** The stored column that an expression is, under whatever type. */
function storedPlace(expression: Expression): number | undefined {
  if (expression.kind === 'relabel') return storedPlace(expression.argument);
  return expression.kind === 'column' ? expression.index : undefined;
}

/** What the keys of a sort take beside the rows: flat copies of them, the order of the rows, and room to merge it. */
export function sortBytesPerRow(keyCount: number): number {
  return 8 + keyCount * 9;
}
