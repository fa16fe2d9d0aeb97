import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, valueAt } from '../../src/columnar/column.ts';
import { columnOf } from '../../src/columnar/column-builder.ts';
import { Dictionary } from '../../src/columnar/dictionary.ts';
import { GroupTable } from '../../src/execution/group-table.ts';
import { float8 } from '../../src/types/float8.ts';
import { int8 } from '../../src/types/int8.ts';
import { Numeric } from '../../src/types/numeric.ts';
import { numeric } from '../../src/types/numeric-type.ts';
import { bpchar, lengthTypmod, text } from '../../src/types/string-types.ts';
import { timestamptz } from '../../src/types/timestamptz.ts';
import type { SqlType } from '../../src/types/type-definition.ts';
import { sqlType } from '../../src/types/type-registry.ts';
import type { Value } from '../../src/types/value.ts';

function groupsOf(type: SqlType, ...columns: readonly Column[]): number[] {
  const table = new GroupTable([type]);
  return columns.flatMap((column) => {
    const rowCount = lengthOf(column);
    const groups = new Uint32Array(rowCount);
    table.assign([column], rowCount, groups);
    return [...groups];
  });
}

function lengthOf(column: Column): number {
  switch (column.kind) {
    case 'dictionary':
      return column.codes.length;
    case 'wide':
      return column.high.length;
    case 'bytes':
      return column.offsets.length - 1;
    default:
      return column.values.length;
  }
}

describe('equal keys have one group', () => {
  const nan = Number.NaN;
  const cases: Record<string, { type: SqlType; values: Value[]; groups: number[] }> = {
    'NULLs are equal to each other': { type: sqlType(float8), values: [null, 1, null, 0], groups: [0, 1, 0, 2] },
    'zero and minus zero': { type: sqlType(float8), values: [0, -0, 1], groups: [0, 0, 1] },
    'every NaN': { type: sqlType(float8), values: [nan, 1, -nan], groups: [0, 1, 0] },
    'integers past 2^53': {
      type: sqlType(int8),
      values: [9007199254740993n, 5, 9007199254740994n, 9007199254740993n],
      groups: [0, 1, 2, 0],
    },
    'empty text and NULL differ': { type: sqlType(text), values: ['', null, 'a', ''], groups: [0, 1, 2, 0] },
    'numerics of one value and two scales': {
      type: sqlType(numeric),
      values: [Numeric.parse('1.0'), Numeric.parse('1.00'), Numeric.parse('2')],
      groups: [0, 0, 1],
    },
    'char(n) without its padding': {
      type: sqlType(bpchar, lengthTypmod(3)),
      values: ['a  ', 'a', 'b'],
      groups: [0, 0, 1],
    },
  };
  for (const [name, { type, values, groups }] of Object.entries(cases)) {
    test(name, () => {
      expect(groupsOf(type, columnOf(type.definition.representation, values))).toEqual(groups);
    });
  }

  test('a narrow and a wide batch of one bigint column meet in their groups', () => {
    const narrow = columnOf('int64', [1, 2, null]);
    const wide = columnOf(
      'int64',
      [2 ** 60, 2n ** 62n, 2, 1].map((value) => (value === 2 ** 60 ? 2n ** 60n : value)),
    );
    expect(wide.kind).toBe('wide');
    expect(groupsOf(sqlType(int8), narrow, wide)).toEqual([0, 1, 2, 3, 4, 1, 0]);
  });

  test('infinity is one key beside the year 9999, where it is a mark, and alone, where it is a number', () => {
    const { POSITIVE_INFINITY: later, NEGATIVE_INFINITY: earlier } = Number;
    const narrow = columnOf('int64', [later, 0, earlier]);
    const wide = columnOf('int64', [252_455_616_000_000_000n, earlier, later]);
    expect([narrow.kind, wide.kind]).toEqual(['number', 'wide']);
    expect(groupsOf(sqlType(timestamptz), narrow, wide)).toEqual([0, 1, 2, 3, 2, 0]);
  });

  test('codes of different dictionaries and plain strings meet by text', () => {
    const first: Column = {
      kind: 'dictionary',
      codes: Uint32Array.of(0, 1),
      dictionary: Dictionary.of(['x', 'y']),
      validity: undefined,
    };
    const second: Column = {
      kind: 'dictionary',
      codes: Uint32Array.of(0, 1),
      dictionary: Dictionary.of(['y', 'z']),
      validity: undefined,
    };
    const bytes: Column = {
      kind: 'bytes',
      offsets: Uint32Array.of(0, 1, 2),
      bytes: new TextEncoder().encode('zx'),
      validity: undefined,
    };
    expect(groupsOf(sqlType(text), first, second, bytes)).toEqual([0, 1, 1, 2, 2, 0]);
  });
});

test('groups are what a Map over all keys would say, and keys come back', () => {
  const value = fc.option(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2n ** 60n, -(2n ** 61n))), {
    freq: 5,
  });
  const word = fc.option(fc.constantFrom('', 'a', 'b', '🌊'), { freq: 5 });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, word), { maxLength: 400 }), (rows) => {
      const table = new GroupTable([sqlType(int8), sqlType(text)]);
      const numbers = columnOf(
        'int64',
        rows.map(([number]) => number),
      );
      const words = columnOf(
        'text',
        rows.map(([, string]) => string),
      );
      const groups = new Uint32Array(rows.length);
      table.assign([numbers, words], rows.length, groups);
      const seen = new Map<string, number>();
      const expected = rows.map(([number, string]) => {
        const key = `${number}|${string === null ? 'null' : `"${string}"`}`;
        if (!seen.has(key)) seen.set(key, seen.size);
        return seen.get(key);
      });
      expect([...groups]).toEqual(expected);
      const [numberKeys, wordKeys] = table.keyColumns();
      rows.forEach(([number, string], row) => {
        expect(valueAt(numberKeys as Column, groups[row])).toBe(number);
        expect(valueAt(wordKeys as Column, groups[row])).toBe(string);
      });
    }),
  );
});

test('a hundred thousand groups survive every growth of the table', () => {
  const rowCount = 100_000;
  const values = Float64Array.from({ length: rowCount }, (_, row) => row * 7919);
  const table = new GroupTable([sqlType(float8)]);
  const groups = new Uint32Array(rowCount);
  table.assign([{ kind: 'number', values, validity: undefined }], rowCount, groups);
  expect(table.groupCount).toBe(rowCount);
  const found = new Int32Array(rowCount);
  table.find([{ kind: 'number', values, validity: undefined }], rowCount, found);
  expect([...found]).toEqual([...groups]);
});

test('a lookup for a join matches no NULL and no unknown key', () => {
  const table = new GroupTable([sqlType(int8)]);
  const groups = new Int32Array(3);
  table.assignNonNull([columnOf('int64', [4, null, 5])], 3, groups);
  expect([...groups]).toEqual([0, -1, 1]);
  table.find([columnOf('int64', [5, null, 6])], 3, groups);
  expect([...groups]).toEqual([1, -1, -1]);
});
