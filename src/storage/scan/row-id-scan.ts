import type { ScanRequest } from '../../catalog/scan-request.ts';
import type { Morsel, ScanControl, ScanCounters, TableScan } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch, BatchStream } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { invariant } from '../../errors/invariant.ts';
import { lowerBoundOf } from '../binary-search.ts';
import type { PinnedColumn } from '../cache/pinned-column.ts';
import type { DeleteVector } from '../deletes/delete-vector.ts';
import { type DeletedView, hides } from '../deletes/deleted-names.ts';
import { RowIdList } from '../index/key-index.ts';
import type { IndexSearch } from '../index/search-index.ts';
import type { Memtable } from '../memtable/memtable.ts';
import type { StoredSegment } from '../stored-segment.ts';
import { PLAIN_PARTITION } from '../table-identity.ts';
import { timeKeyOf, timeKeysOf } from '../time-key.ts';
import type { StoredSnapshot } from '../versions/stored-snapshot.ts';
import { findPartition, memtablesOf } from '../versions/table-layers.ts';
import { PROVISIONAL_ROW_ID } from '../versions/write-set.ts';
import { assembleColumns, fieldOf, type OutputColumn, outputColumns } from './output-columns.ts';

/** Few enough to be read in one go. */
const FEW_ROWS = 64;
/** Rows of one morsel: sorted, so that neighbours are read together. */
const MORSEL_ROWS = 4096;
const BATCH_ROWS = 1024;

/** Where the ids of the wanted rows come from. */
export type RowIdSource = Float64Array | readonly IndexSearch[];

/** Memory or a file, with the rows of ids from `first` to `last`. */
type RowSource =
  | { readonly kind: 'memtable'; readonly memtable: Memtable; readonly rowCount: number; readonly stamp: number }
  | {
      readonly kind: 'segment';
      readonly segment: StoredSegment;
      readonly stamp: number;
      readonly first: number;
      readonly last: number;
    };

type SegmentSource = Extract<RowSource, { kind: 'segment' }>;

/** Ids that are within one unit. */
interface UnitPart {
  readonly unit: number;
  readonly firstId: number;
  /** No id is left out, so that the place of a row follows from its id. */
  readonly isDense: boolean;
  readonly wanted: Float64Array;
}

/** Places within a unit, and ids. */
interface VisibleRows {
  readonly rows: Uint32Array;
  readonly ids: Float64Array;
  readonly count: number;
}

/** Rows of a plain table by their ids, as far as the snapshot sees them: nothing else is read. */
export class RowIdScan implements TableScan {
  readonly counters: ScanCounters = {
    seriesScanned: 1,
    unitsRead: 0,
    unitsSkipped: 0,
    soleRows: 0,
    mergedRows: 0,
    indexRows: 0,
  };
  readonly #table: TableDescriptor;
  readonly #outputs: readonly OutputColumn[];
  readonly #source: RowIdSource;
  readonly #sources: readonly RowSource[];
  readonly #deleted: DeletedView | undefined;

