import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { assembleColumns, fieldOf } from './output-columns.ts';
import type { ScanParts } from './table-scan.ts';

/** Single rows from many places, put together to batches of a scan's columns. */
export class RowCollector {
  readonly #parts: ScanParts;
  readonly #numbers: readonly number[];
  #builders: ColumnBuilder[] = [];
  #seriesIds: number[] = [];
  #times: number[] = [];
  #fractions: number[] = [];

  constructor(parts: ScanParts) {
    this.#parts = parts;
    this.#numbers = fieldNumbers(parts);
    this.#clear();
  }

  get rowCount(): number {
    return this.#times.length;
  }

  /** `columns`: one for each of `fieldNumbers`, of which the row is taken. */
  add(
    key: { readonly seriesId: number; readonly time: number; readonly fraction: number },
    columns: readonly Column[],
    row: number,
  ): void {
    this.#seriesIds.push(key.seriesId);
    this.#times.push(key.time);
    this.#fractions.push(key.fraction);
    for (let index = 0; index < this.#builders.length; index++) this.#builders[index]!.pushFrom(columns[index]!, row);
  }

  /** Everything since the last batch; undefined when that is nothing. */
  take(): Batch | undefined {
    const rowCount = this.#times.length;
    if (rowCount === 0) return undefined;
    const columns = this.#builders.map((builder) => builder.finish());
    const times = Float64Array.from(this.#times);
    const fractions = this.#fractions.some((fraction) => fraction !== 0)
      ? Uint32Array.from(this.#fractions)
      : undefined;
    const batch = {
      rowCount,
      columns: assembleColumns(this.#parts.outputs, this.#parts.table.oid, {
        rowCount,
        schemaVersion: Number.POSITIVE_INFINITY,
        spans: { seriesIds: this.#seriesIds, ends: this.#seriesIds.map((_, row) => row + 1) },
        field: (number) => columns[this.#numbers.indexOf(number)],
        keys: () => ({ times, fractions }),
        time: undefined,
      }),
    };
    this.#clear();
    return batch;
  }

  #clear(): void {
    this.#builders = fieldOutputs(this.#parts).map(
      ({ type }) => new ColumnBuilder(type.representation, { text: 'dictionary' }),
    );
    this.#seriesIds = [];
    this.#times = [];
    this.#fractions = [];
  }
}

/** The fields that a scan shows, each once. */
export function fieldOutputs({ outputs }: ScanParts) {
  const fields = outputs.flatMap((output) => fieldOf(output) ?? []);
  return fields.filter((field, at) => fields.findIndex(({ number }) => number === field.number) === at);
}

export function fieldNumbers(parts: ScanParts): readonly number[] {
  return fieldOutputs(parts).map(({ number }) => number);
}
