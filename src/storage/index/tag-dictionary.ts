import type { Column } from '../../columnar/column.ts';
import { valueAt } from '../../columnar/column.ts';
import { columnOf } from '../../columnar/column-builder.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { Dictionary } from '../../columnar/dictionary.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';

/** Stands for NULL among tag codes. */
export const NULL_CODE = 0xffffffff;

/** The distinct values of one tag of one table. Codes are dense and never reassigned. */
export class TagDictionary {
  readonly type: TypeDefinition;
  /** The strings of a text tag; other types keep values beside it. */
  readonly #strings = new Dictionary();
  readonly #values: Value[] = [];
  readonly #codes = new Map<string | number | bigint | boolean, number>();
  #column: Column | undefined;

  constructor(type: TypeDefinition) {
    this.type = type;
  }

  /** Whether equal values are equal strings: not so for other types, nor for char(n), which ignores trailing blanks. */
  get isExactText(): boolean {
    return this.type.representation === 'text' && this.type.name !== 'bpchar';
  }

  get size(): number {
    return this.type.representation === 'text' ? this.#strings.size : this.#values.length;
  }

  value(code: number): Value {
    if (code === NULL_CODE) return null;
    return this.type.representation === 'text' ? this.#strings.string(code) : this.#values[code]!;
  }

  /** The code of `value`, NULL_CODE for NULL, -1 when no series has had it. */
  find(value: Value): number {
    if (value === null) return NULL_CODE;
    if (this.type.representation === 'text') return this.#strings.find(value as string);
    return this.#codes.get(this.type.hashKey(value)) ?? -1;
  }

  /** The code of `value`, which is added if new. */
  codeOf(value: Value): number {
    if (value === null) return NULL_CODE;
    if (this.type.representation === 'text') return this.#strings.codeOf(value as string);
    const key = this.type.hashKey(value);
    const known = this.#codes.get(key);
    if (known !== undefined) return known;
    const code = this.#values.length;
    this.#values.push(value);
    this.#codes.set(key, code);
    return code;
  }

  /** Codes for all rows of `column`; values that are new are added. */
  codesOf(column: Column, rowCount: number): Uint32Array {
    const codes = new Uint32Array(rowCount);
    if (column.kind === 'dictionary' && this.type.representation === 'text') {
      const translated = new Int32Array(column.dictionary.size).fill(-1);
      for (let row = 0; row < rowCount; row++) {
        if (column.validity !== undefined && column.validity[row] === 0) {
          codes[row] = NULL_CODE;
          continue;
        }
        const source = column.codes[row];
        if (translated[source] < 0) translated[source] = this.#strings.codeOf(column.dictionary.string(source));
        codes[row] = translated[source];
      }
      return codes;
    }
    for (let row = 0; row < rowCount; row++) codes[row] = this.codeOf(valueAt(column, row));
    return codes;
  }

  /** The column that holds the first `rowCount` of `codes`, sharing this dictionary where the tag is text. */
  columnOfCodes(codes: Uint32Array, rowCount: number): Column {
    let validity: Uint8Array | undefined;
    for (let row = 0; row < rowCount; row++) {
      if (codes[row] !== NULL_CODE) continue;
      validity ??= new Uint8Array(rowCount).fill(1);
      validity[row] = 0;
    }
    let plain = codes.subarray(0, rowCount);
    if (validity !== undefined) plain = plain.map((code) => (code === NULL_CODE ? 0 : code));
    if (this.type.representation === 'text') {
      // A code must name a string, even behind a NULL.
      if (this.#strings.size === 0) return { kind: 'value', values: new Array(rowCount).fill(null), validity };
      return { kind: 'dictionary', codes: plain, dictionary: this.#strings, validity };
    }
    if (this.#values.length === 0) return columnOf(this.type.representation, new Array(rowCount).fill(null));
    if (this.#column === undefined || this.#columnSize !== this.#values.length) {
      this.#column = columnOf(this.type.representation, this.#values);
      this.#columnSize = this.#values.length;
    }
    return { ...gatherColumn(this.#column, plain, rowCount), validity } as Column;
  }

  #columnSize = 0;
}
