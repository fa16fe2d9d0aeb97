import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import {
  addEnumLabel,
  enumLabels,
  type LabelPlace,
  renameEnumLabel,
} from '../../database/schema-change/enum-labels.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { findEnum } from '../../sql/binder/find-relation.ts';
import { nameAsWritten } from '../../sql/binder/find-table.ts';
import { findType } from '../../sql/binder/resolve-type.ts';
import type {
  AddEnumValueStatement,
  ChangeOwnerStatement,
  CreateEnumStatement,
  RenameEnumValueStatement,
} from '../../sql/syntax/definition-ast.ts';
import type { RelationName } from '../../sql/syntax/located.ts';
import { requireMayGive } from '../access/owned-statements.ts';
import type { DefinitionRun } from './definition-run.ts';
import { restateTables } from './restate-tables.ts';

/** PostgreSQL's limit on names, in bytes of UTF-8. */
const MAX_LABEL_BYTES = 63;

export async function createEnum(run: DefinitionRun, { type, labels }: CreateEnumStatement): Promise<string> {
  const { schemaName } = await run.place(type, 'permanent');
  const { catalog, transaction } = run;
  requireFreeTypeName(run, schemaName, type.name);
  const known = new Set<string>();
  for (const label of labels) {
    checkLabel(label);
    if (known.has(label)) {
      throw new SqlError(
        SqlState.UniqueViolation,
        'duplicate key value violates unique constraint "pg_enum_typid_label_index"',
        { schemaName: 'pg_catalog', tableName: 'pg_enum', constraintName: 'pg_enum_typid_label_index' },
      );
    }
    known.add(label);
  }
  transaction.schema.createEnum({
    oid: transaction.takeOid(),
    arrayOid: transaction.takeOid(),
    schemaOid: catalog.schema(schemaName)?.oid ?? 0,
    schemaName,
    name: type.name,
    ownerOid: run.roleOid,
    labels: enumLabels(labels, () => transaction.takeOid()),
  });
  return 'CREATE TYPE';
}

/** Throws 42710 where a type or the row type of a table has the name. */
export function requireFreeTypeName(run: DefinitionRun, schemaName: string, name: string): void {
  const { catalog } = run;
  if (catalog.userType(schemaName, name) === undefined && catalog.table(schemaName, name) === undefined) return;
  throw new SqlError(SqlState.DuplicateObject, `type "${name}" already exists`);
}

export async function addEnumValue(run: DefinitionRun, statement: AddEnumValueStatement): Promise<string> {
  const { type, label, neighbour } = statement;
  const found = await lockedEnum(run, type);
  checkLabel(label);
  if (statement.ifNotExists && found.labels.some(({ name }) => name === label)) {
    run.notice(`enum label "${label}" already exists, skipping`, { code: SqlState.DuplicateObject });
    return 'ALTER TYPE';
  }
  const place: LabelPlace | undefined =
    neighbour === undefined ? undefined : { side: neighbour.isAfter ? 'after' : 'before', label: neighbour.label };
  run.transaction.schema.alterEnum(addEnumLabel(found, { name: label, oid: run.transaction.takeOid(), place }));
  return 'ALTER TYPE';
}

export async function renameEnumValue(run: DefinitionRun, statement: RenameEnumValueStatement): Promise<string> {
  const { type, label, newLabel } = statement;
  const found = await lockedEnum(run, type);
  checkLabel(newLabel);
  const renamed = renameEnumLabel(found, label, newLabel);
  await restateTables(run, found.oid, () => run.transaction.schema.alterEnum(renamed));
  return 'ALTER TYPE';
}

export async function renameEnum(run: DefinitionRun, type: RelationName, newName: string): Promise<string> {
  const found = await lockedEnum(run, type);
  requireFreeTypeName(run, found.schemaName, newName);
  await restateTables(run, found.oid, () => run.transaction.schema.alterEnum({ ...found, name: newName }));
  return 'ALTER TYPE';
}

export async function changeEnumOwner(run: DefinitionRun, { name, owner }: ChangeOwnerStatement): Promise<string> {
  const found = await lockedEnum(run, name);
  const ownerOid = run.role(owner);
  if (ownerOid !== found.ownerOid) {
    requireMayGive(run, ownerOid, run.schema(found.schemaName));
    run.transaction.schema.alterEnum({ ...found, ownerOid });
  }
  return 'ALTER TYPE';
}

/** Locked against all changes. Rejects with 42704, 42809, 3F000. */
export async function lockedEnum(run: DefinitionRun, name: RelationName): Promise<EnumDescriptor> {
  if (name.schema !== undefined) run.requireUsage(name.schema);
  for (let lockedOid: number | undefined; ; ) {
    const context = run.bindContext();
    const found = findEnum(context, name);
    if (found === undefined) {
      const type = findType(context, name.schema, name.name);
      if (type !== undefined) {
        throw new SqlError(SqlState.WrongObjectType, `${type.sqlName} is not an enum`);
      }
      if (name.schema !== undefined && run.catalog.schema(name.schema) === undefined) {
        throw new SqlError(SqlState.InvalidSchemaName, `schema "${name.schema}" does not exist`);
      }
      throw new SqlError(SqlState.UndefinedObject, `type "${nameAsWritten(name)}" does not exist`);
    }
    if (found.oid === lockedOid) return found;
    run.requireOwnType(found);
    await run.lock(found.oid, 'exclusive');
    lockedOid = found.oid;
  }
}

function checkLabel(label: string): void {
  if (Buffer.byteLength(label) <= MAX_LABEL_BYTES) return;
  throw new SqlError(SqlState.InvalidName, `invalid enum label "${label}"`, {
    detail: `Labels must be ${MAX_LABEL_BYTES} bytes or less.`,
  });
}
