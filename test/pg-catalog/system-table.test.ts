import { describe, expect, test } from 'vitest';
import type { IndexCondition } from '../../src/catalog/scan-request.ts';
import { ALL_TIME } from '../../src/catalog/scan-request.ts';
import type { Snapshot } from '../../src/catalog/table.ts';
import { valueAt } from '../../src/columnar/column.ts';
import { RelationRows } from '../../src/pg-catalog/relation-rows.ts';
import { systemRelation } from '../../src/pg-catalog/system-relation.ts';
import { SystemTable } from '../../src/pg-catalog/system-table.ts';

const pgDepend = systemRelation('pg_catalog', 'pg_depend');
const control = { yieldIfDue: () => undefined };

describe('a system relation that is asked by an index', () => {
  if (pgDepend === undefined) throw new Error('pg_depend is a system relation');
  // Each object is of one class and depends on the one before it.
  const rows = Array.from({ length: 4000 }, (_, at) => [1259, at, 0, 1259, at - 1, 0, 'n']);
  const table = new SystemTable(pgDepend, () => RelationRows.of(pgDepend, rows, 3));
  const indexNamed = (name: string): number => {
    const index = table.descriptor.indexes.find((candidate) => candidate.name === name);
    if (index === undefined) throw new Error(`no index ${name}`);
    return index.oid;
  };

  async function objects(index: IndexCondition): Promise<unknown[]> {
    const scan = table.scan(
      { columns: [1], timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [], index },
      undefined as unknown as Snapshot,
    );
    const found: unknown[] = [];
    for (const morsel of scan.morsels()) {
      for await (const batch of scan.read(morsel, control as never)) {
        for (let row = 0; row < batch.rowCount; row++) found.push(valueAt(batch.columns[0], row));
      }
    }
    return found;
  }

  test('finds rows by its second column where the first says little', async () => {
    const indexOid = indexNamed('pg_depend_depender_index');
    expect(
      await objects({
        indexOid,
        equalTo: [
          [1259, 7],
          [1259, 3100],
        ],
      }),
    ).toEqual([7, 3100]);
    expect(await objects({ indexOid, equalTo: [[1259, -5]] })).toEqual([]);
  });

  test('gives all rows where all of the values say little', async () => {
    const indexOid = indexNamed('pg_depend_depender_index');
    expect(await objects({ indexOid, equalTo: [[1259]] })).toHaveLength(4000);
  });

  test('has lookups that no catalog tells of, each by a number of its own', async () => {
    expect(await objects({ indexOid: indexNamed('pg_depend_refobjid'), equalTo: [[99]] })).toEqual([100]);
    expect(await objects({ indexOid: indexNamed('pg_depend_objid'), equalTo: [[99]] })).toEqual([99]);
    expect(pgDepend.indexes.map(({ name }) => name)).toEqual(['pg_depend_depender_index', 'pg_depend_reference_index']);
  });
});
