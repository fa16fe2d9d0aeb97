import { describe, expect, test } from 'vitest';
import type { IndexDescriptor } from '../../../src/catalog/index-descriptor.ts';
import type { TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import { optimize } from '../../../src/sql/optimizer/optimize.ts';
import { explainPlan } from '../../../src/sql/plan/explain-plan.ts';
import { catalog, planSql, table } from '../binder/bind-sql.ts';

function index(
  oid: number,
  name: string,
  columns: readonly number[],
  options: Partial<IndexDescriptor> = {},
): IndexDescriptor {
  return {
    oid,
    name,
    method: 'btree',
    columns: columns.map((columnNumber) => ({ columnNumber, isDescending: false, nullsFirst: false })),
    isUnique: false,
    nullsNotDistinct: false,
    ...options,
  };
}

const things: TableDescriptor = {
  ...table(22000, 'public', 'things', [
    'id int4',
    'kind text',
    'code varchar(9)',
    'size int8',
    'price numeric',
    'at timestamptz',
    'pad bpchar(3)',
  ]),
  indexes: [
    index(22001, 'things_pkey', [1], { isUnique: true }),
    index(22002, 'things_kind_size', [2, 4]),
    index(22003, 'things_kind', [2]),
    index(22004, 'things_code', [3]),
    index(22005, 'things_price', [5]),
    index(22006, 'things_at', [6]),
    index(22007, 'things_size_hash', [4], { method: 'hash' }),
    index(22008, 'things_unique', [2, 4, 5], { isUnique: true }),
    index(22009, 'things_pad', [7]),
  ],
};

const withThings = {
  catalog: {
    ...catalog,
    table: (schema: string, name: string) =>
      name === 'things' && schema === 'public' ? things : catalog.table(schema, name),
  },
};

/** EXPLAIN's lines about the scan. */
function scanOf(where: string): string[] {
  return explainPlan(optimize(planSql(`select id from things where ${where}`, withThings))).map((line) => line.trim());
}

describe('a scan uses an index', () => {
  test.each([
    ['id = 5', 'things_pkey', '(id = 5)'],
    ['5 = id', 'things_pkey', '(5 = id)'],
    ['id in (1, 2)', 'things_pkey', '(id IN (1, 2))'],
    ['id = any (array[1, 2])', 'things_pkey', "(id = ANY ('{1,2}'::integer[]))"],
    ['id = 3000000000', 'things_pkey', "(id = '3000000000'::bigint)"],
    ['id between 1 and 9', 'things_pkey', '((id >= 1) AND (id <= 9))'],
    ["kind = 'x'", 'things_kind', "(kind = 'x'::text)"],
    ["kind = 'x' and size = 4", 'things_kind_size', "((kind = 'x'::text) AND (size = 4))"],
    ["kind = 'x' and size > 4", 'things_kind_size', "((kind = 'x'::text) AND (size > 4))"],
    [
      "kind = 'x' and size = 4 and price = 1.5",
      'things_unique',
      "((kind = 'x'::text) AND (size = 4) AND (price = 1.5))",
    ],
    ["id = 5 and kind = 'x' and size = 4", 'things_pkey', '(id = 5)'],
    ["code = 'x'", 'things_code', "((code)::text = 'x'::text)"],
    ['size = 4', 'things_size_hash', '(size = 4)'],
    ['id = 5 or id = 6', 'things_pkey', '(id IN (5, 6))'],
    ["(id = 5 and size = 1) or (id = 6 and kind = 'x')", 'things_pkey', '(id IN (5, 6))'],
    ['price = 4', 'things_price', '(price = 4)'],
    ["at >= '2024-01-01' and at < '2024-02-01'", 'things_at', undefined],
    ["pad = 'x'", 'things_pad', "(pad = 'x'::bpchar)"],
  ])('for %s', (where, name, condition) => {
    const [title, ...properties] = scanOf(where);
    expect(title).toBe(`Index Scan using ${name} on things`);
    if (condition !== undefined) expect(properties).toContain(`Index Cond: ${condition}`);
  });

  test('and tests the other conditions row by row', () => {
    expect(scanOf("id = 5 and code like 'a%'")).toEqual([
      'Index Scan using things_pkey on things',
      'Index Cond: (id = 5)',
      "Filter: ((code)::text ~~ 'a%'::text)",
    ]);
  });
});

describe('a scan reads the whole table', () => {
  test.each([
    'id > 5',
    'id <> 5',
    'id not in (1, 2)',
    'id <> all (array[1, 2])',
    'id = 5 or size = 6',
    'id + 1 = 5',
    'id = size',
    'id = random()',
    'id is null',
    'id = 1.5',
    "at = timestamp '2024-01-01'",
    'size > 4 and size < 9',
    "pad = 'x'::text",
  ])('for %s', (where) => {
    expect(scanOf(where)[0]).toBe('Seq Scan on things');
  });
});
