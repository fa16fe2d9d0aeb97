import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { BoundedCache } from '../../functions/bounded-cache.ts';
import { quoteIdentifier } from '../../functions/scalar/quoting.ts';
import { formatType } from '../../types/format-type.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { deparseExpression } from '../expression/deparse-expression.ts';
import type { Expression } from '../expression/expression.ts';
import { columnsUsed, mapExpression, someExpression } from '../expression/walk-expression.ts';
import type { ColumnSyntax, SyntaxExpression } from '../syntax/expression-ast.ts';
import { parseSql } from '../syntax/parse-sql.ts';
import type { BindContext } from './bind-context.ts';
import { bindCondition, bindOperand } from './bind-expression.ts';
import { coerce } from './coerce.ts';
import type { Clause } from './expression-context.ts';
import { emptyScope, type Scope, scopeOf } from './scope.ts';
import { StatementBinding } from './statement-binding.ts';
import { isUnknown } from './well-known-types.ts';

/**
 * Defaults and CHECKs live in descriptors as SQL, which must mean the same to every session: types of the user are
 * qualified, instants are in UTC, and relations (`nextval('16400'::regclass)`) are numbers, so that a sequence may get
 * another name. Texts are bound anew where they are needed; what a client is shown is `showStoredExpression`.
 */

const CACHED_TEXTS = 4096;
/** Where types of the user begin. */
const FIRST_USER_OID = 16384;

/** What an expression may name. Hidden columns are not among them. */
export interface StoredColumn {
  readonly name: string;
  readonly type: SqlType;
}

export interface StoredCheck {
  readonly expression: string;
  /** Positions in the columns of those that are read, ascending. */
  readonly columns: readonly number[];
}

/**
 * The text to store for `DEFAULT syntax`; undefined for NULL, which is as good as none. Throws what binding throws: 42804
 * for another type, 0A000 for a column reference, 42803 for an aggregate.
 */
export function storeDefault(context: BindContext, syntax: SyntaxExpression, column: StoredColumn): string | undefined {
  const binding = new StatementBinding(withoutParameters(context), { keepsForm: true });
  const operand = bindOperand(
    { binding, scope: emptyScope, clause: 'DEFAULT expressions', aggregates: undefined },
    syntax,
  );
  const value = coerce(binding, operand, column.type, 'assignment');
  if (value === undefined) throw otherDefaultType(column, operand.expression.type);
  if (value.kind === 'constant' && value.value === null) return undefined;
  return neutralText(context.catalog, value, []);
}

/** The text to store for `CHECK (syntax)`. Throws what binding throws: 42804 when it is not boolean, 42703. */
export function storeCheck(
  context: BindContext,
  syntax: SyntaxExpression,
  tableName: string,
  columns: readonly StoredColumn[],
): StoredCheck {
  const binding = new StatementBinding(withoutParameters(context), { keepsForm: true });
  const scope = rowScope(tableName, columns);
  const condition = bindCondition(
    { binding, scope, clause: 'check constraints', aggregates: undefined },
    syntax,
    'CHECK',
  );
  return {
    expression: neutralText(
      context.catalog,
      condition,
      columns.map((column) => column.name),
    ),
    columns: columnsUsed(condition),
  };
}

/** The text to store for `WHERE (syntax)` of an index. Throws what binding throws: 42804, 42703; 42P17 as `storeGeneration`. */
export function storePredicate(
  context: BindContext,
  syntax: SyntaxExpression,
  tableName: string,
  columns: readonly StoredColumn[],
): StoredCheck {
  const binding = new StatementBinding(withoutParameters(context), { keepsForm: true });
  const scope = rowScope(tableName, columns);
  const condition = bindCondition(
    { binding, scope, clause: 'index predicates', aggregates: undefined },
    syntax,
    'WHERE',
  );
  if (someExpression(condition, isMutable)) {
    throw new SqlError(SqlState.InvalidObjectDefinition, 'functions in index predicate must be marked IMMUTABLE');
  }
  const names = columns.map((column) => column.name);
  return { expression: neutralText(context.catalog, condition, names), columns: columnsUsed(condition) };
}

/**
 * The text to store for `GENERATED ALWAYS AS (syntax)` of a column. Throws what binding throws: 42804 for another type, 42P17
 * for another generated column and for what may give other values another time.
 */
export function storeGeneration(
  context: BindContext,
  syntax: SyntaxExpression,
  column: StoredColumn,
  table: { readonly name: string; readonly columns: readonly (StoredColumn & { readonly isGenerated: boolean })[] },
): string {
  const binding = new StatementBinding(withoutParameters(context), { keepsForm: true });
  const scope = rowScope(table.name, table.columns);
  const operand = bindOperand({ binding, scope, clause: GENERATION, aggregates: undefined }, syntax);
  const value = coerce(binding, operand, column.type, 'assignment');
  if (value === undefined) throw otherDefaultType(column, operand.expression.type);
  const refuse = (message: string, fields: { detail?: string; position?: number } = {}): SqlError =>
    new SqlError(SqlState.InvalidObjectDefinition, message, fields);
  for (const at of columnsUsed(value)) {
    const { name, isGenerated } = table.columns[at];
    if (!isGenerated) continue;
    throw refuse(`cannot use generated column "${name}" in column generation expression`, {
      detail: 'A generated column cannot reference another generated column.',
      position: positionOfColumn(syntax, name) ?? 0,
    });
  }
  if (someExpression(value, isMutable)) throw refuse('generation expression is not immutable');
  return neutralText(
    context.catalog,
    value,
    table.columns.map(({ name }) => name),
  );
}

