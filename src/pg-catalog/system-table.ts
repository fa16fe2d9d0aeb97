import type { ScanRequest } from '../catalog/scan-request.ts';
import type { Morsel, ScanControl, Snapshot, Table, TableScan } from '../catalog/table.ts';
import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import type { Batch, BatchStream } from '../columnar/batch.ts';
import { ColumnBuilder } from '../columnar/column-builder.ts';
import type { Value } from '../types/value.ts';
import { countOf, type FoundRows, RelationRows } from './relation-rows.ts';
import type { SystemRelation } from './system-relation.ts';

const PICKED_ROWS = 1024;
/** So many are not worth looking at another column of an index. */
const FEW_ROWS = 64;
/** Of the rows; more of them are not picked. */
const MOST = 0.25;

/** A system relation as one session reads it. */
export class SystemTable implements Table {
  readonly descriptor: TableDescriptor;
  readonly #rows: () => RelationRows | Iterable<readonly Value[]>;

  /** `rows`: as they are when a scan begins; those that nobody keeps come one by one, and there may be many. */
  constructor({ descriptor }: SystemRelation, rows: () => RelationRows | Iterable<readonly Value[]>) {
    this.descriptor = descriptor;
    this.#rows = rows;
  }

  /** Snapshots do not matter here: a statement sees the catalog that its transaction sees. */
  scan(request: ScanRequest, _snapshot: Snapshot): TableScan {
    const rows = this.#rows;
    const { columns: described } = this.descriptor;
    const wanted = this.#wantedValues(request);
    const counters = { seriesScanned: 0, unitsRead: 0, unitsSkipped: 0, soleRows: 0, mergedRows: 0 };
    return {
      counters,
      morsels: () => [{ partition: 0, runs: [] }],
      async *read(_morsel: Morsel, control: ScanControl): BatchStream {
        const all = rows();
        for (const batch of batchesOf(all, request, wanted, described)) {
          counters.soleRows += batch.rowCount;
          yield batch;
          const turn = control.yieldIfDue();
          if (turn !== undefined) await turn;
        }
      },
    };
  }

  /** What the columns of the index that was chosen must be equal to, in their order. */
  #wantedValues({ index: condition }: ScanRequest): readonly WantedValues[] {
    if (condition === undefined || condition.equalTo.length === 0) return [];
    const index = this.descriptor.indexes.find(({ oid }) => oid === condition.indexOid);
    const count = Math.min(...condition.equalTo.map((values) => values.length));
    return (index?.columns ?? []).slice(0, count).map(({ columnNumber }, at) => ({
      column: columnNumber - 1,
      values: [...new Set(condition.equalTo.map((values) => values[at]))],
    }));
  }
}

/** One of the values in a column. */
interface WantedValues {
  readonly column: number;
  readonly values: readonly Value[];
}

function batchesOf(
  all: RelationRows | Iterable<readonly Value[]>,
  request: ScanRequest,
  wanted: readonly WantedValues[],
  described: readonly ColumnDescriptor[],
): Iterable<Batch> {
  if (!(all instanceof RelationRows)) return passingBatches(all, request, described);
  return wanted.length === 0 ? wholeBatches(all, request) : pickedBatches(all, request, wanted);
}

/** Of rows that are made while they are read. Only declared columns are asked for: such relations are views. */
function* passingBatches(
  rows: Iterable<readonly Value[]>,
  { columns }: ScanRequest,
  described: readonly ColumnDescriptor[],
): Iterable<Batch> {
  const newBuilders = (): ColumnBuilder[] =>
    columns.map(
      (column) => new ColumnBuilder(described[column].type.definition.representation, { text: 'dictionary' }),
    );
  let builders = newBuilders();
  let rowCount = 0;
  for (const row of rows) {
    for (let at = 0; at < columns.length; at++) builders[at].push(row[columns[at]]);
    rowCount += 1;
    if (rowCount < PICKED_ROWS) continue;
    yield { rowCount, columns: builders.map((builder) => builder.finish()) };
    builders = newBuilders();
    rowCount = 0;
  }
  if (rowCount > 0) yield { rowCount, columns: builders.map((builder) => builder.finish()) };
}

function* wholeBatches(all: RelationRows, { columns }: ScanRequest): Iterable<Batch> {
  for (let chunk = 0; chunk < all.chunkCount; chunk++) {
    yield { rowCount: all.chunkRows(chunk), columns: columns.map((column) => all.column(column, chunk)) };
  }
}

function* pickedBatches(all: RelationRows, request: ScanRequest, wanted: readonly WantedValues[]): Iterable<Batch> {
  const found = fewestRows(all, wanted);
  // What an index gives is a hint; whole columns are there already.
  if (countOf(found) > all.rowCount * MOST) {
    yield* wholeBatches(all, request);
    return;
  }
  let gathered: FoundRows[] = [];
  for (const [at, rows] of found.entries()) {
    gathered.push(rows);
    const rowCount = countOf(gathered);
    if (rowCount < PICKED_ROWS && at < found.length - 1) continue;
    const picked = gathered;
    yield { rowCount, columns: request.columns.map((position) => all.pick(position, picked)) };
    gathered = [];
  }
}

/** The rows with the values of one column: of the first, or where that finds many, of the one that finds fewest. */
function fewestRows(all: RelationRows, wanted: readonly WantedValues[]): readonly FoundRows[] {
  let best: readonly FoundRows[] = [];
  let bestCount = Number.POSITIVE_INFINITY;
  for (const { column, values } of wanted) {
    const found = all.find(column, values);
    const count = countOf(found);
    if (count < bestCount) {
      best = found;
      bestCount = count;
    }
    if (bestCount <= FEW_ROWS) break;
  }
  return best;
}
