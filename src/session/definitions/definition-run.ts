import { type AccessControl, notOwner, permissionDenied } from '../../catalog/access/access-control.ts';
import {
  type AccessTarget,
  databaseTarget,
  schemaTarget,
  sequenceTarget,
  tableTarget,
  typeTarget,
  viewTarget,
} from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import type { StoredRole } from '../../catalog/access/role.ts';
import type { CatalogReader, SchemaDescriptor } from '../../catalog/catalog-reader.ts';
import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { TEMPORARY_ALIAS } from '../../catalog/temporary-schemas.ts';
import type { Transaction } from '../../database/transaction.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { quoteIdentifier } from '../../functions/scalar/quoting.ts';
import type { BindContext } from '../../sql/binder/bind-context.ts';
import { creationSchema } from '../../sql/binder/creation-schema.ts';
import { type FoundRelation, findRelation } from '../../sql/binder/find-relation.ts';
import { StatementBinding } from '../../sql/binder/statement-binding.ts';
import type { RelationName } from '../../sql/syntax/located.ts';
import type { RoleSyntax } from '../../sql/syntax/role-ast.ts';
import type { Persistence } from '../../sql/syntax/table-definition-ast.ts';
import { notice } from '../notice.ts';
import type { SessionRoles } from '../session-roles.ts';
import type { StatementScope } from '../statement-scope.ts';

type LockMode = Parameters<Transaction['lockTable']>[1];

/** What the parts of a CREATE, ALTER or DROP work with. The catalog is asked anew each time: they change it. */
export class DefinitionRun {
  readonly scope: StatementScope;
  readonly transaction: Transaction;

  readonly #command: string | undefined;

  /** `command`: what must not happen to tables with checks that were put off; undefined: it makes no difference to them. */
  constructor(scope: StatementScope, command: string | undefined) {
    this.scope = scope;
    this.#command = command;
    this.transaction = scope.block.current();
  }

  get catalog(): CatalogReader {
    return this.scope.environment.catalog;
  }

  /** As whom the session acts, and who may do what. */
  get identity(): SessionRoles {
    return this.scope.environment.identity;
  }

  get access(): AccessControl {
    return this.identity.access;
  }

  get roleOid(): number {
    return this.scope.environment.role.oid;
  }

  /** Over the catalog as it is now. */
  bindContext(): BindContext {
    return this.scope.environment.bindContext(undefined);
  }

  binding(): StatementBinding {
    return new StatementBinding(this.bindContext());
  }

  notice(message: string, options: { readonly code?: SqlState; readonly detail?: string | undefined } = {}): void {
    const fields = options.detail === undefined ? {} : { detail: options.detail };
    this.scope.notice(notice(options.code ?? SqlState.SuccessfulCompletion, message, fields));
  }

