import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { bit } from '../../types/bit.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { toInt64 } from '../../types/int64.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';
import { andBits, orBits, xorBits } from '../bit-string/bit-functions.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';
import { liveRows } from './group-arrays.ts';

/** Two values of the type, as one. */
type Combine<Item extends Int64 | string> = (left: Item, right: Item) => Item;

/** bit_and, bit_or, bit_xor: one value a group, NULL for groups without any. */
class BitAccumulator<Item extends Int64 | string> implements Accumulator {
  readonly #type: TypeDefinition;
  readonly #combine: Combine<Item>;
  readonly #values: (Item | undefined)[] = [];

  constructor(type: TypeDefinition, combine: Combine<Item>) {
    this.#type = type;
    this.#combine = combine;
  }

  get sizeBytes(): number {
    return this.#values.length * 24;
  }

  reserve(groupCount: number): void {
    while (this.#values.length < groupCount) this.#values.push(undefined);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const live = liveRows(input!.validity, filter, rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const value = valueAt(input!, row) as Item;
      const kept = this.#values[groups[row]];
      this.#values[groups[row]] = kept === undefined ? value : this.#combine(kept, value);
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    return [this.results(groupCount)];
  }

  merge(states: readonly Column[], groups: Uint32Array, stateCount: number): void {
    this.update(states, groups, stateCount);
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder(this.#type.representation, { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) builder.push(this.#values[group] ?? null);
    return builder.finish();
  }
}

/** JavaScript's own operators are right for 32 bits; beyond, both are taken as they stand in 64 bits. */
function combining(
  small: (left: number, right: number) => number,
  large: (left: bigint, right: bigint) => bigint,
): Combine<Int64> {
  return (left, right) => {
    if (typeof left === 'number' && typeof right === 'number' && (left | 0) === left && (right | 0) === right) {
      return small(left, right);
    }
    return toInt64(BigInt.asIntN(64, large(BigInt(left), BigInt(right))));
  };
}

const and = combining(
  (left, right) => left & right,
  (left, right) => left & right,
);
const or = combining(
  (left, right) => left | right,
  (left, right) => left | right,
);
const xor = combining(
  (left, right) => left ^ right,
  (left, right) => left ^ right,
);

function aggregate<Item extends Int64 | string>(
  name: string,
  oid: number,
  type: TypeDefinition,
  combine: Combine<Item>,
): AggregateFunction {
  return {
    kind: 'aggregate',
    name,
    oid,
    argumentTypes: [type],
    resultType: type,
    ignoresOrder: true,
    ...(name === 'bit_xor' ? {} : { ignoresDuplicates: true }),
    createAccumulator: () => new BitAccumulator(type, combine),
  };
}

export const bitAggregates: readonly AggregateFunction[] = [
  aggregate('bit_and', 2236, int2, and),
  aggregate('bit_and', 2238, int4, and),
  aggregate('bit_and', 2240, int8, and),
  aggregate('bit_and', 2242, bit, andBits),
  aggregate('bit_or', 2237, int2, or),
  aggregate('bit_or', 2239, int4, or),
  aggregate('bit_or', 2241, int8, or),
  aggregate('bit_or', 2243, bit, orBits),
  aggregate('bit_xor', 6164, int2, xor),
  aggregate('bit_xor', 6165, int4, xor),
  aggregate('bit_xor', 6166, int8, xor),
  aggregate('bit_xor', 6167, bit, xorBits),
];
