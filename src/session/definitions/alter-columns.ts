import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { addColumn as withNewColumn } from '../../database/schema-change/add-column.ts';
import {
  changeColumnType,
  dropGeneration,
  needsRewrite,
  setDefault,
  setIdentity,
  setNotNull,
} from '../../database/schema-change/column-properties.ts';
import { withPredicates } from '../../database/schema-change/indexes.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { withoutPosition } from '../../errors/without-position.ts';
import { evaluateExpression } from '../../execution/evaluate-constant.ts';
import { quoteIdentifier } from '../../functions/scalar/quoting.ts';
import { storedColumns } from '../../sql/binder/assign-column.ts';
import {
  bindColumnDefinitions,
  checkColumnName,
  checkColumnType,
  type DefinedColumn,
  keptCollation,
  requireCollatable,
} from '../../sql/binder/bind-column-definitions.ts';
import { bindOperand } from '../../sql/binder/bind-expression.ts';
import { checkIndexColumns } from '../../sql/binder/bind-keys.ts';
import { isSequenceType } from '../../sql/binder/bind-sequence.ts';
import { coerce, type Operand } from '../../sql/binder/coerce.ts';
import { generatedFrom } from '../../sql/binder/generated-columns.ts';
import { writtenSequenceName } from '../../sql/binder/identity-options.ts';
import { resolveType } from '../../sql/binder/resolve-type.ts';
import { tableScope } from '../../sql/binder/scope.ts';
import {
  bindDefault,
  bindGeneration,
  nextvalDefault,
  restoreCheck,
  restoreDefault,
  storeDefault,
} from '../../sql/binder/stored-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { isVolatile } from '../../sql/expression/volatility.ts';
import { columnsUsed } from '../../sql/expression/walk-expression.ts';
import type { AlterTableAction, SetTypeAction } from '../../sql/syntax/alter-table-ast.ts';
import type { IdentitySyntax, TableConstraintSyntax } from '../../sql/syntax/table-definition-ast.ts';
import { formatType } from '../../types/format-type.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { columnsNumbered } from '../constraints/foreign-keys.ts';
import { createColumnSequence } from './column-sequence.ts';
import { columnDefault, columnGeneration } from './create-table.ts';
import type { DefinitionRun } from './definition-run.ts';
import { viewsOf } from './dependents.ts';
import { lockTypes } from './lock-types.ts';
import { describeObject } from './schema-object.ts';
import { changeSequence } from './sequence-statements.ts';
import type { TableAlteration } from './table-alteration.ts';

type ActionOf<K extends AlterTableAction['kind']> = Extract<AlterTableAction, { readonly kind: K }>;

/** ADD COLUMN. Gives the constraints that were written at it, which are added once all columns are there. */
export async function addColumn(
  alteration: TableAlteration,
  { column: definition, ifNotExists }: ActionOf<'add-column'>,
): Promise<readonly TableConstraintSyntax[]> {
  const { run } = alteration;
  const { name } = definition;
  checkColumnName(name);
  if (ifNotExists && storedColumns(alteration.table).some((column) => column.name === name)) {
    run.notice(`column "${name}" of relation "${alteration.table.name}" already exists, skipping`, {
      code: SqlState.DuplicateColumn,
    });
    return [];
  }
  const defined = bindColumnDefinitions(run.binding(), alteration.table.name, [definition]);
  const [column] = defined.columns;
  await lockTypes(run, defined.columns);
  if (column.generation !== undefined) addGeneratedColumn(alteration, column);
  else if (column.isSerial || column.identity !== undefined) await addColumnWithSequence(alteration, column);
  else addPlainColumn(alteration, column);
  return [...defined.keys, ...defined.checks, ...defined.foreignKeys];
}

/** Computed for each row from what it has. */
function addGeneratedColumn(alteration: TableAlteration, column: DefinedColumn): void {
  const { run, table } = alteration;
  if (table.timeSeries !== undefined) {
    throw notSupported('a generated column of a time-series table', column.position);
  }
  const { name, type, isNotNull, collation, generation } = column;
  const others = storedColumns(table).map((other) => ({
    name: other.name,
    type: other.type,
    ...(other.generated === undefined ? {} : { storedGeneration: other.generated }),
  }));
  const columns = [...others, { name, type, generation }];
  const number = table.nextColumnNumber;
  const { generated } = withoutPosition(() => columnGeneration(run, column, { name: table.name, columns }));
  alteration.table = withNewColumn(table, { name, type, isNotNull, collation, generated });
  const added = alteration.table.columns.find((candidate) => candidate.number === number);
  const value = added && bindGeneration(run.bindContext(), added, alteration.table);
  const before = storedColumns(alteration.before);
  if (value === undefined) return;
  const isKnown = columnsUsed(value).every((at) => {
    const used = before[at]?.number === storedColumns(alteration.table)[at].number ? before[at] : undefined;
    return used !== undefined && !alteration.newValues.has(used.number) && !alteration.retyped.has(used.number);
  });
  if (!isKnown) {
    throw notSupported(
      'a generated column over columns that the same statement adds or changes',
      column.position,
      'Add it in a statement of its own.',
    );
  }
  alteration.newValues.set(number, value);
  if (isNotNull) alteration.notNull.add(number);
}

