import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import { mapExpression } from '../expression/walk-expression.ts';
import type { ColumnSyntax } from '../syntax/ast.ts';
import { columnHint } from './column-hint.ts';
import type { Relation, Scope, ScopeColumn } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';

/** The value of a column reference. Throws 42703, 42702, 42P01 or 0A000 as PostgreSQL words them. */
export function resolveColumn(binding: StatementBinding, scope: Scope, syntax: ColumnSyntax): Expression {
  const column = findColumn(binding, scope, syntax);
  if (column !== undefined) return columnReference(binding, column, syntax.position);
  const { name, qualifier, position } = syntax;
  const relationName = qualifier.at(-1);
  if (relationName === undefined && findByName(scope.relations, name).length > 0) {
    throw notSupported('whole-row reference', position, 'List the columns, or use "*".');
  }
  throw new SqlError(
    SqlState.UndefinedColumn,
    relationName === undefined ? `column "${name}" does not exist` : `column ${relationName}.${name} does not exist`,
    { position, hint: columnHint(scope, name, relationName) },
  );
}

/** The column meant, or undefined when no visible relation has one of that name. Ambiguity is an error (42702). */
export function findColumn(binding: StatementBinding, scope: Scope, syntax: ColumnSyntax): ScopeColumn | undefined {
  const { name, qualifier, position } = syntax;
  const candidates =
    qualifier.length === 0 ? scope.columns : resolveRelation(binding, scope, qualifier, position).columns;
  const matches = findByName(candidates, name);
  if (matches.length > 1) {
    throw new SqlError(SqlState.AmbiguousColumn, `column reference "${name}" is ambiguous`, { position });
  }
  return matches[0];
}

/** A fresh reference whose origin is known to the binding. */
export function columnReference(binding: StatementBinding, column: ScopeColumn, position: number): Expression {
  return mapExpression(column.expression, (part) => {
    if (part.kind !== 'column') return part;
    const reference = { ...part };
    binding.rememberOrigin(reference, {
      relationName: column.relationName,
      columnName: column.name,
      tableOid: column.tableOid,
      columnNumber: column.columnNumber,
      position,
    });
    return reference;
  });
}

/** The relation that `qualifier` (`t`, `schema.t`, `database.schema.t`) names. Throws 42P01, or 42P09 when two do. */
export function resolveRelation(
  binding: StatementBinding,
  scope: Scope,
  qualifier: readonly string[],
  position: number,
): Relation {
  const name = qualifier.at(-1) as string;
  const schema = qualifier.at(-2);
  const database = qualifier.at(-3);
  if (qualifier.length > 3) {
    throw new SqlError(
      SqlState.SyntaxError,
      `improper qualified name (too many dotted names): ${qualifier.join('.')}`,
      {
        position,
      },
    );
  }
  if (database !== undefined && database !== binding.context.databaseName) {
    throw new SqlError(
      SqlState.FeatureNotSupported,
      `cross-database references are not implemented: ${qualifier.join('.')}`,
      { position },
    );
  }
  const named = (relations: readonly Relation[]): readonly Relation[] =>
    findByName(
      schema === undefined
        ? relations
        : relations.filter((relation) => !relation.isAliased && relation.table?.schemaName === schema),
      name,
    );
  const matches = named(scope.relations);
  if (matches.length > 1) {
    throw new SqlError(SqlState.AmbiguousAlias, `table reference "${name}" is ambiguous`, { position });
  }
  if (matches.length === 1) return matches[0];
  throw missingRelation(scope, name, named(scope.outside).length > 0, position);
}

function missingRelation(scope: Scope, name: string, isOutside: boolean, position: number): SqlError {
  if (isOutside) {
    return new SqlError(SqlState.UndefinedTable, `invalid reference to FROM-clause entry for table "${name}"`, {
      position,
      hint: `There is an entry for table "${name}", but it cannot be referenced from this part of the query.`,
    });
  }
  const hidden = scope.relations.find((relation) => relation.isAliased && relation.table?.name === name);
  if (hidden !== undefined) {
    return new SqlError(SqlState.UndefinedTable, `invalid reference to FROM-clause entry for table "${name}"`, {
      position,
      hint: `Perhaps you meant to reference the table alias "${hidden.name}".`,
    });
  }
  return new SqlError(SqlState.UndefinedTable, `missing FROM-clause entry for table "${name}"`, { position });
}

/** Those of exactly this name; when there is none, the one that differs in case only. */
export function findByName<T extends { readonly name: string }>(candidates: readonly T[], name: string): readonly T[] {
  const exact = candidates.filter((candidate) => candidate.name === name);
  if (exact.length > 0) return exact;
  const folded = name.toLowerCase();
  const similar = candidates.filter((candidate) => candidate.name.toLowerCase() === folded);
  return similar.length === 1 ? similar : [];
}
