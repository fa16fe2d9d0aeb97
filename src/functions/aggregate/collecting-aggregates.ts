import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { anyarray, anynonarray } from '../../types/pseudo-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { text } from '../../types/string-types.ts';
import type { Value } from '../../types/value.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';

/**
 * string_agg: values joined by delimiters, in the order of arrival. A state begins with the delimiter of its first
 * value, which counts only once another state stands before it.
 */
class StringAccumulator implements Accumulator {
  readonly #texts: (string | undefined)[] = [];
  /** How much of each text is its first delimiter. */
  readonly #delimiterLengths: number[] = [];
  #length = 0;

  get sizeBytes(): number {
    return this.#texts.length * 32 + this.#length * 2;
  }

  reserve(groupCount: number): void {
    while (this.#texts.length < groupCount) {
      this.#texts.push(undefined);
      this.#delimiterLengths.push(0);
    }
  }

  update([values, delimiters]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    for (let row = 0; row < rowCount; row++) {
      if (filter !== undefined && filter[row] === 0) continue;
      const value = valueAt(values!, row) as string | null;
      if (value === null) continue;
      const delimiter = (valueAt(delimiters!, row) as string | null) ?? '';
      this.#append(groups[row], delimiter + value, delimiter.length);
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    const texts = new ColumnBuilder('text', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) texts.push(this.#texts[group] ?? null);
    const lengths = Float64Array.from(this.#delimiterLengths.slice(0, groupCount));
    return [texts.finish(), { kind: 'number', values: lengths, validity: undefined }];
  }

  merge([texts, lengths]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    for (let state = 0; state < stateCount; state++) {
      const joined = valueAt(texts!, state) as string | null;
      if (joined !== null) this.#append(groups[state], joined, valueAt(lengths!, state) as number);
    }
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder('text', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      builder.push(this.#texts[group]?.slice(this.#delimiterLengths[group]) ?? null);
    }
    return builder.finish();
  }

  #append(group: number, delimited: string, delimiterLength: number): void {
    const before = this.#texts[group];
    if (before === undefined) this.#delimiterLengths[group] = delimiterLength;
    this.#texts[group] = before === undefined ? delimited : before + delimited;
    this.#length += delimited.length;
  }
}

/** array_agg: all values, NULLs too, in the order of arrival; NULL for groups without rows. */
class ArrayAccumulator implements Accumulator {
  readonly #elements: (Value[] | undefined)[] = [];
  #count = 0;

  get sizeBytes(): number {
    return this.#elements.length * 32 + this.#count * 32;
  }

  reserve(groupCount: number): void {
    while (this.#elements.length < groupCount) this.#elements.push(undefined);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    for (let row = 0; row < rowCount; row++) {
      if (filter !== undefined && filter[row] === 0) continue;
      const elements = this.#elements[groups[row]];
      const value = valueAt(input!, row);
      if (elements === undefined) this.#elements[groups[row]] = [value];
      else elements.push(value);
      this.#count++;
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    return [this.results(groupCount)];
  }

  merge([arrays]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    for (let state = 0; state < stateCount; state++) {
      const array = valueAt(arrays!, state) as SqlArray | null;
      if (array === null) continue;
      const elements = this.#elements[groups[state]] ?? [];
      for (const element of array.elements) elements.push(element);
      this.#elements[groups[state]] = elements;
      this.#count += array.elements.length;
    }
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder('value', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      const elements = this.#elements[group];
      builder.push(elements === undefined ? null : new SqlArray(elements.slice()));
    }
    return builder.finish();
  }
}

export const collectingAggregates: readonly AggregateFunction[] = [
  {
    kind: 'aggregate',
    name: 'string_agg',
    oid: 3538,
    argumentTypes: [text, text],
    resultType: text,
    isCollecting: true,
    createAccumulator: () => new StringAccumulator(),
  },
  {
    kind: 'aggregate',
    name: 'array_agg',
    oid: 2335,
    argumentTypes: [anynonarray],
    resultType: anyarray,
    isCollecting: true,
    createAccumulator: () => new ArrayAccumulator(),
  },
];