/** A default that is the same for all rows is written down once; any other is computed for each row. */
function addPlainColumn(alteration: TableAlteration, column: DefinedColumn): void {
  const { run } = alteration;
  const number = alteration.table.nextColumnNumber;
  const { name, type, isNotNull } = column;
  const stored = withoutPosition(() => columnDefault(run, column, undefined));
  const context = run.bindContext();
  const value = bindDefault(context, { number, name, type, isNotNull, role: 'field', ...stored });
  const added = { name, type, isNotNull, collation: column.collation, ...stored };
  if (isVolatile(value)) {
    alteration.table = withNewColumn(alteration.table, added);
    alteration.newValues.set(number, value);
  } else {
    const missing = evaluateExpression(value, { parameters: [], environment: context.environment });
    alteration.table = withNewColumn(alteration.table, added, missing);
    alteration.missing.set(number, missing);
    // One value for all of them is not NULL: no need to look.
    if (missing !== null) return;
  }
  if (isNotNull) alteration.notNull.add(number);
}

/** Each row takes a value of the new sequence. */
async function addColumnWithSequence(alteration: TableAlteration, column: DefinedColumn): Promise<void> {
  const { name, type, identity } = column;
  const number = alteration.table.nextColumnNumber;
  const sequenceOid = await createSequence(alteration, column, number);
  const nextval = nextvalDefault(sequenceOid);
  alteration.table = withNewColumn(alteration.table, {
    name,
    type,
    isNotNull: true,
    ...(identity === undefined ? { default: nextval } : { identity: identity.mode }),
  });
  const described: ColumnDescriptor = { number, name, type, isNotNull: true, role: 'field', default: nextval };
  alteration.newValues.set(number, bindDefault(alteration.run.bindContext(), described));
}

/** It gets its owner once the column is in the catalog. */
async function createSequence(
  alteration: TableAlteration,
  { name, type, identity }: { name: string; type: SqlType; identity: Pick<IdentitySyntax, 'options'> | undefined },
  columnNumber: number,
): Promise<number> {
  const { run, names, table } = alteration;
  const oid = run.transaction.takeOid();
  const sequenceName =
    writtenSequenceName(run.bindContext(), table, identity) ??
    names.relationName(table.name, [name], 'seq', { isConstraint: false });
  await createColumnSequence(run, { table, oid, name: sequenceName, type, identity, owner: undefined });
  const kind = identity === undefined ? 'owned' : 'identity';
  alteration.sequenceOwners.push({ sequenceOid: oid, owner: { tableOid: table.oid, columnNumber, kind } });
  return oid;
}

/** ALTER COLUMN … TYPE. */
export async function setType(alteration: TableAlteration, action: SetTypeAction): Promise<void> {
  const { run, table } = alteration;
  const column = alteration.column(action.column);
  if (alteration.newValues.has(column.number) || alteration.retyped.has(column.number)) {
    throw new SqlError(SqlState.FeatureNotSupported, `cannot alter type of column "${column.name}" twice`);
  }
  alteration.retyped.add(column.number);
  requireUngenerated(alteration, column);
  const type = resolveType(run.binding(), action.type);
  checkColumnType(column.name, type.definition);
  if (action.collation !== undefined) requireCollatable(type.definition, 0);
  await lockTypes(run, [{ type }]);
  const value = bindNewValue(alteration, column, type, action);
  requireNoViews(run, table, column);
  const text = newDefault(alteration, column, type);
  if (column.identity !== undefined) await retypeIdentity(alteration, column, type);
  alteration.table = changeColumnType(table, column.number, {
    type,
    default: text,
    collation: keptCollation(action.collation),
  });
  if (action.using === undefined && !needsRewrite(column.type, type)) return;
  alteration.newValues.set(column.number, value);
}

