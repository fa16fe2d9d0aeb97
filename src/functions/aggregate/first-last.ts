import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { canonicalInstant } from '../../types/instant.ts';
import { any, anyelement } from '../../types/pseudo-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';
import { grownFloat64, grownUint8, liveRows } from './group-arrays.ts';

/** No row of the batch at hand has won. */
const NO_ROW = -1;

/**
 * The value beside the least or greatest key of each group, of equal keys the one that came first. Rows whose key is NULL
 * do not count; a value may be NULL. While a batch goes by, only the number of the row that leads is kept; its value is
 * fetched at the end.
 */
class ValueAtExtremeAccumulator implements Accumulator {
  readonly #valueType: TypeDefinition;
  readonly #keyType: TypeDefinition;
  /** 1 for the greatest key, -1 for the least. */
  readonly #sign: 1 | -1;
  readonly #values: Value[] = [];
  #keys: Float64Array = new Float64Array(0);
  #seen: Uint8Array = new Uint8Array(0);
  /** Instead of `#keys` from the first key on that is no double. */
  #keyValues: Value[] | undefined;
  #leaders = new Int32Array(0);
  #touched = new Uint32Array(0);

  constructor(valueType: TypeDefinition, keyType: TypeDefinition, sign: 1 | -1) {
    this.#valueType = valueType;
    this.#keyType = keyType;
    this.#sign = sign;
    const { representation } = keyType;
    if (representation !== 'float64' && representation !== 'int64') this.#keyValues = [];
  }

  get sizeBytes(): number {
    const bytesPerGroup = this.#keyValues === undefined ? 64 : 128;
    return this.#values.length * bytesPerGroup + this.#keys.byteLength + this.#seen.byteLength;
  }

  reserve(groupCount: number): void {
    while (this.#values.length < groupCount) this.#values.push(null);
    this.#seen = grownUint8(this.#seen, groupCount);
    if (this.#keyValues === undefined) this.#keys = grownFloat64(this.#keys, groupCount);
    else while (this.#keyValues.length < groupCount) this.#keyValues.push(null);
  }

  update([values, keys]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    invariant(values !== undefined && keys !== undefined, 'a value and a key');
    if (this.#leaders.length < this.#seen.length) this.#leaders = new Int32Array(this.#seen.length).fill(NO_ROW);
    if (this.#touched.length < rowCount) this.#touched = new Uint32Array(rowCount);
    const live = liveRows(keys.validity, filter, rowCount);
    const touchedCount =
      keys.kind === 'number' && this.#keyValues === undefined
        ? this.#leadByNumber(keys.values, live, groups, rowCount)
        : this.#leadByValue(keys, live, groups, rowCount);
    for (let at = 0; at < touchedCount; at++) {
      const group = this.#touched[at];
      this.#values[group] = valueAt(values, this.#leaders[group]);
      this.#leaders[group] = NO_ROW;
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    const keys = new ColumnBuilder(this.#keyType.representation, { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      if (this.#seen[group] === 0) keys.pushNull();
      else keys.push(this.#keyValues === undefined ? this.#keys[group] : this.#keyValues[group]);
    }
    return [this.results(groupCount), keys.finish()];
  }

  merge(states: readonly Column[], groups: Uint32Array, stateCount: number): void {
    this.update(states, groups, stateCount);
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder(this.#valueType.representation, { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) builder.push(this.#values[group]);
    return builder.finish();
  }

  /** NaN is the greatest of all numbers. */
  #leadByNumber(keys: Float64Array, live: Uint8Array | undefined, groups: Uint32Array, rowCount: number): number {
    const isLast = this.#sign > 0;
    let touchedCount = 0;
    let row = 0;
    while (row < rowCount) {
      const group = groups[row];
      let isSeen = this.#seen[group] === 1;
      let kept = this.#keys[group];
      let leader = NO_ROW;
      for (; row < rowCount && groups[row] === group; row++) {
        if (live !== undefined && live[row] === 0) continue;
        const key = keys[row];
        const leads = isLast
          ? key > kept || (key !== key && kept === kept)
          : key < kept || (kept !== kept && key === key);
        if (isSeen && !leads) continue;
        kept = key;
        isSeen = true;
        leader = row;
      }
      if (leader === NO_ROW) continue;
      this.#keys[group] = kept;
      this.#seen[group] = 1;
      touchedCount = this.#touch(group, leader, touchedCount);
    }
    return touchedCount;
  }

  #leadByValue(keys: Column, live: Uint8Array | undefined, groups: Uint32Array, rowCount: number): number {
    this.#keyValues ??= Array.from(this.#seen, (isSeen, group) => (isSeen === 1 ? this.#keys[group] : null));
    let touchedCount = 0;
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const group = groups[row];
      const key = this.#canonical(valueAt(keys, row));
      const isFirst = this.#seen[group] === 0;
      if (!isFirst && this.#sign * this.#keyType.compare(key, this.#keyValues[group]) <= 0) continue;
      this.#keyValues[group] = key;
      this.#seen[group] = 1;
      touchedCount = this.#touch(group, row, touchedCount);
    }
    return touchedCount;
  }

  /** Infinite instants have one form each. */
  #canonical(key: Value): Value {
    return this.#keyType.category === 'D' && typeof key === 'bigint' ? canonicalInstant(key) : key;
  }

  #touch(group: number, leader: number, touchedCount: number): number {
    const isNew = this.#leaders[group] === NO_ROW;
    this.#leaders[group] = leader;
    if (!isNew) return touchedCount;
    this.#touched[touchedCount] = group;
    return touchedCount + 1;
  }
}

function aggregate(name: string, oid: number, sign: 1 | -1): AggregateFunction {
  return {
    kind: 'aggregate',
    name,
    oid,
    argumentTypes: [anyelement, any],
    resultType: anyelement,
    createAccumulator: ([valueType, keyType]) => {
      invariant(valueType !== undefined && keyType !== undefined, 'a value and a key');
      if (!keyType.isComparable) {
        throw new SqlError(
          SqlState.UndefinedFunction,
          `could not identify an ordering operator for type ${keyType.sqlName}`,
          { hint: 'Use an explicit ordering operator or modify the query.' },
        );
      }
      return new ValueAtExtremeAccumulator(valueType, keyType, sign);
    },
  };
}

/** TimescaleDB's first and last, and the same under the names that other databases have for it. */
export const firstLastAggregates: readonly AggregateFunction[] = [
  aggregate('first', 9200, -1),
  aggregate('last', 9201, 1),
  aggregate('min_by', 9202, -1),
  aggregate('max_by', 9203, 1),
];
