import type { BatchStream } from '../../columnar/batch.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import type { SetCall, TableCall, TableFunctionNode } from '../../sql/plan/table-function-nodes.ts';
import { SqlRecord } from '../../types/sql-record.ts';
import type { Value } from '../../types/value.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { settle } from '../subquery/settle.ts';

const BATCH_ROWS = 1024;

/** Functions in FROM, side by side; those that end earlier give NULLs until all have ended. */
export async function* tableFunction(node: TableFunctionNode, context: ExecutionContext): BatchStream {
  const sources: RowSource[] = [];
  for (const call of node.calls) sources.push(await openCall(call, context));
  const types = node.output.map((column) => column.type.definition.representation);
  let builders = types.map((type) => new ColumnBuilder(type, { capacity: BATCH_ROWS }));
  let ordinal = 0;
  for (;;) {
    let isDone = true;
    for (const source of sources) if (source.advance()) isDone = false;
    if (isDone) break;
    ordinal += 1;
    let at = 0;
    for (const source of sources) {
      source.write(builders, at);
      at += source.width;
    }
    if (node.hasOrdinality) builders[at].push(ordinal);
    if (ordinal % BATCH_ROWS > 0) continue;
    yield { rowCount: BATCH_ROWS, columns: builders.map((builder) => builder.finish()) };
    builders = types.map((type) => new ColumnBuilder(type, { capacity: BATCH_ROWS }));
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  const rowCount = ordinal % BATCH_ROWS;
  if (rowCount > 0) yield { rowCount, columns: builders.map((builder) => builder.finish()) };
}

/** The rows of one function, one at a time. */
class RowSource {
  readonly width: number;
  readonly #rows: Iterator<Value>;
  /** Its rows are records, whose items are columns. */
  readonly #isSpread: boolean;
  #isDone = false;
  #value: Value = null;

  constructor(rows: Iterable<Value>, width: number, options: { readonly isSpread: boolean }) {
    this.width = width;
    this.#isSpread = options.isSpread;
    this.#rows = rows[Symbol.iterator]();
  }

  /** False when there are no more rows. */
  advance(): boolean {
    if (this.#isDone) return false;
    const { done, value } = this.#rows.next();
    if (done === true) {
      this.#isDone = true;
      return false;
    }
    this.#value = value;
    return true;
  }

  write(builders: readonly ColumnBuilder[], at: number): void {
    const value = this.#isDone ? null : this.#value;
    if (!this.#isSpread) {
      builders[at].push(value);
      return;
    }
    const values = value instanceof SqlRecord ? value.values : [];
    for (let column = 0; column < this.width; column++) builders[at + column].push(values[column] ?? null);
  }
}

async function openCall(call: TableCall, context: ExecutionContext): Promise<RowSource> {
  if (call.kind === 'value') {
    const value = await settle(context, () => evaluateExpression(call.value, context));
    return new RowSource([value], call.width ?? 1, { isSpread: call.width !== undefined });
  }
  const values = await settle(context, () => call.arguments.map((argument) => evaluateExpression(argument, context)));
  const isSpread = call.function.resultType.name === 'record';
  return new RowSource(rowsOfCall(call, values, context), call.width, { isSpread });
}

/** A NULL argument gives no rows, unless the function knows what to do with it. */
export function rowsOfCall(call: SetCall, values: readonly Value[], context: ExecutionContext): Iterable<Value> {
  if (call.function.handlesNull !== true && values.includes(null)) return [];
  return call.function.rows(values, context.environment);
}
