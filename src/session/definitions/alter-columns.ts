import type { ColumnDescriptor } from '../../catalog/table-descriptor.ts';
import { addColumn as withNewColumn } from '../../database/schema-change/add-column.ts';
import {
  changeColumnType,
  needsRewrite,
  setDefault,
  setIdentity,
  setNotNull,
} from '../../database/schema-change/column-properties.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { evaluateExpression } from '../../execution/evaluate-constant.ts';
import { quoteIdentifier } from '../../functions/scalar/quoting.ts';
import { storedColumns } from '../../sql/binder/assign-column.ts';
import {
  bindColumnDefinitions,
  checkColumnName,
  checkColumnType,
  type DefinedColumn,
} from '../../sql/binder/bind-column-definitions.ts';
import { bindOperand } from '../../sql/binder/bind-expression.ts';
import { bindSequence, isSequenceType } from '../../sql/binder/bind-sequence.ts';
import { coerce, type Operand } from '../../sql/binder/coerce.ts';
import { resolveType } from '../../sql/binder/resolve-type.ts';
import { tableScope } from '../../sql/binder/scope.ts';
import {
  bindDefault,
  nextvalDefault,
  restoreCheck,
  restoreDefault,
  storeDefault,
} from '../../sql/binder/stored-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { isVolatile } from '../../sql/expression/volatility.ts';
import type {
  AlterTableAction,
  IdentitySyntax,
  SetTypeAction,
  TableConstraintSyntax,
} from '../../sql/syntax/definition-ast.ts';
import { formatType } from '../../types/format-type.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { columnDefault } from './create-table.ts';
import { lockTypes } from './lock-types.ts';
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
  if (column.isSerial || column.identity !== undefined) addColumnWithSequence(alteration, column);
  else addPlainColumn(alteration, column);
  return [...defined.keys, ...defined.checks, ...defined.foreignKeys];
}

/** A default that is the same for all rows is written down once; any other is computed for each row. */
function addPlainColumn(alteration: TableAlteration, column: DefinedColumn): void {
  const { run } = alteration;
  const number = alteration.table.nextColumnNumber;
  const { name, type, isNotNull } = column;
  const stored = columnDefault(run, column, undefined);
  const context = run.bindContext();
  const value = bindDefault(context, { number, name, type, isNotNull, role: 'field', ...stored });
  const added = { name, type, isNotNull, ...stored };
  if (isVolatile(value)) {
    alteration.table = withNewColumn(alteration.table, added);
    alteration.newValues.set(number, value);
  } else {
    const missing = evaluateExpression(value, [], context.environment);
    alteration.table = withNewColumn(alteration.table, added, missing);
    alteration.missing.set(number, missing);
    // One value for all of them is not NULL: no need to look.
    if (missing !== null) return;
  }
  if (isNotNull) alteration.notNull.add(number);
}

