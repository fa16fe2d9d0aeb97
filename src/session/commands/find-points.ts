import type { SeriesPredicate } from '../../catalog/scan-request.ts';
import type { Snapshot, Table } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { gatherBatch, gatherColumn } from '../../columnar/copy-rows.ts';
import { invariant } from '../../errors/invariant.ts';
import type { ExecutionContext } from '../../execution/execution-context.ts';
import { GroupTable } from '../../execution/group-table.ts';
import { RowStore } from '../../execution/row-store.ts';
import { MICROS_PER_DAY } from '../../types/civil-time.ts';

/** Stretches of time that are read one by one: what lies between two that are far apart is left alone. */
const MAX_STRETCHES = 16;

/** The column that tells points within one microsecond apart. */
const REMAINDER = 'tidewire.remainder';

/** Rows of a time-series table that have the points of other rows. */
export interface FoundPoints {
  /** For each of the others its row, or -1. */
  readonly places: Int32Array;
  /** Their columns at `positions` of the table's. */
  readonly rows: Batch;
  readonly positions: readonly number[];
}

/** What identifies the points of a table with a key. */
export class PointKeys {
  readonly #table: TableDescriptor;
  readonly #positions: readonly number[];
  /** Positions of the key's columns in full rows, in which hidden columns are missing. */
  readonly #visible: readonly number[];

