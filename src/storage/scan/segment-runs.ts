import type { FieldRange } from '../../catalog/scan-request.ts';
import type { Run } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherColumn, sliceColumn } from '../../columnar/copy-rows.ts';
import { invariant } from '../../errors/invariant.ts';
import type { PinnedColumn } from '../cache/pinned-column.ts';
import { MissingColumns } from '../missing-value.ts';
import { REMAINDER } from '../segment/hidden-columns.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import { type TimeKeys, timeKeyOf, timeKeysOf } from '../time-key.ts';
import type { BatchReader } from './batch-reader.ts';
import { assembleColumns } from './output-columns.ts';
import type { SegmentScanSource } from './run-directory.ts';
import type { ScanParts } from './table-scan.ts';

/** Rows `from` to `to` within a unit, all of one series. */
interface UnitPart {
  readonly seriesId: number;
  from: number;
  to: number;
}

/**
 * Sole runs of one segment, a batch per unit: columns are views into the unit cache where the wanted rows lie next to each
 * other. Statistics decide which units are read at all; the time column is only read where it is shown or cuts a unit.
 */
export function readSegmentRuns(parts: ScanParts, source: SegmentScanSource, runs: readonly Run[]): BatchReader {
  const units = partsByUnit(source.reader, runs);
  const unitReader = new UnitReader(parts, source);
  const next = (): Batch | undefined | Promise<Batch | undefined> => {
    unitReader.release();
    for (let step = units.next(); step.done !== true; step = units.next()) {
      const pending = unitReader.open(step.value.unit, step.value.unitParts);
      if (pending !== undefined) return pending.then(() => unitReader.batch() ?? next());
      const batch = unitReader.batch();
      if (batch !== undefined) return batch;
      unitReader.release();
    }
    return undefined;
  };
  return { next, close: () => unitReader.release() };
}

/** Cuts runs at the ends of units. */
function* partsByUnit(
  reader: SegmentReader,
  runs: readonly Run[],
): Generator<{ readonly unit: number; readonly unitParts: UnitPart[] }> {
  const { unitStarts } = reader;
  let unit = -1;
  let unitParts: UnitPart[] = [];
  for (const { seriesId, pieces } of runs) {
    const { from, to } = pieces[0]!;
    for (let row = from; row < to; ) {
      if (unit < 0 || row >= unitStarts[unit + 1]) {
        if (unitParts.length > 0) yield { unit, unitParts };
        unit = reader.unitOfRow(row);
        unitParts = [];
      }
      const end = Math.min(to, unitStarts[unit + 1]);
      unitParts.push({ seriesId, from: row - unitStarts[unit], to: end - unitStarts[unit] });
      row = end;
    }
  }
  if (unitParts.length > 0) yield { unit, unitParts };
}

class UnitReader {
  readonly #parts: ScanParts;
  readonly #reader: SegmentReader;
  /** Numbers of the columns that a batch shows, the time column apart. */
  readonly #fields: readonly number[];
  readonly #showsTime: boolean;
  readonly #showsNanoseconds: boolean;
  /** All rows of the segment lie within the time range: nothing to cut or to leave out. */
  readonly #isContained: boolean;
  readonly #pins = new Map<number, PinnedColumn>();
  #unitParts: UnitPart[] = [];
  #unitRows = 0;
  #isSkipped = false;

  constructor(parts: ScanParts, source: SegmentScanSource) {
    const { reader } = source;
    this.#parts = parts;
    this.#reader = reader;
    this.#isContained = source.isContainedIn(parts.bounds);
    const fields = parts.outputs.filter((output) => output.kind === 'field').map((output) => output.number);
    this.#fields = [...new Set(fields)].filter((number) => reader.hasColumn(number));
    this.#showsNanoseconds = parts.outputs.some(({ kind }) => kind === 'nanoseconds' || kind === 'remainder');
    this.#showsTime = this.#showsNanoseconds || parts.outputs.some((output) => output.kind === 'time');
  }

