import fc from 'fast-check';
import type { Batch, BatchStream } from '../../../src/columnar/batch.ts';
import { valueAt } from '../../../src/columnar/column.ts';
import { ColumnBuilder, columnOf } from '../../../src/columnar/column-builder.ts';
import { bool } from '../../../src/types/bool.ts';
import { bytea } from '../../../src/types/bytea.ts';
import { float8 } from '../../../src/types/float8.ts';
import { int8 } from '../../../src/types/int8.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { numeric } from '../../../src/types/numeric-type.ts';
import { text } from '../../../src/types/string-types.ts';
import type { SqlType } from '../../../src/types/type-definition.ts';
import { sqlType } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';

/** A column of each representation. */
export const TYPES: readonly SqlType[] = [float8, int8, bool, text, text, numeric, bytea].map((type) => sqlType(type));

const nullable = (values: fc.Arbitrary<Value>): fc.Arbitrary<Value> => fc.option(values, { nil: null, freq: 5 });

const doubles = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1),
);
const wholes = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.maxSafeInteger(),
  fc.constantFrom<Value>(9223372036854775807n, -9223372036854775808n, 9007199254740993n),
);
const texts = fc.oneof(fc.constantFrom('', 'a', 'web-1', 'ä', '🌊'), fc.string({ unit: 'grapheme', maxLength: 12 }));

/** Rows of `TYPES`; few distinct values, so that sorting has ties and grouping has groups. */
export const rowsArbitrary: fc.Arbitrary<Value[][]> = fc.array(
  fc.tuple(
    nullable(doubles),
    nullable(wholes),
    nullable(fc.boolean()),
    nullable(texts),
    nullable(texts),
    nullable(fc.integer({ min: -50, max: 50 }).map((value) => Numeric.fromNumber(value))),
    nullable(fc.uint8Array({ maxLength: 6 })),
  ),
  { maxLength: 200, size: 'max' },
) as fc.Arbitrary<Value[][]>;

/** The rows in batches of `size`; text columns are dictionaries in every other one. */
export async function* batchesOf(rows: readonly Value[][], size: number): BatchStream {
  for (let from = 0; from < rows.length; from += size) yield batchOf(rows.slice(from, from + size), from % 2 === 0);
}

export function batchOf(rows: readonly Value[][], asDictionary = true): Batch {
  const columns = TYPES.map(({ definition }, index) => {
    const values = rows.map((row) => row[index]!);
    if (!asDictionary || definition.representation !== 'text') return columnOf(definition.representation, values);
    const builder = new ColumnBuilder('text', { text: 'dictionary' });
    for (const value of values) builder.push(value);
    return builder.finish();
  });
  return { rowCount: rows.length, columns };
}

export function rowsOf(batch: Batch): Value[][] {
  return Array.from({ length: batch.rowCount }, (_, row) => batch.columns.map((column) => valueAt(column, row)));
}

export async function allRows(stream: AsyncIterable<Batch>): Promise<Value[][]> {
  const rows: Value[][] = [];
  for await (const batch of stream) rows.push(...rowsOf(batch));
  return rows;
}

const cellText = (value: Value | undefined): string =>
  value === null || value === undefined
    ? 'null'
    : Object.is(value, -0)
      ? '-0'
      : `${typeof value}:${value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)}`;
/** Rows as texts, in no order. */
export const rendered = (rows: readonly (readonly Value[])[]): string[] =>
  rows.map((row) => row.map(cellText).join('|')).sort();
