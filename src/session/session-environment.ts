import type { StoredRole } from '../catalog/access/role.ts';
import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { Snapshot, Table } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { ColumnStatistics } from '../catalog/table-statistics.ts';
import { temporarySchemaName } from '../catalog/temporary-schemas.ts';
import { rowNameColumns } from '../database/row-name-columns.ts';
import { invariant } from '../errors/invariant.ts';
import type { ExecutionContext } from '../execution/execution-context.ts';
import { MemoryAccount } from '../execution/memory-account.ts';
import type { SpillSpace } from '../execution/spill/spill-space.ts';
import type { StatementControl } from '../execution/statement-control.ts';
import type { SystemFacts } from '../functions/catalog/system-facts.ts';
import type { FunctionEnvironment } from '../functions/environment.ts';
import { SeededSequence } from '../functions/seeded-sequence.ts';
import { SystemCatalog } from '../pg-catalog/system-catalog.ts';
import type { BindContext } from '../sql/binder/bind-context.ts';
import { regprocedure } from '../types/reg-types.ts';
import type { NameResolver, TypeContext, TypeDefinition } from '../types/type-definition.ts';
import { regtype } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import { type CatalogState, catalogState } from './catalog-state.ts';
import { RowChecks } from './constraints/row-checks.ts';
import { NotedTable } from './noted-table.ts';
import { ObjectDefinitions } from './object-definitions.ts';
import { once } from './once.ts';
import type { PreparedStatement } from './prepared-statement.ts';
import type { ResultColumn } from './result-column.ts';
import { rowLocker } from './row-locker.ts';
import type { SessionAdvisoryLocks } from './session-advisory-locks.ts';
import { SessionCatalog } from './session-catalog.ts';
import { sessionCatalogSource } from './session-catalog-source.ts';
import type { DatabaseSessions, SessionEnvironmentOptions } from './session-environment-options.ts';
import { sessionFacts } from './session-facts.ts';
import { SessionNames } from './session-names.ts';
import { maySeeActivity, requireSequenceRight, requireSuperuserFor, rightsOf } from './session-rights.ts';
import type { SessionRoles } from './session-roles.ts';
import { SessionSequences } from './session-sequences.ts';
import { type FunctionSources, StatementFunctions } from './statement-functions.ts';
import type { StatementStatistics } from './statement-statistics.ts';
import { SessionSystemFacts } from './system-facts.ts';

/** What decides which tables and schemas names mean, beside the settings. Both immutable. */
export interface NamedObjects {
  readonly stored: CatalogReader;
  readonly shared: SharedCatalog;
}

/**
 * Builds what binder, functions and execution are told about the world of one statement. What needs the transaction is
 * read lazily: BEGIN, SET and their like begin none, and ROLLBACK must work in a failed block, which has none.
 */
export class SessionEnvironment {
  readonly #options: SessionEnvironmentOptions;
  /** The name of the schema of temporary objects, which is there once there are such. */
  readonly temporarySchema: string;
  readonly #names: SessionNames;
  readonly #systemCatalog: SystemCatalog;
  readonly #systemFacts: SystemFacts;
  readonly #functionSources: FunctionSources;
  readonly sequences: SessionSequences;
  readonly rowChecks = new RowChecks();
  #messageStart: number;
  /** The numbers of random() after setseed(). */
  #seeded: SeededSequence | undefined;
  #typeContext: { readonly base: TypeContext; readonly value: TypeContext } | undefined;
  #resolver: NameResolver | undefined;

  constructor(options: SessionEnvironmentOptions) {
    this.#options = options;
    this.temporarySchema = temporarySchemaName(options.processId);
    this.#names = new SessionNames({
      roles: options.roles,
      settings: options.settings,
      databaseName: options.databaseName,
      temporarySchema: this.temporarySchema,
      catalog: () => this.catalog,
      shared: options.shared,
    });
    this.#systemCatalog = new SystemCatalog(
      sessionCatalogSource({
        activities: () => options.peers.activities((roleOid) => maySeeActivity(options.roles, roleOid)),
        locks: () => options.peers.locks(),
        statements: () => options.statistics.entries(),
        maySeeActivity: (roleOid) => maySeeActivity(options.roles, roleOid),
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
        relationOid: (name) => this.#names.view().relationOid(name),
        functionOid: (name) => regprocedure.parse(name, this.typeContext, -1) as number,
        typeOid: (name) => regtype.parse(name, this.typeContext, -1) as number,
      }),
      database: () => options.block.database,
      transactionId: () => this.#catalogVersion().transactionId,
      writerNumber: () => options.block.current().writerNumber,
      connection: () => options.peers.connectionOf(options.processId),
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
      session: sessionFacts(options, this.#names, () => this.searchPath(this.catalog)),
      catalog: () => this.#names.facts(),
      sequences: () => this.sequences,
      definitions: new ObjectDefinitions(() => this.bindContext(undefined), options.shared),
      system: this.#systemFacts,
    };
    this.sequences = new SessionSequences({
      transaction: () => options.block.current(),
      catalog: () => this.catalog,
      requireWritable: (command) => options.block.requireWritable(command),
      requireRight: (sequence, privileges) =>
        requireSequenceRight(options.roles, () => this.catalog, sequence, privileges),
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
      this.#resolver ??= this.#names.resolver();
      this.#typeContext = { base, value: { ...base, resolveName: this.#resolver } };
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
    if (this.#names.isInNewSchema) return undefined;
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

  /** Carries something out with another schema in front of the search path: what is made together with it. */
  inSchema(name: string, perform: () => Promise<void>): Promise<void> {
    return this.#names.inSchema(name, perform);
  }

  /** Effective: existing schemas, that of temporary objects and pg_catalog included. */
  searchPath(catalog: CatalogReader): readonly string[] {
    return this.#names.searchPath(catalog);
  }

  #reload(): void {
    requireSuperuserFor('pg_reload_conf', this.#options.roles);
    this.#options.reload?.();
  }

  #forgetStatements(which: Parameters<StatementStatistics['reset']>[0]): void {
    requireSuperuserFor('pg_stat_statements_reset', this.#options.roles);
    this.#options.statistics.reset(which);
  }

  /** Those of the setting alone, whether they exist or not. */
  writtenSchemas(): readonly string[] {
    return this.#names.writtenSchemas();
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
      requireUsage: (name, position) => this.#names.requireUsage(catalog().schema(name), position),
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
}
