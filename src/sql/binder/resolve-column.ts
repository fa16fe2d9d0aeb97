import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import { mapExpression } from '../expression/walk-expression.ts';
import type { ColumnSyntax } from '../syntax/expression-ast.ts';
import { columnHint } from './column-hint.ts';
import { missingRelation } from './missing-relation.ts';
import type { OuterLevel } from './outer-level.ts';
import { type Relation, relationsAround, type Scope, type ScopeColumn } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';
import { wholeRow } from './whole-row.ts';

/** Names that differ in case only are tried when no level has the name itself. */
type Matching = 'exact' | 'folded';

/**
 * The value of a column reference: of the innermost query that has the name. Throws 42703, 42702, 42P01 or 0A000 as
 * PostgreSQL words them.
 */
export function resolveColumn(binding: StatementBinding, scope: Scope, syntax: ColumnSyntax): Expression {
  const { name, qualifier, position } = syntax;
  const relationName = qualifier.at(-1);
  if (relationName === undefined) {
    const found = bareColumn(binding, scope, syntax, 'exact') ?? bareColumn(binding, scope, syntax, 'folded');
    if (found !== undefined) return found;
    if (findByName(relationsAround(scope), name).length > 0) {
      return resolveWholeRow(binding, scope, { qualifier: [name], position });
    }
    for (const relation of scope.relations) refuseUntold(relation, syntax);
  } else {
    const { relation, levels } = resolveQualifier(binding, scope, qualifier, position);
    const column = single(findByName(relation.columns, name), name, position);
    if (column !== undefined) {
      const reference = columnReference(binding, column, position);
      return levels.reduceRight((value, level) => level.capture(value), reference);
    }
    refuseUntold(relation, syntax);
  }
  throw new SqlError(
    SqlState.UndefinedColumn,
    relationName === undefined ? `column "${name}" does not exist` : `column ${relationName}.${name} does not exist`,
    { position, hint: columnHint(binding, scope, name, relationName) },
  );
}

/** Throws 0A000 for what PostgreSQL tells of the versions of a row, where a row is the same one however often it is written. */
function refuseUntold({ table }: Relation, { name, position }: ColumnSyntax): void {
  if (table?.timeSeries === undefined || table.uniqueKey === undefined) return;
  if (name !== 'ctid' && name !== 'xmin') return;
  throw notSupported(`"${name}" of a time-series table with a key`, position, 'The columns of its key name a row.');
}

/** `t`, and `t.*` where one value is wanted. */
export function resolveWholeRow(
  binding: StatementBinding,
  scope: Scope,
  { qualifier, position }: { readonly qualifier: readonly string[]; readonly position: number },
): Expression {
  const { relation, levels } = resolveQualifier(binding, scope, qualifier, position);
  return levels.reduceRight((value, level) => level.capture(value), wholeRow(binding, relation, position));
}

/** The column meant within this query alone, or undefined when it has none of that name. Ambiguity is 42702. */
export function findColumn(binding: StatementBinding, scope: Scope, syntax: ColumnSyntax): ScopeColumn | undefined {
  const { name, qualifier, position } = syntax;
  if (qualifier.length === 0) return single(findByName(scope.columns, name), name, position);
  const { relation, levels } = resolveQualifier(binding, scope, qualifier, position);
  return levels.length > 0 ? undefined : single(findByName(relation.columns, name), name, position);
}

/** A bare name at this level or further out. */
function bareColumn(
  binding: StatementBinding,
  scope: Scope,
  syntax: ColumnSyntax,
  matching: Matching,
): Expression | undefined {
  const { name, position } = syntax;
  const column = single(matchesOf(scope.columns, name, matching), name, position);
  if (column !== undefined) return columnReference(binding, column, position);
  const { outer } = scope;
  if (outer === undefined) return undefined;
  if (outer.goesOnLeft) {
    // Both stand to the left in one FROM clause: neither hides the other.
    const both = lateralScopes(outer).flatMap((level) => matchesOf(level.columns, name, matching));
    single(both, name, position);
  }
  const value = bareColumn(binding, outer.scope, syntax, matching);
  if (value === undefined) return undefined;
  if (outer.isBarred && matchesOf(outer.scope.columns, name, matching).length > 0) {
    throw barred(relationOfColumn(outer.scope, name)?.name ?? name, outer, position);
  }
  return outer.capture(value);
}