/** Throws 0A000 for a column that a view shows or reads. */
function requireNoViews(run: DefinitionRun, table: TableDescriptor, column: ColumnDescriptor): void {
  const [first] = viewsOf(run, table.oid, column.number);
  if (first === undefined) return;
  throw new SqlError(SqlState.FeatureNotSupported, 'cannot alter type of a column used by a view or rule', {
    detail: `rule _RETURN on ${describeObject(run, first.object)} depends on column "${column.name}"`,
  });
}

/** Throws 0A000 for a column from which another one is computed, or that is computed itself. */
function requireUngenerated({ run, table }: TableAlteration, column: ColumnDescriptor): void {
  if (column.generated !== undefined) throw notSupported(`changing the type of the generated column "${column.name}"`);
  const [dependent] = generatedFrom(run.bindContext(), table, column.number);
  if (dependent === undefined) return;
  throw new SqlError(SqlState.FeatureNotSupported, 'cannot alter type of a column used by a generated column', {
    detail: `Column "${column.name}" is used by generated column "${dependent.name}".`,
  });
}

/** Over the table as it was before any column got another type. */
function bindNewValue(
  alteration: TableAlteration,
  column: ColumnDescriptor,
  type: SqlType,
  { using }: SetTypeAction,
): Expression {
  const binding = alteration.run.binding();
  const index = alteration.before.columns.findIndex(({ number }) => number === column.number);
  const operand: Operand =
    using === undefined
      ? { expression: { kind: 'column', index, type: column.type }, syntax: undefined }
      : bindOperand(
          { binding, scope: tableScope(alteration.before), clause: 'transform expressions', aggregates: undefined },
          using,
        );
  const value = coerce(binding, operand, type, 'assignment');
  if (value !== undefined) return value;
  const shown = formatType(type);
  const plain = plainType(type);
  if (using !== undefined) {
    throw new SqlError(
      SqlState.DatatypeMismatch,
      `result of USING clause for column "${column.name}" cannot be cast automatically to type ${plain}`,
      { hint: 'You might need to add an explicit cast.' },
    );
  }
  throw new SqlError(
    SqlState.DatatypeMismatch,
    `column "${column.name}" cannot be cast automatically to type ${plain}`,
    { hint: `You might need to specify "USING ${quoteIdentifier(column.name)}::${shown}".` },
  );
}

/** As PostgreSQL names a type whose modifier does not matter. */
function plainType({ definition }: SqlType): string {
  return definition.sqlName;
}

function newDefault({ run }: TableAlteration, column: ColumnDescriptor, type: SqlType): string | undefined {
  if (column.default === undefined) return undefined;
  const restored = restoreDefault(run.bindContext(), column, type);
  if (restored !== undefined) return restored.text;
  throw new SqlError(
    SqlState.DatatypeMismatch,
    `default for column "${column.name}" cannot be cast automatically to type ${plainType(type)}`,
  );
}

function requireSequenceType(type: SqlType): void {
  if (isSequenceType(type.definition)) return;
  throw new SqlError(SqlState.InvalidParameterValue, 'identity column type must be smallint, integer, or bigint');
}

/** The sequence of an identity column counts in the type of the column. */
async function retypeIdentity({ run, table }: TableAlteration, column: ColumnDescriptor, type: SqlType): Promise<void> {
  requireSequenceType(type);
  const sequence = identitySequence(run, table.oid, column.number);
  const option = {
    name: 'as' as const,
    type: { schema: 'pg_catalog', name: type.definition.name, modifiers: [], arrayDimensions: 0, position: 0 },
    position: 0,
  };
  if (sequence !== undefined) await changeSequence(run, sequence, [option], { isIdentity: true });
}

