import { describe, expect, test } from 'vitest';
import { type Column, valueAt } from '../../src/columnar/column.ts';
import { Dictionary } from '../../src/columnar/dictionary.ts';
import { buffersOf, columnOf, portableColumn } from '../../src/columnar/portable-column.ts';
import { Numeric } from '../../src/types/numeric.ts';
import { SqlRecord } from '../../src/types/sql-record.ts';

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);
const utf8 = new TextEncoder().encode('??abé🌡️');

/** Rows 0 to 2; what lies behind them belongs to others. */
const columns: Record<string, Column> = {
  numbers: {
    kind: 'number',
    values: new Float64Array(shared(80), 8, 5).fill(-0),
    validity: Uint8Array.of(1, 0, 1, 1, 1),
  },
  'wide integers': {
    kind: 'wide',
    high: Int32Array.of(-1, 2 ** 30, 5, 9),
    low: Uint32Array.of(2 ** 31, 1, 0, 9),
    validity: undefined,
  },
  booleans: { kind: 'boolean', values: Uint8Array.of(1, 0, 1, 1), validity: Uint8Array.of(1, 1, 0, 1) },
  'codes of a dictionary': {
    kind: 'dictionary',
    codes: Uint32Array.of(2, 99, 2, 0),
    dictionary: Dictionary.of(['unused', 'other', '__proto__']),
    validity: Uint8Array.of(1, 0, 1, 1),
  },
  'bytes that begin somewhere': {
    kind: 'bytes',
    offsets: Uint32Array.of(2, 4, 6, 10, 11),
    bytes: utf8,
    validity: undefined,
  },
  values: {
    kind: 'value',
    values: [Numeric.parse('1.50'), 'never looked at', Numeric.NaN],
    validity: Uint8Array.of(1, 0, 1),
  },
};

describe('a column', () => {
  for (const [name, column] of Object.entries(columns)) {
    test(`of ${name} is the same in another thread, and lies in memory of its own`, () => {
      const portable = portableColumn(column, 3)!;
      const buffers = buffersOf(portable);
      for (const buffer of buffers) expect(buffer).toBeInstanceOf(ArrayBuffer);
      expect(new Set(buffers).size).toBe(buffers.length);
      const back = columnOf(structuredClone(portable, { transfer: buffers }));
      for (let row = 0; row < 3; row++) expect(valueAt(back, row)).toEqual(valueAt(column, row));
      expect(back.kind).toBe(column.kind);
    });
  }

  test('of records does not travel', () => {
    expect(portableColumn({ kind: 'value', values: [new SqlRecord([], [])], validity: undefined }, 1)).toBe(undefined);
  });
});
