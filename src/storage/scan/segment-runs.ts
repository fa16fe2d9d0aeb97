import type { FieldRange } from '../../catalog/scan-request.ts';
import type { Run, ScanSpan, SpanReader } from '../../catalog/table.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherColumn, sliceColumn } from '../../columnar/copy-rows.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { invariant } from '../../errors/invariant.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';
import { lowerBoundOf } from '../binary-search.ts';
import type { PinnedColumn } from '../cache/pinned-column.ts';
import { UNIT_ROWS } from '../codec/column-codec.ts';
import { MissingColumns } from '../missing-value.ts';
import { REMAINDER } from '../segment/hidden-columns.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import { type TimeKeys, timeKeyOf, timeKeysOf } from '../time-key.ts';
import { type LiveStatistics, liveStatistics } from './live-statistics.ts';
import { assembleColumn, type BatchParts, type OutputColumn } from './output-columns.ts';
import type { SegmentScanSource } from './run-directory.ts';
import type { ScanParts } from './table-scan.ts';

/** Rows `from` to `to` within a unit, all of one series. */
interface UnitPart {
  readonly seriesId: number;
  from: number;
  to: number;
}

/**
 * Sole runs of one segment, a span per unit: columns are views into the unit cache where the wanted rows lie next to each
 * other. Statistics decide which units are read at all; the time column is only read where it is asked for or cuts a unit.
 * The rows in `dead`, ascending, are left out.
 */
