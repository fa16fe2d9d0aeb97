import type { Batch } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { columnOf } from '../../columnar/column-builder.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';

/** One value per column of a foreign key, in its order. */
export type ReferenceKey = readonly Value[];

type KeyHash = ReturnType<TypeDefinition['hashKey']> | null;

/** What follows the values of a key so far: the number of the key behind the last of them. */
interface Level extends Map<KeyHash, Level | number> {}

/** Distinct keys, numbered from 0 in the order in which they came. A NULL in them is equal to a NULL alone. */
export class ReferenceKeys {
  readonly keys: ReferenceKey[] = [];
  readonly #types: readonly TypeDefinition[];
  readonly #first: Level = new Map();

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
    let level = this.#first;
    const last = key.length - 1;
    for (let at = 0; at < last; at++) level = this.#below(level, this.#hashOf(at, key[at]));
    const hash = this.#hashOf(last, key[last]);
    const known = level.get(hash);
    if (typeof known === 'number') return known;
    level.set(hash, this.keys.length);
    return this.keys.push(key) - 1;
  }

  /** As `add`, the key of a row. */
  addAt(columns: readonly Column[], row: number): number {
    const known = this.findAt(columns, row);
    return known >= 0 ? known : this.add(valuesAt(columns, row));
  }

  /** The number of the key of a row, or -1. */
  findAt(columns: readonly Column[], row: number): number {
    let level: Level | number | undefined = this.#first;
    for (let at = 0; at < columns.length; at++) {
      if (level === undefined || typeof level === 'number') return -1;
      level = level.get(this.#hashOf(at, valueAt(columns[at], row)));
    }
    return typeof level === 'number' ? level : -1;
  }

  #hashOf(at: number, value: Value): KeyHash {
    return value === null ? null : this.#types[at].hashKey(value);
  }

  #below(level: Level, hash: KeyHash): Level {
    const known = level.get(hash);
    if (known instanceof Map) return known;
    const below: Level = new Map();
    level.set(hash, below);
    return below;
  }
}

export function valuesAt(columns: readonly Column[], row: number): ReferenceKey {
  return columns.map((column) => valueAt(column, row));
}

/** How many of the values of a row are NULL. */
export function nullCountAt(columns: readonly Column[], row: number): number {
  let count = 0;
  for (const { validity } of columns) if (validity !== undefined && validity[row] === 0) count++;
  return count;
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