function lateralScopes(outer: OuterLevel): readonly Scope[] {
  const scopes = [outer.scope];
  for (let level = outer; level.goesOnLeft && level.scope.outer !== undefined; ) {
    level = level.scope.outer;
    scopes.push(level.scope);
  }
  return scopes;
}

function relationOfColumn(scope: Scope, name: string): Relation | undefined {
  return scope.relations.find(({ columns }) => columns.some((column) => column.name === name));
}

/** What RIGHT and FULL JOIN forbid, since rows of the right side come without one of the left; and what UPDATE does. */
function barred(relationName: string, { isTarget }: OuterLevel, position: number): SqlError {
  return new SqlError(
    SqlState.InvalidColumnReference,
    `invalid reference to FROM-clause entry for table "${relationName}"`,
    isTarget
      ? {
          position,
          hint: `There is an entry for table "${relationName}", but it cannot be referenced from this part of the query.`,
        }
      : { position, detail: 'The combining JOIN type must be INNER or LEFT for a LATERAL reference.' },
  );
}

function single(matches: readonly ScopeColumn[], name: string, position: number): ScopeColumn | undefined {
  if (matches.length > 1) {
    throw new SqlError(SqlState.AmbiguousColumn, `column reference "${name}" is ambiguous`, { position });
  }
  return matches[0];
}

/** A fresh reference whose origin is known to the binding. */
export function columnReference(binding: StatementBinding, column: ScopeColumn, position: number): Expression {
  column.access?.noteRead(column.columnNumber);
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

/** A relation that a qualifier names, and the levels between it and the reference, the innermost first. */
interface FoundRelation {
  readonly relation: Relation;
  readonly levels: readonly OuterLevel[];
}

/** The relation that `qualifier` (`t`, `schema.t`, `database.schema.t`) names. Throws 42P01, or 42P09 when two do. */
export function resolveQualifier(
  binding: StatementBinding,
  scope: Scope,
  qualifier: readonly string[],
  position: number,
): FoundRelation {
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
  const candidates = (relations: readonly Relation[]): readonly Relation[] =>
    schema === undefined
      ? relations
      : relations.filter((relation) => !relation.isAliased && (relation.table ?? relation.view)?.schemaName === schema);
  for (const matching of ['exact', 'folded'] as const) {
    const found = relationAround(scope, position, (relations) => matchesOf(candidates(relations), name, matching));
    if (found !== undefined) return found;
  }
  throw missingRelation(binding, { name, schema, position }, (meant) => {
    const found = relationAround(scope, position, (relations) => matchesOf(relations, meant.name, 'exact'));
    return found !== undefined && isSameRelation(found.relation, meant);
  });
}

/** In the rows of a join a relation is another object than by itself. */
function isSameRelation(left: Relation, right: Relation): boolean {
  if (left.item !== undefined || right.item !== undefined) return left.item === right.item;
  // The table that a statement changes is taken up once, and bound for each clause.
  return left === right || (left.table !== undefined && left.table === right.table);
}

function relationAround(
  scope: Scope,
  position: number,
  named: (relations: readonly Relation[]) => readonly Relation[],
): FoundRelation | undefined {
  const levels: OuterLevel[] = [];
  for (let around: Scope = scope; ; ) {
    const matches = named(around.relations);
    if (matches.length > 1) {
      throw new SqlError(SqlState.AmbiguousAlias, `table reference "${matches[0].name}" is ambiguous`, { position });
    }
    if (matches.length === 1) {
      const level = levels.at(-1);
      if (level?.isBarred === true) throw barred(matches[0].name, level, position);
      return { relation: matches[0], levels };
    }
    if (around.outer === undefined) return undefined;
    levels.push(around.outer);
    around = around.outer.scope;
  }
}

function matchesOf<T extends { readonly name: string }>(
  candidates: readonly T[],
  name: string,
  matching: Matching,
): readonly T[] {
  if (matching === 'exact') return candidates.filter((candidate) => candidate.name === name);
  const folded = name.toLowerCase();
  const similar = candidates.filter((candidate) => candidate.name.toLowerCase() === folded);
  return similar.length === 1 ? similar : [];
}

/** Those of exactly this name; when there is none, the one that differs in case only. */
export function findByName<T extends { readonly name: string }>(candidates: readonly T[], name: string): readonly T[] {
  const exact = matchesOf(candidates, name, 'exact');
  return exact.length > 0 ? exact : matchesOf(candidates, name, 'folded');
}
