import type { ColumnDescriptor } from '../../catalog/table-descriptor.ts';
import type { ForeignKey } from './foreign-keys.ts';

/** The statement that PostgreSQL names as the context of what goes wrong while a foreign key changes a child. */
export function cascadeQuery(
  { child, childColumns }: ForeignKey,
  set: { readonly columns: readonly ColumnDescriptor[]; readonly value: 'key' | 'NULL' | 'DEFAULT' } | undefined,
): string {
  const table = `${quoted(child.schemaName)}.${quoted(child.name)}`;
  if (set === undefined) return `DELETE FROM ONLY ${table} WHERE ${conditions(childColumns, 1)}`;
  const assignments = set.columns.map(
    ({ name }, at) => `${quoted(name)} = ${set.value === 'key' ? `$${at + 1}` : set.value}`,
  );
  const firstParameter = set.value === 'key' ? set.columns.length + 1 : 1;
  return `UPDATE ONLY ${table} SET ${assignments.join(', ')} WHERE ${conditions(childColumns, firstParameter)}`;
}

function conditions(columns: readonly ColumnDescriptor[], firstParameter: number): string {
  return columns.map(({ name }, at) => `$${firstParameter + at} OPERATOR(pg_catalog.=) ${quoted(name)}`).join(' AND ');
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
