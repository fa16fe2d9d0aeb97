import { type Column, valueAt } from '../../columnar/column.ts';
import { bool } from '../../types/bool.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';
import { grownUint8, liveRows } from './group-arrays.ts';

const UNSEEN = 0;
const FALSE = 1;
const TRUE = 2;

/** bool_and keeps the lesser of false and true, bool_or the greater; NULL for groups without values. */
class BooleanAccumulator implements Accumulator {
  readonly #decisive: typeof FALSE | typeof TRUE;
  #states: Uint8Array = new Uint8Array(0);

  constructor(decisive: typeof FALSE | typeof TRUE) {
    this.#decisive = decisive;
  }

  get sizeBytes(): number {
    return this.#states.byteLength;
  }

  reserve(groupCount: number): void {
    this.#states = grownUint8(this.#states, groupCount);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const states = this.#states;
    const live = liveRows(input!.validity, filter, rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const isTrue = input!.kind === 'boolean' ? input!.values[row] === 1 : valueAt(input!, row) === true;
      const state = isTrue ? TRUE : FALSE;
      if (states[groups[row]] === UNSEEN || state === this.#decisive) states[groups[row]] = state;
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    return [this.results(groupCount)];
  }

  merge(states: readonly Column[], groups: Uint32Array, stateCount: number): void {
    this.update(states, groups, stateCount);
  }

  results(groupCount: number): Column {
    const values = new Uint8Array(groupCount);
    const validity = new Uint8Array(groupCount);
    for (let group = 0; group < groupCount; group++) {
      values[group] = this.#states[group] === TRUE ? 1 : 0;
      validity[group] = this.#states[group] === UNSEEN ? 0 : 1;
    }
    return { kind: 'boolean', values, validity: validity.includes(0) ? validity : undefined };
  }
}

function aggregate(name: string, oid: number, decisive: typeof FALSE | typeof TRUE): AggregateFunction {
  return {
    kind: 'aggregate',
    name,
    oid,
    argumentTypes: [bool],
    resultType: bool,
    ignoresDuplicates: true,
    ignoresOrder: true,
    createAccumulator: () => new BooleanAccumulator(decisive),
  };
}

export const booleanAggregates: readonly AggregateFunction[] = [
  aggregate('bool_and', 2517, FALSE),
  aggregate('bool_or', 2518, TRUE),
  aggregate('every', 2519, FALSE),
];
