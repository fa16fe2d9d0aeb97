import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { gatherColumn, sliceColumn } from '../../columnar/copy-rows.ts';
import type { FunctionEnvironment } from '../../functions/environment.ts';
import type { Accumulator, AggregateFunction, FrameInput, WindowRows } from '../../functions/function-definition.ts';
import { FrameRanges } from '../../functions/window/frame-rows.ts';
import { SqlArray } from '../../types/sql-array.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { StatementControl } from '../statement-control.ts';
import { CHUNK_ROWS, inChunks } from './chunked.ts';
import { FrameTree } from './frame-tree.ts';

/** Rows of frames that are gathered and aggregated in one go. */
export const BATCH_ROWS = 32_768;
/** Frames that are longer on the average are not aggregated row by row. */
const LONG_FRAME_ROWS = 256;
/** An object and its place in an array. */
const VALUE_BYTES = 64;
/** Growing frames are aggregated from one to the next from this average on. */
const SHORT_GROWING_ROWS = 16;

/** An aggregate call over a run of rows whose frames are known. */
export interface FrameCall {
  readonly function: AggregateFunction;
  readonly argumentTypes: readonly TypeDefinition[];
  readonly resultType: TypeDefinition;
  readonly input: FrameInput;
  readonly environment: FunctionEnvironment;
  readonly control: StatementControl;
  /** Told of results that are large: texts and arrays, of which each may be as long as its frame. */
  readonly reserve: (sizeBytes: number) => void;
}

/** The result of an aggregate at each row of a run, over the row's frame. */
export async function aggregateFrames(call: FrameCall): Promise<Column> {
  const { rows } = call.input;
  const shape = shapeOf(rows);
  if (shape.isWholePartition) return overPartitions(call);
  const own = call.function.aggregateFrames?.(call.input, call.argumentTypes);
  if (own !== undefined) {
    await inChunks(rows.rowCount, call.control, (from, to) => own.prepare(from, to));
    await inChunks(rows.rowCount, call.control, (from, to) => own.fill(from, to));
    return own.finish();
  }
  const meanRows = shape.totalRows / Math.max(rows.rowCount, 1);
  if (shape.isGrowing && meanRows > SHORT_GROWING_ROWS) return overGrowingFrames(call);
  if (meanRows > LONG_FRAME_ROWS && call.function.isCollecting !== true) return new FrameTree(call).results();
  return overShortFrames(call);
}

interface FrameShape {
  readonly isWholePartition: boolean;
  /** All frames begin with their partition. */
  readonly isGrowing: boolean;
  readonly totalRows: number;
}

function shapeOf(rows: WindowRows): FrameShape {
  let isWholePartition = rows.exclusion === 'none';
  let isGrowing = rows.exclusion === 'none';
  let totalRows = 0;
  for (let row = 0; row < rows.rowCount; row++) {
    const start = rows.frameStart[row];
    const end = rows.frameEnd[row];
    totalRows += end - start;
    if (start !== rows.partitionStart[row]) {
      isGrowing = false;
      isWholePartition = false;
    } else if (end !== rows.partitionEnd[row]) isWholePartition = false;
  }
  return { isWholePartition, isGrowing, totalRows };
}

/** One result a partition. */
async function overPartitions(call: FrameCall): Promise<Column> {
  const { control } = call;
  const { rows, inputs, live } = call.input;
  const accumulator = newAccumulator(call);
  const partitions = new Uint32Array(rows.rowCount);
  let count = 0;
  await inChunks(rows.rowCount, control, (from, to) => {
    for (let row = from; row < to; row++) {
      if (row === rows.partitionStart[row]) count++;
      partitions[row] = count - 1;
    }
    accumulator.reserve(count);
    addRange(accumulator, inputs, partitions.subarray(from, to), live, from, to);
  });
  return gatherColumn(accumulator.results(count), partitions, rows.rowCount);
}

export function newAccumulator({ function: callee, argumentTypes, environment }: FrameCall): Accumulator {
  return callee.createAccumulator(argumentTypes, environment);
}

/** Adds rows `from` to `to`. */
export function addRange(
  accumulator: Accumulator,
  inputs: readonly Column[],
  groups: Uint32Array,
  live: Uint8Array | undefined,
  from: number,
  to: number,
): void {
  accumulator.update(
    inputs.map((column) => sliceColumn(column, from, to)),
    groups,
    to - from,
    live?.subarray(from, to),
  );
}

