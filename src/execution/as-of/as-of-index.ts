import type { Batch } from '../../columnar/batch.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import { columnsUsed, remapColumns } from '../../sql/expression/walk-expression.ts';
import type { AsOfJoinNode } from '../../sql/plan/join-nodes.ts';
import type { SortKey } from '../../sql/plan/sort-nodes.ts';
import { CHUNK_ROWS, type ChunkedColumn } from '../chunked-column.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';
import { rowComparator, sortRows } from '../row-sorter.ts';
import { RowStore } from '../row-store.ts';
import { storedKeys } from '../stored-keys.ts';
import { type ExactTimes, exactTimes } from './exact-times.ts';
import type { FoundRows } from './found-rows.ts';

/** No row. */
const NONE = -1;

/** Rows that are placed before others get a turn. */
const ROWS_PER_TURN = 65_536;
/** Per row: its group, its place in time, and its time, with the arrays that these are copied from. */
const INDEX_ROW_BYTES = 32;

/**
 * The right side of an as-of join: rows by key, those of one key in the order of their times, the one that is wanted of
 * several at one time foremost as seen from the left row.
 */
export class AsOfIndex {
  readonly #node: AsOfJoinNode;
  readonly #context: ExecutionContext;
  /** Columns of the right side that are kept: those shown, the time, and what decides between rows of one time. */
  readonly #kept: readonly number[];
  readonly #store: RowStore;
  readonly #table: GroupTable | undefined;
  readonly #keys: readonly ColumnEvaluator[];
  readonly #probes: readonly ColumnEvaluator[];
  #groups = new Int32Array(1024);
  #columns: readonly ChunkedColumn[] = [];
  #reservedBytes = 0;
  /** Group g has the places from `starts[g]` to `starts[g + 1]`. */
  #starts = new Uint32Array(1);
  /** By place, the row in the store and its time. */
  #rows = new Uint32Array(0);
  #times: ExactTimes = { nearest: new Float64Array(0), rests: undefined, validity: undefined };
  /** By group, the place where the search for its last probe ended: the next one is mostly near. */
  #cursors = new Uint32Array(0);
  #probeGroups = new Int32Array(1024);
  #isFound = new Uint8Array(1024);
  #places = new Uint32Array(1024);
  #foundRows = new Uint32Array(1024);

  constructor(node: AsOfJoinNode, context: ExecutionContext) {
    const { equalities, right, shown } = node;
    this.#node = node;
    this.#context = context;
    const reads = columnsUsed(...ascendingKeys(node).map((key) => key.expression));
    this.#kept = [...new Set([...shown, ...reads])];
    const types = this.#kept.map((column) => right.output[column].type);
    this.#store = new RowStore(types, context.memory);
    this.#table =
      equalities.length === 0 ? undefined : new GroupTable(equalities.map((equality) => equality.right.type));
    this.#keys = equalities.map((equality) => new ColumnEvaluator(equality.right, context));
    this.#probes = equalities.map((equality) => new ColumnEvaluator(equality.left, context));
  }

  /** False, and the batch is not taken, where the memory of the statement has no room for it. */
  tryAdd(batch: Batch): boolean {
    const { memory } = this.#context;
    const sizeBytes = batch.rowCount * INDEX_ROW_BYTES;
    if (!memory.tryReserve(sizeBytes)) return false;
    const before = this.#store.rowCount;
    if (!this.#store.tryAppend(this.#keptOf(batch))) {
      memory.release(sizeBytes);
      return false;
    }
    this.#reservedBytes += sizeBytes;
    this.#group(batch, before);
    return true;
  }

  /** Like `tryAdd`. Throws 53200. */
  add(batch: Batch): void {
    const sizeBytes = batch.rowCount * INDEX_ROW_BYTES;
    this.#context.memory.reserve(sizeBytes);
    this.#reservedBytes += sizeBytes;
    const before = this.#store.rowCount;
    this.#store.append(this.#keptOf(batch));
    this.#group(batch, before);
  }

  #keptOf({ rowCount, columns }: Batch): Batch {
    return { rowCount, columns: this.#kept.map((column) => columns[column]) };
  }