/** What a generated column is computed from, over the visible columns of `table` in their order. */
export function bindGeneration(context: BindContext, column: ColumnDescriptor, table: TableDescriptor): Expression {
  const binding = new StatementBinding(neutral(context));
  const scope = rowScope(table.name, visibleOf(table));
  const syntax = syntaxes.get(column.generated ?? 'NULL');
  const operand = bindOperand({ binding, scope, clause: GENERATION, aggregates: undefined }, syntax);
  const value = coerce(binding, operand, column.type, 'assignment');
  invariant(value !== undefined, `the generation expression of "${column.name}" has its type`);
  return value;
}

/**
 * The text of a column's default when the column gets another type; `text` undefined for NULL. Undefined when the default
 * has no assignment cast to that type.
 */
export function restoreDefault(
  context: BindContext,
  column: ColumnDescriptor,
  type: SqlType,
): { readonly text: string | undefined } | undefined {
  if (column.default === undefined) return { text: undefined };
  const expression = bindText(context, column.default, emptyScope, 'DEFAULT expressions', true);
  const binding = new StatementBinding(neutral(context), { keepsForm: true });
  const value = coerce(binding, { expression, syntax: undefined }, type, 'assignment');
  if (value === undefined) return undefined;
  const isNull = value.kind === 'constant' && value.value === null;
  return { text: isNull ? undefined : neutralText(context.catalog, value, []) };
}

/** The text of a CHECK when columns have other types: bound anew, so that operators are those of the types. Throws 42883. */
export function restoreCheck(
  context: BindContext,
  text: string,
  tableName: string,
  columns: readonly StoredColumn[],
): string {
  try {
    return storeCheck(neutral(context), syntaxes.get(text), tableName, columns).expression;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    // The position is one in the stored text.
    const { position: _, ...fields } = error.fields;
    throw new SqlError(error.code, error.message, fields);
  }
}

/** The default of a serial column. */
export function nextvalDefault(sequenceOid: number): string {
  return `nextval('${sequenceOid}'::regclass)`;
}

/**
 * The expression that a stored text means, over the visible columns of `table` in their order. Not cached: see
 * `session/constraints` and the plan cache, which keep what they bind for a version of the table.
 */
export function bindStoredExpression(context: BindContext, text: string, table: TableDescriptor): Expression {
  return bindText(context, text, rowScope(table.name, visibleOf(table)), 'check constraints');
}

/** A column's default as a value of its type; NULL where it has none. */
export function bindDefault(context: BindContext, column: ColumnDescriptor): Expression {
  if (column.default === undefined) return { kind: 'constant', value: null, type: column.type };
  const binding = new StatementBinding(neutral(context));
  const syntax = syntaxes.get(column.default);
  const operand = bindOperand({ binding, scope: emptyScope, clause: 'VALUES', aggregates: undefined }, syntax);
  const value = coerce(binding, operand, column.type, 'assignment');
  invariant(value !== undefined, `the default of "${column.name}" has its type`);
  return value;
}

/**
 * What pg_get_expr shows of a stored text to a session: its own names for types and relations, its own formats. `isPretty`:
 * with the parentheses that are needed alone.
 */
export function showStoredExpression(
  context: BindContext,
  text: string,
  table: TableDescriptor | undefined,
  { isPretty = false }: { readonly isPretty?: boolean } = {},
): string {
  const columns = table === undefined ? [] : visibleOf(table);
  const expression = bindText(context, text, rowScope(table?.name ?? '', columns), 'check constraints', true);
  if (!isPretty && !someExpression(expression, dependsOnSession)) return text;
  return deparseExpression(
    expression,
    columns.map((column) => column.name),
    {
      typeContext: context.typeContext,
      typeName: (type) => typeNameIn(context.catalog, type, (found) => isFirstInPath(context, found)),
      isPretty,
    },
  );
}

/**
 * A stored text after names have changed: bound under `before`, written under `after`. `columns` are the table's visible
 * ones, in the same order in both; renamed enum types and labels are those of the two catalogs.
 */
export function restateStoredExpression(
  text: string,
  before: { readonly context: BindContext; readonly columns: readonly StoredColumn[] },
  after: { readonly catalog: CatalogReader; readonly columns: readonly StoredColumn[] },
): string {
  const expression = bindText(before.context, text, rowScope('', before.columns), 'check constraints', true);
  return neutralText(
    after.catalog,
    expression,
    after.columns.map((column) => column.name),
  );
}

const GENERATION = 'column generation expressions';

