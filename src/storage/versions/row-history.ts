import type { Lsn } from '../../catalog/table.ts';

/** How a row of a plain table came to its end. */
export interface RowEnd {
  readonly lsn: Lsn;
  /** The row that UPDATE put in its place; -1 where it was deleted. */
  readonly replacedBy: number;
}

/** Rows that entered the table later than their ids tell, since they had got them before. */
interface LateRows {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly lsn: Lsn;
}

/** Every row below an id was deleted at once. */
interface Truncation {
  readonly below: number;
  readonly end: RowEnd;
}

/**
 * What became of the rows of one plain table lately, by their ids: as far back as some snapshot may ask, and as long as
 * their keys stand in an index. Row ids ascend with the commits that brought them, but for those of staged rows.
 */
export class RowHistory {
  /** In the order of the commits. */
  readonly #ends = new Map<number, RowEnd>();
  #late: LateRows[] = [];
  #truncations: Truncation[] = [];
  /** Rows that came to nothing with their commit. */
  #lost: { readonly from: number; readonly to: number }[] = [];

  get isEmpty(): boolean {
    return (
      this.#ends.size === 0 && this.#late.length === 0 && this.#truncations.length === 0 && this.#lost.length === 0
    );
  }

  /** Rows whose end is remembered one by one. */
  get endCount(): number {
    return this.#ends.size;
  }

  /** Undefined for a row that is still there, and for one that nobody may ask about. */
  endOf(rowId: number): RowEnd | undefined {
    const end = this.#ends.get(rowId);
    if (end !== undefined || this.#truncations.length === 0) return end;
    return this.#truncations.find(({ below }) => rowId < below)?.end;
  }

  /** Whether the row had ended for a reader at `lsn`, or has not come yet; `horizon`: the first id of later commits. */
  isHidden(rowId: number, lsn: Lsn, horizon: number): boolean {
    if (rowId >= horizon) return true;
    const end = this.endOf(rowId);
    if (end !== undefined && end.lsn <= lsn) return true;
    return this.#isLater(rowId, lsn) || this.#isLost(rowId);
  }

  /** Whether nobody at `oldestLsn` or later can see the row. */
  isGone(rowId: number, oldestLsn: Lsn): boolean {
    const end = this.endOf(rowId);
    return (end !== undefined && end.lsn <= oldestLsn) || this.#isLost(rowId);
  }

  noteDeleted(rowIds: ArrayLike<number>, lsn: Lsn): void {
    const end: RowEnd = { lsn, replacedBy: -1 };
    for (let index = 0; index < rowIds.length; index++) this.#ends.set(rowIds[index], end);
  }

  /** Rows of which some were replaced. */
  noteEnds(rowIds: ArrayLike<number>, lsn: Lsn, replacements: { replacedBy(rowId: number): number }): void {
    const deleted: RowEnd = { lsn, replacedBy: -1 };
    for (let index = 0; index < rowIds.length; index++) {
      const next = replacements.replacedBy(rowIds[index]);
      this.#ends.set(rowIds[index], next < 0 ? deleted : { lsn, replacedBy: next });
    }
  }

  noteTruncated(below: number, lsn: Lsn): void {
    if (below > 0) this.#truncations.push({ below, end: { lsn, replacedBy: -1 } });
  }

  noteLate(rows: LateRows): void {
    this.#late.push(rows);
  }

  /** Rows `from` to `to` (exclusive) were taken back; their ids are not used again. */
  noteLost(from: number, to: number): void {
    if (to > from) this.#lost.push({ from, to });
  }

  /** Takes back what commits from `lsn` on have noted. */
  removeFrom(lsn: Lsn, rowIds: ArrayLike<number>): void {
    for (let index = 0; index < rowIds.length; index++) {
      const end = this.#ends.get(rowIds[index]);
      if (end !== undefined && end.lsn >= lsn) this.#ends.delete(rowIds[index]);
    }
    this.#truncations = this.#truncations.filter(({ end }) => end.lsn < lsn);
    this.#late = this.#late.filter((late) => late.lsn < lsn);
  }

  /**
   * Forgets ends up to `lsn`, the oldest first and at most `count` of them. Only when no snapshot is older and no index has
   * the rows. True when there may be more of them.
   */
  forget(lsn: Lsn, count: number): boolean {
    let left = count;
    for (const [rowId, end] of this.#ends) {
      if (left === 0 || end.lsn > lsn) break;
      this.#ends.delete(rowId);
      left--;
    }
    if (this.#truncations.length > 0) this.#truncations = this.#truncations.filter(({ end }) => end.lsn > lsn);
    if (this.#late.length > 0) this.#late = this.#late.filter((late) => late.lsn > lsn);
    return left === 0;
  }

  /** No index has rows that were lost by now, as many as there were then. */
  forgetLost(count: number): void {
    this.#lost.splice(0, count);
  }

  get lostCount(): number {
    return this.#lost.length;
  }

  #isLater(rowId: number, lsn: Lsn): boolean {
    for (const late of this.#late) if (rowId >= late.from && rowId < late.to && late.lsn > lsn) return true;
    return false;
  }

  #isLost(rowId: number): boolean {
    for (const { from, to } of this.#lost) if (rowId >= from && rowId < to) return true;
    return false;
  }
}
