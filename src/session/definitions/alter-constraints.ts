import type { KeyConstraint } from '../../catalog/constraint-descriptor.ts';
import { setNotNull } from '../../database/schema-change/column-properties.ts';
import {
  addConstraint as withConstraint,
  validateConstraint as withValidated,
} from '../../database/schema-change/constraints.ts';
import { assertConstraintNameFree } from '../../database/schema-change/new-constraint.ts';
import { renameIndex } from '../../database/schema-change/rename.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { withoutPosition } from '../../errors/without-position.ts';
import { storedColumns } from '../../sql/binder/assign-column.ts';
import { bindChecks, chooseKeyName } from '../../sql/binder/bind-create-table.ts';
import { bindKey, secondPrimaryKey } from '../../sql/binder/bind-keys.ts';
import { storeCheck } from '../../sql/binder/stored-expression.ts';
import type { AlterTableAction } from '../../sql/syntax/alter-table-ast.ts';
import type {
  CheckSyntax,
  ForeignKeySyntax,
  KeySyntax,
  TableConstraintSyntax,
} from '../../sql/syntax/table-definition-ast.ts';
import { addForeignKey } from './add-foreign-key.ts';
import { constraintsOf, type TableConstraint } from './schema-object.ts';
import type { TableAlteration } from './table-alteration.ts';

type ActionOf<K extends AlterTableAction['kind']> = Extract<AlterTableAction, { readonly kind: K }>;

export async function addConstraint(alteration: TableAlteration, constraint: TableConstraintSyntax): Promise<void> {
  switch (constraint.kind) {
    case 'check':
      addCheck(alteration, constraint);
      break;
    case 'key':
      if (constraint.usingIndex === undefined) addKey(alteration, constraint);
      else addKeyOfIndex(alteration, constraint, constraint.usingIndex);
      break;
    default:
      await addReference(alteration, constraint);
  }
}

function addCheck(alteration: TableAlteration, syntax: CheckSyntax): void {
  const { run, table } = alteration;
  const columns = storedColumns(table);
  const [check] = bindChecks(
    alteration.names,
    [syntax],
    ({ expression }) => withoutPosition(() => storeCheck(run.bindContext(), expression, table.name, columns)),
    { tableName: table.name, columns },
  );
  alteration.table = withConstraint(
    table,
    {
      kind: 'check',
      name: check.name,
      expression: check.expression,
      columnNumbers: check.columns.map((at) => columns[at].number),
      isValidated: !syntax.isNotValid,
      isNoInherit: check.isNoInherit,
    },
    environmentOf(alteration),
  );
  const added = alteration.table.constraints.at(-1);
  if (!syntax.isNotValid && added !== undefined) alteration.checks.add(added.oid);
}

function addKey(alteration: TableAlteration, syntax: KeySyntax): void {
  const { run, table, names } = alteration;
  const columns = storedColumns(table);
  if (syntax.isPrimary && hasPrimaryKey(alteration)) throw secondPrimaryKey(table.name, 0);
  const key = bindKey(syntax, columns);
  const name = key.name ?? chooseKeyName(names, table.name, key, columns);
  if (key.name !== undefined) {
    if (names.isRelationTaken(name)) {
      throw new SqlError(SqlState.DuplicateTable, `relation "${name}" already exists`);
    }
    assertConstraintNameFree(table, name);
    names.takeRelation(name);
  }
  const columnNumbers = key.columns.map((at) => columns[at].number);
  if (key.isPrimary) {
    for (const at of key.columns) if (!columns[at].isNotNull) alteration.notNull.add(columns[at].number);
  }
  const { isPrimary, nullsNotDistinct, isDeferrable, isInitiallyDeferred } = key;
  alteration.table = withConstraint(
    table,
    { kind: 'key', name, isPrimary, columnNumbers, nullsNotDistinct, isDeferrable, isInitiallyDeferred },
    { catalog: run.catalog, takeOid: () => run.transaction.takeOid() },
  );
}

