import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Column } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { FULL_ROW, REMAINDER, ROW_ID } from '../../../src/storage/segment/hidden-columns.ts';
import { Interval } from '../../../src/types/interval.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { SqlArray } from '../../../src/types/sql-array.ts';
import type { Value } from '../../../src/types/value.ts';
import { column, MemorySegment, openSegment, readColumn, times, writeSegment } from './segment-helpers.ts';

const FIELD = 2;

/** What comes back of `values` as a column of this type. */
async function roundTrip(typeName: string, values: readonly Value[], source?: Column): Promise<Value[]> {
  const field = column(FIELD, typeName);
  const { file } = await writeSegment([field], {
    seriesIds: values.map(() => 0),
    columns: [times(values.length), source ?? columnOf(field.type.representation, values)],
  });
  const reader = await openSegment(file);
  expect(reader.rowCount).toBe(values.length);
  return readColumn(reader, FIELD);
}

function repeated(values: readonly Value[], count: number): Value[] {
  return Array.from({ length: count }, (_, row) => values[row % values.length]);
}

const TWO_53 = 2 ** 53;

const valuesOfTypes: Record<string, Value[]> = {
  bool: [true, false, null, true, true],
  int4: [1, -5, 2147483647, -2147483648, null],
  float8: [1.5, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, Number.MIN_VALUE, null],
  float4: [Math.fround(0.1), Math.fround(1e30), null],
  date: [0, -730120, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  int8: [0, TWO_53, -TWO_53, BigInt(TWO_53) + 1n, -BigInt(TWO_53) - 1n, 2n ** 63n - 1n, -(2n ** 63n), null, 7],
  timestamptz: [0, null, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -5],
  timestamp: [BigInt(TWO_53) + 1n, null, -(2n ** 60n), -5],
  text: ['', 'grün', null, '🌊', 'x'.repeat(3000)],
  uuid: ['00000000-0000-0000-0000-000000000001', null],
  json: ['{"a": 1}', '[]'],
  numeric: [Numeric.parse('1.50'), Numeric.parse('-0.001'), Numeric.NaN, null, Numeric.parse(`1${'0'.repeat(50)}`)],
  bytea: [Uint8Array.of(0, 255), new Uint8Array(0), null],
};

describe('values come back as they were', () => {
  for (const [typeName, values] of Object.entries(valuesOfTypes)) {
    test.each([1, 5, 1024, 1025, 3000])(`${typeName}, %d rows`, async (count) => {
      const expected = repeated(values, count);
      expect(await roundTrip(typeName, expected)).toEqual(expected);
    });

    test(`${typeName}, all NULL`, async () => {
      const expected = repeated([null], 1500);
      expect(await roundTrip(typeName, expected)).toEqual(expected);
    });

    test(`${typeName}, some units NULL as a whole, some without NULLs`, async () => {
      const expected = Array.from({ length: 4000 }, (_, row) =>
        row < 1024 || row % 5 < 2 ? null : (values[0] ?? null),
      );
      for (let row = 2048; row < 3072; row++) expected[row] = values[0];
      expect(await roundTrip(typeName, expected)).toEqual(expected);
    });
  }

  test('interval and arrays', async () => {
    const intervals = repeated([Interval.parse('1 mon 2 days 03:04:05'), null, Interval.parse('-1 day')], 20);
    expect(await roundTrip('interval', intervals)).toEqual(intervals);
    const arrays = repeated([new SqlArray([1, null, 3], [3], [1]), new SqlArray([], [], []), null], 20);
    expect(await roundTrip('_int4', arrays)).toEqual(arrays);
  });

  test('one string of a megabyte', async () => {
    const values = ['x'.repeat(1024 * 1024), null, ''];
    expect(await roundTrip('text', values)).toEqual(values);
  });

  test('NaN payloads and -0, beside NULLs', async () => {
    const bits = BigUint64Array.from({ length: 1500 }, (_, row) =>
      row % 3 === 0 ? 0x7ff0000000000001n + BigInt(row) : row % 3 === 1 ? 0x8000000000000000n : 0x3ff0000000000000n,
    );
    for (const validity of [undefined, Uint8Array.from({ length: 1500 }, (_, row) => (row % 7 === 0 ? 0 : 1))]) {
      const source: Column = { kind: 'number', values: new Float64Array(bits.slice().buffer), validity };
      const field = column(FIELD, 'float8');
      const { file } = await writeSegment([field], {
        seriesIds: new Array(1500).fill(0),
        columns: [times(1500), source],
      });
      const reader = await openSegment(file);
      for (let unit = 0; unit < reader.unitCount; unit++) {
        const { column: read } = await reader.readUnit(FIELD, unit);
        if (read.kind !== 'number') throw new Error(read.kind);
        const back = new BigUint64Array(read.values.slice().buffer);
        for (let row = 0; row < back.length; row++) {
          const at = reader.unitStarts[unit] + row;
          if (validity === undefined || validity[at] === 1) expect(back[row]).toBe(bits[at]);
        }
      }
    }
  });

  test('any int64', async () => {
    const int64 = fc.oneof(
      fc.maxSafeInteger(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => {
        return value >= -BigInt(TWO_53) && value <= BigInt(TWO_53) ? Number(value) : value;
      }),
      fc.constant(null),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(int64, { minLength: 1, maxLength: 40 }), async (values) => {
        expect(await roundTrip('int8', values)).toEqual(values);
      }),
      { numRuns: 60 },
    );
  });

  test('any doubles and strings', async () => {
    const row = fc.tuple(fc.option(fc.double()), fc.option(fc.string({ unit: 'grapheme' })));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
        const doubles = rows.map(([double]) => double);
        const strings = rows.map(([, string]) => string);
        expect(await roundTrip('float8', doubles)).toEqual(doubles);
        expect(await roundTrip('text', strings)).toEqual(strings);
      }),
      { numRuns: 60 },
    );
  });
});

