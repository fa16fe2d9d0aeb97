import { permissionDenied } from '../../catalog/access/access-control.ts';
import type { AccessTarget } from '../../catalog/access/access-target.ts';
import { type AclItem, ALL_PRIVILEGES, grantTo, privilegeWords, revokeFrom } from '../../catalog/access/acl.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { DefinitionRun } from '../definitions/definition-run.ts';
import { warning } from '../notice.ts';
import type { GrantColumn, GrantTarget } from './grant-target.ts';

/** What a statement gives or takes, whatever it is on. */
export interface GrantChange {
  readonly isGrant: boolean;
  readonly grantees: readonly number[];
  readonly grantOption: boolean;
  readonly isCascade: boolean;
  /** ALL was said: nobody minds what an object does not have. */
  readonly isAll: boolean;
}

/** Gives or takes the bits of `wanted` on the whole of an object, with the notices and errors of PostgreSQL. */
export function changeAcl(run: DefinitionRun, { target }: GrantTarget, wanted: number, change: GrantChange): void {
  let asked = wanted & ALL_PRIVILEGES[target.kind];
  if (asked !== wanted) {
    if (target.kind === 'sequence') {
      const message = `sequence "${target.name}" only supports USAGE, SELECT, and UPDATE privileges`;
      run.scope.notice(warning(SqlState.InvalidGrantOperation, message));
    } else {
      const [word] = privilegeWords(wanted & ~asked);
      throw new SqlError(SqlState.InvalidGrantOperation, `invalid privilege type ${word} for table`);
    }
  }
  const { grantor, options } = bestGrantor(run, target, 0, asked);
  asked = restrict(run, target, asked, options, change);
  const items = changed(run.access.aclOf(target), { asked, grantor, ownerOid: target.ownerOid }, change);
  run.transaction.access.setAcl({ classOid: target.classOid, objectOid: target.objectOid, subId: 0 }, items);
}

/** Likewise on one column. */
export function changeColumn(
  run: DefinitionRun,
  target: AccessTarget,
  { number: subId, name }: GrantColumn,
  wanted: number,
  change: GrantChange,
): void {
  const { grantor, options } = bestGrantor(run, target, subId, wanted);
  const asked = restrict(run, target, wanted, options, { ...change, columnName: name });
  const before = run.access.storedAcl(target, subId) ?? [];
  if (before.length === 0 && !change.isGrant) return;
  const items = changed(before, { asked, grantor, ownerOid: target.ownerOid }, change);
  const place = { classOid: target.classOid, objectOid: target.objectOid, subId };
  run.transaction.access.setAcl(place, items.length === 0 ? undefined : items);
}

/** In whose name rights are given: the owner's, or that of the role among one's own that may give most. */
function bestGrantor(
  run: DefinitionRun,
  target: AccessTarget,
  subId: number,
  wanted: number,
): { readonly grantor: number; readonly options: number } {
  const { access, roleOid } = run;
  if (access.isOwner(roleOid, target)) {
    return { grantor: target.ownerOid, options: ALL_PRIVILEGES[subId === 0 ? target.kind : 'column'] };
  }
  const items = [...access.aclOf(target), ...(subId === 0 ? [] : (access.storedAcl(target, subId) ?? []))];
  let best = { grantor: roleOid, options: 0 };
  for (const oid of access.shared.rolesOf(roleOid, 'inherited', undefined)) {
    let options = 0;
    for (const item of items) if (item.grantee === oid) options |= item.grantOptions;
    options &= wanted;
    if (countBits(options) > countBits(best.options)) best = { grantor: oid, options };
  }
  return best;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** What of it may be given: with a word about the rest. Throws 42501 for who has nothing to do with the object. */
function restrict(
  run: DefinitionRun,
  target: AccessTarget,
  asked: number,
  options: number,
  { isGrant, isAll, columnName }: GrantChange & { readonly columnName?: string },
): number {
  const given = asked & options;
  if (options === 0 && run.access.privileges(run.roleOid, target) === 0) throw permissionDenied(target);
  if (given !== asked) {
    const verb = isGrant ? 'were granted' : 'could be revoked';
    const code = isGrant ? SqlState.PrivilegeNotGranted : SqlState.PrivilegeNotRevoked;
    const amount = given === 0 ? 'no privileges' : 'not all privileges';
    const what = columnName === undefined ? `"${target.name}"` : `column "${columnName}" of relation "${target.name}"`;
    if (given === 0 || !isAll) run.scope.notice(warning(code, `${amount} ${verb} for ${what}`));
  }
  return given;
}

function changed(
  before: readonly AclItem[],
  { asked, grantor, ownerOid }: { readonly asked: number; readonly grantor: number; readonly ownerOid: number },
  change: GrantChange,
): readonly AclItem[] {
  let items = before;
  for (const grantee of change.grantees) {
    const item = { grantee, grantor, privileges: asked, grantOptions: change.grantOption ? asked : 0 };
    if (change.isGrant) {
      if (change.grantOption) requireNoCircle(items, item, ownerOid);
      items = grantTo(items, item);
      continue;
    }
    items = revoked(items, item, change.grantOption);
    items = withoutDependents(items, ownerOid, change.isCascade);
  }
  return items;
}

/** REVOKE, or REVOKE GRANT OPTION FOR. */
export function revoked(items: readonly AclItem[], item: AclItem, optionsOnly: boolean): readonly AclItem[] {
  return revokeFrom(items, optionsOnly ? { ...item, privileges: 0 } : item);
}

/** Throws 0LP01 where a grantor would owe his right to whom he gives it. */
function requireNoCircle(items: readonly AclItem[], { grantee, grantor }: AclItem, ownerOid: number): void {
  if (grantor === ownerOid) return;
  const givers = new Set([grantor]);
  for (const giver of givers) {
    for (const item of items) if (item.grantee === giver && item.grantOptions !== 0) givers.add(item.grantor);
  }
  givers.delete(ownerOid);
  if (!givers.has(grantee)) return;
  throw new SqlError(SqlState.InvalidGrantOperation, 'grant options cannot be granted back to your own grantor');
}

/** What was given by who may not give it any more goes too. Throws 2BP01 unless CASCADE was said. */
function withoutDependents(items: readonly AclItem[], ownerOid: number, isCascade: boolean): readonly AclItem[] {
  for (let left = items; ; ) {
    const mayGive = (oid: number): number => {
      if (oid === ownerOid) return -1;
      let options = 0;
      for (const item of left) if (item.grantee === oid) options |= item.grantOptions;
      return options;
    };
    const orphan = left.find((item) => (item.privileges & ~mayGive(item.grantor)) !== 0);
    if (orphan === undefined) return left;
    if (!isCascade) {
      throw new SqlError(SqlState.DependentObjectsStillExist, 'dependent privileges exist', {
        hint: 'Use CASCADE to revoke them too.',
      });
    }
    const lost = orphan.privileges & ~mayGive(orphan.grantor);
    left = revokeFrom(left, { ...orphan, privileges: lost, grantOptions: lost });
  }
}
