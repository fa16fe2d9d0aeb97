import type { Column } from '../columnar/column.ts';
import { ColumnBuilder } from '../columnar/column-builder.ts';
import { tidOf } from '../types/tid.ts';
import type { Value } from '../types/value.ts';
import { MAX_BLOCK_ROWS, type NumberRange, RelationBlock } from './relation-block.ts';
import { rowList } from './row-list.ts';
import type { SystemRelation } from './system-relation.ts';

/** Of a column that every table has without declaring it. */
const CTID = -1;
/** In how many rows a page of ours would have its ctid go around. */
const ROWS_PER_PAGE = 100;

/** From here on it is worth while to look which values a chunk may have. */
const MANY_VALUES = 8;

/** Rows of a chunk by their places in it, in order. */
export interface FoundRows {
  readonly chunk: number;
  readonly rows: readonly number[];
}

export function countOf(found: readonly FoundRows[]): number {
  return found.reduce((count, { rows }) => count + rows.length, 0);
}

/**
 * The rows of a system relation as they were when somebody asked, in blocks of columns. Whoever shares them shares the
 * columns.
 */
export class RelationRows {
  readonly rowCount: number;
  readonly #relation: SystemRelation;
  readonly #blocks: readonly RelationBlock[];
  /** The first row of each block. */
  readonly #starts: readonly number[];

  constructor(relation: SystemRelation, blocks: readonly RelationBlock[]) {
    let rowCount = 0;
    this.#relation = relation;
    this.#blocks = blocks;
    this.#starts = blocks.map((block) => {
      const start = rowCount;
      rowCount += block.rowCount;
      return start;
    });
    this.rowCount = rowCount;
  }

  /** `rows` have a value for each declared column, in order. `transactionId`: the one that every row was written by. */
  static of(relation: SystemRelation, rows: readonly (readonly Value[])[], transactionId: number): RelationRows {
    const blocks: RelationBlock[] = [];
    for (let from = 0; from < rows.length; from += MAX_BLOCK_ROWS) {
      blocks.push(new RelationBlock(relation, [rowList(rows.slice(from, from + MAX_BLOCK_ROWS))], transactionId));
    }
    return new RelationRows(relation, blocks);
  }

  get chunkCount(): number {
    return this.#blocks.length;
  }

  chunkRows(chunk: number): number {
    return this.#blocks[chunk].rowCount;
  }

  /** `column`: a position in the relation's descriptor. */
  column(column: number, chunk: number): Column {
    if (!this.#isPlace(column)) return this.#blocks[chunk].column(column);
    const builder = this.#newBuilder(column, this.chunkRows(chunk));
    for (let row = 0; row < this.chunkRows(chunk); row++) builder.push(placeOf(this.#starts[chunk] + row));
    return builder.finish();
  }

  /** The rows with one of the values in a column, in order. */
  rowsWith(column: number, values: readonly Value[]): readonly number[] {
    return this.find(column, values).flatMap(({ chunk, rows }) => rows.map((row) => this.#starts[chunk] + row));
  }

  /** The same, chunk by chunk. */
  find(column: number, values: readonly Value[]): FoundRows[] {
    const found: FoundRows[] = [];
    const numbers = values.length < MANY_VALUES ? undefined : sortedNumbers(values);
    for (const [chunk, block] of this.#blocks.entries()) {
      const range = numbers === undefined ? undefined : block.range(column);
      const tried = numbers === undefined || range === undefined ? values : within(numbers, range);
      const rows: number[] = [];
      for (const value of tried) for (const row of block.rowsWith(column, value)) rows.push(row);
      if (tried.length > 1) rows.sort((left, right) => left - right);
      if (rows.length > 0) found.push({ chunk, rows });
    }
    return found;
  }

  /** The declared columns of a row. */
  row(at: number): readonly Value[] {
    const chunk = this.#chunkOf(at);
    const block = this.#blocks[chunk];
    return this.#relation.columns.map((_, column) => block.value(column, at - this.#starts[chunk]));
  }

  /** A column of some of the rows. */
  pick(column: number, found: readonly FoundRows[]): Column {
    const isPlace = this.#isPlace(column);
    const builder = this.#newBuilder(column, countOf(found));
    for (const { chunk, rows } of found) {
      if (!isPlace) this.#blocks[chunk].pickInto(builder, column, rows);
      else for (const row of rows) builder.push(placeOf(this.#starts[chunk] + row));
    }
    return builder.finish();
  }

  #isPlace(column: number): boolean {
    return column >= this.#relation.columns.length && this.#relation.descriptor.columns[column].number === CTID;
  }

  #chunkOf(row: number): number {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle] <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #newBuilder(column: number, capacity: number): ColumnBuilder {
    const { representation } = this.#relation.descriptor.columns[column].type.definition;
    return new ColumnBuilder(representation, { capacity, text: 'dictionary' });
  }
}

function placeOf(row: number): number {
  return tidOf(Math.floor(row / ROWS_PER_PAGE), (row % ROWS_PER_PAGE) + 1);
}

function sortedNumbers(values: readonly Value[]): Float64Array | undefined {
  const numbers = new Float64Array(values.length);
  for (const [at, value] of values.entries()) {
    if (typeof value !== 'number') return undefined;
    numbers[at] = value;
  }
  return numbers.sort();
}

function within(sorted: Float64Array, { min, max }: NumberRange): readonly number[] {
  return [...sorted.subarray(firstNotBelow(sorted, min), firstAbove(sorted, max))];
}

function firstAbove(sorted: Float64Array, bound: number): number {
  let at = firstNotBelow(sorted, bound);
  while (at < sorted.length && sorted[at] === bound) at += 1;
  return at;
}

function firstNotBelow(sorted: Float64Array, bound: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
