import { describe, expect, test } from 'vitest';
import { valueAt } from '../../src/columnar/column.ts';
import { isTrue, numbersIn, readFacts } from '../../src/pg-catalog/facts/read-facts.ts';
import { RelationRows } from '../../src/pg-catalog/relation-rows.ts';
import { systemRelation } from '../../src/pg-catalog/system-relation.ts';
import { tidOf } from '../../src/types/tid.ts';

const pgAm = systemRelation('pg_catalog', 'pg_am');

describe('rows of a system relation', () => {
  if (pgAm === undefined) throw new Error('pg_am is a system relation');
  const rows = Array.from({ length: 2500 }, (_, at) => [at, `am${at % 7}`, 0, 'i']);
  const all = RelationRows.of(pgAm, rows, 42);

  test('come in chunks of 1,024', () => {
    expect(all.chunkCount).toBe(3);
    expect([0, 1, 2].map((chunk) => all.chunkRows(chunk))).toEqual([1024, 1024, 452]);
    expect(valueAt(all.column(1, 2), 451)).toBe(`am${2499 % 7}`);
  });

  test('are found by a value of a column, in order', () => {
    expect(all.rowsWith(0, [2400])).toEqual([2400]);
    expect(all.rowsWith(1, ['am3']).slice(0, 3)).toEqual([3, 10, 17]);
    expect(all.rowsWith(0, [7, 3, 9999])).toEqual([3, 7]);
    expect(all.rowsWith(0, [-1])).toEqual([]);
  });

  test('are found by many values too', () => {
    const values = [2499, 1024, 1023, -5, 0, 7, 7000, 1025, 12];
    expect(all.rowsWith(0, values)).toEqual([0, 7, 12, 1023, 1024, 1025, 2499]);
    expect(all.rowsWith(1, ['am3', 'x', 'y', 'z', 'u', 'v', 'w', 'am4', 'am9']).slice(0, 4)).toEqual([3, 4, 10, 11]);
    expect(all.rowsWith(0, [...values, null])).toEqual([0, 7, 12, 1023, 1024, 1025, 2499]);
  });

  test('have system columns', () => {
    const at = (row: number) => [{ chunk: 0, rows: [row] }];
    const position = (name: string): number => pgAm.descriptor.columns.findIndex((column) => column.name === name);
    expect(valueAt(all.pick(position('tableoid'), at(5)), 0)).toBe(2601);
    expect(valueAt(all.pick(position('xmin'), at(5)), 0)).toBe(42);
    expect(valueAt(all.pick(position('ctid'), at(205)), 0)).toBe(tidOf(2, 6));
    expect(valueAt(all.pick(position('cmax'), at(5)), 0)).toBe(0);
  });
});

describe('facts', () => {
  test('leave out what is usual', () => {
    const facts = readFacts('\na\tb\tc\n1\tx\t\\N\n2\n3\t\\e\t{1,2}\n\t\t\\N\n');
    expect(facts).toEqual([
      { a: '2', b: 'x', c: null },
      { a: '3', b: '', c: '{1,2}' },
      { a: '1', b: 'x', c: null },
    ]);
  });

  test('hold numbers and flags', () => {
    expect(numbersIn('{1,-2,3}')).toEqual([1, -2, 3]);
    expect(numbersIn('23 25')).toEqual([23, 25]);
    expect(numbersIn(null)).toEqual([]);
    expect(isTrue('t')).toBe(true);
    expect(isTrue(null)).toBe(false);
  });
});
