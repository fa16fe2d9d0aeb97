import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Value } from '../../types/value.ts';
import type { NewSeries } from '../commit/commit-operation.ts';
import { tagDefinitions } from '../table-identity.ts';
import type { TableStore } from '../table-store.ts';
import { MAX_SERIES, SeriesIndex, type TagTuples } from './series-index.ts';
import { NULL_CODE } from './tag-dictionary.ts';

/** The series of one commit: ids of known tuples, and the ids that new ones will get when the commit is applied. */
export class SeriesAllocation {
  readonly #table: TableDescriptor;
  readonly #known: SeriesIndex | undefined;
  /** Tuples that the table does not have; dictionaries are the table's where it has them. */
  readonly #added: SeriesIndex;
  readonly #maxSeries: number;

  /** `store` is undefined for a table that the same commit creates; `other` is an index whose series are to come. */
  constructor(
    table: TableDescriptor,
    store: TableStore | undefined,
    other?: SeriesIndex,
    { maxSeries = MAX_SERIES }: { readonly maxSeries?: number } = {},
  ) {
    this.#table = table;
    this.#known = store?.series;
    this.#maxSeries = maxSeries;
    this.#added = new SeriesIndex(tagDefinitions(table), {
      dictionary: (number) => store?.series.dictionary(number) ?? other?.dictionary(number),
    });
  }

  /** Codes of tag sets given as values in the order of `columnNumbers`. */
  tuplesOf(rows: readonly (readonly Value[])[], columnNumbers: readonly number[]): TagTuples {
    return this.#added.tuplesOf(rows, columnNumbers);
  }

  /**
   * The id of a tuple that `tuplesOf` gave. Throws 54000 when the table has as many series as it can have, 53400 when it
   * has as many as it may.
   */
  idOf(tuples: TagTuples, row: number): number {
    const known = this.#findKnown(tuples, row);
    if (known >= 0) return known;
    const found = this.#added.find(tuples, row);
    if (found >= 0) return this.#firstNewId + found;
    this.#assertRoom();
    return this.#firstNewId + this.#added.add(tuples, row);
  }

  /** The id of the series `id` of another index. Throws likewise. */
  idOfSeries(other: SeriesIndex, id: number): number {
    // The one series of a table without tags is there from the start.
    if (this.#added.tags.length === 0) return 0;
    const known = this.#known?.findSame(other, id) ?? -1;
    if (known >= 0) return known;
    const found = this.#added.findSame(other, id);
    if (found >= 0) return this.#firstNewId + found;
    this.#assertRoom();
    return this.#firstNewId + this.#added.addSame(other, id);
  }

  /** What makes the new series part of the commit; undefined when there are none. */
  operation(): NewSeries | undefined {
    const count = this.#added.size;
    if (count === 0) return undefined;
    const ids = new Uint32Array(count);
    for (let id = 0; id < count; id++) ids[id] = id;
    return {
      kind: 'new-series',
      tableOid: this.#table.oid,
      firstId: this.#firstNewId,
      count,
      tags: this.#added.tags.map(({ columnNumber, dictionary }) => ({
        number: columnNumber,
        type: dictionary.type,
        column: this.#added.tagColumn(columnNumber, ids),
      })),
    };
  }

  get #firstNewId(): number {
    return this.#known?.size ?? 0;
  }

  #assertRoom(): void {
    if (this.#firstNewId + this.#added.size < this.#maxSeries) return;
    throw new SqlError(
      this.#maxSeries < MAX_SERIES ? SqlState.ConfigurationLimitExceeded : SqlState.ProgramLimitExceeded,
      `table "${this.#table.name}" cannot have more than ${this.#maxSeries} series`,
      { hint: 'Keep what is different in nearly every row in a field instead of a tag.' },
    );
  }

  #findKnown(tuples: TagTuples, row: number): number {
    // The one series of a table without tags is there from the start.
    if (this.#added.tags.length === 0) return 0;
    if (this.#known === undefined) return -1;
    for (let tag = this.#known.tags.length; tag < tuples.length; tag++) {
      if (tuples[tag]![row] !== NULL_CODE) return -1;
    }
    return this.#known.find(tuples, row);
  }
}
