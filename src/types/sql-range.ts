import type { Value } from './value.ts';

/**
 * A range as a value, in the canonical form of its type (`makeRange`). A bound that is null is unbounded and never
 * inclusive; the empty range has no bounds at all.
 */
export class SqlRange {
  static readonly empty = new SqlRange(null, null, { isEmpty: true });

  readonly isEmpty: boolean;
  readonly lower: Value;
  readonly upper: Value;
  readonly includesLower: boolean;
  readonly includesUpper: boolean;

  constructor(
    lower: Value,
    upper: Value,
    { includesLower = false, includesUpper = false, isEmpty = false }: RangeFlags = {},
  ) {
    this.isEmpty = isEmpty;
    this.lower = lower;
    this.upper = upper;
    this.includesLower = includesLower;
    this.includesUpper = includesUpper;
  }
}

interface RangeFlags {
  readonly includesLower?: boolean;
  readonly includesUpper?: boolean;
  readonly isEmpty?: boolean;
}

/** Ranges in ascending order, none of them empty, between any two of which something is missing. */
export class SqlMultirange {
  static readonly empty = new SqlMultirange([]);

  readonly ranges: readonly SqlRange[];

  constructor(ranges: readonly SqlRange[]) {
    this.ranges = ranges;
  }

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  /** The empty range for an empty multirange. */
  get first(): SqlRange {
    return this.ranges[0] ?? SqlRange.empty;
  }

  get last(): SqlRange {
    return this.ranges.at(-1) ?? SqlRange.empty;
  }
}
