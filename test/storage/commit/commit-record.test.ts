import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import { valueAt } from '../../../src/columnar/column.ts';
import { ColumnBuilder, columnOf } from '../../../src/columnar/column-builder.ts';
import { CorruptionError } from '../../../src/errors/corruption-error.ts';
import { type CommitRecord, decodeCommit, encodeCommit } from '../../../src/storage/commit/commit-record.ts';
import type { BlockColumn } from '../../../src/storage/memtable/row-block.ts';
import { withHiddenColumns } from '../../../src/storage/undeclared-columns.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { sqlType, typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';

const table: TableDescriptor = {
  oid: 16_400,
  schemaOid: 2200,
  schemaName: 'public',
  name: 'wetter "ü"',
  ownerOid: 10,
  kind: 'table',
  columns: [
    { number: 1, name: 'time', type: sqlType(typeByName('timestamptz')!), isNotNull: true, role: 'time' },
    { number: 2, name: 'x', type: sqlType(typeByName('numeric')!, 655_366), isNotNull: false, role: 'field' },
  ],
  timeSeries: { timeColumnNumber: 1, tagColumnNumbers: [], partitionMicros: 86_400_000_000 },
  uniqueKey: undefined,
  indexes: [],
  constraints: [],
  nextColumnNumber: 3,
  isFromLineProtocol: false,
  persistence: 'permanent',
  schemaVersion: 1,
  rowTypeOid: 16_401,
};

function rowsRecord(columns: readonly BlockColumn[], times: readonly number[]): CommitRecord {
  const rowCount = times.length;
  return {
    databaseOid: 16_384,
    operations: [
      {
        kind: 'rows',
        tableOid: 16_400,
        schemaVersion: 3,
        blocks: [
          {
            partition: -7,
            rowCount,
            seriesIds: Uint32Array.from(times, (_, row) => row % 3),
            times: Float64Array.from(times),
            fractions: undefined,
            rowIds: Float64Array.from(times, (_, row) => 100 + row),
            isPartial: true,
            columns,
          },
        ],
      },
    ],
  };
}

function onlyBlock(record: CommitRecord) {
  const [operation] = record.operations;
  if (operation?.kind !== 'rows') throw new Error('a rows operation was expected');
  return operation.blocks[0]!;
}

test('operations on tables and series come back', () => {
  const series = columnOf('text', ['a', null, 'b']);
  const record: CommitRecord = {
    databaseOid: 16_384,
    operations: [
      { kind: 'create-table', table },
      { kind: 'alter-table', table: { ...table, schemaVersion: 2 } },
      {
        kind: 'new-series',
        tableOid: 16_400,
        firstId: 5,
        count: 3,
        tags: [{ number: 2, type: typeByName('text')!, column: series }],
      },
      { kind: 'drop-table', tableOid: 16_400 },
    ],
  };
  const decoded = decodeCommit(encodeCommit(record));
  expect(decoded.operations[0]).toEqual({ kind: 'create-table', table: withHiddenColumns(table) });
  expect(withHiddenColumns(table).columns.map(({ name }) => name)).toEqual([
    'time',
    'x',
    'time_ns',
    'tableoid',
    'cmax',
    'xmax',
    'cmin',
    'xmin',
    'ctid',
    'tidewire.series',
    'tidewire.remainder',
    'tidewire.row',
  ]);
  expect(decoded.operations[1]).toMatchObject({ kind: 'alter-table', table: { schemaVersion: 2 } });
  expect(decoded.operations[2]).toMatchObject({ kind: 'new-series', tableOid: 16_400, firstId: 5, count: 3 });
  expect(decoded.operations[3]).toEqual({ kind: 'drop-table', tableOid: 16_400 });
});

describe('columns of rows', () => {
  const kinds: Record<string, { typeName: string; values: fc.Arbitrary<Value> }> = {
    doubles: { typeName: 'float8', values: fc.double() },
    'doubles that are small integers, and -0': { typeName: 'float8', values: fc.constantFrom(0, -0, 1, -128, 127) },
    'integers of one byte': { typeName: 'int4', values: fc.integer({ min: -128, max: 127 }) },
    'integers of two bytes': { typeName: 'int4', values: fc.integer({ min: -32_768, max: 32_767 }) },
    'integers of four bytes': { typeName: 'int4', values: fc.integer() },
    'integers beyond': { typeName: 'int8', values: fc.constantFrom(2 ** 31, -(2 ** 40), 2n ** 63n - 1n) },
    booleans: { typeName: 'bool', values: fc.boolean() },
    text: { typeName: 'text', values: fc.string({ unit: 'grapheme' }) },
    numerics: { typeName: 'numeric', values: fc.integer().map((value) => Numeric.of(BigInt(value), 3)) },
  };
  for (const [name, { typeName, values }] of Object.entries(kinds)) {
    for (const text of ['dictionary', 'values'] as const) {
      test(`give ${name} back (${text})`, () => {
        fc.assert(
          fc.property(fc.array(fc.option(values, { freq: 8 }), { minLength: 1, maxLength: 50 }), (cells) => {
            const type = typeByName(typeName)!;
            const builder = new ColumnBuilder(type.representation, { text });
            for (const cell of cells) builder.push(cell);
            const record = rowsRecord([{ number: 9, type, column: builder.finish() }], [...cells.keys()]);
            const { column, number, type: decodedType } = onlyBlock(decodeCommit(encodeCommit(record))).columns[0]!;
            expect(cells.map((_, row) => valueAt(column, row))).toEqual(cells);
            expect([number, decodedType]).toEqual([9, type]);
          }),
          { numRuns: 40 },
        );
      });
    }
  }

  test('dictionaries of more than 256 and more than 65,536 strings', () => {
    for (const size of [300, 70_000]) {
      const builder = new ColumnBuilder('text', { text: 'dictionary' });
      for (let index = 0; index < size; index++) builder.push(`s${index}`);
      const type = typeByName('text')!;
      const record = rowsRecord([{ number: 1, type, column: builder.finish() }], [...new Array(size).keys()]);
      const { column } = onlyBlock(decodeCommit(encodeCommit(record))).columns[0]!;
      for (const row of [0, 255, 256, size - 1]) expect(valueAt(column, row)).toBe(`s${row}`);
    }
  });
});

test('keys of rows come back, whether times are close together or not', () => {
  const times = fc.array(fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.constant(2 ** 52)), { minLength: 1 });
  fc.assert(
    fc.property(times, fc.boolean(), (values, isClose) => {
      const record = rowsRecord([], isClose ? values.map((_, index) => 1e15 + index * 1e6) : values);
      const [before, after] = [onlyBlock(record), onlyBlock(decodeCommit(encodeCommit(record)))];
      expect(after).toEqual(before);
    }),
  );
});

test('bytes that are cut off or contradict each other are corruption', () => {
  const body = encodeCommit({
    databaseOid: 1,
    operations: [
      { kind: 'create-table', table },
      { kind: 'drop-table', tableOid: 3 },
    ],
  });
  for (let length = 0; length < body.length; length++) {
    expect(() => decodeCommit(body.subarray(0, length))).toThrow(CorruptionError);
  }
  expect(() => decodeCommit(Uint8Array.of(...body, 0))).toThrow('1 bytes after the end');
  expect(() => decodeCommit(Uint8Array.of(9, ...body.subarray(1)))).toThrow('format 9');
});