test('infinite instants among wide ones come back as the marks ±2^63', async () => {
  const values = [BigInt(TWO_53) + 1n, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  expect(await roundTrip('timestamptz', values)).toEqual([BigInt(TWO_53) + 1n, 2n ** 63n - 1n, -(2n ** 63n)]);
});

test('the marks ±2^63 of instants among narrow ones come back as ±infinity', async () => {
  const source: Column = {
    kind: 'wide',
    high: Int32Array.of(0x7fffffff, -0x80000000, -1),
    low: Uint32Array.of(0xffffffff, 0, 0xfffffffb),
    validity: undefined,
  };
  const expected = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -5];
  expect(await roundTrip('timestamptz', [1, 2, 3], source)).toEqual(expected);
  expect(await roundTrip('int8', [1, 2, 3], source)).toEqual([2n ** 63n - 1n, -(2n ** 63n), -5]);
});

describe('the kind of a decoded column', () => {
  const kindOf = async (typeName: string, values: readonly Value[]): Promise<string[]> => {
    const field = column(FIELD, typeName);
    const { file } = await writeSegment([field], {
      seriesIds: values.map(() => 0),
      columns: [times(values.length), columnOf(field.type.representation, values)],
    });
    const reader = await openSegment(file);
    const kinds: string[] = [];
    for (let unit = 0; unit < reader.unitCount; unit++) kinds.push((await reader.readUnit(FIELD, unit)).column.kind);
    return kinds;
  };

  test('is wide only in units with a bigint past ±2^53', async () => {
    const values = Array.from({ length: 3000 }, (_, row) => (row === 1500 ? 2n ** 60n : row));
    expect(await kindOf('int8', values)).toEqual(['number', 'wide', 'number']);
  });

  test('is a dictionary for text of which at most a quarter differs, else bytes', async () => {
    expect(
      await kindOf(
        'text',
        Array.from({ length: 2000 }, (_, row) => `host ${row % 100}`),
      ),
    ).toEqual(['dictionary', 'dictionary']);
    expect(
      await kindOf(
        'text',
        Array.from({ length: 2000 }, (_, row) => `row ${row}`),
      ),
    ).toEqual(['bytes', 'bytes']);
    expect(await kindOf('text', ['only one'])).toEqual(['bytes']);
  });

  test('turns to bytes from the first chunk on that repeats too little', async () => {
    const chunkRows = 65536;
    const values = Array.from({ length: chunkRows + 60000 }, (_, row) => (row < chunkRows ? `a${row % 9}` : `b${row}`));
    const kinds = await kindOf('text', values);
    expect(new Set(kinds.slice(0, 64))).toEqual(new Set(['dictionary']));
    expect(new Set(kinds.slice(64))).toEqual(new Set(['bytes']));
    expect(await roundTrip('text', values)).toEqual(values);
  });

  test('text with half a surrogate pair makes no dictionary', async () => {
    expect(await kindOf('text', repeated(['\ud800', '\udbff'], 100))).toEqual(['bytes']);
  });
});

test('text comes in as codes, bytes or strings', async () => {
  const strings = ['a', 'b', '', 'grün', 'a', 'a', 'b', 'a'];
  const bytes = new TextEncoder().encode(strings.join(''));
  const offsets = new Uint32Array(strings.length + 1);
  for (const [row, string] of strings.entries()) offsets[row + 1] = offsets[row] + Buffer.byteLength(string);
  const sources: Column[] = [columnOf('text', strings), { kind: 'bytes', offsets, bytes, validity: undefined }];
  for (const source of sources) expect(await roundTrip('text', strings, source)).toEqual(strings);
});

