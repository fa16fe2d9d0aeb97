import { databaseTarget } from '../../catalog/access/access-target.ts';
import { isReservedRoleName } from '../../catalog/access/role.ts';
import { ObjectClass, type StoredRoleSettings } from '../../catalog/catalog-object.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { AlterSettingsStatement } from '../../sql/syntax/role-ast.ts';
import type { DefinitionRun } from '../definitions/definition-run.ts';
import { notice } from '../notice.ts';

type Values = StoredRoleSettings['values'];

/** ALTER ROLE … SET, ALTER DATABASE … SET: what sessions begin with from now on. Throws as SET does, and 42501. */
export function alterSettings(run: DefinitionRun, statement: AlterSettingsStatement): string {
  const place = placeOf(run, statement);
  const { access } = run.transaction;
  const before = run.identity.shared.settings(place.databaseOid, place.roleOid)?.values ?? [];
  const values = changed(run, statement, before);
  if (values.length === 0) access.drop({ kind: 'role-settings', ...place, values });
  else access.put({ kind: 'role-settings', ...place, values });
  return statement.of === 'role' ? 'ALTER ROLE' : 'ALTER DATABASE';
}

/** What was said of a role, or a database, goes with it: settings and the comment. */
export function dropSharedParts(
  run: DefinitionRun,
  gone: { readonly roleOid: number } | { readonly databaseOid: number },
): void {
  const { access } = run.transaction;
  const isGone = (settings: StoredRoleSettings): boolean =>
    'roleOid' in gone ? settings.roleOid === gone.roleOid : settings.databaseOid === gone.databaseOid;
  for (const settings of [...run.identity.shared.allSettings()]) if (isGone(settings)) access.drop(settings);
  const comment =
    'roleOid' in gone
      ? run.identity.shared.comment(ObjectClass.Role, gone.roleOid)
      : run.identity.shared.comment(ObjectClass.Database, gone.databaseOid);
  if (comment !== undefined) access.drop(comment);
}

/** Whose settings they are, and who may change those. */
function placeOf(
  run: DefinitionRun,
  { role: written, database: databaseName }: AlterSettingsStatement,
): { readonly databaseOid: number; readonly roleOid: number } {
  const { identity } = run;
  if (written?.name !== undefined && isReservedRoleName(written.name)) {
    throw new SqlError(SqlState.ReservedName, `role name "${written.name}" is reserved`, {
      detail: 'Cannot alter reserved roles.',
    });
  }
  const roleOid = written === undefined ? 0 : run.role(written);
  if (written !== undefined) {
    const role = identity.shared.role(roleOid);
    if (role?.isSuperuser === true) {
      if (!identity.isSuperuser) throw denied('must be superuser to alter superusers');
    } else if (!identity.isSuperuser && !identity.current.canCreateRole && roleOid !== run.roleOid) {
      throw denied('permission denied');
    }
  }
  if (databaseName === undefined) {
    if (written === undefined && !identity.isSuperuser) throw denied('must be superuser to alter settings globally');
    return { databaseOid: 0, roleOid };
  }
  const database = identity.shared.database(databaseName);
  if (database === undefined) {
    throw new SqlError(SqlState.InvalidCatalogName, `database "${databaseName}" does not exist`);
  }
  if (written === undefined) run.access.requireOwner(run.roleOid, databaseTarget(database));
  return { databaseOid: database.oid, roleOid };
}

function changed(run: DefinitionRun, { name, value, isCurrent }: AlterSettingsStatement, before: Values): Values {
  const { settings } = run.scope;
  if (name === 'all' && value === undefined) return before.filter(([known]) => !settings.maySetDefault(known));
  const given = isCurrent ? settings.show(name).value : value;
  invariant(typeof given !== 'object', 'an interval has become text when the statement was bound');
  const canonicalName = settings.readDefault(name, given, (message) =>
    run.scope.notice(notice(SqlState.UndefinedObject, message)),
  );
  const key = canonicalName.toLowerCase();
  const at = before.findIndex(([known]) => known.toLowerCase() === key);
  if (given === undefined) return before.filter((_, index) => index !== at);
  return at < 0 ? [...before, [canonicalName, given]] : before.with(at, [canonicalName, given]);
}

function denied(message: string): SqlError {
  return new SqlError(SqlState.InsufficientPrivilege, message);
}
