import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { findCommonTable } from './common-table.ts';
import { findTable, findView } from './find-table.ts';
import type { Relation } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';

interface Qualifier {
  readonly name: string;
  readonly schema: string | undefined;
  readonly position: number;
}

/**
 * The error for a qualifier that names nothing which can be referred to here: 42P01, with a hint where the statement has
 * such a relation under another name or elsewhere. `isVisible`: whether its alias names it where the qualifier stands.
 */
export function missingRelation(
  binding: StatementBinding,
  { name, schema, position }: Qualifier,
  isVisible: (relation: Relation) => boolean,
): SqlError {
  const meant = relationMeant(binding, { name, schema, position });
  if (meant === undefined) {
    return new SqlError(SqlState.UndefinedTable, `missing FROM-clause entry for table "${name}"`, { position });
  }
  const isUnderAlias = meant.isAliased && meant.name !== name && isVisible(meant);
  return new SqlError(SqlState.UndefinedTable, `invalid reference to FROM-clause entry for table "${name}"`, {
    position,
    hint: isUnderAlias
      ? `Perhaps you meant to reference the table alias "${meant.name}".`
      : `There is an entry for table "${meant.name}", but it cannot be referenced from this part of the query.`,
  });
}

/** The first relation of that name, or of the table that the name means. */
function relationMeant(binding: StatementBinding, { name, schema, position }: Qualifier): Relation | undefined {
  const written = { database: undefined, schema, name, position };
  const isCommon = findCommonTable(binding, written) !== undefined;
  const oid = isCommon
    ? undefined
    : (findView(binding.context, written)?.oid ?? findTable(binding.context, written)?.oid);
  for (const relation of binding.rangeTable.all()) {
    if (relation.name === name) return relation;
    if (isCommon ? relation.commonTable === name : oid !== undefined && oidOf(relation) === oid) return relation;
  }
  return undefined;
}

function oidOf({ table, view }: Relation): number | undefined {
  return view?.oid ?? table?.oid;
}
