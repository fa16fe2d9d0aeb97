import type { Morsel, ScanSpan, TableScan } from '../../catalog/table.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { selectedRows } from '../../columnar/selected-rows.ts';
import type { BucketRule } from '../../functions/time-bucket/bucket-walker.ts';
import { kernels } from '../../kernels/numeric-kernels.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';
import { BucketNumbers } from './bucket-numbers.ts';
import { GroupIndex } from './group-index.ts';

/** Series with higher ids are kept in a map: a few of them are to cost no large array. */
const MAX_DENSE_SERIES = 1 << 22;

/** The key that cuts time into buckets. */
export interface BucketKey {
  /** Its place among the keys. */
  readonly key: number;
  /** The time column's place in the scan. */
  readonly column: number;
  readonly rule: BucketRule;
}

/** Groups that are made of whole series and stretches of time: no row is asked for its group. */
export class RunGroups {
  /** Segment i of the span has the rows `from[i]` to `to[i]`, of which `counts[i]` pass, and belongs to `groups[i]`. */
  from = new Uint32Array(64);
  to = new Uint32Array(64);
  counts = new Uint32Array(64);
  groups = new Uint32Array(64);
  segmentCount = 0;
  /** A group a row: of the span's rows, and of those alone that pass. */
  #rowGroups = new Uint32Array(0);
  #passingGroups = new Uint32Array(0);
  #passingFrom = new Uint32Array(0);
  #passingTo = new Uint32Array(0);
  readonly #keyCount: number;
  readonly #tagKeys: readonly number[];
  readonly #evaluators: readonly ColumnEvaluator[];
  readonly #tagTable: GroupTable;
  readonly #scan: TableScan;
  readonly #bucket: BucketKey | undefined;
  readonly #buckets: BucketNumbers | undefined;
  readonly #timeColumns: readonly number[];
  /** The bucket's key itself, for times of which the rule does not know the bucket. */
  readonly #bucketEvaluator: ColumnEvaluator | undefined;
  readonly #index = new GroupIndex();
  /** By series: the number of its tags' values, counted from 1; 0 = not met. */
  #seriesTags = new Uint32Array(64);
  readonly #sparseTags = new Map<number, number>();

  readonly firstGroup = 0;

