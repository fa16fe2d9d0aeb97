import type { DatabaseDescriptor, RoleDescriptor } from '../catalog/catalog-reader.ts';
import { KeyViolation } from '../catalog/key-violation.ts';
import { temporarySchemaName } from '../catalog/temporary-schemas.ts';
import type { Batch } from '../columnar/batch.ts';
import type { Database } from '../database/database.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { SpillSpace } from '../execution/spill/spill-space.ts';
import { type CancelReason, StatementControl } from '../execution/statement-control.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { Timers } from '../platform/timers.ts';
import type { Statement } from '../sql/syntax/ast.ts';
import type { ParsedStatement } from '../sql/syntax/parse-sql.ts';
import type { StatementCache } from '../sql/syntax/statement-cache.ts';
import type { TypeContext, TypeDefinition } from '../types/type-definition.ts';
import { typeByOid } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import type { ConstraintScope } from './constraints/constraint-scope.ts';
import type { DeferredConstraints } from './constraints/deferred-constraints.ts';
import type { Log } from './log.ts';
import { isWanted, type Notice, type NoticeSink } from './notice.ts';
import { PlanCache } from './plan-cache.ts';
import type { PlannedStatement } from './plan-statement.ts';
import { Portal } from './portal.ts';
import { PreparedStatement } from './prepared-statement.ts';
import { runStatement } from './run-statement.ts';
import type { ServerIdentity } from './server-facts.ts';
import { SessionEnvironment } from './session-environment.ts';
import { Settings } from './settings.ts';
import type { PreparedStatements } from './statement-scope.ts';
import { TemporaryObjects } from './temporary-objects.ts';
import { blockHasFailed, TransactionBlock, type TransactionStatus } from './transaction-block.ts';

export interface SessionOptions {
  readonly processId: number;
  readonly role: RoleDescriptor;
  readonly databaseName: string;
  readonly database: Database;
  readonly databases: () => readonly DatabaseDescriptor[];
  readonly roles: () => readonly RoleDescriptor[];
  readonly server: ServerIdentity;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly log: Log;
  /** Shared by all sessions. */
  readonly statementCache: StatementCache;
  /** Bytes that one statement may hold. */
  readonly memoryLimitBytes: number;
  /** A new one for each statement; absent: what does not fit into memory fails. */
  readonly newSpillSpace?: (() => SpillSpace) | undefined;
}

export interface ExecuteOptions {
  /** Stop after so many rows; Infinity for all. */
  readonly maxRows: number;
  /** Takes the rows before the next are made: back-pressure is its promise. */
  readonly onRows: (rows: Batch) => Promise<void> | undefined;
}

export interface Completion {
  /** True when `maxRows` were given and there may be more. */
  readonly isSuspended: boolean;
  readonly rowCount: number;
  /** `SELECT 5`; meaningful when not suspended. */
  readonly tag: string;
}

const MAX_PREPARED_STATEMENTS = 10_000;
const MAX_PORTALS = 1_000;

/**
 * One client's conversation, whatever the door: its settings, transaction, prepared statements and portals, and the leash
 * of the statement that runs. Statements run one at a time; only `cancel` may be called meanwhile. After an error the
 * door calls `fail`.
 */
