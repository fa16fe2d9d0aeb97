import { type AccessTarget, tableTarget, viewTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import type { StoredView } from '../../catalog/catalog-object.ts';
import type { TableLockMode } from '../../catalog/table-locking.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { BoundLock } from '../../sql/binder/bound-statement.ts';
import { type FoundRelation, findRelation, lockOidOf, undefinedRelation } from '../../sql/binder/find-relation.ts';
import { nameAsWritten } from '../../sql/binder/find-table.ts';
import type { RelationName } from '../../sql/syntax/located.ts';
import type { LockMode } from '../../sql/syntax/transaction-ast.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/**
 * PostgreSQL's modes as our four. Each keeps out at least what it keeps out there, but that readers go on: they have their
 * snapshots. ACCESS SHARE also keeps CREATE INDEX waiting, and SHARE ROW EXCLUSIVE those with a weaker lock by this command.
 */
const TABLE_MODES: Readonly<Record<LockMode, TableLockMode>> = {
  'ACCESS SHARE': 'append',
  'ROW SHARE': 'append',
  'ROW EXCLUSIVE': 'append',
  'SHARE UPDATE EXCLUSIVE': 'write',
  SHARE: 'share',
  'SHARE ROW EXCLUSIVE': 'exclusive',
  EXCLUSIVE: 'exclusive',
  'ACCESS EXCLUSIVE': 'exclusive',
};

const CHANGING = Privilege.Update | Privilege.Delete | Privilege.Truncate;

/** LOCK TABLE: the tables stay as they are until the transaction ends. */
export async function lockTables(bound: BoundLock, scope: StatementScope): Promise<CommandResult> {
  if (!scope.block.isInBlock) {
    throw new SqlError(SqlState.NoActiveSqlTransaction, 'LOCK TABLE can only be used in transaction blocks');
  }
  for (const relation of bound.relations) await lockRelation(relation, bound, scope);
  return { tag: 'LOCK TABLE' };
}

/** What the name meant before the lock was there may be something else by then. */
async function lockRelation(relation: RelationName, bound: BoundLock, scope: StatementScope): Promise<void> {
  const { environment } = scope;
  for (let lockedOid: number | undefined; ; ) {
    const context = environment.bindContext(undefined);
    if (relation.schema !== undefined) context.requireUsage?.(relation.schema, 0);
    const found = findRelation(context, relation);
    if (found === undefined) throw undefinedRelation(context, relation);
    const target = targetOf(found, relation);
    environment.identity.access.require(environment.role.oid, target, privilegesFor(bound.mode), 'any');
    const oid = lockOidOf(found);
    if (oid === lockedOid) return found.kind === 'view' ? lockUnder(found.view, bound, scope) : undefined;
    await lock(oid, nameAsWritten(relation), bound, scope);
    lockedOid = oid;
  }
}

/** A view is locked together with all that it reads. */
async function lockUnder(view: StoredView, bound: BoundLock, scope: StatementScope): Promise<void> {
  const { catalog } = scope.environment.bindContext(undefined);
  for (const { oid } of view.uses) {
    const table = catalog.tableByOid(oid);
    if (table?.kind === 'system-table') continue;
    const inner = catalog.viewByOid(oid);
    await lock(oid, table?.name ?? inner?.name ?? view.name, bound, scope);
    if (inner !== undefined) await lockUnder(inner, bound, scope);
  }
}

async function lock(oid: number, name: string, bound: BoundLock, scope: StatementScope): Promise<void> {
  const { block, control, settings } = scope;
  const refusal = bound.isNoWait
    ? () => new SqlError(SqlState.LockNotAvailable, `could not obtain lock on relation "${name}"`)
    : undefined;
  const wait = { control, lockTimeoutMs: settings.lockTimeoutMs, refusal };
  await block.current().lockTable(oid, TABLE_MODES[bound.mode], wait);
}

/** Any of these is enough. */
function privilegesFor(mode: LockMode): number {
  if (mode === 'ACCESS SHARE') return Privilege.Select | CHANGING;
  return mode === 'ROW EXCLUSIVE' ? Privilege.Insert | CHANGING : CHANGING;
}

/** Throws 42809 for what is neither a table nor a view. */
function targetOf(found: FoundRelation, { name }: RelationName): AccessTarget {
  if (found.kind === 'table') return tableTarget(found.table);
  if (found.kind === 'view') return viewTarget(found.view);
  throw new SqlError(SqlState.WrongObjectType, `cannot lock relation "${name}"`, {
    detail: `This operation is not supported for ${found.kind === 'index' ? 'indexes' : 'sequences'}.`,
  });
}