  #group(batch: Batch, before: number): void {
    const rowCount = before + batch.rowCount;
    if (this.#groups.length < rowCount) {
      const larger = new Int32Array(Math.max(rowCount, this.#groups.length * 2));
      larger.set(this.#groups);
      this.#groups = larger;
    }
    const groups = this.#groups.subarray(before, rowCount);
    if (this.#table === undefined) groups.fill(0);
    else {
      const keys = this.#keys.map((key) => key.evaluate(batch));
      this.#table.assignNonNull(keys, batch.rowCount, groups);
    }
  }

  /** Puts the rows in order; no row comes after that. */
  async finish(): Promise<void> {
    const { control } = this.#context;
    const { rowCount } = this.#store;
    const groupCount = this.#table?.groupCount ?? 1;
    this.#table?.close();
    this.#columns = this.#store.chunked();
    const times = await this.#storedTimes(this.#columns[this.#kept.indexOf(timeColumnOf(this.#node))]);
    const groups = this.#groups;
    const starts = new Uint32Array(groupCount + 1);
    for (let row = 0; row < rowCount; row++) {
      if (times.validity !== undefined && times.validity[row] === 0) groups[row] = NONE;
      if (groups[row] !== NONE) starts[groups[row] + 1]++;
    }
    for (let group = 0; group < groupCount; group++) starts[group + 1] += starts[group];
    const next = starts.slice(0, groupCount);
    const rows = new Uint32Array(starts[groupCount]);
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
    for (let from = 0; from < rowCount; from += ROWS_PER_TURN) {
      const to = Math.min(from + ROWS_PER_TURN, rowCount);
      for (let row = from; row < to; row++) if (groups[row] !== NONE) rows[next[groups[row]]++] = row;
      const due = control.yieldIfDue();
      if (due !== undefined) await due;
    }
    await this.#sortGroups(rows, starts, times);
    this.#starts = starts;
    this.#rows = rows;
    this.#cursors = starts.slice(0, groupCount);
    this.#times = await this.#inOrder(times, rows);
  }

  /** By row of the store. */
  async #storedTimes({ chunks, rowCount }: ChunkedColumn): Promise<ExactTimes> {
    const nearest = new Float64Array(rowCount);
    let rests: Float64Array | undefined;
    let validity: Uint8Array | undefined;
    let first = 0;
    for (const chunk of chunks) {
      const count = Math.min(CHUNK_ROWS, rowCount - first);
      const times = exactTimes(chunk, count);
      nearest.set(times.nearest.subarray(0, count), first);
      if (times.rests !== undefined) {
        rests ??= new Float64Array(rowCount);
        rests.set(times.rests, first);
      }
      if (times.validity !== undefined) {
        validity ??= new Uint8Array(rowCount).fill(1);
        validity.set(times.validity.subarray(0, count), first);
      }
      first += count;
      const turn = this.#context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    return { nearest, rests, validity };
  }

  /** Rows mostly come in order: only those of groups that are not are sorted. */
  async #sortGroups(rows: Uint32Array, starts: Uint32Array, times: ExactTimes): Promise<void> {
    const { control } = this.#context;
    const hasTies = this.#node.ties.length + this.#node.tieBreakers.length > 0;
    let compare: RowComparator | undefined;
    for (let group = 0; group + 1 < starts.length; group++) {
      const own = rows.subarray(starts[group], starts[group + 1]);
      const order = orderOf(own, times);
      // Rows at one time stand in the order of their places already, where that is what is asked for.
      if (order === 'unordered' || (order === 'ties' && hasTies)) compare ??= await this.#comparator();
      else continue;
      const byRow = compare;
      if (order === 'ties' && isOrdered(own, byRow)) continue;
      // Equal rows keep the order in which they came.
      const places = await sortRows(own.length, (left, right) => byRow(own[left], own[right]), control);
      const sorted = places.map((index) => own[index]);
      own.set(sorted);
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  }

  async #comparator(): Promise<RowComparator> {
    const keys = ascendingKeys(this.#node).map((key) => ({
      ...key,
      expression: remapColumns(key.expression, (column) => this.#kept.indexOf(column)),
    }));
    const expressions = keys.map((key) => key.expression);
    const columns = await storedKeys(this.#store, expressions, this.#context);
    return rowComparator(columns, expressions, keys, this.#context.control);
  }

  async #inOrder({ nearest, rests }: ExactTimes, rows: Uint32Array): Promise<ExactTimes> {
    const ordered = new Float64Array(rows.length);
    const orderedRests = rests === undefined ? undefined : new Float64Array(rows.length);
    for (let from = 0; from < rows.length; from += ROWS_PER_TURN) {
      const to = Math.min(from + ROWS_PER_TURN, rows.length);
      for (let place = from; place < to; place++) ordered[place] = nearest[rows[place]];
      if (orderedRests !== undefined) {
        for (let place = from; place < to; place++) orderedRests[place] = rests![rows[place]];
      }
      const turn = this.#context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    return { nearest: ordered, rests: orderedRests, validity: undefined };
  }

  /** `bounds`: the values of the join's bound; undefined without one. */
  find(left: Batch, bounds: ExactTimes | undefined): FoundRows {
    const { rowCount } = left;
    if (this.#probeGroups.length < rowCount) this.#makeRoom(rowCount);
    const groups = this.#probeGroups;
    if (this.#table === undefined) groups.fill(this.#rows.length === 0 ? NONE : 0, 0, rowCount);
    else {
      const keys = this.#probes.map((probe) => probe.evaluate(left));
      this.#table.find(keys, rowCount, groups);
    }
    const starts = this.#starts;
    const isFound = this.#isFound;
    const places = this.#places;
    const rows = this.#foundRows;
    const validity = bounds?.validity;
    const isLatest = this.#node.direction === 'latest';
    // Of the places of a group, the first ones are before the bound: `<=` and `>` count those at it among them.
    const operator = this.#node.bound?.operator;
    const countsEqual = operator === '<=' || operator === '>';
    for (let row = 0; row < rowCount; row++) {
      const group = groups[row];
      isFound[row] = 0;
      if (group === NONE || (validity !== undefined && validity[row] === 0)) continue;
      const groupEnd = starts[group + 1];
      const end = bounds === undefined ? groupEnd : this.#endBefore(group, bounds, row, countsEqual);
      const place = isLatest ? end - 1 : end;
      if (place < starts[group] || place >= groupEnd) continue;
      isFound[row] = 1;
      places[row] = place;
      rows[row] = this.#rows[place];
    }
    return { left, isFound, shown: this.#shownColumns(), rows, times: this.#times, places };
  }

  #makeRoom(rowCount: number): void {
    this.#probeGroups = new Int32Array(rowCount);
    this.#isFound = new Uint8Array(rowCount);
    this.#places = new Uint32Array(rowCount);
    this.#foundRows = new Uint32Array(rowCount);
  }

  /** The first place of a group that is not before the bound. */
  #endBefore(group: number, bounds: ExactTimes, row: number, countsEqual: boolean): number {
    const { nearest, rests } = this.#times;
    const time = bounds.nearest[row];
    const rest = bounds.rests === undefined ? 0 : bounds.rests[row];
    const isBefore = (place: number): boolean => {
      const at = nearest[place];
      if (at !== time) return at < time;
      const past = (rests === undefined ? 0 : rests[place]) - rest;
      return past < 0 || (past === 0 && countsEqual);
    };
    let low = this.#starts[group];
    let high = this.#starts[group + 1];
    const cursor = this.#cursors[group];
    // From where the last search ended, in steps that double.
    if (cursor < high && isBefore(cursor)) {
      low = cursor + 1;
      for (let step = 1; low < high; step *= 2) {
        const place = Math.min(low + step, high) - 1;
        if (!isBefore(place)) {
          high = place;
          break;
        }
        low = place + 1;
      }
    } else {
      high = Math.min(cursor, high);
      for (let step = 1; low < high; step *= 2) {
        const place = Math.max(high - step, low);
        if (isBefore(place)) {
          low = place + 1;
          break;
        }
        high = place;
      }
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(middle)) low = middle + 1;
      else high = middle;
    }
    this.#cursors[group] = low;
    return low;
  }

  #shownColumns(): readonly ChunkedColumn[] {
    return this.#node.shown.map((column) => this.#columns[this.#kept.indexOf(column)]);
  }

  /** Gives the memory back to the statement. */
  release(): void {
    this.#store.release();
    this.#context.memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }
}

type RowComparator = (left: number, right: number) => number;

/** Whether rows come in the order of their times, and if so, whether some come at one time. */
function orderOf(rows: Uint32Array, { nearest, rests }: ExactTimes): 'unordered' | 'ties' | 'ordered' {
  let hasTies = false;
  for (let index = 1; index < rows.length; index++) {
    const before = nearest[rows[index - 1]];
    const time = nearest[rows[index]];
    if (before < time) continue;
    if (before > time) return 'unordered';
    const rest = rests === undefined ? 0 : rests[rows[index]] - rests[rows[index - 1]];
    if (rest < 0) return 'unordered';
    if (rest === 0) hasTies = true;
  }
  return hasTies ? 'ties' : 'ordered';
}

function isOrdered(rows: Uint32Array, compare: RowComparator): boolean {
  for (let index = 1; index < rows.length; index++) if (compare(rows[index - 1], rows[index]) > 0) return false;
  return true;
}

/** The column of the right side that is its time. */
function timeColumnOf({ time }: AsOfJoinNode): number {
  if (time.kind !== 'column') throw new Error('the time of an as-of join is a column');
  return time.index;
}

/** By time from early to late; of rows at one time, the one that is wanted comes nearest to the left row. */
export function ascendingKeys({ time, ties, tieBreakers, direction }: AsOfJoinNode): readonly SortKey[] {
  const byTime: SortKey = { expression: time, isDescending: false, nullsFirst: false };
  const others = [...ties, ...tieBreakers];
  if (direction === 'earliest') return [byTime, ...others];
  const reversed = others.map((key) => ({ ...key, isDescending: !key.isDescending, nullsFirst: !key.nullsFirst }));
  return [byTime, ...reversed];
}
