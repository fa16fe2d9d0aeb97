import type { Column } from '../../columnar/column.ts';
import { valueAt, wideAt } from '../../columnar/column.ts';
import { ColumnBuilder, writeWide } from '../../columnar/column-builder.ts';
import { Dictionary } from '../../columnar/dictionary.ts';
import { invariant, unreachable } from '../../errors/invariant.ts';
import type { Representation, TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { ArrivalOrder } from './arrival-order.ts';
import { copyValues } from './copy-values.ts';
import type { SlabBuffers } from './slab-buffers.ts';
import type { BufferKind } from './slab-layout.ts';
import { newBuffer, SLAB_MASK, SLAB_ROWS, SLAB_SHIFT } from './slab-layout.ts';

/** A slab of text holds codes until the column has so many distinct strings that a dictionary costs more than it saves. */
const MAX_DICTIONARY_SHARE = 0.25;
const ALWAYS_DICTIONARY_BELOW = 4096;

/**
 * The values of one column in one slab. `capacity` rows; what stands at a row whose validity is 0 is undefined. Rows past
 * the capacity are NULL: the table grew, but without values for this column.
 */
interface ColumnSlab {
  capacity: number;
  validity: Uint8Array;
  numbers: Float64Array | undefined;
  /** Once a value past ±2^53 has come: all rows of the slab, and `numbers` is no longer kept. */
  high: Int32Array | undefined;
  low: Uint32Array | undefined;
  booleans: Uint8Array | undefined;
  codes: Uint32Array | undefined;
  values: Value[] | undefined;
}

/**
 * One column of a memtable, in arrival order. A slab is made when the first value of its rows comes; rows without one are
 * NULL, so that a column which appears late costs nothing for earlier rows.
 */
export class MemtableColumn {
  readonly type: TypeDefinition;
  readonly representation: Representation;
  readonly #bufferKind: BufferKind;
  readonly #slabs: (ColumnSlab | undefined)[] = [];
  readonly #dictionary = new Dictionary();
  #sizeBytes = 0;
  #textBytes = 0;

  constructor(type: TypeDefinition, bufferKind: BufferKind) {
    this.type = type;
    this.representation = type.representation;
    this.#bufferKind = bufferKind;
  }

  get sizeBytes(): number {
    return this.#sizeBytes + this.#textBytes;
  }

  get hasValues(): boolean {
    return this.#slabs.some((slab) => slab?.validity.includes(1) === true);
  }

  /** Whether the row has a value that is not NULL. */
  hasValueAt(row: number): boolean {
    return this.#slabs[row >>> SLAB_SHIFT]?.validity[row & SLAB_MASK] === 1;
  }

  /** Some value may pass ±2^53. */
  get isWide(): boolean {
    return this.#slabs.some((slab) => slab?.high !== undefined);
  }

  /** Copies rows `from` to `to` of `source` to `row` and on within slab `slabIndex`, which has room for `capacity` rows. */
  write(source: Column, from: number, to: number, slabIndex: number, row: number, capacity: number): void {
    const slab = this.#slab(slabIndex, capacity);
    if (source.validity === undefined) slab.validity.fill(1, row, row + to - from);
    else copyValues(source.validity, from, to, slab.validity, row);
    switch (this.representation) {
      case 'float64':
      case 'int64':
        this.#writeNumbers(slab, source, from, to, row);
        return;
      case 'boolean':
        invariant(source.kind === 'boolean', 'a boolean column holds booleans');
        copyValues(source.values, from, to, slab.booleans!, row);
        return;
      case 'text':
        this.#writeText(slab, source, from, to, row);
        return;
      case 'value':
        for (let index = from; index < to; index++) {
          const value = valueAt(source, index);
          slab.values![row + index - from] = value;
          if (value !== null) this.#textBytes += 48;
        }
        return;
      default:
        unreachable(this.representation);
    }
  }

  /** Gives the buffers back: nobody reads the column any more. */
  recycle(buffers: SlabBuffers): void {
    for (const slab of this.#slabs) {
      if (slab === undefined) continue;
      const { validity, numbers, high, low, booleans, codes } = slab;
      for (const array of [validity, numbers, high, low, booleans, codes]) buffers.give(array);
    }
    this.#slabs.length = 0;
  }

  /** Forgets the values of the rows from `row` of slab `slabIndex` on. */
  truncate(slabIndex: number, row: number): void {
    const slab = this.#slabs[slabIndex];
    slab?.validity.fill(0, row);
    this.#slabs.length = Math.min(this.#slabs.length, slabIndex + 1);
  }

  /** Rows `from` to `to` of one slab as a column, without copying numbers; undefined when all of them are NULL. */
  view(slabIndex: number, from: number, to: number): Column | undefined {
    const known = this.#slabs[slabIndex];
    if (known === undefined || from >= known.capacity) return undefined;
    const slab = to > known.capacity ? this.#slab(slabIndex, to) : known;
    const validBytes = slab.validity.subarray(from, to);
    const validity = validBytes.includes(0) ? validBytes : undefined;
    if (validity !== undefined && !validity.includes(1)) return undefined;
    if (slab.numbers !== undefined) return { kind: 'number', values: slab.numbers.subarray(from, to), validity };
    if (slab.high !== undefined) {
      return { kind: 'wide', high: slab.high.subarray(from, to), low: slab.low!.subarray(from, to), validity };
    }
    if (slab.booleans !== undefined) return { kind: 'boolean', values: slab.booleans.subarray(from, to), validity };
    if (slab.codes !== undefined) {
      return { kind: 'dictionary', codes: slab.codes.subarray(from, to), dictionary: this.#dictionary, validity };
    }
    return { kind: 'value', values: slab.values!.slice(from, to), validity };
  }

  /** Whether `row` (over all slabs) holds a value. */
  isValid(row: number): boolean {
    const slab = this.#slabs[row >>> SLAB_SHIFT];
    return slab !== undefined && slab.validity[row & SLAB_MASK] === 1;
  }

  valueAt(row: number): Value {
    const slab = this.#slabs[row >>> SLAB_SHIFT];
    const at = row & SLAB_MASK;
    if (slab === undefined || slab.validity[at] !== 1) return null;
    if (slab.numbers !== undefined) return slab.numbers[at];
    if (slab.high !== undefined)
      return wideAt({ kind: 'wide', high: slab.high, low: slab.low!, validity: undefined }, at);
    if (slab.booleans !== undefined) return slab.booleans[at] === 1;
    if (slab.codes !== undefined) return this.#dictionary.string(slab.codes[at]);
    return slab.values![at]!;
  }

  /**
   * All rows of `order` at their places in `target`; false, and anything there, when some row has no number. What came
   * together is read together, so that memory is read from front to back whatever the order.
   */
  scatter({ rows, places, count }: ArrivalOrder, target: Float64Array): boolean {
    for (let index = 0; index < count; ) {
      const slabIndex = rows[index] >>> SLAB_SHIFT;
      const slab = this.#slabs[slabIndex];
      const values = slab?.numbers;
      if (slab === undefined || values === undefined) return false;
      const { validity } = slab;
      const slabEnd = (slabIndex + 1) * SLAB_ROWS;
      for (; index < count && rows[index] < slabEnd; index++) {
        const at = rows[index] & SLAB_MASK;
        if (validity[at] !== 1) return false;
        target[places[index]] = values[at];
      }
    }
    return true;
  }

  /** The rows named by `rows[from]` to `rows[to - 1]` (over all slabs), in that order; numbers in `target`, if given. */
  gather(rows: Uint32Array, from: number, to: number, target?: Float64Array): Column {
    const count = to - from;
    switch (this.representation) {
      case 'float64':
      case 'int64': {
        const numbers = this.#gatherNumbers(rows, from, to, target?.subarray(0, count) ?? new Float64Array(count));
        if (numbers === undefined) break;
        return numbers;
      }
      case 'boolean': {
        const target = new Uint8Array(count);
        const gathered = this.#gatherPlain(rows, from, target, (slab) => slab.booleans);
        if (gathered === undefined) break;
        return { kind: 'boolean', values: target, validity: gathered.validity };
      }
      case 'text': {
        const target = new Uint32Array(count);
        const gathered = this.#gatherPlain(rows, from, target, (slab) => slab.codes);
        if (gathered === undefined) break;
        return { kind: 'dictionary', codes: target, dictionary: this.#dictionary, validity: gathered.validity };
      }
      case 'value':
        break;
      default:
        unreachable(this.representation);
    }
    return this.#gatherMixed(rows, from, to);
  }

  /** undefined when a slab has its values in another form. */
  #gatherNumbers(rows: Uint32Array, from: number, to: number, target: Float64Array): Column | undefined {
    const count = to - from;
    // Per slab the first row that has no value, as far as it was asked: mostly all rows before the end have one.
    const firstNulls = new Int32Array(this.#slabs.length + 1).fill(-1);
    let validity: Uint8Array | undefined;
    let slabIndex = -1;
    let values: Float64Array | undefined;
    let slabValidity: Uint8Array | undefined;
    let firstNull = 0;
    for (let index = 0; index < count; index++) {
      const row = rows[from + index];
      // Sorted rows of one series come from few slabs: the lookup is rare.
      if (row >>> SLAB_SHIFT !== slabIndex) {
        slabIndex = row >>> SLAB_SHIFT;
        const slab = this.#slabs[slabIndex];
        slabValidity = slab?.validity;
        values = slab?.numbers;
        if (slab !== undefined && values === undefined) return undefined;
        if (slab === undefined) firstNull = 0;
        else {
          if (firstNulls[slabIndex] < 0) {
            const found = slab.validity.indexOf(0);
            firstNulls[slabIndex] = found < 0 ? slab.capacity : found;
          }
          firstNull = firstNulls[slabIndex];
        }
      }
      const at = row & SLAB_MASK;
      if (at < firstNull || slabValidity?.[at] === 1) {
        target[index] = values![at];
        if (validity !== undefined) validity[index] = 1;
      } else if (validity === undefined) {
        validity = new Uint8Array(count);
        validity.fill(1, 0, index);
      }
    }
    return { kind: 'number', values: target, validity };
  }

  /** Fills `target`; undefined when a slab has its values in another form. */
  #gatherPlain<T extends Uint32Array | Uint8Array>(
    rows: Uint32Array,
    from: number,
    target: T,
    valuesOf: (slab: ColumnSlab) => T | undefined,
  ): { validity: Uint8Array | undefined } | undefined {
    const count = target.length;
    const validity = new Uint8Array(count);
    let validCount = 0;
    let slabIndex = -1;
    let values: T | undefined;
    let slabValidity: Uint8Array | undefined;
    for (let index = 0; index < count; index++) {
      const row = rows[from + index];
      // Sorted rows of one series come from few slabs: the lookup is rare.
      if (row >>> SLAB_SHIFT !== slabIndex) {
        slabIndex = row >>> SLAB_SHIFT;
        const slab = this.#slabs[slabIndex];
        slabValidity = slab?.validity;
        values = slab === undefined ? undefined : valuesOf(slab);
        if (slab !== undefined && values === undefined) return undefined;
      }
      if (slabValidity === undefined || slabValidity[row & SLAB_MASK] !== 1) continue;
      target[index] = values![row & SLAB_MASK]!;
      validity[index] = 1;
      validCount++;
    }
    return { validity: validCount === count ? undefined : validity };
  }

  /** Slabs of different forms, or JS values: value by value. */
  #gatherMixed(rows: Uint32Array, from: number, to: number): Column {
    const builder = new ColumnBuilder(this.representation, { capacity: to - from });
    for (let index = from; index < to; index++) builder.push(this.valueAt(rows[index]));
    return builder.finish();
  }

  #writeNumbers(slab: ColumnSlab, source: Column, from: number, to: number, row: number): void {
    if (source.kind === 'number') {
      if (slab.numbers !== undefined) {
        copyValues(source.values, from, to, slab.numbers, row);
        return;
      }
      for (let index = from; index < to; index++) {
        if (slab.validity[row + index - from] === 0) continue;
        writeWide(slab.high!, slab.low!, row + index - from, source.values[index]);
      }
      return;
    }
    invariant(source.kind === 'wide', 'an int64 column holds numbers or wide integers');
    if (slab.high === undefined) this.#widen(slab, row);
    slab.high!.set(source.high.subarray(from, to), row);
    slab.low!.set(source.low.subarray(from, to), row);
  }

  #widen(slab: ColumnSlab, upTo: number): void {
    const high = new Int32Array(newBuffer(this.#bufferKind, slab.capacity * 4));
    const low = new Uint32Array(newBuffer(this.#bufferKind, slab.capacity * 4));
    const numbers = slab.numbers!;
    for (let row = 0; row < upTo; row++) {
      if (slab.validity[row] === 1) writeWide(high, low, row, numbers[row]);
    }
    slab.high = high;
    slab.low = low;
    slab.numbers = undefined;
  }

  #writeText(slab: ColumnSlab, source: Column, from: number, to: number, row: number): void {
    if (slab.values !== undefined) {
      for (let index = from; index < to; index++) {
        const value = valueAt(source, index);
        slab.values[row + index - from] = value;
        if (value !== null) this.#textBytes += 32 + (value as string).length;
      }
      return;
    }
    const codes = slab.codes!;
    const sizeBefore = this.#dictionary.size;
    if (source.kind === 'dictionary') {
      // Few distinct strings for many rows: each is looked up once.
      const translated = new Map<number, number>();
      let lastSource = -1;
      let lastCode = 0;
      for (let index = from; index < to; index++) {
        if (source.validity !== undefined && source.validity[index] === 0) continue;
        const sourceCode = source.codes[index];
        if (sourceCode !== lastSource) {
          let code = translated.get(sourceCode);
          if (code === undefined) {
            code = this.#codeOf(source.dictionary.string(sourceCode));
            translated.set(sourceCode, code);
          }
          lastSource = sourceCode;
          lastCode = code;
        }
        codes[row + index - from] = lastCode;
      }
    } else {
      for (let index = from; index < to; index++) {
        const value = valueAt(source, index);
        if (value !== null) codes[row + index - from] = this.#codeOf(value as string);
      }
    }
    this.#textBytes += (this.#dictionary.size - sizeBefore) * 64;
  }

  #codeOf(text: string): number {
    const sizeBefore = this.#dictionary.size;
    const code = this.#dictionary.codeOf(text);
    if (this.#dictionary.size > sizeBefore) this.#textBytes += text.length;
    return code;
  }

  #slab(index: number, capacity: number): ColumnSlab {
    const slab = this.#slabs[index];
    if (slab === undefined) {
      while (this.#slabs.length <= index) this.#slabs.push(undefined);
      const made = this.#newSlab(capacity, index);
      this.#slabs[index] = made;
      return made;
    }
    if (slab.capacity >= capacity) return slab;
    const grown = this.#newSlab(capacity, index);
    grown.validity.set(slab.validity);
    if (slab.numbers !== undefined) grown.numbers!.set(slab.numbers);
    if (slab.high !== undefined) {
      grown.numbers = undefined;
      grown.high = new Int32Array(newBuffer(this.#bufferKind, capacity * 4));
      grown.low = new Uint32Array(newBuffer(this.#bufferKind, capacity * 4));
      grown.high.set(slab.high);
      grown.low.set(slab.low!);
    }
    if (slab.booleans !== undefined) grown.booleans!.set(slab.booleans);
    if (slab.codes !== undefined) {
      grown.codes ??= new Uint32Array(newBuffer(this.#bufferKind, capacity * 4));
      grown.codes.set(slab.codes);
      grown.values = undefined;
    } else if (slab.values !== undefined) {
      grown.codes = undefined;
      grown.values = slab.values;
    }
    this.#slabs[index] = grown;
    return grown;
  }

  #newSlab(capacity: number, index: number): ColumnSlab {
    const slab: ColumnSlab = {
      capacity,
      validity: new Uint8Array(newBuffer(this.#bufferKind, capacity)),
      numbers: undefined,
      high: undefined,
      low: undefined,
      booleans: undefined,
      codes: undefined,
      values: undefined,
    };
    this.#sizeBytes += capacity;
    switch (this.representation) {
      case 'float64':
      case 'int64':
        slab.numbers = new Float64Array(newBuffer(this.#bufferKind, capacity * 8, true));
        this.#sizeBytes += capacity * 8;
        break;
      case 'boolean':
        slab.booleans = new Uint8Array(newBuffer(this.#bufferKind, capacity));
        this.#sizeBytes += capacity;
        break;
      case 'text':
        if (this.#prefersDictionary(index)) {
          slab.codes = new Uint32Array(newBuffer(this.#bufferKind, capacity * 4));
          this.#sizeBytes += capacity * 4;
        } else slab.values = [];
        break;
      case 'value':
        slab.values = [];
        break;
      default:
        unreachable(this.representation);
    }
    return slab;
  }

  #prefersDictionary(slabIndex: number): boolean {
    return this.#dictionary.size < Math.max(ALWAYS_DICTIONARY_BELOW, slabIndex * SLAB_ROWS * MAX_DICTIONARY_SHARE);
  }
}
