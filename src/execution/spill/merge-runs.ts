import type { Batch } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { SortKey } from '../../sql/plan/sort-nodes.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { ExecutionContext } from '../execution-context.ts';

const OUTPUT_ROWS = 1024;

type Rows = AsyncGenerator<Batch, void, undefined>;

/** Sorted streams as one: of equal rows those of the earlier stream come first. Closes the streams. */
export async function* mergeRuns(
  streams: readonly Rows[],
  types: readonly SqlType[],
  keys: readonly SortKey[],
  context: ExecutionContext,
): Rows {
  const compare = keys.map(keyComparator);
  const runs = streams.map((stream) => new RunReader(stream, keys, context));
  try {
    for (const run of runs) await run.advance();
    const heap = new RunHeap(
      runs.filter((run) => !run.isAtEnd),
      (left, right) => {
        for (let key = 0; key < compare.length; key++) {
          const order = compare[key](left.keys[key], left.row, right.keys[key], right.row);
          if (order !== 0) return order;
        }
        return 0;
      },
    );
    let builders = newBuilders(types);
    let count = 0;
    for (let run = heap.first(); run !== undefined; run = heap.first()) {
      const { columns } = run.batch;
      for (let index = 0; index < builders.length; index++) builders[index].pushFrom(columns[index], run.row);
      count += 1;
      if (!run.next()) await run.advance();
      heap.settleFirst();
      if (count < OUTPUT_ROWS) continue;
      yield { rowCount: count, columns: builders.map((builder) => builder.finish()) };
      builders = newBuilders(types);
      count = 0;
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    if (count > 0) yield { rowCount: count, columns: builders.map((builder) => builder.finish()) };
  } finally {
    for (const run of runs) await run.close();
  }
}

function newBuilders(types: readonly SqlType[]): ColumnBuilder[] {
  return types.map(
    ({ definition }) => new ColumnBuilder(definition.representation, { capacity: OUTPUT_ROWS, text: 'dictionary' }),
  );
}

/** A place in a sorted stream, with the keys of the rows around it. */
class RunReader {
  readonly #stream: Rows;
  readonly #evaluators: readonly ColumnEvaluator[];
  batch: Batch = { rowCount: 0, columns: [] };
  keys: readonly Column[] = [];
  row = 0;
  isAtEnd = false;

  constructor(stream: Rows, keys: readonly SortKey[], context: ExecutionContext) {
    this.#stream = stream;
    this.#evaluators = keys.map((key) => new ColumnEvaluator(key.expression, context));
  }

  /** False when the batch has no further row, and `advance` is to be called. */
  next(): boolean {
    this.row += 1;
    return this.row < this.batch.rowCount;
  }

  async advance(): Promise<void> {
    const next = await this.#stream.next();
    this.row = 0;
    if (next.done === true) {
      this.isAtEnd = true;
      return;
    }
    this.batch = next.value;
    this.keys = this.#evaluators.map((evaluator) => evaluator.evaluate(next.value));
  }

  async close(): Promise<void> {
    await this.#stream.return();
  }
}

/** A binary heap of runs whose first has the least row. */
class RunHeap {
  readonly #runs: RunReader[];
  readonly #rank = new Map<RunReader, number>();
  readonly #compare: (left: RunReader, right: RunReader) => number;

  constructor(runs: readonly RunReader[], compare: (left: RunReader, right: RunReader) => number) {
    this.#runs = [...runs];
    this.#compare = compare;
    for (const [rank, run] of runs.entries()) this.#rank.set(run, rank);
    for (let at = this.#runs.length >> 1; at >= 0; at--) this.#sink(at);
  }

  first(): RunReader | undefined {
    return this.#runs[0];
  }

  /** The first has moved on: puts it where it belongs, or out. */
  settleFirst(): void {
    if (this.#runs[0].isAtEnd) {
      const last = this.#runs.pop();
      if (last === undefined || this.#runs.length === 0) return;
      this.#runs[0] = last;
    }
    this.#sink(0);
  }

  #sink(from: number): void {
    const runs = this.#runs;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= runs.length) return;
      if (child + 1 < runs.length && this.#isBefore(runs[child + 1], runs[child])) child += 1;
      if (this.#isBefore(runs[at], runs[child])) return;
      [runs[at], runs[child]] = [runs[child], runs[at]];
      at = child;
    }
  }

  #isBefore(left: RunReader, right: RunReader): boolean {
    const order = this.#compare(left, right);
    return order < 0 || (order === 0 && (this.#rank.get(left) ?? 0) < (this.#rank.get(right) ?? 0));
  }
}

type CellComparator = (left: Column, leftRow: number, right: Column, rightRow: number) => number;

function keyComparator({ expression, isDescending, nullsFirst }: SortKey): CellComparator {
  const { definition } = expression.type;
  const nullSign = nullsFirst ? -1 : 1;
  return (left, leftRow, right, rightRow) => {
    const leftIsNull = left.validity !== undefined && left.validity[leftRow] === 0;
    const rightIsNull = right.validity !== undefined && right.validity[rightRow] === 0;
    if (leftIsNull || rightIsNull) {
      if (leftIsNull && rightIsNull) return 0;
      return leftIsNull ? nullSign : -nullSign;
    }
    let order: number;
    if (left.kind === 'number' && right.kind === 'number') {
      const a = left.values[leftRow];
      const b = right.values[rightRow];
      order = a < b ? -1 : a > b ? 1 : a === b ? 0 : (a !== a ? 1 : 0) - (b !== b ? 1 : 0);
    } else order = definition.compare(valueAt(left, leftRow), valueAt(right, rightRow));
    return isDescending ? -order : order;
  };
}
