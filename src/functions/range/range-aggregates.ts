import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { makeMultirange } from '../../types/multirange-type.ts';
import { anymultirange, anyrange } from '../../types/pseudo-types.ts';
import type { RangeDefinition } from '../../types/range-type.ts';
import type { SqlMultirange, SqlRange } from '../../types/sql-range.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { liveRows } from '../aggregate/group-arrays.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';
import { asMultirange, intersectSets } from './multirange-algebra.ts';
import { rangeAmong } from './over-range.ts';
import { intersect } from './range-algebra.ts';

const RANGE_BYTES = 160;
/** With this many ranges a group is made a set, so that what lies in others takes no room. */
const COMPACTED_RANGES = 1024;

/** range_agg: all that lies in any of the ranges; NULL for groups without ranges. */
class UnionAccumulator implements Accumulator {
  readonly #type: RangeDefinition;
  readonly #ranges: (SqlRange[] | undefined)[] = [];
  /** How many ranges a group may have until it is made a set. */
  readonly #limits: number[] = [];
  #count = 0;

  constructor(type: RangeDefinition) {
    this.#type = type;
  }

  get sizeBytes(): number {
    return this.#ranges.length * 48 + this.#count * RANGE_BYTES;
  }

  reserve(groupCount: number): void {
    while (this.#ranges.length < groupCount) {
      this.#ranges.push(undefined);
      this.#limits.push(COMPACTED_RANGES);
    }
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const live = liveRows(input!.validity, filter, rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      this.#add(groups[row], asMultirange(valueAt(input!, row) as SqlRange | SqlMultirange));
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    return [this.results(groupCount)];
  }

  merge([states]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    for (let state = 0; state < stateCount; state++) {
      const set = valueAt(states!, state) as SqlMultirange | null;
      if (set !== null) this.#add(groups[state], set);
    }
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder('value', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      const ranges = this.#ranges[group];
      builder.push(ranges === undefined ? null : makeMultirange(this.#type, ranges));
    }
    return builder.finish();
  }

  #add(group: number, set: SqlMultirange): void {
    let ranges = this.#ranges[group];
    if (ranges === undefined) {
      ranges = [];
      this.#ranges[group] = ranges;
    }
    for (const range of set.ranges) ranges.push(range);
    this.#count += set.ranges.length;
    if (ranges.length < this.#limits[group]!) return;
    const compacted = makeMultirange(this.#type, ranges).ranges;
    this.#count -= ranges.length - compacted.length;
    this.#ranges[group] = [...compacted];
    this.#limits[group] = Math.max(COMPACTED_RANGES, compacted.length * 2);
  }
}

/** range_intersect_agg: what lies in all of the ranges, or sets; NULL for groups without any. */
class IntersectionAccumulator<Item extends SqlRange | SqlMultirange> implements Accumulator {
  readonly #intersect: (left: Item, right: Item) => Item;
  readonly #shared: (Item | undefined)[] = [];

  constructor(intersection: (left: Item, right: Item) => Item) {
    this.#intersect = intersection;
  }

  get sizeBytes(): number {
    return this.#shared.length * RANGE_BYTES;
  }

  reserve(groupCount: number): void {
    while (this.#shared.length < groupCount) this.#shared.push(undefined);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const live = liveRows(input!.validity, filter, rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const item = valueAt(input!, row) as Value as Item;
      const shared = this.#shared[groups[row]];
      this.#shared[groups[row]] = shared === undefined ? item : this.#intersect(shared, item);
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    return [this.results(groupCount)];
  }

  merge(states: readonly Column[], groups: Uint32Array, stateCount: number): void {
    this.update(states, groups, stateCount);
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder('value', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) builder.push(this.#shared[group] ?? null);
    return builder.finish();
  }
}

const united = (argumentTypes: readonly TypeDefinition[]): Accumulator =>
  new UnionAccumulator(rangeAmong(argumentTypes));

export const rangeAggregates: readonly AggregateFunction[] = [
  {
    kind: 'aggregate',
    name: 'range_agg',
    oid: 4301,
    argumentTypes: [anyrange],
    resultType: anymultirange,
    ignoresOrder: true,
    isCollecting: true,
    createAccumulator: united,
  },
  {
    kind: 'aggregate',
    name: 'range_agg',
    oid: 6227,
    argumentTypes: [anymultirange],
    resultType: anymultirange,
    ignoresOrder: true,
    isCollecting: true,
    createAccumulator: united,
  },
  {
    kind: 'aggregate',
    name: 'range_intersect_agg',
    oid: 4450,
    argumentTypes: [anyrange],
    resultType: anyrange,
    ignoresOrder: true,
    createAccumulator: (argumentTypes) => {
      const type = rangeAmong(argumentTypes);
      return new IntersectionAccumulator<SqlRange>((left, right) => intersect(type, left, right));
    },
  },
  {
    kind: 'aggregate',
    name: 'range_intersect_agg',
    oid: 4389,
    argumentTypes: [anymultirange],
    resultType: anymultirange,
    ignoresOrder: true,
    createAccumulator: (argumentTypes) => {
      const type = rangeAmong(argumentTypes);
      return new IntersectionAccumulator<SqlMultirange>((left, right) => intersectSets(type, left, right));
    },
  },
];