  constructor(table: TableDescriptor, request: ScanRequest, snapshot: StoredSnapshot, source: RowIdSource) {
    this.#table = table;
    this.#source = source;
    this.#outputs = outputColumns(table, request.columns, () => {
      throw new Error('a plain table has no tags');
    });
    this.#deleted = snapshot.overlay?.tables.get(table.oid)?.deleted;
    this.#sources = sourcesOf(table, snapshot);
  }

  *morsels(): Generator<Morsel, void, undefined> {
    if (this.#source instanceof Float64Array) {
      const rowIds = this.#source.slice().sort();
      for (let from = 0; from < rowIds.length; from += MORSEL_ROWS)
        yield morselOf(rowIds.subarray(from, from + MORSEL_ROWS));
      return;
    }
    const found = new RowIdList();
    for (const search of this.#source) {
      for (found.clear(); search.next(found, MORSEL_ROWS); found.clear()) yield morselOf(found.take().sort());
    }
  }

  rowsNow(): readonly Batch[] | undefined {
    if (this.#source instanceof Float64Array) return undefined;
    const found = new RowIdList();
    for (const search of this.#source) {
      while (search.next(found, FEW_ROWS + 1)) if (found.count > FEW_ROWS) return undefined;
    }
    const rowIds = found.take().sort();
    const batches: Batch[] = [];
    for (const source of this.#sources) {
      const some = source.kind === 'memtable' ? this.#readMemtable(source, rowIds) : this.#segmentNow(source, rowIds);
      if (some === undefined) return undefined;
      batches.push(...some);
    }
    return batches;
  }

  async *read({ rowIds }: Morsel, control: ScanControl): BatchStream {
    invariant(rowIds !== undefined, 'a morsel of this scan names rows');
    this.counters.indexRows! += rowIds.length;
    for (const source of this.#sources) {
      for await (const batch of source.kind === 'memtable'
        ? this.#readMemtable(source, rowIds)
        : this.#readSegment(source, rowIds)) {
        this.counters.soleRows += batch.rowCount;
        const turn = control.yieldIfDue();
        if (turn !== undefined) await turn;
        yield batch;
      }
    }
  }

  *#readMemtable(
    { memtable, rowCount, stamp }: Extract<RowSource, { kind: 'memtable' }>,
    rowIds: Float64Array,
  ): Generator<Batch, void, undefined> {
    const rows = new Uint32Array(Math.min(BATCH_ROWS, rowIds.length));
    const ids = new Float64Array(rows.length);
    const first = rowCount === 0 ? 0 : memtable.rowIdAt(0);
    const last = rowCount === 0 ? -1 : memtable.rowIdAt(rowCount - 1);
    let count = 0;
    for (let index = lowerBoundOf(rowIds, first); index < rowIds.length && rowIds[index] <= last; index++) {
      const row = memtable.findRowId(rowIds[index]);
      if (row < 0 || row >= rowCount || this.#isHidden(memtable.deletes, row, stamp, rowIds[index])) continue;
      ids[count] = rowIds[index];
      rows[count++] = row;
      if (count < rows.length) continue;
      yield this.#memtableBatch(memtable, rows, ids, count);
      count = 0;
    }
    if (count > 0) yield this.#memtableBatch(memtable, rows, ids, count);
  }

  #memtableBatch(memtable: Memtable, rows: Uint32Array, ids: Float64Array, rowCount: number): Batch {
    const field = (number: number) => memtable.gather(number, rows, 0, rowCount);
    return this.#batch(rowCount, memtable.schemaVersion, ids.slice(0, rowCount), field);
  }

  async *#readSegment({ segment, stamp, first, last }: SegmentSource, rowIds: Float64Array): BatchStream {
    const { reader } = segment;
    const fields = this.#fieldsOf(segment);
    let unitsRead = 0;
    for (const part of unitsWith(segment, rowIds, first, last)) {
      const pins: PinnedColumn[] = [];
      const read = async (number: number): Promise<Column> => {
        const pending = reader.readUnit(number, part.unit);
        const pin = pending instanceof Promise ? await pending : pending;
        pins.push(pin);
        unitsRead++;
        return pin.column;
      };
      try {
        const keys = part.isDense ? undefined : await read(reader.header.sortColumnNumber);
        const visible = this.#visibleRows(segment, stamp, part, keys);
        if (visible === undefined) continue;
        const columns = new Map<number, Column>();
        for (const number of fields) columns.set(number, gatherColumn(await read(number), visible.rows, visible.count));
        yield this.#segmentBatch(segment, visible, columns);
      } finally {
        for (const pin of pins) pin.release();
      }
    }
    this.counters.unitsRead += unitsRead;
    this.counters.unitsSkipped += Math.max(reader.unitCount * Math.max(fields.size, 1) - unitsRead, 0);
  }

  /** The same, as far as it is in memory; undefined: not all of it is. */
  #segmentNow({ segment, stamp, first, last }: SegmentSource, rowIds: Float64Array): readonly Batch[] | undefined {
    const { reader } = segment;
    const batches: Batch[] = [];
    const pins: PinnedColumn[] = [];
    try {
      for (const part of unitsWith(segment, rowIds, first, last)) {
        const read = (number: number): Column | undefined => {
          const pin = reader.readUnit(number, part.unit);
          if (pin instanceof Promise) {
            // It is in memory when it is asked for again, and what went wrong is met again.
            pin.then(
              (late) => late.release(),
              () => {},
            );
            return undefined;
          }
          pins.push(pin);
          return pin.column;
        };
        const keys = part.isDense ? undefined : read(reader.header.sortColumnNumber);
        if (keys === undefined && !part.isDense) return undefined;
        const visible = this.#visibleRows(segment, stamp, part, keys);
        if (visible === undefined) continue;
        const columns = new Map<number, Column>();
        for (const number of this.#fieldsOf(segment)) {
          const column = read(number);
          if (column === undefined) return undefined;
          columns.set(number, gatherColumn(column, visible.rows, visible.count));
        }
        batches.push(this.#segmentBatch(segment, visible, columns));
      }
      return batches;
    } finally {
      for (const pin of pins) pin.release();
    }
  }

  #fieldsOf({ reader }: StoredSegment): ReadonlySet<number> {
    const fields = new Set<number>();
    for (const output of this.#outputs) {
      const field = fieldOf(output);
      if (field !== undefined && reader.hasColumn(field.number)) fields.add(field.number);
    }
    return fields;
  }

  /** `keys`: the ids of the unit's rows, unless these follow from each other. Undefined: the snapshot sees none. */
  #visibleRows(
    { reader, deletes }: StoredSegment,
    stamp: number,
    { unit, firstId, wanted }: UnitPart,
    keys: Column | undefined,
  ): VisibleRows | undefined {
    const unitStart = reader.unitStarts[unit];
    const times = keys === undefined ? undefined : timeKeysOf(keys, undefined).times;
    const rows = new Uint32Array(wanted.length);
    const ids = new Float64Array(wanted.length);
    let count = 0;
    for (const rowId of wanted) {
      const row = times === undefined ? rowId - firstId : placeOf(times, rowId);
      if (row < 0 || this.#isHidden(deletes, unitStart + row, stamp, rowId)) continue;
      ids[count] = rowId;
      rows[count++] = row;
    }
    return count === 0 ? undefined : { rows, ids, count };
  }

  #segmentBatch({ reader }: StoredSegment, { ids, count }: VisibleRows, columns: ReadonlyMap<number, Column>): Batch {
    const { schemaVersion } = reader.header;
    return this.#batch(count, schemaVersion, ids.subarray(0, count), (number) => columns.get(number));
  }

  #batch(
    rowCount: number,
    schemaVersion: number,
    ids: Float64Array,
    field: (number: number) => Column | undefined,
  ): Batch {
    const columns = assembleColumns(this.#outputs, this.#table.oid, {
      rowCount,
      schemaVersion,
      spans: { seriesIds: [0], ends: [rowCount] },
      field,
      keys: () => ({ times: ids, fractions: undefined }),
      time: undefined,
    });
    return { rowCount, columns };
  }

  #isHidden(deletes: DeleteVector, row: number, stamp: number, rowId: number): boolean {
    if (deletes.has(row) && !deletes.isDeletedAfter(row, stamp)) return true;
    return this.#deleted !== undefined && rowId < PROVISIONAL_ROW_ID && hides(this.#deleted, 0, rowId, 0, rowId);
  }
}

