import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { RelationName } from '../syntax/located.ts';
import type { AnalyzedRelation, AnalyzeStatement } from '../syntax/maintenance-ast.ts';
import type { AnalyzedTable, BoundAnalyze } from './bound-statement.ts';

/** ANALYZE. `find` gives the table of a name, or throws 42P01. Throws 42703 and 42701 for its columns. */
export function bindAnalyze(
  { isVerbose, relations }: AnalyzeStatement,
  find: (relation: RelationName) => TableDescriptor,
): BoundAnalyze {
  const tables = relations.map((relation) => bindRelation(relation, find(relation.relation)));
  return { kind: 'analyze', isVerbose, tables: tables.length === 0 ? undefined : tables };
}

/** A table with all its columns. */
export function wholeTable(table: TableDescriptor): AnalyzedTable {
  return { table, columns: [...table.columns.keys()].filter((at) => table.columns[at].isHidden !== true) };
}

function bindRelation({ columns }: AnalyzedRelation, table: TableDescriptor): AnalyzedTable {
  if (columns.length === 0) return wholeTable(table);
  const positions: number[] = [];
  for (const name of columns) {
    const at = table.columns.findIndex((column) => column.isHidden !== true && column.name === name);
    if (at < 0) {
      throw new SqlError(SqlState.UndefinedColumn, `column "${name}" of relation "${table.name}" does not exist`);
    }
    if (positions.includes(at)) {
      const message = `column "${name}" of relation "${table.name}" appears more than once`;
      throw new SqlError(SqlState.DuplicateColumn, message);
    }
    positions.push(at);
  }
  return { table, columns: positions };
}
