import type { IndexCondition } from '../../catalog/scan-request.ts';
import { invariant } from '../../errors/invariant.ts';
import type { Value } from '../../types/value.ts';
import { IndexKey } from './index-key.ts';
import type { KeyEncoder } from './key-encoder.ts';
import { NULL_BYTE } from './key-form.ts';
import type { IndexPlace, KeyIndex, RowIdList } from './key-index.ts';
import { OrderedIndex } from './ordered-index.ts';

/** Keys from `from` on and before `to`; or the one key `from`, where `to` is undefined. */
interface KeyRange {
  readonly from: IndexPlace;
  readonly to: IndexKey | undefined;
}

/**
 * The ranges of keys that a condition comes to, none of them twice; undefined when the index cannot answer it: one by
 * hash knows whole keys alone.
 */
function rangesOf(encoder: KeyEncoder, condition: IndexCondition): KeyRange[] | undefined {
  const { from, to } = condition;
  const hasBounds = from !== undefined || to !== undefined;
  const isNothing = from?.value === null || to?.value === null;
  if (isNothing) return [];
  const alternatives = condition.equalTo.length === 0 && hasBounds ? [[]] : condition.equalTo;
  if (alternatives.length === 1 && alternatives[0].length === encoder.columnNumbers.length) {
    return alternatives[0].includes(null) ? [] : [wholeKey(encoder.begin(alternatives[0]).finish())];
  }
  const known = new Set<string>();
  const ranges: KeyRange[] = [];
  for (const values of alternatives) {
    if (values.some((value) => value === null)) continue;
    const text = textOf(encoder.begin(values).finish());
    if (known.has(text)) continue;
    known.add(text);
    const isWhole = values.length === encoder.columnNumbers.length;
    if (isWhole) ranges.push(wholeKey(encoder.key));
    else if (encoder.descriptor.method === 'hash') return undefined;
    else ranges.push(rangeWithin(encoder, values, condition));
  }
  return ranges;
}

function wholeKey(key: IndexKey): KeyRange {
  return { from: { key: copyOf(key), rowId: -1 }, to: undefined };
}

function rangeWithin(encoder: KeyEncoder, values: readonly Value[], { from, to }: IndexCondition): KeyRange {
  const next = values.length;
  encoder.begin(values);
  if (from !== undefined) encoder.pushAt(next, from.value!);
  const low = from === undefined || from.isInclusive ? encoder.key.finish() : encoder.key.finishAfter();
  const place = { key: copyOf(low), rowId: -1 };
  encoder.begin(values);
  if (to !== undefined) encoder.pushAt(next, to.value!);
  // Of the next column, where it is asked about, a NULL is within no bounds; they stand behind all else.
  else if (from !== undefined) encoder.key.push(NULL_BYTE);
  const isBefore = to === undefined ? from !== undefined : !to.isInclusive;
  const high = isBefore ? encoder.key.finish() : encoder.key.finishAfter();
  return { from: place, to: copyOf(high) };
}

/** The rows of an index that may fulfil a condition, some thousand at a time: whether a reader sees them is his to ask. */
export class IndexSearch {
  readonly #entries: KeyIndex;
  readonly #ranges: KeyRange[];
  #at = 0;

  private constructor(entries: KeyIndex, ranges: KeyRange[]) {
    this.#entries = entries;
    this.#ranges = ranges;
  }

  /** Undefined when the index is of no use for the condition. */
  static open(encoder: KeyEncoder, entries: KeyIndex, condition: IndexCondition): IndexSearch | undefined {
    const ranges = rangesOf(encoder, condition);
    return ranges === undefined ? undefined : new IndexSearch(entries, ranges);
  }

  /** Appends rows until there are `limit` of them or more. False when there were none left. */
  next(into: RowIdList, limit: number): boolean {
    const before = into.count;
    while (this.#at < this.#ranges.length && into.count < limit) {
      const { from, to } = this.#ranges[this.#at]!;
      if (to === undefined) {
        this.#entries.find(from.key, into);
        this.#at++;
      } else if (this.#entries instanceof OrderedIndex) {
        if (this.#entries.collect(from, to, into, limit)) this.#at++;
      } else invariant(false, 'an index by hash is asked for whole keys');
    }
    return into.count > before;
  }
}

function copyOf(key: IndexKey): IndexKey {
  return new IndexKey().copyFrom(key);
}

function textOf({ bytes, length }: IndexKey): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
}
