import { permissionDenied } from '../catalog/access/access-control.ts';
import { schemaTarget, sequenceTarget, tableTarget } from '../catalog/access/access-target.ts';
import { Privilege } from '../catalog/access/acl.ts';
import { PredefinedRole, type StoredRole } from '../catalog/access/role.ts';
import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { CatalogReader, SchemaDescriptor } from '../catalog/catalog-reader.ts';
import type { SequenceDescriptor } from '../catalog/sequence-descriptor.ts';
import type { Snapshot, Table } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { ColumnStatistics } from '../catalog/table-statistics.ts';
import { temporarySchemaName } from '../catalog/temporary-schemas.ts';
import { rowNameColumns } from '../database/row-name-columns.ts';
import { invariant } from '../errors/invariant.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { ExecutionContext } from '../execution/execution-context.ts';
import { MemoryAccount } from '../execution/memory-account.ts';
import type { SpillSpace } from '../execution/spill/spill-space.ts';
import type { StatementControl } from '../execution/statement-control.ts';
import type { ScanWorkers } from '../execution/workers/share-task.ts';
import type { SystemFacts } from '../functions/catalog/system-facts.ts';
import type { CatalogFacts, FunctionEnvironment, SessionFacts } from '../functions/environment.ts';
import { SeededSequence } from '../functions/seeded-sequence.ts';
import type { CursorFact } from '../pg-catalog/pg-cursors.ts';
import type { PreparedFact } from '../pg-catalog/pg-prepared-statements.ts';
import { SystemCatalog } from '../pg-catalog/system-catalog.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { BindContext } from '../sql/binder/bind-context.ts';
import { regprocedure } from '../types/reg-types.ts';
import type { NameResolver, TypeContext, TypeDefinition } from '../types/type-definition.ts';
import { regtype } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import { SessionCatalogFacts } from './catalog-facts.ts';
import { type CatalogState, catalogState } from './catalog-state.ts';
import { RowChecks } from './constraints/row-checks.ts';
import { NotedTable } from './noted-table.ts';
import { ObjectDefinitions } from './object-definitions.ts';
import { objectName, objectOid } from './object-names.ts';
import type { PreparedStatement } from './prepared-statement.ts';
import type { ResultColumn } from './result-column.ts';
import { rowLocker } from './row-locker.ts';
import { effectiveSearchPath, writtenSchemas } from './search-path.ts';
import type { ServerIdentity } from './server-facts.ts';
import type { SessionAdvisoryLocks } from './session-advisory-locks.ts';
import { SessionCatalog } from './session-catalog.ts';
import { sessionCatalogSource } from './session-catalog-source.ts';
import type { SessionNotifications } from './session-notifications.ts';
import type { SessionPeers } from './session-peers.ts';
import type { SessionRoles } from './session-roles.ts';
import { SessionSequences } from './session-sequences.ts';
import type { SessionSignals } from './session-signals.ts';
import type { Settings } from './settings.ts';
import { type FunctionSources, StatementFunctions } from './statement-functions.ts';
import type { StatementStatistics } from './statement-statistics.ts';
import { SessionSystemFacts } from './system-facts.ts';
import type { TransactionBlock } from './transaction-block.ts';

/** Who else is in a database, by its OID. */
export interface DatabaseSessions {
  count(databaseOid: number): number;
  /** Ends them; resolves once they are gone. */
  end(databaseOid: number): Promise<void>;
}

/** Both immutable. */
export interface NamedObjects {
  readonly stored: CatalogReader;
  readonly shared: SharedCatalog;
}

