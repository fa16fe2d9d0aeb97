import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import type { Accumulator } from '../../functions/function-definition.ts';
import { FrameRanges } from '../../functions/window/frame-rows.ts';
import { CHUNK_ROWS } from './chunked.ts';
import { addRange, BATCH_ROWS, type FrameCall, newAccumulator } from './frame-aggregates.ts';

/** Rows of a block of the first level, and blocks of a block of the next. */
const FANOUT = 16;
const LEVEL_BITS = 4;

/** The states of the blocks of one level: block b of level l is over the rows from b * 16^l to (b + 1) * 16^l. */
interface Level {
  readonly states: readonly Column[];
  readonly blockCount: number;
}

/**
 * Aggregates of long frames: those of blocks of rows are made once, then blocks of blocks, and a frame is put together
 * of the few blocks that fill it and the rows at its ends. Takes n log n for n frames, however long they are. For
 * aggregates to which the order of rows makes no difference, but for their last digits.
 */
export class FrameTree {
  readonly #call: FrameCall;
  readonly #levels: Level[] = [];
  /** For each level, the rows (level 0) or blocks that are to be added. */
  readonly #pending: PendingParts[] = [];

  constructor(call: FrameCall) {
    this.#call = call;
  }

  async results(): Promise<Column> {
    await this.#build();
    for (let level = 0; level <= this.#levels.length; level++) this.#pending.push(new PendingParts());
    const { rows } = this.#call.input;
    const results = new ColumnBuilder(this.#call.resultType.representation, { capacity: rows.rowCount });
    const ranges = new FrameRanges();
    let row = 0;
    while (row < rows.rowCount) {
      const accumulator = newAccumulator(this.#call);
      const first = row;
      const last = Math.min(row + CHUNK_ROWS / FANOUT, rows.rowCount);
      accumulator.reserve(last - first);
      for (; row < last; row++) {
        ranges.set(rows, row);
        for (let range = 0; range < ranges.count; range++) {
          this.#add(accumulator, row - first, ranges.starts[range], ranges.ends[range]);
        }
      }
      for (let level = 0; level < this.#pending.length; level++) this.#flush(accumulator, level);
      results.pushRange(accumulator.results(last - first), 0, last - first);
      await this.#turn();
    }
    return results.finish();
  }

  async #build(): Promise<void> {
    const { rows, inputs, live } = this.#call.input;
    let blockCount = rows.rowCount >> LEVEL_BITS;
    if (blockCount === 0) return;
    let accumulator = newAccumulator(this.#call);
    accumulator.reserve(blockCount);
    const groups = new Uint32Array(CHUNK_ROWS);
    for (let from = 0; from < blockCount * FANOUT; from += CHUNK_ROWS) {
      const to = Math.min(from + CHUNK_ROWS, blockCount * FANOUT);
      for (let at = from; at < to; at++) groups[at - from] = at >> LEVEL_BITS;
      addRange(accumulator, inputs, groups, live, from, to);
      await this.#turn();
    }
    this.#levels.push({ states: accumulator.partialStates(blockCount), blockCount });
    while (blockCount >= FANOUT * 2) {
      const { states, blockCount: parts } = this.#levels[this.#levels.length - 1];
      blockCount = parts >> LEVEL_BITS;
      accumulator = newAccumulator(this.#call);
      accumulator.reserve(blockCount);
      const parents = Uint32Array.from({ length: blockCount * FANOUT }, (_, part) => part >> LEVEL_BITS);
      accumulator.merge(states, parents, parents.length);
      this.#levels.push({ states: accumulator.partialStates(blockCount), blockCount });
      await this.#turn();
    }
  }

  /** Rows `start` to `end` in as few parts as there are. */
  #add(accumulator: Accumulator, group: number, start: number, end: number): void {
    let at = start;
    while (at < end) {
      let level = 0;
      let size = 1;
      // The largest block that begins here and does not pass the end.
      while (level < this.#levels.length) {
        const larger = size * FANOUT;
        if (at % larger !== 0 || at + larger > end || at / larger >= this.#levels[level].blockCount) break;
        level++;
        size = larger;
      }
      const pending = this.#pending[level];
      if (pending.isFull) this.#flush(accumulator, level);
      pending.add(at / size, group);
      at += size;
    }
  }

  #flush(accumulator: Accumulator, level: number): void {
    const { count, parts, groups } = this.#pending[level];
    if (count === 0) return;
    const { inputs, live } = this.#call.input;
    const gathered = (columns: readonly Column[]): Column[] =>
      columns.map((column) => gatherColumn(column, parts, count));
    if (level > 0) accumulator.merge(gathered(this.#levels[level - 1].states), groups, count);
    else {
      const filter = live === undefined ? undefined : Uint8Array.from({ length: count }, (_, at) => live[parts[at]]);
      accumulator.update(gathered(inputs), groups, count, filter);
    }
    this.#pending[level].clear();
  }

  async #turn(): Promise<void> {
    const turn = this.#call.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}

/** Parts of one level that are added together, each with its group. */
class PendingParts {
  readonly parts = new Uint32Array(BATCH_ROWS);
  readonly groups = new Uint32Array(BATCH_ROWS);
  count = 0;

  get isFull(): boolean {
    return this.count === BATCH_ROWS;
  }

  add(part: number, group: number): void {
    this.parts[this.count] = part;
    this.groups[this.count++] = group;
  }

  clear(): void {
    this.count = 0;
  }
}
