import type { StoredView, StoredViewColumn } from '../../catalog/catalog-object.ts';
import type { SchemaDescriptor } from '../../catalog/catalog-reader.ts';
import { rowTypeByOid } from '../../catalog/row-type.ts';
import { isTemporarySchema } from '../../catalog/temporary-schemas.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { checkNameFree } from '../../sql/binder/bind-create-table.ts';
import { checkNamesDiffer } from '../../sql/binder/column-names.ts';
import { relationNamed, undefinedRelation } from '../../sql/binder/find-relation.ts';
import { nameAsWritten } from '../../sql/binder/find-table.ts';
import { storeDefault } from '../../sql/binder/stored-expression.ts';
import { storeViewQuery, type ViewQuery } from '../../sql/binder/view-query.ts';
import type { AlterTableAction } from '../../sql/syntax/alter-table-ast.ts';
import type { AlterViewAction, AlterViewStatement, CreateViewStatement } from '../../sql/syntax/definition-ast.ts';
import type { RoleSyntax } from '../../sql/syntax/role-ast.ts';
import type { Persistence } from '../../sql/syntax/table-definition-ast.ts';
import { formatType } from '../../types/format-type.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { typeByOid } from '../../types/type-registry.ts';
import { requireMayGive } from '../access/owned-statements.ts';
import type { DefinitionRun } from './definition-run.ts';
import { requireFreeTypeName } from './enum-statements.ts';
import { targetSchema } from './set-schema.ts';

export async function createView(run: DefinitionRun, statement: CreateViewStatement): Promise<string> {
  const { relation, isReplacing, checkOption, position } = statement;
  if (checkOption !== undefined) throw notSupported('WITH CHECK OPTION', position);
  const bound = await lockedQuery(run, statement);
  const columns = columnsOf(statement, bound);
  const { schemaName } = await run.place(relation, persistenceOf(run, statement, bound));
  const found = relationNamed(run.catalog, schemaName, relation.name);
  const { query, uses, typeOids } = bound;
  if (isReplacing && found !== undefined) {
    if (found.kind !== 'view') {
      throw new SqlError(SqlState.WrongObjectType, `"${relation.name}" is not a view`);
    }
    run.requireOwnRelation(found);
    await run.lock(found.view.oid, 'exclusive');
    const view = run.catalog.viewByOid(found.view.oid);
    if (view === undefined) throw undefinedRelation(run.bindContext(), relation);
    requireSameColumns(run, view.columns, columns);
    const kept = columns.map((column, at) => ({ ...view.columns[at], ...column }));
    run.transaction.schema.alterView({ ...view, columns: kept, query, uses, typeOids });
    return 'CREATE VIEW';
  }
  checkNameFree(run.bindContext(), schemaName, relation.name);
  run.transaction.schema.createView({
    oid: run.transaction.takeOid(),
    rowTypeOid: run.transaction.takeOid(),
    schemaOid: run.schema(schemaName).oid,
    schemaName,
    name: relation.name,
    ownerOid: run.roleOid,
    columns,
    query,
    uses,
    typeOids,
  });
  return 'CREATE VIEW';
}

/** What the query reads stays as it is until the transaction ends. */
async function lockedQuery(run: DefinitionRun, { query }: CreateViewStatement): Promise<ViewQuery> {
  const locked = new Set<number>();
  for (;;) {
    const bound = storeViewQuery(run.bindContext(), query);
    const unlocked = [...bound.uses.map(({ oid }) => oid), ...bound.typeOids].filter((oid) => !locked.has(oid));
    if (unlocked.length === 0) return bound;
    for (const oid of unlocked) {
      if (run.catalog.tableByOid(oid)?.kind !== 'system-table') await run.lock(oid, 'append');
      locked.add(oid);
    }
  }
}

/** A view over what is temporary is so itself. */
function persistenceOf(
  run: DefinitionRun,
  { isTemporary, relation }: CreateViewStatement,
  { uses }: ViewQuery,
): Persistence {
  if (isTemporary) return 'temporary';
  const reads = uses.flatMap(({ oid }) => run.catalog.tableByOid(oid) ?? run.catalog.viewByOid(oid) ?? []);
  if (!reads.some(({ schemaName }) => isTemporarySchema(schemaName))) return 'permanent';
  run.notice(`view "${relation.name}" will be a temporary view`);
  return 'temporary';
}

/** Throws 42601 for more names than columns, 42701 for a name given twice, 42P16 for columns that cannot be stored. */
function columnsOf({ columns: names }: CreateViewStatement, { output }: ViewQuery): StoredViewColumn[] {
  if (names.length > output.length) {
    throw new SqlError(SqlState.SyntaxError, 'CREATE VIEW specifies more column names than columns');
  }
  checkNamesDiffer(output.map(({ name }, at) => names[at] ?? name));
  return output.map(({ name: own, type }, at) => {
    const name = names[at] ?? own;
    const { definition, typmod } = type;
    if (definition.category === 'P') {
      throw new SqlError(SqlState.InvalidTableDefinition, `column "${name}" has pseudo-type ${definition.sqlName}`);
    }
    return { name, typeOid: definition.oid, typmod };
  });
}

/** CREATE OR REPLACE may add columns at the end. */
function requireSameColumns(
  run: DefinitionRun,
  before: readonly StoredViewColumn[],
  after: readonly StoredViewColumn[],
): void {
  const refuse = (message: string, hint?: string): SqlError =>
    new SqlError(SqlState.InvalidTableDefinition, message, hint === undefined ? {} : { hint });
  if (after.length < before.length) throw refuse('cannot drop columns from view');
  for (const [at, column] of before.entries()) {
    const { name, typeOid, typmod } = after[at];
    if (name !== column.name) {
      throw refuse(
        `cannot change name of view column "${column.name}" to "${name}"`,
        'Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.',
      );
    }
    if (typeOid === column.typeOid && typmod === column.typmod) continue;
    const [from, to] = [column, after[at]].map((part) => typeText(run, part));
    throw refuse(`cannot change data type of view column "${column.name}" from ${from} to ${to}`);
  }
}