export interface SessionEnvironmentOptions {
  readonly processId: number;
  readonly roles: SessionRoles;
  readonly databaseName: string;
  readonly server: ServerIdentity;
  readonly settings: Settings;
  readonly block: TransactionBlock;
  /** Roles and databases as the running transaction sees them. */
  readonly shared: () => SharedCatalog;
  /** The other sessions of the server. */
  readonly sessionsOf: DatabaseSessions;
  readonly clock: Clock;
  readonly random: Random;
  /** A prepared statement of the session. Throws 26000. */
  readonly prepared: (name: string) => PreparedStatement;
  readonly advisoryLocks: SessionAdvisoryLocks;
  readonly peers: SessionPeers;
  readonly signals: SessionSignals;
  readonly statistics: StatementStatistics;
  readonly cursors: () => Iterable<CursorFact>;
  readonly preparedStatements: () => Iterable<PreparedFact>;
  readonly cursorColumns: (name: string) => readonly ResultColumn[] | undefined;
  readonly notifications: SessionNotifications;
  /** Bytes that one statement may hold. */
  readonly memoryLimitBytes: number;
  /** A new one for each statement; absent: what does not fit into memory fails. */
  /** pg_reload_conf. */
  readonly reload?: (() => void) | undefined;
  readonly newSpillSpace?: (() => SpillSpace) | undefined;
  /** Threads that help with large scans; absent: there are none. */
  readonly workers?: ScanWorkers | undefined;
}

/**
 * Builds what binder, functions and execution are told about the world of one statement. What needs the transaction is
 * read lazily: BEGIN, SET and their like begin none, and ROLLBACK must work in a failed block, which has none.
 */
export class SessionEnvironment {
  readonly #options: SessionEnvironmentOptions;
  readonly #systemCatalog: SystemCatalog;
  readonly #systemFacts: SystemFacts;
  readonly #functionSources: FunctionSources;
  readonly sequences: SessionSequences;
  readonly rowChecks = new RowChecks();
  #messageStart: number;
  #firstSchema: string | undefined;
  /** The numbers of random() after setseed(). */
  #seeded: SeededSequence | undefined;
  #typeContext: { readonly base: TypeContext; readonly value: TypeContext } | undefined;