  /** Waits for the lock of a table, sequence or type. Rejects with 55006 for a table with checks that were put off. */
  async lock(oid: number, mode: LockMode): Promise<void> {
    const { control, settings, block } = this.scope;
    const isOfTable = mode === 'exclusive' || this.#command === 'CREATE INDEX';
    if (isOfTable && this.#command !== undefined) {
      block.constraints.refuseChange(this.#command, this.catalog.tableByOid(oid));
    }
    await this.transaction.lockTable(oid, mode, { control, lockTimeoutMs: settings.lockTimeoutMs });
  }

  /**
   * The relation of this name, which must be the role's own, locked; what it was called before the lock was there may be something else by then.
   * `lockOidOf`: what is locked for it; undefined: nothing, as the caller is to refuse it. `isPart`: it is about a part.
   */
  async findLocked(
    name: RelationName,
    mode: LockMode,
    lockOidOf: (relation: FoundRelation) => number | undefined,
    options: { readonly isPart?: boolean } = {},
  ): Promise<FoundRelation | undefined> {
    if (name.schema !== undefined) this.requireUsage(name.schema);
    for (let lockedOid: number | undefined; ; ) {
      const found = findRelation(this.bindContext(), name);
      const wanted = found === undefined ? undefined : lockOidOf(found);
      if (found !== undefined && wanted !== undefined && wanted !== lockedOid) this.requireOwnRelation(found, options);
      if (wanted === undefined || wanted === lockedOid) return found;
      await this.lock(wanted, mode);
      lockedOid = wanted;
    }
  }

  /** Throws 42501 unless names may be looked for in a schema. Of one that is not there something else is said. */
  requireUsage(schemaName: string): void {
    const schema = this.catalog.schema(schemaName);
    if (schema !== undefined) this.access.require(this.roleOid, schemaTarget(schema), Privilege.Usage);
  }

  /** Throws 42501 for a relation of somebody else's; to drop it, its schema may be the role's own instead. */
  requireOwnRelation(found: FoundRelation, options: { readonly isPart?: boolean } = {}): void {
    if (this.identity.isSuperuser) return;
    const target = targetOf(found);
    if (this.#command?.startsWith('DROP') === true && this.#isOwnSchema(schemaNameOf(found))) return;
    if (this.access.isOwner(this.roleOid, target)) return;
    if (found.kind === 'index') throw notOwner({ word: 'index', name: found.name });
    throw notOwner({ word: options.isPart === true ? 'relation' : target.word, name: target.name });
  }

  /** Likewise for a type, which is called as the session sees it. */
  requireOwnType(found: EnumDescriptor): void {
    const name = this.shownName(found.schemaName, found.name, found.oid);
    this.requireOwn({ ...typeTarget(found), name }, found.schemaName);
  }

  /** Likewise for what is found otherwise. */
  requireOwn(target: AccessTarget, schemaName?: string): void {
    const isDrop = this.#command?.startsWith('DROP') === true;
    if (isDrop && schemaName !== undefined && this.#isOwnSchema(schemaName)) return;
    this.access.requireOwner(this.roleOid, target);
  }

  /** Throws 42501 for who may not make objects in a schema. */
  requireCreate(schema: SchemaDescriptor, roleOid = this.roleOid, position = 0): void {
    const target = schemaTarget(schema);
    if (!this.access.has(roleOid, target, Privilege.Create)) throw permissionDenied(target, position);
  }

  /** Whether the current role may do something with the current database. */
  mayOnDatabase(privilege: number): boolean {
    const database = this.identity.shared.databaseByOid(this.scope.block.database.oid);
    return database === undefined || this.access.has(this.roleOid, databaseTarget(database), privilege);
  }

  /** Throws 42501 for who may not do something with the current database. */
  requireOnDatabase(privilege: number): void {
    if (this.mayOnDatabase(privilege)) return;
    const name = this.scope.environment.databaseName;
    if (privilege !== Privilege.Temporary) throw permissionDenied({ word: 'database', name });
    throw new SqlError(
      SqlState.InsufficientPrivilege,
      `permission denied to create temporary tables in database "${name}"`,
    );
  }

  #isOwnSchema(name: string): boolean {
    const schema = this.catalog.schema(name);
    return schema !== undefined && this.access.isOwner(this.roleOid, schemaTarget(schema));
  }

  /** A table as the transaction sees it now. */
  table(oid: number): TableDescriptor {
    const table = this.catalog.tableByOid(oid);
    if (table !== undefined) return table;
    throw new SqlError(SqlState.UndefinedTable, `relation with OID ${oid} does not exist`);
  }

  schema(name: string): SchemaDescriptor {
    const schema = this.catalog.schema(name);
    if (schema !== undefined) return schema;
    throw undefinedSchema(name);
  }

  /** A schema that stays what it is until the transaction ends. Rejects with 3F000. */
  async lockSchema(name: string, mode: LockMode): Promise<SchemaDescriptor> {
    for (let lockedOid: number | undefined; ; ) {
      const schema = this.schema(name);
      if (schema.oid === lockedOid) return schema;
      await this.lock(schema.oid, mode);
      lockedOid = schema.oid;
    }
  }

  /**
   * Where a new object goes, which keeps the schema from being dropped: into that of temporary objects, which is made if
   * there is none, when it is temporary or its name says so. Rejects with 3F000, 42501, 42P16.
   */
  async place(
    name: RelationName,
    written: Persistence,
    { errorPosition = 0 }: { readonly errorPosition?: number } = {},
  ): Promise<{ readonly schemaName: string; readonly persistence: Persistence }> {
    const own = this.scope.environment.temporarySchema;
    const { position } = name;
    const isOwn = (schema: string): boolean => schema === own || schema === TEMPORARY_ALIAS;
    if (written === 'temporary' && name.schema !== undefined && !isOwn(name.schema)) {
      throw new SqlError(SqlState.InvalidTableDefinition, 'cannot create temporary relation in non-temporary schema', {
        position,
      });
    }
    const schemaName = written === 'temporary' ? own : creationSchema(this.bindContext(), name);
    if (!isOwn(schemaName)) {
      this.requireCreate(await this.lockSchema(schemaName, 'share'), this.roleOid, errorPosition);
      return { schemaName, persistence: written };
    }
    if (written === 'unlogged') {
      throw new SqlError(
        SqlState.InvalidTableDefinition,
        'only temporary relations may be created in temporary schemas',
        { position },
      );
    }
    this.requireOnDatabase(Privilege.Temporary);
    if (this.catalog.schema(own) === undefined) {
      this.transaction.schema.createSchema({ oid: this.transaction.takeOid(), name: own, ownerOid: this.roleOid });
    }
    return { schemaName: own, persistence: 'temporary' };
  }

  /** Throws 42704. PUBLIC is no role. */
  role(role: RoleSyntax): number {
    if (role.kind === 'current') return this.roleOid;
    if (role.kind === 'session') return this.identity.session.oid;
    return this.namedRole(role.name ?? 'public').oid;
  }

  /** Throws 42704. */
  namedRole(name: string): StoredRole {
    const found = this.identity.shared.roleByName(name);
    if (found !== undefined) return found;
    throw new SqlError(SqlState.UndefinedObject, `role "${name}" does not exist`);
  }

  /** A relation's or type's name in messages: with its schema where the search path would not find it. */
  shownName(schemaName: string, name: string, oid: number): string {
    const { catalog, searchPath } = this.bindContext();
    for (const schema of searchPath) {
      const oids = [
        catalog.table(schema, name)?.oid,
        catalog.view(schema, name)?.oid,
        catalog.sequence(schema, name)?.oid,
        catalog.index(schema, name)?.index.oid,
        catalog.userType(schema, name)?.oid,
      ];
      if (oids.includes(oid)) return quoteIdentifier(name);
      if (oids.some((found) => found !== undefined)) break;
      if (schema === schemaName) return quoteIdentifier(name);
    }
    return `${quoteIdentifier(schemaName)}.${quoteIdentifier(name)}`;
  }
}

function targetOf(found: FoundRelation): AccessTarget {
  if (found.kind === 'view') return viewTarget(found.view);
  return found.kind === 'sequence' ? sequenceTarget(found.sequence) : tableTarget(found.table);
}

function schemaNameOf(found: FoundRelation): string {
  if (found.kind === 'view') return found.view.schemaName;
  return found.kind === 'sequence' ? found.sequence.schemaName : found.table.schemaName;
}

export function undefinedSchema(name: string): SqlError {
  return new SqlError(SqlState.InvalidSchemaName, `schema "${name}" does not exist`);
}