export function readSegmentRuns(
  parts: ScanParts,
  source: SegmentScanSource,
  runs: readonly Run[],
  dead = source.dead,
): SpanReader {
  const units = partsByUnit(source.reader, runs);
  const span = new UnitSpan(parts, source, dead);
  const next = (): ReturnType<SpanReader['next']> => {
    span.release();
    for (let step = units.next(); step.done !== true; step = units.next()) {
      const pending = span.open(step.value.unit, step.value.unitParts);
      if (pending !== undefined) return pending.then(() => (span.arrange() ? span : next()));
      if (span.arrange()) return span;
      span.release();
    }
    return undefined;
  };
  return { next, close: () => span.release() };
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

/** One unit after the other, in the same object. */
class UnitSpan implements ScanSpan {
  rowCount = 0;
  live: Uint8Array | undefined;
  liveCount = 0;
  seriesIds: readonly number[] = [];
  seriesEnds: readonly number[] = [];
  firstTime = Number.NEGATIVE_INFINITY;
  lastTime = Number.POSITIVE_INFINITY;
  readonly #parts: ScanParts;
  readonly #reader: SegmentReader;
  readonly #timeNumber: number;
  /** For each column of the request, the columns of the segment that it is made of. */
  readonly #sources: readonly (readonly number[])[];
  /** What all of them need. */
  readonly #needed: readonly number[];
  /** All rows of the segment lie within the time range: nothing to cut or to leave out. */
  readonly #isContained: boolean;
  readonly #pins = new Map<number, PinnedColumn>();
  /** Of the unit's columns, as far as they were asked for; null: there are none. */
  readonly #known: (UnitStatistics | null | undefined)[];
  #unit = 0;
  #unitParts: UnitPart[] = [];
  #unitRows = 0;
  #isSkipped = false;
  /** Where the rows lie in the unit: `first` to `end`, or only some of them. */
  #first = 0;
  #end = 0;
  #rows: Uint32Array | undefined;
  /** Rows of the segment that are left out. */
  readonly #dead: Uint32Array;
  /** They are the deleted ones, and the same for the next reader. */
  readonly #remembers: boolean;
  readonly #liveKnown: (LiveStatistics | undefined)[] = [];
  readonly #mask = new Uint8Array(UNIT_ROWS);

  constructor(parts: ScanParts, source: SegmentScanSource, dead: Uint32Array) {
    const { reader } = source;
    this.#parts = parts;
    this.#reader = reader;
    this.#dead = dead;
    this.#remembers = dead === source.dead;
    this.#timeNumber = reader.header.sortColumnNumber;
    this.#isContained = source.isContainedIn(parts.bounds);
    this.#sources = parts.outputs.map((output) =>
      sourcesOf(output, this.#timeNumber).filter((number) => reader.hasColumn(number)),
    );
    this.#known = new Array(parts.outputs.length).fill(undefined);
    const needed = new Set(this.#sources.flat());
    // Time last, as columns are laid out.
    const showsTime = needed.delete(this.#timeNumber);
    this.#needed = showsTime ? [...needed, this.#timeNumber] : [...needed];
  }

  /** Decides whether the unit is read, and cuts its parts to the time range. A promise when times are not in memory. */
  open(unit: number, unitParts: UnitPart[]): Promise<void> | undefined {
    this.#unit = unit;
    this.#unitParts = unitParts;
    this.#unitRows = this.#reader.unitStarts[unit + 1] - this.#reader.unitStarts[unit];
    const { bounds, counters, request } = this.#parts;
    const times = this.#reader.columnStatistics(this.#timeNumber);
    this.firstTime = timeOf(times.minOf(unit));
    this.lastTime = timeOf(times.maxOf(unit));
    this.#known.fill(undefined);
    const isCut = !this.#isContained && !bounds.contains(this.firstTime, this.lastTime);
    const isOverlapping = !isCut || bounds.overlaps(this.firstTime, this.lastTime);
    this.#isSkipped = !isOverlapping || request.fieldRanges.some((range) => this.#excludes(range, unit));
    if (this.#isSkipped) {
      const readsTime = !isCut || this.#needed.includes(this.#timeNumber);
      counters.unitsSkipped += this.#needed.length + (readsTime ? 0 : 1);
      return undefined;
    }
    if (!isCut) return undefined;
    const pending = this.#read([this.#timeNumber], 0);
    if (pending !== undefined) return pending.then(() => this.#cut());
    this.#cut();
    return undefined;
  }

  /** Finds where the rows are; false when there are none. */
  arrange(): boolean {
    if (this.#isSkipped) return false;
    const parts = this.#unitParts.filter(({ from, to }) => to > from);
    if (parts.length === 0) return false;
    this.#first = parts[0].from;
    this.#end = parts[parts.length - 1].to;
    const seriesIds: number[] = [];
    const seriesEnds: number[] = [];
    let rowCount = 0;
    for (const { seriesId, from, to } of parts) {
      rowCount += to - from;
      seriesIds.push(seriesId);
      seriesEnds.push(rowCount);
    }
    this.rowCount = rowCount;
    this.seriesIds = seriesIds;
    this.seriesEnds = seriesEnds;
    this.#rows = rowCount === this.#end - this.#first ? undefined : rowNumbers(parts, rowCount);
    this.#maskDead(parts);
    this.#parts.counters.soleRows += this.liveCount;
    return this.liveCount > 0;
  }

  load(columns: readonly number[]): Promise<void> | undefined {
    for (let index = 0; index < columns.length; index++) {
      const pending = this.#read(this.#sources[columns[index]], 0);
      if (pending !== undefined) return pending.then(() => this.load(columns.slice(index + 1)));
    }
    return undefined;
  }

  column(column: number): Column {
    const output = this.#parts.outputs[column];
    // Nearly every column that is asked for.
    if (output.kind === 'field' && isNumeric(output.type)) {
      const shown = this.#show(output.number);
      if (shown?.kind === 'number') {
        if (this.live !== undefined) this.#liveStatistics(column)?.note(this.#unit, shown, this.live);
        return shown;
      }
    }
    return assembleColumn(output, this.#parts.table.oid, this.#batchParts());
  }

  statistics(column: number): UnitStatistics | undefined {
    if (this.liveCount === this.#unitRows) return this.bounds(column);
    return this.#liveStatistics(column)?.at(this.#unit, this.liveCount);
  }

  bounds(column: number): UnitStatistics | undefined {
    let known = this.#known[column];
    if (known === undefined) {
      known = this.#statisticsOf(this.#parts.outputs[column]) ?? null;
      this.#known[column] = known;
    }
    return known ?? undefined;
  }

  /** Of a field of a whole unit, of which some rows are deleted. */
  #liveStatistics(column: number): LiveStatistics | undefined {
    const output = this.#parts.outputs[column];
    if (!this.#remembers || this.rowCount !== this.#unitRows || output.kind !== 'field') return undefined;
    if (!this.#reader.hasColumn(output.number)) return undefined;
    let known = this.#liveKnown[column];
    if (known === undefined) {
      known = liveStatistics(this.#reader, output.number, this.#dead);
      this.#liveKnown[column] = known;
    }
    return known;
  }

  #statisticsOf(output: OutputColumn): UnitStatistics | undefined {
    if (output.kind === 'time' && !output.isDate) return this.#reader.statistics(this.#timeNumber, this.#unit);
    if (output.kind !== 'field' || !this.#reader.hasColumn(output.number)) return undefined;
    return this.#reader.statistics(output.number, this.#unit);
  }

  release(): void {
    for (const pin of this.#pins.values()) pin.release();
    this.#pins.clear();
  }

  #batchParts(): BatchParts {
    return {
      rowCount: this.rowCount,
      schemaVersion: this.#reader.header.schemaVersion,
      spans: { seriesIds: this.seriesIds, ends: this.seriesEnds },
      field: (number) => this.#show(number),
      keys: () => this.#keys(),
      time: this.#pins.has(this.#timeNumber) ? this.#show(this.#timeNumber) : undefined,
    };
  }

  /** The rows of a column that was read; undefined where the segment does not have it. */
  #show(number: number): Column | undefined {
    const pin = this.#pins.get(number);
    if (pin === undefined) {
      invariant(!this.#reader.hasColumn(number), 'a column is loaded before it is looked at');
      return undefined;
    }
    if (this.#rows !== undefined) return gatherColumn(pin.column, this.#rows, this.rowCount);
    return this.rowCount === this.#unitRows ? pin.column : sliceColumn(pin.column, this.#first, this.#end);
  }

  #maskDead(parts: readonly UnitPart[]): void {
    const dead = this.#dead;
    const start = this.#reader.unitStarts[this.#unit];
    let next = dead.length === 0 ? 0 : lowerBoundOf(dead, start + this.#first);
    this.live = undefined;
    this.liveCount = this.rowCount;
    if (next === dead.length || dead[next] >= start + this.#end) return;
    const mask = this.#mask.fill(1, 0, this.rowCount);
    let before = 0;
    for (const { from, to } of parts) {
      while (next < dead.length && dead[next] < start + from) next++;
      for (; next < dead.length && dead[next] < start + to; next++) {
        mask[before + dead[next] - start - from] = 0;
        this.liveCount--;
      }
      before += to - from;
    }
    if (this.liveCount < this.rowCount) this.live = mask;
  }

  #read(numbers: readonly number[], from: number): Promise<void> | undefined {
    for (let index = from; index < numbers.length; index++) {
      const number = numbers[index];
      if (this.#pins.has(number)) continue;
      this.#parts.counters.unitsRead++;
      const pinned = this.#reader.readUnit(number, this.#unit);
      if (pinned instanceof Promise) return this.#readOn(pinned, numbers, index);
      this.#pins.set(number, pinned);
    }
    return undefined;
  }

  async #readOn(pinned: Promise<PinnedColumn>, numbers: readonly number[], index: number): Promise<void> {
    this.#pins.set(numbers[index], await pinned);
    await this.#read(numbers, index + 1);
  }

  #cut(): void {
    const { bounds } = this.#parts;
    const { times, fractions } = timeKeysOf(this.#pins.get(this.#timeNumber)!.column);
    for (const part of this.#unitParts) {
      const end = part.to;
      part.to = bounds.endRow(times, fractions, part.from, end);
      part.from = bounds.firstRow(times, fractions, part.from, part.to);
    }
  }

  #keys(): TimeKeys {
    const remainder = this.#show(REMAINDER);
    return timeKeysOf(
      this.#show(this.#timeNumber)!,
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

/** Of a type whose columns are numbers, or integers beyond them. */
function isNumeric({ representation }: TypeDefinition): boolean {
  return representation === 'float64' || representation === 'int64';
}

function timeOf(time: Int64): number {
  return typeof time === 'number' ? time : timeKeyOf(time).time;
}

/** The columns of a segment that a column of the result is made of. */
function sourcesOf(output: OutputColumn, timeNumber: number): readonly number[] {
  switch (output.kind) {
    case 'field':
      return [output.number];
    case 'derived':
      return [output.field.number];
    case 'time':
      return [timeNumber];
    case 'nanoseconds':
    case 'remainder':
      return [REMAINDER, timeNumber];
    default:
      return [];
  }
}

function rowNumbers(parts: readonly UnitPart[], rowCount: number): Uint32Array {
  const rows = new Uint32Array(rowCount);
  let at = 0;
  for (const { from, to } of parts) for (let row = from; row < to; row++) rows[at++] = row;
  return rows;
}
