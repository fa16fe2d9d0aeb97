import { schemaTarget } from '../../catalog/access/access-target.ts';
import { invariant, unreachable } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { isSystemSchema } from '../../sql/binder/creation-schema.ts';
import { type FoundRelation, findEnum, findRelation, lockOidOf } from '../../sql/binder/find-relation.ts';
import { findType } from '../../sql/binder/resolve-type.ts';
import type { RelationKind } from '../../sql/syntax/alter-table-ast.ts';
import type { DropStatement } from '../../sql/syntax/definition-ast.ts';
import type { RelationName } from '../../sql/syntax/located.ts';
import { type DefinitionRun, undefinedSchema } from './definition-run.ts';
import { dropObjects } from './drop-objects.ts';
import { dropExtensionsIn } from './extension-statements.ts';
import { constraintOfIndex, describeObject, keyOf, type SchemaObject } from './schema-object.ts';

/** DROP TABLE, INDEX, SEQUENCE, TYPE and SCHEMA. Nothing is dropped unless all can be. */
export async function runDrop(run: DefinitionRun, statement: DropStatement): Promise<string> {
  const { object: kind, names, isCascade, isConcurrent } = statement;
  invariant(kind !== 'extension', 'extensions are dropped elsewhere');
  if (isConcurrent) {
    if (names.length > 1) {
      throw new SqlError(
        SqlState.FeatureNotSupported,
        'DROP INDEX CONCURRENTLY does not support dropping multiple objects',
      );
    }
    if (isCascade) {
      throw new SqlError(SqlState.FeatureNotSupported, 'DROP INDEX CONCURRENTLY does not support CASCADE');
    }
    run.scope.block.requireNoBlock('DROP INDEX CONCURRENTLY');
  }
  const objects = new Map<string, SchemaObject>();
  for (const name of names) {
    const found = await FINDERS[kind](run, name);
    if (found === undefined) {
      if (!statement.ifExists) throw missing(run, kind, name);
      noticeMissing(run, kind, name);
    } else objects.set(keyOf(found), found);
  }
  for (const object of objects.values()) {
    requireNotOwned(run, object);
    if (object.kind === 'schema') dropExtensionsIn(run, object.schema, isCascade);
  }
  await dropObjects(run, [...objects.values()], { isCascade });
  return `DROP ${kind.toUpperCase()}`;
}

const FINDERS: Readonly<
  Record<
    Exclude<DropStatement['object'], 'extension'>,
    (run: DefinitionRun, name: RelationName) => Promise<SchemaObject | undefined>
  >
> = {
  index: (run, name) => findDropped(run, 'index', name),
  schema: findDroppedSchema,
  sequence: (run, name) => findDropped(run, 'sequence', name),
  table: (run, name) => findDropped(run, 'table', name),
  type: findDroppedType,
  view: (run, name) => findDropped(run, 'view', name),
};

/** Throws 2BP01 for a schema of the system. */
async function findDroppedSchema(run: DefinitionRun, { name }: RelationName): Promise<SchemaObject | undefined> {
  if (run.catalog.schema(name) === undefined) return undefined;
  const schema = await run.lockSchema(name, 'exclusive');
  if (isSystemSchema(schema.name)) {
    throw new SqlError(
      SqlState.DependentObjectsStillExist,
      `cannot drop schema ${schema.name} because it is required by the database system`,
    );
  }
  run.requireOwn(schemaTarget(schema));
  return { kind: 'schema', schema };
}

async function findDropped(
  run: DefinitionRun,
  kind: RelationKind,
  name: RelationName,
): Promise<SchemaObject | undefined> {
  const found = await run.findLocked(name, 'exclusive', (relation) => {
    requireKind(relation, kind, name.name);
    return lockOidOf(relation);
  });
  switch (found?.kind) {
    case undefined:
      return undefined;
    case 'table':
      return { kind: 'table', table: found.table };
    case 'index':
      return { kind: 'index', table: found.table, index: found };
    case 'sequence':
      return { kind: 'sequence', sequence: found.sequence };
    case 'view':
      return { kind: 'view', view: found.view };
    default:
      return unreachable(found);
  }
}

