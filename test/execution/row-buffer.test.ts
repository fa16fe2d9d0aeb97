import { describe, expect, test } from 'vitest';
import type { Batch, BatchStream } from '../../src/columnar/batch.ts';
import { valueAt } from '../../src/columnar/column.ts';
import { ColumnBuilder } from '../../src/columnar/column-builder.ts';
import { MemoryAccount } from '../../src/execution/memory-account.ts';
import { RowBuffer } from '../../src/execution/row-buffer.ts';

function batchOf(...values: readonly number[]): Batch {
  const builder = new ColumnBuilder('float64', { capacity: values.length });
  for (const value of values) builder.push(value);
  return { rowCount: values.length, columns: [builder.finish()] };
}

/** Gives batches as they are asked for, and notes what became of it. */
class Source {
  givenCount = 0;
  isEnded = false;

  async *rows(batches: readonly Batch[]): BatchStream {
    try {
      for (const batch of batches) {
        this.givenCount += 1;
        yield batch;
      }
    } finally {
      this.isEnded = true;
    }
  }
}

async function valuesOf(rows: AsyncIterable<Batch>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const batch of rows) {
    for (let row = 0; row < batch.rowCount; row++) values.push(valueAt(batch.columns[0], row));
  }
  return values;
}

describe('rows for several readers', () => {
  test('each reads all of them, the source is read once', async () => {
    const source = new Source();
    const buffer = new RowBuffer(new MemoryAccount(1 << 20), () => source.rows([batchOf(1, 2), batchOf(3)]));
    const [left, right] = await Promise.all([valuesOf(buffer.read()), valuesOf(buffer.read())]);
    expect(left).toEqual([1, 2, 3]);
    expect(right).toEqual([1, 2, 3]);
    expect(source.givenCount).toBe(2);
  });

  test('no more is pulled than the foremost reader asks for', async () => {
    const source = new Source();
    const buffer = new RowBuffer(new MemoryAccount(1 << 20), () => source.rows([batchOf(1), batchOf(2), batchOf(3)]));
    const reader = buffer.read();
    await reader.next();
    await buffer.read().next();
    expect(source.givenCount).toBe(1);
    await reader.return();
    await buffer.close();
    expect(source.isEnded).toBe(true);
  });

  test('rows are copies: the source may use its batch again', async () => {
    const values = new Float64Array([1]);
    const column = { kind: 'number', values, validity: undefined } as const;
    const buffer = new RowBuffer(new MemoryAccount(1 << 20));
    buffer.append({ rowCount: 1, columns: [column] });
    values[0] = 9;
    expect(await valuesOf(buffer.read())).toEqual([1]);
  });

  test('what they take is the memory of the statement, and is given back', async () => {
    const memory = new MemoryAccount(100);
    const buffer = new RowBuffer(memory, () => new Source().rows([batchOf(1, 2), batchOf(...new Array(50).fill(0))]));
    await expect(buffer.fill()).rejects.toMatchObject({ code: '53200' });
    expect(memory.usedBytes).toBe(16);
    await buffer.close();
    expect(memory.usedBytes).toBe(0);
  });

  test('an error of the source reaches every reader', async () => {
    const buffer = new RowBuffer(new MemoryAccount(1 << 20), async function* () {
      yield batchOf(1);
      throw new Error('lost');
    });
    await expect(valuesOf(buffer.read())).rejects.toThrow('lost');
    await expect(valuesOf(buffer.read())).rejects.toThrow('lost');
    expect(buffer.rowCount).toBe(1);
  });
});
