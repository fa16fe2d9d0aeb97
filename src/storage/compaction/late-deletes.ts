import type { Lsn } from '../../catalog/table.ts';
import type { DeleteVector } from '../deletes/delete-vector.ts';
import { locateRows } from '../deletes/locate-rows.ts';
import { nameRows } from '../deletes/name-rows.ts';
import type { RowNames } from '../deletes/row-names.ts';
import type { StoredSegment } from '../stored-segment.ts';
import { inputError } from './unreadable-input.ts';

/**
 * Deletes in the inputs of a merge that came after it began, by their rows in its result. A delete takes every version of
 * a point, so whichever input tells of it, the row of the result is gone.
 */
export class LateDeletes {
  readonly #inputs: readonly StoredSegment[];
  readonly #result: StoredSegment;
  /** The merge has left out what was deleted up to here. */
  readonly #lsn: Lsn;
  readonly #hasRowIds: boolean;
  /** By input: from a row to its place in the result, as far as that is known. */
  readonly #places: readonly Map<number, number>[];

  constructor(
    inputs: readonly StoredSegment[],
    result: StoredSegment,
    { lsn, hasRowIds }: { lsn: Lsn; hasRowIds: boolean },
  ) {
    this.#inputs = inputs;
    this.#result = result;
    this.#lsn = lsn;
    this.#hasRowIds = hasRowIds;
    this.#places = inputs.map(() => new Map());
  }

  /** A promise while some row has to be looked for; then it is to be called again. Rejects with UnreadableInput. */
  search(): Promise<void> | undefined {
    const missing = this.#inputs.map((input, index) => this.#missing(input, this.#places[index]!));
    if (missing.every((rows) => rows.length === 0)) return undefined;
    return this.#locate(missing);
  }

  /** Adds the rows of the result that are deleted up to `upTo`, once `search` has given undefined. */
  addTo(vector: DeleteVector, upTo: Lsn): void {
    const found: { place: number; stamp: number }[] = [];
    const clears = new Set<number>();
    for (const [index, { deletes }] of this.#inputs.entries()) {
      for (let at = deletes.countAt(this.#lsn); at < deletes.countAt(upTo); at++) {
        const place = this.#places[index]!.get(deletes.rowAt(at))!;
        if (place >= 0) found.push({ place, stamp: deletes.stampAt(at) });
      }
      for (const { stamp } of deletes.clearsAfter(this.#lsn)) if (stamp <= upTo) clears.add(stamp);
    }
    found.sort((a, b) => a.stamp - b.stamp);
    for (const { place, stamp } of found) vector.add(place, stamp);
    for (const stamp of [...clears].sort((a, b) => a - b)) vector.clear(this.#result.entry.rowCount, stamp);
  }

  #missing({ deletes }: StoredSegment, places: ReadonlyMap<number, number>): number[] {
    const rows: number[] = [];
    for (let at = deletes.countAt(this.#lsn); at < deletes.count; at++) {
      const row = deletes.rowAt(at);
      if (!places.has(row)) rows.push(row);
    }
    return rows.sort((a, b) => a - b);
  }

  async #locate(missing: readonly (readonly number[])[]): Promise<void> {
    for (const [index, rows] of missing.entries()) {
      if (rows.length === 0) continue;
      const names = await this.#namesOf(this.#inputs[index]!, rows);
      const places = await locateRows(this.#result.reader, names);
      for (const [at, row] of rows.entries()) this.#places[index]!.set(row, places[at]!);
    }
  }

  async #namesOf(input: StoredSegment, rows: readonly number[]): Promise<RowNames> {
    try {
      return await nameRows(input.reader, rows, { hasRowIds: this.#hasRowIds });
    } catch (error) {
      throw inputError(input.entry.name, error);
    }
  }
}
