import type { Column } from '../columnar/column.ts';
import { ColumnBuilder } from '../columnar/column-builder.ts';
import type { Value } from '../types/value.ts';
import type { SystemRelation } from './system-relation.ts';

const CHUNK_ROWS = 1024;

/** Columns that every table has without declaring them, by their numbers. */
const CTID = -1;
const XMIN = -2;
const TABLEOID = -6;
/** In how many rows a page of ours would have its ctid go around. */
const ROWS_PER_PAGE = 100;

/**
 * The rows of a system relation as they were when somebody asked, side by side in columns, each of which is made when it
 * is first read. Whoever shares them shares the columns.
 */
export class RelationRows {
  readonly rowCount: number;
  readonly #relation: SystemRelation;
  readonly #rows: readonly (readonly Value[])[];
  readonly #transactionId: number;
  readonly #chunks = new Map<number, readonly Column[]>();
  /** By column: which rows have a value. */
  readonly #places = new Map<number, ReadonlyMap<Value, readonly number[]>>();

  /** `rows` have a value for each declared column, in order. `transactionId`: the one that every row was written by. */
  constructor(relation: SystemRelation, rows: readonly (readonly Value[])[], transactionId: number) {
    this.#relation = relation;
    this.#rows = rows;
    this.#transactionId = transactionId;
    this.rowCount = rows.length;
  }

  get chunkCount(): number {
    return Math.ceil(this.rowCount / CHUNK_ROWS);
  }

  chunkRows(chunk: number): number {
    return Math.min(CHUNK_ROWS, this.rowCount - chunk * CHUNK_ROWS);
  }

  /** `column`: a position in the relation's descriptor. */
  column(column: number, chunk: number): Column {
    let chunks = this.#chunks.get(column);
    if (chunks === undefined) {
      chunks = this.#build(column);
      this.#chunks.set(column, chunks);
    }
    return chunks[chunk];
  }

  /** The rows with one of the values in a column, in order. */
  rowsWith(column: number, values: readonly Value[]): readonly number[] {
    let places = this.#places.get(column);
    if (places === undefined) {
      places = this.#index(column);
      this.#places.set(column, places);
    }
    if (values.length === 1) return places.get(values[0]) ?? [];
    return values.flatMap((value) => places.get(value) ?? []).sort((left, right) => left - right);
  }

  /** The declared columns of a row. */
  row(at: number): readonly Value[] {
    return this.#rows[at];
  }

  /** A column of some of the rows. */
  pick(column: number, rows: readonly number[]): Column {
    const builder = this.#newBuilder(column, rows.length);
    for (const row of rows) builder.push(this.#valueAt(column, row));
    return builder.finish();
  }

  #build(column: number): Column[] {
    const chunks: Column[] = [];
    for (let chunk = 0; chunk < this.chunkCount; chunk++) {
      const from = chunk * CHUNK_ROWS;
      const to = from + this.chunkRows(chunk);
      const builder = this.#newBuilder(column, to - from);
      for (let row = from; row < to; row++) builder.push(this.#valueAt(column, row));
      chunks.push(builder.finish());
    }
    return chunks;
  }

  #newBuilder(column: number, capacity: number): ColumnBuilder {
    const { representation } = this.#relation.descriptor.columns[column].type.definition;
    return new ColumnBuilder(representation, { capacity, text: 'dictionary' });
  }

  #index(column: number): Map<Value, number[]> {
    const places = new Map<Value, number[]>();
    for (let row = 0; row < this.rowCount; row++) {
      const value = this.#valueAt(column, row);
      const rows = places.get(value);
      if (rows === undefined) places.set(value, [row]);
      else rows.push(row);
    }
    return places;
  }

  #valueAt(column: number, row: number): Value {
    if (column < this.#relation.columns.length) return this.#rows[row][column];
    switch (this.#relation.descriptor.columns[column].number) {
      case TABLEOID:
        return this.#relation.oid;
      case XMIN:
        return this.#transactionId;
      case CTID:
        return `(${Math.floor(row / ROWS_PER_PAGE)},${(row % ROWS_PER_PAGE) + 1})`;
      default:
        return 0;
    }
  }
}
