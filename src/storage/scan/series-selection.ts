import type { ScanRequest } from '../../catalog/scan-request.ts';
import type { ScanControl, ScanCounters } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { selectSeries } from '../index/select-series.ts';
import type { SeriesIndex } from '../index/series-index.ts';
import type { TableWrites } from '../versions/write-set.ts';
import { LOCAL_SERIES } from './output-columns.ts';

/** The table's series that are there for good; others come, and may go again, while the scan is under way. */
export interface PublishedSeries {
  readonly series: SeriesIndex;
  readonly count: number;
}

/** Which series of a table, and of the reader's own transaction, pass the predicates of a scan. */
export class SeriesSelection {
  readonly #table: TableDescriptor;
  readonly #request: ScanRequest;
  readonly #counters: ScanCounters;
  readonly #published: PublishedSeries | undefined;
  readonly #writes: TableWrites | undefined;
  #isDecided = false;
  #ids: Uint32Array | undefined;

  constructor(
    table: TableDescriptor,
    request: ScanRequest,
    counters: ScanCounters,
    from: { readonly published: PublishedSeries | undefined; readonly writes: TableWrites | undefined },
  ) {
    this.#table = table;
    this.#request = request;
    this.#counters = counters;
    this.#published = from.published;
    this.#writes = from.writes;
  }

  /** Decides the predicates, and gives others a turn between the steps. */
  async prepare(control: ScanControl): Promise<void> {
    if (this.#isDecided) return;
    const steps = this.#decide();
    while (steps.next().done !== true) {
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  }

  /** Ids of the series that pass, ascending; undefined = all. Those of the own transaction alone come last. */
  ids(): Uint32Array | undefined {
    if (!this.#isDecided) {
      const steps = this.#decide();
      let isDone = false;
      while (!isDone) isDone = steps.next().done === true;
    }
    return this.#ids;
  }

  *#decide(): Generator<void, void> {
    const { seriesPredicates } = this.#request;
    if (seriesPredicates.length > 0) {
      const columnNumberOf = (position: number) => this.#table.columns[position]!.number;
      let ids: Uint32Array = new Uint32Array(0);
      let tests = 0;
      if (this.#published !== undefined) {
        const selected = yield* selectSeries(this.#published.series, seriesPredicates, columnNumberOf);
        ids = selected.ids ?? ids;
        tests += selected.testedCount;
      }
      if (this.#writes !== undefined) {
        const selected = yield* selectSeries(this.#writes.series, seriesPredicates, columnNumberOf);
        const idOf = localIds(this.#writes, this.#published);
        const local = (selected.ids ?? new Uint32Array(0)).map(idOf).filter((id) => id >= LOCAL_SERIES);
        tests += selected.testedCount;
        if (local.length > 0) {
          const both = new Uint32Array(ids.length + local.length);
          both.set(ids);
          both.set(local.sort(), ids.length);
          ids = both;
        }
      }
      this.#ids = ids;
      this.#counters.tagTests = tests;
    }
    this.#isDecided = true;
  }
}

/** From the series ids of a write set to those of the table, or ids from `LOCAL_SERIES` on where it has none. */
export function localIds(writes: TableWrites, published: PublishedSeries | undefined): (localId: number) => number {
  if (published === undefined) return (localId) => LOCAL_SERIES + localId;
  if (writes.series.tags.length === 0) return (localId) => localId;
  return (localId) => {
    const known = published.series.findSame(writes.series, localId);
    return known >= 0 && known < published.count ? known : LOCAL_SERIES + localId;
  };
}
