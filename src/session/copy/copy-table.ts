import { permissionDenied } from '../../catalog/access/access-control.ts';
import { tableTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { type ColumnChoice, type CopyFormat, isChosen } from '../../copy/copy-format.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { BindContext } from '../../sql/binder/bind-context.ts';
import { findTable, findView, nameAsWritten } from '../../sql/binder/find-table.ts';
import type { RelationName } from '../../sql/syntax/located.ts';
import type { StatementScope } from '../statement-scope.ts';

/** The table that COPY names. Throws 42P01, and 42809 for what has no rows of its own. */
export function copiedTable(context: BindContext, relation: RelationName, isFrom: boolean): TableDescriptor {
  const direction = isFrom ? 'to' : 'from';
  const view = findView(context, relation);
  if (view !== undefined) {
    throw new SqlError(SqlState.WrongObjectType, `cannot copy ${direction} view "${view.name}"`, {
      hint: isFrom
        ? 'To enable copying to a view, provide an INSTEAD OF INSERT trigger.'
        : 'Try the COPY (SELECT ...) TO variant.',
    });
  }
  const table = findTable(context, relation);
  if (table === undefined) throw missing(context, relation, direction);
  if (isFrom && table.kind === 'system-table') {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${table.name}" is a system catalog`);
  }
  return table;
}

function missing({ catalog, searchPath }: BindContext, relation: RelationName, direction: string): SqlError {
  const { schema, name } = relation;
  if (schema !== undefined && catalog.schema(schema) === undefined) {
    return new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`);
  }
  for (const place of schema === undefined ? searchPath : [schema]) {
    if (catalog.sequence(place, name) === undefined) continue;
    return new SqlError(SqlState.WrongObjectType, `cannot copy ${direction} sequence "${name}"`);
  }
  return new SqlError(SqlState.UndefinedTable, `relation "${nameAsWritten(relation)}" does not exist`);
}

/** Throws 42501 unless the role may insert into the columns, and read those that WHERE reads. */
export function requireInsert(
  { environment }: StatementScope,
  table: TableDescriptor,
  columns: readonly ColumnDescriptor[],
  readsColumns: boolean,
): void {
  const { identity, role } = environment;
  const target = tableTarget(table);
  const all = new Set(table.columns.filter(({ isHidden }) => isHidden !== true).map(({ number }) => number));
  const isAllowed = identity.access.mayUse(role.oid, target, {
    privileges: Privilege.Insert | (readsColumns ? Privilege.Select : 0),
    selected: readsColumns ? all : new Set(),
    inserted: new Set(columns.map(({ number }) => number)),
    updated: new Set(),
  });
  if (!isAllowed) throw permissionDenied(target);
}

/** Throws 42P10 when FORCE_… names a column that is not copied, 42703 when there is no such column. */
export function checkForcedColumns(
  { forceQuote, forceNotNull, forceNull }: CopyFormat,
  names: readonly string[],
  table: TableDescriptor | undefined,
): void {
  checkForced('FORCE_QUOTE', forceQuote, names, table);
  checkForced('FORCE_NOT_NULL', forceNotNull, names, table);
  checkForced('FORCE_NULL', forceNull, names, table);
}

function checkForced(
  option: string,
  choice: ColumnChoice,
  names: readonly string[],
  table: TableDescriptor | undefined,
): void {
  if (choice === 'all') return;
  const seen = new Set<string>();
  for (const name of choice) {
    const isColumn =
      table === undefined
        ? names.includes(name)
        : table.columns.some((column) => column.isHidden !== true && column.name === name);
    if (!isColumn) {
      const place = table === undefined ? `column "${name}"` : `column "${name}" of relation "${table.name}"`;
      throw new SqlError(SqlState.UndefinedColumn, `${place} does not exist`);
    }
    if (seen.has(name)) throw new SqlError(SqlState.DuplicateColumn, `column "${name}" specified more than once`);
    seen.add(name);
    if (names.some((known) => isChosen([known], name))) continue;
    throw new SqlError(SqlState.InvalidColumnReference, `${option} column "${name}" not referenced by COPY`);
  }
}
