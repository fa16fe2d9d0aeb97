import type { Column } from '../../columnar/column.ts';
import { valueAt } from '../../columnar/column.ts';
import { columnOf } from '../../columnar/column-builder.ts';
import { Dictionary } from '../../columnar/dictionary.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { TextTable } from './text-table.ts';

/** Stands for NULL among tag codes. */
export const NULL_CODE = 0xffffffff;

/** With more distinct texts than this, they are kept as UTF-8 instead of JS strings. */
const MAX_SHARED_TEXTS = 16_384;

/**
 * The distinct values of one tag of one table. Codes are dense and never reassigned. Texts are a dictionary that columns
 * share, until they become so many that their size matters more than the time to make strings of them.
 */
export class TagDictionary {
  readonly type: TypeDefinition;
  readonly #isText: boolean;
  /** The texts, while they are few. */
  #shared: Dictionary | undefined;
  /** The texts, when they are many. */
  #packed: TextTable | undefined;
  /** The values of other types. */
  readonly #values: Value[] = [];
  readonly #codes = new Map<string | number | bigint | boolean, number>();

  constructor(type: TypeDefinition) {
    this.type = type;
    this.#isText = type.representation === 'text';
    if (this.#isText) this.#shared = new Dictionary();
  }

  /** Whether equal values are equal strings: not so for other types, nor for char(n), which ignores trailing blanks. */
  get isExactText(): boolean {
    return this.#isText && this.type.hasLooseEquality !== true;
  }

  get size(): number {
    return this.#shared?.size ?? this.#packed?.size ?? this.#values.length;
  }

  /** Roughly. */
  get sizeBytes(): number {
    return this.#shared?.sizeBytes ?? this.#packed?.sizeBytes ?? this.#values.length * 64;
  }

  value(code: number): Value {
    if (code === NULL_CODE) return null;
    if (this.#shared !== undefined) return this.#shared.string(code);
    return this.#packed === undefined ? this.#values[code]! : this.#packed.string(code);
  }

  /** The code of `value`, NULL_CODE for NULL, -1 when no series has had it. */
  find(value: Value): number {
    if (value === null) return NULL_CODE;
    if (this.#isText) return this.#shared?.find(value as string) ?? this.#packed!.find(value as string);
    return this.#codes.get(this.type.hashKey(value)) ?? -1;
  }

  /** The code of `value`, which is added if new. */
  codeOf(value: Value): number {
    if (value === null) return NULL_CODE;
    if (this.#isText) return this.#textCode(value as string);
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
    if (column.kind === 'dictionary' && this.#isText) {
      const translated = new Int32Array(column.dictionary.size).fill(-1);
      for (let row = 0; row < rowCount; row++) {
        if (column.validity !== undefined && column.validity[row] === 0) {
          codes[row] = NULL_CODE;
          continue;
        }
        const source = column.codes[row];
        if (translated[source] < 0) translated[source] = this.#textCode(column.dictionary.string(source));
        codes[row] = translated[source];
      }
      return codes;
    }
    for (let row = 0; row < rowCount; row++) codes[row] = this.codeOf(valueAt(column, row));
    return codes;
  }

  /** The column that holds the first `rowCount` of `codes`; texts that are few share this dictionary. */
  columnOfCodes(codes: Uint32Array, rowCount: number): Column {
    if (this.#isText) return this.#textColumn(codes, rowCount);
    const { representation } = this.type;
    if (representation === 'float64' || representation === 'int64') {
      const numbers = this.#numberColumn(codes, rowCount);
      if (numbers !== undefined) return numbers;
    }
    const values: Value[] = new Array(rowCount);
    for (let row = 0; row < rowCount; row++) values[row] = this.value(codes[row]);
    return columnOf(representation, values);
  }

  #textCode(text: string): number {
    if (this.#packed !== undefined) return this.#packed.codeOf(text);
    const shared = this.#shared!;
    const code = shared.codeOf(text);
    if (shared.size > MAX_SHARED_TEXTS) {
      // Columns that have the shared one keep it as it is now.
      const packed = new TextTable();
      for (const known of shared.strings()) packed.codeOf(known);
      this.#packed = packed;
      this.#shared = undefined;
    }
    return code;
  }

  #textColumn(codes: Uint32Array, rowCount: number): Column {
    const validity = validityOf(codes, rowCount);
    const dictionary = this.#shared;
    if (dictionary === undefined) return this.#packedColumn(codes, rowCount, validity);
    // A code must name a string, even behind a NULL.
    if (dictionary.size === 0) return { kind: 'value', values: new Array(rowCount).fill(null), validity };
    if (validity === undefined) return { kind: 'dictionary', codes: codes.subarray(0, rowCount), dictionary, validity };
    const plain = codes.slice(0, rowCount);
    for (let row = 0; row < rowCount; row++) if (plain[row] === NULL_CODE) plain[row] = 0;
    return { kind: 'dictionary', codes: plain, dictionary, validity };
  }

  /** A dictionary of the column's own where rows repeat each other, as those of one series do. */
  #packedColumn(codes: Uint32Array, rowCount: number, validity: Uint8Array | undefined): Column {
    const packed = this.#packed!;
    let changes = 1;
    for (let row = 1; row < rowCount; row++) if (codes[row] !== codes[row - 1]) changes++;
    if (changes * 2 > rowCount) {
      const values: Value[] = new Array(rowCount);
      for (let row = 0; row < rowCount; row++)
        values[row] = codes[row] === NULL_CODE ? null : packed.string(codes[row]);
      return { kind: 'value', values, validity };
    }
    const dictionary = new Dictionary();
    const own = new Uint32Array(rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (row > 0 && codes[row] === codes[row - 1]) own[row] = own[row - 1];
      else own[row] = dictionary.codeOf(packed.string(codes[row] === NULL_CODE ? 0 : codes[row]));
    }
    return { kind: 'dictionary', codes: own, dictionary, validity };
  }

  /** undefined when some value is past ±2^53. */
  #numberColumn(codes: Uint32Array, rowCount: number): Column | undefined {
    const values = new Float64Array(rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (codes[row] === NULL_CODE) continue;
      const value = this.#values[codes[row]];
      if (typeof value !== 'number') return undefined;
      values[row] = value;
    }
    return { kind: 'number', values, validity: validityOf(codes, rowCount) };
  }
}

function validityOf(codes: Uint32Array, rowCount: number): Uint8Array | undefined {
  let validity: Uint8Array | undefined;
  for (let row = 0; row < rowCount; row++) {
    if (codes[row] !== NULL_CODE) continue;
    validity ??= new Uint8Array(rowCount).fill(1);
    validity[row] = 0;
  }
  return validity;
}
