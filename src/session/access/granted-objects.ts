import { type AccessTarget, systemTarget } from '../../catalog/access/access-target.ts';
import { ObjectClass } from '../../catalog/catalog-object.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { catalogFunctionsNamed } from '../../pg-catalog/function-names.ts';
import { nameAsWritten } from '../../sql/binder/find-table.ts';
import { resolveType } from '../../sql/binder/resolve-type.ts';
import type { GrantedName, GrantKind } from '../../sql/syntax/role-ast.ts';
import type { DefinitionRun } from '../definitions/definition-run.ts';

const LANGUAGES: Readonly<Record<string, { readonly oid: number; readonly isTrusted: boolean }>> = {
  internal: { oid: 12, isTrusted: false },
  c: { oid: 13, isTrusted: false },
  sql: { oid: 14, isTrusted: true },
};

/** The function that GRANT names; all there are are the system's own. Throws 42883, 42725, 42809. */
export function functionGranted(run: DefinitionRun, object: GrantKind, name: GrantedName): AccessTarget {
  const isReachable = name.schema === undefined || name.schema === 'pg_catalog';
  const namesakes = isReachable ? catalogFunctionsNamed(name.name) : [];
  const binding = run.binding();
  const types = name.argumentTypes?.map((type) => resolveType(binding, type).definition);
  const written = nameAsWritten(name);
  const signature = types === undefined ? `"${written}"` : `${written}(${types.map((t) => t.sqlName).join(', ')})`;
  const word = object === 'procedure' ? 'procedure' : 'function';
  const found = namesakes.filter(
    ({ argumentTypeOids }) =>
      types === undefined ||
      (argumentTypeOids.length === types.length && types.every(({ oid }, at) => argumentTypeOids[at] === oid)),
  );
  if (found.length > 1) {
    throw new SqlError(SqlState.AmbiguousFunction, `${word} name ${signature} is not unique`, {
      hint: `Specify the argument list to select the ${word} unambiguously.`,
    });
  }
  const [only] = found;
  if (only === undefined) {
    const message =
      types === undefined ? `could not find a ${word} named ${signature}` : `${word} ${signature} does not exist`;
    throw new SqlError(SqlState.UndefinedFunction, message);
  }
  if (object === 'procedure') {
    throw new SqlError(SqlState.WrongObjectType, `${signature} is not a procedure`);
  }
  return systemTarget('function', ObjectClass.Function, only.oid, only.name);
}

/** Throws 42704, 42809 for one that only superusers use. */
export function languageGranted(name: string): AccessTarget {
  const language = Object.hasOwn(LANGUAGES, name) ? LANGUAGES[name] : undefined;
  if (language === undefined) throw new SqlError(SqlState.UndefinedObject, `language "${name}" does not exist`);
  if (!language.isTrusted) {
    throw new SqlError(SqlState.WrongObjectType, `language "${name}" is not trusted`, {
      detail:
        'GRANT and REVOKE are not allowed on untrusted languages, because only superusers can use untrusted languages.',
    });
  }
  return systemTarget('language', ObjectClass.Language, language.oid, name);
}
