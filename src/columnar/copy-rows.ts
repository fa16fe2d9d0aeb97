import { unreachable } from '../errors/invariant.ts';
import type { Batch } from './batch.ts';
import type { Column } from './column.ts';

/** The rows named by the first `count` entries of `rows`, in that order, in buffers of their own. */
export function gatherColumn(column: Column, rows: Uint32Array, count: number): Column {
  const validity = column.validity === undefined ? undefined : gatherBytes(column.validity, rows, count);
  switch (column.kind) {
    case 'number': {
      const source = column.values;
      const values = new Float64Array(count);
      for (let index = 0; index < count; index++) values[index] = source[rows[index]];
      return { kind: 'number', values, validity };
    }
    case 'wide': {
      const high = new Int32Array(count);
      const low = new Uint32Array(count);
      for (let index = 0; index < count; index++) {
        high[index] = column.high[rows[index]];
        low[index] = column.low[rows[index]];
      }
      return { kind: 'wide', high, low, validity };
    }
    case 'boolean':
      return { kind: 'boolean', values: gatherBytes(column.values, rows, count), validity };
    case 'dictionary': {
      const source = column.codes;
      const codes = new Uint32Array(count);
      for (let index = 0; index < count; index++) codes[index] = source[rows[index]];
      return { kind: 'dictionary', codes, dictionary: column.dictionary, validity };
    }
    case 'bytes': {
      const offsets = new Uint32Array(count + 1);
      let size = 0;
      for (let index = 0; index < count; index++) {
        size += column.offsets[rows[index] + 1] - column.offsets[rows[index]];
        offsets[index + 1] = size;
      }
      const bytes = new Uint8Array(size);
      for (let index = 0; index < count; index++) {
        const row = rows[index];
        bytes.set(column.bytes.subarray(column.offsets[row], column.offsets[row + 1]), offsets[index]);
      }
      return { kind: 'bytes', offsets, bytes, validity };
    }
    case 'value': {
      const values = new Array(count);
      for (let index = 0; index < count; index++) values[index] = column.values[rows[index]];
      return { kind: 'value', values, validity };
    }
    default:
      return unreachable(column);
  }
}

function gatherBytes(source: Uint8Array, rows: Uint32Array, count: number): Uint8Array {
  const target = new Uint8Array(count);
  for (let index = 0; index < count; index++) target[index] = source[rows[index]];
  return target;
}

/** The rows at the first `count` positions of `rows`, copied. */
export function gatherBatch(batch: Batch, rows: Uint32Array, count: number): Batch {
  return { rowCount: count, columns: batch.columns.map((column) => gatherColumn(column, rows, count)) };
}

/** Rows `from` to `to` (exclusive) without copying. */
export function sliceColumn(column: Column, from: number, to: number): Column {
  const validity = column.validity?.subarray(from, to);
  switch (column.kind) {
    case 'number':
      return { kind: 'number', values: column.values.subarray(from, to), validity };
    case 'wide':
      return { kind: 'wide', high: column.high.subarray(from, to), low: column.low.subarray(from, to), validity };
    case 'boolean':
      return { kind: 'boolean', values: column.values.subarray(from, to), validity };
    case 'dictionary':
      return { kind: 'dictionary', codes: column.codes.subarray(from, to), dictionary: column.dictionary, validity };
    case 'bytes':
      return { kind: 'bytes', offsets: column.offsets.subarray(from, to + 1), bytes: column.bytes, validity };
    case 'value':
      return { kind: 'value', values: column.values.slice(from, to), validity };
    default:
      return unreachable(column);
  }
}

/** Rows `from` to `to` (exclusive) without copying. */
export function sliceBatch(batch: Batch, from: number, to: number): Batch {
  if (from === 0 && to === batch.rowCount) return batch;
  return { rowCount: to - from, columns: batch.columns.map((column) => sliceColumn(column, from, to)) };
}
