import type { SeriesPredicate } from '../../catalog/scan-request.ts';
import type { Column } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { NULL_CODE, TagDictionary } from './tag-dictionary.ts';
import { TagPostings } from './tag-postings.ts';

/** One tag in the index: its dictionary, and per series the code of its value. */
interface TagColumn {
  readonly columnNumber: number;
  readonly dictionary: TagDictionary;
  codes: Uint32Array;
  readonly postings: TagPostings;
}

/** A tag of a table. */
export interface TagDefinition {
  readonly columnNumber: number;
  readonly type: TypeDefinition;
}

/** Tuples of tag codes: column i holds one code per tuple, of tag i of the index. */
export type TagTuples = readonly Uint32Array[];

const PREDICATE_BATCH_ROWS = 1024;

/**
 * Which series a table has: tag tuple → dense id, and id → tags, column by column. About 30 bytes a series and 8 more
 * per tag. It holds every series that the log holds, published or not: a series without visible rows is harmless.
 */
export class SeriesIndex {
  #tags: TagColumn[] = [];
  #size = 0;
  #capacity = 16;
  /** Open addressing over id + 1. */
  #slots = new Uint32Array(64);
  readonly #lost: { from: number; to: number }[] = [];
  /** Per series no less than the `TimeKeys.times` of its newest row. */
  #lastTimes = new Float64Array(16).fill(Number.NEGATIVE_INFINITY);

  /** `base`: share its dictionaries (a write set's index of the series that the table does not have yet). */
  constructor(tags: readonly TagDefinition[], base?: SeriesIndex) {
    for (const tag of tags) this.#addTag(tag, base?.dictionary(tag.columnNumber));
  }

  get size(): number {
    return this.#size;
  }

  get tagNumbers(): readonly number[] {
    return this.#tags.map((tag) => tag.columnNumber);
  }

  get sizeBytes(): number {
    return this.#capacity * (8 + this.#tags.length * 8) + this.#slots.byteLength;
  }

  dictionary(columnNumber: number): TagDictionary | undefined {
    return this.#tags.find((tag) => tag.columnNumber === columnNumber)?.dictionary;
  }