/** Whether it may give another value another time. */
function isMutable(part: Expression): boolean {
  return (part.kind === 'call' && part.function.volatility !== 'immutable') || part.kind === 'subquery';
}

function otherDefaultType(column: StoredColumn, { definition }: SqlType): SqlError {
  return new SqlError(
    SqlState.DatatypeMismatch,
    `column "${column.name}" is of type ${formatType({ ...column.type, typmod: -1 })} but default expression is of type ${definition.sqlName}`,
    { hint: 'You will need to rewrite or cast the expression.' },
  );
}

/** Where an expression names a column. */
function positionOfColumn(syntax: unknown, name: string): number | undefined {
  if (typeof syntax !== 'object' || syntax === null) return undefined;
  const part = syntax as Partial<ColumnSyntax>;
  if (part.kind === 'column' && part.name === name) return part.position;
  for (const inner of Object.values(syntax)) {
    const found = positionOfColumn(inner, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function bindText(context: BindContext, text: string, scope: Scope, clause: Clause, keepsForm = false): Expression {
  const binding = new StatementBinding(neutral(context), { keepsForm });
  const { expression } = bindOperand({ binding, scope, clause, aggregates: undefined }, syntaxes.get(text));
  invariant(!isUnknown(expression.type), 'stored literals have their type');
  return expression;
}

function neutralText(catalog: CatalogReader, expression: Expression, columnNames: readonly string[]): string {
  const current = mapExpression(expression, (part) => withTypeOf(catalog, part));
  return deparseExpression(current, columnNames, {
    typeName: (type) => typeNameIn(catalog, type, () => false),
  });
}

/** An enum whose labels have other names by now has another definition too. */
function withTypeOf(catalog: CatalogReader, expression: Expression): Expression {
  const { definition, typmod } = expression.type;
  if (definition.oid < FIRST_USER_OID) return expression;
  return { ...expression, type: { definition: catalog.userTypeByOid(definition.oid) ?? definition, typmod } };
}

/** The name of a type, with its schema unless `isVisible`; those of pg_catalog are visible to all. */
function typeNameIn(catalog: CatalogReader, type: SqlType, isVisible: (found: EnumDescriptor) => boolean): string {
  const { oid, elementOid } = type.definition;
  const found = catalog.enumByOid(elementOid === 0 ? oid : elementOid);
  if (found === undefined) return formatType(type);
  const name = quoteIdentifier(found.name);
  const qualified = isVisible(found) ? name : `${quoteIdentifier(found.schemaName)}.${name}`;
  return elementOid === 0 ? qualified : `${qualified}[]`;
}

function isFirstInPath({ catalog, searchPath }: BindContext, { name, oid }: EnumDescriptor): boolean {
  for (const schema of searchPath) {
    const found = catalog.userType(schema, name);
    if (found !== undefined) return found.oid === oid;
  }
  return false;
}

/** The world of a stored text: the catalog, and nothing of the session. */
export function neutral(context: BindContext): BindContext {
  return {
    get catalog() {
      return context.catalog;
    },
    searchPath: ['pg_catalog'],
    databaseName: context.databaseName,
    typeContext: neutralContext,
    get environment() {
      return context.environment;
    },
    rowNameColumns: (table) => context.rowNameColumns(table),
    parameterTypes: [],
    allowsParameters: false,
  };
}

/** A command has no parameters. */
export function withoutParameters(context: BindContext): BindContext {
  return {
    ...neutral(context),
    requireUsage: (schemaName, position) => context.requireUsage?.(schemaName, position),
    get catalog() {
      return context.catalog;
    },
    get searchPath() {
      return context.searchPath;
    },
    get typeContext() {
      return context.typeContext;
    },
    get environment() {
      return context.environment;
    },
  };
}

/** Whether a session may see another text: a name by its search path, a value by its settings. */
function dependsOnSession({ kind, type: { definition } }: Expression): boolean {
  if (definition.oid >= FIRST_USER_OID) return true;
  if (kind !== 'constant') return false;
  const { category, representation, name } = definition;
  return (
    category === 'D' ||
    category === 'T' ||
    representation === 'value' ||
    name.startsWith('reg') ||
    name.startsWith('float')
  );
}

const syntaxes = new BoundedCache(CACHED_TEXTS, (text: string): SyntaxExpression => {
  const [parsed] = parseSql(`SELECT ${text}`);
  invariant(parsed?.statement.kind === 'select', 'a stored text is one expression');
  return parsed.statement.targets[0].expression;
});

function visibleOf(table: TableDescriptor): readonly ColumnDescriptor[] {
  return table.columns.filter((column) => column.isHidden !== true);
}

function rowScope(name: string, columns: readonly StoredColumn[]): Scope {
  return scopeOf({
    name,
    table: undefined,
    isAliased: false,
    columns: columns.map((column, index) => ({
      name: column.name,
      expression: { kind: 'column', index, type: column.type },
      relationName: name,
      tableOid: 0,
      columnNumber: 0,
      isHidden: false,
    })),
  });
}
