import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { ConstantList } from '../expression/expression.ts';
import { hashNumber, hashText, isAmong, slotsOf } from '../syntax/literal-list.ts';

/** Whole numbers, with the table in which they are found. */
export class NumberConstants implements ConstantList {
  readonly #numbers: Float64Array;
  readonly #slots: Uint32Array;

  constructor(numbers: Float64Array, slots: Uint32Array) {
    this.#numbers = numbers;
    this.#slots = slots;
  }

  get length(): number {
    return this.#numbers.length;
  }

  at(index: number): Value {
    return this.#numbers[index];
  }

  has(value: Value): boolean {
    return typeof value === 'number' && isAmong(value, this.#numbers, this.#slots, hashNumber);
  }
}

/** Strings, with the table in which they are found. */
export class TextConstants implements ConstantList {
  readonly #texts: readonly string[];
  readonly #slots: Uint32Array;

  constructor(texts: readonly string[], slots: Uint32Array = slotsOf(texts, hashText)) {
    this.#texts = texts;
    this.#slots = slots;
  }

  get length(): number {
    return this.#texts.length;
  }

  at(index: number): Value {
    return this.#texts[index];
  }

  has(value: Value): boolean {
    return isAmong(value as string, this.#texts, this.#slots, hashText);
  }
}

/** Values of any type, found by their keys. */
export class KeyedConstants implements ConstantList {
  readonly #values: readonly Value[];
  readonly #keys: ReadonlySet<unknown>;
  readonly #definition: TypeDefinition;

  constructor(values: readonly Value[], definition: TypeDefinition) {
    this.#values = values;
    this.#definition = definition;
    this.#keys = new Set(values.map((value) => definition.hashKey(value)));
  }

  get length(): number {
    return this.#values.length;
  }

  at(index: number): Value {
    return this.#values[index];
  }

  has(value: Value): boolean {
    return this.#keys.has(this.#definition.hashKey(value));
  }
}
