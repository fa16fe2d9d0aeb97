import type { IngestBatch, IngestFieldType } from '../../database/ingest-batch.ts';
import { enlarged, FieldValues } from './field-values.ts';

/**
 * What one request may spread over a table. A line costs its own bytes and no more, but each new tag or field is a cell
 * in every row: without a bound, half a megabyte of lines would fill gigabytes. A request of 32 MB whose lines all bring
 * all their fields stays below.
 */
const MAX_CELLS = 8 * 1024 * 1024;
/** As many as PostgreSQL gives a table. */
const MAX_COLUMNS = 1600;
/** Fields past so many are rare ones: their arrays begin small. */
const FREQUENT_FIELDS = 64;
const SMALL_CAPACITY = 16;

/** A tag set of the request: the bytes `measurement,tag=value…` that name it, and where its rows go. */
export interface SeriesEntry {
  readonly keyBytes: Buffer;
  readonly table: TableRows;
  readonly series: number;
  /** The series whose line followed this one's last time: writers repeat their order. */
  likelyNext: SeriesEntry | undefined;
}

/** The lines of one measurement, gathered column by column. */
export class TableRows {
  readonly name: string;
  readonly #tagNames: string[] = [];
  readonly #tagIndexes = new Map<string, number>();
  readonly #series: (string | null)[][] = [];
  readonly #fields = new Map<string, FieldValues>();
  /** Fields in the order in which a line of this table last brought them. */
  readonly fieldOrder: FieldValues[] = [];
  #rowCount = 0;
  #capacity: number;
  #seriesOfRow: Uint32Array;
  #times: Float64Array;
  #remainders: Uint16Array | undefined;
  #lines: Uint32Array;
  #lineStarts: Uint32Array;

  constructor(name: string, capacity: number) {
    this.name = name;
    this.#capacity = capacity;
    this.#seriesOfRow = new Uint32Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#lines = new Uint32Array(capacity);
    this.#lineStarts = new Uint32Array(capacity);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Why the table cannot be as wide as the lines so far make it; undefined: it can. */
  get excess(): string | undefined {
    const fieldCount = this.#fields.size;
    const tagCount = this.#tagNames.length;
    if (1 + tagCount + fieldCount > MAX_COLUMNS) return `tables can have at most ${MAX_COLUMNS} columns`;
    const isTooLarge = (this.#rowCount + 1) * fieldCount > MAX_CELLS || this.#series.length * tagCount > MAX_CELLS;
    return isTooLarge ? 'too many different tags and fields for one request; split it into smaller ones' : undefined;
  }

  /** Adds a tag set that the request has not brought before; returns its number. */
  addSeries(tags: ReadonlyMap<string, string>): number {
    const values: (string | null)[] = this.#tagNames.map(() => null);
    for (const [name, value] of tags) {
      let index = this.#tagIndexes.get(name);
      if (index === undefined) {
        index = this.#tagNames.length;
        this.#tagNames.push(name);
        this.#tagIndexes.set(name, index);
      }
      values[index] = value;
    }
    this.#series.push(values);
    return this.#series.length - 1;
  }

  /** The field of that name; undefined when the table has none yet. */
  field(name: string): FieldValues | undefined {
    return this.#fields.get(name);
  }

  addField(name: string, keyBytes: Buffer, type: IngestFieldType): FieldValues {
    const capacity = this.#fields.size < FREQUENT_FIELDS ? this.#capacity : SMALL_CAPACITY;
    const field = new FieldValues(name, keyBytes, type, { firstRow: this.#rowCount, capacity });
    this.#fields.set(name, field);
    return field;
  }

  /** Ends the row whose fields were set at index `rowCount`. */
  finishRow(row: { series: number; micros: number; remainder: number; line: number; lineStart: number }): void {
    const at = this.#rowCount;
    if (at === this.#capacity) this.#grow();
    this.#seriesOfRow[at] = row.series;
    this.#times[at] = row.micros;
    this.#lines[at] = row.line;
    this.#lineStarts[at] = row.lineStart;
    if (row.remainder !== 0) {
      this.#remainders ??= new Uint16Array(this.#capacity);
      this.#remainders[at] = row.remainder;
    }
    this.#rowCount = at + 1;
  }

  /** Which line of the request a row came from: its number from 1, and the byte at which it starts. */
  lineOf(row: number): { readonly line: number; readonly start: number } {
    return { line: this.#lines[row], start: this.#lineStarts[row] };
  }

  finish(): IngestBatch {
    const rowCount = this.#rowCount;
    const series = this.#series.map((values) => this.#tagNames.map((_, index) => values[index] ?? null));
    return {
      tableName: this.name,
      rowCount,
      tagNames: this.#tagNames,
      series,
      seriesOfRow: this.#seriesOfRow.subarray(0, rowCount),
      times: this.#times.subarray(0, rowCount),
      remainders: this.#remainders?.subarray(0, rowCount),
      fields: [...this.#fields.values()].map((field) => field.finish(rowCount)),
    };
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#seriesOfRow = enlarged(this.#seriesOfRow, new Uint32Array(this.#capacity));
    this.#times = enlarged(this.#times, new Float64Array(this.#capacity));
    this.#lines = enlarged(this.#lines, new Uint32Array(this.#capacity));
    this.#lineStarts = enlarged(this.#lineStarts, new Uint32Array(this.#capacity));
    if (this.#remainders !== undefined) {
      this.#remainders = enlarged(this.#remainders, new Uint16Array(this.#capacity));
    }
  }
}
