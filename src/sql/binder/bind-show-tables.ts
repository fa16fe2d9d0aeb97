import { compareUtf8 } from '../../types/compare-utf8.ts';
import type { ConstantExpression } from '../expression/expression.ts';
import type { ValuesNode } from '../plan/values-node.ts';
import type { StatementBinding } from './statement-binding.ts';
import { textType } from './well-known-types.ts';

/**
 * SHOW TABLES and SHOW MEASUREMENTS, extras of ours: the tables of the database, or only its time-series tables. The
 * rows are those of the moment of binding, so the plan is not to be kept.
 */
export function bindShowTables(binding: StatementBinding, what: 'tables' | 'measurements'): ValuesNode {
  binding.forbidCaching();
  const tables = [...binding.context.catalog.tables()]
    .filter((table) => table.kind === 'table' && (what === 'tables' || table.timeSeries !== undefined))
    .sort((a, b) => compareUtf8(a.schemaName, b.schemaName) || compareUtf8(a.name, b.name));
  const columns: readonly (readonly [string, (table: (typeof tables)[number]) => string])[] =
    what === 'measurements'
      ? [['name', (table) => table.name]]
      : [
          ['table_schema', (table) => table.schemaName],
          ['table_name', (table) => table.name],
          ['table_type', (table) => (table.timeSeries === undefined ? 'table' : 'time-series table')],
        ];
  const text = (value: string): ConstantExpression => ({ kind: 'constant', value, type: textType });
  return {
    kind: 'values',
    rows: tables.map((table) => columns.map(([, read]) => text(read(table)))),
    output: columns.map(([name]) => ({ name, type: textType, tableOid: 0, columnNumber: 0 })),
  };
}
