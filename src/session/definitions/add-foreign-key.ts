import { permissionDenied } from '../../catalog/access/access-control.ts';
import { tableTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import type { ForeignKeyConstraint } from '../../catalog/constraint-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { addConstraint } from '../../database/schema-change/constraints.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bindForeignKey, bindReferencedTable } from '../../sql/binder/bind-foreign-key.ts';
import type { NameChooser } from '../../sql/binder/choose-name.ts';
import type { ForeignKeySyntax } from '../../sql/syntax/table-definition-ast.ts';
import type { DefinitionRun } from './definition-run.ts';

/**
 * The table with a foreign key, and the key itself, which holds for the rows that are there only if `isValid` or once they
 * have been looked at. Keeps writers out of the table that it refers to.
 */
export async function addForeignKey(
  run: DefinitionRun,
  table: TableDescriptor,
  syntax: ForeignKeySyntax,
  { names, isValid }: { readonly names: NameChooser; readonly isValid: boolean },
): Promise<{ readonly table: TableDescriptor; readonly constraint: ForeignKeyConstraint }> {
  const found = bindReferencedTable(run.bindContext(), syntax);
  const isSelf = found.oid === table.oid;
  if (!isSelf) await run.lock(found.oid, 'share');
  // It may have changed while the lock was waited for.
  const referenced = isSelf ? table : run.table(found.oid);
  const { References } = Privilege;
  const target = tableTarget(referenced);
  if (!run.access.has(run.roleOid, target, References)) {
    const numbers = referenced.columns.filter(({ name }) => syntax.referencedColumns.includes(name));
    const isAllowed =
      numbers.length > 0 &&
      numbers.every(({ number }) => (run.access.columnPrivileges(run.roleOid, target, number) & References) !== 0);
    if (!isAllowed) throw permissionDenied(target);
  }
  checkPersistence(table, referenced);
  const name = syntax.name ?? names.constraintName(table.name, syntax.columns, 'fkey');
  const bound = bindForeignKey(table, referenced, name, syntax);
  const next = addConstraint(
    table,
    { ...bound, name, referencedTableOid: isSelf ? 'self' : referenced.oid, isValidated: isValid },
    { catalog: run.catalog, takeOid: () => run.transaction.takeOid() },
  );
  names.takeConstraint(name);
  const constraint = next.constraints.at(-1) as ForeignKeyConstraint;
  return { table: next, constraint };
}

/** Rows that are gone after a crash, or with their session, are referred to by such alone. Throws 42P16. */
function checkPersistence(table: TableDescriptor, referenced: TableDescriptor): void {
  const own = LIFETIMES[table.persistence];
  const others = LIFETIMES[referenced.persistence];
  if (own === others || (own === LIFETIMES.unlogged && others > own)) return;
  const what = table.persistence === 'unlogged' ? 'permanent or unlogged' : table.persistence;
  throw new SqlError(
    SqlState.InvalidTableDefinition,
    `constraints on ${table.persistence} tables may reference only ${what} tables`,
  );
}

const LIFETIMES = { temporary: 0, unlogged: 1, permanent: 2 } as const;
