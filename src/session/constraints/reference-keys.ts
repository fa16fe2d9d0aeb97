import type { Batch } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { columnOf } from '../../columnar/column-builder.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';

/** One value per column of a foreign key, in its order. */
export type ReferenceKey = readonly Value[];

/** Distinct keys without NULLs, numbered from 0 in the order in which they came. */
export class ReferenceKeys {
  readonly keys: ReferenceKey[] = [];
  readonly #types: readonly TypeDefinition[];
  readonly #numbers = new Map<string | number | bigint | boolean, number>();

  constructor(types: readonly TypeDefinition[]) {
    this.#types = types;
  }

  static of(types: readonly TypeDefinition[], keys: Iterable<ReferenceKey>): ReferenceKeys {
    const all = new ReferenceKeys(types);
    for (const key of keys) all.add(key);
    return all;
  }

  get size(): number {
    return this.keys.length;
  }

  /** The number of the key, which is added if new. */
  add(key: ReferenceKey): number {
    const identity = this.#identityOf(key);
    const known = this.#numbers.get(identity);
    if (known !== undefined) return known;
    const number = this.keys.length;
    this.keys.push(key);
    this.#numbers.set(identity, number);
    return number;
  }

  /** The number of the key, or -1. */
  find(key: ReferenceKey): number {
    return this.#numbers.get(this.#identityOf(key)) ?? -1;
  }

  #identityOf(key: ReferenceKey): string | number | bigint | boolean {
    if (key.length === 1) return this.#types[0].hashKey(key[0]);
    let identity = '';
    for (let at = 0; at < key.length; at++) {
      const part = String(this.#types[at].hashKey(key[at]));
      identity += `${part.length}:${part}`;
    }
    return identity;
  }
}

/** The key of a row; `undefined` when some of it is NULL. */
export function keyAt(columns: readonly Column[], row: number): ReferenceKey | undefined {
  const key: Value[] = [];
  for (const column of columns) {
    const value = valueAt(column, row);
    if (value === null) return undefined;
    key.push(value);
  }
  return key;
}

/** Keys as columns, `order[i]` being the place within a key of what stands in column i. */
export function keyBatch(
  keys: readonly ReferenceKey[],
  types: readonly TypeDefinition[],
  order: readonly number[],
): Batch {
  return {
    rowCount: keys.length,
    columns: order.map((place) =>
      columnOf(
        types[place].representation,
        keys.map((key) => key[place]),
      ),
    ),
  };
}
