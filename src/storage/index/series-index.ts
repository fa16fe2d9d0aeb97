import type { SeriesPredicate } from '../../catalog/scan-request.ts';
import type { Column } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { CodePages, PAGE_MASK } from './code-pages.ts';
import { IdTable } from './id-table.ts';
import { LastRowEntries } from './last-row-entries.ts';
import { selectSeries } from './select-series.ts';
import { NULL_CODE, TagDictionary } from './tag-dictionary.ts';
import { TagPostings } from './tag-postings.ts';

/** Of one tag: its dictionary, per series the code of its value, and per value its series. */
export interface IndexedTag {
  readonly columnNumber: number;
  readonly dictionary: TagDictionary;
  readonly codes: CodePages;
  readonly postings: TagPostings;
}

/** A tag of a table. */
export interface TagDefinition {
  readonly columnNumber: number;
  readonly type: TypeDefinition;
}

/** Where a tag's dictionary may be there already. */
export interface DictionarySource {
  dictionary(columnNumber: number): TagDictionary | undefined;
}

/** Tuples of tag codes: column i holds one code per tuple, of tag i of the index. */
export type TagTuples = readonly Uint32Array[];

/**
 * Ids are uint32, of which those from here on number the series that a transaction alone knows. That many series would
 * take 100 GB of memory.
 */
export const MAX_SERIES = 2 ** 31;

/**
 * Which series a table has: tag tuple → dense id, and id → tags. It holds every series that the log holds, published or
 * not: a series without visible rows is harmless. Everything in it grows by pages and parts, so that no series costs
 * much more than another.
 *
 *   tuple ─ hash ─► IdTable ─► id ─► CodePages per tag ─► code ─► TagDictionary ─► value
 *                               └─► LastRowEntries       value ─► TagPostings ─► ids
 */
export class SeriesIndex {
  readonly lastRows = new LastRowEntries();
  #tags: IndexedTag[] = [];
  #size = 0;
  readonly #ids = new IdTable();
  readonly #lost: { readonly from: number; readonly to: number }[] = [];
  /** One tuple, for whoever needs it just now. */
  readonly #tuple: Uint32Array[] = [];

  /** `base`: whose dictionaries to share (a write set's index of series that the table may not have yet). */
  constructor(tags: readonly TagDefinition[], base?: DictionarySource) {
    for (const tag of tags) this.addTag(tag, base);
  }

  get size(): number {
    return this.#size;
  }

  get tags(): readonly IndexedTag[] {
    return this.#tags;
  }

  get tagNumbers(): readonly number[] {
    return this.#tags.map((tag) => tag.columnNumber);
  }

  /** What it holds in memory, roughly. */
  get sizeBytes(): number {
    let sizeBytes = this.#ids.sizeBytes + this.lastRows.sizeBytes;
    for (const { dictionary, codes, postings } of this.#tags) {
      sizeBytes += dictionary.sizeBytes + codes.sizeBytes + postings.sizeBytes;
    }
    return sizeBytes;
  }

  tag(columnNumber: number): IndexedTag | undefined {
    return this.#tags.find((tag) => tag.columnNumber === columnNumber);
  }

  dictionary(columnNumber: number): TagDictionary | undefined {
    return this.tag(columnNumber)?.dictionary;
  }

