import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { BoundCreateTable } from '../../sql/binder/bound-statement.ts';
import { notice } from '../notice.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

const SYSTEM_SCHEMAS = ['pg_catalog', 'information_schema'];

export function createTable(statement: BoundCreateTable, scope: StatementScope): CommandResult {
  const { schemaName, tableName } = statement;
  const transaction = scope.block.current();
  scope.block.noteQuery();
  scope.block.requireWritable('CREATE TABLE');
  const catalog = scope.environment.catalog;
  if (catalog.schema(schemaName) === undefined) {
    throw new SqlError(SqlState.InvalidSchemaName, `schema "${schemaName}" does not exist`);
  }
  if (SYSTEM_SCHEMAS.includes(schemaName)) {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied to create "${schemaName}.${tableName}"`, {
      detail: 'System catalog modifications are currently disallowed.',
    });
  }
  if (catalog.table(schemaName, tableName) !== undefined) {
    const message = `relation "${tableName}" already exists`;
    if (!statement.ifNotExists) throw new SqlError(SqlState.DuplicateTable, message);
    scope.notice(notice(SqlState.DuplicateTable, `${message}, skipping`));
    return { tag: 'CREATE TABLE' };
  }
  transaction.createTable({
    schemaName,
    name: tableName,
    columns: statement.columns,
    timeSeries: statement.timeSeries,
    primaryKey: statement.primaryKey,
    ownerOid: scope.environment.role.oid,
  });
  return { tag: 'CREATE TABLE' };
}
