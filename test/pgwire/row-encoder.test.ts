import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';
import type { Column } from '../../src/columnar/column.ts';
import { ColumnBuilder, columnOf } from '../../src/columnar/column-builder.ts';
import { Dictionary } from '../../src/columnar/dictionary.ts';
import { BackendWriter } from '../../src/pgwire/backend-writer.ts';
import { RowEncoder } from '../../src/pgwire/row-encoder.ts';
import { Interval } from '../../src/types/interval.ts';
import { Numeric } from '../../src/types/numeric.ts';
import { SqlArray } from '../../src/types/sql-array.ts';
import { timeZone, UTC } from '../../src/types/time-zone.ts';
import type { TypeContext } from '../../src/types/type-definition.ts';
import { sqlType, typeByName } from '../../src/types/type-registry.ts';
import type { Value } from '../../src/types/value.ts';

const utc: TypeContext = {
  timeZone: UTC,
  dateStyle: { format: 'ISO', order: 'MDY' },
  intervalStyle: 'postgres',
  extraFloatDigits: 1,
  byteaOutput: 'hex',
  transactionStart: 0,
};

const noPause = { yieldIfDue: () => undefined };

function definition(name: string) {
  const found = typeByName(name);
  if (found === undefined) throw new Error(`no type ${name}`);
  return found;
}

/** The rows of one column as they go over the wire: bytes per row, null for NULL. */
async function encode(typeName: string, column: Column, rowCount: number, format: 0 | 1, context = utc) {
  const chunks: Uint8Array[] = [];
  const out = new BackendWriter({
    write(bytes) {
      chunks.push(bytes);
      return undefined;
    },
  });
  const described = [{ name: 'c', type: sqlType(definition(typeName)), tableOid: 0, columnNumber: 0 }];
  await new RowEncoder(described, [format], context, noPause).write({ rowCount, columns: [column] }, out);
  out.flush();
  return dataRows(Buffer.concat(chunks));
}

function dataRows(bytes: Buffer): (Buffer | null)[] {
  const cells: (Buffer | null)[] = [];
  let at = 0;
  while (at < bytes.length) {
    expect(bytes[at]).toBe(0x44);
    const end = at + 1 + bytes.readInt32BE(at + 1);
    expect(bytes.readInt16BE(at + 5)).toBe(1);
    const length = bytes.readInt32BE(at + 7);
    cells.push(length === -1 ? null : bytes.subarray(at + 11, at + 11 + length));
    expect(end).toBe(at + 11 + Math.max(length, 0));
    at = end;
  }
  return cells;
}

function expectedText(typeName: string, value: Value, context: TypeContext): string | null {
  return value === null ? null : definition(typeName).format(value, context);
}

function expectedBinary(typeName: string, value: Value): Buffer | null {
  if (value === null) return null;
  const writer = new ByteWriter();
  definition(typeName).writeBinary(value, writer);
  return Buffer.from(writer.copy());
}

async function checkColumn(typeName: string, values: readonly Value[], context = utc, column?: Column) {
  const encoded = column ?? columnOf(definition(typeName).representation, values);
  const text = await encode(typeName, encoded, values.length, 0, context);
  expect(text.map((cell) => cell?.toString() ?? null)).toEqual(
    values.map((value) => expectedText(typeName, value, context)),
  );
  const binary = await encode(typeName, encoded, values.length, 1, context);
  expect(binary).toEqual(values.map((value) => expectedBinary(typeName, value)));
}

const nullable = (values: fc.Arbitrary<Value>) => fc.array(fc.option(values, { freq: 5 }), { maxLength: 40 });
const micros = fc.integer({ min: -63_000_000_000_000_000 / 10, max: 9_000_000_000_000_000 });
const decimals = fc
  .tuple(fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }), fc.integer({ min: 0, max: 9 }))
  .map(([digits, scale]) => digits / 10 ** scale);
const strings = fc.string({ unit: 'binary', maxLength: 80 }).filter((text) => !text.includes('\0'));

