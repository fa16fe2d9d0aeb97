import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Column } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import type { SegmentHeader, SegmentRows } from '../../../src/storage/segment/segment-column.ts';
import { SegmentWriter } from '../../../src/storage/segment/segment-writer.ts';
import type { SegmentWriting } from '../../../src/storage/segment/segment-writing.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { InProcessEncoders } from '../../support/in-process-encoders.ts';

const COLUMNS = ['timestamptz', 'int8', 'float8', 'text', 'bool', 'numeric'].map((name, index) => ({
  number: index + 1,
  type: typeByName(name)!,
}));
const HEADER: SegmentHeader = {
  tableOid: 16_384,
  schemaVersion: 1,
  partitionStart: 0,
  minLsn: 1,
  maxLsn: 2,
  sortColumnNumber: 1,
  columns: COLUMNS,
};

class Sink {
  readonly #pieces: Uint8Array[] = [];
  readonly #failsAt: number;
  constructor(failsAt = Number.POSITIVE_INFINITY) {
    this.#failsAt = failsAt;
  }
  async append(bytes: Uint8Array): Promise<void> {
    if (this.#pieces.length >= this.#failsAt) throw new Error('no space left on device');
    this.#pieces.push(bytes.slice());
    await new Promise((resolve) => setImmediate(resolve));
  }
  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

/** Rows of one series, from row `from` on, with every kind of value. */
function rowsOf(from: number, rowCount: number, withNulls: boolean): SegmentRows {
  const columnFor = (make: (row: number) => Value, index: number): Column =>
    columnOf(
      COLUMNS[index]!.type.representation,
      Array.from({ length: rowCount }, (_, at) =>
        withNulls && index > 0 && (from + at) % (index + 2) === 0 ? null : make(from + at),
      ),
    );
  const values: ((row: number) => Value)[] = [
    (row) => row * 10_000_000,
    (row) => (row % 1000 === 999 ? 2n ** 60n : row * 7),
    (row) => row / 8,
    (row) => `host ${row % 5}`,
    (row) => row % 3 === 0,
    (row) => Numeric.of(BigInt(row), 2),
  ];
  return { rowCount, seriesIds: new Uint32Array(rowCount).fill(3), columns: values.map(columnFor) };
}

async function write(writer: SegmentWriting, batches: readonly number[], withNulls: boolean) {
  let from = 0;
  for (const rowCount of batches) {
    const rows = rowsOf(from, rowCount, withNulls);
    await writer.append(rows);
    // They may change once it resolves.
    for (const column of rows.columns) if (column.kind === 'number') column.values.fill(-1);
    from += rowCount;
  }
  return writer.finish();
}

describe('a segment that another thread encodes', () => {
  test('has the bytes that it has otherwise, in whatever batches its rows come', async () => {
    const encoders = await new InProcessEncoders().start();
    const batches = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(batches, fc.boolean(), fc.boolean(), async (sizes, withNulls, hasLarge) => {
        const all = hasLarge ? [...sizes, 9000] : sizes;
        const here = new Sink();
        const there = new Sink();
        const expected = await write(SegmentWriter.create(here, HEADER), all, withNulls);
        const remote = encoders.open(there, HEADER);
        expect(await write(remote!, all, withNulls)).toEqual(expected);
        expect(there.bytes.equals(here.bytes)).toBe(true);
      }),
      { numRuns: 15 },
    );
    expect(encoders.begun).toBe(15);
  });

  test('fails with its sink, and the next one is encoded as ever', async () => {
    const encoders = await new InProcessEncoders().start();
    const broken = encoders.open(new Sink(1), HEADER)!;
    await expect(
      write(
        broken,
        Array.from({ length: 60 }, () => 4000),
        true,
      ),
    ).rejects.toThrow('no space left on device');
    await expect(broken.append(rowsOf(0, 1, false))).rejects.toThrow('no space left on device');
    await expect(write(encoders.open(new Sink(), HEADER)!, [5000], true)).resolves.toMatchObject({ rowCount: 5000 });
  });

  test('fails when the thread ends, at whatever message; another one is started', async () => {
    for (let dropsAfter = 1; dropsAfter <= 8; dropsAfter++) {
      const encoders = await new InProcessEncoders({ dropsAfter }).start();
      const writing = write(encoders.open(new Sink(), HEADER)!, [4000, 4000, 4000, 4000, 4000, 4000], false);
      await expect(writing).rejects.toThrow('a worker thread ended: out of memory');
      expect(encoders.open(new Sink(), HEADER)).toBeUndefined();
      await encoders.start();
      await expect(write(encoders.open(new Sink(), HEADER)!, [100], false)).resolves.toMatchObject({ rowCount: 100 });
    }
  });

  test('fails when what it is told makes no sense there', async () => {
    const encoders = await new InProcessEncoders().start();
    const remote = encoders.open(new Sink(), HEADER)!;
    const { columns, ...rows } = rowsOf(0, 10, false);
    const wrong = { ...rows, columns: columns.slice(1) };
    await expect(
      (async () => {
        await remote.append(wrong);
        return remote.finish();
      })(),
    ).rejects.toThrow('rows have all columns of the segment');
  });

  test('is not begun while there are two, and is when one of them was given up', async () => {
    const encoders = await new InProcessEncoders().start();
    const first = encoders.open(new Sink(), HEADER)!;
    expect(encoders.open(new Sink(), HEADER)).toBeDefined();
    expect(encoders.open(new Sink(), HEADER)).toBeUndefined();
    await first.append(rowsOf(0, 10, false));
    first.abandon?.();
    await expect(first.finish()).rejects.toThrow('given up');
    expect(encoders.open(new Sink(), HEADER)).toBeDefined();
  });

  test('has no types that are not the same in every thread', async () => {
    const encoders = await new InProcessEncoders().start();
    const columns = COLUMNS.map((column) => ({ ...column, type: { ...column.type } }));
    expect(encoders.open(new Sink(), { ...HEADER, columns })).toBeUndefined();
  });

  test('is refused once the server ends', async () => {
    const encoders = await new InProcessEncoders().start();
    const remote = encoders.open(new Sink(), HEADER)!;
    await encoders.close();
    await expect(remote.append(rowsOf(0, 10, false))).rejects.toThrow('the server is shutting down');
    expect(encoders.open(new Sink(), HEADER)).toBeUndefined();
  });
});