  constructor(table: TableDescriptor) {
    const { uniqueKey } = table;
    invariant(uniqueKey !== undefined, 'points are found by their key');
    const visible = table.columns.filter((column) => column.isHidden !== true);
    this.#table = table;
    this.#positions = uniqueKey.columnNumbers.map((number) =>
      table.columns.findIndex((column) => column.number === number),
    );
    this.#visible = this.#positions.map((at) => visible.indexOf(table.columns[at]));
  }

  newTable(): GroupTable {
    return new GroupTable(this.#positions.map((at) => this.#table.columns[at].type));
  }

  /** Of full rows: one column per visible column. */
  ofRows({ columns }: Batch): Column[] {
    return this.#visible.map((at) => columns[at]);
  }

  /** The rows of a snapshot that have the points of some of the others. Points a nanosecond beside are others. */
  async find(
    { rows, wanted, reads }: WantedPoints,
    snapshot: Snapshot,
    context: ExecutionContext,
  ): Promise<FoundPoints> {
    const table = this.#table;
    const remainder = table.columns.findIndex(({ name }) => name === REMAINDER);
    const positions = [...new Set([...reads, ...this.#positions, remainder])];
    const store = new RowStore(
      positions.map((at) => table.columns[at].type),
      context.memory,
    );
    const places = new Int32Array(rows.rowCount).fill(-1);
    const stored = context.table(table.oid);
    const keys = this.newTable();
    const groups = new Uint32Array(wanted.length);
    const selection = Uint32Array.from(wanted);
    keys.assign(
      this.ofRows(rows).map((column) => gatherColumn(column, selection, selection.length)),
      selection.length,
      groups,
    );
    const known = keys.groupCount;
    const rowOfGroup = new Int32Array(known).fill(-1);
    for (const stretch of this.#stretches(rows, wanted)) {
      await this.#scan(stored, { rows, positions, ...stretch }, snapshot, context, (batch) => {
        const found = new Uint32Array(batch.rowCount);
        const key = this.#positions.map((at) => batch.columns[positions.indexOf(at)]);
        keys.assign(key, batch.rowCount, found);
        const kept = new Uint32Array(batch.rowCount);
        let count = 0;
        for (let row = 0; row < batch.rowCount; row++) {
          if (found[row] >= known) continue;
          rowOfGroup[found[row]] = store.rowCount + count;
          kept[count++] = row;
        }
        if (count > 0) store.append(gatherBatch(batch, kept, count));
      });
    }
    for (const [at, row] of wanted.entries()) places[row] = rowOfGroup[groups[at]];
    return { places, positions, rows: { rowCount: store.rowCount, columns: store.columns() } };
  }

  async #scan(
    table: Table,
    { rows, positions, from, to, members }: Stretch & { readonly rows: Batch; readonly positions: readonly number[] },
    snapshot: Snapshot,
    context: ExecutionContext,
    take: (batch: Batch) => void,
  ): Promise<void> {
    const remainderAt = positions.findIndex((at) => this.#table.columns[at].name === REMAINDER);
    const scan = table.scan(
      {
        columns: positions,
        timeRange: { from, to },
        seriesPredicates: this.#predicates(rows, members),
        fieldRanges: [],
      },
      snapshot,
    );
    if (scan.prepare !== undefined) await scan.prepare(context.control);
    for (const morsel of scan.morsels()) {
      for await (const batch of scan.read(morsel, context.control)) {
        const whole: number[] = [];
        for (let row = 0; row < batch.rowCount; row++) {
          if (Number(valueAt(batch.columns[remainderAt], row)) === 0) whole.push(row);
        }
        if (whole.length > 0) take(gatherBatch(batch, Uint32Array.from(whole), whole.length));
      }
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  }

  /** One per tag: its value is among those of the rows. */
  #predicates(rows: Batch, members: readonly number[]): SeriesPredicate[] {
    const { columns, timeSeries } = this.#table;
    const visible = columns.filter((column) => column.isHidden !== true);
    const numbers = timeSeries?.tagColumnNumbers ?? [];
    return numbers.map((number) => {
      const position = columns.findIndex((column) => column.number === number);
      const { definition } = columns[position].type;
      const values = new GroupTable([columns[position].type]);
      const wanted = Uint32Array.from(members);
      const column = gatherColumn(rows.columns[visible.indexOf(columns[position])], wanted, wanted.length);
      values.assign([column], wanted.length, new Uint32Array(wanted.length));
      const known = values.groupCount;
      const select = (series: Batch, selection: Uint32Array): number => {
        const groups = new Uint32Array(series.rowCount);
        values.assign(series.columns, series.rowCount, groups);
        let count = 0;
        for (let row = 0; row < series.rowCount; row++) if (groups[row] < known) selection[count++] = row;
        return count;
      };
      const tagColumns = [position];
      if (definition.name !== 'text') return { tagColumns, select };
      const texts = new Set(Array.from(wanted.keys(), (row) => valueAt(column, row) as string | null));
      return { tagColumns, select, equalTo: { tagColumn: position, values: [...texts] } };
    });
  }

  /** The times of the rows, as stretches with the widest gaps between them. */
  #stretches(rows: Batch, wanted: readonly number[]): readonly Stretch[] {
    const { columns, timeSeries } = this.#table;
    const visible = columns.filter((column) => column.isHidden !== true);
    const time = visible.findIndex(({ number }) => number === timeSeries?.timeColumnNumber);
    const unit = visible[time].type.definition.representation === 'float64' ? MICROS_PER_DAY : 1;
    const times = wanted
      .map((row) => ({ row, micros: Number(valueAt(rows.columns[time], row)) * unit }))
      .sort((left, right) => left.micros - right.micros);
    const gaps = times
      .slice(1)
      .map(({ micros }, at) => ({ at: at + 1, width: micros - times[at].micros }))
      .sort((left, right) => right.width - left.width);
    const cuts = gaps.slice(0, MAX_STRETCHES - 1).filter(({ width }) => width > 0);
    const ends = [...cuts.map(({ at }) => at).sort((left, right) => left - right), times.length];
    return ends.map((end, at) => {
      const part = times.slice(at === 0 ? 0 : ends[at - 1], end);
      const last = part[part.length - 1].micros;
      // Instants beyond 2^53 are not exact here.
      const slack = Math.abs(last) > Number.MAX_SAFE_INTEGER / 2 ? 4096 : 0;
      return { from: part[0].micros - slack, to: last + 1 + slack, members: part.map(({ row }) => row) };
    });
  }
}

/** Which points are looked for. */
interface WantedPoints {
  /** Full rows … */
  readonly rows: Batch;
  /** … of which these are meant. */
  readonly wanted: readonly number[];
  /** Positions of the columns that are asked for. */
  readonly reads: readonly number[];
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly members: readonly number[];
}