/** ADD PRIMARY KEY or UNIQUE USING INDEX: the index becomes that of the constraint, and takes its name. */
function addKeyOfIndex(alteration: TableAlteration, syntax: KeySyntax, indexName: string): void {
  const { run } = alteration;
  const { position, isPrimary, isDeferrable, isInitiallyDeferred } = syntax;
  if (isPrimary && hasPrimaryKey(alteration)) throw secondPrimaryKey(alteration.table.name, 0);
  const index = alteration.table.indexes.find(({ name }) => name === indexName);
  if (index === undefined) {
    const other = run.catalog.index(alteration.table.schemaName, indexName);
    throw other === undefined
      ? new SqlError(SqlState.UndefinedObject, `index "${indexName}" does not exist`, { position })
      : new SqlError(
          SqlState.ObjectNotInPrerequisiteState,
          `index "${indexName}" does not belong to table "${alteration.table.name}"`,
          { position },
        );
  }
  if (constraintsOf(alteration.table).some(({ indexOid }) => indexOid === index.oid)) {
    throw new SqlError(
      SqlState.ObjectNotInPrerequisiteState,
      `index "${indexName}" is already associated with a constraint`,
      { position },
    );
  }
  const detail = 'Cannot create a primary key or unique constraint using such an index.';
  if (!index.isUnique) {
    throw new SqlError(SqlState.WrongObjectType, `"${indexName}" is not a unique index`, { position, detail });
  }
  const unusual = index.columns.findIndex((column) => column.isDescending || column.nullsFirst);
  if (unusual >= 0) {
    throw new SqlError(
      SqlState.WrongObjectType,
      `index "${indexName}" column number ${unusual + 1} does not have default sorting behavior`,
      { position, detail },
    );
  }
  const name = syntax.name ?? indexName;
  assertConstraintNameFree(alteration.table, name);
  if (name !== indexName) {
    run.notice(`ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index "${indexName}" to "${name}"`);
    alteration.table = renameIndex(alteration.table, index.oid, name);
  }
  const constraint: KeyConstraint = {
    kind: 'key',
    oid: run.transaction.takeOid(),
    name,
    isPrimary,
    indexOid: index.oid,
    columnNumbers: index.columns.map(({ columnNumber }) => columnNumber),
    isDeferrable,
    isInitiallyDeferred,
  };
  if (isPrimary) {
    for (const number of constraint.columnNumbers) requireNotNull(alteration, number);
  }
  alteration.table = { ...alteration.table, constraints: [...alteration.table.constraints, constraint] };
}

function requireNotNull(alteration: TableAlteration, columnNumber: number): void {
  const column = alteration.table.columns.find(({ number }) => number === columnNumber);
  if (column === undefined || column.isNotNull) return;
  alteration.notNull.add(columnNumber);
  alteration.table = setNotNull(alteration.table, columnNumber, true);
}

function hasPrimaryKey({ table }: TableAlteration): boolean {
  return constraintsOf(table).some(({ isPrimary }) => isPrimary);
}

async function addReference(alteration: TableAlteration, syntax: ForeignKeySyntax): Promise<void> {
  const { run, names } = alteration;
  if (syntax.name !== undefined) assertConstraintNameFree(alteration.table, syntax.name);
  const added = await addForeignKey(run, alteration.table, syntax, { names, isValid: !syntax.isNotValid });
  alteration.table = added.table;
  if (!syntax.isNotValid) alteration.foreignKeys.push(added.constraint);
}

/** VALIDATE CONSTRAINT. */
export function validateConstraint(alteration: TableAlteration, { name }: ActionOf<'validate-constraint'>): void {
  const found = namedConstraint(alteration, name);
  const constraint = alteration.table.constraints.find(({ oid }) => oid === found.oid);
  if (constraint === undefined || constraint.kind === 'key') {
    throw new SqlError(
      SqlState.WrongObjectType,
      `constraint "${name}" of relation "${alteration.table.name}" is not a foreign key or check constraint`,
    );
  }
  if (constraint.isValidated) return;
  alteration.table = withValidated(alteration.table, found.oid);
  if (constraint.kind === 'check') alteration.checks.add(found.oid);
  else alteration.foreignKeys.push(constraint);
}

/** ALTER CONSTRAINT … DEFERRABLE. */
export function changeConstraint(
  alteration: TableAlteration,
  { name, isDeferrable, isInitiallyDeferred }: ActionOf<'alter-constraint'>,
): void {
  const { table } = alteration;
  const found = namedConstraint(alteration, name);
  if (found.kind !== 'foreign-key') {
    throw new SqlError(
      SqlState.WrongObjectType,
      `constraint "${name}" of relation "${table.name}" is not a foreign key constraint`,
    );
  }
  const constraints = table.constraints.map((constraint) =>
    constraint.oid === found.oid && constraint.kind === 'foreign-key'
      ? { ...constraint, isDeferrable, isInitiallyDeferred }
      : constraint,
  );
  alteration.table = { ...table, constraints };
}

/** Throws 42704. */
export function namedConstraint({ table }: TableAlteration, name: string): TableConstraint {
  const found = constraintsOf(table).find((constraint) => constraint.name === name);
  if (found !== undefined) return found;
  throw new SqlError(SqlState.UndefinedObject, `constraint "${name}" of relation "${table.name}" does not exist`);
}

function environmentOf({ run }: TableAlteration) {
  return { catalog: run.catalog, takeOid: () => run.transaction.takeOid() };
}
