import type { ScanSpan, TableScan } from '../../catalog/table.ts';
import { LargestValues } from '../../columnar/largest-values.ts';
import type { FirstBuckets } from '../../sql/plan/aggregate-node.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { limitRange } from '../operators/limit.ts';
import type { RunGroups } from './run-groups.ts';

/** For more buckets than this a threshold is not worth its keep. */
const MAX_BUCKETS = 10_000;

/**
 * ORDER BY bucket LIMIT n: once n buckets have rows, the last of them is a bound, and spans that lie behind it altogether are
 * not looked at.
 */
export class BucketLimit {
  readonly #groups: RunGroups;
  readonly #isDescending: boolean;
  /** Starts, negated where the earliest are wanted. */
  readonly #best: LargestValues;
  readonly #seen = new Set<number>();
  #groupCount = 0;

  constructor(groups: RunGroups, bucketCount: number, isDescending: boolean) {
    this.#groups = groups;
    this.#isDescending = isDescending;
    this.#best = new LargestValues(bucketCount);
  }

  /** Whether no row of the span can be in a bucket that is asked for. */
  excludes({ firstTime, lastTime }: ScanSpan): boolean {
    if (!this.#best.isFull) return false;
    return this.#isDescending
      ? lastTime < this.#best.smallest
      : firstTime >= this.#groups.endOfBucket(-this.#best.smallest);
  }

  /** Between morsels: lets the scan leave out what lies before the bound. */
  narrow(scan: TableScan): void {
    if (this.#isDescending && this.#best.isFull) scan.skipBefore?.(this.#best.smallest, { isInclusive: true });
  }

  /** After every span: takes note of the buckets of new groups. */
  update(): void {
    for (; this.#groupCount < this.#groups.groupCount; this.#groupCount++) {
      const start = this.#groups.bucketStartOf(this.#groupCount);
      // A start that is no double gives no bound.
      if (Number.isNaN(start) || this.#seen.has(start)) continue;
      this.#seen.add(start);
      this.#best.add(this.#isDescending ? start : -start);
    }
  }
}

/** undefined: all buckets are wanted, or so many that it makes no difference. */
export function bucketLimit(
  groups: RunGroups,
  first: FirstBuckets | undefined,
  context: ExecutionContext,
): BucketLimit | undefined {
  if (first === undefined) return undefined;
  const { offset, count } = limitRange(first, context);
  const wanted = offset + count;
  if (wanted === 0 || wanted > MAX_BUCKETS) return undefined;
  // Where a clock goes back, a later row may lie in a bucket that starts earlier.
  if (!first.isDescending && !groups.hasFixedBuckets) return undefined;
  return new BucketLimit(groups, wanted, first.isDescending);
}