export class Session {
  readonly processId: number;
  readonly databaseName: string;
  readonly role: RoleDescriptor;
  readonly settings: Settings;
  readonly #block: TransactionBlock;
  readonly #environment: SessionEnvironment;
  readonly #timers: Timers;
  readonly #log: Log;
  readonly #cache: StatementCache;
  readonly #plans = new PlanCache();
  readonly #statements = new Map<string, PreparedStatement>();
  /** By name; numbered in the order in which they were bound, from 1. */
  readonly #portals = new Map<string, { readonly portal: Portal; readonly number: number }>();
  #nextPortalNumber = 1;
  readonly #prepared: PreparedStatements = {
    add: (name, statement, declaredTypes) => this.#addStatement(name, statement, declaredTypes),
    get: (name) => this.preparedStatement(name),
    remove: (name) => this.deallocate(name),
  };
  #running: StatementControl | undefined;
  #noticeSink: NoticeSink = () => {};

  constructor(options: SessionOptions) {
    this.processId = options.processId;
    this.databaseName = options.databaseName;
    this.role = options.role;
    this.#timers = options.timers;
    this.#log = options.log;
    this.#cache = options.statementCache;
    const notice = (notice: Notice) => this.#give(notice);
    const portals = {
      mark: () => this.#nextPortalNumber,
      closeSince: (mark: number) => this.#closePortals(mark),
    };
    this.#block = new TransactionBlock(
      options.database,
      () => this.settings,
      notice,
      portals,
      (constraints) => this.#checkConstraints(constraints),
      new TemporaryObjects(options.database, temporarySchemaName(options.processId)),
    );
    this.settings = new Settings(
      {
        serverVersion: options.server.serverVersion,
        serverVersionNumber: options.server.serverVersionNumber,
        sessionUserName: options.role.name,
        isSuperuser: options.role.isSuperuser,
      },
      this.#block,
    );
    this.#environment = new SessionEnvironment({
      ...options,
      settings: this.settings,
      block: this.#block,
      prepared: (name) => this.preparedStatement(name),
    });
  }

  get transactionStatus(): TransactionStatus {
    return this.#block.status;
  }

  /** What the text forms of values depend on, for the running transaction; begins one when there is none. */
  get typeContext(): TypeContext {
    return this.#environment.typeContext;
  }

  /** Built in, or created. */
  typeByOid(oid: number): TypeDefinition | undefined {
    return typeByOid(oid) ?? this.#environment.catalog.userTypeByOid(oid);
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Settings from the startup packet; RESET goes back to them. Throws as SET does. */
  applyStartupSettings(settings: Iterable<readonly [name: string, value: string]>): void {
    for (const [name, value] of settings) this.settings.setAtStartup(name, value);
    this.settings.endTransaction('commit');
  }

  /** Where notices go from now on. */
  onNotice(sink: NoticeSink): void {
    this.#noticeSink = sink;
  }

  /** A message arrived that may run a statement. */
  noteMessage(): void {
    this.#environment.noteMessage();
    this.#block.noteMessage({ isScript: false });
  }

  /** The message holds several statements. */
  noteScript(): void {
    this.#block.noteMessage({ isScript: true });
  }

  /** The statements of a text; throws 42601 and its like, and then none of them has run. */
  async parse(text: string): Promise<readonly ParsedStatement[]> {
    return this.#cache.parse(text);
  }

  /** Plans one statement of a simple query, which takes no parameters, and makes it ready to run. */
  open(statement: Statement): Portal {
    this.#requireStatementAllowed(statement);
    const planned = this.#plans.plan(statement, undefined, this.#environment, this.settings);
    return this.#openPortal('', new PreparedStatement('', statement, planned), planned, [], []);
  }

  /**
   * Prepares a text of at most one statement under a name; the empty name is overwritten each time. `declaredTypes`:
   * of `$1`, `$2` …, undefined where they are to be inferred. Throws 42601, 42P05 and what binding throws.
   */
  async prepare(
    name: string,
    text: string,
    declaredTypes: readonly (TypeDefinition | undefined)[],
  ): Promise<PreparedStatement> {
    const [first, second] = await this.parse(text);
    if (second !== undefined) {
      throw new SqlError(SqlState.SyntaxError, 'cannot insert multiple commands into a prepared statement');
    }
    return this.#addStatement(name, first?.statement, declaredTypes);
  }

  #addStatement(
    name: string,
    statement: Statement | undefined,
    declaredTypes: readonly (TypeDefinition | undefined)[],
  ): PreparedStatement {
    if (name === '') {
      this.#statements.delete('');
    } else if (this.#statements.has(name)) {
      throw new SqlError(SqlState.DuplicatePreparedStatement, `prepared statement "${name}" already exists`);
    } else if (this.#statements.size >= MAX_PREPARED_STATEMENTS) {
      throw new SqlError(SqlState.ProgramLimitExceeded, `more than ${MAX_PREPARED_STATEMENTS} prepared statements`);
    }
    const prepared = this.#plan(name, statement, declaredTypes);
    this.#statements.set(name, prepared);
    return prepared;
  }

  /** Throws 26000. */
  preparedStatement(name: string): PreparedStatement {
    const found = this.#statements.get(name);
    if (found === undefined) {
      throw new SqlError(
        SqlState.InvalidSqlStatementName,
        name === '' ? 'unnamed prepared statement does not exist' : `prepared statement "${name}" does not exist`,
      );
    }
    return found;
  }

  /** No error when there is none of that name. */
  closeStatement(name: string): void {
    this.#statements.delete(name);
  }

  /** DEALLOCATE; undefined: all. Throws 26000. */
  deallocate(name: string | undefined): void {
    if (name === undefined) this.#statements.clear();
    else {
      this.preparedStatement(name);
      this.#statements.delete(name);
    }
  }

  /**
   * Makes a portal of a prepared statement. `values` are of its parameter types, one each. An unnamed portal is
   * replaced; throws 42P03 for a name in use. `resultFormats` are the door's own, kept with the portal.
   */
  async bind(
    portalName: string,
    statement: PreparedStatement,
    values: readonly Value[],
    resultFormats: readonly number[] = [],
  ): Promise<Portal> {
    if (portalName === '') {
      await this.closePortal('');
    } else if (this.#portals.has(portalName)) {
      throw new SqlError(SqlState.DuplicateCursor, `cursor "${portalName}" already exists`);
    } else if (this.#portals.size >= MAX_PORTALS) {
      throw new SqlError(SqlState.ProgramLimitExceeded, `more than ${MAX_PORTALS} portals`);
    }
    this.requireAllowed(statement);
    const planned = statement.currentPlan(this.#environment, this.settings);
    const portal = this.#openPortal(portalName, statement, planned, values, resultFormats);
    this.#portals.set(portalName, { portal, number: this.#nextPortalNumber++ });
    return portal;
  }

  /** Throws 34000. */
  portal(name: string): Portal {
    const found = this.#portals.get(name)?.portal;
    if (found === undefined) throw new SqlError(SqlState.InvalidCursorName, `portal "${name}" does not exist`);
    return found;
  }

  /** No error when there is none of that name. */
  async closePortal(name: string): Promise<void> {
    const portal = this.#portals.get(name)?.portal;
    this.#portals.delete(name);
    await portal?.close();
  }

  /** In a failed block only its end is allowed; throws 25P02. */
  requireAllowed(statement: PreparedStatement): void {
    if (statement.statement !== undefined) this.#requireStatementAllowed(statement.statement);
  }

  /** Runs a portal until its end or `maxRows`. On an error the portal is closed, and the caller must `fail`. */
  async execute(portal: Portal, { maxRows, onRows }: ExecuteOptions): Promise<Completion> {
    this.requireAllowed(portal.statement);
    portal.requireRunnable();
    const stopTimer = this.#start(portal.control);
    const startMs = performance.now();
    let rowCount = 0;
    try {
      while (rowCount < maxRows) {
        portal.control.check();
        const batch = await portal.next(maxRows - rowCount);
        if (batch === undefined) {
          return { isSuspended: false, rowCount, tag: portal.tag(rowCount) };
        }
        rowCount += batch.rowCount;
        const taken = onRows(batch);
        if (taken !== undefined) await taken;
        const turn = portal.control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
      return { isSuspended: true, rowCount, tag: '' };
    } catch (error) {
      await portal.close();
      throw this.#inOwnWords(error);
    } finally {
      stopTimer();
      this.#running = undefined;
      this.#log('debug', 'statement', { processId: this.processId, durationMs: performance.now() - startMs, rowCount });
    }
  }

  /** The end of a Query message, or Sync: what ran outside a block is committed. Throws when that fails. */
  async endMessage(): Promise<void> {
    try {
      await this.#block.endImplicit();
    } catch (error) {
      throw this.#inOwnWords(error);
    }
  }

  /** Values in an error of the storage's are shown as the settings have it. */
  #inOwnWords(error: unknown): unknown {
    return error instanceof KeyViolation ? error.inContext(this.settings.typeContext(0)) : error;
  }

  /** After any error: rolls back what ran outside a block, or lets the block fail. */
  async fail(): Promise<void> {
    await this.#block.fail();
  }

  /** Stops the running statement, if any; may be called at any time. */
  cancel(reason: CancelReason): void {
    this.#running?.cancel(reason);
  }

  /** The client is gone: rolls back and forgets everything. */
  async close(): Promise<void> {
    this.#statements.clear();
    await this.#block.abandon();
    try {
      await this.#block.temporary.close();
    } catch (error) {
      const { processId } = this;
      this.#log('warn', 'temporary tables were left behind', { processId, error: (error as Error).message });
    }
  }

  #plan(
    name: string,
    statement: Statement | undefined,
    declaredTypes: readonly (TypeDefinition | undefined)[],
  ): PreparedStatement {
    if (statement === undefined) return new PreparedStatement(name, undefined, undefined);
    this.#requireStatementAllowed(statement);
    const planned = this.#plans.plan(statement, declaredTypes, this.#environment, this.settings);
    return new PreparedStatement(name, statement, planned);
  }

  #openPortal(
    name: string,
    statement: PreparedStatement,
    planned: PlannedStatement | undefined,
    parameters: readonly Value[],
    resultFormats: readonly number[],
  ): Portal {
    const control = new StatementControl();
    const run =
      planned === undefined
        ? undefined
        : runStatement(planned, () => statement.currentPlan(this.#environment, this.settings) ?? planned, {
            environment: this.#environment,
            block: this.#block,
            settings: this.settings,
            notice: (notice) => this.#give(notice),
            control,
            parameters,
            prepared: this.#prepared,
            forgetPlans: () => this.#plans.clear(),
          });
    return new Portal({ name, statement, columns: planned?.columns, resultFormats, control, run });
  }

  #requireStatementAllowed(statement: Statement): void {
    if (this.transactionStatus === 'failed' && !endsFailure(statement)) throw blockHasFailed();
  }

  #start(control: StatementControl): () => void {
    this.#running = control;
    const timeoutMs = this.settings.statementTimeoutMs;
    if (timeoutMs === 0) return () => {};
    return this.#timers.after(timeoutMs, () => control.cancel('timeout'));
  }

  /** Those with this number and higher ones. */
  async #closePortals(since: number): Promise<void> {
    for (const [name, { portal, number }] of [...this.#portals]) {
      if (number < since) continue;
      this.#portals.delete(name);
      await portal.close();
    }
  }

  /** What was put off to the end of the transaction. */
  async #checkConstraints(constraints: DeferredConstraints): Promise<void> {
    const control = this.#running ?? new StatementControl();
    const scope: ConstraintScope = {
      transaction: this.#block.current(),
      bindContext: this.#environment.bindContext(undefined),
      control,
      wait: { control, lockTimeoutMs: this.settings.lockTimeoutMs },
      memory: this.#environment.newMemoryAccount(),
    };
    await scope.transaction.checkKeys(scope.wait, { isEnd: true });
    await constraints.check(scope, { isEnd: true });
  }

  #give(notice: Notice): void {
    if (isWanted(notice, this.settings.clientMinMessages)) this.#noticeSink(notice);
  }
}

/** COMMIT, ROLLBACK and ROLLBACK TO: all that a failed block takes. */
function endsFailure(statement: Statement): boolean {
  if (statement.kind === 'savepoint') return statement.action === 'rollback-to';
  return statement.kind === 'transaction' && statement.action !== 'begin';
}
