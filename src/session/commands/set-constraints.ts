import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import type { ConstraintDescriptor } from '../../catalog/constraint-descriptor.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { BoundSetConstraints } from '../../sql/binder/bound-statement.ts';
import type { RelationName } from '../../sql/syntax/located.ts';
import { constraintScope } from '../constraints/statement-constraint-scope.ts';
import { warning } from '../notice.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** SET CONSTRAINTS: IMMEDIATE checks what was put off, and is not taken where that fails. */
export async function setConstraints(
  { names, isDeferred }: BoundSetConstraints,
  scope: StatementScope,
): Promise<CommandResult> {
  const { block, environment } = scope;
  const transaction = block.current();
  if (!block.isInBlock) {
    const message = 'SET CONSTRAINTS can only be used in transaction blocks';
    scope.notice(warning(SqlState.NoActiveSqlTransaction, message));
  }
  const { catalog, searchPath } = environment.bindContext(undefined);
  const found = names?.flatMap((name) => constraintsNamed(catalog, searchPath, name, isDeferred));
  const before = block.constraints.save();
  if (found === undefined) block.constraints.setAll(isDeferred);
  else
    block.constraints.set(
      found.map(({ oid }) => oid),
      isDeferred,
    );
  const indexOids = found?.flatMap((constraint) => (constraint.kind === 'key' ? [constraint.indexOid] : []));
  if (indexOids === undefined || indexOids.length > 0) transaction.deferKeys(indexOids, isDeferred);
  if (isDeferred) return { tag: 'SET CONSTRAINTS' };
  try {
    const runScope = constraintScope(scope, environment.newMemoryAccount());
    await transaction.checkKeys(runScope.wait);
    await block.constraints.check(runScope, { isEnd: false });
  } catch (error) {
    block.constraints.restore(before);
    throw error;
  }
  return { tag: 'SET CONSTRAINTS' };
}

/**
 * All of that name in the first schema that has any: names of constraints are unique within a table only. Throws 42704,
 * and 42809 for one that cannot be put off.
 */
function constraintsNamed(
  catalog: CatalogReader,
  searchPath: readonly string[],
  { database, schema, name }: RelationName,
  isDeferred: boolean,
): readonly ConstraintDescriptor[] {
  if (database !== undefined) throw notSupported(`a constraint of another database (${database})`);
  if (schema !== undefined && catalog.schema(schema) === undefined) {
    throw new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`);
  }
  for (const candidate of schema === undefined ? searchPath : [schema]) {
    const found = [...catalog.tables()]
      .filter((table) => table.schemaName === candidate)
      .flatMap((table) => table.constraints.filter((constraint) => constraint.name === name));
    if (found.length === 0) continue;
    const deferrable = found.filter((constraint) => constraint.kind !== 'check' && constraint.isDeferrable);
    if (isDeferred && deferrable.length < found.length) {
      throw new SqlError(SqlState.WrongObjectType, `constraint "${name}" is not deferrable`);
    }
    return deferrable;
  }
  throw new SqlError(SqlState.UndefinedObject, `constraint "${name}" does not exist`);
}
