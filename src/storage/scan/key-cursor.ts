import type { RunPiece, ScanControl, ScanCounters } from '../../catalog/table.ts';
import type { PinnedColumn } from '../cache/pinned-column.ts';
import { REMAINDER } from '../segment/hidden-columns.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import { compareTimeKeys, timeKeyOf, timeKeysOf } from '../time-key.ts';
import type { ScanSource } from './run-directory.ts';
import type { RowOrder } from './sorted-rows.ts';

const NO_TIMES = new Float64Array(0);

/** Goes through the keys of one piece of a run in their order. Keys are known of a stretch of rows at a time. */
export abstract class KeyCursor {
  /** Where it stands; its key is known once `ready` has been called. */
  row: number;
  readonly end: number;
  protected times: Float64Array = NO_TIMES;
  protected fractions: Uint32Array | undefined;
  /** The row that `times` begins with, and the one behind those that it may be asked for. */
  protected stretchStart = 0;
  protected stretchEnd = 0;

  constructor({ from, to }: RunPiece) {
    this.row = from;
    this.end = to;
  }

  get isAtEnd(): boolean {
    return this.row >= this.end;
  }

  get time(): number {
    return this.times[this.row - this.stretchStart];
  }

  get fraction(): number {
    return this.fractions === undefined ? 0 : this.fractions[this.row - this.stretchStart];
  }

  /** A promise while keys are being read. */
  ready(): Promise<void> | undefined {
    return this.row < this.stretchEnd || this.isAtEnd ? undefined : this.load(Number.NEGATIVE_INFINITY);
  }

  /** Goes on to the first row whose key is not before this one. Then `ready`, unless it gives a promise. */
  seek(time: number, fraction: number): Promise<void> | undefined {
    for (;;) {
      if (this.row < this.stretchEnd) {
        this.row = this.#firstNotBefore(time, fraction);
        if (this.row < this.stretchEnd) return undefined;
      }
      if (this.isAtEnd) return undefined;
      const pending = this.load(time);
      if (pending !== undefined) return pending.then(() => this.seek(time, fraction));
    }
  }

  /** Goes on behind the rows of the key. */
  passKey(): void {
    const { time, fraction } = this;
    do this.row++;
    while (this.row < this.stretchEnd && this.time === time && this.fraction === fraction);
  }

  /** Lets go of what the keys lie in. */
  abstract close(): void;

  /** Makes the keys from `row` on known, of which it may pass over those that are before `time`. */
  protected abstract load(time: number): Promise<void> | undefined;