  /** Reads what the unit's parts need, and cuts them to the time range. A promise when something is not in memory. */
  open(unit: number, unitParts: UnitPart[]): Promise<void> | undefined {
    this.#unitParts = unitParts;
    this.#unitRows = this.#reader.unitStarts[unit + 1] - this.#reader.unitStarts[unit];
    const { bounds, counters, request } = this.#parts;
    const needed = [...this.#fields];
    const timeNumber = this.#reader.header.sortColumnNumber;
    let isCut = false;
    let isOverlapping = true;
    if (!this.#isContained) {
      const time = this.#reader.statistics(timeNumber, unit);
      invariant(time.kind === 'int64', 'rows are sorted by instants or row ids');
      const min = timeKeyOf(time.min).time;
      const max = timeKeyOf(time.max).time;
      isCut = !bounds.contains(min, max);
      isOverlapping = bounds.overlaps(min, max);
    }
    if (isCut || this.#showsTime) needed.push(timeNumber);
    if (this.#showsNanoseconds && this.#reader.hasColumn(REMAINDER)) needed.push(REMAINDER);
    this.#isSkipped = !isOverlapping || request.fieldRanges.some((range) => this.#excludes(range, unit));
    if (this.#isSkipped) {
      counters.unitsSkipped += needed.length;
      return undefined;
    }
    counters.unitsRead += needed.length;
    return this.#read(unit, needed, 0, isCut);
  }

  batch(): Batch | undefined {
    if (this.#isSkipped) return undefined;
    const parts = this.#unitParts.filter(({ from, to }) => to > from);
    if (parts.length === 0) return undefined;
    const first = parts[0]!.from;
    const end = parts.at(-1)!.to;
    const seriesIds: number[] = [];
    const ends: number[] = [];
    let rowCount = 0;
    for (const { seriesId, from, to } of parts) {
      rowCount += to - from;
      seriesIds.push(seriesId);
      ends.push(rowCount);
    }
    const rows = rowCount === end - first ? undefined : rowNumbers(parts, rowCount);
    const show = (number: number): Column | undefined => {
      const pin = this.#pins.get(number);
      if (pin === undefined) return undefined;
      if (rows !== undefined) return gatherColumn(pin.column, rows, rowCount);
      return first === 0 && end === this.#unitRows ? pin.column : sliceColumn(pin.column, first, end);
    };
    this.#parts.counters.soleRows += rowCount;
    return {
      rowCount,
      columns: assembleColumns(this.#parts.outputs, this.#parts.table.oid, {
        rowCount,
        schemaVersion: this.#reader.header.schemaVersion,
        spans: { seriesIds, ends },
        field: show,
        keys: () => this.#keys(show),
        time: this.#showsTime ? show(this.#reader.header.sortColumnNumber) : undefined,
      }),
    };
  }

  release(): void {
    for (const pin of this.#pins.values()) pin.release();
    this.#pins.clear();
  }

  #read(unit: number, needed: readonly number[], from: number, isCut: boolean): Promise<void> | undefined {
    for (let index = from; index < needed.length; index++) {
      const number = needed[index]!;
      const pinned = this.#reader.readUnit(number, unit);
      if (pinned instanceof Promise) return this.#readOn(pinned, { unit, needed, index, isCut });
      this.#pins.set(number, pinned);
    }
    if (isCut) this.#cut();
    return undefined;
  }

  async #readOn(
    pinned: Promise<PinnedColumn>,
    { unit, needed, index, isCut }: { unit: number; needed: readonly number[]; index: number; isCut: boolean },
  ): Promise<void> {
    this.#pins.set(needed[index]!, await pinned);
    await this.#read(unit, needed, index + 1, isCut);
  }

  #cut(): void {
    const { bounds } = this.#parts;
    const { times, fractions } = timeKeysOf(this.#pins.get(this.#reader.header.sortColumnNumber)!.column);
    for (const part of this.#unitParts) {
      const end = part.to;
      part.to = bounds.endRow(times, fractions, part.from, end);
      part.from = bounds.firstRow(times, fractions, part.from, part.to);
    }
  }

  #keys(show: (number: number) => Column | undefined): TimeKeys {
    const remainder = show(REMAINDER);
    return timeKeysOf(
      show(this.#reader.header.sortColumnNumber)!,
      remainder?.kind === 'number' ? Uint16Array.from(remainder.values) : undefined,
    );
  }

  /** Whether no row of the unit can have the column within the range. */
  #excludes({ column, min, max }: FieldRange, unit: number): boolean {
    const { number } = this.#parts.table.columns[column]!;
    if (!this.#reader.hasColumn(number)) return this.#isField(column) && !this.#mayHaveMissing(number, { min, max });
    const statistics = this.#reader.statistics(number, unit);
    if (statistics.kind !== 'float64' && statistics.kind !== 'int64') return false;
    if (statistics.nullCount === statistics.rowCount) return true;
    // NaN is above every number and in no range; who asks for it means the rows themselves.
    if (statistics.kind === 'float64' && statistics.hasNaN) return false;
    return statistics.max < min || statistics.min > max;
  }

  /** Whether what rows from before the column have in it lies within the range. */
  #mayHaveMissing(number: number, { min, max }: { min: number; max: number }): boolean {
    const value = MissingColumns.of(this.#parts.table).value(number, this.#reader.header.schemaVersion);
    if (value === null) return false;
    return typeof value !== 'number' || !(value < min || value > max);
  }

  /** A field that a segment lacks came later: NULL in all its rows, or the same value. */
  #isField(column: number): boolean {
    const { role, isHidden } = this.#parts.table.columns[column]!;
    return role === 'field' && isHidden !== true;
  }
}

function rowNumbers(parts: readonly UnitPart[], rowCount: number): Uint32Array {
  const rows = new Uint32Array(rowCount);
  let at = 0;
  for (const { from, to } of parts) for (let row = from; row < to; row++) rows[at++] = row;
  return rows;
}