/** Throws 42809 for a relation of another kind, 42501 for a system table. */
function requireKind(relation: FoundRelation, kind: RelationKind, name: string): void {
  if (relation.kind !== kind) {
    const article = kind === 'index' ? 'an' : 'a';
    const own = relation.kind === 'index' ? 'an index' : `a ${relation.kind}`;
    throw new SqlError(SqlState.WrongObjectType, `"${name}" is not ${article} ${kind}`, {
      hint: `Use DROP ${relation.kind.toUpperCase()} to remove ${own}.`,
    });
  }
  if (relation.kind === 'table' && relation.table.kind === 'system-table') {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${name}" is a system catalog`);
  }
}

async function findDroppedType(run: DefinitionRun, name: RelationName): Promise<SchemaObject | undefined> {
  if (name.schema !== undefined) run.requireUsage(name.schema);
  for (let lockedOid: number | undefined; ; ) {
    const context = run.bindContext();
    const found = findEnum(context, name);
    if (found === undefined) {
      const type = findType(context, name.schema, name.name);
      if (type !== undefined) throw isRequired(run, type);
      const relation = findRelation(context, name);
      if (relation?.kind === 'table') {
        const table = describeObject(run, relation);
        throw new SqlError(
          SqlState.DependentObjectsStillExist,
          `cannot drop type ${table.slice('table '.length)} because ${table} requires it`,
          { hint: `You can drop ${table} instead.` },
        );
      }
      return undefined;
    }
    if (found.oid === lockedOid) return { kind: 'type', enum: found };
    run.requireOwnType(found);
    await run.lock(found.oid, 'exclusive');
    lockedOid = found.oid;
  }
}

/** A built-in type, or the array over an enum. */
function isRequired(run: DefinitionRun, type: { readonly sqlName: string; readonly elementOid: number }): SqlError {
  const element = run.catalog.enumByOid(type.elementOid);
  if (element === undefined) {
    return new SqlError(
      SqlState.DependentObjectsStillExist,
      `cannot drop type ${type.sqlName} because it is required by the database system`,
    );
  }
  const owner = describeObject(run, { kind: 'type', enum: element });
  return new SqlError(SqlState.DependentObjectsStillExist, `cannot drop ${owner}[] because ${owner} requires it`, {
    hint: `You can drop ${owner} instead.`,
  });
}

/** Throws 2BP01 for what is part of something else: an identity column's sequence, a constraint's index. */
function requireNotOwned(run: DefinitionRun, object: SchemaObject): void {
  const owner = ownerOf(run, object);
  if (owner === undefined) return;
  const description = describeObject(run, owner);
  throw new SqlError(
    SqlState.DependentObjectsStillExist,
    `cannot drop ${describeObject(run, object)} because ${description} requires it`,
    { hint: `You can drop ${description} instead.` },
  );
}

function ownerOf(run: DefinitionRun, object: SchemaObject): SchemaObject | undefined {
  if (object.kind === 'index') {
    const { table } = object;
    const constraint = constraintOfIndex(table, object.index.oid);
    return constraint === undefined ? undefined : { kind: 'constraint', table, constraint };
  }
  if (object.kind !== 'sequence' || object.sequence.owner?.kind !== 'identity') return undefined;
  const { tableOid, columnNumber } = object.sequence.owner;
  const table = run.table(tableOid);
  const column = table.columns.find(({ number }) => number === columnNumber);
  return column === undefined ? undefined : { kind: 'column', table, column };
}

function missing(run: DefinitionRun, kind: DropStatement['object'], { schema, name }: RelationName): SqlError {
  if (schema !== undefined && run.catalog.schema(schema) === undefined) {
    return new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`);
  }
  if (kind === 'schema') return undefinedSchema(name);
  const code =
    kind === 'table' || kind === 'sequence' || kind === 'view' ? SqlState.UndefinedTable : SqlState.UndefinedObject;
  const shown = kind === 'type' && schema !== undefined ? `${schema}.${name}` : name;
  return new SqlError(code, `${kind} "${shown}" does not exist`);
}

function noticeMissing(run: DefinitionRun, kind: DropStatement['object'], { schema, name }: RelationName): void {
  if (schema !== undefined && run.catalog.schema(schema) === undefined) {
    run.notice(`schema "${schema}" does not exist, skipping`);
    return;
  }
  const shown = kind === 'type' && schema !== undefined ? `${schema}.${name}` : name;
  run.notice(`${kind} "${shown}" does not exist, skipping`);
}