/** CHECKs and foreign keys over columns that have other types by now hold for them again, or are refused. */
export async function recheckRetyped(alteration: TableAlteration): Promise<void> {
  const { run, retyped } = alteration;
  if (retyped.size === 0) return;
  const context = run.bindContext();
  const concerns = (numbers: readonly number[]): boolean => numbers.some((number) => retyped.has(number));
  const columns = storedColumns(alteration.table);
  for (const { method, columns: keys } of alteration.table.indexes) {
    const numbers = keys.map(({ columnNumber }) => columnNumber);
    if (concerns(numbers)) checkIndexColumns(columnsNumbered(alteration.table, numbers), method);
  }
  const constraints = alteration.table.constraints.map((constraint) => {
    if (constraint.kind !== 'check' || !concerns(constraint.columnNumbers)) return constraint;
    alteration.checks.add(constraint.oid);
    const expression = restoreCheck(context, constraint.expression, alteration.table.name, columns);
    return { ...constraint, expression };
  });
  alteration.table = withPredicates({ ...alteration.table, constraints }, (text) =>
    restoreCheck(context, text, alteration.table.name, columns),
  );
  for (const constraint of constraints) {
    if (constraint.kind !== 'foreign-key' || !concerns(constraint.columnNumbers)) continue;
    await alteration.recheckForeignKey(alteration.table.oid, constraint);
  }
  for (const other of [...run.catalog.tables()]) {
    for (const constraint of other.constraints) {
      const isMeant = constraint.kind === 'foreign-key' && constraint.referencedTableOid === alteration.table.oid;
      if (!isMeant || !concerns(constraint.referencedColumnNumbers)) continue;
      const isKnown = other.oid === alteration.table.oid && concerns(constraint.columnNumbers);
      if (!isKnown) await alteration.recheckForeignKey(other.oid, constraint);
    }
  }
}

export function changeNotNull(
  alteration: TableAlteration,
  { kind, column: name }: ActionOf<'set-not-null' | 'drop-not-null'>,
): void {
  const column = alteration.column(name);
  const isNotNull = kind === 'set-not-null';
  if (isNotNull && !column.isNotNull) alteration.notNull.add(column.number);
  alteration.table = setNotNull(alteration.table, column.number, isNotNull);
}

export function changeDefault(
  alteration: TableAlteration,
  action: ActionOf<'set-default'> | ActionOf<'drop-default'>,
): void {
  const column = alteration.column(action.column);
  if (column.generated !== undefined) {
    throw new SqlError(
      SqlState.SyntaxError,
      `column "${column.name}" of relation "${alteration.table.name}" is a generated column`,
      action.kind === 'set-default' ? {} : { hint: 'Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.' },
    );
  }
  const stored =
    action.kind === 'drop-default' || column.identity !== undefined
      ? undefined
      : withoutPosition(() => storeDefault(alteration.run.bindContext(), action.expression, column));
  if (column.identity !== undefined && action.kind === 'set-default') {
    throw new SqlError(
      SqlState.SyntaxError,
      `column "${column.name}" of relation "${alteration.table.name}" is an identity column`,
    );
  }
  alteration.table = setDefault(alteration.table, column.number, stored);
}

export async function addIdentity(alteration: TableAlteration, action: ActionOf<'add-identity'>): Promise<void> {
  const { number, name, type } = alteration.column(action.column);
  requireSequenceType(type);
  await createSequence(alteration, { name, type, identity: { options: action.options } }, number);
  alteration.table = setIdentity(alteration.table, number, { identity: action.mode, isAdded: true });
}

export async function changeIdentity(alteration: TableAlteration, action: ActionOf<'set-identity'>): Promise<void> {
  const { run, table } = alteration;
  const column = alteration.column(action.column);
  const identity = action.mode ?? column.identity;
  alteration.table = setIdentity(table, column.number, { identity, isAdded: false });
  const sequence = identitySequence(run, table.oid, column.number);
  if (sequence !== undefined && action.options.length > 0) {
    await changeSequence(run, sequence, action.options, { isIdentity: true });
  }
}

export function dropIdentity(alteration: TableAlteration, action: ActionOf<'drop-identity'>): void {
  const column = alteration.column(action.column);
  if (column.identity === undefined && action.ifExists) {
    alteration.run.notice(
      `column "${column.name}" of relation "${alteration.table.name}" is not an identity column, skipping`,
    );
    return;
  }
  alteration.table = setIdentity(alteration.table, column.number, { identity: undefined, isAdded: false });
}

/** DROP EXPRESSION. */
export function dropExpression(alteration: TableAlteration, action: ActionOf<'drop-expression'>): void {
  const column = alteration.column(action.column);
  if (column.generated !== undefined) {
    alteration.table = dropGeneration(alteration.table, column.number);
    return;
  }
  const message = `column "${column.name}" of relation "${alteration.table.name}" is not a stored generated column`;
  if (!action.ifExists) throw new SqlError(SqlState.ObjectNotInPrerequisiteState, message);
  alteration.run.notice(`${message}, skipping`);
}

function identitySequence(run: TableAlteration['run'], tableOid: number, columnNumber: number) {
  for (const sequence of run.catalog.sequences()) {
    const { owner } = sequence;
    const isMeant = owner?.tableOid === tableOid && owner.columnNumber === columnNumber;
    if (isMeant && owner.kind === 'identity') return sequence;
  }
  return undefined;
}
