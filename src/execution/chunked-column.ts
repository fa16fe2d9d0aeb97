import { type Column, type DictionaryColumn, valueAt } from '../columnar/column.ts';
import { ColumnBuilder, writeWide } from '../columnar/column-builder.ts';
import { gatherColumn } from '../columnar/copy-rows.ts';
import type { Representation } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import type { StatementControl } from './statement-control.ts';

/** Rows of a chunk: copying that many takes far less than a turn. */
export const CHUNK_BITS = 14;
export const CHUNK_ROWS = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_ROWS - 1;

const ALL_VALID = new Uint8Array(CHUNK_ROWS).fill(1);

/**
 * A column in chunks of `CHUNK_ROWS` rows, the last of which may be shorter: row r is row r & (CHUNK_ROWS - 1) of chunk
 * r >> CHUNK_BITS. Chunks of one column have different kinds where only some hold wide integers; texts share a dictionary.
 */
export class ChunkedColumn {
  readonly chunks: readonly Column[];
  readonly rowCount: number;
  readonly #representation: Representation;
  readonly #kind: Column['kind'] | undefined;
  /** By chunk; undefined: nothing is NULL. */
  readonly #validities: readonly Uint8Array[] | undefined;
  /** By chunk, of columns that are gathered by them: numbers, booleans, codes, values. */
  readonly #parts: readonly { readonly [row: number]: unknown }[];

  constructor(representation: Representation, chunks: readonly Column[]) {
    this.chunks = chunks;
    this.rowCount = chunks.reduce((count, chunk) => count + rowCountOf(chunk), 0);
    this.#representation = representation;
    const kind = chunks[0]?.kind;
    this.#kind = chunks.every((chunk) => chunk.kind === kind) ? kind : undefined;
    const hasNulls = chunks.some((chunk) => chunk.validity !== undefined);
    this.#validities = hasNulls ? chunks.map((chunk) => chunk.validity ?? ALL_VALID) : undefined;
    this.#parts = chunks.map(partOf);
  }

  valueAt(row: number): Value {
    return valueAt(this.chunks[row >>> CHUNK_BITS], row & CHUNK_MASK);
  }

  /** What all chunks are; undefined: they differ. */
  get kind(): Column['kind'] | undefined {
    return this.#kind;
  }

  get hasNulls(): boolean {
    return this.#validities !== undefined;
  }

  isNull(row: number): boolean {
    return this.#validities !== undefined && this.#validities[row >>> CHUNK_BITS][row & CHUNK_MASK] === 0;
  }

