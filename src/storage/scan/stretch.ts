import type { Column } from '../../columnar/column.ts';
import { sliceColumn } from '../../columnar/copy-rows.ts';
import type { PinnedColumn } from '../cache/pinned-column.ts';
import type { Memtable } from '../memtable/memtable.ts';
import type { SortPermutation } from '../memtable/sort-permutation.ts';
import { FULL_ROW, REMAINDER } from '../segment/hidden-columns.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import { timeKeysOf } from '../time-key.ts';

/** Some rows of one piece of a run, in memory: sorted, with the columns asked for. */
export class Stretch {
  readonly rowCount: number;
  readonly times: Float64Array;
  readonly fractions: Uint32Array | undefined;
  /** 1 = partial row; undefined when all rows are full. */
  readonly partial: Uint8Array | undefined;
  /** In the order of the column numbers asked for; undefined = all NULL. */
  readonly columns: readonly (Column | undefined)[];
  readonly #pins: readonly PinnedColumn[];
  #holders = 1;

  constructor(
    keys: { times: Float64Array; fractions: Uint32Array | undefined; partial: Uint8Array | undefined },
    columns: readonly (Column | undefined)[],
    pins: readonly PinnedColumn[],
  ) {
    this.rowCount = keys.times.length;
    this.times = keys.times;
    this.fractions = keys.fractions;
    this.partial = keys.partial;
    this.columns = columns;
    this.#pins = pins;
  }

  /** One more `release` is to come. */
  retain(): void {
    this.#holders++;
  }

  release(): void {
    if (--this.#holders === 0) for (const pin of this.#pins) pin.release();
  }
}

/** The stretches of one piece, in order; undefined after the last. */
export interface StretchSource {
  next(): Promise<Stretch | undefined>;
}

const STRETCH_ROWS = 1024;

/** Rows `from` to `to` of a sorted memtable. */
export function memtableStretches(
  memtable: Memtable,
  permutation: SortPermutation,
  rows: { readonly from: number; readonly to: number },
  columnNumbers: readonly number[],
): StretchSource {
  let at = rows.from;
  return {
    async next() {
      if (at >= rows.to) return undefined;
      const from = at;
      at = Math.min(from + STRETCH_ROWS, rows.to);
      return memtableStretch(memtable, permutation, { from, to: at }, columnNumbers);
    },
  };
}

function memtableStretch(
  memtable: Memtable,
  permutation: SortPermutation,
  { from, to }: { from: number; to: number },
  columnNumbers: readonly number[],
): Stretch {
  let partial: Uint8Array | undefined;
  if (memtable.hasPartialRows) {
    partial = new Uint8Array(to - from);
    for (let index = from; index < to; index++) {
      if (memtable.isPartialAt(permutation.rows[index])) partial[index - from] = 1;
    }
  }
  const times = permutation.times.subarray(from, to);
  const fractions = permutation.fractions?.subarray(from, to);
  const columns = columnNumbers.map((number) => memtable.gather(number, permutation.rows, from, to));
  return new Stretch({ times, fractions, partial }, columns, []);
}

/** Rows `from` to `to` of a segment, unit by unit. Units for which `isWanted` is false are left out unread. */
export function segmentStretches(
  segment: SegmentReader,
  rows: { readonly from: number; readonly to: number },
  columnNumbers: readonly number[],
  isWanted: (unit: number) => boolean,
): StretchSource {
  let at = rows.from;
  return {
    async next() {
      while (at < rows.to) {
        const unit = segment.unitOfRow(at);
        const unitStart = segment.unitStarts[unit];
        const from = at;
        at = Math.min(segment.unitStarts[unit + 1], rows.to);
        if (isWanted(unit)) {
          return segmentStretch(segment, unit, { from: from - unitStart, to: at - unitStart }, columnNumbers);
        }
      }
      return undefined;
    },
  };
}

async function segmentStretch(
  segment: SegmentReader,
  unit: number,
  { from, to }: { from: number; to: number },
  columnNumbers: readonly number[],
): Promise<Stretch> {
  const pins: PinnedColumn[] = [];
  const read = async (number: number): Promise<Column | undefined> => {
    if (!segment.hasColumn(number)) return undefined;
    const pending = segment.readUnit(number, unit);
    const pin = pending instanceof Promise ? await pending : pending;
    pins.push(pin);
    return sliceColumn(pin.column, from, to);
  };
  try {
    const time = (await read(segment.header.sortColumnNumber))!;
    const remainder = await read(REMAINDER);
    const { times, fractions } = timeKeysOf(
      time,
      remainder?.kind === 'number' ? Uint16Array.from(remainder.values) : undefined,
    );
    const fullRow = await read(FULL_ROW);
    const partial = fullRow?.kind === 'boolean' ? fullRow.values.map((isFull) => 1 - isFull) : undefined;
    const columns: (Column | undefined)[] = [];
    for (const number of columnNumbers) columns.push(await read(number));
    return new Stretch({ times, fractions, partial }, columns, pins);
  } catch (error) {
    for (const pin of pins) pin.release();
    throw error;
  }
}
