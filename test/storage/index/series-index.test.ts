import { describe, expect, test } from 'vitest';
import type { SeriesPredicate } from '../../../src/catalog/scan-request.ts';
import { valueAt } from '../../../src/columnar/column.ts';
import { SeriesIndex } from '../../../src/storage/index/series-index.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';

const text = typeByName('text')!;
const host = { columnNumber: 2, type: text };
const rack = { columnNumber: 3, type: text };

function addAll(index: SeriesIndex, tuples: readonly (readonly Value[])[]): number[] {
  const codes = index.tuplesOf(tuples, index.tagNumbers);
  return tuples.map((_, row) => {
    const known = index.find(codes, row);
    return known >= 0 ? known : index.add(codes, row);
  });
}

function where(tagColumn: number, values: readonly (string | null)[], isIndexed: boolean): SeriesPredicate {
  return {
    tagColumns: [tagColumn],
    select(series, selection) {
      let count = 0;
      for (let row = 0; row < series.rowCount; row++) {
        if (values.includes(valueAt(series.columns[0]!, row) as string | null)) selection[count++] = row;
      }
      return count;
    },
    ...(isIndexed ? { equalTo: { tagColumn, values } } : {}),
  };
}

describe('tuples', () => {
  test('have one id each, NULL being a value of its own', () => {
    const index = new SeriesIndex([host, rack]);
    const tuples = [
      ['a', '1'],
      ['a', null],
      [null, '1'],
      ['a', '1'],
      [null, null],
      ['', '1'],
      ['a', null],
    ];
    expect(addAll(index, tuples)).toEqual([0, 1, 2, 0, 3, 4, 1]);
    expect(index.valueOf(1, 3)).toBeNull();
    expect(index.valueOf(4, 2)).toBe('');
  });

  test('thousands of them are found again', () => {
    const index = new SeriesIndex([host, rack]);
    const tuples = Array.from({ length: 5000 }, (_, id) => [`h${id % 100}`, `r${Math.floor(id / 100)}`]);
    const ids = addAll(index, tuples);
    expect(ids).toEqual([...ids.keys()]);
    expect(addAll(index, tuples)).toEqual(ids);
    expect(index.sizeBytes / index.size).toBeLessThan(300);
  });

  test('keep their ids when a tag is added, and are then NULL in it', () => {
    const index = new SeriesIndex([host]);
    addAll(index, [['a'], ['b']]);
    index.addTag(rack);
    expect(
      addAll(index, [
        ['b', null],
        ['b', '1'],
        ['a', null],
      ]),
    ).toEqual([1, 2, 0]);
    expect(index.valueOf(0, 3)).toBeNull();
  });

  test('are forgotten by truncation, tags included', () => {
    const index = new SeriesIndex([host]);
    addAll(index, [['a'], ['b']]);
    index.addTag(rack);
    addAll(index, [
      ['a', '1'],
      ['c', null],
    ]);
    index.truncate(2, [2]);
    expect(index.tagNumbers).toEqual([2]);
    expect(addAll(index, [['c'], ['a']])).toEqual([2, 0]);
    expect(Array.from(index.select([where(0, ['a'], true)], () => 2)!)).toEqual([0]);
  });

  test('of other types than text are told apart by value', () => {
    const index = new SeriesIndex([{ columnNumber: 2, type: typeByName('numeric')! }]);
    const numeric = (literal: string) => index.dictionary(2)!.type.parse(literal, undefined as never, -1);
    expect(addAll(index, [[numeric('1.0')], [numeric('1.00')], [numeric('2')]])).toEqual([0, 0, 1]);
  });
});

describe('predicates', () => {
  const index = new SeriesIndex([host, rack]);
  addAll(
    index,
    Array.from({ length: 3000 }, (_, id) => [id % 7 === 0 ? null : `h${id % 7}`, `r${id}`]),
  );
  const expected = (hosts: readonly (string | null)[]) =>
    Array.from({ length: 3000 }, (_, id) => id).filter((id) => hosts.includes(index.valueOf(id, 2) as string | null));
  const columnNumberOf = (position: number) => position + 2;

  for (const isIndexed of [false, true]) {
    for (const hosts of [['h3'], ['h5', 'h1'], [null], [null, 'h2'], ['none'], []]) {
      test(`host in ${JSON.stringify(hosts)} ${isIndexed ? 'by postings' : 'by looking at all'}`, () => {
        const selected = index.select([where(0, hosts, isIndexed)], columnNumberOf);
        expect(Array.from(selected!)).toEqual(expected(hosts));
      });
    }
  }

  test('all have to hold, and none means all series', () => {
    const both = [where(0, ['h3'], true), where(1, ['r3', 'r10', 'r11'], true)];
    expect(Array.from(index.select(both, columnNumberOf)!)).toEqual([3, 10]);
    expect(index.select([], columnNumberOf)).toBeUndefined();
  });
});
