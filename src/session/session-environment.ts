import type { CatalogReader, DatabaseDescriptor, RoleDescriptor } from '../catalog/catalog-reader.ts';
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
import type { CatalogFacts, FunctionEnvironment, SessionFacts } from '../functions/environment.ts';
import { SeededSequence } from '../functions/seeded-sequence.ts';
import { SystemCatalog } from '../pg-catalog/system-catalog.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { BindContext } from '../sql/binder/bind-context.ts';
import { showViewQuery } from '../sql/binder/view-query.ts';
import type { NameResolver, TypeContext, TypeDefinition } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import { SessionCatalogFacts } from './catalog-facts.ts';
import { RowChecks } from './constraints/row-checks.ts';
import { ObjectDefinitions } from './object-definitions.ts';
import { objectName, objectOid } from './object-names.ts';
import type { PreparedStatement } from './prepared-statement.ts';
import { rowLocker } from './row-locker.ts';
import { effectiveSearchPath, writtenSchemas } from './search-path.ts';
import type { ServerIdentity } from './server-facts.ts';
import { SessionCatalog } from './session-catalog.ts';
import { SessionSequences } from './session-sequences.ts';
import type { Settings } from './settings.ts';
import type { TransactionBlock } from './transaction-block.ts';

export interface SessionEnvironmentOptions {
  readonly processId: number;
  readonly role: RoleDescriptor;
  readonly databaseName: string;
  readonly server: ServerIdentity;
  readonly settings: Settings;
  readonly block: TransactionBlock;
  readonly databases: () => readonly DatabaseDescriptor[];
  readonly roles: () => readonly RoleDescriptor[];
  readonly clock: Clock;
  readonly random: Random;
  /** A prepared statement of the session. Throws 26000. */
  readonly prepared: (name: string) => PreparedStatement;
  /** Bytes that one statement may hold. */
  readonly memoryLimitBytes: number;
  /** A new one for each statement; absent: what does not fit into memory fails. */
  readonly newSpillSpace?: (() => SpillSpace) | undefined;
}

/**
 * Builds what binder, functions and execution are told about the world of one statement. What needs the transaction is
 * read lazily: BEGIN, SET and their like begin none, and ROLLBACK must work in a failed block, which has none.
 */
export class SessionEnvironment {
  readonly #options: SessionEnvironmentOptions;
  readonly #systemCatalog: SystemCatalog;
  readonly sequences: SessionSequences;
  readonly rowChecks = new RowChecks();
  #messageStart: number;
  #firstSchema: string | undefined;
  /** The numbers of random() after setseed(). */
  #seeded: SeededSequence | undefined;
  #typeContext: { readonly base: TypeContext; readonly value: TypeContext } | undefined;

  constructor(options: SessionEnvironmentOptions) {
    this.#options = options;
    this.#systemCatalog = new SystemCatalog({
      catalog: () => this.catalog,
      databases: options.databases,
      roles: options.roles,
      analyzedRows: (tableOid) => options.block.database.statistics.get(tableOid)?.rowCount,
      viewDefinition: (view) => showViewQuery(this.bindContext(undefined), view, { isPretty: false }),
    });
    this.sequences = new SessionSequences({
      transaction: () => options.block.current(),
      catalog: () => this.catalog,
      requireWritable: (command) => options.block.requireWritable(command),
    });
    this.#messageStart = options.clock.nowMicros();
  }

  /** A message has arrived that may run a statement: what statement_timestamp() means. */
  noteMessage(): void {
    this.#messageStart = this.#options.clock.nowMicros();
  }

  get role(): RoleDescriptor {
    return this.#options.role;
  }

  get databaseName(): string {
    return this.#options.databaseName;
  }

  /** Throws 26000. */
  preparedStatement(name: string): PreparedStatement {
    return this.#options.prepared(name);
  }

  roles(): readonly RoleDescriptor[] {
    return this.#options.roles();
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

  /** About how many rows a table has; undefined for what is not stored. */
  estimateRows({ oid }: TableDescriptor): number | undefined {
    if (this.#systemCatalog.tableByOid(oid) !== undefined) return undefined;
    return this.#options.block.current().estimateRows(oid);
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
      exists: (name) => catalog.schema(name) !== undefined,
    });
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
    return { userName: this.#options.role.name, temporarySchema: this.temporarySchema };
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
    const { clock, random } = this.#options;
    const messageStart = this.#messageStart;
    const typeContext = once(() => this.typeContext);
    return {
      get typeContext() {
        return typeContext();
      },
      get statementStart() {
        // A transaction that the message itself began did not begin after the statement.
        return Math.max(messageStart, typeContext().transactionStart);
      },
      clock: () => clock.nowMicros() + (control === undefined ? 0 : Math.round(control.owedMs * 1000)),
      random: () => this.#seeded?.next() ?? random.fraction(),
      seedRandom: (seed) => {
        this.#seeded = new SeededSequence(seed);
      },
      fillRandom: (target) => random.fill(target),
      ...(control === undefined ? {} : { sleep: (micros: number) => control.owe(micros / 1000) }),
      session: this.#sessionFacts(),
      catalog: this.#catalogFacts(),
      sequences: this.sequences,
      definitions: new ObjectDefinitions(() => this.bindContext(undefined)),
    };
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
        return table;
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
    };
  }

  /** For one statement. */
  newMemoryAccount(): MemoryAccount {
    return new MemoryAccount(this.#options.memoryLimitBytes);
  }

  #sessionFacts(): SessionFacts {
    const { role, databaseName, processId, server, settings } = this.#options;
    const searchPath = () => this.searchPath(this.catalog);
    return {
      databaseName,
      userName: role.name,
      sessionUserName: role.name,
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
      roles: this.#options.roles(),
    });
  }
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}
