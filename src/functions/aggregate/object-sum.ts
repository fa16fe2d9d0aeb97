import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';
import { averageOf } from './average.ts';
import { numericSumFrames } from './frame-numeric-sums.ts';
import { grownFloat64, liveRows, numberColumn, numbersOf } from './group-arrays.ts';

const MAX_EXACT = 2n ** 53n;

/** How values of a type add up, and how a sum travels as plain columns. */
interface Addition<Sum extends Value> {
  add(left: Sum, right: Sum): Sum;
  average(sum: Sum, count: number): Sum;
  toColumns(sums: readonly (Sum | undefined)[]): readonly Column[];
  fromColumns(columns: readonly Column[], row: number): Sum;
}

/** sum and avg over types whose values are objects; NULL for groups without values. */
class ObjectSumAccumulator<Sum extends Value> implements Accumulator {
  readonly #addition: Addition<Sum>;
  readonly #isAverage: boolean;
  readonly #sums: (Sum | undefined)[] = [];
  #counts: Float64Array = new Float64Array(0);

  constructor(addition: Addition<Sum>, isAverage: boolean) {
    this.#addition = addition;
    this.#isAverage = isAverage;
  }

  get sizeBytes(): number {
    return this.#sums.length * 96 + this.#counts.byteLength;
  }

  reserve(groupCount: number): void {
    while (this.#sums.length < groupCount) this.#sums.push(undefined);
    this.#counts = grownFloat64(this.#counts, groupCount);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const live = liveRows(input!.validity, filter, rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      this.#add(groups[row], valueAt(input!, row) as Sum, 1);
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    const sums = this.#addition.toColumns(this.#sums.slice(0, groupCount));
    return [numberColumn(this.#counts, groupCount), ...sums];
  }

  merge([counts, ...sums]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    const stateCounts = numbersOf(counts);
    for (let state = 0; state < stateCount; state++) {
      if (stateCounts[state] === 0) continue;
      this.#add(groups[state], this.#addition.fromColumns(sums, state), stateCounts[state]);
    }
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder('value', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      const sum = this.#sums[group];
      if (sum === undefined) builder.pushNull();
      else builder.push(this.#isAverage ? this.#addition.average(sum, this.#counts[group]) : sum);
    }
    return builder.finish();
  }

  #add(group: number, value: Sum, count: number): void {
    const sum = this.#sums[group];
    this.#sums[group] = sum === undefined ? value : this.#addition.add(sum, value);
    this.#counts[group] += count;
  }
}

const numericAddition: Addition<Numeric> = {
  add: (left, right) => left.add(right),
  average(sum, count) {
    const isSmall = sum.isFinite && sum.unscaled < MAX_EXACT && sum.unscaled > -MAX_EXACT;
    return isSmall ? averageOf(Number(sum.unscaled), count, sum.scale) : sum.divide(Numeric.fromInt64(count));
  },
  toColumns(sums) {
    const texts = new ColumnBuilder('text', { capacity: sums.length });
    for (const sum of sums) texts.push(sum === undefined ? null : sum.toString());
    return [texts.finish()];
  },
  fromColumns: ([texts], row) => Numeric.parse(valueAt(texts!, row) as string),
};

const intervalAddition: Addition<Interval> = {
  add: (left, right) => left.add(right),
  average: (sum, count) => sum.divide(count),
  toColumns(sums) {
    const months = new ColumnBuilder('float64', { capacity: sums.length });
    const days = new ColumnBuilder('float64', { capacity: sums.length });
    const micros = new ColumnBuilder('int64', { capacity: sums.length });
    for (const sum of sums) {
      months.push(sum?.months ?? null);
      days.push(sum?.days ?? null);
      micros.push(sum?.micros ?? null);
    }
    return [months.finish(), days.finish(), micros.finish()];
  },
  fromColumns: ([months, days, micros], row) =>
    new Interval(
      valueAt(months!, row) as number,
      valueAt(days!, row) as number,
      valueAt(micros!, row) as number | bigint,
    ),
};

function aggregate<Sum extends Value>(
  name: 'sum' | 'avg',
  oid: number,
  type: TypeDefinition,
  addition: Addition<Sum>,
  aggregateFrames?: AggregateFunction['aggregateFrames'],
): AggregateFunction {
  const createAccumulator = () => new ObjectSumAccumulator(addition, name === 'avg');
  return {
    kind: 'aggregate',
    name,
    oid,
    argumentTypes: [type],
    resultType: type,
    ignoresOrder: true,
    createAccumulator,
    ...(aggregateFrames === undefined ? {} : { aggregateFrames }),
  };
}

export const objectSumAggregates: readonly AggregateFunction[] = [
  aggregate('sum', 2114, numeric, numericAddition, (input) => numericSumFrames(input, (sum) => sum)),
  aggregate('avg', 2103, numeric, numericAddition, (input) => numericSumFrames(input, numericAddition.average)),
  aggregate('sum', 2113, interval, intervalAddition),
  aggregate('avg', 2106, interval, intervalAddition),
];