  /** A tag that comes later: NULL in all series so far. No effect if it is known. */
  addTag(tag: TagDefinition, base?: DictionarySource): void {
    if (this.tag(tag.columnNumber) !== undefined) return;
    this.#tags.push({
      columnNumber: tag.columnNumber,
      dictionary: base?.dictionary(tag.columnNumber) ?? new TagDictionary(tag.type),
      codes: new CodePages(),
      postings: new TagPostings(),
    });
  }

  /** The id of the tuple at `row`, or -1. A tag that `tuples` lacks at its end is NULL. */
  find(tuples: TagTuples, row: number): number {
    const hash = this.#hashOfTuple(tuples, row);
    const slots = this.#ids.slotsOf(hash);
    const mask = slots.length - 1;
    for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const id = slots[slot] - 1;
      if (this.#ids.hashOf(id) === hash && this.#hasTuple(id, tuples, row)) return id;
    }
    return -1;
  }

  /** Whether the tuple at `row` is that of the series `id`. */
  isTuple(id: number, tuples: TagTuples, row: number): boolean {
    return this.#hasTuple(id, tuples, row);
  }

  /** The id here of the series `id` of another index of the same table, or -1. */
  findSame(other: SeriesIndex, id: number): number {
    if (other.#tags.length > this.#tags.length) {
      for (const { columnNumber, codes } of other.#tags) {
        if (codes.at(id) !== NULL_CODE && this.tag(columnNumber) === undefined) return -1;
      }
    }
    return this.#takeTuple(other, id, false) ? this.find(this.#tuple, 0) : -1;
  }

  /** Adds the tuple at `row`, which must be new. */
  add(tuples: TagTuples, row: number): number {
    const id = this.#size++;
    for (let tag = 0; tag < this.#tags.length; tag++) {
      if (tag < tuples.length) this.#tags[tag]!.codes.set(id, tuples[tag]![row]);
    }
    this.#ids.insert(this.#hashOfTuple(tuples, row), id);
    if ((this.#size & PAGE_MASK) === 0) this.#followPostings();
    return id;
  }

  /** Adds the series `id` of another index, which must be new here. */
  addSame(other: SeriesIndex, id: number): number {
    this.#takeTuple(other, id, true);
    return this.add(this.#tuple, 0);
  }

  /** Gives ids to series whose tags were lost: no tuple will ever be found to be theirs. */
  addLost(count: number): void {
    if (count <= 0) return;
    this.#lost.push({ from: this.#size, to: this.#size + count });
    this.#size += count;
    this.#followPostings();
  }

  /** Codes of the values of one tuple per entry of `rows`, in the order of the index's tags; new values are added. */
  tuplesOf(rows: readonly (readonly Value[])[], columnNumbers: readonly number[]): TagTuples {
    return this.#tags.map((tag) => {
      const codes = new Uint32Array(rows.length);
      const at = columnNumbers.indexOf(tag.columnNumber);
      if (at < 0) return codes.fill(NULL_CODE);
      let index = 0;
      for (const row of rows) codes[index++] = tag.dictionary.codeOf(row[at] ?? null);
      return codes;
    });
  }

  /** Like `tuplesOf`, from one column per tag of the index (undefined = NULL everywhere). */
  tuplesOfColumns(columns: readonly (Column | undefined)[], rowCount: number): TagTuples {
    return this.#tags.map((tag, index) => {
      const column = columns[index];
      return column === undefined
        ? new Uint32Array(rowCount).fill(NULL_CODE)
        : tag.dictionary.codesOf(column, rowCount);
    });
  }

  valueOf(seriesId: number, columnNumber: number): Value {
    const tag = this.tag(columnNumber);
    return tag === undefined ? null : tag.dictionary.value(tag.codes.at(seriesId));
  }

  /** The values of one tag for the given series. */
  tagColumn(columnNumber: number, ids: Uint32Array): Column {
    const tag = this.tag(columnNumber);
    invariant(tag !== undefined, 'a tag column of the table stands in its series index');
    const codes = new Uint32Array(ids.length);
    for (let index = 0; index < ids.length; index++) codes[index] = tag.codes.at(ids[index]);
    return tag.dictionary.columnOfCodes(codes, ids.length);
  }

  /** No row of the series has `TimeKeys.times` beyond this. */
  lastTime(seriesId: number): number {
    return this.lastRows.bound(seriesId);
  }

  noteTime(seriesId: number, time: number): void {
    this.lastRows.raiseBound(seriesId, time);
  }

  /** Ids of the series that pass all predicates, ascending; undefined when that is every series. */
  select(
    predicates: readonly SeriesPredicate[],
    columnNumberOf: (position: number) => number,
  ): Uint32Array | undefined {
    const steps = selectSeries(this, predicates, columnNumberOf);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value.ids;
    }
  }

  /** Forgets the series from `size` on and the tags that are not named: their commit came to nothing. */
  truncate(size: number, tagNumbers: readonly number[]): void {
    for (let id = this.#size - 1; id >= size; id--) if (!this.#isLost(id)) this.#ids.remove(id);
    while (this.#lost.length > 0 && this.#lost.at(-1)!.from >= size) this.#lost.pop();
    const last = this.#lost.at(-1);
    if (last !== undefined && last.to > size) this.#lost[this.#lost.length - 1] = { from: last.from, to: size };
    this.#size = Math.min(this.#size, size);
    this.#tags = this.#tags.filter((tag) => tagNumbers.includes(tag.columnNumber));
    for (const { codes, postings } of this.#tags) {
      codes.truncate(this.#size);
      postings.truncate(this.#size);
    }
    this.lastRows.truncate(this.#size);
  }

  #followPostings(): void {
    for (const { codes, postings } of this.#tags) postings.follow(codes, this.#size);
  }

  /** Fills `#tuple` with a series of another index, in codes of this one; false where some value is not known here. */
  #takeTuple(other: SeriesIndex, id: number, addsValues: boolean): boolean {
    for (let index = 0; index < this.#tags.length; index++) {
      const { columnNumber, dictionary } = this.#tags[index]!;
      let tag: IndexedTag | undefined = other.#tags[index];
      if (tag?.columnNumber !== columnNumber) tag = other.tag(columnNumber);
      let code = tag === undefined ? NULL_CODE : tag.codes.at(id);
      if (tag !== undefined && tag.dictionary !== dictionary) {
        const value = tag.dictionary.value(code);
        code = addsValues ? dictionary.codeOf(value) : dictionary.find(value);
      }
      if (code < 0) return false;
      this.#tuple[index] ??= new Uint32Array(1);
      this.#tuple[index]![0] = code;
    }
    return true;
  }

  #hasTuple(id: number, tuples: TagTuples, row: number): boolean {
    for (let tag = 0; tag < this.#tags.length; tag++) {
      const code = tag < tuples.length ? tuples[tag]![row] : NULL_CODE;
      if (this.#tags[tag]!.codes.at(id) !== code) return false;
    }
    return true;
  }

  #hashOfTuple(tuples: TagTuples, row: number): number {
    let hash = HASH_START;
    const count = Math.min(this.#tags.length, tuples.length);
    for (let tag = 0; tag < count; tag++) {
      const code = tuples[tag]![row];
      if (code !== NULL_CODE) hash = mixed(hash, tag, code);
    }
    return hash >>> 0;
  }

  #isLost(id: number): boolean {
    return this.#lost.some(({ from, to }) => id >= from && id < to);
  }
}

const HASH_START = 0x9e3779b9;

/** What is NULL is left out, so that series keep their hashes when tags are added. */
function mixed(hash: number, tag: number, code: number): number {
  const mix = Math.imul(hash ^ (code + Math.imul(tag, 0x27d4eb2f)), 0x85ebca6b);
  return mix ^ (mix >>> 15);
}
