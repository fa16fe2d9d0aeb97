import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { float8 } from '../../types/float8.ts';
import type { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { anyarray, anyelement } from '../../types/pseudo-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import type { AggregateFunction, OrderedSet, SortedGroups } from '../function-definition.ts';

/** The values of one group without NULLs: rows `first` to `first + count` of the sorted column. */
interface Run {
  readonly column: Column;
  readonly first: number;
  readonly count: number;
}

/** The value at a fraction of some sorted values, of which there is at least one. */
interface Percentile {
  /** The places of the values that it is made of. */
  ranks(fraction: number, count: number): readonly number[];
  of(values: readonly Value[], fraction: number, count: number): Value;
}

const discrete: Percentile = {
  ranks: (fraction, count) => [Math.max(Math.ceil(fraction * count), 1) - 1],
  of: ([value]) => value!,
};

/** Between the two values around the fraction, as `between` has it. */
function continuous<T extends Value>(between: (low: T, high: T, share: number) => T): Percentile {
  return {
    ranks(fraction, count) {
      const place = fraction * (count - 1);
      const below = Math.floor(place);
      return Math.ceil(place) === below ? [below] : [below, below + 1];
    },
    of([low, high], fraction, count) {
      const place = fraction * (count - 1);
      return high === undefined ? (low as T) : between(low as T, high as T, place - Math.floor(place));
    },
  };
}

const betweenFloats = continuous<number>((low, high, share) => low + share * (high - low));
const betweenIntervals = continuous<Interval>((low, high, share) => low.add(high.subtract(low).multiply(share)));

function percentileOf(percentile: Percentile, { column, first, count }: Run, fraction: number): Value {
  const values = percentile.ranks(fraction, count).map((rank) => valueAt(column, first + rank));
  return percentile.of(values, fraction, count);
}

/** NULLs stand at one end of each group's rows, and do not count. */
function runOf({ starts, values }: SortedGroups, group: number): Run {
  const column = values[0];
  invariant(column !== undefined, 'an ordered set has a sort key');
  let first = starts[group];
  let end = starts[group + 1];
  const { validity } = column;
  if (validity !== undefined) {
    while (first < end && validity[first] === 0) first++;
    while (first < end && validity[end - 1] === 0) end--;
  }
  return { column, first, count: end - first };
}

/** A fraction as it is. Throws 22003 where it is none. */
export function checkedFraction(fraction: number): number {
  if (fraction >= 0 && fraction <= 1) return fraction;
  throw new SqlError(SqlState.NumericValueOutOfRange, `percentile value ${briefly(fraction)} is not between 0 and 1`);
}

/** C's %g: six significant digits. */
function briefly(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const [digits, exponentText] = value.toExponential(5).split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(Number(value.toPrecision(6)));
  const sign = exponent < 0 ? '-' : '+';
  return `${Number(digits)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** One fraction a group. */
function single(percentile: Percentile): OrderedSet {
  return {
    directCount: 1,
    ranked: {
      ranks(fraction, count) {
        const share = checkedFraction(fraction as number);
        return count === 0 ? [] : percentile.ranks(share, count);
      },
      result: (fraction, count, values) => percentile.of(values, fraction as number, count),
    },
    results(groups) {
      const results = new ColumnBuilder(groups.types[0]!.representation, { capacity: groups.groupCount });
      for (let group = 0; group < groups.groupCount; group++) {
        const fraction = valueAt(groups.direct[0]!, group) as number | null;
        if (fraction === null) {
          results.pushNull();
          continue;
        }
        const share = checkedFraction(fraction);
        const run = runOf(groups, group);
        if (run.count === 0) results.pushNull();
        else results.push(percentileOf(percentile, run, share));
      }
      return results.finish();
    },
  };
}

/** An array of fractions a group: an array of that shape. */
function several(percentile: Percentile): OrderedSet {
  return {
    directCount: 1,
    ranked: {
      ranks(fractions, count) {
        if (count === 0) return [];
        return (fractions as SqlArray).elements.flatMap((fraction) =>
          fraction === null ? [] : percentile.ranks(checkedFraction(fraction as number), count),
        );
      },
      result(fractions, count, values) {
        const { elements, dimensions, lowerBounds } = fractions as SqlArray;
        let used = 0;
        const results = elements.map((fraction) => {
          if (fraction === null) return null;
          const wanted = percentile.ranks(fraction as number, count).length;
          used += wanted;
          return percentile.of(values.slice(used - wanted, used), fraction as number, count);
        });
        return new SqlArray(results, dimensions, lowerBounds);
      },
    },
    results(groups) {
      const results = new ColumnBuilder('value', { capacity: groups.groupCount });
      for (let group = 0; group < groups.groupCount; group++) {
        const fractions = valueAt(groups.direct[0]!, group) as SqlArray | null;
        const run = runOf(groups, group);
        if (fractions === null || run.count === 0) {
          results.pushNull();
          continue;
        }
        const elements = fractions.elements.map((fraction) =>
          fraction === null ? null : percentileOf(percentile, run, checkedFraction(fraction as number)),
        );
        results.push(new SqlArray(elements, fractions.dimensions, fractions.lowerBounds));
      }
      return results.finish();
    },
  };
}

/** The value that comes most often, of several the first. */
const mostFrequent: OrderedSet = {
  directCount: 0,
  isMostFrequent: true,
  results(groups) {
    const type = groups.types[0]!;
    const results = new ColumnBuilder(type.representation, { capacity: groups.groupCount });
    for (let group = 0; group < groups.groupCount; group++) {
      const { column, first, count } = runOf(groups, group);
      let best: Value = null;
      let bestCount = 0;
      let row = first;
      while (row < first + count) {
        const value = valueAt(column, row);
        const start = row;
        while (row < first + count && type.compare(value, valueAt(column, row)) === 0) row++;
        if (row - start <= bestCount) continue;
        best = value;
        bestCount = row - start;
      }
      results.push(best);
    }
    return results.finish();
  },
};

function aggregate(
  name: string,
  oid: number,
  argumentTypes: readonly TypeDefinition[],
  resultType: TypeDefinition,
  orderedSet: OrderedSet,
): AggregateFunction {
  const createAccumulator = () => {
    throw new Error(`${name} is computed from sorted values`);
  };
  return { kind: 'aggregate', name, oid, argumentTypes, resultType, orderedSet, createAccumulator };
}

function arrayOver(type: TypeDefinition): TypeDefinition {
  const array = arrayTypeOf(type);
  invariant(array !== undefined, `${type.name} has an array type`);
  return array;
}

const fractions = arrayOver(float8);

export const percentileAggregates: readonly AggregateFunction[] = [
  aggregate('percentile_disc', 3972, [float8, anyelement], anyelement, single(discrete)),
  aggregate('percentile_cont', 3974, [float8, float8], float8, single(betweenFloats)),
  aggregate('percentile_cont', 3976, [float8, interval], interval, single(betweenIntervals)),
  aggregate('percentile_disc', 3978, [fractions, anyelement], anyarray, several(discrete)),
  aggregate('percentile_cont', 3980, [fractions, float8], fractions, several(betweenFloats)),
  aggregate('percentile_cont', 3982, [fractions, interval], arrayOver(interval), several(betweenIntervals)),
  aggregate('mode', 3984, [anyelement], anyelement, mostFrequent),
  median(9240, float8),
  median(9241, interval),
];

/** Calls are bound as what it stands for: percentile_cont(0.5) WITHIN GROUP (ORDER BY x). */
function median(oid: number, type: TypeDefinition): AggregateFunction {
  const createAccumulator = () => {
    throw new Error('median is called as percentile_cont');
  };
  return { kind: 'aggregate', name: 'median', oid, argumentTypes: [type], resultType: type, createAccumulator };
}
