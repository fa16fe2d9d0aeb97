import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator, RowFilter } from '../../sql/expression/compile-expression.ts';
import type { AsOfJoinNode } from '../../sql/plan/join-nodes.ts';
import type { TimeBound } from '../../sql/plan/scan-node.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { compareTimes, type ExactTimes, exactTimes } from './exact-times.ts';

export interface GatheredColumn {
  gather(rows: Uint32Array, count: number): Column;
}

/** Left rows, and where the right row of each stands, if it has one. Buffers are overwritten by the next ones. */
export interface FoundRows {
  readonly left: Batch;
  /** 1 where there is a right row. */
  readonly isFound: Uint8Array;
  /** The columns that the join shows, and per left row which of their rows is meant. */
  readonly shown: readonly GatheredColumn[];
  readonly rows: Uint32Array;
  /** The times of right rows, and per left row which of them is meant. */
  readonly times: ExactTimes;
  readonly places: Uint32Array;
}

/** Makes the rows of an as-of join of what was found: what is too far away, or fails the condition, was not found. */
export class FoundRowsJoin {
  readonly #node: AsOfJoinNode;
  readonly #within: readonly { readonly operator: TimeBound['operator']; readonly evaluator: ColumnEvaluator }[];
  readonly #filter: RowFilter | undefined;
  readonly #types: readonly SqlType[];
  #selection = new Uint32Array(1024);

  constructor(node: AsOfJoinNode, context: ExecutionContext) {
    const { within, condition, right, shown } = node;
    this.#node = node;
    this.#within = within.map(({ operator, value }) => ({ operator, evaluator: new ColumnEvaluator(value, context) }));
    this.#filter = condition === undefined ? undefined : new RowFilter(condition, context);
    this.#types = shown.map((column) => right.output[column].type);
  }

  join(found: FoundRows): Batch {
    const { left } = found;
    if (this.#selection.length < left.rowCount) this.#selection = new Uint32Array(left.rowCount);
    for (const { operator, evaluator } of this.#within) {
      dropBeyond(found, operator, exactTimes(evaluator.evaluate(left), left.rowCount));
    }
    if (this.#filter !== undefined) this.#test(found, this.#filter);
    if (this.#node.type === 'inner') return this.#pairs(found, this.#findings(found));
    const count = this.#findings(found);
    const right = found.shown.map((column, at) => this.#orNull(column, found, count, this.#types[at]));
    return { rowCount: left.rowCount, columns: [...left.columns, ...right] };
  }

  #test(found: FoundRows, filter: RowFilter): void {
    const { isFound } = found;
    const count = this.#findings(found);
    if (count === 0) return;
    const rows = this.#selection.slice(0, count);
    const passing = filter.select(this.#pairs(found, count), this.#selection);
    for (let index = 0; index < count; index++) isFound[rows[index]] = 0;
    for (let index = 0; index < passing; index++) isFound[rows[this.#selection[index]]] = 1;
  }

  /** Writes the left rows that have a right row into the selection; returns how many. */
  #findings({ left, isFound }: FoundRows): number {
    let count = 0;
    for (let row = 0; row < left.rowCount; row++) if (isFound[row] === 1) this.#selection[count++] = row;
    return count;
  }

  #pairs({ left, shown, rows }: FoundRows, count: number): Batch {
    const own = this.#selection;
    const others = new Uint32Array(count);
    for (let index = 0; index < count; index++) others[index] = rows[own[index]];
    const isWhole = count === left.rowCount;
    return {
      rowCount: count,
      columns: [
        ...(isWhole ? left.columns : left.columns.map((column) => gatherColumn(column, own, count))),
        ...shown.map((column) => column.gather(others, count)),
      ],
    };
  }

  /** For all left rows; `count` of them, which the selection names, have a right row. */
  #orNull(column: GatheredColumn, { left, isFound, rows }: FoundRows, count: number, type: SqlType): Column {
    const { rowCount } = left;
    if (count === 0) {
      const builder = new ColumnBuilder(type.definition.representation, { capacity: rowCount, text: 'dictionary' });
      for (let row = 0; row < rowCount; row++) builder.pushNull();
      return builder.finish();
    }
    if (count === rowCount) return column.gather(rows, rowCount);
    const some = rows[this.#selection[0]];
    const places = new Uint32Array(rowCount);
    for (let row = 0; row < rowCount; row++) places[row] = isFound[row] === 1 ? rows[row] : some;
    const gathered = column.gather(places, rowCount);
    const validity = gathered.validity ?? new Uint8Array(rowCount).fill(1);
    for (let row = 0; row < rowCount; row++) if (isFound[row] === 0) validity[row] = 0;
    if (gathered.kind !== 'value') return { ...gathered, validity };
    return { ...gathered, values: gathered.values.map((value, row) => (isFound[row] === 1 ? value : null)), validity };
  }
}

/** Takes back what is not `operator` the limit of its left row. */
function dropBeyond({ left, isFound, times, places }: FoundRows, operator: string, limits: ExactTimes): void {
  const sign = operator.startsWith('>') ? 1 : -1;
  const isInclusive = operator.endsWith('=');
  const { validity } = limits;
  for (let row = 0; row < left.rowCount; row++) {
    if (isFound[row] === 0) continue;
    const order = sign * compareTimes(times, places[row], limits, row);
    const isWithin = order > 0 || (order === 0 && isInclusive);
    if (!isWithin || (validity !== undefined && validity[row] === 0)) isFound[row] = 0;
  }
}