  /** `keys`: the grouping keys, of which all but the bucket and those that are left to rows read tags alone. */
  constructor(
    keys: readonly Expression[],
    bucket: BucketKey | undefined,
    {
      scan,
      context,
      fieldKeys = [],
    }: { readonly scan: TableScan; readonly context: ExecutionContext; readonly fieldKeys?: readonly number[] },
  ) {
    this.#keyCount = keys.length;
    this.#tagKeys = [...keys.keys()].filter((key) => key !== bucket?.key && !fieldKeys.includes(key));
    this.#evaluators = this.#tagKeys.map((key) => new ColumnEvaluator(keys[key], context));
    this.#tagTable = new GroupTable(this.#tagKeys.map((key) => keys[key].type));
    this.#scan = scan;
    this.#bucket = bucket;
    this.#buckets = bucket === undefined ? undefined : new BucketNumbers(bucket.rule);
    this.#timeColumns = bucket === undefined ? [] : [bucket.column];
    this.#bucketEvaluator = bucket === undefined ? undefined : new ColumnEvaluator(keys[bucket.key], context);
    if (this.#tagKeys.length === 0 && bucket === undefined) this.#index.groupOf(0, 0);
  }

  get groupCount(): number {
    return this.#index.groupCount;
  }

  get sizeBytes(): number {
    const series = this.#tagTable.sizeBytes + this.#seriesTags.byteLength + this.#sparseTags.size * 32;
    return series + this.#index.sizeBytes + (this.#buckets?.sizeBytes ?? 0);
  }

  /** Before the spans of a morsel: groups its series by their tags. */
  meet({ runs }: Morsel): void {
    if (this.#tagKeys.length === 0) return;
    const unknown: number[] = [];
    let last = -1;
    for (const { seriesId } of runs) {
      if (seriesId !== last && this.#tagsOf(seriesId) === 0) unknown.push(seriesId);
      last = seriesId;
    }
    if (unknown.length === 0) return;
    const columns = this.#scan.seriesColumns!(unknown) as readonly Column[];
    const batch = { rowCount: unknown.length, columns };
    const tags = new Uint32Array(unknown.length);
    this.#tagTable.assign(
      this.#evaluators.map((evaluator) => evaluator.evaluate(batch)),
      unknown.length,
      tags,
    );
    for (let index = 0; index < unknown.length; index++) this.#setTags(unknown[index], tags[index] + 1);
  }

  /**
   * Cuts a span into segments; with `mask` those without a passing row are left out. A promise when times have to be read.
   * Gives false when a row has no bucket.
   */
  assign(span: ScanSpan, mask: Uint8Array | undefined): boolean | Promise<boolean> {
    this.segmentCount = 0;
    const buckets = this.#buckets;
    if (buckets === undefined) {
      this.#assignSeries(span, mask, 0);
      return true;
    }
    if (buckets.knows(span.firstTime, span.lastTime)) {
      const bucket = buckets.find(span.firstTime);
      if (span.lastTime < buckets.end) {
        this.#assignSeries(span, mask, bucket);
        return true;
      }
    }
    const pending = span.load(this.#timeColumns);
    return pending === undefined ? this.#walk(span, mask) : pending.then(() => this.#walk(span, mask));
  }

  /** The same for a span of one series that has no columns; false where it lies in several buckets. */
  assignWhole(span: ScanSpan): boolean {
    this.segmentCount = 0;
    const buckets = this.#buckets;
    let bucket = 0;
    if (buckets !== undefined) {
      if (!buckets.knows(span.firstTime, span.lastTime)) return false;
      bucket = buckets.find(span.firstTime);
      if (span.lastTime >= buckets.end) return false;
    }
    this.#assignSeries(span, undefined, bucket);
    return true;
  }

  /** The group of each of the span's rows; those that do not pass count as rows of the first one. */
  rowGroups(rowCount: number): Uint32Array {
    if (this.#rowGroups.length < rowCount) this.#rowGroups = new Uint32Array(rowCount);
    let row = 0;
    for (let segment = 0; segment < this.segmentCount; segment++) {
      this.#rowGroups.fill(0, row, this.from[segment]);
      row = this.to[segment];
      this.#rowGroups.fill(this.groups[segment], this.from[segment], row);
    }
    this.#rowGroups.fill(0, row, rowCount);
    return this.#rowGroups;
  }

  /** The group of each row that passes. */
  passingGroups(count: number): Uint32Array {
    if (this.#passingGroups.length < count) this.#passingGroups = new Uint32Array(count);
    let at = 0;
    for (let segment = 0; segment < this.segmentCount; segment++) {
      this.#passingGroups.fill(this.groups[segment], at, at + this.counts[segment]);
      at += this.counts[segment];
    }
    return this.#passingGroups;
  }

  /** Where the segments lie among the rows that pass, side by side. */
  passingSegments(): { readonly from: Uint32Array; readonly to: Uint32Array } {
    if (this.#passingFrom.length < this.segmentCount) {
      this.#passingFrom = new Uint32Array(this.groups.length);
      this.#passingTo = new Uint32Array(this.groups.length);
    }
    let at = 0;
    for (let segment = 0; segment < this.segmentCount; segment++) {
      this.#passingFrom[segment] = at;
      at += this.counts[segment];
      this.#passingTo[segment] = at;
    }
    return { from: this.#passingFrom, to: this.#passingTo };
  }

  bucketStartOf(group: number): number {
    return this.#buckets!.startOf(this.#index.bucketOf(group));
  }

  /** All buckets are equally long. */
  get hasFixedBuckets(): boolean {
    return this.#bucket?.rule.fixed !== undefined;
  }

  /** The first time behind the bucket that begins with `start`. */
  endOfBucket(start: number): number {
    return this.#bucket!.rule.endOf(start);
  }

  /** A column per key; those that are left to rows have none. */
  keyColumns(from: number, to: number): Column[] {
    const count = to - from;
    const tags = new Uint32Array(count);
    for (let index = 0; index < count; index++) tags[index] = this.#index.tagsOf(from + index);
    const tagColumns = this.#tagTable.keyColumns();
    const columns = new Array<Column>(this.#keyCount);
    for (const [place, key] of this.#tagKeys.entries()) columns[key] = gatherColumn(tagColumns[place], tags, count);
    if (this.#bucket !== undefined) columns[this.#bucket.key] = this.#startColumn(this.#buckets!, from, to);
    return columns;
  }

  #startColumn(buckets: BucketNumbers, from: number, to: number): Column {
    if (!buckets.areWide) {
      const values = new Float64Array(to - from);
      for (let index = 0; index < values.length; index++) {
        values[index] = buckets.startOf(this.#index.bucketOf(from + index));
      }
      return { kind: 'number', values, validity: undefined };
    }
    const builder = new ColumnBuilder('int64', { capacity: to - from });
    for (let group = from; group < to; group++) builder.push(buckets.exactStartOf(this.#index.bucketOf(group)));
    return builder.finish();
  }

  #assignSeries({ seriesIds, seriesEnds }: ScanSpan, mask: Uint8Array | undefined, bucket: number): void {
    let from = 0;
    for (let index = 0; index < seriesIds.length; index++) {
      const to = seriesEnds[index];
      this.#add(this.#tagsAt(seriesIds[index]), bucket, from, to, mask);
      from = to;
    }
  }

  #walk(span: ScanSpan, mask: Uint8Array | undefined): boolean {
    const times = span.column(this.#bucket!.column);
    const buckets = this.#buckets!;
    if (times.kind !== 'number' || !buckets.knows(span.firstTime, span.lastTime)) {
      return this.#walkExactly(span, times, mask);
    }
    const { values } = times;
    let from = 0;
    for (let index = 0; index < span.seriesIds.length; index++) {
      const tags = this.#tagsAt(span.seriesIds[index]);
      const end = span.seriesEnds[index];
      while (from < end) {
        const bucket = buckets.find(values[from]);
        const to = firstNotBefore(values, buckets.end, from + 1, end);
        this.#add(tags, bucket, from, to, mask);
        from = to;
      }
    }
    return true;
  }

  /** Far times: each row that passes is asked for its bucket. False where there is none. */
  #walkExactly(span: ScanSpan, times: Column, mask: Uint8Array | undefined): boolean {
    const buckets = this.#buckets!;
    const { rowCount, seriesIds, seriesEnds } = span;
    const rows = new Uint32Array(rowCount);
    const count = mask === undefined ? rowCount : selectedRows(mask, rowCount, rows);
    const columns: Column[] = [];
    columns[this.#bucket!.column] = mask === undefined ? times : gatherColumn(times, rows, count);
    const starts = this.#bucketEvaluator!.evaluate({ rowCount: count, columns });
    let series = 0;
    for (let index = 0; index < count; index++) {
      const row = mask === undefined ? index : rows[index];
      while (row >= seriesEnds[series]) series++;
      const start = valueAt(starts, index);
      if (typeof start !== 'number' && typeof start !== 'bigint') return false;
      this.#add(this.#tagsAt(seriesIds[series]), buckets.numberOf(start), row, row + 1, mask);
    }
    return true;
  }

  #add(tags: number, bucket: number, from: number, to: number, mask: Uint8Array | undefined): void {
    const count = mask === undefined ? to - from : kernels.countSelected(mask, from, to);
    if (count === 0) return;
    const group = this.#index.groupOf(tags, bucket);
    const last = this.segmentCount - 1;
    // Neighbouring series of one group.
    if (last >= 0 && this.groups[last] === group && this.to[last] === from) {
      this.to[last] = to;
      this.counts[last] += count;
      return;
    }
    if (this.segmentCount === this.groups.length) this.#grow();
    const segment = this.segmentCount++;
    this.from[segment] = from;
    this.to[segment] = to;
    this.counts[segment] = count;
    this.groups[segment] = group;
  }

  #grow(): void {
    const larger = (array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(array.length * 2);
      grown.set(array);
      return grown;
    };
    this.from = larger(this.from);
    this.to = larger(this.to);
    this.counts = larger(this.counts);
    this.groups = larger(this.groups);
  }

  #tagsAt(seriesId: number): number {
    return this.#tagKeys.length === 0 ? 0 : this.#tagsOf(seriesId) - 1;
  }

  #tagsOf(seriesId: number): number {
    if (seriesId < this.#seriesTags.length) return this.#seriesTags[seriesId];
    return seriesId < MAX_DENSE_SERIES ? 0 : (this.#sparseTags.get(seriesId) ?? 0);
  }

  #setTags(seriesId: number, tags: number): void {
    if (seriesId >= MAX_DENSE_SERIES) {
      this.#sparseTags.set(seriesId, tags);
      return;
    }
    if (seriesId >= this.#seriesTags.length) {
      const grown = new Uint32Array(Math.max(seriesId + 1, this.#seriesTags.length * 2));
      grown.set(this.#seriesTags);
      this.#seriesTags = grown;
    }
    this.#seriesTags[seriesId] = tags;
  }
}

/** The first row from `from` to `to` whose time is not before `time`: steps that double, then halves. */
function firstNotBefore(times: Float64Array, time: number, from: number, to: number): number {
  let low = from;
  let step = 1;
  let high = from;
  while (high < to && times[high] < time) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  if (high > to) high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
