import type { Column } from '../../columnar/column.ts';
import { type PortableColumn, portableColumn } from '../../columnar/portable-column.ts';

/** Rows that fit in; of more, columns travel by themselves. */
const MAX_ROWS = 8192;

interface ColumnBuffer {
  readonly values: Float64Array;
  readonly validity: Uint8Array;
}

/**
 * Memory in which rows go to another thread: both see it, so that nothing is handed over, nor left to the garbage collector.
 * Used again once the other thread has taken the rows.
 */
export class SharedRows {
  readonly #seriesIds = new Uint32Array(new SharedArrayBuffer(MAX_ROWS * 4));
  readonly #columns: ColumnBuffer[] = [];

  seriesIds(ids: Uint32Array, rowCount: number): Uint32Array {
    if (rowCount > MAX_ROWS) return ids.slice(0, rowCount);
    const shared = this.#seriesIds.subarray(0, rowCount);
    shared.set(ids.subarray(0, rowCount));
    return shared;
  }

  /** A column for the other thread. undefined where some value does not travel. */
  column(column: Column, rowCount: number, index: number): PortableColumn | undefined {
    if (column.kind !== 'number' || rowCount > MAX_ROWS) return portableColumn(column, rowCount);
    let buffer = this.#columns[index];
    if (buffer === undefined) {
      buffer = {
        values: new Float64Array(new SharedArrayBuffer(MAX_ROWS * 8)),
        validity: new Uint8Array(new SharedArrayBuffer(MAX_ROWS)),
      };
      this.#columns[index] = buffer;
    }
    const values = buffer.values.subarray(0, rowCount);
    values.set(column.values.subarray(0, rowCount));
    if (column.validity === undefined) return { kind: 'number', values, validity: undefined };
    const validity = buffer.validity.subarray(0, rowCount);
    validity.set(column.validity.subarray(0, rowCount));
    return { kind: 'number', values, validity };
  }
}
