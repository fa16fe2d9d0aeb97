import { permissionDenied } from '../../catalog/access/access-control.ts';
import type { PlannedStatement } from '../plan-statement.ts';
import type { StatementScope } from '../statement-scope.ts';

/**
 * Whether a statement may be run: asked each time, since roles and rights may have changed after it was planned. What a view
 * reads takes its owner's rights. Throws 42501.
 */
export function requireRights({ uses }: PlannedStatement, { environment }: Pick<StatementScope, 'environment'>): void {
  if (uses.length === 0) return;
  const { identity } = environment;
  const { shared } = identity;
  const current = identity.current;
  let access: (typeof identity)['access'] | undefined;
  for (const use of uses) {
    const roleOid = use.checkedAs ?? current.oid;
    if (use.checkedAs === undefined ? current.isSuperuser : shared.isSuperuser(roleOid)) continue;
    access ??= identity.access;
    if (!access.mayUse(roleOid, use.target, use)) throw permissionDenied(use.target);
  }
}
