import { notOwner } from '../../catalog/access/access-control.ts';
import { databaseTarget, schemaTarget } from '../../catalog/access/access-target.ts';
import { ObjectClass } from '../../catalog/catalog-object.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { type FoundRelation, lockOidOf, undefinedRelation } from '../../sql/binder/find-relation.ts';
import { nameAsWritten } from '../../sql/binder/find-table.ts';
import { findType } from '../../sql/binder/resolve-type.ts';
import type { CommentStatement } from '../../sql/syntax/definition-ast.ts';
import { mayManageRoles } from '../access/role-statements.ts';
import { warning } from '../notice.ts';
import type { DefinitionRun } from './definition-run.ts';
import { commentedExtension } from './extension-statements.ts';
import { constraintsOf } from './schema-object.ts';

interface Place {
  readonly classOid: number;
  readonly objectOid: number;
  readonly subId: number;
}

/** COMMENT ON. The object is kept from being dropped until the comment is there. */
export async function comment(run: DefinitionRun, statement: CommentStatement): Promise<string> {
  if (statement.object === 'role' || statement.object === 'database') {
    const place = sharedPlace(run, statement.object, statement.name.name);
    if (place !== undefined) setSharedComment(run, place, statement.text);
  } else run.transaction.comments.set(await placeOf(run, statement), statement.text);
  return 'COMMENT';
}

/** undefined: PostgreSQL lets a comment on a database that is not there be, so that dumps can be loaded. */
function sharedPlace(run: DefinitionRun, object: 'role' | 'database', name: string): Place | undefined {
  if (object === 'role') {
    const role = run.namedRole(name);
    const { current } = run.identity;
    if (role.isSuperuser && !current.isSuperuser) {
      throw new SqlError(SqlState.InsufficientPrivilege, 'must be superuser');
    }
    if (!mayManageRoles(current)) {
      throw new SqlError(SqlState.InsufficientPrivilege, 'must have CREATEROLE privilege');
    }
    return { classOid: ObjectClass.Role, objectOid: role.oid, subId: 0 };
  }
  const database = run.identity.shared.database(name);
  if (database === undefined) {
    run.scope.notice(warning(SqlState.InvalidCatalogName, `database "${name}" does not exist`));
    return undefined;
  }
  run.access.requireOwner(run.roleOid, databaseTarget(database));
  return { classOid: ObjectClass.Database, objectOid: database.oid, subId: 0 };
}

/** Roles and databases have their comments in no database. */
function setSharedComment(run: DefinitionRun, place: Place, text: string | undefined): void {
  const { access } = run.transaction;
  if (text === undefined) access.drop({ kind: 'comment', ...place, text: '' });
  else access.put({ kind: 'comment', ...place, text });
}

async function placeOf(run: DefinitionRun, statement: CommentStatement): Promise<Place> {
  const { object, name } = statement;
  switch (object) {
    case 'schema': {
      const schema = await run.lockSchema(name.name, 'append');
      run.requireOwn(schemaTarget(schema));
      const { oid } = schema;
      return { classOid: ObjectClass.Schema, objectOid: oid, subId: 0 };
    }
    case 'type': {
      const type = findType(run.bindContext(), name.schema, name.name);
      if (type === undefined) {
        throw new SqlError(SqlState.UndefinedObject, `type "${nameAsWritten(name)}" does not exist`);
      }
      const found = run.catalog.enumByOid(type.oid);
      if (found !== undefined) run.requireOwnType(found);
      else if (!run.identity.isSuperuser) throw notOwner({ word: 'type', name: type.sqlName });
      await run.lock(type.oid, 'append');
      return { classOid: ObjectClass.Type, objectOid: type.oid, subId: 0 };
    }
    case 'extension': {
      const { oid } = commentedExtension(run, name.name);
      return { classOid: ObjectClass.Extension, objectOid: oid, subId: 0 };
    }
    default:
      return placeInRelation(run, statement);
  }
}

async function placeInRelation(run: DefinitionRun, statement: CommentStatement): Promise<Place> {
  const { object, name, part = '' } = statement;
  const found = await run.findLocked(
    name,
    'append',
    (candidate) => {
      checkKind(candidate, statement);
      return lockOidOf(candidate);
    },
    { isPart: object === 'column' || object === 'constraint' },
  );
  if (found === undefined) throw undefinedRelation(run.bindContext(), name);
  if (object === 'column' || object === 'constraint') return placeOfPart(found, object, part);
  return { classOid: ObjectClass.Relation, objectOid: oidOf(found), subId: 0 };
}

/** `checkKind` has refused all but tables and the columns of views. */
function placeOfPart(found: FoundRelation, object: 'column' | 'constraint', part: string): Place {
  if (found.kind === 'view' && object === 'column') {
    const { view } = found;
    const place = view.columns.findIndex((candidate) => candidate.name === part);
    if (place >= 0) return { classOid: ObjectClass.Relation, objectOid: view.oid, subId: place + 1 };
    throw new SqlError(SqlState.UndefinedColumn, `column "${part}" of relation "${view.name}" does not exist`);
  }
  const table = found.kind === 'table' ? found.table : undefined;
  if (object === 'column') {
    const column = table?.columns.find((candidate) => candidate.name === part);
    if (table !== undefined && column !== undefined) {
      return { classOid: ObjectClass.Relation, objectOid: table.oid, subId: column.number };
    }
    throw new SqlError(SqlState.UndefinedColumn, `column "${part}" of relation "${table?.name}" does not exist`);
  }
  const constraint = table && constraintsOf(table).find((candidate) => candidate.name === part);
  if (constraint !== undefined) return { classOid: ObjectClass.Constraint, objectOid: constraint.oid, subId: 0 };
  throw new SqlError(SqlState.UndefinedObject, `constraint "${part}" for table "${table?.name}" does not exist`);
}

function oidOf(found: FoundRelation): number {
  if (found.kind === 'sequence') return found.sequence.oid;
  if (found.kind === 'view') return found.view.oid;
  return found.kind === 'index' ? found.oid : found.table.oid;
}

/** Throws 42809. */
function checkKind(found: FoundRelation, { object, name }: CommentStatement): void {
  if (object === 'column') {
    if (found.kind === 'table' || found.kind === 'view') return;
    throw new SqlError(SqlState.WrongObjectType, `cannot set comment on relation "${name.name}"`, {
      detail: `This operation is not supported for ${found.kind === 'index' ? 'indexes' : 'sequences'}.`,
    });
  }
  const kind = object === 'constraint' ? 'table' : object;
  if (found.kind === kind) return;
  throw new SqlError(SqlState.WrongObjectType, `"${name.name}" is not ${kind === 'index' ? 'an' : 'a'} ${kind}`);
}