  /** The rows named by the first `count` entries of `rows`, in that order, in buffers of their own. */
  gather(rows: Uint32Array, count: number): Column {
    const { chunks } = this;
    if (chunks.length === 1) return gatherColumn(chunks[0], rows, count);
    switch (this.#kind) {
      case 'number': {
        const values = new Float64Array(count);
        gatherNumbers(this.#parts as readonly Float64Array[], rows, values);
        return { kind: 'number', values, validity: this.#gatherValidity(rows, count) };
      }
      case 'boolean': {
        const values = new Uint8Array(count);
        gatherBytes(this.#parts as readonly Uint8Array[], rows, values);
        return { kind: 'boolean', values, validity: this.#gatherValidity(rows, count) };
      }
      case 'dictionary': {
        const codes = new Uint32Array(count);
        gatherCodes(this.#parts as readonly Uint32Array[], rows, codes);
        const { dictionary } = chunks[0] as DictionaryColumn;
        return { kind: 'dictionary', codes, dictionary, validity: this.#gatherValidity(rows, count) };
      }
      case 'value': {
        const parts = this.#parts as readonly (readonly Value[])[];
        const values: Value[] = new Array(count);
        for (let index = 0; index < count; index++) {
          const row = rows[index];
          values[index] = parts[row >>> CHUNK_BITS][row & CHUNK_MASK];
        }
        return { kind: 'value', values, validity: this.#gatherValidity(rows, count) };
      }
      default: {
        const builder = new ColumnBuilder(this.#representation, { capacity: count });
        for (let index = 0; index < count; index++) {
          const row = rows[index];
          builder.pushFrom(chunks[row >>> CHUNK_BITS], row & CHUNK_MASK);
        }
        return builder.finish();
      }
    }
  }

  /** All rows side by side, for who has to reach any row from any other. */
  async whole(control: StatementControl): Promise<Column> {
    const { chunks, rowCount } = this;
    if (chunks.length === 1) return chunks[0];
    const copy = new WholeColumn(this.#representation, chunks, rowCount);
    for (let chunk = 0; chunk < chunks.length; chunk++) {
      copy.add(chunks[chunk], chunk * CHUNK_ROWS);
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    return copy.column;
  }

  /** As `whole`, in one go: for rows that are few. */
  wholeAtOnce(): Column {
    const { chunks, rowCount } = this;
    if (chunks.length === 1) return chunks[0];
    const copy = new WholeColumn(this.#representation, chunks, rowCount);
    for (let chunk = 0; chunk < chunks.length; chunk++) copy.add(chunks[chunk], chunk * CHUNK_ROWS);
    return copy.column;
  }

  #gatherValidity(rows: Uint32Array, count: number): Uint8Array | undefined {
    if (this.#validities === undefined) return undefined;
    const validity = new Uint8Array(count);
    gatherBytes(this.#validities, rows, validity);
    return validity;
  }
}

function partOf(column: Column): { readonly [row: number]: unknown } {
  if (column.kind === 'dictionary') return column.codes;
  return column.kind === 'wide' || column.kind === 'bytes' ? [] : column.values;
}

// One function for each kind of array, so that each stays a loop over one kind.

function gatherNumbers(parts: readonly Float64Array[], rows: Uint32Array, target: Float64Array): void {
  for (let index = 0; index < target.length; index++) {
    const row = rows[index];
    target[index] = parts[row >>> CHUNK_BITS][row & CHUNK_MASK];
  }
}

function gatherCodes(parts: readonly Uint32Array[], rows: Uint32Array, target: Uint32Array): void {
  for (let index = 0; index < target.length; index++) {
    const row = rows[index];
    target[index] = parts[row >>> CHUNK_BITS][row & CHUNK_MASK];
  }
}

function gatherBytes(parts: readonly Uint8Array[], rows: Uint32Array, target: Uint8Array): void {
  for (let index = 0; index < target.length; index++) {
    const row = rows[index];
    target[index] = parts[row >>> CHUNK_BITS][row & CHUNK_MASK];
  }
}

/** A column into which chunks are copied. */
class WholeColumn {
  readonly column: Column;

  constructor(representation: Representation, chunks: readonly Column[], rowCount: number) {
    const hasNulls = chunks.some((chunk) => chunk.validity !== undefined);
    const validity = hasNulls ? new Uint8Array(rowCount) : undefined;
    const isWide = chunks.some((chunk) => chunk.kind === 'wide');
    const [first] = chunks;
    if (isWide) {
      this.column = { kind: 'wide', high: new Int32Array(rowCount), low: new Uint32Array(rowCount), validity };
    } else if (representation === 'float64' || representation === 'int64') {
      this.column = { kind: 'number', values: new Float64Array(rowCount), validity };
    } else if (representation === 'boolean') {
      this.column = { kind: 'boolean', values: new Uint8Array(rowCount), validity };
    } else if (first?.kind === 'dictionary') {
      this.column = { kind: 'dictionary', codes: new Uint32Array(rowCount), dictionary: first.dictionary, validity };
    } else this.column = { kind: 'value', values: new Array<Value>(rowCount), validity };
  }

  /** `at`: the row from which on the chunk's rows stand. */
  add(chunk: Column, at: number): void {
    const { column } = this;
    const count = rowCountOf(chunk);
    if (column.kind === 'number' && chunk.kind === 'number') column.values.set(chunk.values, at);
    else if (column.kind === 'boolean' && chunk.kind === 'boolean') column.values.set(chunk.values, at);
    else if (column.kind === 'dictionary' && chunk.kind === 'dictionary') column.codes.set(chunk.codes, at);
    else if (column.kind === 'wide' && chunk.kind === 'wide') {
      column.high.set(chunk.high, at);
      column.low.set(chunk.low, at);
    } else if (column.kind === 'wide' && chunk.kind === 'number') {
      for (let row = 0; row < count; row++) {
        if (chunk.validity === undefined || chunk.validity[row] === 1) {
          writeWide(column.high, column.low, at + row, chunk.values[row]);
        }
      }
    } else if (column.kind === 'value' && chunk.kind === 'value') {
      const values = column.values as Value[];
      for (let row = 0; row < count; row++) values[at + row] = chunk.values[row];
    }
    if (column.validity === undefined) return;
    if (chunk.validity === undefined) column.validity.fill(1, at, at + count);
    else column.validity.set(chunk.validity.subarray(0, count), at);
  }
}

function rowCountOf(column: Column): number {
  switch (column.kind) {
    case 'dictionary':
      return column.codes.length;
    case 'wide':
      return column.high.length;
    case 'bytes':
      return column.offsets.length - 1;
    default:
      return column.values.length;
  }
}
