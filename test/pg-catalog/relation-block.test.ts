import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { valueAt } from '../../src/columnar/column.ts';
import { blocksOf, MAX_BLOCK_ROWS } from '../../src/pg-catalog/relation-block.ts';
import { partMaker, type RelationPart } from '../../src/pg-catalog/relation-part.ts';
import { RelationRows } from '../../src/pg-catalog/relation-rows.ts';
import { rowList } from '../../src/pg-catalog/row-list.ts';
import { systemRelation } from '../../src/pg-catalog/system-relation.ts';

const pgAm = systemRelation('pg_catalog', 'pg_am');
if (pgAm === undefined) throw new Error('pg_am is a system relation');
const relation = pgAm;

interface Subject {
  readonly oid: number;
  readonly count: number;
}

const part = partMaker(function* ({ oid, count }: Subject) {
  for (let at = 0; at < count; at++) yield [oid, `${oid}.${at}`, at, 'i'];
});

const blocks = (subjects: readonly Subject[], { viewer = '', transactionId = 1 } = {}) =>
  blocksOf(relation, subjects.map(part), { viewer, transactionId });

const subjects = (count: number, rowsEach: number): Subject[] =>
  Array.from({ length: count }, (_, at) => ({ oid: 20_000 + at, count: rowsEach }));

describe('blocks of the rows of a catalog', () => {
  test('are shared by versions that have the same objects in them', () => {
    const before = subjects(1000, 50);
    const after = [...before.slice(0, 500), { oid: 30_000, count: 3 }, ...before.slice(501)];
    const old = new Set(blocks(before));
    const fresh = blocks(after, { transactionId: 2 }).filter((block) => !old.has(block));
    expect(old.size).toBeGreaterThan(50);
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.length).toBeLessThanOrEqual(3);
  });

  test('are not shared by those who see them differently, nor where an object was altered', () => {
    const all = subjects(20, 10);
    const [block] = blocks(all);
    expect(blocks(all)[0]).toBe(block);
    expect(blocks(all, { viewer: 'other' })[0]).not.toBe(block);
    expect(blocks([...all.slice(0, 19), { oid: 20_019, count: 11 }])[0]).not.toBe(block);
  });

  test('are made anew where nobody can say what they follow from', () => {
    const unsure: RelationPart = { oid: 1, keys: undefined, rows: rowList([[1, 'a', 0, 'i']]) };
    const [first] = blocksOf(relation, [unsure], { viewer: '', transactionId: 1 });
    const [second] = blocksOf(relation, [unsure], { viewer: '', transactionId: 1 });
    expect(second).not.toBe(first);
  });

  test('have so many rows at most, unless one object has more', () => {
    const [first, second, ...rest] = blocks([...subjects(40, 100), { oid: 1, count: 3000 }, { oid: 2, count: 1 }]);
    for (const { rowCount } of [first, second]) expect(rowCount).toBeLessThanOrEqual(MAX_BLOCK_ROWS);
    expect(rest.map(({ rowCount }) => rowCount)).toContain(3000);
  });

  test('have all rows in order, whatever was there before', () => {
    const history = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 200 }), { maxLength: 4 });
    fc.assert(
      fc.property(history, fc.constantFrom(0, 1, 7, 90), (versions, rowsEach) => {
        const known = new Map<number, Subject>();
        for (const oids of versions) {
          const present = oids.map((oid) => {
            const subject = known.get(oid) ?? { oid, count: (oid * rowsEach) % 97 };
            known.set(oid, subject);
            return subject;
          });
          const rows = new RelationRows(relation, blocks(present));
          const expected = present.flatMap(({ oid, count }) =>
            Array.from({ length: count }, (_, at) => [oid, `${oid}.${at}`]),
          );
          const read: unknown[] = [];
          for (let chunk = 0; chunk < rows.chunkCount; chunk++) {
            for (let row = 0; row < rows.chunkRows(chunk); row++) {
              read.push([valueAt(rows.column(0, chunk), row), valueAt(rows.column(1, chunk), row)]);
            }
          }
          expect(read).toEqual(expected);
          expect(expected.map((_, at) => rows.row(at).slice(0, 2))).toEqual(expected);
          for (const oid of oids.slice(0, 5)) {
            const places = expected.flatMap(([own], at) => (own === oid ? [at] : []));
            expect(rows.rowsWith(0, [oid])).toEqual(places);
          }
        }
      }),
    );
  });
});