/** Frames that only grow: one state a partition, looked at whenever a row's frame ends. */
async function overGrowingFrames(call: FrameCall): Promise<Column> {
  const { resultType, input, control } = call;
  const { rows, inputs, live } = input;
  const results = new ColumnBuilder(resultType.representation, { capacity: rows.rowCount });
  const group = new Uint32Array(CHUNK_ROWS);
  let accumulator = newAccumulator(call);
  let result = emptyResult(accumulator);
  let end = 0;
  for (let row = 0; row < rows.rowCount; row++) {
    if (row === rows.partitionStart[row]) {
      accumulator = newAccumulator(call);
      result = emptyResult(accumulator);
      end = row;
    }
    if (end < rows.frameEnd[row]) {
      while (end < rows.frameEnd[row]) {
        const to = Math.min(end + CHUNK_ROWS, rows.frameEnd[row]);
        addRange(accumulator, inputs, group, live, end, to);
        end = to;
        const turn = control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
      result = accumulator.results(1);
      if (call.function.isCollecting === true) call.reserve(sizeOf(result, 1));
    }
    results.push(valueAt(result, 0));
    if (row % 64 === 0) {
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  }
  return results.finish();
}

function emptyResult(accumulator: Accumulator): Column {
  accumulator.reserve(1);
  return accumulator.results(1);
}

/** Each frame anew, many of them in one go: rows of the run's columns are gathered frame behind frame. */
async function overShortFrames(call: FrameCall): Promise<Column> {
  const { resultType, input, control } = call;
  const { rows, live } = input;
  const results = new ColumnBuilder(resultType.representation, { capacity: rows.rowCount });
  const gatherer = new FrameGatherer(input);
  const ranges = new FrameRanges();
  let row = 0;
  while (row < rows.rowCount) {
    const accumulator = newAccumulator(call);
    const first = row;
    let total = 0;
    while (row < rows.rowCount && row - first < CHUNK_ROWS && total < BATCH_ROWS) {
      const group = row - first;
      accumulator.reserve(group + 1);
      total += ranges.set(rows, row);
      for (let range = 0; range < ranges.count; range++) {
        for (let at = ranges.starts[range]; at < ranges.ends[range]; at++) {
          if (live !== undefined && live[at] === 0) continue;
          if (gatherer.isFull) gatherer.flush(accumulator);
          gatherer.add(at, group);
        }
      }
      row++;
    }
    gatherer.flush(accumulator);
    const count = row - first;
    const column = accumulator.results(count);
    if (call.function.isCollecting === true) call.reserve(sizeOf(column, count));
    results.pushRange(column, 0, count);
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  return results.finish();
}

/** Roughly what collected values hold in memory. */
function sizeOf(column: Column, rowCount: number): number {
  let sizeBytes = 0;
  for (let row = 0; row < rowCount; row++) {
    const value = valueAt(column, row);
    if (typeof value === 'string') sizeBytes += value.length * 2;
    else if (value instanceof SqlArray) sizeBytes += value.elements.length * 16;
    else if (value instanceof Uint8Array) sizeBytes += value.length;
    sizeBytes += VALUE_BYTES;
  }
  return sizeBytes;
}

/** Rows on their way into an accumulator, each with its group. */
export class FrameGatherer {
  readonly #inputs: readonly Column[];
  readonly #rows = new Uint32Array(BATCH_ROWS);
  readonly #groups = new Uint32Array(BATCH_ROWS);
  #count = 0;

  constructor({ inputs }: Pick<FrameInput, 'inputs'>) {
    this.#inputs = inputs;
  }

  get isFull(): boolean {
    return this.#count === BATCH_ROWS;
  }

  add(row: number, group: number): void {
    this.#rows[this.#count] = row;
    this.#groups[this.#count++] = group;
  }

  flush(accumulator: Accumulator): void {
    if (this.#count === 0) return;
    accumulator.update(
      this.#inputs.map((column) => gatherColumn(column, this.#rows, this.#count)),
      this.#groups,
      this.#count,
    );
    this.#count = 0;
  }
}
