import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Value } from '../../types/value.ts';
import type { NewSeries } from '../commit/commit-record.ts';
import { tagDefinitions } from '../table-identity.ts';
import type { TableStore } from '../table-store.ts';
import { SeriesIndex, type TagTuples } from './series-index.ts';
import { NULL_CODE } from './tag-dictionary.ts';

/** The series of one commit: ids of known tuples, and the ids that new ones will get when the commit is applied. */
export class SeriesAllocation {
  readonly #tableOid: number;
  readonly #known: SeriesIndex | undefined;
  /** Tuples that the table does not have; dictionaries are the table's where it has them. */
  readonly #added: SeriesIndex;

  /**
   * `store` is undefined for a table that the same commit creates; `dictionaries` then names the index whose codes the
   * tuples will have.
   */
  constructor(descriptor: TableDescriptor, store: TableStore | undefined, dictionaries?: SeriesIndex) {
    this.#tableOid = descriptor.oid;
    this.#known = store?.series;
    this.#added = new SeriesIndex(tagDefinitions(descriptor), store?.series ?? dictionaries);
  }

  /** Codes of tag sets given as values in the order of `columnNumbers`. */
  tuplesOf(rows: readonly (readonly Value[])[], columnNumbers: readonly number[]): TagTuples {
    return this.#added.tuplesOf(rows, columnNumbers);
  }

  /** The id of a tuple, whose codes are of the table's dictionaries. */
  idOf(tuples: TagTuples, row: number): number {
    const known = this.#findKnown(tuples, row);
    if (known >= 0) return known;
    const found = this.#added.find(tuples, row);
    return this.#firstNewId + (found >= 0 ? found : this.#added.add(tuples, row));
  }

  /** What makes the new series part of the commit; undefined when there are none. */
  operation(): NewSeries | undefined {
    const count = this.#added.size;
    if (count === 0) return undefined;
    const ids = new Uint32Array(count);
    for (let id = 0; id < count; id++) ids[id] = id;
    return {
      kind: 'new-series',
      tableOid: this.#tableOid,
      firstId: this.#firstNewId,
      count,
      tags: this.#added.tagNumbers.map((number) => ({
        number,
        type: this.#added.dictionary(number)!.type,
        column: this.#added.tagColumn(number, ids),
      })),
    };
  }

  get #firstNewId(): number {
    return this.#known?.size ?? 0;
  }

  #findKnown(tuples: TagTuples, row: number): number {
    // The one series of a table without tags is there from the start.
    if (this.#added.tagNumbers.length === 0) return 0;
    if (this.#known === undefined) return -1;
    for (let tag = this.#known.tagNumbers.length; tag < tuples.length; tag++) {
      if (tuples[tag]![row] !== NULL_CODE) return -1;
    }
    return this.#known.find(tuples, row);
  }
}
