import type { Column } from '../../columnar/column.ts';
import { gatherColumn, sliceColumn } from '../../columnar/copy-rows.ts';
import { lowerBoundOf } from '../binary-search.ts';
import type { PinnedColumn } from '../cache/pinned-column.ts';
import { type DeletedView, hides } from '../deletes/deleted-names.ts';
import { MissingColumns } from '../missing-value.ts';
import { FULL_ROW, REMAINDER, ROW_ID } from '../segment/hidden-columns.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import { timeKeysOf } from '../time-key.ts';
import type { SortedRows } from './sorted-rows.ts';

/** Some rows of one piece of a run, in memory: sorted, with the columns asked for. */
export class Stretch {
  readonly rowCount: number;
  /** Row number of the first one in its segment; the others follow it unless deleted rows were left out. */
  readonly firstRow: number;
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
    firstRow = 0,
  ) {
    this.rowCount = keys.times.length;
    this.firstRow = firstRow;
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
  sorted: SortedRows,
  rows: { readonly from: number; readonly to: number },
  columnNumbers: readonly number[],
  missing = MissingColumns.none,
): StretchSource {
  let at = rows.from;
  return {
    async next() {
      if (at >= rows.to) return undefined;
      const from = at;
      at = Math.min(from + STRETCH_ROWS, rows.to);
      return memtableStretch(sorted, { from, to: at }, { columnNumbers, missing });
    },
  };
}

function memtableStretch(
  { memtable, permutation }: SortedRows,
  { from, to }: { from: number; to: number },
  { columnNumbers, missing }: { columnNumbers: readonly number[]; missing: MissingColumns },
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
  const columns = columnNumbers.map(
    (number) =>
      memtable.gather(number, permutation.rows, from, to) ?? missing.column(number, memtable.schemaVersion, to - from),
  );
  return new Stretch({ times, fractions, partial }, columns, []);
}

/** Rows of a segment that its reader is not to see. */
export interface HiddenRows {
  /** Deleted ones, ascending. */
  readonly dead: Uint32Array;
  /** Those that the reader's own transaction has deleted, by key or row id. */
  readonly own: { readonly view: DeletedView; readonly seriesId: number; readonly hasRowIds: boolean } | undefined;
}

/**
 * Rows `from` to `to` of a segment, unit by unit. Units for which `isWanted` is false are left out unread, and so are
 * hidden rows.
 */
export function segmentStretches(
  segment: SegmentReader,
  rows: { readonly from: number; readonly to: number },
  columnNumbers: readonly number[],
  isWanted: (unit: number) => boolean,
  options: { readonly hidden?: HiddenRows | undefined; readonly missing?: MissingColumns } = {},
): StretchSource {
  const { hidden, missing = MissingColumns.none } = options;
  let at = rows.from;
  return {
    async next() {
      while (at < rows.to) {
        const unit = segment.unitOfRow(at);
        const from = at;
        at = Math.min(segment.unitStarts[unit + 1], rows.to);
        if (!isWanted(unit)) continue;
        const stretch = await segmentStretch(segment, unit, { from, to: at }, { columnNumbers, hidden, missing });
        if (stretch !== undefined) return stretch;
      }
      return undefined;
    },
  };
}

/** These rows of a segment, ascending, and no others. */
export function pickedStretches(
  segment: SegmentReader,
  rows: Uint32Array,
  columnNumbers: readonly number[],
  missing: MissingColumns,
): StretchSource {
  let at = 0;
  return {
    async next() {
      if (at === rows.length) return undefined;
      const first = rows[at];
      const unit = segment.unitOfRow(first);
      const end = lowerBoundOf(rows, segment.unitStarts[unit + 1], at);
      const picked = rows.slice(at, end);
      for (let index = 0; index < picked.length; index++) picked[index] -= first;
      at = end;
      return segmentStretch(
        segment,
        unit,
        { from: first, to: rows[end - 1] + 1 },
        { columnNumbers, hidden: undefined, picked, missing },
      );
    },
  };
}

async function segmentStretch(
  segment: SegmentReader,
  unit: number,
  rows: { from: number; to: number },
  {
    columnNumbers,
    hidden,
    picked,
    missing,
  }: {
    readonly columnNumbers: readonly number[];
    readonly hidden: HiddenRows | undefined;
    /** Counted from the first of the rows. */
    readonly picked?: Uint32Array;
    readonly missing: MissingColumns;
  },
): Promise<Stretch | undefined> {
  const from = rows.from - segment.unitStarts[unit];
  const to = rows.to - segment.unitStarts[unit];
  const pins: PinnedColumn[] = [];
  const read = async (number: number): Promise<Column | undefined> => {
    if (!segment.hasColumn(number)) return undefined;
    const pending = segment.readUnit(number, unit);
    const pin = pending instanceof Promise ? await pending : pending;
    pins.push(pin);
    return sliceColumn(pin.column, from, to);
  };
  const release = (): void => {
    for (const pin of pins) pin.release();
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
    const rowIds = hidden?.own?.hasRowIds === true ? await read(ROW_ID) : undefined;
    const columns: (Column | undefined)[] = [];
    for (const number of columnNumbers) {
      columns.push((await read(number)) ?? missing.column(number, segment.header.schemaVersion, to - from));
    }
    const live = hidden === undefined ? picked : liveRows(rows, hidden, { times, fractions, rowIds });
    if (live === undefined) return new Stretch({ times, fractions, partial }, columns, pins, rows.from);
    // The rows that are left are copied, so that nothing has to stay pinned.
    const stretch =
      live.length === 0
        ? undefined
        : new Stretch(
            {
              times: Float64Array.from(live, (row) => times[row]),
              fractions: fractions === undefined ? undefined : Uint32Array.from(live, (row) => fractions[row]),
              partial: partial === undefined ? undefined : Uint8Array.from(live, (row) => partial[row]),
            },
            columns.map((column) => (column === undefined ? undefined : gatherColumn(column, live, live.length))),
            [],
            rows.from,
          );
    release();
    return stretch;
  } catch (error) {
    release();
    throw error;
  }
}

/** Which rows, counted from `from`, are not hidden; undefined = all. */
function liveRows(
  { from, to }: { from: number; to: number },
  { dead, own }: HiddenRows,
  keys: { times: Float64Array; fractions: Uint32Array | undefined; rowIds: Column | undefined },
): Uint32Array | undefined {
  const live = new Uint32Array(to - from);
  let count = 0;
  let nextDead = lowerBoundOf(dead, from);
  for (let row = 0; row < to - from; row++) {
    if (nextDead < dead.length && dead[nextDead] === from + row) {
      nextDead++;
      continue;
    }
    if (own !== undefined) {
      const fraction = keys.fractions === undefined ? 0 : keys.fractions[row];
      const rowId = keys.rowIds?.kind === 'number' ? keys.rowIds.values[row] : 0;
      if (hides(own.view, own.seriesId, keys.times[row], fraction, rowId)) continue;
    }
    live[count++] = row;
  }
  return count === to - from ? undefined : live.subarray(0, count);
}
