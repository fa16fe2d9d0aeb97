import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { CreateTableAsStatement } from '../syntax/table-definition-ast.ts';
import { checkColumnName, type DefinedColumn } from './bind-column-definitions.ts';
import { type BoundTimeSeries, bindTimeSeries } from './bind-time-series.ts';
import { checkNamesDiffer } from './column-names.ts';
import { readTableOptions } from './table-options.ts';

export interface BoundTableAs {
  readonly columns: readonly DefinedColumn[];
  readonly timeSeries: BoundTimeSeries | undefined;
  readonly fieldConflict: 'strict' | 'widen' | undefined;
}

/** The table that holds a query's result. Throws 42601, 42701, 42P16 and what CREATE TABLE's options throw. */
export function bindCreateTableAs(statement: CreateTableAsStatement, output: readonly OutputColumn[]): BoundTableAs {
  const { columns: names, position } = statement;
  if (names.length > output.length) {
    throw new SqlError(SqlState.SyntaxError, 'too many column names were specified');
  }
  if (output.length === 0) throw notSupported('a table without columns', position);
  const options = readTableOptions(statement.options);
  const columns = output.map(({ name, type }, at): DefinedColumn => {
    const columnName = names[at] ?? name;
    checkColumnName(columnName);
    return {
      name: columnName,
      type,
      isNotNull: false,
      default: undefined,
      isSerial: false,
      identity: undefined,
      position,
    };
  });
  checkColumns(columns);
  const timeSeries = bindTimeSeries(options, columns);
  return {
    columns: columns.map((column, at) => (at === timeSeries?.timeColumn ? { ...column, isNotNull: true } : column)),
    timeSeries,
    fieldConflict: options.fieldConflict,
  };
}

function checkColumns(columns: readonly DefinedColumn[]): void {
  checkNamesDiffer(columns.map(({ name }) => name));
  for (const { name, type } of columns) {
    if (type.definition.category !== 'P') continue;
    throw new SqlError(SqlState.InvalidTableDefinition, `column "${name}" has pseudo-type ${type.definition.sqlName}`);
  }
}
