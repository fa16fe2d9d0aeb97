import type { Column } from '../../columnar/column.ts';
import type { WindowRows } from '../../functions/function-definition.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { KeyEncoder } from '../key-encoder.ts';
import type { StatementControl } from '../statement-control.ts';
import { inChunks } from './chunked.ts';

/** Bytes a row that the arrays of a run take. */
export const RUN_BYTES_PER_ROW = 7 * 4;

/** Tells where rows that come in order begin to differ in some key. */
export class ChangeFinder {
  readonly #encoders: readonly KeyEncoder[];
  #low: Int32Array[];
  #high: Int32Array[];
  #capacity = 0;
  /** The key of the last row seen, a word pair for each column. */
  readonly #last: Int32Array;
  #isFirst = true;

  constructor(types: readonly SqlType[]) {
    this.#encoders = types.map((type) => new KeyEncoder(type));
    this.#low = [];
    this.#high = [];
    this.#last = new Int32Array(types.length * 2);
  }

  /** Calls the first row of all, and each that differs from the one before it; writes their numbers, gives their count. */
  find(keys: readonly Column[], rowCount: number, changes: Uint32Array): number {
    if (rowCount === 0) return 0;
    this.#encode(keys, rowCount);
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      const isChange = row === 0 ? this.#isFirst || this.#differsFromLast() : this.#differsFromBefore(row);
      if (isChange) changes[count++] = row;
    }
    this.#keepLast(rowCount - 1);
    return count;
  }

  #encode(keys: readonly Column[], rowCount: number): void {
    if (this.#capacity < rowCount) {
      this.#capacity = rowCount;
      this.#low = keys.map(() => new Int32Array(rowCount));
      this.#high = keys.map(() => new Int32Array(rowCount));
    }
    for (let key = 0; key < keys.length; key++) {
      this.#encoders[key].encode(keys[key], rowCount, this.#low[key], this.#high[key]);
    }
  }

  #differsFromBefore(row: number): boolean {
    for (let key = 0; key < this.#encoders.length; key++) {
      const low = this.#low[key];
      const high = this.#high[key];
      if (low[row] !== low[row - 1] || high[row] !== high[row - 1]) return true;
    }
    return false;
  }

  #differsFromLast(): boolean {
    for (let key = 0; key < this.#encoders.length; key++) {
      if (this.#low[key][0] !== this.#last[2 * key] || this.#high[key][0] !== this.#last[2 * key + 1]) return true;
    }
    return false;
  }

  #keepLast(row: number): void {
    this.#isFirst = false;
    for (let key = 0; key < this.#encoders.length; key++) {
      this.#last[2 * key] = this.#low[key][row];
      this.#last[2 * key + 1] = this.#high[key][row];
    }
  }
}

/**
 * Whole partitions, by the rows at which they begin (the first at 0) and the rows at which peers change, which are among
 * them all beginnings of partitions. Frames are filled in later.
 */
export async function windowRun(
  rowCount: number,
  partitions: Uint32Array,
  peers: Uint32Array,
  exclusion: WindowRows['exclusion'],
  control: StatementControl,
): Promise<WindowRows> {
  const run: WindowRows = {
    rowCount,
    partitionStart: new Uint32Array(rowCount),
    partitionEnd: new Uint32Array(rowCount),
    peerStart: new Uint32Array(rowCount),
    peerEnd: new Uint32Array(rowCount),
    peerGroup: new Uint32Array(rowCount),
    frameStart: new Uint32Array(rowCount),
    frameEnd: new Uint32Array(rowCount),
    exclusion,
  };
  await inChunks(partitions.length, control, (from, to) => {
    for (let at = from; at < to; at++) {
      const start = partitions[at];
      const end = at + 1 < partitions.length ? partitions[at + 1] : rowCount;
      run.partitionStart.fill(start, start, end);
      run.partitionEnd.fill(end, start, end);
    }
  });
  let group = 0;
  await inChunks(peers.length, control, (from, to) => {
    for (let at = from; at < to; at++) {
      const start = peers[at];
      const end = at + 1 < peers.length ? peers[at + 1] : rowCount;
      group = start === run.partitionStart[start] ? 0 : group + 1;
      run.peerStart.fill(start, start, end);
      run.peerEnd.fill(end, start, end);
      run.peerGroup.fill(group, start, end);
    }
  });
  return run;
}