test('hidden columns stand beside the others', async () => {
  const hidden = [column(REMAINDER, 'float8'), column(FULL_ROW, 'bool'), column(ROW_ID, 'int8')];
  const { file } = await writeSegment(hidden, {
    seriesIds: [0, 0],
    columns: [times(2), columnOf('float64', [0, 999]), columnOf('boolean', [true, false]), columnOf('int64', [8, 9])],
  });
  const reader = await openSegment(file);
  expect(reader.columns.map(({ number }) => number)).toEqual([1, REMAINDER, FULL_ROW, ROW_ID]);
  expect(reader.hasColumn(REMAINDER)).toBe(true);
  expect(reader.hasColumn(5)).toBe(false);
  expect(await readColumn(reader, REMAINDER)).toEqual([0, 999]);
  expect(await readColumn(reader, FULL_ROW)).toEqual([true, false]);
  expect(await readColumn(reader, ROW_ID)).toEqual([8, 9]);
});

test('a plain table is sorted by row id', async () => {
  const { file } = await writeSegment(
    [],
    { seriesIds: [0, 0, 0], columns: [columnOf('int64', [5, 7, 8]), columnOf('text', ['a', 'b', 'c'])] },
    { header: { sortColumnNumber: ROW_ID, columns: [column(ROW_ID, 'int8'), column(1, 'text')], partitionStart: 0 } },
  );
  const reader = await openSegment(file);
  expect(reader.header.sortColumnNumber).toBe(ROW_ID);
  expect(Array.from(reader.seriesIds)).toEqual([0]);
  expect([reader.firstTimes[0], reader.lastTimes[0]]).toEqual([5, 8]);
  expect(await readColumn(reader, 1)).toEqual(['a', 'b', 'c']);
});

test('the header comes back, and the hash is that of the bytes', async () => {
  const { file, written } = await writeSegment(
    [column(FIELD, 'float8')],
    { seriesIds: [4, 4, 9], columns: [times(3), columnOf('float64', [1, 2, 3])] },
    { header: { partitionStart: -(2n ** 60n), maxLsn: 2 ** 52 } },
  );
  const reader = await openSegment(file);
  expect(reader.header).toMatchObject({
    tableOid: 16384,
    schemaVersion: 3,
    partitionStart: -(2n ** 60n),
    minLsn: 100,
    maxLsn: 2 ** 52,
    sortColumnNumber: 1,
  });
  expect(reader.columns.map(({ type }) => type.name)).toEqual(['timestamptz', 'float8']);
  expect(written).toEqual({
    sizeBytes: file.bytes.length,
    rowCount: 3,
    hash: createHash('sha256').update(file.bytes).digest('hex'),
  });
});

test('the bytes depend on the rows only, not on the batches they came in', async () => {
  const rowCount = 70_000;
  const seriesIds = Array.from({ length: rowCount }, (_, row) => (row < 30_000 ? 3 : 10 + Math.floor(row / 700)));
  const fields = [column(2, 'float8'), column(3, 'text'), column(4, 'numeric'), column(5, 'bool'), column(6, 'int8')];
  const columns = [
    times(rowCount),
    columnOf(
      'float64',
      Array.from({ length: rowCount }, (_, row) => (row % 11 === 0 ? null : row / 10)),
    ),
    columnOf(
      'text',
      Array.from({ length: rowCount }, (_, row) => `v${row % 50}`),
    ),
    columnOf(
      'value',
      Array.from({ length: rowCount }, (_, row) => (row % 2 === 0 ? null : Numeric.fromNumber(row))),
    ),
    columnOf(
      'boolean',
      Array.from({ length: rowCount }, (_, row) => row % 3 === 0),
    ),
    columnOf(
      'int64',
      Array.from({ length: rowCount }, (_, row) => (row % 5000 === 0 ? BigInt(row) + 2n ** 55n : row)),
    ),
  ];
  const whole = await writeSegment(fields, { seriesIds, columns });
  for (const batchRows of [997, 8192, 40_000]) {
    const { written } = await writeSegment(fields, { seriesIds, columns }, { batchRows });
    expect(written).toEqual(whole.written);
  }
  const reader = await openSegment(whole.file);
  expect(await readColumn(reader, 4)).toEqual(
    Array.from({ length: rowCount }, (_, row) => (row % 2 === 0 ? null : Numeric.fromNumber(row))),
  );
});

test('segments that share a file are read by offset and size', async () => {
  const file = new MemorySegment();
  const parts: { offset: number; sizeBytes: number }[] = [];
  for (const seed of [10, 20]) {
    const offset = file.sizeBytes;
    const values = columnOf('float64', [seed, seed + 1]);
    const { written } = await writeSegment(
      [column(FIELD, 'float8')],
      { seriesIds: [0, 0], columns: [times(2), values] },
      { file },
    );
    parts.push({ offset, sizeBytes: written.sizeBytes });
  }
  expect(await readColumn(await openSegment(file, parts[0]), FIELD)).toEqual([10, 11]);
  expect(await readColumn(await openSegment(file, parts[1]), FIELD)).toEqual([20, 21]);
});