function morselOf(rowIds: Float64Array): Morsel {
  return { partition: PLAIN_PARTITION, runs: [], rowIds };
}

/** The layers that have rows for the snapshot, the own transaction's among them. */
function sourcesOf(table: TableDescriptor, snapshot: StoredSnapshot): RowSource[] {
  const sources: RowSource[] = [];
  const own = snapshot.overlay?.tables.get(table.oid);
  const layers = own?.isTruncated === true ? undefined : snapshot.layersOf(table.oid);
  const partition = layers === undefined ? undefined : findPartition(layers, PLAIN_PARTITION);
  const { lsn } = snapshot;
  for (const segment of partition?.segments ?? []) if (segment.entry.minLsn <= lsn) addSegment(sources, segment, lsn);
  for (const memtable of partition === undefined ? [] : memtablesOf(partition)) {
    sources.push({ kind: 'memtable', memtable, rowCount: memtable.rowCountAt(lsn), stamp: lsn });
  }
  for (const { segment } of own?.staged ?? []) addSegment(sources, segment, own!.stamp);
  for (const { memtable, rowCount } of own?.rows ?? []) {
    sources.push({ kind: 'memtable', memtable, rowCount, stamp: own!.stamp });
  }
  return sources;
}

function addSegment(sources: RowSource[], segment: StoredSegment, stamp: number): void {
  const { firstTimes, lastTimes, rowCount } = segment.reader;
  if (rowCount === 0) return;
  const first = timeKeyOf(firstTimes[0]!).time;
  const last = timeKeyOf(lastTimes[0]!).time;
  sources.push({ kind: 'segment', segment, stamp, first, last });
}

/** The ids of the first and the last row of a unit. */
function unitBounds({ reader }: StoredSegment, unit: number): { first: number; last: number } {
  const statistics = reader.statistics(reader.header.sortColumnNumber, unit);
  invariant(statistics.kind === 'int64', 'plain tables are sorted by row id');
  return { first: timeKeyOf(statistics.min).time, last: timeKeyOf(statistics.max).time };
}

/** The units that ids lie in; `rowIds` are sorted, and those from `first` to `last` are the segment's. */
function* unitsWith(
  segment: StoredSegment,
  rowIds: Float64Array,
  first: number,
  last: number,
): Generator<UnitPart, void, undefined> {
  const { reader } = segment;
  const from = lowerBoundOf(rowIds, first);
  const to = lowerBoundOf(rowIds, last + 1);
  if (from === to) return;
  for (let unit = firstUnitFrom(segment, rowIds[from]), index = from; unit < reader.unitCount && index < to; unit++) {
    const bounds = unitBounds(segment, unit);
    while (index < to && rowIds[index] < bounds.first) index++;
    const end = Math.min(lowerBoundOf(rowIds, bounds.last + 1), to);
    if (index >= end) continue;
    const unitRows = reader.unitStarts[unit + 1] - reader.unitStarts[unit];
    const isDense = bounds.last - bounds.first + 1 === unitRows;
    yield { unit, firstId: bounds.first, isDense, wanted: rowIds.subarray(index, end) };
    index = end;
  }
}

/** The first unit that ends with the id or a later one. */
function firstUnitFrom(segment: StoredSegment, rowId: number): number {
  let low = 0;
  let high = segment.reader.unitCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (unitBounds(segment, middle).last < rowId) low = middle + 1;
    else high = middle;
  }
  return low;
}

function placeOf(ids: Float64Array, rowId: number): number {
  const place = lowerBoundOf(ids, rowId);
  return ids[place] === rowId ? place : -1;
}