  /** A tag that comes later: NULL in all series so far. No effect if it is known. */
  addTag(tag: TagDefinition, base?: SeriesIndex): void {
    if (this.#tags.some((known) => known.columnNumber === tag.columnNumber)) return;
    this.#addTag(tag, base?.dictionary(tag.columnNumber));
    this.#rebuildSlots(this.#slots.length);
  }

  /** The id of the tuple at `row`, or -1. A tag that `tuples` lacks at its end is NULL. */
  find(tuples: TagTuples, row: number): number {
    const mask = this.#slots.length - 1;
    let slot = this.#hashTuple(tuples, row) & mask;
    for (;;) {
      const entry = this.#slots[slot];
      if (entry === 0) return -1;
      if (this.#hasTuple(entry - 1, tuples, row)) return entry - 1;
      slot = (slot + 1) & mask;
    }
  }

  /** Adds the tuple at `row`, which must be new. */
  add(tuples: TagTuples, row: number): number {
    if (this.#size === this.#capacity) this.#grow();
    const id = this.#size++;
    for (let tag = 0; tag < this.#tags.length; tag++) {
      const column = this.#tags[tag]!;
      const code = tag < tuples.length ? tuples[tag]![row] : NULL_CODE;
      column.codes[id] = code;
      column.postings.add(id, code);
    }
    if (this.#size * 2 > this.#slots.length) this.#rebuildSlots(this.#slots.length * 2);
    else this.#link(id);
    return id;
  }

  /** Gives ids to series whose tags were lost: no tuple will ever be found to be theirs. */
  addLost(count: number): void {
    if (count <= 0) return;
    const from = this.#size;
    while (this.#size + count > this.#capacity) this.#grow();
    for (const tag of this.#tags) {
      tag.codes.fill(NULL_CODE, from, from + count);
      for (let id = from; id < from + count; id++) tag.postings.add(id, NULL_CODE);
    }
    this.#size += count;
    this.#lost.push({ from, to: this.#size });
    let slotCount = this.#slots.length;
    while (this.#size * 2 > slotCount) slotCount *= 2;
    this.#rebuildSlots(slotCount);
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

  /** The codes of one tag for all series. */
  codes(columnNumber: number): Uint32Array {
    const tag = this.#tags.find((known) => known.columnNumber === columnNumber);
    invariant(tag !== undefined, 'a tag column of the table stands in its series index');
    return tag.codes.subarray(0, this.#size);
  }

  /** The tags of the series from `from` on, as tuples in the order of the index's tags. */
  tuplesFrom(from: number): TagTuples {
    return this.#tags.map((tag) => tag.codes.subarray(from, this.#size));
  }

  valueOf(seriesId: number, columnNumber: number): Value {
    const tag = this.#tags.find((known) => known.columnNumber === columnNumber);
    return tag === undefined ? null : tag.dictionary.value(tag.codes[seriesId]);
  }

  lastTime(seriesId: number): number {
    return this.#lastTimes[seriesId];
  }

  noteTime(seriesId: number, time: number): void {
    if (time > this.#lastTimes[seriesId]) this.#lastTimes[seriesId] = time;
  }

  /** `noteTime` for many rows. */
  noteTimes(seriesIds: Uint32Array, times: Float64Array, rowCount: number): void {
    const lastTimes = this.#lastTimes;
    for (let row = 0; row < rowCount; row++) {
      if (times[row] > lastTimes[seriesIds[row]]) lastTimes[seriesIds[row]] = times[row];
    }
  }

  /** Ids of the series that pass all predicates, ascending; undefined when that is every series. */
  select(
    predicates: readonly SeriesPredicate[],
    columnNumberOf: (position: number) => number,
  ): Uint32Array | undefined {
    if (predicates.length === 0) return undefined;
    let selected = this.#candidates(predicates, columnNumberOf);
    for (const predicate of predicates) {
      selected = this.#filter(selected, predicate, columnNumberOf);
      if (selected.length === 0) break;
    }
    return selected;
  }

  /** Forgets the series from `size` on and the tags that are not named: their commit came to nothing. */
  truncate(size: number, tagNumbers: readonly number[]): void {
    this.#size = Math.min(this.#size, size);
    this.#tags = this.#tags.filter((tag) => tagNumbers.includes(tag.columnNumber));
    for (const tag of this.#tags) tag.postings.rebuild(tag.codes, this.#size);
    this.#lastTimes.fill(Number.NEGATIVE_INFINITY, this.#size);
    this.#rebuildSlots(this.#slots.length);
  }

  #addTag(tag: TagDefinition, dictionary: TagDictionary | undefined): void {
    const codes = new Uint32Array(this.#capacity).fill(NULL_CODE);
    const postings = new TagPostings();
    postings.rebuild(codes, this.#size);
    this.#tags.push({
      columnNumber: tag.columnNumber,
      dictionary: dictionary ?? new TagDictionary(tag.type),
      codes,
      postings,
    });
  }

  /** Where to start: the shortest list that an equality gives, or every series. */
  #candidates(predicates: readonly SeriesPredicate[], columnNumberOf: (position: number) => number): Uint32Array {
    let best: Uint32Array | undefined;
    for (const { equalTo } of predicates) {
      if (equalTo === undefined) continue;
      const columnNumber = columnNumberOf(equalTo.tagColumn);
      const tag = this.#tags.find((known) => known.columnNumber === columnNumber);
      if (tag === undefined || !tag.dictionary.isExactText) continue;
      const codes = new Set<number>();
      for (const value of equalTo.values) {
        const code = tag.dictionary.find(value);
        if (code >= 0) codes.add(code);
      }
      const ids = tag.postings.idsOf(codes);
      if (best === undefined || ids.length < best.length) best = ids;
    }
    if (best !== undefined) return best;
    const all = new Uint32Array(this.#size);
    for (let id = 0; id < all.length; id++) all[id] = id;
    return all;
  }

  #filter(
    candidates: Uint32Array,
    predicate: SeriesPredicate,
    columnNumberOf: (position: number) => number,
  ): Uint32Array {
    const passed = new Uint32Array(candidates.length);
    let passedCount = 0;
    const selection = new Uint32Array(PREDICATE_BATCH_ROWS);
    for (let from = 0; from < candidates.length; from += PREDICATE_BATCH_ROWS) {
      const ids = candidates.subarray(from, from + PREDICATE_BATCH_ROWS);
      const columns = predicate.tagColumns.map((position) => this.tagColumn(columnNumberOf(position), ids));
      const count = predicate.select({ rowCount: ids.length, columns }, selection);
      for (let index = 0; index < count; index++) passed[passedCount++] = ids[selection[index]];
    }
    return passed.subarray(0, passedCount);
  }

  /** The values of one tag for the given series. */
  tagColumn(columnNumber: number, ids: Uint32Array): Column {
    const tag = this.#tags.find((known) => known.columnNumber === columnNumber);
    invariant(tag !== undefined, 'a tag column of the table stands in its series index');
    const codes = new Uint32Array(ids.length);
    for (let index = 0; index < ids.length; index++) codes[index] = tag.codes[ids[index]];
    return tag.dictionary.columnOfCodes(codes, ids.length);
  }

  #hasTuple(id: number, tuples: TagTuples, row: number): boolean {
    for (let tag = 0; tag < this.#tags.length; tag++) {
      const code = tag < tuples.length ? tuples[tag]![row] : NULL_CODE;
      if (this.#tags[tag]!.codes[id] !== code) return false;
    }
    return true;
  }

  #hashTuple(tuples: TagTuples, row: number): number {
    let hash = 0x9e3779b9;
    for (let tag = 0; tag < this.#tags.length; tag++) {
      const code = tag < tuples.length ? tuples[tag]![row] : NULL_CODE;
      hash = Math.imul(hash ^ code, 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }

  #link(id: number): void {
    const mask = this.#slots.length - 1;
    let hash = 0x9e3779b9;
    for (const tag of this.#tags) {
      hash = Math.imul(hash ^ tag.codes[id], 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    let slot = (hash >>> 0) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = id + 1;
  }

  #rebuildSlots(slotCount: number): void {
    this.#slots = new Uint32Array(slotCount);
    for (let id = 0; id < this.#size; id++) {
      const lost = this.#lost.find(({ from, to }) => id >= from && id < to);
      if (lost === undefined) this.#link(id);
      else id = lost.to - 1;
    }
  }

  #grow(): void {
    this.#capacity *= 2;
    for (const tag of this.#tags) {
      const codes = new Uint32Array(this.#capacity).fill(NULL_CODE, this.#size);
      codes.set(tag.codes);
      tag.codes = codes;
    }
    const lastTimes = new Float64Array(this.#capacity).fill(Number.NEGATIVE_INFINITY, this.#size);
    lastTimes.set(this.#lastTimes);
    this.#lastTimes = lastTimes;
  }
}
