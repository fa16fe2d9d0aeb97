import type { Column } from '../../columnar/column.ts';
import { gatherColumn, sliceColumn } from '../../columnar/copy-rows.ts';
import { lowerBoundOf } from '../binary-search.ts';
import { MissingColumns } from '../missing-value.ts';
import { Stretch, type StretchSource } from '../scan/stretch.ts';
import { FULL_ROW, REMAINDER } from '../segment/hidden-columns.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import { type TimeKeys, timeKeysOf } from '../time-key.ts';
import { type CompactionPace, Work } from './compaction-pace.ts';
import { inputError } from './unreadable-input.ts';

/** Rows `from` to `to` of a segment. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

interface UnitKeys extends TimeKeys {
  /** 1 = partial row; undefined when all rows are full. */
  readonly partial: Uint8Array | undefined;
}

/**
 * One input of a merge, read from front to back: a unit is decoded once, however many series lie in it, and forgotten
 * when the next one is. The reader must have no cache: then a column that was handed out stays as it is.
 */
export class SegmentCursor {
  readonly reader: SegmentReader;
  /** What is read; first what `slice` and `gather` are asked for. */
  readonly #numbers: readonly number[];
  readonly #pace: CompactionPace;
  readonly #missing: MissingColumns;
  readonly #sortAt: number;
  readonly #remainderAt: number;
  readonly #fullRowAt: number;
  #unitStart = 0;
  #unitEnd = 0;
  #columns: readonly (Column | undefined)[] = [];
  /** Of the open unit, once they are asked for. */
  #keys: UnitKeys | undefined;

  /** `numbers`: of columns, the sort column among them; the segment may lack others. */
  constructor(reader: SegmentReader, numbers: readonly number[], pace: CompactionPace, missing = MissingColumns.none) {
    this.reader = reader;
    this.#missing = missing;
    // Where partial rows become full ones the mark is not written, and decides all the same.
    this.#numbers = numbers.includes(FULL_ROW) ? numbers : [...numbers, FULL_ROW];
    this.#pace = pace;
    this.#sortAt = numbers.indexOf(reader.header.sortColumnNumber);
    this.#remainderAt = numbers.indexOf(REMAINDER);
    this.#fullRowAt = this.#numbers.indexOf(FULL_ROW);
  }

  /** Where the unit that is open ends. */
  get unitEnd(): number {
    return this.#unitEnd;
  }

  /** Opens the unit of a row, which must not lie before those that were opened; a promise unless it is open. */
  open(row: number): Promise<void> | undefined {
    if (row >= this.#unitStart && row < this.#unitEnd) return undefined;
    return this.#load(this.reader.unitOfRow(row));
  }

  /** Rows of the open unit; undefined where the segment lacks the column. */
  slice(index: number, { from, to }: RowRange): Column | undefined {
    const column = this.#columns[index];
    if (column === undefined || (from === this.#unitStart && to === this.#unitEnd)) return column;
    return sliceColumn(column, from - this.#unitStart, to - this.#unitStart);
  }

  /** The first `count` of `rows`, which count from the start of the open unit. */
  gather(index: number, rows: Uint32Array, count: number): Column | undefined {
    const column = this.#columns[index];
    return column === undefined ? undefined : gatherColumn(column, rows, count);
  }

  rowInUnit(row: number): number {
    return row - this.#unitStart;
  }

  /** Rows for a merge by time, less the `dead` ones, with the columns at `indexes`. */
  stretches({ from, to }: RowRange, dead: Uint32Array, indexes: readonly number[]): StretchSource {
    let at = from;
    return {
      next: async () => {
        while (at < to) {
          const opening = this.open(at);
          if (opening !== undefined) await opening;
          const part = { from: at, to: Math.min(to, this.#unitEnd) };
          at = part.to;
          const stretch = this.#stretch(part, dead, indexes);
          if (stretch !== undefined) return stretch;
        }
        return undefined;
      },
    };
  }

  #stretch(rows: RowRange, dead: Uint32Array, indexes: readonly number[]): Stretch | undefined {
    const from = rows.from - this.#unitStart;
    const to = rows.to - this.#unitStart;
    this.#keys ??= this.#unitKeys();
    const { times, fractions, partial } = this.#keys;
    const live = liveRows(rows, dead, this.#unitStart);
    if (live === undefined) {
      const keys = {
        times: times.subarray(from, to),
        fractions: fractions?.subarray(from, to),
        partial: partial?.subarray(from, to),
      };
      return new Stretch(
        keys,
        indexes.map((index) => this.slice(index, rows)),
        [],
      );
    }
    if (live.length === 0) return undefined;
    const keys = {
      times: Float64Array.from(live, (row) => times[row]),
      fractions: fractions === undefined ? undefined : Uint32Array.from(live, (row) => fractions[row]),
      partial: partial === undefined ? undefined : Uint8Array.from(live, (row) => partial[row]),
    };
    return new Stretch(
      keys,
      indexes.map((index) => this.gather(index, live, live.length)),
      [],
    );
  }

  #unitKeys(): UnitKeys {
    const remainder = this.#columns[this.#remainderAt];
    const fullRow = this.#columns[this.#fullRowAt];
    const remainders = remainder?.kind === 'number' ? Uint16Array.from(remainder.values) : undefined;
    return {
      ...timeKeysOf(this.#columns[this.#sortAt]!, remainders),
      partial: fullRow?.kind === 'boolean' ? fullRow.values.map((isFull) => 1 - isFull) : undefined,
    };
  }

  async #load(unit: number): Promise<void> {
    const { reader } = this;
    // With its first unit a column reads what the footer says of all of them.
    const indexWork = this.#unitEnd === 0 ? reader.unitCount * Work.Index : 0;
    const unitStart = reader.unitStarts[unit];
    const unitEnd = reader.unitStarts[unit + 1];
    const columns: (Column | undefined)[] = [];
    for (const number of this.#numbers) {
      if (!reader.hasColumn(number)) {
        columns.push(this.#missing.column(number, reader.header.schemaVersion, unitEnd - unitStart));
        continue;
      }
      columns.push(await readColumn(reader, number, unit));
      const turn = this.#pace.spend((unitEnd - unitStart) * Work.Decode + indexWork);
      if (turn !== undefined) await turn;
    }
    this.#unitStart = unitStart;
    this.#unitEnd = unitEnd;
    this.#columns = columns;
    this.#keys = undefined;
  }
}

async function readColumn(reader: SegmentReader, number: number, unit: number): Promise<Column> {
  try {
    const pending = reader.readUnit(number, unit);
    return (pending instanceof Promise ? await pending : pending).column;
  } catch (error) {
    throw inputError(reader.name, error);
  }
}

/** Which rows of the unit are not dead, counted from its start; undefined = all. */
function liveRows({ from, to }: RowRange, dead: Uint32Array, unitStart: number): Uint32Array | undefined {
  let next = lowerBoundOf(dead, from);
  if (next === dead.length || dead[next] >= to) return undefined;
  const live = new Uint32Array(to - from);
  let count = 0;
  for (let row = from; row < to; row++) {
    if (next < dead.length && dead[next] === row) next++;
    else live[count++] = row - unitStart;
  }
  return live.subarray(0, count);
}
