import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { type Column, wideAt } from '../../columnar/column.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { invariant } from '../../errors/invariant.ts';
import type { Int64 } from '../../types/value.ts';
import {
  type IntegerArray,
  readCountArray,
  readIntegerArray,
  writeIntegerArray,
  writeNumberArray,
} from './footer-arrays.ts';

const MAX_SERIES_ID = 0xffffffff;

/**
 * Which series a segment has, where their rows lie and how far they reach in time, as arrays in order of the ids:
 *
 *   | series count varint | ids: numbers | row counts: numbers | first times: integers | last times: integers |
 */
export class SeriesDirectoryBuilder {
  readonly #ids: number[] = [];
  readonly #rowCounts: number[] = [];
  readonly #firstTimes: Int64[] = [];
  readonly #lastTimes: Int64[] = [];

  /** Takes rows `from` to `to`, and checks that they go on from where the last ones ended, in order. */
  add(seriesIds: Uint32Array, times: Column, from: number, to: number): void {
    invariant(times.validity === undefined || times.validity.subarray(from, to).indexOf(0) < 0, 'a time is never NULL');
    for (let start = from; start < to; ) {
      const id = seriesIds[start];
      let end = start + 1;
      while (end < to && seriesIds[end] === id) end++;
      invariant(isAscending(times, start, end), 'the rows of a series are sorted');
      this.#addRun(id, end - start, timeAt(times, start), timeAt(times, end - 1));
      start = end;
    }
  }

  write(writer: ByteWriter): void {
    writer.varint(this.#ids.length);
    writeNumberArray(this.#ids, writer);
    writeNumberArray(this.#rowCounts, writer);
    writeIntegerArray(this.#firstTimes, writer);
    writeIntegerArray(this.#lastTimes, writer);
  }

  #addRun(id: number, rowCount: number, first: Int64, last: Int64): void {
    const current = this.#ids.length - 1;
    if (current >= 0 && this.#ids[current] === id) {
      invariant(this.#lastTimes[current] <= first, 'the rows of a series are sorted');
      this.#rowCounts[current] += rowCount;
      this.#lastTimes[current] = last;
      return;
    }
    invariant(current < 0 || this.#ids[current] < id, 'rows are sorted by series id');
    this.#ids.push(id);
    this.#rowCounts.push(rowCount);
    this.#firstTimes.push(first);
    this.#lastTimes.push(last);
  }
}

function timeAt(times: Column, row: number): Int64 {
  if (times.kind === 'number') return times.values[row];
  invariant(times.kind === 'wide', 'the sort column is of integers');
  return wideAt(times, row);
}

function isAscending(times: Column, from: number, to: number): boolean {
  if (times.kind === 'number') {
    for (let row = from + 1; row < to; row++) if (!(times.values[row - 1] <= times.values[row])) return false;
    return true;
  }
  invariant(times.kind === 'wide', 'the sort column is of integers');
  for (let row = from + 1; row < to; row++) {
    const climb = times.high[row] - times.high[row - 1];
    if (climb < 0 || (climb === 0 && times.low[row] < times.low[row - 1])) return false;
  }
  return true;
}

export class SeriesDirectory {
  /** Ascending. */
  readonly ids: Uint32Array;
  /** Series i has the rows `starts[i]` to `starts[i + 1]`. */
  readonly starts: Uint32Array;
  /** Per series, the time of its first and its last row, in the units of the sort column. */
  readonly firstTimes: IntegerArray;
  readonly lastTimes: IntegerArray;

  constructor(ids: Uint32Array, starts: Uint32Array, firstTimes: IntegerArray, lastTimes: IntegerArray) {
    this.ids = ids;
    this.starts = starts;
    this.firstTimes = firstTimes;
    this.lastTimes = lastTimes;
  }

  /** The reverse of `SeriesDirectoryBuilder.write`. */
  static read(reader: ByteReader, rowCount: number): SeriesDirectory {
    const count = reader.varint();
    const ids = Uint32Array.from(readCountArray(reader, count, MAX_SERIES_ID));
    for (let index = 1; index < count; index++) {
      if (ids[index] <= ids[index - 1]) throw new CorruptionError(`series ${ids[index]} after ${ids[index - 1]}`);
    }
    const starts = startsOf(readCountArray(reader, count, rowCount), rowCount);
    return new SeriesDirectory(ids, starts, readIntegerArray(reader, count), readIntegerArray(reader, count));
  }

  /** The place of a series in the arrays, or -1. */
  find(id: number): number {
    let low = 0;
    let high = this.ids.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.ids[middle];
      if (found === id) return middle;
      if (found < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

/** Where each of several neighbours starts, and at last where the last one ends, which must be `end`. */
export function startsOf(counts: Float64Array, end: number): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  let start = 0;
  for (let index = 0; index < counts.length; index++) {
    if (counts[index] === 0) throw new CorruptionError(`part ${index} of ${counts.length} is empty`);
    start += counts[index];
    starts[index + 1] = start;
  }
  if (start !== end) throw new CorruptionError(`${counts.length} parts add up to ${start} instead of ${end}`);
  return starts;
}
