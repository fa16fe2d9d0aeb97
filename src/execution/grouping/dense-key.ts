import type { Column } from '../../columnar/column.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { KeyEncoder, NULL_KEY_HIGH } from '../key-encoder.ts';
import { type CodeLayout, MIN_SPAN, NULL_CODE, UNKNOWN_CODE } from './code-layout.ts';
import { DecimalKey } from './decimal-key.ts';

/** Codes of a dictionary never change. */
const CODED: CodeLayout = { base: 0, scale: 1, span: Number.POSITIVE_INFINITY, strays: [] };

/** One key of a dense index: gives each of its values a small number. */
export interface DenseKey {
  /** Codes are below this. */
  readonly size: number;
  /** Another one once codes given out before stand for something else. */
  readonly layout: CodeLayout;
  readonly sizeBytes: number;
  /** All values of the type are integers, of which neighbours have neighbouring codes. */
  readonly areIntegers: boolean;
  /**
   * Writes the codes of the first `rowCount` rows, adding those of new values. False where a value can have none, or the
   * codes would reach `maxSize`.
   */
  encode(column: Column, rowCount: number, codes: Int32Array, maxSize: number): boolean;
  /**
   * What is to be taken from each number of the column to have its code, where `bounds` show that all are integers that
   * have one; undefined where they do not. Room is made for them.
   */
  distance?(column: Column, bounds: UnitStatistics | undefined, maxSize: number): number | undefined;
  /** Adds nothing: values without a code get UNKNOWN_CODE. */
  find(column: Column, rowCount: number, codes: Int32Array): void;
  /** The values of codes, as `layout` has them. */
  decode(codes: Int32Array): Column;
  /** No value is added any more. */
  close(): void;
}

/** undefined: values of the type have no small numbers. */
export function denseKeyOf(type: SqlType): DenseKey | undefined {
  switch (type.definition.representation) {
    case 'float64':
    case 'int64':
      return new DecimalKey(type.definition);
    case 'text':
    case 'boolean':
      return new CodedKey(type);
    default:
      return undefined;
  }
}

/** Booleans, and text by the codes of a dictionary of its own. */
class CodedKey implements DenseKey {
  readonly areIntegers = false;
  readonly #encoder: KeyEncoder;
  #size = MIN_SPAN;
  #high = new Int32Array(0);

  constructor(type: SqlType) {
    this.#encoder = new KeyEncoder(type);
  }

  get size(): number {
    return this.#size;
  }

  get layout(): CodeLayout {
    return CODED;
  }

  get sizeBytes(): number {
    return this.#encoder.sizeBytes;
  }

  encode(column: Column, rowCount: number, codes: Int32Array, maxSize: number): boolean {
    let greatest = 0;
    if (column.kind === 'dictionary') greatest = this.#encoder.encodeCodes(column, rowCount, codes);
    else {
      this.find(column, rowCount, codes);
      for (let row = 0; row < rowCount; row++) if (codes[row] > greatest) greatest = codes[row];
    }
    if (greatest < this.#size) return true;
    if (greatest >= maxSize) return false;
    this.#size = Math.min(Math.max(greatest + 1, this.#size * 2), maxSize);
    return true;
  }

  find(column: Column, rowCount: number, codes: Int32Array): void {
    if (this.#high.length < rowCount) this.#high = new Int32Array(rowCount);
    this.#encoder.encode(column, rowCount, codes, this.#high);
    // An encoder that is closed marks what it does not know by -1.
    for (let row = 0; row < rowCount; row++) codes[row] = codes[row] < 0 ? UNKNOWN_CODE : codes[row] + 1;
    const { validity } = column;
    if (validity === undefined) return;
    for (let row = 0; row < rowCount; row++) if (validity[row] === 0) codes[row] = NULL_CODE;
  }

  decode(codes: Int32Array): Column {
    const low = new Int32Array(codes.length);
    const high = new Int32Array(codes.length);
    for (let index = 0; index < codes.length; index++) {
      if (codes[index] === NULL_CODE) high[index] = NULL_KEY_HIGH;
      else low[index] = codes[index] - 1;
    }
    return this.#encoder.decode(low, high, codes.length);
  }

  close(): void {
    this.#encoder.close();
  }
}