const arbitraries: Record<string, fc.Arbitrary<Value>> = {
  bool: fc.boolean(),
  int2: fc.integer({ min: -32768, max: 32767 }),
  int4: fc.integer({ min: -2147483648, max: 2147483647 }),
  int8: fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.constantFrom(0, 9007199254740992, -9007199254740992)),
  oid: fc.integer({ min: 0, max: 4294967295 }),
  float4: fc.float(),
  float8: fc.oneof(
    fc.double(),
    decimals,
    fc.integer(),
    fc.constantFrom(-0, 1e15, 1e14, 123456789012345.6, 0.0001, 0.00001, 1e9, 999999999.99, 0.1 + 0.2, 1e21, 5e-324),
  ),
  date: fc.oneof(fc.integer({ min: -730_000, max: 2_900_000 }), fc.constantFrom(Number.POSITIVE_INFINITY, -Infinity)),
  time: fc.integer({ min: 0, max: 86_400_000_000 }),
  timestamp: fc.oneof(micros, fc.constantFrom(0, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
  timestamptz: fc.oneof(micros, fc.constantFrom(0, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
  text: strings,
  varchar: strings,
};

describe('row encoder', () => {
  for (const [typeName, values] of Object.entries(arbitraries)) {
    test(`writes ${typeName} as its type does, in both formats`, async () => {
      await fc.assert(fc.asyncProperty(nullable(values), (column) => checkColumn(typeName, column)));
    });
  }

  for (const zoneName of [
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Africa/Monrovia',
  ]) {
    test(`writes timestamptz in ${zoneName}`, async () => {
      const context = { ...utc, timeZone: timeZone(zoneName) ?? UTC };
      await fc.assert(fc.asyncProperty(nullable(micros), (column) => checkColumn('timestamptz', column, context)));
    });
  }

  test('follows a change of clocks from row to row', async () => {
    const context = { ...utc, timeZone: timeZone('Europe/Berlin') ?? UTC };
    // 2024-03-31 01:00 UTC, when Berlin goes from +01 to +02.
    const change = Date.UTC(2024, 2, 31, 1) * 1000 - 946_684_800_000_000;
    await checkColumn('timestamptz', [change - 1, change, change - 900_000_000, change + 1], context);
  });

  test('follows a change of clocks in the middle of a minute, as there were before 2000', async () => {
    const context = { ...utc, timeZone: timeZone('Africa/Monrovia') ?? UTC };
    // 1972-01-07 00:44:30 UTC, when Monrovia goes from -00:44:30 to +00.
    const change = Date.UTC(1972, 0, 7, 0, 44, 30) * 1000 - 946_684_800_000_000;
    await checkColumn('timestamptz', [change - 2_000_000, change - 1, change, change + 1, change - 1], context);
  });

  for (const format of ['Postgres', 'SQL', 'German'] as const) {
    test(`leaves DateStyle ${format} to the types`, async () => {
      const context = { ...utc, dateStyle: { format, order: 'DMY' } as const };
      await checkColumn('timestamptz', [0, 1_500_000], context);
      await checkColumn('date', [0, 1], context);
    });
  }

  test('rounds doubles where extra_float_digits asks for it', async () => {
    await checkColumn('float8', [0.1 + 0.2, 1 / 3, 2], { ...utc, extraFloatDigits: 0 });
    await checkColumn('float4', [Math.fround(0.1), 3], { ...utc, extraFloatDigits: -2 });
  });

  test('writes integers beyond 2^53 from wide columns', async () => {
    await checkColumn('int8', [1, null, 9223372036854775807n, -9223372036854775808n, -1, 9007199254740993n]);
  });

  test('writes objects as their types do', async () => {
    await checkColumn('numeric', [Numeric.parse('1.50'), null, Numeric.NaN]);
    await checkColumn('interval', [Interval.parse('1 day 02:03:04.5')]);
    await checkColumn('bytea', [Uint8Array.of(0, 255), Uint8Array.of()]);
    await checkColumn('_int4', [new SqlArray([1, null, 3])]);
    await checkColumn('uuid', ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']);
  });

  test('writes text from every kind of column', async () => {
    const values = ['a', '', null, 'ü€😀', 'a', 'x'.repeat(200), '\ufeffmark'];
    const builder = new ColumnBuilder('text', { text: 'dictionary' });
    for (const value of values) builder.push(value);
    await checkColumn('text', values, utc, builder.finish());

    const encoded = values.map((value) => Buffer.from(value ?? ''));
    const offsets = new Uint32Array(values.length + 1);
    encoded.forEach((bytes, row) => {
      offsets[row + 1] = offsets[row]! + bytes.length;
    });
    const validity = Uint8Array.from(values, (value) => (value === null ? 0 : 1));
    const bytes: Column = { kind: 'bytes', offsets, bytes: Buffer.concat(encoded), validity };
    await checkColumn('text', values, utc, bytes);
  });

  test('writes few rows of a large dictionary, and rows of one that grows', async () => {
    const dictionary = Dictionary.of(Array.from({ length: 1000 }, (_, index) => `value ${index}`));
    const column = (codes: number[]): Column => ({
      kind: 'dictionary',
      codes: Uint32Array.from(codes),
      dictionary,
      validity: undefined,
    });
    await checkColumn('text', ['value 999', 'value 0'], utc, column([999, 0]));
    const all = Array.from({ length: 1000 }, (_, index) => index);
    const chunks: Uint8Array[] = [];
    const out = new BackendWriter({
      write(bytes) {
        chunks.push(bytes);
        return undefined;
      },
    });
    const described = [{ name: 'c', type: sqlType(definition('text')), tableOid: 0, columnNumber: 0 }];
    const encoder = new RowEncoder(described, [], utc, noPause);
    await encoder.write({ rowCount: 1000, columns: [column(all)] }, out);
    const added = dictionary.codeOf('new');
    const more = Array.from({ length: 1000 }, () => added);
    await encoder.write({ rowCount: 1000, columns: [column(more)] }, out);
    out.flush();
    const cells = dataRows(Buffer.concat(chunks)).map((cell) => cell?.toString());
    expect(cells).toEqual([...all.map((index) => `value ${index}`), ...more.map(() => 'new')]);
  });

  test('writes rows of no columns', async () => {
    const chunks: Uint8Array[] = [];
    const out = new BackendWriter({
      write(bytes) {
        chunks.push(bytes);
        return undefined;
      },
    });
    await new RowEncoder([], [], utc, noPause).write({ rowCount: 2, columns: [] }, out);
    out.flush();
    expect(Buffer.concat(chunks)).toEqual(Buffer.from([0x44, 0, 0, 0, 6, 0, 0, 0x44, 0, 0, 0, 6, 0, 0]));
  });

  test('a value that cannot be written leaves no half row before the error', async () => {
    const chunks: Uint8Array[] = [];
    const out = new BackendWriter({
      write(bytes) {
        chunks.push(bytes);
        return undefined;
      },
    });
    const column: Column = {
      kind: 'value',
      values: [Interval.parse('1 day'), undefined as never],
      validity: undefined,
    };
    const described = [{ name: 'c', type: sqlType(definition('interval')), tableOid: 0, columnNumber: 0 }];
    const encoder = new RowEncoder(described, [], utc, noPause);
    expect(() => encoder.write({ rowCount: 2, columns: [column] }, out)).toThrow();
    out.flush();
    expect(dataRows(Buffer.concat(chunks))).toEqual([Buffer.from('1 day')]);
  });

  test('waits for a slow client and keeps the buffer small meanwhile', async () => {
    const waiting: (() => void)[] = [];
    const sizes: number[] = [];
    const out = new BackendWriter({
      write(bytes) {
        sizes.push(bytes.length);
        return new Promise<void>((resolve) => waiting.push(resolve));
      },
    });
    const rowCount = 50_000;
    const column = columnOf(
      'float64',
      Array.from({ length: rowCount }, (_, row) => row),
    );
    const described = [{ name: 'c', type: sqlType(definition('int4')), tableOid: 0, columnNumber: 0 }];
    let isDone = false;
    const encoder = new RowEncoder(described, [], utc, noPause);
    const done = Promise.resolve(encoder.write({ rowCount, columns: [column] }, out)).then(() => {
      isDone = true;
    });
    expect(sizes).toHaveLength(1);
    while (!isDone) {
      expect(waiting.length).toBeLessThan(2);
      expect(out.buffer.length).toBeLessThan(66_000);
      waiting.pop()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await done;
    out.flush();
    expect(sizes.length).toBeGreaterThan(10);
    expect(Math.max(...sizes)).toBeLessThan(66_000);
  });

  test('copies the tags of the row before only while all of them stay the same', async () => {
    const dictionaries = ['host', 'region', 'rack', 'service'].map((tag) =>
      Dictionary.of(Array.from({ length: 4 }, (_, index) => `${tag} ${'x'.repeat(index * 30)}`)),
    );
    const rowCount = 3000;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 20 }), async (runs) => {
        const codeOf = (row: number, tag: number) => (runs[(row >> 3) % runs.length]! >> (tag * 2)) & 3;
        const columns = dictionaries.map(
          (dictionary, tag): Column => ({
            kind: 'dictionary',
            codes: Uint32Array.from({ length: rowCount }, (_, row) => codeOf(row, tag)),
            dictionary,
            validity: undefined,
          }),
        );
        const chunks: Uint8Array[] = [];
        const out = new BackendWriter({
          write(bytes) {
            chunks.push(bytes);
            return undefined;
          },
        });
        const described = columns.map(() => ({
          name: 'c',
          type: sqlType(definition('text')),
          tableOid: 0,
          columnNumber: 0,
        }));
        await new RowEncoder(described, [], utc, noPause).write({ rowCount, columns }, out);
        out.flush();
        const bytes = Buffer.concat(chunks);
        let at = 0;
        for (let row = 0; row < rowCount; row++) {
          expect(bytes[at]).toBe(0x44);
          at += 7;
          for (let tag = 0; tag < columns.length; tag++) {
            const text = dictionaries[tag]!.string(codeOf(row, tag));
            expect(bytes.readInt32BE(at)).toBe(text.length);
            expect(bytes.toString('latin1', at + 4, at + 4 + text.length)).toBe(text);
            at += 4 + text.length;
          }
        }
        expect(at).toBe(bytes.length);
      }),
      { numRuns: 10 },
    );
  });

  test('a chunk that the socket is done with is written to again, and none before', async () => {
    const released: (() => void)[] = [];
    const chunks: { bytes: Uint8Array; copy: Uint8Array }[] = [];
    const out = new BackendWriter({
      write(bytes, release) {
        chunks.push({ bytes, copy: bytes.slice() });
        if (release !== undefined) released.push(release);
        return undefined;
      },
    });
    const rowCount = 30_000;
    const values = Array.from({ length: rowCount }, (_, row) => row);
    const described = [{ name: 'c', type: sqlType(definition('int4')), tableOid: 0, columnNumber: 0 }];
    const encoder = new RowEncoder(described, [], utc, noPause);
    await encoder.write({ rowCount, columns: [columnOf('float64', values)] }, out);
    expect(chunks.length).toBeGreaterThan(3);
    for (const { bytes, copy } of chunks) expect(Buffer.compare(bytes, copy)).toBe(0);
    expect(new Set(chunks.map(({ bytes }) => bytes.buffer)).size).toBe(chunks.length);
    const buffers = new Set(chunks.map(({ bytes }) => bytes.buffer));
    for (const release of released) release();
    chunks.length = 0;
    await encoder.write({ rowCount, columns: [columnOf('float64', values)] }, out);
    expect(chunks.some(({ bytes }) => buffers.has(bytes.buffer))).toBe(true);
  });

  test('a cancelled statement stops in the middle of a batch, behind a whole row', async () => {
    const chunks: Uint8Array[] = [];
    const out = new BackendWriter({
      write(bytes) {
        chunks.push(bytes);
        return undefined;
      },
    });
    let checks = 0;
    const pace = {
      yieldIfDue() {
        if (++checks === 3) throw new Error('cancelled');
        return checks === 1 ? Promise.resolve() : undefined;
      },
    };
    const rowCount = 50_000;
    const described = [{ name: 'c', type: sqlType(definition('int4')), tableOid: 0, columnNumber: 0 }];
    const column = columnOf(
      'float64',
      Array.from({ length: rowCount }, (_, row) => row),
    );
    const written = new RowEncoder(described, [], utc, pace).write({ rowCount, columns: [column] }, out);
    await expect(written).rejects.toThrow('cancelled');
    out.flush();
    const cells = dataRows(Buffer.concat(chunks));
    expect(cells.length).toBeGreaterThan(1000);
    expect(cells.length).toBeLessThan(rowCount);
  });
});
