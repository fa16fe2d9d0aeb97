import type { ScanControl } from '../../catalog/table.ts';
import type { Column, NumberColumn } from '../../columnar/column.ts';
import type { MemoryAccount } from '../memory-account.ts';
import { countFirstDigits, DIGITS, MAX_DIRECT, uncountFirstDigits } from './select-ranks.ts';

const FIRST_CHUNK = 1024;
const MAX_CHUNK = 1 << 15;
const BATCH_ROWS = 256;
/** A value, its copy when groups are brought together, and its copy when it is one of those of interest. */
const VALUE_BYTES = 3 * Float64Array.BYTES_PER_ELEMENT;
const GROUP_BYTES = Uint32Array.BYTES_PER_ELEMENT;

interface Chunk {
  readonly values: Float64Array;
  readonly words: Int32Array;
  /** undefined: all are of group 0. */
  readonly groups: Uint32Array | undefined;
  count: number;
}

/** The numbers of groups, in the order in which they came. NULLs are left out; NaNs are only counted. */
export class GroupedNumbers {
  readonly #memory: MemoryAccount;
  #reservedBytes = 0;
  #chunks: Chunk[] = [];
  readonly #nanCounts = new Map<number, number>();
  /** Of values of one group that are more than a few, how many have each first digit. */
  #digits: Int32Array | undefined;
  #valueCount = 0;
  /** Once arranged: group behind group, and where each begins. */
  #arranged: { readonly values: Float64Array; readonly starts: Float64Array } | undefined;

  constructor(memory: MemoryAccount) {
    this.#memory = memory;
  }