  constructor(options: SessionEnvironmentOptions) {
    this.#options = options;
    this.#systemCatalog = new SystemCatalog(
      sessionCatalogSource({
        activities: () => options.peers.activities((roleOid) => this.#maySeeActivity(roleOid)),
        locks: () => options.peers.locks(),
        statements: () => options.statistics.entries(),
        maySeeActivity: (roleOid) => this.#maySeeActivity(roleOid),
        catalog: () => this.catalog,
        state: () => this.#catalogVersion(),
        hasOwnChanges: () => options.block.current().hasOwnCatalog,
        shared: options.shared,
        access: () => options.roles.access,
        roleOid: () => this.role.oid,
        databaseName: options.databaseName,
        temporarySchema: () => this.temporarySchema,
        searchPath: () => this.searchPath(this.catalog),
        settings: options.settings,
        cursors: options.cursors,
        preparedStatements: options.preparedStatements,
        database: () => options.block.database,
        bindContext: () => this.bindContext(undefined),
      }),
    );
    this.#systemFacts = new SessionSystemFacts({
      lookup: this.#systemCatalog.lookup,
      catalog: () => this.catalog,
      access: () => options.roles.access,
      inquiry: () => ({
        currentRoleOid: this.role.oid,
        relationOid: (name) => this.#catalogView().relationOid(name),
        functionOid: (name) => regprocedure.parse(name, this.typeContext, -1) as number,
        typeOid: (name) => regtype.parse(name, this.typeContext, -1) as number,
      }),
      database: () => options.block.database,
      transactionId: () => this.#catalogVersion().transactionId,
      temporarySchema: () => this.temporarySchema,
      viewText: (oid) => this.functions().definitions?.view(oid, { isPretty: false }),
      nowMicros: () => options.clock.nowMicros(),
    });
    this.#functionSources = {
      clock: options.clock,
      random: () => this.#seeded?.next() ?? options.random.fraction(),
      seedRandom: (seed) => {
        this.#seeded = new SeededSequence(seed);
      },
      fillRandom: (target) => options.random.fill(target),
      typeContext: () => this.typeContext,
      advisoryLocks: options.advisoryLocks,
      notifications: options.notifications,
      peers: {
        signal: (processId, signal) => options.signals.send(processId, signal),
        blocking: (processId) => options.peers.blocking(processId),
        forgetStatements: (which) => this.#forgetStatements(which),
        reload: () => this.#reload(),
      },
      session: this.#sessionFacts(),
      catalog: () => this.#catalogFacts(),
      sequences: () => this.sequences,
      definitions: new ObjectDefinitions(() => this.bindContext(undefined), options.shared),
      system: this.#systemFacts,
    };
    this.sequences = new SessionSequences({
      transaction: () => options.block.current(),
      catalog: () => this.catalog,
      requireWritable: (command) => options.block.requireWritable(command),
      requireRight: (sequence, privileges) => this.#requireSequenceRight(sequence, privileges),
    });
    this.#messageStart = options.clock.nowMicros();
  }

  /** A message has arrived that may run a statement: what statement_timestamp() means. */
  noteMessage(): void {
    this.#messageStart = this.#options.clock.nowMicros();
  }

  /** Whose rights count. */
  get role(): StoredRole {
    return this.#options.roles.current;
  }

  get advisoryLocks(): SessionAdvisoryLocks {
    return this.#options.advisoryLocks;
  }

  /** The roles of the session, and who may do what. */
  get identity(): SessionRoles {
    return this.#options.roles;
  }

  get databaseName(): string {
    return this.#options.databaseName;
  }

  /** Throws 26000. */
  preparedStatement(name: string): PreparedStatement {
    return this.#options.prepared(name);
  }

  /** The same as long as names mean the same to the current role: nothing was granted, and nobody's roles changed. */
  get rights(): unknown {
    const { roles } = this.#options;
    const { current, shared } = roles;
    return current.isSuperuser
      ? current.oid
      : rightsOf(shared, this.#options.block.current().catalog().acls(), current.oid);
  }

  get sessionsOf(): DatabaseSessions {
    return this.#options.sessionsOf;
  }

  shared(): SharedCatalog {
    return this.#options.shared();
  }

  /** Start of the running transaction, µs since 2000-01-01 UTC; begins one when there is none. */
  get transactionStart(): number {
    return this.#options.block.current().startMicros;
  }

  get typeContext(): TypeContext {
    const base = this.#options.settings.typeContext(this.transactionStart);
    if (this.#typeContext?.base !== base) {
      this.#typeContext = { base, value: { ...base, resolveName: this.#nameResolver() } };
    }
    return this.#typeContext.value;
  }

  get catalog(): CatalogReader {
    return new SessionCatalog(this.#options.block.current().catalog(), this.#systemCatalog, this.temporarySchema);
  }

  /**
   * What decides which tables and schemas names mean, beside the settings: as long as both are the same objects, names mean
   * the same. Undefined while a schema is made together with what is in it.
   */
  get names(): NamedObjects | undefined {
    if (this.#firstSchema !== undefined) return undefined;
    return { stored: this.#options.block.current().catalog(), shared: this.#options.shared() };
  }

  /** About how many rows a table has; undefined where nobody knows. */
  estimateRows({ oid, kind }: TableDescriptor): number | undefined {
    if (kind === 'system-table') return this.#systemCatalog.rowCount(oid);
    return this.#options.block.current().estimateRows(oid);
  }

  #catalogVersion(): CatalogState {
    const { block, shared } = this.#options;
    return catalogState(block.current().catalog(), block.database.statistics.version, shared());
  }

  columnStatistics({ oid }: TableDescriptor, columnNumber: number): ColumnStatistics | undefined {
    return this.#options.block.database.statistics.get(oid)?.columns.get(columnNumber);
  }

  /** The name of the schema of temporary objects, which is there once there are such. */
  get temporarySchema(): string {
    return temporarySchemaName(this.#options.processId);
  }

  /** Carries something out with another schema in front of the search path: what is made together with it. */
  async inSchema(name: string, perform: () => Promise<void>): Promise<void> {
    this.#firstSchema = name;
    try {
      await perform();
    } finally {
      this.#firstSchema = undefined;
    }
  }

  /** Effective: existing schemas, that of temporary objects and pg_catalog included. */
  searchPath(catalog: CatalogReader): readonly string[] {
    return effectiveSearchPath(this.#searchPathSetting, {
      ...this.#schemaNames(),
      exists: (name) => {
        const schema = catalog.schema(name);
        return schema !== undefined && this.#mayLookInto(schema);
      },
    });
  }

  /** Nothing is said of a schema that is not there. */
  #requireUsage(schema: SchemaDescriptor | undefined, position: number): void {
    if (schema === undefined || this.#mayLookInto(schema)) return;
    throw permissionDenied({ word: 'schema', name: schema.name }, position);
  }

  /** Whoever may insert rows may have their identity columns counted. */
  #requireSequenceRight(sequence: SequenceDescriptor, privileges: number): void {
    const { roles } = this.#options;
    if (roles.isSuperuser) return;
    const { access, current } = roles;
    const { owner } = sequence;
    const table = owner?.kind === 'identity' ? this.catalog.tableByOid(owner.tableOid) : undefined;
    if (table !== undefined && access.hasOnAnyColumn(current.oid, tableTarget(table), Privilege.Insert)) return;
    access.require(current.oid, sequenceTarget(sequence), privileges, 'any');
  }

  #reload(): void {
    if (!this.#options.roles.isSuperuser) {
      throw new SqlError(SqlState.InsufficientPrivilege, 'permission denied for function pg_reload_conf');
    }
    this.#options.reload?.();
  }

  #forgetStatements(which: Parameters<StatementStatistics['reset']>[0]): void {
    if (!this.#options.roles.isSuperuser) {
      throw new SqlError(SqlState.InsufficientPrivilege, 'permission denied for function pg_stat_statements_reset');
    }
    this.#options.statistics.reset(which);
  }

  #maySeeActivity(roleOid: number): boolean {
    const { access, current } = this.#options.roles;
    return access.hasRightsOf(current.oid, roleOid) || access.hasRightsOf(current.oid, PredefinedRole.ReadAllStats);
  }

  /** Names are not looked for in schemas that the role may not use. */
  #mayLookInto(schema: SchemaDescriptor): boolean {
    const { roles } = this.#options;
    return roles.isSuperuser || roles.access.has(roles.current.oid, schemaTarget(schema), Privilege.Usage);
  }

  /** Those of the setting alone, whether they exist or not. */
  writtenSchemas(): readonly string[] {
    return writtenSchemas(this.#searchPathSetting, this.#schemaNames());
  }

  get #searchPathSetting(): readonly string[] {
    const { searchPath } = this.#options.settings;
    return this.#firstSchema === undefined ? searchPath : [this.#firstSchema, ...searchPath];
  }

  #schemaNames(): { readonly userName: string; readonly temporarySchema: string } {
    return { userName: this.role.name, temporarySchema: this.temporarySchema };
  }

  /** `parameterTypes` undefined: a simple query, which has no parameters. */
  bindContext(parameterTypes: readonly (TypeDefinition | undefined)[] | undefined): BindContext {
    const environment = this.functions();
    const catalog = once(() => this.catalog);
    const searchPath = once(() => this.searchPath(catalog()));
    return {
      get catalog() {
        return catalog();
      },
      get searchPath() {
        return searchPath();
      },
      writtenSchemas: () => this.writtenSchemas(),
      requireUsage: (name, position) => this.#requireUsage(catalog().schema(name), position),
      isSuperuser: this.#options.roles.isSuperuser,
      databaseName: this.#options.databaseName,
      get typeContext() {
        return environment.typeContext;
      },
      environment,
      rowNameColumns,
      preparedParameters: (name) => this.#options.prepared(name).parameterTypes,
      parameterTypes: parameterTypes ?? [],
      allowsParameters: parameterTypes !== undefined,
    };
  }

  /** `control`: of the statement that the functions are called for; only then can they make it wait. */
  functions(control?: StatementControl): FunctionEnvironment {
    return new StatementFunctions(this.#functionSources, this.#messageStart, control);
  }

  /** Names as they stand when they are asked for. */
  #nameResolver(): NameResolver {
    return {
      relation: (name) => this.#catalogView().relationOid(name),
      relationName: (oid) => this.#catalogView().relationName(oid),
      type: (name) => this.#catalogView().typeOid(name),
      typeName: (oid) => this.#catalogView().typeName(oid),
      object: (kind, name) => objectOid(this.#catalogView(), kind, name),
      objectName: (kind, oid) => objectName(this.#catalogView(), kind, oid),
    };
  }

  /** `tables` are the plan's: found now, since another session may drop them while the plan runs. */
  execution(options: {
    readonly snapshot: Snapshot;
    readonly tables: readonly TableDescriptor[];
    readonly parameters: readonly Value[];
    readonly control: StatementControl;
  }): ExecutionContext {
    const transaction = this.#options.block.current();
    const { workers } = this.#options;
    const spill = this.#options.newSpillSpace?.();
    const tables = new Map<number, Table | undefined>();
    for (const { oid } of options.tables) {
      tables.set(oid, this.#systemCatalog.tableByOid(oid) ?? transaction.table(oid));
    }
    return {
      snapshot: options.snapshot,
      parameters: options.parameters,
      control: options.control,
      table(oid) {
        const table = tables.get(oid);
        invariant(table !== undefined, `table ${oid} is one of the plan's`);
        return transaction.notesReads ? new NotedTable(table, transaction) : table;
      },
      environment: this.functions(options.control),
      rowLocker: rowLocker({
        transaction,
        control: options.control,
        lockTimeoutMs: () => this.#options.settings.lockTimeoutMs,
        requireWritable: (command) => this.#options.block.requireWritable(command),
      }),
      memory: this.newMemoryAccount(),
      ...(spill === undefined ? {} : { spill }),
      ...(workers === undefined ? {} : { workers }),
    };
  }

  /** Beside memory, for one statement; undefined: there is none. */
  newSpillSpace(): SpillSpace | undefined {
    return this.#options.newSpillSpace?.();
  }

  /** What a cursor gives; undefined when there is none of that name. */
  cursorColumns(name: string): readonly ResultColumn[] | undefined {
    return this.#options.cursorColumns(name);
  }

  /** For one statement. */
  newMemoryAccount(): MemoryAccount {
    return new MemoryAccount(this.#options.memoryLimitBytes);
  }

  #sessionFacts(): SessionFacts {
    const { roles, processId, server, settings } = this.#options;
    const { databaseName } = this;
    const searchPath = () => this.searchPath(this.catalog);
    return {
      databaseName,
      get userName() {
        return roles.current.name;
      },
      get sessionUserName() {
        return roles.session.name;
      },
      processId,
      serverVersion: server.serverVersion,
      versionText: server.versionText,
      serverStart: server.serverStart,
      currentSchemas: (includeImplicit) => {
        const written = this.writtenSchemas();
        return searchPath().filter((schema) => includeImplicit || written.includes(schema));
      },
      setting: (name) => settings.get(name),
      changeSetting: (name, value, isLocal) => settings.set(name, value, { isLocal }),
    };
  }

  #catalogFacts(): CatalogFacts {
    const view = once(() => this.#catalogView());
    return {
      roleName: (oid) => view().roleName(oid),
      isRelationVisible: (oid) => view().isRelationVisible(oid),
      isTypeVisible: (oid) => view().isTypeVisible(oid),
      isFunctionVisible: () => view().isFunctionVisible(),
      relationOid: (name) => view().relationOid(name),
      relationName: (oid) => view().relationName(oid),
      typeOf: (oid) => view().typeOf(oid),
      sequenceOf: (tableName, columnName) => view().sequenceOf(tableName, columnName),
    };
  }

  #catalogView(): SessionCatalogFacts {
    const catalog = this.catalog;
    return new SessionCatalogFacts({
      catalog,
      searchPath: this.searchPath(catalog),
      databaseName: this.#options.databaseName,
      roles: [...this.#options.shared().roles()],
      requireUsage: (name) => this.#requireUsage(catalog.schema(name), 0),
    });
  }
}

const known = new WeakMap<SharedCatalog, WeakMap<object, Map<number, object>>>();

/** One object for each role, as long as roles and grants are what they are. */
function rightsOf(shared: SharedCatalog, acls: Iterable<unknown> & object, roleOid: number): object {
  const byAcls = known.get(shared) ?? new WeakMap<object, Map<number, object>>();
  known.set(shared, byAcls);
  const byRole = byAcls.get(acls) ?? new Map<number, object>();
  byAcls.set(acls, byRole);
  const rights = byRole.get(roleOid) ?? {};
  byRole.set(roleOid, rights);
  return rights;
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}
