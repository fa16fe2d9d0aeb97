import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { anyarray } from '../../types/pseudo-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import type { Value } from '../../types/value.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';

/** The arrays of one group so far: of one shape, one behind the other. */
interface Gathered {
  readonly dimensions: readonly number[];
  readonly lowerBounds: readonly number[];
  readonly elements: Value[];
  count: number;
}

function cannot(what: string): SqlError {
  return new SqlError(SqlState.ArraySubscriptError, `cannot accumulate ${what}`);
}

/** array_agg of arrays: an array of a dimension more. Throws 22004 for NULLs, 2202E for arrays that do not match. */
class NestedArrayAccumulator implements Accumulator {
  readonly #groups: (Gathered | undefined)[] = [];
  #elementCount = 0;

  get sizeBytes(): number {
    return this.#groups.length * 64 + this.#elementCount * 32;
  }

  reserve(groupCount: number): void {
    while (this.#groups.length < groupCount) this.#groups.push(undefined);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    for (let row = 0; row < rowCount; row++) {
      if (filter !== undefined && filter[row] === 0) continue;
      const array = valueAt(input, row) as SqlArray | null;
      if (array === null) throw new SqlError(SqlState.NullValueNotAllowed, 'cannot accumulate null arrays');
      if (array.isEmpty) throw cannot('empty arrays');
      this.#append(groups[row], array.dimensions, array.lowerBounds, array.elements, 1);
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    return [this.results(groupCount)];
  }

  merge([states]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    for (let state = 0; state < stateCount; state++) {
      const array = valueAt(states, state) as SqlArray | null;
      if (array === null) continue;
      const [count, ...dimensions] = array.dimensions;
      this.#append(groups[state], dimensions, array.lowerBounds.slice(1), array.elements, count);
    }
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder('value', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      const gathered = this.#groups[group];
      if (gathered === undefined) {
        builder.pushNull();
        continue;
      }
      const { elements, dimensions, lowerBounds, count } = gathered;
      builder.push(new SqlArray(elements.slice(), [count, ...dimensions], [1, ...lowerBounds]));
    }
    return builder.finish();
  }

  #append(
    group: number,
    dimensions: readonly number[],
    lowerBounds: readonly number[],
    elements: readonly Value[],
    count: number,
  ): void {
    let gathered = this.#groups[group];
    if (gathered === undefined) {
      gathered = { dimensions, lowerBounds, elements: [], count: 0 };
      this.#groups[group] = gathered;
    } else if (gathered.dimensions.join() !== dimensions.join()) throw cannot('arrays of different dimensionality');
    for (const element of elements) gathered.elements.push(element);
    gathered.count += count;
    this.#elementCount += elements.length;
  }
}

export const nestedArrayAggregates: readonly AggregateFunction[] = [
  {
    kind: 'aggregate',
    name: 'array_agg',
    oid: 4053,
    argumentTypes: [anyarray],
    resultType: anyarray,
    isCollecting: true,
    createAccumulator: () => new NestedArrayAccumulator(),
  },
];
