import { lowerBoundOf } from '../binary-search.ts';
import { PLAIN_PARTITION } from '../table-identity.ts';
import { PROVISIONAL_ROW_ID, type TableWrites } from './write-set.ts';

/** Which row of a commit takes the place of which older one: the write set knows them by provisional ids. */
export class RowReplacements {
  readonly #replacements: ReadonlyMap<number, number>;
  /** The provisional ids of the rows that are committed, ascending … */
  readonly #provisional: Float64Array;
  /** … of which the first gets this id, and the others those after it. */
  readonly #firstRowId: number;
  readonly #staged: TableWrites['staged'];

  /** `firstRowId`: that of the first row in memory which is not deleted. */
  constructor(writes: TableWrites, firstRowId: number) {
    this.#replacements = writes.replacements;
    this.#firstRowId = firstRowId;
    this.#staged = writes.staged;
    const memtable = writes.memtables.get(PLAIN_PARTITION);
    this.#provisional = new Float64Array(memtable?.rowCount ?? 0);
    let count = 0;
    for (const { rowIds, rowCount } of memtable?.liveBlocks() ?? []) {
      this.#provisional.set(rowIds!.subarray(0, rowCount), count);
      count += rowCount;
    }
    this.#provisional = this.#provisional.subarray(0, count);
  }

  /** The id of the row in the place of a committed one; -1 where that was deleted. */
  replacedBy(rowId: number): number {
    let last = rowId;
    for (let next = this.#replacements.get(last); next !== undefined; next = this.#replacements.get(last)) last = next;
    if (last < PROVISIONAL_ROW_ID) return -1;
    const staged = this.#staged.rowIdOf(last);
    if (staged < PROVISIONAL_ROW_ID) return staged;
    const place = lowerBoundOf(this.#provisional, last);
    return this.#provisional[place] === last ? this.#firstRowId + place : -1;
  }
}