function columnType({ catalog }: DefinitionRun, oid: number): TypeDefinition | undefined {
  return catalog.userTypeByOid(oid) ?? typeByOid(oid) ?? rowTypeByOid(catalog, oid);
}

function typeText(run: DefinitionRun, { typeOid, typmod }: StoredViewColumn): string {
  const definition = columnType(run, typeOid);
  return definition === undefined ? String(typeOid) : formatType({ definition, typmod });
}

export async function alterView(run: DefinitionRun, statement: AlterViewStatement): Promise<string> {
  const { relation, ifExists, action } = statement;
  const found = await run.findLocked(relation, 'exclusive', (candidate) => {
    if (candidate.kind === 'view') return candidate.view.oid;
    throw new SqlError(SqlState.WrongObjectType, `"${relation.name}" is not a view`);
  });
  if (found?.kind !== 'view') {
    if (!ifExists) throw undefinedRelation(run.bindContext(), relation);
    run.notice(`relation "${nameAsWritten(relation)}" does not exist, skipping`);
    return 'ALTER VIEW';
  }
  await change(run, found.view, action);
  return 'ALTER VIEW';
}

async function change(run: DefinitionRun, view: StoredView, action: AlterViewAction): Promise<void> {
  switch (action.kind) {
    case 'rename':
      renameView(run, view, action.newName);
      return;
    case 'rename-column':
      renameViewColumn(run, view, action.column, action.newName);
      return;
    case 'set-schema':
      moveView(run, view, await targetSchema(run, action, view.schemaName));
      return;
    case 'set-owner':
      changeViewOwner(run, view, action.owner);
      return;
    case 'set-default':
      setDefault(run, view, action);
  }
}

function changeViewOwner(run: DefinitionRun, view: StoredView, owner: RoleSyntax): void {
  const ownerOid = run.role(owner);
  if (ownerOid === view.ownerOid) return;
  requireMayGive(run, ownerOid, run.schema(view.schemaName));
  run.transaction.schema.alterView({ ...view, ownerOid });
}

export function renameView(run: DefinitionRun, view: StoredView, newName: string): void {
  if (relationNamed(run.catalog, view.schemaName, newName) !== undefined) {
    throw new SqlError(SqlState.DuplicateTable, `relation "${newName}" already exists`);
  }
  requireFreeTypeName(run, view.schemaName, newName);
  run.transaction.schema.alterView({ ...view, name: newName });
}

export function renameViewColumn(run: DefinitionRun, view: StoredView, name: string, newName: string): void {
  const at = placeOf(view, name, `column "${name}" does not exist`);
  if (view.columns.some((column) => column.name === newName)) {
    throw new SqlError(SqlState.DuplicateColumn, `column "${newName}" of relation "${view.name}" already exists`);
  }
  run.transaction.schema.alterView({ ...view, columns: withColumn(view, at, { ...view.columns[at], name: newName }) });
}

export function moveView(run: DefinitionRun, view: StoredView, target: SchemaDescriptor): void {
  if (target.oid === view.schemaOid) return;
  if (relationNamed(run.catalog, target.name, view.name) !== undefined) {
    throw new SqlError(SqlState.DuplicateTable, `relation "${view.name}" already exists in schema "${target.name}"`);
  }
  if (run.catalog.userType(target.name, view.name) !== undefined) {
    throw new SqlError(SqlState.DuplicateObject, `type "${view.name}" already exists in schema "${target.name}"`);
  }
  run.transaction.schema.alterView({ ...view, schemaOid: target.oid, schemaName: target.name });
}

function setDefault(
  run: DefinitionRun,
  view: StoredView,
  { column: name, expression }: Extract<AlterViewAction, { kind: 'set-default' }>,
): void {
  const at = placeOf(view, name, `column "${name}" of relation "${view.name}" does not exist`);
  const { default: _, ...column } = view.columns[at];
  const definition = columnType(run, column.typeOid);
  if (definition === undefined) throw notSupported('a default of this type');
  const type = { definition, typmod: column.typmod };
  const text = expression === undefined ? undefined : storeDefault(run.bindContext(), expression, { name, type });
  const next = text === undefined ? column : { ...column, default: text };
  run.transaction.schema.alterView({ ...view, columns: withColumn(view, at, next) });
}

function placeOf(view: StoredView, name: string, message: string): number {
  const at = view.columns.findIndex((column) => column.name === name);
  if (at < 0) throw new SqlError(SqlState.UndefinedColumn, message);
  return at;
}

function withColumn(view: StoredView, at: number, column: StoredViewColumn): readonly StoredViewColumn[] {
  return view.columns.map((other, place) => (place === at ? column : other));
}

/** ALTER TABLE of a view does what ALTER VIEW does; all else has been refused. */
export function alterViewAsTable(run: DefinitionRun, view: StoredView, action: AlterTableAction): void {
  const current = run.catalog.viewByOid(view.oid) ?? view;
  if (action.kind === 'change-owner') {
    changeViewOwner(run, current, action.owner);
  } else if (action.kind === 'set-default') {
    setDefault(run, current, { kind: 'set-default', column: action.column, expression: action.expression });
  } else if (action.kind === 'drop-default') {
    setDefault(run, current, { kind: 'set-default', column: action.column, expression: undefined });
  }
}