/** Each row takes a value of the new sequence. */
function addColumnWithSequence(alteration: TableAlteration, column: DefinedColumn): void {
  const { name, type, identity } = column;
  const number = alteration.table.nextColumnNumber;
  const sequenceOid = createSequence(alteration, column, number);
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
function createSequence(
  alteration: TableAlteration,
  { name, type, identity }: { name: string; type: SqlType; identity: Pick<IdentitySyntax, 'options'> | undefined },
  columnNumber: number,
): number {
  const { run, names, table } = alteration;
  const options = identity?.options ?? [];
  const named = options.find((option) => option.name === 'sequence_name');
  const sequenceName =
    named === undefined ? names.relationName(table.name, [name], 'seq', { isConstraint: false }) : named.sequence.name;
  const { counting, restart } = bindSequence(run.binding(), options, {
    type: type.definition,
    isIdentity: identity !== undefined,
  });
  const { oid } = run.transaction.createSequence({
    oid: run.transaction.takeOid(),
    schemaOid: table.schemaOid,
    schemaName: table.schemaName,
    name: sequenceName,
    ownerOid: table.ownerOid,
    ...counting,
    owner: undefined,
  });
  const sequence = run.catalog.sequenceByOid(oid);
  if (restart !== undefined && sequence !== undefined) {
    run.transaction.alterSequence(sequence, { lastValue: restart, isCalled: false });
  }
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
  const type = resolveType(run.binding(), action.type);
  checkColumnType(column.name, type.definition);
  await lockTypes(run, [{ type }]);
  const value = bindNewValue(alteration, column, type, action);
  const text = newDefault(alteration, column, type);
  if (column.identity !== undefined) await retypeIdentity(alteration, column, type);
  alteration.table = changeColumnType(table, column.number, { type, default: text });
  if (action.using === undefined && !needsRewrite(column.type, type)) return;
  alteration.newValues.set(column.number, value);
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
  const plain = formatType({ ...type, typmod: -1 });
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

function newDefault({ run }: TableAlteration, column: ColumnDescriptor, type: SqlType): string | undefined {
  if (column.default === undefined) return undefined;
  const restored = restoreDefault(run.bindContext(), column, type);
  if (restored !== undefined) return restored.text;
  throw new SqlError(
    SqlState.DatatypeMismatch,
    `default for column "${column.name}" cannot be cast automatically to type ${formatType({ ...type, typmod: -1 })}`,
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
export function recheckRetyped(alteration: TableAlteration): void {
  const { run, retyped } = alteration;
  if (retyped.size === 0) return;
  const context = run.bindContext();
  const concerns = (numbers: readonly number[]): boolean => numbers.some((number) => retyped.has(number));
  const columns = storedColumns(alteration.table);
  const constraints = alteration.table.constraints.map((constraint) => {
    if (constraint.kind !== 'check' || !concerns(constraint.columnNumbers)) return constraint;
    alteration.checks.add(constraint.oid);
    const expression = restoreCheck(context, constraint.expression, alteration.table.name, columns);
    return { ...constraint, expression };
  });
  alteration.table = { ...alteration.table, constraints };
  for (const constraint of constraints) {
    if (constraint.kind !== 'foreign-key' || !concerns(constraint.columnNumbers)) continue;
    alteration.recheckForeignKey(alteration.table, constraint);
  }
  for (const other of run.catalog.tables()) {
    for (const constraint of other.constraints) {
      const isMeant = constraint.kind === 'foreign-key' && constraint.referencedTableOid === alteration.table.oid;
      if (!isMeant || !concerns(constraint.referencedColumnNumbers)) continue;
      if (other.oid !== alteration.table.oid) alteration.recheckForeignKey(other, constraint);
      else if (!concerns(constraint.columnNumbers)) alteration.recheckForeignKey(alteration.table, constraint);
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
  const stored =
    action.kind === 'drop-default' || column.identity !== undefined
      ? undefined
      : storeDefault(alteration.run.bindContext(), action.expression, column);
  if (column.identity !== undefined && action.kind === 'set-default') {
    throw new SqlError(
      SqlState.SyntaxError,
      `column "${column.name}" of relation "${alteration.table.name}" is an identity column`,
    );
  }
  alteration.table = setDefault(alteration.table, column.number, stored);
}

export function addIdentity(alteration: TableAlteration, action: ActionOf<'add-identity'>): void {
  const column = alteration.column(action.column);
  requireSequenceType(column.type);
  const table = setIdentity(alteration.table, column.number, { identity: action.mode, isAdded: true });
  createSequence(
    alteration,
    { name: column.name, type: column.type, identity: { options: action.options } },
    column.number,
  );
  alteration.table = table;
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

function identitySequence(run: TableAlteration['run'], tableOid: number, columnNumber: number) {
  for (const sequence of run.catalog.sequences()) {
    const { owner } = sequence;
    const isMeant = owner?.tableOid === tableOid && owner.columnNumber === columnNumber;
    if (isMeant && owner.kind === 'identity') return sequence;
  }
  return undefined;
}
