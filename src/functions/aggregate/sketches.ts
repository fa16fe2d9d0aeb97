import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { float8 } from '../../types/float8.ts';
import { int4 } from '../../types/int4.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { UddSketch } from '../../types/udd-sketch.ts';
import { uddsketch } from '../../types/uddsketch-type.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';
import { liveRows, numbersOf } from './group-arrays.ts';
import { checkedFraction } from './percentiles.ts';

const MAX_BUCKETS = 1_000_000;
/** percentile_agg's: a tenth of a percent as long as values lie within about half of each other. */
const PLAIN_BUCKETS = 200;
/** approx_percentile's, which are not stored and so may be large. */
const LARGE_BUCKETS = 2000;
const PLAIN_ERROR = 0.001;

/** A sketch per group; groups without values have none. */
class SketchStates {
  readonly #sketches: (UddSketch | undefined)[] = [];
  /** Counted anew only now and then: sketches grow slowly. */
  #sizeBytes = 0;
  #updatesUntilCount = 0;

  get sizeBytes(): number {
    if (this.#updatesUntilCount-- <= 0) {
      this.#sizeBytes = this.#sketches.reduce((size, sketch) => size + (sketch?.sizeBytes ?? 8), 0);
      this.#updatesUntilCount = Math.floor(this.#sketches.length / 1000);
    }
    return this.#sizeBytes;
  }

  reserve(groupCount: number): void {
    while (this.#sketches.length < groupCount) this.#sketches.push(undefined);
  }

  get(group: number): UddSketch | undefined {
    return this.#sketches[group];
  }

  getOrMake(group: number, maxBuckets: number, error: number): UddSketch {
    const known = this.#sketches[group];
    if (known !== undefined) return known;
    const sketch = new UddSketch(maxBuckets, error);
    this.#sketches[group] = sketch;
    return sketch;
  }

  merge(group: number, other: UddSketch): void {
    this.getOrMake(group, other.maxBuckets, other.firstError).merge(other);
  }

  columnOf(groupCount: number): Column {
    const builder = new ColumnBuilder('value', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) builder.push(this.#sketches[group]?.toBytes() ?? null);
    return builder.finish();
  }
}

/** Adds the numbers of a column to the sketches of their groups; the other inputs say how large and how exact these are. */
class SketchAccumulator implements Accumulator {
  protected readonly states = new SketchStates();
  /** Where the values stand among the arguments. */
  readonly #valueArgument: number;

  constructor(valueArgument: number) {
    this.#valueArgument = valueArgument;
  }

  get sizeBytes(): number {
    return this.states.sizeBytes;
  }

  reserve(groupCount: number): void {
    this.states.reserve(groupCount);
  }

  update(inputs: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const values = inputs[this.#valueArgument];
    if (values?.kind !== 'number') throw new Error('sketches are made of numbers');
    const live = liveRows(values.validity, filter, rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const sketch = this.states.get(groups[row]) ?? this.newSketch(inputs, groups[row], row);
      sketch?.add(values.values[row]);
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    return [this.states.columnOf(groupCount)];
  }

  merge([sketches]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    for (let state = 0; state < stateCount; state++) {
      const bytes = valueAt(sketches!, state) as Uint8Array | null;
      if (bytes !== null) this.states.merge(groups[state], UddSketch.fromBytes(bytes));
    }
  }

  results(groupCount: number): Column {
    return this.states.columnOf(groupCount);
  }

  /** The sketch of a group that begins with this row; undefined where the row does not count. */
  protected newSketch(_inputs: readonly Column[], group: number, _row: number): UddSketch | undefined {
    return this.states.getOrMake(group, PLAIN_BUCKETS, PLAIN_ERROR);
  }
}

/** uddsketch(size, max_error, value). */
class SizedSketchAccumulator extends SketchAccumulator {
  protected override newSketch(inputs: readonly Column[], group: number, row: number): UddSketch | undefined {
    const size = valueAt(inputs[0]!, row) as number | null;
    const error = valueAt(inputs[1]!, row) as number | null;
    if (size === null || error === null) return undefined;
    if (!(size > 0 && size <= MAX_BUCKETS)) {
      throw new SqlError(SqlState.InvalidParameterValue, `size must be between 1 and ${MAX_BUCKETS}`);
    }
    if (!(error > 0 && error < 1)) {
      throw new SqlError(SqlState.InvalidParameterValue, 'max_error must be between 0 and 1, both exclusive');
    }
    return this.states.getOrMake(group, size, error);
  }
}

/** approx_percentile(value, fraction): the fraction is one for all rows of a group. */
class ApproximatePercentile extends SketchAccumulator {
  readonly #fractions: (number | undefined)[] = [];

  override update(inputs: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const fractions = numbersOf(inputs[1]);
    const live = liveRows(inputs[1]!.validity, filter, rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (live === undefined || live[row] !== 0) this.#setFraction(groups[row], fractions[row]);
    }
    super.update(inputs, groups, rowCount, live);
  }

  override partialStates(groupCount: number): readonly Column[] {
    const fractions = new ColumnBuilder('float64', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) fractions.push(this.#fractions[group] ?? null);
    return [...super.partialStates(groupCount), fractions.finish()];
  }

  override merge(states: readonly Column[], groups: Uint32Array, stateCount: number): void {
    super.merge(states, groups, stateCount);
    for (let state = 0; state < stateCount; state++) {
      const fraction = valueAt(states[1]!, state) as number | null;
      if (fraction !== null) this.#setFraction(groups[state], fraction);
    }
  }

  override results(groupCount: number): Column {
    const builder = new ColumnBuilder('float64', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      builder.push(this.states.get(group)?.percentile(this.#fractions[group] ?? 0) ?? null);
    }
    return builder.finish();
  }

  protected override newSketch(_inputs: readonly Column[], group: number): UddSketch {
    return this.states.getOrMake(group, LARGE_BUCKETS, PLAIN_ERROR);
  }

  #setFraction(group: number, fraction: number): void {
    const known = this.#fractions[group];
    if (known === fraction) return;
    if (known !== undefined) {
      throw new SqlError(SqlState.InvalidParameterValue, 'percentile must not change between calls');
    }
    this.#fractions[group] = checkedFraction(fraction);
  }
}

/** rollup(sketch): sketches that were made before, as one. */
class SketchMerger extends SketchAccumulator {
  override update([sketches]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    for (let row = 0; row < rowCount; row++) {
      if (filter !== undefined && filter[row] === 0) continue;
      const bytes = valueAt(sketches!, row) as Uint8Array | null;
      if (bytes !== null) this.states.merge(groups[row], UddSketch.fromBytes(bytes));
    }
  }
}

function aggregate(
  name: string,
  oid: number,
  argumentTypes: readonly TypeDefinition[],
  resultType: TypeDefinition,
  createAccumulator: () => Accumulator,
): AggregateFunction {
  return { kind: 'aggregate', name, oid, argumentTypes, resultType, ignoresOrder: true, createAccumulator };
}

export const sketchAggregates: readonly AggregateFunction[] = [
  aggregate('percentile_agg', 9210, [float8], uddsketch, () => new SketchAccumulator(0)),
  aggregate('uddsketch', 9211, [int4, float8, float8], uddsketch, () => new SizedSketchAccumulator(2)),
  aggregate('rollup', 9212, [uddsketch], uddsketch, () => new SketchMerger(0)),
  aggregate('approx_percentile', 9213, [float8, float8], float8, () => new ApproximatePercentile(0)),
];
