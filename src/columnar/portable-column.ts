import { unreachable } from '../errors/invariant.ts';
import { type PortableValue, portableValue, valueOfPortable } from '../types/portable-value.ts';
import type { Column, Validity } from './column.ts';
import { Dictionary } from './dictionary.ts';

/** A column as plain data of its own, for another thread: nothing of it lies in memory that others write to. */
export type PortableColumn =
  | { readonly kind: 'number'; readonly values: Float64Array; readonly validity: Validity }
  | { readonly kind: 'wide'; readonly high: Int32Array; readonly low: Uint32Array; readonly validity: Validity }
  | { readonly kind: 'boolean'; readonly values: Uint8Array; readonly validity: Validity }
  | {
      readonly kind: 'dictionary';
      readonly codes: Uint32Array;
      /** Those that occur. */
      readonly strings: readonly string[];
      readonly validity: Validity;
    }
  | { readonly kind: 'bytes'; readonly offsets: Uint32Array; readonly bytes: Uint8Array; readonly validity: Validity }
  | { readonly kind: 'value'; readonly values: readonly PortableValue[]; readonly validity: Validity };

/** The first `rowCount` rows; undefined where some value does not travel. */
export function portableColumn(column: Column, rowCount: number): PortableColumn | undefined {
  const validity = column.validity?.slice(0, rowCount);
  switch (column.kind) {
    case 'number':
      return { kind: 'number', values: column.values.slice(0, rowCount), validity };
    case 'wide':
      return { kind: 'wide', high: column.high.slice(0, rowCount), low: column.low.slice(0, rowCount), validity };
    case 'boolean':
      return { kind: 'boolean', values: column.values.slice(0, rowCount), validity };
    case 'dictionary': {
      const numbers = new Map<number, number>();
      const strings: string[] = [];
      const codes = new Uint32Array(rowCount);
      for (let row = 0; row < rowCount; row++) {
        if (validity !== undefined && validity[row] === 0) continue;
        const code = column.codes[row];
        let number = numbers.get(code);
        if (number === undefined) {
          number = strings.length;
          numbers.set(code, number);
          strings.push(column.dictionary.string(code));
        }
        codes[row] = number;
      }
      return { kind: 'dictionary', codes, strings, validity };
    }
    case 'bytes': {
      const start = column.offsets[0];
      const offsets = column.offsets.slice(0, rowCount + 1).map((offset) => offset - start);
      return { kind: 'bytes', offsets, bytes: column.bytes.slice(start, start + offsets[rowCount]), validity };
    }
    case 'value': {
      const values: PortableValue[] = new Array(rowCount).fill(null);
      for (let row = 0; row < rowCount; row++) {
        if (validity !== undefined && validity[row] === 0) continue;
        const portable = portableValue(column.values[row]);
        if (portable === undefined) return undefined;
        values[row] = portable;
      }
      return { kind: 'value', values, validity };
    }
    default:
      return unreachable(column);
  }
}

export function columnOf(portable: PortableColumn): Column {
  switch (portable.kind) {
    case 'dictionary': {
      const { codes, strings, validity } = portable;
      return { kind: 'dictionary', codes, dictionary: Dictionary.of(strings), validity };
    }
    case 'value':
      return { kind: 'value', values: portable.values.map(valueOfPortable), validity: portable.validity };
    default:
      return portable;
  }
}

/** Buffers that can be handed over instead of being copied. */
export function buffersOf(portable: PortableColumn): ArrayBuffer[] {
  const arrays: (ArrayBufferView | undefined)[] = [portable.validity];
  switch (portable.kind) {
    case 'number':
    case 'boolean':
      arrays.push(portable.values);
      break;
    case 'wide':
      arrays.push(portable.high, portable.low);
      break;
    case 'dictionary':
      arrays.push(portable.codes);
      break;
    case 'bytes':
      arrays.push(portable.offsets, portable.bytes);
      break;
    default:
  }
  return arrays.flatMap((array) => (array === undefined ? [] : [array.buffer as ArrayBuffer]));
}
