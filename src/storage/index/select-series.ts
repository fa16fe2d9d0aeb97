import type { SeriesPredicate } from '../../catalog/scan-request.ts';
import { PAGE_SERIES } from './code-pages.ts';
import type { IndexedTag, SeriesIndex } from './series-index.ts';
import { newPageBits, SeriesSet } from './series-set.ts';
import { NULL_CODE } from './tag-dictionary.ts';
import type { WantedCodes } from './tag-postings.ts';

/** Values or series that a predicate looks at in one go. */
const BATCH_ROWS = 1024;
/** Wanted values beyond this are marked in an array over all values. */
const MAX_SINGLE_CODES = 64;

export interface SelectedSeries {
  /** Ascending; undefined = every series. */
  readonly ids: Uint32Array | undefined;
  /** How many values and series predicates were evaluated for. */
  readonly testedCount: number;
}

/** A predicate with what is known before it is evaluated. */
interface Planned {
  readonly predicate: SeriesPredicate;
  readonly columnNumbers: readonly number[];
  /** Of a predicate over one tag. */
  readonly tag: IndexedTag | undefined;
  /** The only codes that can pass, where an equality names them. */
  readonly codes: Uint32Array | undefined;
  /** How many values it has to be evaluated for, at least. */
  readonly cost: number;
}

/**
 * The series that pass all predicates. One over a single tag is evaluated once for each value of the tag, and postings
 * tell the series; what is left of them when predicates over several tags, or over more values than there are
 * candidates, are at work is tested series by series. Cheap predicates come first. It takes a break after each thousand
 * evaluations: whoever drives it may let others run then.
 */
export function* selectSeries(
  index: SeriesIndex,
  predicates: readonly SeriesPredicate[],
  columnNumberOf: (position: number) => number,
): Generator<void, SelectedSeries> {
  if (predicates.length === 0) return { ids: undefined, testedCount: 0 };
  const planned = predicates.map((predicate) => planOf(index, predicate, columnNumberOf));
  planned.sort((a, b) => a.cost - b.cost);
  // Others come while this takes its breaks.
  const seriesCount = index.size;
  const selected = new SeriesSet(seriesCount);
  let testedCount = 0;
  for (const { predicate, columnNumbers, tag, codes, cost } of planned) {
    if (selected.size === 0) break;
    if (tag !== undefined && cost <= selected.size) {
      testedCount += cost;
      const wanted = yield* wantedCodes(predicate, tag, codes);
      yield* keepWanted(selected, tag, wanted, seriesCount);
    } else {
      const candidates = selected.ids();
      testedCount += candidates.length;
      selected.keepOnly(yield* testSeries(index, candidates, predicate, columnNumbers));
    }
  }
  return { ids: selected.ids(), testedCount };
}

function planOf(index: SeriesIndex, predicate: SeriesPredicate, columnNumberOf: (position: number) => number): Planned {
  const columnNumbers = predicate.tagColumns.map(columnNumberOf);
  const tag = columnNumbers.length === 1 ? index.tag(columnNumbers[0]!) : undefined;
  if (tag === undefined) return { predicate, columnNumbers, tag, codes: undefined, cost: Number.POSITIVE_INFINITY };
  const { equalTo } = predicate;
  if (equalTo === undefined || !tag.dictionary.isExactText || columnNumberOf(equalTo.tagColumn) !== tag.columnNumber) {
    return { predicate, columnNumbers, tag, codes: undefined, cost: tag.dictionary.size + 1 };
  }
  const found = new Set<number>();
  for (const value of equalTo.values) {
    const code = tag.dictionary.find(value);
    if (code >= 0) found.add(code);
  }
  return { predicate, columnNumbers, tag, codes: Uint32Array.from(found), cost: found.size };
}

/** Evaluates the predicate for the given codes, or for every value and NULL. */
function* wantedCodes(
  predicate: SeriesPredicate,
  { dictionary }: IndexedTag,
  codes: Uint32Array | undefined,
): Generator<void, WantedCodes> {
  const valueCount = dictionary.size;
  const count = codes?.length ?? valueCount + 1;
  const wanted: number[] = [];
  let flags: Uint8Array | undefined;
  const selection = new Uint32Array(BATCH_ROWS);
  for (let from = 0; from < count; from += BATCH_ROWS) {
    const rowCount = Math.min(BATCH_ROWS, count - from);
    const batch = codes?.subarray(from, from + rowCount) ?? new Uint32Array(rowCount);
    // NULL is the first of all values.
    if (codes === undefined) for (let row = 0; row < rowCount; row++) batch[row] = (from + row - 1) >>> 0;
    const passed = predicate.select({ rowCount, columns: [dictionary.columnOfCodes(batch, rowCount)] }, selection);
    for (let row = 0; row < passed; row++) {
      const stored = (batch[selection[row]] + 1) >>> 0;
      if (flags === undefined && wanted.length === MAX_SINGLE_CODES) {
        flags = new Uint8Array(valueCount + 1);
        for (const known of wanted) flags[known] = 1;
      }
      if (flags === undefined) wanted.push(stored);
      else flags[stored] = 1;
    }
    yield;
  }
  if (flags === undefined) return { stored: Uint32Array.from(wanted).sort(), flags };
  return { stored: Uint32Array.of(flags[0] === 1 ? 0 : NULL_CODE), flags };
}

function* keepWanted(
  selected: SeriesSet,
  { codes, postings }: IndexedTag,
  wanted: WantedCodes,
  seriesCount: number,
): Generator<void> {
  const pagesAtOnce = wanted.flags === undefined ? 1024 : 16;
  for (let page = 0; page < selected.pageCount; page++) {
    if (selected.countOf(page) === 0) continue;
    if (!postings.mayHave(codes, page, wanted)) {
      selected.clear(page);
      continue;
    }
    const bits = newPageBits();
    const count = Math.min(PAGE_SERIES, seriesCount - page * PAGE_SERIES);
    postings.select(codes, page, count, wanted, bits);
    selected.keep(page, bits);
    if (page % pagesAtOnce === pagesAtOnce - 1) yield;
  }
}

function* testSeries(
  index: SeriesIndex,
  candidates: Uint32Array,
  predicate: SeriesPredicate,
  columnNumbers: readonly number[],
): Generator<void, Uint32Array> {
  const passed = new Uint32Array(candidates.length);
  let passedCount = 0;
  const selection = new Uint32Array(BATCH_ROWS);
  for (let from = 0; from < candidates.length; from += BATCH_ROWS) {
    const ids = candidates.subarray(from, from + BATCH_ROWS);
    const columns = columnNumbers.map((number) => index.tagColumn(number, ids));
    const count = predicate.select({ rowCount: ids.length, columns }, selection);
    for (let row = 0; row < count; row++) passed[passedCount++] = ids[selection[row]];
    yield;
  }
  return passed.subarray(0, passedCount);
}
