import type { IndexDescriptor } from '../../../src/catalog/index-descriptor.ts';
import type { TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import { optimize } from '../../../src/sql/optimizer/optimize.ts';
import { explainPlan } from '../../../src/sql/plan/explain-plan.ts';
import { catalog, planSql, table } from '../binder/bind-sql.ts';

function withKey(described: TableDescriptor, isUnique: boolean): TableDescriptor {
  const key: IndexDescriptor = {
    oid: described.oid + 1,
    name: isUnique ? `${described.name}_pkey` : `${described.name}_key`,
    method: 'btree',
    columns: [{ columnNumber: 1, isDescending: false, nullsFirst: false }],
    isUnique,
    nullsNotDistinct: false,
  };
  return { ...described, indexes: [key] };
}

/** `t`, `u`, `v` have no index; `orders` and `people` have a primary key `id`, `lines` an index on `order_id`. */
const tables: readonly TableDescriptor[] = [
  table(23000, 'public', 't', ['a int4', 'b text', 'c numeric']),
  table(23010, 'public', 'u', ['a int4', 'x int4']),
  table(23020, 'public', 'v', ['a int8', 'y text']),
  withKey(table(23030, 'public', 'orders', ['id int4', 'person int4', 'day date']), true),
  withKey(table(23040, 'public', 'people', ['id int4', 'name text']), true),
  withKey(table(23050, 'public', 'lines', ['order_id int8', 'amount numeric']), false),
];

const withTables = {
  catalog: {
    ...catalog,
    table: (schema: string, name: string) =>
      (schema === 'public' ? tables.find((described) => described.name === name) : undefined) ??
      catalog.table(schema, name),
  },
};

/** The optimized plan as EXPLAIN shows it. `rows`: how many rows tables have, by name. */
export function explainSql(sql: string, rows: Readonly<Record<string, number>> = {}): string {
  const facts = { estimateRows: ({ name }: TableDescriptor) => rows[name] };
  return explainPlan(optimize(planSql(sql, withTables), facts)).join('\n');
}
