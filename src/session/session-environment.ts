import type { CatalogReader, DatabaseDescriptor, RoleDescriptor } from '../catalog/catalog-reader.ts';
import type { Snapshot, Table } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { rowNameColumns } from '../database/row-name-columns.ts';
import { invariant } from '../errors/invariant.ts';
import type { ExecutionContext } from '../execution/execution-context.ts';
import { MemoryAccount } from '../execution/memory-account.ts';
import type { StatementControl } from '../execution/statement-control.ts';
import type { CatalogFacts, FunctionEnvironment, SessionFacts } from '../functions/environment.ts';
import { SystemCatalog } from '../pg-catalog/system-catalog.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { BindContext } from '../sql/binder/bind-context.ts';
import type { NameResolver, TypeContext, TypeDefinition } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import { SessionCatalogFacts } from './catalog-facts.ts';
import { RowChecks } from './constraints/row-checks.ts';
import { ObjectDefinitions } from './object-definitions.ts';
import { effectiveSearchPath } from './search-path.ts';
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
  /** Bytes that one statement may hold. */
  readonly memoryLimitBytes: number;
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
  #typeContext: { readonly base: TypeContext; readonly value: TypeContext } | undefined;

  constructor(options: SessionEnvironmentOptions) {
    this.#options = options;
    this.#systemCatalog = new SystemCatalog({
      catalog: () => this.catalog,
      databases: options.databases,
      roles: options.roles,
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
    return new SessionCatalog(this.#options.block.current().catalog(), this.#systemCatalog);
  }

  /** Effective: existing schemas, pg_catalog included. */
  searchPath(catalog: CatalogReader): readonly string[] {
    return effectiveSearchPath(this.#options.settings.searchPath, {
      userName: this.#options.role.name,
      exists: (name) => catalog.schema(name) !== undefined,
    });
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
      databaseName: this.#options.databaseName,
      get typeContext() {
        return environment.typeContext;
      },
      environment,
      rowNameColumns,
      parameterTypes: parameterTypes ?? [],
      allowsParameters: parameterTypes !== undefined,
    };
  }

  functions(): FunctionEnvironment {
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
      clock: () => clock.nowMicros(),
      random: () => random.fraction(),
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
      environment: this.functions(),
      memory: this.newMemoryAccount(),
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
      currentSchemas(includeImplicit) {
        const path = searchPath();
        return includeImplicit || settings.searchPath.includes('pg_catalog')
          ? path
          : path.filter((schema) => schema !== 'pg_catalog');
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
