import { expect, test } from 'vitest';
import { SeriesAllocation } from '../../../src/storage/index/series-allocation.ts';
import { MAX_SERIES, SeriesIndex } from '../../../src/storage/index/series-index.ts';
import { TableStore } from '../../../src/storage/table-store.ts';
import { withHiddenColumns } from '../../../src/storage/undeclared-columns.ts';
import { sqlType, typeByName } from '../../../src/types/type-registry.ts';

const text = sqlType(typeByName('text')!);
const column = { isNotNull: false, type: text } as const;
const table = withHiddenColumns({
  oid: 16_400,
  schemaOid: 2200,
  schemaName: 'public',
  name: 'cpu',
  ownerOid: 10,
  kind: 'table',
  persistence: 'permanent',
  columns: [
    { ...column, number: 1, name: 'time', type: sqlType(typeByName('timestamptz')!), role: 'time', isNotNull: true },
    { ...column, number: 2, name: 'host', role: 'tag' },
  ],
  timeSeries: { timeColumnNumber: 1, tagColumnNumbers: [2], partitionMicros: 86_400_000_000 },
  uniqueKey: undefined,
  indexes: [],
  constraints: [],
  nextColumnNumber: 3,
  isFromLineProtocol: true,
  schemaVersion: 1,
  rowTypeOid: 16_401,
} as const);

function storeOf(hosts: readonly string[]): TableStore {
  const store = new TableStore(1, table);
  const tuples = store.series.tuplesOf(
    hosts.map((host) => [host]),
    [2],
  );
  for (let row = 0; row < hosts.length; row++) store.series.add(tuples, row);
  return store;
}

test('a table has 2^31 series and no more; those that it has are still found', () => {
  const store = storeOf(['a', 'b']);
  store.series.addLost(MAX_SERIES - 3);
  const allocation = new SeriesAllocation(table, store);
  const tuples = allocation.tuplesOf([['b'], ['c'], ['c'], ['a'], ['d']], [2]);
  const last = MAX_SERIES - 1;
  expect([0, 1, 2, 3].map((row) => allocation.idOf(tuples, row))).toEqual([1, last, last, 0]);
  expect(() => allocation.idOf(tuples, 4)).toThrow(
    expect.objectContaining({ code: '54000', message: 'table "cpu" cannot have more than 2147483648 series' }),
  );
  expect(allocation.operation()).toMatchObject({ firstId: last, count: 1 });
});

test('a limit of the configuration holds for series of transactions too', () => {
  const allocation = new SeriesAllocation(table, storeOf(['a', 'b', 'c']), undefined, { maxSeries: 3 });
  const other = new SeriesIndex([{ columnNumber: 2, type: text.definition }]);
  const local = other.tuplesOf([['a'], ['e']], [2]);
  for (let row = 0; row < 2; row++) other.add(local, row);
  expect(allocation.idOfSeries(other, 0)).toBe(0);
  expect(() => allocation.idOfSeries(other, 1)).toThrow(
    expect.objectContaining({ code: '53400', message: 'table "cpu" cannot have more than 3 series' }),
  );
});