  /** Steps that double, then halves: mostly the next key is near. */
  #firstNotBefore(time: number, fraction: number): number {
    const { times, fractions, stretchStart } = this;
    const isBefore = (row: number): boolean => {
      const at = row - stretchStart;
      const order = times[at] - time;
      return order < 0 || (order === 0 && (fractions === undefined ? 0 : fractions[at]) < fraction);
    };
    let low = this.row;
    let high = low;
    for (let step = 1; high < this.stretchEnd && isBefore(high); step *= 2) {
      low = high + 1;
      high += step;
    }
    if (high > this.stretchEnd) high = this.stretchEnd;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function openKeys(source: ScanSource, piece: RunPiece, counters: ScanCounters): KeyCursor {
  if (source.kind === 'memtable') return new MemtableKeys(piece, source.permutation);
  return new SegmentKeys(piece, source.reader, counters);
}

/** Rows of two pieces with the same key: `from` to `to` (exclusive) of each, of which a memtable may have several. */
export type TakeCommonKey = (leftFrom: number, leftTo: number, rightFrom: number, rightTo: number) => void;

/** Keys that are compared before others may have a turn. */
const KEYS_PER_TURN = 4096;

export interface CommonKeySearch {
  /** Up to keys of this time. */
  readonly lastTime: number;
  readonly take: TakeCommonKey;
  readonly control: ScanControl;
}

/** Gives the keys that stand in both pieces, from where the cursors are. A promise while it waits. */
export function findCommonKeys(left: KeyCursor, right: KeyCursor, search: CommonKeySearch): Promise<void> | undefined {
  const { lastTime, take, control } = search;
  const goOn = (): Promise<void> | undefined => findCommonKeys(left, right, search);
  for (let untilTurn = KEYS_PER_TURN; ; untilTurn--) {
    const turn = untilTurn === 0 ? control.yieldIfDue() : undefined;
    if (turn !== undefined) return turn.then(goOn);
    if (untilTurn === 0) untilTurn = KEYS_PER_TURN;
    const pending = left.ready() ?? right.ready();
    if (pending !== undefined) return pending.then(goOn);
    if (left.isAtEnd || right.isAtEnd || left.time > lastTime || right.time > lastTime) return undefined;
    const order = compareTimeKeys(left.time, left.fraction, right.time, right.fraction);
    if (order === 0) {
      const leftFrom = left.row;
      const rightFrom = right.row;
      left.passKey();
      right.passKey();
      take(leftFrom, left.row, rightFrom, right.row);
      continue;
    }
    const seeking = order < 0 ? left.seek(right.time, right.fraction) : right.seek(left.time, left.fraction);
    if (seeking !== undefined) return seeking.then(goOn);
  }
}

/** Places of a sorted memtable. */
class MemtableKeys extends KeyCursor {
  constructor(piece: RunPiece, { times, fractions }: RowOrder) {
    super(piece);
    this.times = times;
    this.fractions = fractions;
    this.stretchEnd = piece.to;
  }

  close(): void {}

  protected load(): undefined {
    return undefined;
  }
}

/** Rows of a segment: keys are read unit by unit. */
class SegmentKeys extends KeyCursor {
  readonly #reader: SegmentReader;
  readonly #counters: ScanCounters;
  readonly #numbers: readonly number[];
  #pins: PinnedColumn[] = [];

  constructor(piece: RunPiece, reader: SegmentReader, counters: ScanCounters) {
    super(piece);
    this.#reader = reader;
    this.#counters = counters;
    const timeNumber = reader.header.sortColumnNumber;
    this.#numbers = reader.hasColumn(REMAINDER) ? [timeNumber, REMAINDER] : [timeNumber];
  }

  close(): void {
    for (const pin of this.#pins) pin.release();
    this.#pins = [];
    this.stretchEnd = 0;
  }

  protected load(time: number): Promise<void> | undefined {
    this.close();
    const { unitStarts } = this.#reader;
    const statistics = this.#reader.columnStatistics(this.#numbers[0]);
    let unit = this.#reader.unitOfRow(this.row);
    // What is known of a unit holds for the run where it has no rows of others.
    while (this.row === unitStarts[unit] && unitStarts[unit + 1] <= this.end) {
      const last = statistics.maxOf(unit);
      if ((typeof last === 'number' ? last : timeKeyOf(last).time) >= time) break;
      this.row = unitStarts[++unit];
      if (this.isAtEnd) return undefined;
    }
    return this.#open(unit);
  }

  #open(unit: number): Promise<void> | undefined {
    while (this.#pins.length < this.#numbers.length) {
      this.#counters.unitsRead++;
      const pinned = this.#reader.readUnit(this.#numbers[this.#pins.length], unit);
      if (pinned instanceof Promise) {
        return pinned.then((pin) => {
          this.#pins.push(pin);
          return this.#open(unit);
        });
      }
      this.#pins.push(pinned);
    }
    const [time, remainder] = this.#pins.map(({ column }) => column);
    const keys = timeKeysOf(time, remainder?.kind === 'number' ? Uint16Array.from(remainder.values) : undefined);
    this.times = keys.times;
    this.fractions = keys.fractions;
    this.stretchStart = this.#reader.unitStarts[unit];
    this.stretchEnd = Math.min(this.#reader.unitStarts[unit + 1], this.end);
    return undefined;
  }
}