  /** False, and nothing is kept, when there is no memory for the rows. Row i is of group `groups[i]` of `groupCount`. */
  add({ values, validity }: NumberColumn, groups: Uint32Array, rowCount: number, groupCount: number): boolean {
    const isGrouped = groupCount > 1;
    let last = this.#chunks[this.#chunks.length - 1];
    const hasRoom =
      last !== undefined && last.count + rowCount <= last.values.length && (!isGrouped || last.groups !== undefined);
    if (!hasRoom) {
      const size = Math.max(Math.min(last === undefined ? FIRST_CHUNK : last.values.length * 2, MAX_CHUNK), rowCount);
      const sizeBytes = size * (VALUE_BYTES + GROUP_BYTES);
      if (!this.#memory.tryReserve(sizeBytes)) return false;
      this.#reservedBytes += sizeBytes;
      const chunkValues = new Float64Array(size);
      const words = new Int32Array(chunkValues.buffer);
      last = { values: chunkValues, words, groups: isGrouped ? new Uint32Array(size) : undefined, count: 0 };
      this.#chunks.push(last);
    }
    const first = last.count;
    let nanCount = 0;
    if (isGrouped) this.#digits = undefined;
    else if (last.groups === undefined && validity === undefined && this.#takeAll(last, values, rowCount)) return true;
    if (last.groups !== undefined) {
      const { values: target, groups: targetGroups } = last;
      let at = first;
      for (let row = 0; row < rowCount; row++) {
        if (validity !== undefined && validity[row] === 0) continue;
        const value = values[row];
        if (value !== value) {
          this.#countNaN(groups[row]);
          continue;
        }
        target[at] = value;
        targetGroups[at++] = groups[row];
      }
      last.count = at;
      return true;
    }
    const { values: target } = last;
    let at = first;
    for (let row = 0; row < rowCount; row++) {
      if (validity !== undefined && validity[row] === 0) continue;
      const value = values[row];
      // What is no number is overwritten by the next one.
      target[at] = value;
      if (value === value) at++;
      else nanCount++;
    }
    last.count = at;
    this.#valueCount += at - first;
    if (this.#digits !== undefined) countFirstDigits(last.words, first, at, this.#digits);
    if (nanCount > 0) this.#nanCounts.set(0, (this.#nanCounts.get(0) ?? 0) + nanCount);
    return true;
  }

  /** Brings the numbers of each group together; in between others have their turns. Nothing can be added afterwards. */
  async arrange(groupCount: number, control: ScanControl): Promise<void> {
    if (this.#arranged !== undefined || groupCount <= 1) return;
    const starts = new Float64Array(groupCount + 1);
    for (const { groups, count } of this.#chunks) {
      for (let at = 0; at < count; at++) starts[(groups === undefined ? 0 : groups[at]) + 1]++;
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    for (let group = 0; group < groupCount; group++) starts[group + 1] += starts[group];
    const values = new Float64Array(starts[groupCount]);
    const next = starts.slice();
    for (const chunk of this.#chunks) {
      for (let at = 0; at < chunk.count; at++) {
        values[next[chunk.groups === undefined ? 0 : chunk.groups[at]]++] = chunk.values[at];
      }
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    this.#chunks = [];
    this.#arranged = { values, starts };
  }

  /** The numbers of a group, once they are arranged. */
  partsOf(group: number): readonly Float64Array[] {
    if (this.#arranged === undefined) return this.#chunks.map(({ values, count }) => values.subarray(0, count));
    const { values, starts } = this.#arranged;
    const parts: Float64Array[] = [];
    for (let from = starts[group]; from < starts[group + 1]; from += MAX_CHUNK) {
      parts.push(values.subarray(from, Math.min(from + MAX_CHUNK, starts[group + 1])));
    }
    return parts;
  }

  /** How many of the numbers of the one group have each first digit, as far as that is known: see `selectRanks`. */
  get firstDigits(): Int32Array | undefined {
    return this.#digits;
  }

  nanCountOf(group: number): number {
    return this.#nanCounts.get(group) ?? 0;
  }

  /** All rows that were added and are not NULL, as long as they are not arranged. */
  *batches(): Generator<{ readonly groups: Uint32Array; readonly column: Column; readonly rowCount: number }> {
    for (const { values, groups = new Uint32Array(values.length), count } of this.#chunks) {
      for (let from = 0; from < count; from += BATCH_ROWS) {
        const to = Math.min(from + BATCH_ROWS, count);
        const column: Column = { kind: 'number', values: values.subarray(from, to), validity: undefined };
        yield { groups: groups.subarray(from, to), column, rowCount: to - from };
      }
    }
    const values = new Float64Array(BATCH_ROWS).fill(Number.NaN);
    const column: Column = { kind: 'number', values, validity: undefined };
    for (const [group, count] of this.#nanCounts) {
      const groups = new Uint32Array(BATCH_ROWS).fill(group);
      for (let left = count; left > 0; left -= BATCH_ROWS) {
        yield { groups, column, rowCount: Math.min(left, BATCH_ROWS) };
      }
    }
  }

  release(): void {
    this.#memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }

  /** Copies numbers of which none is NULL in one go; false, and none was taken, where one is NaN or infinite. */
  #takeAll(chunk: Chunk, values: Float64Array, rowCount: number): boolean {
    const from = chunk.count;
    const to = from + rowCount;
    if (this.#digits === undefined && !this.#countDigits()) return false;
    chunk.values.set(values.subarray(0, rowCount), from);
    if (countFirstDigits(chunk.words, from, to, this.#digits!) > 0) {
      uncountFirstDigits(chunk.words, from, to, this.#digits!);
      return false;
    }
    chunk.count = to;
    this.#valueCount += rowCount;
    return true;
  }

  /** Begins to count digits, with the numbers that are there; false where these are too few or not all of one group. */
  #countDigits(): boolean {
    if (this.#valueCount < MAX_DIRECT || this.#chunks.some(({ groups }) => groups !== undefined)) return false;
    const sizeBytes = DIGITS * Int32Array.BYTES_PER_ELEMENT;
    if (!this.#memory.tryReserve(sizeBytes)) return false;
    this.#reservedBytes += sizeBytes;
    this.#digits = new Int32Array(DIGITS);
    for (const { words, count } of this.#chunks) countFirstDigits(words, 0, count, this.#digits);
    return true;
  }

  #countNaN(group: number): void {
    this.#nanCounts.set(group, (this.#nanCounts.get(group) ?? 0) + 1);
  }
}
