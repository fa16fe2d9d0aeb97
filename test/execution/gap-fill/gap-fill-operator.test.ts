import { describe, expect, test } from 'vitest';
import type { Batch, BatchStream } from '../../../src/columnar/batch.ts';
import { type Column, valueAt } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { gapFill } from '../../../src/execution/operators/gap-fill.ts';
import { StatementControl } from '../../../src/execution/statement-control.ts';
import type { Expression } from '../../../src/sql/expression/expression.ts';
import type { GapFillNode } from '../../../src/sql/plan/gap-fill-node.ts';
import { float8 } from '../../../src/types/float8.ts';
import { int4 } from '../../../src/types/int4.ts';
import { text } from '../../../src/types/string-types.ts';
import { sqlType } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { contextFor } from '../run-sql.ts';

const types = [int4, text, float8, float8, float8, text];
const output = types.map((type, at) => ({ name: `c${at}`, type: sqlType(type), tableOid: 0, columnNumber: 0 }));

function constant(value: Value): Expression {
  return { kind: 'constant', value, type: sqlType(int4) };
}

/** Bucket, series, what is carried forward, what is interpolated, what stays NULL, what belongs to the series. */
function nodeOver(start: number, finish: number): GapFillNode {
  const noOptions = { previous: undefined, next: undefined, treatsNullAsMissing: undefined, maxGap: undefined };
  return {
    kind: 'gap-fill',
    input: { kind: 'values', rows: [], output },
    bucket: 0,
    groups: [1],
    dependents: [5],
    width: constant(1),
    timeZone: undefined,
    origin: undefined,
    start: [{ value: constant(start), isBehind: false }],
    finish: [{ value: constant(finish), isBehind: false }],
    fills: [
      { method: 'locf', column: 2, ...noOptions },
      { method: 'interpolate', column: 3, ...noOptions },
    ],
    output,
  };
}

const rows: readonly (readonly Value[])[] = [
  [-3, 'a', 1, 1, 1, 'A'],
  [1, 'a', 2, 2, 2, 'A'],
  [2, 'a', null, null, null, 'A'],
  [5, 'a', 5, 5, 5, 'A'],
  [4, 'b', 7, 8, 9, 'B'],
  [9, 'b', 8, 9, 10, 'B'],
  [0, null, 3, 4, 5, 'C'],
  [3, null, 4, 7, 6, 'C'],
];

/** Batches whose buffers are spoiled as soon as the next one is asked for. */
async function* batches(sizes: readonly number[]): BatchStream {
  let from = 0;
  for (const size of sizes) {
    const part = rows.slice(from, from + size);
    const columns = types.map((type, at) =>
      columnOf(
        type.representation,
        part.map((row) => row[at]),
      ),
    );
    yield { rowCount: size, columns };
    for (const column of columns) spoil(column);
    from += size;
  }
}

function spoil(column: Column): void {
  if (column.kind === 'number') column.values.fill(-99);
  if (column.kind === 'value') (column.values as Value[]).fill('spoiled');
  column.validity?.fill(1);
}

async function filled(sizes: readonly number[], node = nodeOver(0, 7)): Promise<string[]> {
  const result: string[] = [];
  for await (const batch of gapFill(batches(sizes), node, contextFor())) result.push(...textsOf(batch));
  return result;
}

function textsOf(batch: Batch): string[] {
  return Array.from({ length: batch.rowCount }, (_, row) =>
    batch.columns.map((column) => String(valueAt(column, row))).join(' '),
  );
}

describe('gap filling', () => {
  const expected = [
    '-3 a 1 1 1 A',
    '0 a 1 1.75 null A',
    '1 a 2 2 2 A',
    '2 a null null null A',
    '3 a null null null A',
    '4 a null null null A',
    '5 a 5 5 5 A',
    '6 a 5 null null A',
    '0 b null null null B',
    '1 b null null null B',
    '2 b null null null B',
    '3 b null null null B',
    '4 b 7 8 9 B',
    '5 b 7 8.2 null B',
    '6 b 7 8.4 null B',
    '9 b 8 9 10 B',
    '0 null 3 4 5 C',
    '1 null 3 5 null C',
    '2 null 3 6 null C',
    '3 null 4 7 6 C',
    '4 null 4 null null C',
    '5 null 4 null null C',
    '6 null 4 null null C',
  ];
  const splits = [[8], [1, 1, 1, 1, 1, 1, 1, 1], [4, 4], [3, 5], [2, 2, 2, 2], [1, 7], [5, 3], [6, 1, 1]];
  for (const sizes of splits) {
    test(`gives the same rows whatever batches they come in: ${sizes.join()}`, async () => {
      expect(await filled(sizes)).toEqual(expected);
    });
  }

  test('goes on through gaps that are longer than a batch', async () => {
    const result = await filled([8], nodeOver(0, 5000));
    expect(result).toHaveLength(3 * 5000 + 1);
    expect(result[5000]).toBe('4999 a 5 null null A');
    expect(new Set(result).size).toBe(result.length);
  });

  test('holds nobody up and feels a cancellation within a gap without an end', async () => {
    const control = new StatementControl();
    const context = contextFor({ control });
    setTimeout(() => control.cancel('user'), 20);
    const consume = async (): Promise<void> => {
      const endless = { ...nodeOver(0, 0), finish: [{ value: constant(2 ** 31 - 1), isBehind: false }] };
      for await (const batch of gapFill(batches([8]), endless, context)) expect(batch.rowCount).toBeGreaterThan(0);
    };
    await expect(consume()).rejects.toThrow('canceling statement due to user request');
  });
});
