import type { Lsn } from '../../catalog/table.ts';
import { PAGE_BITS, PAGE_MASK, PAGE_SERIES } from './code-pages.ts';

interface Page {
  times: Float64Array;
  /** Infinity: not known. */
  lsns: Float64Array;
}

const FIRST_CAPACITY = 16;

/**
 * For every series the time of its newest row: no row that was ever there is newer, and where the entry is known, a row of
 * that time is there for every snapshot from the entry's LSN on. 16 bytes a series.
 *
 * Entries are times, not places, so that flushes and compactions do not concern them: the partition follows from the time,
 * and the layers of one partition are searched by series anyway. They are kept when rows are applied, before these are
 * published. What takes rows away makes an entry unknown; its time stays as the bound that it is.
 */
export class LastRowEntries {
  readonly #pages: Page[] = [];
  /** Entries from before this commit are unknown. */
  #knownFrom: Lsn = 0;

  get sizeBytes(): number {
    return this.#pages.reduce((sum, { times }) => sum + times.length * 16, 0);
  }

  /** No row of the series has `TimeKeys.times` beyond this; -Infinity when it never had one. */
  bound(seriesId: number): number {
    const page = this.#pages[seriesId >>> PAGE_BITS];
    const offset = seriesId & PAGE_MASK;
    return page === undefined || offset >= page.times.length ? Number.NEGATIVE_INFINITY : page.times[offset];
  }

  /** Whether a row at `bound` is there for a snapshot at `lsn`. */
  isKnown(seriesId: number, lsn: Lsn): boolean {
    const page = this.#pages[seriesId >>> PAGE_BITS];
    const offset = seriesId & PAGE_MASK;
    if (page === undefined || offset >= page.times.length) return false;
    return page.lsns[offset] <= lsn && page.lsns[offset] >= this.#knownFrom;
  }

  /** A commit brought a row. */
  note(seriesId: number, time: number, lsn: Lsn): void {
    const page = this.#pageOf(seriesId);
    const offset = seriesId & PAGE_MASK;
    if (time < page.times[offset]) return;
    if (time === page.times[offset]) {
      if (page.lsns[offset] <= lsn && page.lsns[offset] >= this.#knownFrom) return;
    } else page.times[offset] = time;
    page.lsns[offset] = lsn;
  }

  /** `note` for many rows. */
  noteRows(
    { seriesIds, times, rowCount }: { seriesIds: Uint32Array; times: Float64Array; rowCount: number },
    lsn: Lsn,
  ): void {
    let seriesId = -1;
    let last = Number.POSITIVE_INFINITY;
    for (let row = 0; row < rowCount; row++) {
      // Rows of one series mostly follow each other.
      if (seriesIds[row] === seriesId && times[row] <= last) continue;
      seriesId = seriesIds[row];
      this.note(seriesId, times[row], lsn);
      last = times[row];
    }
  }

  /** No row is newer, whether or not there is one of that time. */
  raiseBound(seriesId: number, time: number): void {
    const page = this.#pageOf(seriesId);
    const offset = seriesId & PAGE_MASK;
    if (time <= page.times[offset]) return;
    page.times[offset] = time;
    page.lsns[offset] = Number.POSITIVE_INFINITY;
  }

  /** Rows were deleted, or come to nothing: it is not known any more whether others of their times are there. */
  forgetRows({ seriesIds, times, rowCount }: { seriesIds: Uint32Array; times: Float64Array; rowCount: number }): void {
    for (let row = 0; row < rowCount; row++) {
      const page = this.#pageOf(seriesIds[row]);
      const offset = seriesIds[row] & PAGE_MASK;
      if (times[row] >= page.times[offset]) page.lsns[offset] = Number.POSITIVE_INFINITY;
    }
  }

  /** Nothing that was known before this commit is known any more: it deleted who knows what. */
  forgetBefore(lsn: Lsn): void {
    this.#knownFrom = Math.max(this.#knownFrom, lsn);
  }

  /** The ids from `size` on will be given to other series. */
  truncate(size: number): void {
    for (let index = size >>> PAGE_BITS; index < this.#pages.length; index++) {
      const { times, lsns } = this.#pages[index]!;
      const from = Math.max(size - index * PAGE_SERIES, 0);
      times.fill(Number.NEGATIVE_INFINITY, from);
      lsns.fill(Number.POSITIVE_INFINITY, from);
    }
  }

  #pageOf(seriesId: number): Page {
    const index = seriesId >>> PAGE_BITS;
    const offset = seriesId & PAGE_MASK;
    while (this.#pages.length <= index)
      this.#pages.push(newPage(this.#pages.length === 0 ? FIRST_CAPACITY : PAGE_SERIES));
    const page = this.#pages[index]!;
    if (offset < page.times.length) return page;
    let capacity = page.times.length;
    while (capacity <= offset) capacity *= 2;
    const grown = newPage(capacity);
    grown.times.set(page.times);
    grown.lsns.set(page.lsns);
    this.#pages[index] = grown;
    return grown;
  }
}

function newPage(capacity: number): Page {
  return {
    times: new Float64Array(capacity).fill(Number.NEGATIVE_INFINITY),
    lsns: new Float64Array(capacity).fill(Number.POSITIVE_INFINITY),
  };
}
